//! The opening handshake of a connection that the listener accepted.

use std::pin::pin;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::layers;
use super::layers::Refused;
use super::places::{Eviction, Place};
use super::shared::Shared;
use crate::counters::count;
use crate::handshake::interruption::{Stage, unless_interrupted};
use crate::handshake::opening::{Opening, open, refuse};
use crate::handshake::refusal::Refusal;
use crate::http::connection::HttpConnection;
use crate::http::request::Request;
use crate::peer::Peer;
use crate::registry::clock;
use crate::registry::registration::Registration;
use crate::transport::Transport;
use crate::websocket::WebSocket;

pub(super) struct Negotiation {
    shared: Arc<Shared>,
    accepted: mpsc::Sender<WebSocket>,
    stream: Transport,
    peer: Peer,
    registration: Registration,
    /// Freed when the negotiation is over. The last field, because the stream has to be closed by
    /// then.
    place: Place,
}

impl Negotiation {
    pub(super) fn new(
        shared: Arc<Shared>,
        accepted: mpsc::Sender<WebSocket>,
        stream: Transport,
        peer: Peer,
    ) -> Self {
        let mut registration = Registration::new(shared.negotiations.clone());
        registration.wake_at(clock::now() + shared.config.handshake_timeout);
        let place = shared.places.enter(Eviction::of(&registration));
        Self { shared, accepted, stream, peer, registration, place }
    }

    /// Negotiates in a task and a span of its own.
    pub(super) fn spawn(mut self) {
        let span = self.peer.open_span();
        // In a box, whose memory the next negotiation reuses whole. The allocator would cut up that
        // of a large task.
        tokio::spawn(Box::pin(self.run().instrument(span)));
    }

    /// Negotiates, and lets an application that takes over do as long as it likes.
    ///
    /// Not an `async fn`, which would hold `self` twice.
    fn run(self) -> impl Future<Output = ()> + Send {
        let mut this = self;
        async move {
            if layers::are_there(&this.shared.config, &this.peer) {
                // In a box, because TLS is large and most streams have none.
                match Box::pin(this.pass_layers()).await {
                    Some(through) => this = through,
                    None => return,
                }
            }
            let opened = {
                let request_has_come = || this.place.request_has_come();
                let admit = || this.accepted.clone().try_reserve_owned().ok();
                let opening = pin!(open(
                    &this.shared.config,
                    &this.shared.limiter,
                    &mut this.stream,
                    this.peer.clone(),
                    request_has_come,
                    admit
                ));
                unless_interrupted(&mut this.registration, Stage::Request, opening)
                    .await
                    .unwrap_or_else(|interruption| Err(Refusal::Interrupted(interruption)))
            };
            match opened {
                Ok(Opening::Accepted { established, admission }) => {
                    // The peer of a named pipe cannot see that this end has shut down.
                    #[cfg(windows)]
                    let established =
                        established.half_close(!matches!(this.stream, Transport::Pipe(_)));
                    admission
                        .send(established.into_websocket(this.stream, this.shared.membership()));
                }
                Ok(Opening::TakenOver { request, after_head, handler }) => {
                    match this.shared.http.enter() {
                        Some(place) => {
                            let http =
                                this.hand_over(request, after_head, place.shutdown().clone());
                            place.run(handler(http)).await;
                        }
                        None => this.refuse(&Refusal::TooManyHttpConnections).await,
                    }
                }
                #[cfg(feature = "h2")]
                // In a box, because it is large, too.
                Ok(Opening::Http2 { received }) => Box::pin(this.serve_http2(received)).await,
                Err(refusal) => this.refuse(&refusal).await,
            }
        }
    }

    /// The same stream, over TLS for example; `None` if the peer was refused before it came to
    /// HTTP.
    async fn pass_layers(self) -> Option<Self> {
        let Self { shared, accepted, stream, mut peer, mut registration, place } = self;
        let passing = layers::pass(&shared.config, stream, &mut peer);
        let passed = unless_interrupted(&mut registration, Stage::Layers, pin!(passing))
            .await
            .unwrap_or_else(|interruption| Err(Refusal::Interrupted(interruption).into()));
        let Refused { refusal, stream } = match passed {
            Ok(stream) => {
                return Some(Self { shared, accepted, stream, peer, registration, place });
            }
            Err(refused) => *refused,
        };
        match stream {
            Some(stream) => {
                let mut this = Self { shared, accepted, stream, peer, registration, place };
                this.refuse(&refusal).await;
            }
            None => shared.note_refusal(&peer, &refusal),
        }
        None
    }

    #[cfg(feature = "h2")]
    async fn serve_http2(mut self, received: bytes::Bytes) {
        let Some((place, options)) = self.shared.http.enter().zip(self.shared.config.http2) else {
            return self.refuse(&Refusal::TooManyHttpConnections).await;
        };
        let local_addr = self.stream.local_addr().ok();
        let common = super::http2::serving::Common {
            shared: self.shared,
            accepted: self.accepted,
            peer: self.peer,
            local_addr,
        };
        drop((self.registration, self.place));
        let stream = crate::http::replay::Replay::new(received, self.stream);
        let shutdown = place.shutdown().clone();
        place.run(super::http2::serving::serve(common, options, stream, shutdown)).await;
    }

    async fn refuse(&mut self, refusal: &Refusal) {
        self.shared.note_refusal(&self.peer, refusal);
        self.place.request_is_refused();
        // In a box, because it is rare and large.
        Box::pin(refuse(&mut self.registration, &mut self.stream, refusal)).await;
    }

    fn hand_over(
        self,
        request: Request,
        after_head: BytesMut,
        shutdown: CancellationToken,
    ) -> HttpConnection {
        let peer_addr = request.peer_addr();
        tracing::debug!(?peer_addr, target = request.target(), "taken over");
        count(&self.shared.counters.taken_over);
        HttpConnection::new(request, self.stream, after_head.freeze(), shutdown)
    }
}
