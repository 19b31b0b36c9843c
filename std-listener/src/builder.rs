//! The settings of a listener.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::config::ListenerConfig;
use crate::endpoint::bind;
use crate::endpoint::error::BindError;
use crate::endpoint::several::IntoEndpoints;
use crate::endpoint::socket_options::SocketOptions;
use crate::extension::connection::ConnectionExtension;
use crate::extension::message::MessageExtension;
use crate::handshake::acceptor::WebSocketAcceptor;
use crate::http::answer::Answer;
use crate::http::hook::Hook;
use crate::http::origin::AllowedOrigins;
use crate::http::request::Request;
use crate::listener::WebSocketListener;
use crate::options::Options;
use crate::proxy::forwarded::{Forwarded, ForwardedHeader};
use crate::proxy::network::TrustedPeers;
use crate::proxy::proxy_protocol::ProxyProtocol;

/// The settings of a [`WebSocketListener`]. Every default is finite, except the number of
/// connections, which the system's file descriptors limit.
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`handshake_timeout`](Self::handshake_timeout) | 5 s | bounds the time of a silent peer |
/// | [`max_request_bytes`](Self::max_request_bytes) | 8 KiB | usual for servers |
/// | [`max_request_headers`](Self::max_request_headers) | 64 | browsers send about 20 |
/// | [`max_negotiations`](Self::max_negotiations) | 1,024 | bounds the cost of a flood of silent peers |
/// | [`accept_queue`](Self::accept_queue) | 1,024 | bounds the connections that wait for `accept` |
/// | [`max_connections`](Self::max_connections) | no limit | depends on memory and file descriptors |
/// | [`max_connections_per_address`](Self::max_connections_per_address) | no limit | many users may share an address |
/// | [`max_requests_per_second`](Self::max_requests_per_second) | no limit | many users may share an address |
/// | [`max_http_connections`](Self::max_http_connections) | 1,024 | bounds the connections that the application has taken over |
/// | [`trim_memory`](Self::trim_memory) | on | glibc's allocator keeps freed memory otherwise |
/// | [`options`](Self::options) | [`Options::new`] | apply to each connection |
/// | [`sockets`](Self::sockets) | [`SocketOptions::new`] | apply to the sockets below |
///
/// ```no_run
/// use std::time::Duration;
/// use websocket_listener::{Options, WebSocketListener};
///
/// # async fn f() -> std::io::Result<()> {
/// let listener = WebSocketListener::builder()
///     .subprotocols(["chat.v2", "chat.v1"])
///     .handshake_timeout(Duration::from_secs(2))
///     .options(Options::new().max_message_bytes(64 * 1024))
///     .bind("127.0.0.1:8006")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ListenerBuilder {
    config: ListenerConfig,
}

impl ListenerBuilder {
    pub(crate) fn new() -> Self {
        Self { config: ListenerConfig::default() }
    }

