//! Requests and responses as the types of the crate `http`, for hooks that are written with them.

use ::http::header::{self, HeaderName, HeaderValue};
use ::http::{Method, StatusCode, Uri, Version};
use bytes::Bytes;
use websocket_listener_core::handshake::is_handshake_header;

use super::answer::Answer;
use super::header::is_framing;
use super::request::Request;
use super::response::Response;
use super::status::{InvalidStatusError, Status};

/// The request's head. The [`Request`] itself is among the extensions, with the peer's address and
/// the attached value.
///
/// If the target is not a URI, the characters that RFC 3986 permits nowhere are percent-encoded; a
/// target of no form of RFC 9112 section 3.2 becomes `*`.
///
/// ```
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::http::{Answer, Request};
///
/// let builder = WebSocketListener::builder().on_request(|request: Request| async move {
///     let request: http::Request<()> = request.into();
///     match request.uri().path() {
///         "/chat" => Answer::accept(),
///         _ => http::Response::builder().status(404).body("not found\n").into(),
///     }
/// });
/// # let _ = builder;
/// ```
impl From<&Request> for ::http::Request<()> {
    fn from(request: &Request) -> Self {
        let mut converted = Self::new(());
        // Each is a token, or a valid value: the head has been parsed.
        *converted.method_mut() =
            Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
        *converted.uri_mut() = uri(request.target());
        *converted.version_mut() =
            if request.version() == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
        for (name, value) in request.headers() {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                converted.headers_mut().append(name, value);
            }
        }
        converted.extensions_mut().insert(request.clone());
        converted
    }
}

impl From<Request> for ::http::Request<()> {
    fn from(request: Request) -> Self {
        Self::from(&request)
    }
}

/// Headers that the listener writes itself are left out; a status outside 200 to 599 becomes 500.
impl<B: Into<Bytes>> From<::http::Response<B>> for Response {
    fn from(response: ::http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let Ok(status) = Status::try_from(parts.status) else { return Self::invalid() };
        let headers = parts.headers.iter().filter(|(name, _)| !is_framing(name.as_str()));
        headers.fold(Self::new(status).body(body), |response, (name, value)| {
            response.with(name.as_str(), value.as_bytes())
        })
    }
}

impl From<Response> for ::http::Response<Bytes> {
    fn from(response: Response) -> Self {
        response.into_http()
    }
}

/// 101 accepts, with the response's headers and the subprotocol of its `Sec-WebSocket-Protocol`;
/// the listener writes the other headers of the handshake. Any other status is a
/// [response](Answer::respond).
impl<B: Into<Bytes>> From<::http::Response<B>> for Answer {
    fn from(response: ::http::Response<B>) -> Self {
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Self::respond(response.into());
        }
        let chosen = response.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
        let accept = match chosen.and_then(|chosen| chosen.to_str().ok()) {
            Some(subprotocol) => Self::accept().subprotocol(subprotocol),
            None => Self::accept(),
        };
        let headers = response.headers().iter();
        headers.filter(|(name, _)| !is_handshake_header(name.as_str())).fold(
            accept,
            |accept, (name, value)| {
                accept.with(name.as_str().to_owned(), value.as_bytes().to_vec())
            },
        )
    }
}

/// 500, for hooks that return the outcome of `http::Response::builder()`.
impl From<::http::Error> for Answer {
    fn from(_: ::http::Error) -> Self {
        Self::respond(Response::invalid())
    }
}

impl TryFrom<StatusCode> for Status {
    type Error = InvalidStatusError;

    fn try_from(status: StatusCode) -> Result<Self, InvalidStatusError> {
        Self::new(status.as_u16())
    }
}

fn uri(target: &str) -> Uri {
    // The parser would cut the target at a `#`.
    let parsed = if target.contains('#') { None } else { target.parse().ok() };
    parsed.or_else(|| encoded(target).parse().ok()).unwrap_or_else(|| Uri::from_static("*"))
}

/// Percent-encodes the characters that RFC 3986 permits nowhere.
fn encoded(target: &str) -> String {
    target.bytes().fold(String::with_capacity(target.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}
