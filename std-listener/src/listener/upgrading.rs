//! Streams that another HTTP server has upgraded, and that the listener treats as its own.

use ::http::Request as HttpRequest;

use super::WebSocketListener;
use crate::counters::count;
use crate::endpoint::stream_listener::PeerName;
use crate::handshake::interruption::Interruption;
use crate::handshake::refusal::Refusal;
use crate::handshake::upgrade::{HttpUpgrade, upgrade};
use crate::http::response::Response;

impl WebSocketListener {
    /// Checks a request that another HTTP server has read, as
    /// [`WebSocketAcceptor::upgrade`](crate::WebSocketAcceptor::upgrade) does, but on behalf of
    /// this listener: its limits apply, by the address in `peer` or the one that [trusted
    /// proxies](crate::ListenerBuilder::forwarded) report, and refusals are counted. The WebSocket
    /// that [`WebSocket::from_upgraded`](crate::WebSocket::from_upgraded) makes of it is one of the
    /// listener's: counted, and closed by [`shutdown`](Self::shutdown). [`accept`](Self::accept)
    /// does not return it.
    ///
    /// # Errors
    /// The refusal to send: as there; 429 or 503 with `Retry-After` if there are too many; 503 once
    /// the listener shuts down.
    pub fn upgrade<B>(
        &self,
        request: &HttpRequest<B>,
        peer: PeerName,
    ) -> Result<HttpUpgrade, Response> {
        let shared = &self.shared;
        let upgraded = if shared.http.shutdown().is_cancelled() {
            Err(Refusal::Interrupted(Interruption::ShuttingDown))
        } else {
            let membership = Some(shared.membership());
            upgrade(&shared.config, request, peer.into(), &shared.limiter, membership)
        };
        upgraded.map_err(|refusal| {
            tracing::debug!(reason = %refusal, "refused");
            count(refusal.counter(&shared.counters));
            refusal.into_response()
        })
    }
}
