//! The PROXY protocol of trusted peers.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::network::TrustedPeers;
use super::proxy_header::{Progress, SIGNATURE_1};
use super::{Client, proxy_header};
use crate::transport::Transport;

/// The peers that send the header of the PROXY protocol, version 1 or 2, before all other bytes, TLS
/// included; see [`ListenerBuilder::proxy_protocol`](crate::ListenerBuilder::proxy_protocol).
///
/// Other peers are served as usual; a header from them is malformed HTTP or TLS.
#[derive(Clone, Debug)]
pub struct ProxyProtocol {
    trusted: TrustedPeers,
    required: bool,
}

/// The absence of a header.
#[derive(Debug)]
pub(crate) enum NoProxyHeader {
    /// The stream begins with other bytes, these.
    Absent(Vec<u8>),
    Malformed,
    Disconnected,
}

impl ProxyProtocol {
    /// Requires the header of these peers; the listener refuses those that do not send it.
    #[must_use]
    pub fn required(trusted: TrustedPeers) -> Self {
        Self { trusted, required: true }
    }

    /// Permits these peers to send the header, over TCP. A client behind a proxy that does not send
    /// it can forge it, so the protocol's authors advise against this setting, except while proxies
    /// are being reconfigured.
    #[must_use]
    pub fn optional(trusted: TrustedPeers) -> Self {
        Self { trusted, required: false }
    }

    pub(crate) fn is_required(&self) -> bool {
        self.required
    }

    pub(crate) fn concerns(&self, peer: Option<SocketAddr>) -> bool {
        self.trusted.contains(peer)
    }

    /// Returns true if a header has to be read from this stream: it is required, or the stream seems
    /// to begin with it.
    pub(crate) async fn is_expected_on(&self, stream: &Transport) -> bool {
        if self.required {
            return true;
        }
        let Transport::Tcp(stream) = stream else { return false };
        let mut start = [0; SIGNATURE_1.len()];
        let Ok(length @ 1..) = stream.peek(&mut start).await else { return false };
        proxy_header::may_begin(&start[..length])
    }
}

/// Reads a header, and no byte after it.
pub(crate) async fn read_header<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<Client, NoProxyHeader> {
    let mut received = Vec::new();
    loop {
        match proxy_header::parse(&received) {
            Err(_) if !proxy_header::may_begin(&received) => {
                return Err(NoProxyHeader::Absent(received));
            }
            Err(_) => return Err(NoProxyHeader::Malformed),
            Ok(Progress::Complete(client)) => return Ok(client),
            Ok(Progress::Incomplete { at_least }) => {
                let start = received.len();
                received.resize(start + at_least, 0);
                let reading = stream.read_exact(&mut received[start..]).await;
                reading.map_err(|_| NoProxyHeader::Disconnected)?;
            }
        }
    }
}
