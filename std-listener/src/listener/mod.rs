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
use crate::handshake::limits::Attendance;
use crate::registry::Registry;
use crate::websocket::WebSocket;
use acceptor::Acceptors;
use http_connections::HttpConnections;
use places::Places;
use shared::Shared;

/// Listens for WebSocket connections, the way a [`TcpListener`](tokio::net::TcpListener) listens for TCP connections.
///
/// Opening handshakes run beside each other and beside [`accept`](Self::accept), bounded in number
/// and each under one deadline, so a peer that stalls or misbehaves delays nobody.
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
/// Dropped, it stops listening; connections that were accepted live on.
pub struct WebSocketListener {
    accepted: Arc<Mutex<mpsc::Receiver<WebSocket>>>,
    /// For streams that are given to the listener; `None` once it shuts down, because `accept` ends
    /// when the last sender is gone.
    sender: std::sync::Mutex<Option<mpsc::Sender<WebSocket>>>,
    acceptors: Mutex<Acceptors>,
    endpoints: Box<[Arc<LocalEndpoint>]>,
    shared: Arc<Shared>,
}

/// What became of the connections at a [shutdown](WebSocketListener::shutdown).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections that were open and have ended in time.
    pub closed: usize,
    /// Connections that had not ended at the deadline.
    pub aborted: usize,
    /// HTTP connections, taken over by the application, that have ended in time.
    pub http_closed: usize,
    /// HTTP connections whose handler had not ended at the deadline, and was dropped.
    pub http_aborted: usize,
}

impl WebSocketListener {
    /// Binds to one or several [`Endpoint`](crate::endpoint::Endpoint)s and listens, with every option at its
    /// default.
    ///
    /// # Errors
    /// As [`ListenerBuilder::bind`].
    ///
    /// # Cancel safety
    /// Cancelled, it leaves nothing bound.
    pub async fn bind(endpoints: impl IntoEndpoints) -> Result<Self, BindError> {
        Self::builder().bind(endpoints).await
    }

    /// Sets up a listener.
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
            attendance: Attendance::new(config.limits),
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

    /// The next connection whose opening handshake succeeded; `None` after
    /// [`shutdown`](Self::shutdown), once all that were waiting have been given out.
    ///
    /// Any number of tasks may wait here. Failures of single peers are not seen here but
    /// [counted](Self::counters).
    ///
    /// # Cancel safety
    /// Cancel-safe: a connection is given out or stays in the queue.
    pub async fn accept(&self) -> Option<WebSocket> {
        self.accepted.lock().await.recv().await
    }

    /// The address listened on, with the port that the system chose: of the first endpoint that is
    /// TCP.
    ///
    /// # Errors
    /// `Unsupported` if none is; see [`local_endpoints`](Self::local_endpoints).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.local_endpoints().find_map(LocalEndpoint::addr);
        addr.ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    /// All endpoints listened on, in the order in which they were given.
    pub fn local_endpoints(&self) -> impl ExactSizeIterator<Item = &LocalEndpoint> {
        self.endpoints.iter().map(|endpoint| &**endpoint)
    }

    /// Completes when the listener [begins to shut down](Self::begin_shutdown): for tasks that wait
    /// for something other than a connection, whose methods notice it by themselves, and for those
    /// that want to send the peer a last message. It does not borrow the listener; each task takes
    /// one of its own.
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
    /// from which a load balancer sees that this server is leaving. Connections stay open, and
    /// their handlers may send a last message, until you call `shutdown`, whenever you choose.
    ///
    /// Connections that wait to be accepted stay open, too. HTTP connections that were taken over
    /// are notified, and responses that are being sent are sent to their end. The port stays bound,
    /// so that requests are answered. Calling it again does nothing.
    pub fn begin_shutdown(&self) {
        self.shared.negotiations.going_away();
        self.shared.http.going_away();
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters.snapshot()
    }

    /// Stops listening, closes every connection with 1001, and waits until all have ended, at most
    /// until `deadline` from now. The port is free when it returns.
    ///
    /// Each connection is closed by the task that uses it: its `recv` finishes the closing
    /// handshake and returns `None`, its `send` returns [`Error::Closed`](crate::Error::Closed). A
    /// task that is busy elsewhere learns of it by [`shutdown_begun`](Self::shutdown_begun), before
    /// the peer does if [`begin_shutdown`](Self::begin_shutdown) was called first. A connection
    /// that has not ended at the deadline returns [`Error::Aborted`](crate::Error::Aborted) at its
    /// next call. Connections that wait to be accepted are closed here. Handlers that have [taken
    /// over](crate::http::Answer::take_over) a connection are waited for, too, and dropped at the
    /// deadline; so are responses that are being sent.
    ///
    /// # Cancel safety
    /// Cancelled, it has told everything to close, but nobody waits for that; call it again to
    /// wait.
    #[doc(alias("SIGTERM", "graceful", "wait_closed"))]
    pub async fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        // Counted before they are notified: some end at once.
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

    /// Closes the connections that wait to be accepted, unless somebody does accept them.
    fn close_waiting(&self) {
        let accepted = self.accepted.clone();
        tokio::spawn(async move {
            let mut accepted = accepted.lock().await;
            accepted.close();
            // Among them those whose opening handshake succeeds at this moment.
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
