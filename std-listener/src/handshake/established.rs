//! The outcome of a successful opening handshake, at either end and over either version of HTTP.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::Role;

use super::limits::Seat;
use super::membership::Membership;
use crate::connection::details::Details;
use crate::connection::{Connection, Setup};
use crate::extension::negotiation::Agreed;
use crate::options::Options;
use crate::registry::registration::Registration;
use crate::websocket::WebSocket;

/// Everything that makes a WebSocket of a stream.
pub(crate) struct Established {
    pub(crate) role: Role,
    pub(crate) options: Options,
    pub(crate) details: Details,
    pub(crate) extension: Option<Agreed>,
    /// Bytes that came after the opening handshake: the first of the frames.
    pub(crate) received: BytesMut,
    /// Its share of the listener's limits.
    pub(crate) seat: Option<Box<Seat>>,
}

impl Established {
    /// Says whether the peer can see that this end has shut down.
    #[cfg(windows)]
    pub(crate) fn half_close(mut self, is_seen: bool) -> Self {
        self.options.config = self.options.config.half_close(is_seen);
        self
    }

    pub(crate) fn into_websocket<S>(self, stream: S, membership: Membership) -> WebSocket<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self { role, options, details, extension, received, seat } = self;
        let Membership { registry, counters } = membership;
        WebSocket::new(Connection::new(Setup {
            stream,
            role,
            options,
            registration: Registration::new(registry),
            counters,
            received,
            extension,
            seat,
            details,
        }))
    }
}
