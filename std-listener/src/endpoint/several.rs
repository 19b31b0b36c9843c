//! Conversions to endpoints.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Endpoint;
use super::error::BindError;

/// A value that converts to one or several [`Endpoint`]s, as
/// [`ToSocketAddrs`](std::net::ToSocketAddrs) converts to addresses: text, addresses, host and port,
/// bound sockets, and arrays and vectors of these.
pub trait IntoEndpoints {
    /// Converts the value.
    ///
    /// # Errors
    /// [`BindError::Endpoint`] for a text that does not name an endpoint.
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError>;
}

impl IntoEndpoints for &str {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        match self.parse() {
            Ok(endpoint) => Ok(vec![endpoint]),
            Err(reason) => Err(BindError::Endpoint { text: self.to_owned(), reason }),
        }
    }
}

impl IntoEndpoints for String {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        self.as_str().into_endpoints()
    }
}

impl IntoEndpoints for &String {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        self.as_str().into_endpoints()
    }
}

/// An IPv6 address needs no brackets here.
impl IntoEndpoints for (&str, u16) {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        let (host, port) = self;
        match host.parse::<IpAddr>() {
            Ok(address) => (address, port).into_endpoints(),
            Err(_) => format!("{host}:{port}").into_endpoints(),
        }
    }
}

impl IntoEndpoints for (String, u16) {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        (self.0.as_str(), self.1).into_endpoints()
    }
}

/// Implements the trait for types that always convert.
macro_rules! one {
    ($($(#[$meta:meta])* $type:ty: $address:ident => $endpoint:expr;)*) => {
        $($(#[$meta])* impl IntoEndpoints for $type {
            fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
                let $address = self;
                Ok(vec![Endpoint::from($endpoint)])
            }
        })*
    };
}

one! {
    Endpoint: endpoint => endpoint;
    SocketAddr: address => address;
    (IpAddr, u16): address => SocketAddr::from(address);
    (Ipv4Addr, u16): address => SocketAddr::from(address);
    (Ipv6Addr, u16): address => SocketAddr::from(address);
    std::net::TcpListener: listener => listener;
    tokio::net::TcpListener: listener => listener;
    #[cfg(unix)] std::os::unix::net::UnixListener: listener => listener;
    #[cfg(unix)] tokio::net::UnixListener: listener => listener;
}

impl<T: IntoEndpoints, const N: usize> IntoEndpoints for [T; N] {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        all(self)
    }
}

impl<T: IntoEndpoints> IntoEndpoints for Vec<T> {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        all(self)
    }
}

impl<T: IntoEndpoints + Clone> IntoEndpoints for &[T] {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, BindError> {
        all(self.iter().cloned())
    }
}

fn all<T: IntoEndpoints>(several: impl IntoIterator<Item = T>) -> Result<Vec<Endpoint>, BindError> {
    let mut endpoints = Vec::new();
    for one in several {
        endpoints.extend(one.into_endpoints()?);
    }
    Ok(endpoints)
}
