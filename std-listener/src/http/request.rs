//! A request, and who sent it.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use websocket_listener_core::handshake::{self, ExtensionOffer, RequestError};

use crate::endpoint::local::LocalEndpoint;
use crate::peer::{Attached, Peer};
use crate::proxied::Client;
use crate::proxied::forwarded::Forwarded;

/// A request: its head (method, target, headers) and who sent it. Cheap to clone.
///
/// Header names are compared without case. A look-up walks the lines of the head, so a loop over
/// [`headers`](Self::headers) is better than many look-ups. [`Credentials::of`](crate::Credentials::of)
/// decodes `Authorization`. `Debug` omits the headers, because they may hold credentials.
///
/// ```
/// use websocket_listener::{Answer, Request, Response};
///
/// async fn on_request(request: Request) -> Answer {
///     let is_member = request.cookie("session") == Some("31d4d96e");
///     match (request.method(), request.path()) {
///         ("GET", "/chat") if request.is_upgrade() && is_member => Answer::accept(),
///         ("GET", "/chat") => Response::new(403).into(),
///         ("GET", "/agent") => {
///             let agent = request.header_str("User-Agent").unwrap_or("unknown");
///             Response::new(200).body(format!("{agent} at {:?}\n", request.client_addr())).into()
///         }
///         _ => Response::new(404).into(),
///     }
/// }
///
/// // For tests of the hook; no connection is needed.
/// let head = b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nCookie: session=31d4d96e\r\n\r\n";
/// let request = Request::parse(&head[..])?;
/// assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
/// assert_eq!(request.header("host"), Some(&b"example.com"[..]));
/// let answer = on_request(request);
/// # drop(answer);
/// # Ok::<_, websocket_listener::engine::handshake::RequestError>(())
/// ```
#[derive(Clone)]
pub struct Request {
    head: handshake::Request<Arc<[u8]>>,
    peer: Peer,
}

impl Request {
    /// Reads a head, to the end of its empty line, as if an unknown peer had sent it: for tests of
    /// code that takes a `Request`.
    ///
    /// # Errors
    /// [`RequestError`], for a head that is not HTTP/1.0 or HTTP/1.1.
    pub fn parse(head: impl Into<Arc<[u8]>>) -> Result<Self, RequestError> {
        Self::from_peer(head.into(), Peer::default())
    }

    /// The method, case-sensitive.
    #[must_use]
    pub fn method(&self) -> &str {
        self.head.method()
    }

    /// The request target as it came (RFC 9112 section 3.2): path and query, nearly always.
    #[must_use]
    #[doc(alias("uri", "url"))]
    pub fn target(&self) -> &str {
        self.head.target()
    }

    /// The path of the target, neither decoded nor normalised, without query. Of an absolute
    /// target, the part after the authority, `/` if it is empty. Targets of neither form (`*`,
    /// `host:port`) are returned whole.
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.path()
    }

    /// The part of the target after its first `?`, not decoded.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.head.query()
    }

    /// The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1. A request that came over HTTP/2 has
    /// been translated to HTTP/1.1.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.head.version()
    }

    /// The value of the first header of that name, without the white space around it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.head.header(name)
    }

    /// The value of the first header of that name, if it is UTF-8.
    #[must_use]
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.head.header_str(name)
    }

    /// Every value of that name, in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.head.header_values(name)
    }

    /// The elements of a comma-separated list over all lines of that name (RFC 9110 section 5.6.1),
    /// trimmed. Commas in quoted strings do not separate; empty elements and those that are not
    /// UTF-8 are left out.
    pub fn header_tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.head.header_tokens(name)
    }

    /// All headers, in order, values without the white space around them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.head.headers()
    }

    /// The value of the first cookie of this name; names are case-sensitive.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.head.cookie(name)
    }

    /// The cookies, name and value, as they came (RFC 6265 section 4.2.1): not decoded, and with
    /// any quotes. Those that are not UTF-8 are left out.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.head.cookies()
    }

    /// The scheme of `Authorization`, and the text after it (RFC 9110 section 11.6.2). `None` unless
    /// there is exactly one such header. [`Credentials::of`](crate::Credentials::of) decodes it.
    #[must_use]
    #[doc(alias = "auth")]
    pub fn authorization(&self) -> Option<(&str, &str)> {
        self.head.authorization()
    }

    /// Whether the request asks for a WebSocket: an `Upgrade` header lists `websocket`, in any
    /// case. Otherwise it is plain HTTP.
    #[must_use]
    pub fn is_upgrade(&self) -> bool {
        self.head.is_upgrade()
    }

    /// The subprotocols offered, in the client's order of preference (RFC 6455 section 4.2.1 item
    /// 8).
    #[doc(alias = "Sec-WebSocket-Protocol")]
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> + Clone {
        self.head.subprotocols()
    }

    /// The extensions offered, in the client's order of preference (RFC 6455 section 9.1).
    #[doc(alias = "Sec-WebSocket-Extensions")]
    pub fn extensions(&self) -> impl Iterator<Item = ExtensionOffer<'_>> + Clone {
        self.head.extensions()
    }

    /// The head's bytes as they came.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        self.head.head()
    }

    /// The head as the engine has parsed it, for code that writes a `101` of its own.
    #[must_use]
    pub fn as_engine(&self) -> &handshake::Request<Arc<[u8]>> {
        &self.head
    }

    /// The address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer.addr
    }

    /// The address of the client: the peer's, unless trusted proxies say that they forward for
    /// another ([`Builder::proxy_protocol`](crate::Builder::proxy_protocol),
    /// [`Builder::forwarded`](crate::Builder::forwarded)). `None` if they do not say for whom. The
    /// port is 0 if they do not say it.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.peer.client_addr()
    }

    /// The outcome of the TLS handshake: the name asked for, the client's certificates. `None`
    /// without TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(&self) -> Option<&crate::tls::session::TlsSession> {
        self.peer.more()?.tls.as_ref()
    }

    /// The name of the peer, as a [transport of your own](crate::StreamListener) gave it.
    #[must_use]
    pub fn peer_name(&self) -> Option<&str> {
        self.peer.more()?.name.as_deref()
    }

    /// The value that the application [attached](crate::Answer::attach) when it accepted the
    /// connection, if it is of this type.
    #[must_use]
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.peer.more()?.attached.as_deref()?.downcast_ref()
    }

    /// The endpoint by which the request came; `None` if another server accepted its stream
    /// ([`Builder::accept`](crate::Builder::accept)).
    #[must_use]
    pub fn local_endpoint(&self) -> Option<&LocalEndpoint> {
        self.peer.endpoint.as_deref()
    }

    pub(crate) fn from_peer(head: Arc<[u8]>, peer: Peer) -> Result<Self, RequestError> {
        Ok(Self { head: handshake::Request::parse(head)?, peer })
    }

    /// Looks for the client's address in the header that is to be believed.
    pub(crate) fn heed(&mut self, forwarded: &Forwarded) {
        match forwarded.client(&self.head, self.client_addr()) {
            Client::Peer => {}
            client => self.peer.more_mut().client = client,
        }
    }

    pub(crate) fn attach(&mut self, value: Attached) {
        self.peer.more_mut().attached = Some(value);
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(crate) fn peer_mut(&mut self) -> &mut Peer {
        &mut self.peer
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("head", &self.head)
            .field("peer_addr", &self.peer_addr())
            .field("client_addr", &self.client_addr())
            .finish_non_exhaustive()
    }
}
