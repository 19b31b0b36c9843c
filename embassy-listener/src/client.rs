//! The client.

use core::fmt;

use embassy_time::with_deadline;
use websocket_listener_core::Role;
use websocket_listener_core::handshake::{
    ClientRequest, ClientRequestError, Response, VerifyError,
};
use websocket_listener_core::permessage_deflate::AnswerError;

use crate::clock::{deadline, from_millis};
use crate::compression::{Compressed, Compressing};
use crate::head::{NoHead, read_response};
use crate::opened::Opened;
use crate::options::Options;
use crate::pool::Pool;
use crate::resources::Resources;
use crate::socket::{IpEndpoint, Socket, Stack};
use crate::websocket::WebSocket;

/// A client, which opens WebSocket connections with the slots of a [`Resources`].
///
/// ```no_run
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::{Client, Options, Resources, Stack};
///
/// static RESOURCES: StaticCell<Resources<1, 2048, 2048>> = StaticCell::new();
///
/// async fn report(stack: Stack, random: fn() -> [u8; 4]) {
///     let resources = RESOURCES.init(const { Resources::new() });
///     let client = Client::new(stack, resources, Options::new(), random);
///     let server = core::net::SocketAddrV4::new([192, 168, 1, 10].into(), 80);
///     if let Ok(mut socket) = client.connect(server, "192.168.1.10", "/log").await {
///         let _ = socket.send_text("booted").await;
///     }
/// }
/// ```
#[doc(alias("connect_async", "connector"))]
pub struct Client {
    pool: Pool,
    options: Options,
    compressing: Compressing,
    random: fn() -> [u8; 4],
}

/// The failure of a client's opening handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectError {
    /// The request is invalid, or larger than the transmit ring
    /// ([`ClientRequestError::BufferTooSmall`]).
    Request(ClientRequestError),
    /// All slots are in use.
    NoSlot,
    /// The address cannot be reached, or refuses connections at that port.
    Unreachable,
    /// The server refused the handshake, or its answer breaks a rule of RFC 6455 section 4.1.
    Refused(VerifyError),
    /// The server's answer about compression does not fit the offer.
    PermessageDeflate(AnswerError),
    /// The answer is not an HTTP response, or its head exceeds the limits or the receive ring.
    Malformed,
    /// The server did not answer within the [handshake
    /// timeout](Options::handshake_timeout).
    TimedOut,
    /// The stream ended or failed during the handshake.
    Disconnected,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(f),
            Self::NoSlot => f.write_str("all slots are in use"),
            Self::Unreachable => f.write_str("address unreachable or connection refused"),
            Self::Refused(error) => error.fmt(f),
            Self::PermessageDeflate(error) => error.fmt(f),
            Self::Malformed => f.write_str("invalid HTTP response"),
            Self::TimedOut => f.write_str("timed out opening the connection"),
            Self::Disconnected => f.write_str("disconnected during the opening handshake"),
        }
    }
}

impl core::error::Error for ConnectError {}

impl Client {
    /// Creates a client. `random` returns fresh bytes from a source that a server cannot predict,
    /// for the handshake's key (RFC 6455 section 4.1) and the mask of every frame
    /// (RFC 6455 section 5.3).
    ///
    /// # Panics
    /// If the stack's `StackResources` have no room for one more socket per slot.
    pub fn new<const SLOTS: usize, const RX: usize, const TX: usize>(
        stack: Stack,
        resources: &'static mut Resources<SLOTS, RX, TX>,
        options: Options,
        random: fn() -> [u8; 4],
    ) -> Self {
        Self {
            pool: resources.pool(stack, options.close_timeout),
            options,
            compressing: Compressing::NONE,
            random,
        }
    }

    /// Offers permessage-deflate (RFC 7692) while the memory has room for another connection, with
    /// windows no larger than those of the memory. A server that answers with larger windows is
    /// refused. See [`WebSocketListener::permessage_deflate`][listener].
    ///
    /// [listener]: crate::WebSocketListener::permessage_deflate
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

    /// Connects and performs the opening handshake, within the [handshake
    /// timeout](Options::handshake_timeout). `host` is the server's name or address, followed by
    /// `:` and the port unless that is 80. `target` is a path, with or without a query.
    ///
    /// # Errors
    /// [`ConnectError`].
    ///
    /// # Cancel safety
    /// A dropped future ends the connection that it was opening, and returns its slot.
    pub async fn connect(
        &self,
        endpoint: impl Into<IpEndpoint>,
        host: &str,
        target: &str,
    ) -> Result<WebSocket, ConnectError> {
        let endpoint = endpoint.into();
        let options = &self.options;
        let due = deadline(from_millis(options.handshake_timeout));
        let lease = self.pool.take().ok_or(ConnectError::NoSlot)?;
        let (opened, compressed) = with_deadline(due, async {
            lease.slot.make_ready().await;
            let socket = &lease.slot.socket;
            socket.connect(endpoint).await.map_err(|_| ConnectError::Unreachable)?;
            self.negotiate(socket, host, target).await
        })
        .await
        .map_err(|_| ConnectError::TimedOut)??;
        let role = Role::Client { masks: self.random };
        Ok(WebSocket::new(lease, opened, compressed, role, options))
    }

    async fn negotiate(
        &self,
        socket: &Socket,
        host: &str,
        target: &str,
    ) -> Result<(Opened, Compressed), ConnectError> {
        let mut offered = self.compressing.offer(Role::Client { masks: self.random });
        let offer = offered.value();
        let mut request =
            ClientRequest::new(host, target, self.nonce()).subprotocols(self.options.subprotocols);
        if let Some(offer) = &offer {
            request = request.extensions(offer.as_str());
        }
        socket
            .poke(|out| match request.write(out) {
                Ok(length) => (length, Ok(())),
                Err(error) => (0, Err(ConnectError::Request(error))),
            })
            .ok_or(ConnectError::Disconnected)??;
        let head = match read_response(socket, self.options.head_limits).await {
            Ok(head) => head,
            Err(NoHead::Refused(_)) => return Err(ConnectError::Malformed),
            Err(NoHead::Disconnected) => return Err(ConnectError::Disconnected),
        };
        let opened = socket.peek(|bytes| {
            let head = bytes.get(head.clone()).unwrap_or_default();
            let response = Response::parse(head).map_err(|_| ConnectError::Malformed)?;
            let established = request.verify(&response).map_err(ConnectError::Refused)?;
            let known = self.options.subprotocols.iter();
            let chosen = known.copied().find(|known| Some(*known) == established.subprotocol());
            let compressed = offered.verify(response.extensions());
            let compressed = compressed.map_err(ConnectError::PermessageDeflate)?;
            Ok((Opened::new(target, chosen), compressed))
        });
        let opened = opened.ok_or(ConnectError::Disconnected)??;
        socket.skip(head.end).ok_or(ConnectError::Disconnected)?;
        Ok(opened)
    }

    fn nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        for part in nonce.chunks_exact_mut(4) {
            part.copy_from_slice(&(self.random)());
        }
        nonce
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}