    /// Limits and deadlines of the accepted connections.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.config.options = options;
        self
    }

    /// Options of the sockets that are bound and accepted.
    #[must_use]
    pub fn sockets(mut self, options: SocketOptions) -> Self {
        self.config.sockets = options;
        self
    }

    /// The certificate for the endpoints that speak TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: crate::tls::ServerTls) -> Self {
        self.config.tls = Some(tls);
        self
    }

    /// Reads the header of the PROXY protocol, version 1 or 2, from peers that are trusted: HAProxy's
    /// `send-proxy` and `send-proxy-v2`, nginx's `proxy_protocol on`, the load balancers of most
    /// clouds. The client's address is then [`Request::client_addr`].
    ///
    /// It is read before TLS, within the handshake's deadline. Versions 1 and 2 are recognised by
    /// their first bytes. Other contents of version 2 are skipped, up to 4 KiB.
    ///
    /// ```
    /// use websocket_listener::WebSocketListener;
    /// use websocket_listener::proxy::{ProxyProtocol, TrustedPeers};
    ///
    /// let balancers = TrustedPeers::new(["10.0.0.0/8"])?;
    /// let builder = WebSocketListener::builder().proxy_protocol(ProxyProtocol::required(balancers));
    /// # let _ = builder;
    /// # Ok::<_, websocket_listener::proxy::InvalidNetworkError>(())
    /// ```
    #[must_use]
    pub fn proxy_protocol(mut self, protocol: ProxyProtocol) -> Self {
        self.config.proxy_protocol = Some(protocol);
        self
    }

    /// Reads the client's address ([`Request::client_addr`]) from this header of trusted peers: the
    /// last address in it that is not a trusted proxy's. The header of any other peer is ignored.
    ///
    /// ```
    /// use websocket_listener::WebSocketListener;
    /// use websocket_listener::proxy::{ForwardedHeader, TrustedPeers};
    ///
    /// let proxies = TrustedPeers::new(["127.0.0.0/8", "::1"])?;
    /// let builder =
    ///     WebSocketListener::builder().forwarded(ForwardedHeader::XForwardedFor, proxies);
    /// # let _ = builder;
    /// # Ok::<_, websocket_listener::proxy::InvalidNetworkError>(())
    /// ```
    #[must_use]
    pub fn forwarded(mut self, header: ForwardedHeader, trusted: TrustedPeers) -> Self {
        self.config.forwarded = Some(Forwarded { header, trusted });
        self
    }

    /// Sets the time, from accepting the TCP connection, for the peer to send a whole request and for
    /// the application to answer it, after which the peer gets 408.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.config.handshake_timeout = timeout;
        self
    }

    /// Sets the limit of a request's head in bytes, at most 65,535. A longer head is refused with
    /// 431.
    #[must_use]
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.config.head_limits.bytes = bytes;
        self
    }

    /// Sets the limit of headers in a request, at most 64. A request with more is refused with 431.
    #[must_use]
    pub fn max_request_headers(mut self, headers: usize) -> Self {
        self.config.head_limits.headers = headers;
        self
    }

    /// Sets the limit of concurrent opening handshakes. A further one replaces the oldest, which is
    /// refused with 503, so peers that never finish do not lock out those that do. Until the socket
    /// of the oldest is closed, the endpoint accepts no other, so each endpoint adds one socket in
    /// negotiation at most.
    #[must_use]
    pub fn max_negotiations(mut self, negotiations: usize) -> Self {
        self.config.max_negotiations = negotiations.max(1);
        self
    }

    /// Sets the limit of connections that wait for [`accept`](WebSocketListener::accept). Further
    /// ones are refused with 503.
    #[must_use]
    pub fn accept_queue(mut self, connections: usize) -> Self {
        self.config.accept_queue = connections.max(1);
        self
    }

    /// Sets the limit of open connections, including those that wait to be accepted. Further ones
    /// are refused with 503 and `Retry-After`.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.config.limits.connections = connections;
        self
    }

    /// Sets the limit of open connections from one address. Further ones are refused with 429 and
    /// `Retry-After`.
    ///
    /// The address is that of the client, as far as trusted proxies name it
    /// ([`Request::client_addr`]);
    /// an IPv6 network of 64 bits counts as one address. Peers without an address, such as those on
    /// Unix sockets, are not limited.
    #[must_use]
    pub fn max_connections_per_address(mut self, connections: u32) -> Self {
        self.config.limits.connections_per_address = connections;
        self
    }

    /// Sets the limit of requests, opening handshakes and others, from one address in a second, and
    /// in one burst after a second without any. Further ones are refused with 429 and `Retry-After`,
    /// before the hook is called. Addresses count as for
    /// [`max_connections_per_address`](Self::max_connections_per_address).
    ///
    /// At most 65,536 addresses without connections are remembered: if more of them make requests
    /// within a second, the new ones are not limited.
    #[doc(alias("rate limit", "throttle"))]
    #[must_use]
    pub fn max_requests_per_second(mut self, requests: u32) -> Self {
        self.config.limits.requests_per_second = requests;
        self
    }

    /// Sets the limit of connections that the application has [taken over](Answer::take_over).
    /// Further ones are refused with 503.
    #[must_use]
    pub fn max_http_connections(mut self, connections: usize) -> Self {
        self.config.max_http_connections = connections;
        self
    }

    /// Sets whether memory returns to the operating system after many connections have ended: once
    /// the last of 1,024 or more has ended, and at most once a minute, the listener calls
    /// `malloc_trim`. glibc's allocator otherwise keeps nearly all of it. The call scans the whole
    /// heap, on a thread for blocking work, so programs with large heaps switch it off. It does
    /// nothing with other allocators and systems.
    #[must_use]
    pub fn trim_memory(mut self, trim: bool) -> Self {
        self.config.trims_memory = trim;
        self
    }

    /// Sets the supported subprotocols, the preferred one first. The listener agrees on the first of
    /// them that the client offered, or accepts the connection without a subprotocol, unless one is
    /// [required](Self::require_subprotocol).
    ///
    /// Names are tokens (RFC 6455 section 4.1). [`bind`](Self::bind) returns an error for other
    /// names, which no client can offer.
    #[must_use]
    pub fn subprotocols<T: Into<String>>(
        mut self,
        subprotocols: impl IntoIterator<Item = T>,
    ) -> Self {
        self.config.subprotocols.supported = subprotocols.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a function that chooses the subprotocol of a request, in place of a list. A choice that
    /// the client did not offer is ignored. [`Answer::subprotocol`] takes precedence over both.
    ///
    /// ```
    /// use websocket_listener::WebSocketListener;
    ///
    /// let newest = WebSocketListener::builder().select_subprotocol(|request| {
    ///     request.subprotocols().filter(|name| name.starts_with("chat.v")).max().map(Into::into)
    /// });
    /// # let _ = newest;
    /// ```
    #[must_use]
    pub fn select_subprotocol(
        mut self,
        select: impl Fn(&Request) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.config.subprotocols.select = Some(Arc::new(select));
        self
    }

    /// Sets whether a client without an agreed subprotocol is refused with 400; by default it is
    /// accepted.
    #[must_use]
    pub fn require_subprotocol(mut self, required: bool) -> Self {
        self.config.subprotocols.required = required;
        self
    }

    /// Refuses WebSockets from pages of any other origin with 403, before the hook is called.
    /// By default every origin is allowed.
    #[must_use]
    pub fn allowed_origins(mut self, origins: AllowedOrigins) -> Self {
        self.config.allowed_origins = Some(origins);
        self
    }

    /// Adds a message extension. A connection uses one at most: that of the client's first offer
    /// that one of the extensions [accepts](MessageExtension::accept).
    #[must_use]
    pub fn message_extension(mut self, extension: impl MessageExtension) -> Self {
        self.config.message_extensions.push(Arc::new(extension));
        self
    }

    /// Adds a connection extension, which wraps the streams that the listener accepts. It
    /// wraps the extensions that were added before. A stream given to an
    /// [acceptor](Self::acceptor) is not wrapped.
    #[must_use]
    pub fn connection_extension(mut self, extension: impl ConnectionExtension) -> Self {
        self.config.connection_extensions.push(Arc::new(extension));
        self
    }

    /// Sets the hook that answers requests: correct opening handshakes and plain HTTP. Without a hook,
    /// the listener accepts the former and refuses the latter with 400.
    ///
    /// The hook runs beside other negotiations and within the handshake's deadline. It returns an
    /// [`Answer`] or anything that converts to one: a [`Response`](crate::http::Response), or a
    /// `Result` of either. If it panics, only that peer loses its connection.
    ///
    /// ```no_run
    /// # use websocket_listener::WebSocketListener;
    /// # use websocket_listener::http::{Answer, Request, Response, Status};
    /// # async fn f() -> std::io::Result<()> {
    /// let listener = WebSocketListener::builder()
    ///     .on_request(|request: Request| async move {
    ///         match (request.is_upgrade(), request.path()) {
    ///             (true, "/chat") => Answer::accept(),
    ///             (true, _) => Response::new(Status::NOT_FOUND).into(),
    ///             (false, _) => Answer::take_over(|http| async move {
    ///                 let _ = http.respond(Response::text("hello\n")).await;
    ///             }),
    ///         }
    ///     })
    ///     .bind("127.0.0.1:8006")
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("middleware", "auth", "route", "handler"))]
    #[must_use]
    pub fn on_request<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Answer>> + Send + 'static,
    {
        self.config.on_request = Some(boxed(hook));
        self
    }

    /// Adds another standard beside RFC 6455, that of this `Sec-WebSocket-Version`
    /// (RFC 6455 section 4.4). Its hook answers the requests for that version, in place of
    /// [`on_request`](Self::on_request).
    ///
    /// For a standard with the opening handshake and the frames of RFC 6455, such as its drafts 7
    /// to 12 (versions 7 and 8), the hook [accepts](Answer::accept), and the connection is a
    /// [`WebSocket`](crate::WebSocket) like any other. For one with frames of its own, it [takes
    /// over](Answer::take_over). A request for an unsupported version gets 426 with the supported
    /// ones. This applies to HTTP/1.1; for WebSockets over HTTP/2 see the feature `h2`.
    ///
    /// ```
    /// use websocket_listener::WebSocketListener;
    /// use websocket_listener::http::Answer;
    ///
    /// let builder = WebSocketListener::builder().standard("8", |_| async { Answer::accept() });
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn standard<F, Fut>(mut self, version: impl Into<String>, hook: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Answer>> + Send + 'static,
    {
        self.config.standards.add(version.into(), boxed(hook));
        self
    }

    /// Also serves HTTP/2, to peers that begin with it: WebSockets over its streams (RFC 8441) are
    /// accepted like all others, many on one connection. Off by default.
    ///
    /// The hook sees its requests translated to HTTP/1.1: an extended CONNECT for a WebSocket looks
    /// like a GET with `Upgrade: websocket`. It may accept and respond; if it [takes
    /// over](Answer::take_over), the client is told to retry with HTTP/1.1, as browsers and curl
    /// do. Each HTTP/2 connection counts towards
    /// [`max_http_connections`](Self::max_http_connections).
    #[cfg(feature = "h2")]
    #[must_use]
    pub fn http2(mut self, options: crate::listener::http2::options::Http2Options) -> Self {
        self.config.http2 = Some(options);
        self
    }

    /// Binds to one or several [`Endpoint`](crate::endpoint::Endpoint)s and starts to listen:
    /// addresses, text such as `ws://localhost:8006`, sockets that are bound already.
    ///
    /// # Errors
    /// [`BindError`] names the endpoint or option and the fault. It converts to an
    /// [`io::Error`](std::io::Error).
    ///
    /// # Cancel safety
    /// A dropped future leaves nothing bound.
    pub async fn bind(self, endpoints: impl IntoEndpoints) -> Result<WebSocketListener, BindError> {
        self.config.subprotocols.check()?;
        let endpoints = endpoints.into_endpoints()?;
        #[cfg(feature = "tls")]
        if self.config.tls.is_none()
            && let Some(endpoint) = endpoints.iter().find(|endpoint| endpoint.is_tls())
        {
            return Err(BindError::NoCertificate { endpoint: endpoint.to_string() });
        }
        let bound = bind::bind(endpoints, &self.config.sockets).await?;
        Ok(WebSocketListener::start(self.config, bound))
    }

    /// Opens WebSockets over streams that are already connected, without a listener.
    #[must_use]
    pub fn acceptor(self) -> WebSocketAcceptor {
        WebSocketAcceptor::new(self.config)
    }

    /// Creates a listener without endpoints: its streams come from [`WebSocketListener::negotiate`],
    /// or from its `upgrade`.
    ///
    /// # Panics
    /// If called outside a Tokio runtime.
    #[must_use]
    pub fn unbound(self) -> WebSocketListener {
        WebSocketListener::start(self.config, Vec::new())
    }
}

fn boxed<F, Fut>(hook: F) -> Hook
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Into<Answer>> + Send + 'static,
{
    Arc::new(move |request| {
        let answer = hook(request);
        Box::pin(async move { answer.await.into() })
    })
}
