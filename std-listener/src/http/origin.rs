//! The origins of pages that may open a WebSocket (RFC 6455 section 10.2, RFC 6454).

use std::fmt;

use super::request::Request;
use super::response::Response;
use super::status::Status;

/// The origins of pages that may open a WebSocket.
///
/// Browsers let every page open a WebSocket to every server, with the server's cookies, and send
/// the page's origin along. A server that trusts cookies has to check the origin. Other programs
/// may send any `Origin` or none, so the check does not authenticate a client.
///
/// ```
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::http::AllowedOrigins;
///
/// let origins = AllowedOrigins::list(["https://example.com", "http://localhost:8080"]);
/// let builder = WebSocketListener::builder().allowed_origins(origins.or_same_origin());
/// # let _ = builder;
/// ```
#[derive(Clone, Debug)]
pub struct AllowedOrigins {
    /// Normalised.
    listed: Vec<String>,
    same_origin: bool,
    none: bool,
}

/// The fault of a request's origin. It converts to an answer with 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// The request has no `Origin`, so the client is not a browser.
    Missing,
    /// The request has several `Origin` headers, or one with invalid bytes.
    Malformed,
    /// The origin is not allowed. `null`, the origin of pages from files and in sandboxes, is an
    /// origin as well.
    Forbidden,
}

impl AllowedOrigins {
    /// Allows these origins. An origin is a scheme, a host, and a port unless it is the scheme's
    /// default: `https://example.com`, `http://localhost:8080`. Case is ignored, and a default port
    /// may be written.
    #[must_use]
    pub fn list<T: AsRef<str>>(origins: impl IntoIterator<Item = T>) -> Self {
        let listed = origins.into_iter().map(|origin| normalise(origin.as_ref())).collect();
        Self { listed, same_origin: false, none: false }
    }

    /// Allows pages of the same host and port as the request; see
    /// [`or_same_origin`](Self::or_same_origin).
    #[must_use]
    pub fn same_origin() -> Self {
        Self::list::<&str>([]).or_same_origin()
    }

    /// Also allows origins whose host and port equal the request's `Host`. The scheme is not
    /// compared, because it is unknown behind a proxy that ends TLS.
    #[must_use]
    pub fn or_same_origin(self) -> Self {
        Self { same_origin: true, ..self }
    }

    /// Also allows clients without `Origin`, which are not browsers.
    #[must_use]
    pub fn or_none(self) -> Self {
        Self { none: true, ..self }
    }

    /// Checks a request's `Origin` (RFC 6455 section 4.2.2).
    ///
    /// # Errors
    /// [`OriginError`], which becomes a [`Response`] with 403 and an [`Answer`](crate::http::Answer).
    pub fn check(&self, request: &Request) -> Result<(), OriginError> {
        let mut values = request.header_values("Origin");
        let Some(origin) = values.next() else {
            return if self.none { Ok(()) } else { Err(OriginError::Missing) };
        };
        let origin = str::from_utf8(origin).ok().filter(|origin| is_origin(origin));
        let Some(origin) = origin.filter(|_| values.next().is_none()) else {
            return Err(OriginError::Malformed);
        };
        let origin = normalise(origin);
        if self.listed.contains(&origin) || (self.same_origin && is_same(&origin, request)) {
            return Ok(());
        }
        Err(OriginError::Forbidden)
    }
}

/// Converts an origin to lower case, without the default port.
fn normalise(origin: &str) -> String {
    let origin = origin.trim_end_matches('/').to_ascii_lowercase();
    match origin.split_once("://") {
        Some((scheme, authority)) => format!("{scheme}://{}", without_port(authority, scheme)),
        None => origin,
    }
}

/// Returns the authority without the scheme's default port.
fn without_port<'a>(authority: &'a str, scheme: &str) -> &'a str {
    let default = match scheme {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        _ => return authority,
    };
    authority.strip_suffix(default).unwrap_or(authority)
}

fn is_same(origin: &str, request: &Request) -> bool {
    let mut hosts = request.header_values("Host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let (Ok(host), Some((scheme, authority))) = (str::from_utf8(host), origin.split_once("://"))
    else {
        return false;
    };
    matches!(scheme, "http" | "https")
        && without_port(&host.to_ascii_lowercase(), scheme) == authority
}

/// Returns true for `null`, and for a scheme and an authority (RFC 6454 section 7.1).
fn is_origin(origin: &str) -> bool {
    let serialised = |(scheme, authority): (&str, &str)| {
        let scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%[]:".contains(&byte);
        !scheme.is_empty()
            && scheme.bytes().all(scheme_byte)
            && !authority.is_empty()
            && authority.bytes().all(host_byte)
    };
    origin == "null" || origin.split_once("://").is_some_and(serialised)
}

impl From<OriginError> for Response {
    fn from(error: OriginError) -> Self {
        let why = match error {
            OriginError::Missing => "The header Origin is needed.",
            OriginError::Malformed => "The header Origin is malformed.",
            OriginError::Forbidden => "Pages of this origin are not allowed to connect.",
        };
        Self::plain(Status::FORBIDDEN, why)
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing Origin",
            Self::Malformed => "malformed Origin",
            Self::Forbidden => "origin not allowed",
        })
    }
}

impl std::error::Error for OriginError {}
