//! The details of a connection, from both halves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::handshake;

use super::{WebSocketReader, WebSocketWriter};
use crate::http::request::Request;
use crate::websocket::close_reason::CloseReason;

macro_rules! details {
    ($half:ident) => {
        impl<S: AsyncRead + AsyncWrite + Unpin> $half<S> {
            /// As [`WebSocket::id`](crate::WebSocket::id).
            #[must_use]
            pub fn id(&self) -> u64 {
                self.shared.lock().id()
            }

            /// As [`WebSocket::span`](crate::WebSocket::span).
            #[must_use]
            pub fn span(&self) -> tracing::Span {
                self.shared.lock().span()
            }

            /// As [`WebSocket::latency`](crate::WebSocket::latency).
            #[must_use]
            pub fn latency(&self) -> Option<Duration> {
                self.shared.lock().protocol().latency()
            }

            /// As [`WebSocket::queued_bytes`](crate::WebSocket::queued_bytes).
            #[must_use]
            pub fn queued_bytes(&self) -> usize {
                self.shared.lock().queued_bytes()
            }

            /// As [`WebSocket::close_reason`](crate::WebSocket::close_reason).
            #[must_use]
            pub fn close_reason(&self) -> Option<CloseReason> {
                self.shared.lock().protocol().close_reason().map(Into::into)
            }

            /// As [`WebSocket::peer_addr`](crate::WebSocket::peer_addr).
            #[must_use]
            pub fn peer_addr(&self) -> Option<SocketAddr> {
                self.shared.lock().details.peer_addr()
            }

            /// As [`WebSocket::client_addr`](crate::WebSocket::client_addr).
            #[must_use]
            pub fn client_addr(&self) -> Option<SocketAddr> {
                self.shared.lock().details.client_addr()
            }

            /// As [`WebSocket::subprotocol`](crate::WebSocket::subprotocol).
            #[must_use]
            pub fn subprotocol(&self) -> Option<String> {
                self.shared.lock().details.subprotocol.as_deref().map(Into::into)
            }

            /// As [`WebSocket::request`](crate::WebSocket::request).
            #[must_use]
            pub fn request(&self) -> Option<Request> {
                self.shared.lock().details.request().cloned()
            }

            /// As [`WebSocket::response`](crate::WebSocket::response).
            #[must_use]
            pub fn response(&self) -> Option<handshake::Response<Arc<[u8]>>> {
                self.shared.lock().details.response().cloned()
            }
        }
    };
}

details!(WebSocketReader);
details!(WebSocketWriter);
