//! The client.

mod authority;
mod body;
mod connecting;
mod cookies;
mod deadline;
mod dial;
mod error;
mod head;
mod opening;
mod proxy;
mod temporary;
#[cfg(feature = "tls")]
mod tls;
mod url;
mod visit;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::handshake::is_handshake_header;

use crate::extension::message::MessageExtension;
use crate::http::header::{self, InvalidHeaderError};
use crate::http::set_cookie::InvalidCookieError;
use crate::options::Options;
use crate::websocket::WebSocket;
use proxy::Proxy;

pub use error::{ConnectError, ConnectStep, ProxyError, RedirectError, UrlError};

/// Connects to a `ws://` or `wss://` URL, with the defaults of [`Client`].
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let mut socket = websocket_listener::client::connect("ws://127.0.0.1:8006/").await?;
/// socket.send_text("hello").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`Client::connect`].
///
/// # Cancel safety
/// As [`Client::connect`].
pub async fn connect(url: &str) -> Result<WebSocket, ConnectError> {
    Client::new().connect(url).await
}

/// A client, which opens any number of connections with its settings.
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`connect_timeout`](Self::connect_timeout) | 10 s | covers name, TCP, proxy, TLS, HTTP and redirects, and leaves time for lost packets |
/// | [`max_redirects`](Self::max_redirects) | 0 | as in browsers |
/// | [`proxy`](Self::proxy) | none | only [`proxy_from_environment`](Self::proxy_from_environment) reads the environment |
/// | [`options`](Self::options) | [`Options::new`] | apply to each connection |
///
/// A response's head may have 8 KiB and 64 headers, and 64 KiB of a refusal's body are kept.
///
/// ```no_run
/// use std::time::Duration;
/// use websocket_listener::Options;
/// use websocket_listener::client::Client;
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new()
///     .subprotocols(["chat.v2", "chat.v1"])
///     .header("Origin", "https://example.com")?
///     .connect_timeout(Duration::from_secs(5))
///     .options(Options::new().max_message_bytes(64 * 1024));
/// let mut socket = client.connect("ws://127.0.0.1:8006/chat").await?;
/// socket.send_text("hello").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Reconnecting
/// A client connects once. [`ConnectError::is_temporary`] is true if a later attempt may succeed,
/// and [`ConnectError::retry_after`] returns the pause that a server requests:
///
/// ```no_run
/// use std::time::Duration;
/// use websocket_listener::client::{Client, ConnectError};
///
/// const SHORT: Duration = Duration::from_millis(500);
/// const LONG: Duration = Duration::from_secs(60);
///
/// async fn stay_connected(client: &Client, url: &str) -> ConnectError {
///     let mut delay = SHORT;
///     loop {
///         match client.connect(url).await {
///             Ok(mut socket) => {
///                 while let Ok(Some(message)) = socket.recv().await {
///                     println!("{message:?}");
///                     delay = SHORT; // it works
///                 }
///             }
///             Err(error) if error.is_temporary() => {
///                 delay = error.retry_after().unwrap_or(delay).min(LONG);
///             }
///             Err(error) => return error,
///         }
///         // After an outage, the clients of a server do not reconnect at the same moment.
///         tokio::time::sleep(delay.mul_f64(rand::random_range(0.5..1.5))).await;
///         delay = (2 * delay).min(LONG);
///     }
/// }
/// ```
///
/// # Masks
/// Every frame has a new mask of 32 bits from a cryptographic generator (ChaCha, seeded by the
/// operating system), so the author of the payload cannot choose the bytes on the wire
/// (RFC 6455 section 10.3).
#[doc(alias("connect_async", "reconnect", "connector"))]
#[derive(Clone)]
pub struct Client {
    options: Options,
    connect_timeout: Duration,
    subprotocols: Vec<String>,
    subprotocol_required: bool,
    headers: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    max_redirects: u32,
    proxy: Proxy,
    known_hosts: Vec<(String, Vec<SocketAddr>)>,
    message_extensions: Vec<Arc<dyn MessageExtension>>,
    #[cfg(feature = "tls")]
    tls: Option<Arc<tokio_rustls::rustls::ClientConfig>>,
}

