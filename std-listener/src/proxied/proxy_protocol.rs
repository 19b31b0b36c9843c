//! The PROXY protocol, from peers that are trusted.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::proxy_header::{self, Progress, SIGNATURE_1, SIGNATURE_2};
use super::{Client, TrustedPeers};
use crate::transport::Transport;

/// Who sends the header of the PROXY protocol, version 1 or 2, in front of everything else, TLS
/// included; see [`Builder::proxy_protocol`](crate::Builder::proxy_protocol).
///
/// From peers that are not trusted it is never read: they are served as they are, and a header of
/// theirs is malformed HTTP or TLS.
#[derive(Clone, Debug)]
pub struct ProxyProtocol {
    trusted: TrustedPeers,
    required: bool,
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoProxyHeader {
    Malformed,
    Disconnected,
}

impl ProxyProtocol {
    /// These peers have to send it. Those that do not are refused.
    #[must_use]
    pub fn required(trusted: TrustedPeers) -> Self {
        Self { trusted, required: true }
    }

    /// These peers may send it, over TCP. The protocol's authors advise against that, for a client
    /// behind a proxy that does not send it can: use it while proxies are being changed over.
    #[must_use]
    pub fn optional(trusted: TrustedPeers) -> Self {
        Self { trusted, required: false }
    }

    pub(crate) fn concerns(&self, peer: Option<SocketAddr>) -> bool {
        self.trusted.contains(peer)
    }

    /// Whether the header is to be read from this stream: if it is optional, whether it begins so.
    pub(crate) async fn is_expected_on(&self, stream: &Transport) -> bool {
        if self.required {
            return true;
        }
        let Transport::Tcp(stream) = stream else { return false };
        let mut start = [0; SIGNATURE_1.len()];
        let Ok(length @ 1..) = stream.peek(&mut start).await else { return false };
        let start = &start[..length];
        [SIGNATURE_1, SIGNATURE_2]
            .iter()
            .any(|signature| proxy_header::begins_with(start, signature))
    }
}

/// Reads a header, and not a byte of what follows.
pub(crate) async fn read_header<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<Client, NoProxyHeader> {
    let mut received = Vec::new();
    loop {
        match proxy_header::parse(&received).map_err(|_| NoProxyHeader::Malformed)? {
            Progress::Complete(client) => return Ok(client),
            Progress::Incomplete { at_least } => {
                let start = received.len();
                received.resize(start + at_least, 0);
                let reading = stream.read_exact(&mut received[start..]).await;
                reading.map_err(|_| NoProxyHeader::Disconnected)?;
            }
        }
    }
}
