//! The tasks that accept streams, one for each endpoint.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::negotiation::Negotiation;
use super::shared::Shared;
use crate::counters::count;
use crate::endpoint::bind::Bound;
use crate::websocket::WebSocket;

/// How long to wait when the system has no more file descriptors or memory.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// The running tasks. Dropped, they end.
pub(super) struct Acceptors {
    tasks: JoinSet<()>,
    #[cfg(unix)]
    files: Vec<crate::endpoint::unix::SocketFile>,
}

impl Acceptors {
    pub(super) fn start(
        shared: &Arc<Shared>,
        bound: Vec<Bound>,
        accepted: &mpsc::Sender<WebSocket>,
    ) -> Self {
        let mut this = Self {
            tasks: JoinSet::new(),
            #[cfg(unix)]
            files: Vec::new(),
        };
        for bound in bound {
            tracing::debug!(endpoint = %bound.endpoint(), "listening");
            #[cfg(unix)]
            let bound = {
                let mut bound = bound;
                this.files.extend(bound.file.take());
                bound
            };
            this.tasks.spawn(run(shared.clone(), bound, accepted.clone()));
        }
        this
    }

    /// Frees ports and paths.
    pub(super) async fn stop(&mut self) {
        self.tasks.shutdown().await;
        #[cfg(unix)]
        self.files.clear();
    }
}

/// May be cancelled wherever it waits: what was accepted is negotiating already.
async fn run(shared: Arc<Shared>, mut bound: Bound, accepted: mpsc::Sender<WebSocket>) {
    let mut exhausted = false;
    loop {
        match bound.accept(&shared.config.sockets).await {
            Ok((stream, peer)) => {
                exhausted = false;
                Negotiation::new(shared.clone(), accepted.clone(), stream, peer).spawn();
                // Whoever had to make room still has a socket, and sockets are bounded, too.
                shared.places.settled().await;
            }
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                count(&shared.counters.accept_errors);
                // Once, not twenty times a second.
                if !exhausted {
                    tracing::warn!(endpoint = %bound.endpoint(), %error, "cannot accept");
                }
                exhausted = true;
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