impl Client {
    /// Creates a client with the defaults of the table above.
    #[must_use]
    pub fn new() -> Self {
        Self {
            options: Options::new(),
            connect_timeout: Duration::from_secs(10),
            subprotocols: Vec::new(),
            subprotocol_required: false,
            headers: Vec::new(),
            cookies: Vec::new(),
            max_redirects: 0,
            proxy: Proxy::None,
            known_hosts: Vec::new(),
            message_extensions: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Sets the limits and deadlines of the connections.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets the time up to the server's answer: for the name's resolution, TCP, the proxy, TLS and the
    /// opening handshake, and the same again for each redirect.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the offered subprotocols, the preferred one first. A server agrees to one of them, or to
    /// none.
    #[must_use]
    pub fn subprotocols<T: Into<String>>(
        mut self,
        subprotocols: impl IntoIterator<Item = T>,
    ) -> Self {
        self.subprotocols = subprotocols.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether connecting fails with [`ConnectError::NoSubprotocol`] if the server agrees to
    /// none of the subprotocols. By default the connection then has none.
    #[must_use]
    pub fn require_subprotocol(mut self, required: bool) -> Self {
        self.subprotocol_required = required;
        self
    }

    /// Offers a message extension, after those added before. A connection uses one at most: the
    /// answer of a server that accepts several is [refused](ConnectError::Refused).
    #[must_use]
    pub fn message_extension(mut self, extension: impl MessageExtension) -> Self {
        self.message_extensions.push(Arc::new(extension));
        self
    }

    /// Adds a header to the request, such as `Origin` or `Authorization`.
    ///
    /// # Errors
    /// [`InvalidHeaderError`] if the name is not a token, if the value has a control byte such as CR
    /// or LF, and for headers that the opening handshake writes itself: `Host`, `Connection`,
    /// `Upgrade`, `Content-Length`, `Transfer-Encoding` and those that begin with `Sec-WebSocket-`.
    #[doc(alias("auth", "origin"))]
    pub fn header(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InvalidHeaderError> {
        let (name, value) = (name.into(), value.into());
        header::check(&name, value.as_bytes(), |name| {
            is_handshake_header(name) || name.eq_ignore_ascii_case("Host")
        })?;
        self.headers.push((name, value));
        Ok(self)
    }

    /// Adds a cookie to the request; name and value are not encoded.
    ///
    /// # Errors
    /// [`InvalidCookieError::Name`] if the name is empty or has `=`, `;` or a control byte, and
    /// [`InvalidCookieError::Value`] if the value has `;` or a control byte.
    pub fn cookie(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InvalidCookieError> {
        let (name, value) = (name.into(), value.into());
        let sent = |byte: u8| header::is_field_byte(byte) && byte != b';';
        if name.is_empty() || !name.bytes().all(|byte| sent(byte) && byte != b'=') {
            return Err(InvalidCookieError::Name);
        }
        if !value.bytes().all(sent) {
            return Err(InvalidCookieError::Value);
        }
        self.cookies.push((name, value));
        Ok(self)
    }

    /// Sets the limit of redirects (301, 302, 303, 307, 308) to follow; with 0, a redirect is a
    /// refusal.
    ///
    /// `http` and `https` in a `Location` stand for `ws` and `wss`. A redirect from `wss` to `ws`
    /// is not followed. The same host gets the cookies that a redirect sets. Another host or port gets
    /// no cookies, no `Authorization` or `Proxy-Authorization`, and no user name and password of the
    /// URL; TLS at port 443 after port 80 of the same host does not count as another.
    #[must_use]
    pub fn max_redirects(mut self, redirects: u32) -> Self {
        self.max_redirects = redirects;
        self
    }

    /// Connects through an HTTP proxy, by CONNECT: `http://proxy:3128`, or
    /// `http://user:password@proxy:3128` for Basic authentication. The proxy resolves the host.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(url.into());
        self
    }

    /// Connects through the proxy of the environment: `https_proxy` for `wss`, `http_proxy` for
    /// `ws`, `all_proxy` for both, unless `no_proxy` (`*`, or hosts, domains, addresses and
    /// networks like `10.0.0.0/8`, separated by commas) matches the host of the URL. The names of
    /// the variables, except `http_proxy`, may be in capitals.
    #[must_use]
    pub fn proxy_from_environment(mut self) -> Self {
        self.proxy = Proxy::Environment;
        self
    }

    /// Sets the addresses of a host, also for redirects, in place of its resolution. The request and
    /// TLS still use the host's name.
    #[must_use]
    pub fn resolve(
        mut self,
        host: impl Into<String>,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> Self {
        self.known_hosts.insert(0, (host.into(), addresses.into_iter().collect()));
        self
    }

    /// Connects to a URL: `ws://host:port/path?query`, or `wss://…` with the cargo feature `tls`.
    ///
    /// A user name and password in the URL become Basic authentication. A URL with a fragment
    /// (RFC 6455 section 3) or an unencoded character is an error. Of several addresses of the host,
    /// the next one is tried in parallel after 250 ms, and the first to answer is used (RFC 8305).
    ///
    /// # Errors
    /// [`ConnectError`], which names the failed step and contains the response of a refusal.
    ///
    /// # Cancel safety
    /// A dropped future closes all its sockets. A name resolution may continue in one of Tokio's
    /// threads, for as long as the operating system takes.
    pub async fn connect(&self, url: &str) -> Result<WebSocket, ConnectError> {
        // Boxed, because this large future would otherwise take its room in the caller's future.
        Box::pin(self.follow(url)).await
    }

    /// Performs the opening handshake over a stream that is already connected, and encrypted if
    /// required. The URL gives host and path. The counterpart of
    /// [`WebSocketAcceptor::accept`](crate::WebSocketAcceptor::accept).
    ///
    /// Proxy and redirects do not apply; the deadline does.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use websocket_listener::client::Client;
    ///
    /// let stream = tokio::net::TcpStream::connect("127.0.0.1:8006").await?;
    /// let mut socket = Client::new().connect_over(stream, "ws://localhost/chat").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`].
    ///
    /// # Cancel safety
    /// A dropped future drops the stream.
    pub async fn connect_over<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        url: &str,
    ) -> Result<WebSocket<S>, ConnectError> {
        self.over(stream, url).await
    }

    /// Connects to a Unix socket. The URL gives the request's host and path; `wss://` stands for TLS
    /// over the socket.
    ///
    /// Proxy and redirects do not apply; the deadline does.
    ///
    /// # Errors
    /// [`ConnectError`].
    ///
    /// # Cancel safety
    /// A dropped future closes the socket.
    #[cfg(unix)]
    pub async fn connect_unix(
        &self,
        path: impl AsRef<std::path::Path>,
        url: &str,
    ) -> Result<WebSocket, ConnectError> {
        Box::pin(self.through_socket(path.as_ref(), url)).await
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// Omits headers and cookies, which may be secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("options", &self.options)
            .field("connect_timeout", &self.connect_timeout)
            .field("subprotocols", &self.subprotocols)
            .field("max_redirects", &self.max_redirects)
            .finish_non_exhaustive()
    }
}
