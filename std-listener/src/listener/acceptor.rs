//! The task that accepts TCP connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::Shared;
use super::negotiation::Negotiation;
use crate::WebSocket;
use crate::peer::Peer;
use crate::transport::Transport;

/// How long to wait when the system has no more file descriptors or memory.
const EXHAUSTED: Duration = Duration::from_millis(50);

pub(super) async fn run(
    shared: Arc<Shared>,
    listener: TcpListener,
    accepted: mpsc::Sender<WebSocket>,
) {
    loop {
        let result = tokio::select! {
            biased;
            () = shared.stop.notified() => return,
            result = listener.accept() => result,
        };
        match result {
            Ok((stream, peer_addr)) => {
                // Messages are written whole; waiting for more to send only delays them. It fails
                // only on a connection that is already gone, which reading will tell.
                let _ = stream.set_nodelay(true);
                let stream = Transport::Tcp(stream);
                let negotiation = Negotiation::new(
                    shared.clone(),
                    accepted.clone(),
                    stream,
                    Peer { addr: Some(peer_addr) },
                );
                // In a box, whose memory the next negotiation takes over as it is. The allocator would
                // cut that of a large task to pieces.
                tokio::spawn(Box::pin(negotiation.run()));
            }
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

fn concerns_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
