//! The listener: bind, accept, shut down.

mod acceptor;
#[cfg(feature = "h2")]
pub(crate) mod http2;
mod http_connections;
mod joining;
mod layers;
pub(crate) mod negotiation;
mod places;
mod shared;
#[cfg(feature = "http")]
pub(crate) mod upgrading;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::time;
use websocket_listener_core::CloseCode;

use crate::builder::ListenerBuilder;
use crate::config::ListenerConfig;
use crate::counters::Counters;
use crate::endpoint::bind::Bound;
use crate::endpoint::error::BindError;
use crate::endpoint::local::LocalEndpoint;
use crate::endpoint::several::IntoEndpoints;
use crate::handshake::limits::Limiter;
use crate::registry::Registry;
use crate::websocket::WebSocket;
use acceptor::Acceptors;
use http_connections::HttpConnections;
use places::Places;
use shared::Shared;

/// A listener for WebSocket connections, as [`TcpListener`](tokio::net::TcpListener) is one for TCP
/// connections.
///
/// Opening handshakes run beside each other and beside [`accept`](Self::accept), bounded in number
/// and each under one deadline, so a peer that stalls or misbehaves delays no other.
///
/// ```no_run
/// use websocket_listener::{Error, WebSocketListener};
///
/// # async fn f() -> std::io::Result<()> {
/// let listener = WebSocketListener::bind("127.0.0.1:8006").await?;
/// while let Some(mut socket) = listener.accept().await {
///     tokio::spawn(async move {
///         while let Some(message) = socket.recv().await? {
///             socket.feed(message).await?;
///         }
///         Ok::<_, Error>(())
///     });
/// }
/// # Ok(())
/// # }
/// ```
///
/// A dropped listener stops listening; accepted connections continue.
pub struct WebSocketListener {
    accepted: Arc<Mutex<mpsc::Receiver<WebSocket>>>,
    /// The sender for streams that are given to the listener; `None` once it shuts down, because
    /// `accept` ends with the last sender.
    sender: std::sync::Mutex<Option<mpsc::Sender<WebSocket>>>,
    acceptors: Mutex<Acceptors>,
    endpoints: Box<[Arc<LocalEndpoint>]>,
    shared: Arc<Shared>,
}

/// The connections that a [shutdown](WebSocketListener::shutdown) ended.
///
/// ```
/// use std::time::Duration;
///
/// use websocket_listener::WebSocketListener;
///
/// async fn stop(listener: &WebSocketListener) {
///     let ended = listener.shutdown(Duration::from_secs(10)).await;
///     println!("{} closed, {} aborted", ended.closed, ended.aborted);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections that ended before the deadline.
    pub closed: usize,
    /// Connections that were aborted at the deadline.
    pub aborted: usize,
    /// HTTP connections, taken over by the application, that ended before the deadline.
    pub http_closed: usize,
    /// HTTP connections whose handler was dropped at the deadline.
    pub http_aborted: usize,
}

impl WebSocketListener {
    /// Binds to one or several [`Endpoint`](crate::endpoint::Endpoint)s and listens, with all
    /// defaults.
    ///
    /// # Errors
    /// As [`ListenerBuilder::bind`].
    ///
    /// # Cancel safety
    /// A dropped future leaves nothing bound.
    pub async fn bind(endpoints: impl IntoEndpoints) -> Result<Self, BindError> {
        Self::builder().bind(endpoints).await
    }

    /// Returns the settings of a listener, with all defaults.
    #[must_use]
    pub fn builder() -> ListenerBuilder {
        ListenerBuilder::new()
    }

    pub(crate) fn start(config: ListenerConfig, bound: Vec<Bound>) -> Self {
        let queue = config.accept_queue.min(Semaphore::MAX_PERMITS);
        let (sender, receiver) = mpsc::channel(queue);
        let connections = if config.trims_memory { Registry::trimming() } else { Registry::new() };
        let shared = Arc::new(Shared {
            places: Places::new(config.max_negotiations),
            http: HttpConnections::new(config.max_http_connections),
            limiter: Limiter::new(config.limits),
            config,
            negotiations: Registry::new(),
            connections,
            counters: Arc::default(),
        });
        let endpoints = bound.iter().map(|bound| bound.endpoint().clone()).collect();
        Self {
            accepted: Arc::new(Mutex::new(receiver)),
            acceptors: Mutex::new(Acceptors::start(&shared, bound, &sender)),
            sender: std::sync::Mutex::new(Some(sender)),
            endpoints,
            shared,
        }
    }

    /// Waits for a peer whose opening handshake succeeds, and returns the connection; `None` after
    /// [`shutdown`](Self::shutdown), once the queue is empty.
    ///
    /// Any number of tasks may wait here. Failures of single peers are [counted](Self::counters)
    /// only.
    ///
    /// # Cancel safety
    /// Cancel-safe: a connection is returned or stays in the queue.
    #[doc(alias = "accept_async")]
    pub async fn accept(&self) -> Option<WebSocket> {
        self.accepted.lock().await.recv().await
    }

