//! A request and its sender.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use websocket_listener_core::handshake::{self, ExtensionOffer, HeadError};

use crate::endpoint::local::LocalEndpoint;
use crate::peer::{Attached, Peer};
use crate::proxy::Client;
use crate::proxy::forwarded::Forwarded;

/// A request: its head (method, target, headers) and its sender. Cheap to clone.
///
/// Header names are compared without case. A look-up scans the lines of the head, so a loop over
/// [`headers`](Self::headers) is cheaper than many look-ups.
/// [`Credentials::of`](crate::http::Credentials::of) decodes `Authorization`. `Debug` omits the
/// headers, because they may hold credentials.
///
/// ```
/// use websocket_listener::http::Status;
/// use websocket_listener::http::{Answer, Request, Response};
///
/// async fn on_request(request: Request) -> Answer {
///     let is_member = request.cookie("session") == Some("31d4d96e");
///     match (request.method(), request.path()) {
///         ("GET", "/chat") if request.is_upgrade() && is_member => Answer::accept(),
///         ("GET", "/chat") => Response::new(Status::FORBIDDEN).into(),
///         ("GET", "/agent") => {
///             let agent = request.header_str("User-Agent").unwrap_or("unknown");
///             Response::text(format!("{agent} at {:?}\n", request.client_addr())).into()
///         }
///         _ => Response::new(Status::NOT_FOUND).into(),
///     }
/// }
///
/// // A test of the hook needs no connection.
/// let head = b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nCookie: session=31d4d96e\r\n\r\n";
/// let request = Request::parse(&head[..])?;
/// assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
/// assert_eq!(request.header("host"), Some(&b"example.com"[..]));
/// let answer = on_request(request);
/// # drop(answer);
/// # Ok::<_, websocket_listener::engine::handshake::HeadError>(())
/// ```
#[derive(Clone)]
pub struct Request {
    head: handshake::Request<Arc<[u8]>>,
    peer: Peer,
}

impl Request {
    /// Parses a head, up to its empty line, as that of an unknown peer: for tests of code that takes
    /// a `Request`.
    ///
    /// # Errors
    /// [`HeadError`], for a head that is not HTTP/1.0 or HTTP/1.1.
    pub fn parse(head: impl Into<Arc<[u8]>>) -> Result<Self, HeadError> {
        Self::from_peer(head.into(), Peer::default())
    }

    /// Returns the method, case-sensitive.
    #[must_use]
    pub fn method(&self) -> &str {
        self.head.method()
    }

    /// Returns the request target (RFC 9112 section 3.2), usually path and query, not decoded.
    #[must_use]
    #[doc(alias("uri", "url"))]
    pub fn target(&self) -> &str {
        self.head.target()
    }

    /// Returns the path of the target without the query, neither decoded nor normalised. For an
    /// absolute target it is the part after the authority, or `/` if that is empty. Other targets
    /// (`*`, `host:port`) are returned whole.
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.path()
    }

    /// Returns the part of the target after its first `?`, not decoded.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.head.query()
    }

    /// Returns the minor version: 0 for HTTP/1.0, 1 for HTTP/1.1. A request over HTTP/2 has been
    /// translated to HTTP/1.1.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.head.version()
    }

    /// Returns the value of the first header with this name, trimmed.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.head.header(name)
    }

    /// Returns the value of the first header with this name, if it is UTF-8.
    #[must_use]
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.head.header_str(name)
    }

    /// Returns the values of all headers with this name, in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.head.header_values(name)
    }

    /// Returns the trimmed elements of the comma-separated lists in all headers with this name
    /// (RFC 9110 section 5.6.1). Commas in quoted strings do not separate. Skips elements that are
    /// empty or not UTF-8.
    pub fn header_tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.head.header_tokens(name)
    }

    /// Returns all headers, in order, with trimmed values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.head.headers()
    }

    /// Returns the value of the first cookie with this name; names are case-sensitive.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.head.cookie(name)
    }

    /// Returns the names and values of the cookies (RFC 6265 section 4.2.1), not decoded, including
    /// quotes. Skips cookies that are not UTF-8.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.head.cookies()
    }

    /// Returns the scheme of `Authorization` and the text after it (RFC 9110 section 11.6.2);
    /// `None` unless the request has exactly one such header.
    /// [`Credentials::of`](crate::http::Credentials::of) decodes it.
    #[must_use]
    #[doc(alias = "auth")]
    pub fn authorization(&self) -> Option<(&str, &str)> {
        self.head.authorization()
    }

    /// Returns true if the request asks for a WebSocket: an `Upgrade` header lists `websocket`, in
    /// any case. Otherwise it is plain HTTP.
    #[must_use]
    pub fn is_upgrade(&self) -> bool {
        self.head.is_upgrade()
    }

    /// Returns the offered subprotocols, in the client's order of preference (RFC 6455 section 4.2.1
    /// item 8).
    #[doc(alias = "Sec-WebSocket-Protocol")]
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> + Clone {
        self.head.subprotocols()
    }

    /// Returns the offered extensions, in the client's order of preference (RFC 6455 section 9.1).
    #[doc(alias = "Sec-WebSocket-Extensions")]
    pub fn extensions(&self) -> impl Iterator<Item = ExtensionOffer<'_>> + Clone {
        self.head.extensions()
    }

    /// Returns the bytes of the head.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        self.head.head()
    }

    /// Returns the head as the engine has parsed it, for code that writes a `101` of its own.
    #[must_use]
    pub fn as_engine(&self) -> &handshake::Request<Arc<[u8]>> {
        &self.head
    }

    /// Returns the address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer.addr
    }

    /// Returns the address of the client: that of the peer, unless trusted proxies forward for
    /// another client ([`ListenerBuilder::proxy_protocol`](crate::ListenerBuilder::proxy_protocol),
    /// [`ListenerBuilder::forwarded`](crate::ListenerBuilder::forwarded)). `None` if the proxies do
    /// not name the client; port 0 if they do not name its port.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.peer.client_addr()
    }

    /// Returns the outcome of the TLS handshake: the requested server name, the client's
    /// certificates. `None` without TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(&self) -> Option<&crate::tls::session::TlsSession> {
        self.peer.more()?.tls.as_ref()
    }

    /// Returns the name of the peer, from a [user-defined transport](crate::endpoint::StreamListener).
    #[must_use]
    pub fn peer_name(&self) -> Option<&str> {
        self.peer.more()?.name.as_deref()
    }

    /// Returns the value that the application [attached](crate::http::Answer::attach) when it
    /// accepted the connection, if it has this type.
    #[must_use]
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.peer.more()?.attached.as_deref()?.downcast_ref()
    }

    /// Returns the endpoint that received the request; `None` if another server accepted its stream
    /// ([`WebSocketAcceptor::accept`](crate::WebSocketAcceptor::accept)).
    #[must_use]
    pub fn local_endpoint(&self) -> Option<&LocalEndpoint> {
        self.peer.endpoint.as_deref()
    }

    pub(crate) fn from_peer(head: Arc<[u8]>, peer: Peer) -> Result<Self, HeadError> {
        Ok(Self { head: handshake::Request::parse(head)?, peer })
    }

    /// Sets the client's address from the header of trusted proxies.
    pub(crate) fn apply_forwarded(&mut self, forwarded: &Forwarded) {
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
