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

/// The pause when the system has no more file descriptors or memory.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// The running tasks, which a drop ends.
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

    /// Ends the tasks, and so frees ports and paths.
    pub(super) async fn stop(&mut self) {
        self.tasks.shutdown().await;
        #[cfg(unix)]
        self.files.clear();
    }
}

/// Accepts streams of an endpoint. Cancel-safe: an accepted stream is already negotiating.
async fn run(shared: Arc<Shared>, mut bound: Bound, accepted: mpsc::Sender<WebSocket>) {
    let mut exhausted = false;
    loop {
        match bound.accept(&shared.config.sockets).await {
            Ok((stream, peer)) => {
                exhausted = false;
                Negotiation::new(shared.clone(), accepted.clone(), stream, peer).spawn();
                // An evicted negotiation still has its socket, and sockets are limited as well.
                shared.places.settled().await;
            }
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                count(&shared.counters.accept_errors);
                // Logged once, not twenty times a second.
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
