//! Streams that other code has accepted, and that the listener treats as its own.

use std::sync::{MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::WebSocketListener;
use super::negotiation::Negotiation;
use crate::endpoint::stream_listener::PeerName;
use crate::transport::Transport;
use crate::websocket::WebSocket;

impl WebSocketListener {
    /// Opens a WebSocket over a stream that is already connected, as if this listener had accepted
    /// it at an endpoint without TLS: with the same limits, deadline, hook and counters.
    /// [`accept`](Self::accept) returns the connection, and [`shutdown`](Self::shutdown) closes it.
    /// A refusal is sent to the peer, and counted.
    ///
    /// Returns at once; the opening handshake runs beside the others. `peer` serves the limits per
    /// address, [`Request::peer_addr`](crate::http::Request::peer_addr) and
    /// [`peer_name`](crate::http::Request::peer_name). The options of the socket stay unchanged.
    /// For a listener that has only such streams, see
    /// [`ListenerBuilder::unbound`](crate::ListenerBuilder::unbound); for a source of streams,
    /// [`StreamListener`](crate::endpoint::StreamListener).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use websocket_listener::{Message, WebSocketListener};
    /// use websocket_listener::client::Client;
    /// use websocket_listener::endpoint::{AnyStream, PeerName};
    ///
    /// let listener = WebSocketListener::builder().max_connections(100).unbound();
    /// let (near, far) = tokio::io::duplex(4096);
    /// listener.negotiate(AnyStream::new(far), PeerName::described("a task of this program"));
    /// let client = Client::new();
    /// let (server, client) = tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
    /// let (mut server, mut client) = (server.unwrap(), client?);
    /// client.send_text("hello").await?;
    /// assert_eq!(server.recv().await?, Some(Message::text("hello")));
    /// assert_eq!(listener.counters().open, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// If called outside a Tokio runtime.
    pub fn negotiate(&self, stream: impl Into<Transport>, peer: PeerName) {
        // Once the listener shuts down it is refused whatever the channel.
        let accepted = self.sender().clone().unwrap_or_else(|| mpsc::channel(1).0);
        Negotiation::new(self.shared.clone(), accepted, stream.into(), peer.into()).spawn();
    }

    /// Stops taking streams, at a shutdown.
    pub(super) fn no_more_given(&self) {
        *self.sender() = None;
    }

    fn sender(&self) -> MutexGuard<'_, Option<mpsc::Sender<WebSocket>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
