//! The listener: accepts connections and shuts down.

use core::cell::Cell;
use core::fmt;
use core::pin::pin;
use core::time::Duration;

use embassy_time::with_deadline;
use websocket_listener_core::Role;

use crate::clock::{deadline, from_millis, millis};
use crate::compression::{Compressed, Compressing};
use crate::counters::{Counters, Outcome};
use crate::negotiation::{negotiate, request_head};
use crate::on_request::{AcceptAll, OnRequest};
use crate::opened::Opened;
use crate::options::Options;
use crate::pool::{Lease, Pool};
use crate::refusal::{SHUTTING_DOWN, refuse};
use crate::resources::Resources;
use crate::socket::Stack;
use crate::websocket::WebSocket;

/// A listener for WebSocket connections on a port, with the slots of a [`Resources`].
///
/// Tasks call [`accept`](Self::accept), and the task that accepted a connection serves it, so a
/// program runs as many tasks as there are slots. While no task waits or no slot is available, TCP
/// refuses further peers at once.
///
/// ```
/// use embassy_executor::{Spawner, task};
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::{Error, Message, Options, Resources, Stack, WebSocket, WebSocketListener};
///
/// static RESOURCES: StaticCell<Resources<2, 2048, 2048>> = StaticCell::new();
/// static LISTENER: StaticCell<WebSocketListener> = StaticCell::new();
///
/// fn start(stack: Stack, spawner: Spawner) {
///     let resources = RESOURCES.init(const { Resources::new() });
///     let listener = WebSocketListener::new(stack, 80, resources, Options::new());
///     let listener: &'static _ = LISTENER.init(listener);
///     for _ in 0..2 {
///         spawner.spawn(worker(listener).unwrap());
///     }
/// }
///
/// #[task(pool_size = 2)]
/// async fn worker(listener: &'static WebSocketListener) {
///     loop {
///         let Some(socket) = listener.accept().await else { return };
///         let _ = echo(socket).await;
///     }
/// }
///
/// async fn echo(mut socket: WebSocket) -> Result<(), Error> {
///     let mut buffer = [0; 512];
///     while let Some(message) = socket.recv(&mut buffer).await? {
///         match message {
///             Message::Text(text) => socket.send_text(text).await?,
///             Message::Binary(bytes) => socket.send_binary(bytes).await?,
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// All of these tasks run on the executor of the stack.
#[doc(alias("server", "accept_async", "bind"))]
pub struct WebSocketListener<H = AcceptAll> {
    pool: Pool,
    port: u16,
    options: Options,
    compressing: Compressing,
    hook: H,
    counters: Cell<Counters>,
}

/// The connections that a [shutdown](WebSocketListener::shutdown) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Shutdown {
    /// Connections that ended before the deadline.
    pub closed: usize,
    /// Connections that were aborted at the deadline.
    pub aborted: usize,
}

impl WebSocketListener {
    /// Creates a listener on `port` of every address of the stack.
    ///
    /// # Panics
    /// If the stack's `StackResources` have no room for one more socket per slot, or the port is 0.
    pub fn new<const SLOTS: usize, const RX: usize, const TX: usize>(
        stack: Stack,
        port: u16,
        resources: &'static mut Resources<SLOTS, RX, TX>,
        options: Options,
    ) -> Self {
        assert!(port != 0, "invalid port 0");
        Self {
            pool: resources.pool(stack, options.close_timeout),
            port,
            options,
            compressing: Compressing::NONE,
            hook: AcceptAll,
            counters: Cell::new(Counters::default()),
        }
    }
}

impl<H> WebSocketListener<H> {
    /// Sets the hook that answers requests: correct opening handshakes and plain HTTP. See the
    /// example of [`OnRequest`].
    #[doc(alias("middleware", "auth", "routes", "handler"))]
    #[must_use]
    pub fn on_request<N: OnRequest>(self, hook: N) -> WebSocketListener<N> {
        let Self { pool, port, options, compressing, counters, .. } = self;
        WebSocketListener { pool, port, options, compressing, hook, counters }
    }

