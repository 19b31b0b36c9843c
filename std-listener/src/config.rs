//! The settings of a listener, as its running code reads them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use websocket_listener_core::handshake::HeadLimits;

use crate::endpoint::socket_options::SocketOptions;
use crate::extension::connection::ConnectionExtension;
use crate::extension::message::MessageExtension;
use crate::handshake::limits::Limits;
use crate::http::hook::Hook;
use crate::http::origin::AllowedOrigins;
use crate::http::standards::Standards;
use crate::http::subprotocols::Subprotocols;
#[cfg(feature = "h2")]
use crate::listener::http2::options::Http2Options;
use crate::options::Options;
use crate::proxy::forwarded::Forwarded;
use crate::proxy::proxy_protocol::ProxyProtocol;
#[cfg(feature = "tls")]
use crate::tls::ServerTls;

/// The settings, each of which [`ListenerBuilder`](crate::ListenerBuilder) documents.
#[derive(Clone)]
pub(crate) struct ListenerConfig {
    pub(crate) options: Options,
    pub(crate) sockets: SocketOptions,
    pub(crate) handshake_timeout: Duration,
    pub(crate) head_limits: HeadLimits,
    pub(crate) max_negotiations: usize,
    pub(crate) accept_queue: usize,
    pub(crate) limits: Limits,
    pub(crate) max_http_connections: usize,
    pub(crate) trims_memory: bool,
    pub(crate) subprotocols: Subprotocols,
    pub(crate) allowed_origins: Option<AllowedOrigins>,
    pub(crate) on_request: Option<Hook>,
    pub(crate) standards: Standards,
    pub(crate) proxy_protocol: Option<ProxyProtocol>,
    pub(crate) forwarded: Option<Forwarded>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<ServerTls>,
    pub(crate) message_extensions: Vec<Arc<dyn MessageExtension>>,
    pub(crate) connection_extensions: Vec<Arc<dyn ConnectionExtension>>,
    #[cfg(feature = "h2")]
    pub(crate) http2: Option<Http2Options>,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            options: Options::new(),
            sockets: SocketOptions::new(),
            handshake_timeout: Duration::from_secs(5),
            head_limits: HeadLimits::DEFAULT,
            max_negotiations: 1024,
            accept_queue: 1024,
            limits: Limits::NONE,
            max_http_connections: 1024,
            trims_memory: true,
            subprotocols: Subprotocols::default(),
            allowed_origins: None,
            on_request: None,
            standards: Standards::default(),
            proxy_protocol: None,
            forwarded: None,
            #[cfg(feature = "tls")]
            tls: None,
            message_extensions: Vec::new(),
            connection_extensions: Vec::new(),
            #[cfg(feature = "h2")]
            http2: None,
        }
    }
}

impl fmt::Debug for ListenerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerConfig")
            .field("options", &self.options)
            .field("sockets", &self.sockets)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("head_limits", &self.head_limits)
            .field("max_negotiations", &self.max_negotiations)
            .field("accept_queue", &self.accept_queue)
            .field("max_http_connections", &self.max_http_connections)
            .field("trims_memory", &self.trims_memory)
            .field("subprotocols", &self.subprotocols.supported)
            .field("allowed_origins", &self.allowed_origins)
            .field("message_extensions", &self.message_extensions)
            .finish_non_exhaustive()
    }
}