    /// Returns the address of the first TCP endpoint, with the port that the system chose.
    ///
    /// # Errors
    /// `Unsupported` without a TCP endpoint; see [`local_endpoints`](Self::local_endpoints).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.local_endpoints().find_map(LocalEndpoint::addr);
        addr.ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    /// Returns all endpoints, in the order of their binding.
    pub fn local_endpoints(&self) -> impl ExactSizeIterator<Item = &LocalEndpoint> {
        self.endpoints.iter().map(|endpoint| &**endpoint)
    }

    /// Waits until the listener [begins to shut down](Self::begin_shutdown): for tasks that wait for
    /// other events than those of a connection, whose methods notice the shutdown, or that send the
    /// peer a last message. The future does not borrow the listener; each task has its own.
    ///
    /// ```no_run
    /// # use websocket_listener::{CloseCode, Error, WebSocket, WebSocketListener};
    /// # async fn f(listener: &WebSocketListener, mut socket: WebSocket) {
    /// let shutdown_begun = listener.shutdown_begun();
    /// tokio::spawn(async move {
    ///     tokio::select! {
    ///         message = socket.recv() => drop(message?),
    ///         () = shutdown_begun => {
    ///             socket.send_text("come again in a minute").await?;
    ///             socket.close(CloseCode::GOING_AWAY, "").await?;
    ///         }
    ///     }
    ///     Ok::<_, Error>(())
    /// });
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub fn shutdown_begun(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.shared.http.shutdown().clone().cancelled_owned()
    }

    /// Announces a [`shutdown`](Self::shutdown): tasks that wait for
    /// [`shutdown_begun`](Self::shutdown_begun) are woken, and new requests are refused with 503,
    /// which tells a load balancer that this server stops. Connections, including those that wait to
    /// be accepted, stay open until `shutdown`, and their handlers may send a last message.
    ///
    /// HTTP connections that the application has taken over are notified, and responses are sent to
    /// their end. The port stays bound, so that requests are answered. Another call does nothing.
    pub fn begin_shutdown(&self) {
        self.shared.negotiations.going_away();
        self.shared.http.going_away();
    }

    /// Returns the counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters.snapshot()
    }

    /// Stops listening, closes every connection with 1001, and waits for the connections to end, at
    /// most for `deadline`. When it returns, the port is unused.
    ///
    /// The task of each connection closes it: its `recv` completes the closing handshake and
    /// returns `None`, its `send` returns [`Error::Closed`](crate::Error::Closed). A task that is
    /// busy otherwise is notified by [`shutdown_begun`](Self::shutdown_begun), before the peer if
    /// [`begin_shutdown`](Self::begin_shutdown) was called first. A connection that has not ended
    /// at the deadline returns [`Error::Aborted`](crate::Error::Aborted) at its next call.
    /// Connections that wait to be accepted are closed here. Handlers that have [taken
    /// over](crate::http::Answer::take_over) a connection, and responses that are being sent, may
    /// finish before the deadline, and are dropped then.
    ///
    /// # Cancel safety
    /// A dropped future has told every connection to close; another call waits for them.
    #[doc(alias("SIGTERM", "graceful", "wait_closed"))]
    pub async fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        // Counted before the notification, because some connections end at once.
        let http_open = self.shared.http.len();
        self.begin_shutdown();
        let open = self.shared.connections.going_away();
        self.close_waiting();
        self.no_more_given();
        self.acceptors.lock().await.stop().await;
        self.shared.negotiations.stopped();
        let emptied = async {
            self.shared.connections.emptied().await;
            self.shared.http.emptied().await;
            self.shared.negotiations.emptied().await;
        };
        let (aborted, http_aborted) = match time::timeout(deadline, emptied).await {
            Ok(()) => (0, 0),
            Err(_) => {
                self.shared.negotiations.abort();
                (self.shared.connections.abort(), self.shared.http.abort())
            }
        };
        let closed = open.saturating_sub(aborted);
        let http_closed = http_open.saturating_sub(http_aborted);
        tracing::debug!(closed, aborted, http_closed, http_aborted, "shut down");
        ShutdownReport { closed, aborted, http_closed, http_aborted }
    }

    /// Closes the connections that wait to be accepted, unless a task accepts them.
    fn close_waiting(&self) {
        let accepted = self.accepted.clone();
        tokio::spawn(async move {
            let mut accepted = accepted.lock().await;
            accepted.close();
            // Includes connections whose opening handshake succeeds at this moment.
            while let Some(mut socket) = accepted.recv().await {
                tokio::spawn(async move { socket.close(CloseCode::GOING_AWAY, "").await });
            }
        });
    }
}

impl Drop for WebSocketListener {
    fn drop(&mut self) {
        self.shared.negotiations.going_away();
    }
}

impl fmt::Debug for WebSocketListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketListener")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}