    /// Compresses messages with clients that offer permessage-deflate (RFC 7692), with as many at a
    /// time as the memory has room for. Windows are never larger than those of the memory. A client
    /// that does not offer `client_max_window_bits` uses a window of 32 KiB; if the memory has
    /// smaller windows for receiving, the listener declines the offer. See the example of
    /// [`Compression`](crate::Compression).
    ///
    /// Compression saves bytes where messages are text or resemble each other, and costs
    /// instructions for every byte. Do not compress secrets together with text that an attacker may
    /// choose, not even in separate messages: the length reveals them (CRIME, BREACH).
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn permessage_deflate<
        const CONNECTIONS: usize,
        const INFLATE: usize,
        const DEFLATE: usize,
    >(
        self,
        compression: &'static mut crate::Compression<CONNECTIONS, INFLATE, DEFLATE>,
        settings: crate::permessage_deflate::Settings,
    ) -> Self {
        Self { compressing: Compressing::new(compression, settings), ..self }
    }

    /// Returns the counters.
    ///
    /// ```
    /// use websocket_listener_embassy::WebSocketListener;
    ///
    /// /// Opening handshakes that opened no connection.
    /// fn failed(listener: &WebSocketListener) -> u32 {
    ///     let counters = listener.counters();
    ///     let answered = counters.refused.wrapping_add(counters.timed_out);
    ///     answered.wrapping_add(counters.disconnected)
    /// }
    /// ```
    #[doc(alias("metrics", "statistics"))]
    pub fn counters(&self) -> Counters {
        self.counters.get()
    }

    /// Stops accepting, closes every connection with 1001, and waits for the connections to end.
    /// Aborts those that are left after `within`.
    ///
    /// The task of each connection closes it: its `recv` or `next_message` performs the closing
    /// handshake and returns `None`, and a read of a message sends the Close frame. A task that only
    /// sends does not notice the shutdown before the deadline. HTTP exchanges that the application
    /// answers or has taken over continue to their end.
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// use websocket_listener_embassy::WebSocketListener;
    ///
    /// /// Closes everything before an update restarts the board.
    /// async fn prepare_update(listener: &WebSocketListener) -> bool {
    ///     let ended = listener.shutdown(Duration::from_secs(5)).await;
    ///     ended.aborted == 0
    /// }
    /// ```
    ///
    /// # Cancel safety
    /// A dropped future has told every connection to close; call `shutdown` again to wait for them.
    pub async fn shutdown(&self, within: Duration) -> Shutdown {
        let due = deadline(from_millis(millis(within)));
        let open = self.pool.open();
        self.pool.go_away();
        let emptied = with_deadline(due, self.pool.emptied()).await;
        let aborted = if emptied.is_ok() { 0 } else { self.pool.open() };
        if emptied.is_err() {
            self.pool.abort();
        }
        Shutdown { closed: open.saturating_sub(aborted), aborted }
    }
}

impl<H: OnRequest> WebSocketListener<H> {
    /// Waits for a peer whose opening handshake succeeds, and returns the connection; `None` after
    /// [`shutdown`](Self::shutdown).
    ///
    /// Any number of tasks may wait here. Each has a slot of its own and performs the opening
    /// handshake with its own peer, so a peer that stalls or misbehaves delays no other. Refused
    /// peers and requests that the application answers itself are [counted](Self::counters) only.
    ///
    /// # Cancel safety
    /// A dropped future aborts the opening handshake that it was performing; no connection is lost.
    pub async fn accept(&self) -> Option<WebSocket> {
        loop {
            let lease = self.pool.lease().await?;
            if let Some((opened, compressed)) = self.open(&lease).await {
                let role = Role::Server;
                return Some(WebSocket::new(lease, opened, compressed, role, &self.options));
            }
        }
    }

    /// Waits for a peer in the slot, and performs its opening handshake.
    async fn open(&self, lease: &Lease) -> Option<(Opened, Compressed)> {
        let socket = &lease.slot.socket;
        let listen = socket.accept(self.port, from_millis(self.options.handshake_timeout));
        lease.slot.until_going_away(pin!(listen)).await?.ok()?;
        let head = request_head(socket, &self.options);
        let outcome = match lease.slot.until_going_away(pin!(head)).await {
            None => refuse(socket, &SHUTTING_DOWN),
            Some(Err(outcome)) => outcome,
            // A shutdown does not cut an answer of the application short.
            Some(Ok(head)) => {
                negotiate(socket, head, &self.options, &self.compressing, &self.hook).await
            }
        };
        let mut counters = self.counters.get();
        counters.count(&outcome);
        self.counters.set(counters);
        match outcome {
            Outcome::Opened(opened, compressed) => Some((opened, compressed)),
            _ => None,
        }
    }
}

impl<H> fmt::Debug for WebSocketListener<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketListener")
            .field("port", &self.port)
            .field("options", &self.options)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
