//! Networks in CIDR notation (RFC 4632 section 3.1).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};

/// The peers that are trusted to name a client's address: networks like `10.0.0.0/8` or
/// `2001:db8::/32`, single addresses, and `unix:` for all peers without an address, such as those
/// on Unix sockets.
///
/// ```
/// use websocket_listener::proxy::TrustedPeers;
///
/// let trusted = TrustedPeers::new(["10.0.0.0/8", "::1", "unix:"])?;
/// assert!(trusted.contains(Some("10.1.2.3:4567".parse().unwrap())));
/// assert!(!trusted.contains(Some("192.0.2.1:4567".parse().unwrap())));
/// # Ok::<_, websocket_listener::proxy::InvalidNetworkError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustedPeers {
    networks: Vec<Network>,
    without_address: bool,
}

/// A text that does not name a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidNetworkError {
    text: String,
    reason: Reason,
}

/// The fault of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Address,
    Prefix,
    HostBits,
}

/// A network, or a single address. IPv4 as it is seen on an IPv6 socket (`::ffff:10.0.0.0/104`) is
/// IPv4, as the addresses are that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network(IpNet);

impl TrustedPeers {
    /// Creates the set of these networks.
    ///
    /// # Errors
    /// [`InvalidNetworkError`] for a text that is not a network, and for a network with bits set
    /// after its prefix, like `10.0.0.1/8`, which may mean one host or a whole network.
    pub fn new<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidNetworkError> {
        let mut trusted = Self::default();
        for text in networks {
            let text = text.as_ref();
            if text == "unix:" {
                trusted.without_address = true;
            } else {
                let network = Network::parse(text)
                    .map_err(|reason| InvalidNetworkError { text: text.to_owned(), reason })?;
                trusted.networks.push(network);
            }
        }
        Ok(trusted)
    }

    /// Returns true if the set contains the peer with this address, or without one. The IPv4 address
    /// of a peer on an IPv6 socket (`::ffff:10.0.0.1`) counts as IPv4.
    #[must_use]
    pub fn contains(&self, peer: Option<SocketAddr>) -> bool {
        match peer {
            Some(peer) => {
                let address = peer.ip().to_canonical();
                self.networks.iter().any(|network| network.contains(address))
            }
            None => self.without_address,
        }
    }
}

impl Network {
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| Reason::Address)?;
        let network = match prefix {
            None => IpNet::from(address),
            Some(digits) if digits.starts_with('+') => return Err(Reason::Prefix),
            Some(digits) => {
                let prefix = digits.parse().map_err(|_| Reason::Prefix)?;
                IpNet::new(address, prefix).map_err(|_| Reason::Prefix)?
            }
        };
        if network.network() != address {
            return Err(Reason::HostBits);
        }
        let canonical = match (address.to_canonical(), network.prefix_len().checked_sub(96)) {
            (IpAddr::V4(mapped), Some(prefix)) if address.is_ipv6() => {
                Ipv4Net::new(mapped, prefix).ok().map(IpNet::from)
            }
            _ => None,
        };
        Ok(Self(canonical.unwrap_or(network)))
    }

    pub(crate) fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl fmt::Display for InvalidNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Address => "invalid address",
            Reason::Prefix => "invalid prefix length",
            Reason::HostBits => "bits set after the prefix",
        };
        write!(f, "invalid network {:?}: {reason}", self.text)
    }
}

impl std::error::Error for InvalidNetworkError {}
