//! Listening on TCP.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::error::BindError;
use super::socket_options::SocketOptions;

/// The number of attempts to find a port that is unused on all addresses of a name.
const PORTS: u32 = 16;

#[cfg(unix)]
const NO_SUCH_FAMILY: i32 = libc::EAFNOSUPPORT;
/// `WSAEAFNOSUPPORT`.
#[cfg(not(unix))]
const NO_SUCH_FAMILY: i32 = 10_047;

/// Listens on all addresses of a name, on one port.
pub(super) async fn listen_on_name(
    host: &str,
    port: u16,
    options: &SocketOptions,
) -> Result<Vec<TcpListener>, BindError> {
    let lookup = |error| BindError::Lookup { host: host.to_owned(), error };
    let mut addresses = Vec::new();
    for address in tokio::net::lookup_host((host, port)).await.map_err(lookup)? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(lookup(io::ErrorKind::NotFound.into()));
    }
    for _ in 1..PORTS {
        match listen_on_all(&addresses, options) {
            // A port that is unused on one address may be in use on the next.
            Err(error) if port == 0 && error.kind() == io::ErrorKind::AddrInUse => {}
            done => return done,
        }
    }
    listen_on_all(&addresses, options)
}

/// Listens on all addresses that this host has, at least one: a name may have an IPv6 address on a
/// host without IPv6.
fn listen_on_all(
    addresses: &[SocketAddr],
    options: &SocketOptions,
) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::new();
    let mut absent = None;
    let mut chosen = None;
    for address in addresses {
        let mut address = *address;
        address.set_port(chosen.unwrap_or(address.port()));
        let listening = listen(address, options).and_then(|listener| {
            chosen = Some(listener.local_addr()?.port());
            Ok(listener)
        });
        match listening {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_absent(&error) => absent = Some(refused(address, error)),
            Err(error) => return Err(refused(address, error)),
        }
    }
    match absent {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

fn refused(address: SocketAddr, error: io::Error) -> BindError {
    BindError::Refused { endpoint: address.to_string(), error }
}

/// Returns true if the host does not have the address, or the family of addresses.
fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(NO_SUCH_FAMILY)
}

pub(super) fn listen(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // On Windows, the option would let another process take the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    if options.reuse_port {
        set_reuse_port(&socket)?;
    }
    if let (SocketAddr::V6(_), Some(only)) = (address, options.only_v6) {
        socket.set_only_v6(only)?;
    }
    options.set_buffers(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(options.backlog)?;
    TcpListener::from_std(socket.into())
}

#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))))]
fn set_reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
)))]
fn set_reuse_port(_socket: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
