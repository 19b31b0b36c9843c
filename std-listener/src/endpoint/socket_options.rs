//! Options of the sockets that a listener makes and accepts.

use std::io;
use std::time::Duration;

use socket2::{SockRef, Socket, TcpKeepalive};
use tokio::net::TcpStream;

/// Options of the sockets below a listener; see [`Builder::sockets`](crate::Builder::sockets).
///
/// | option | default | concerns |
/// | --- | --- | --- |
/// | [`backlog`](Self::backlog) | 1,024 | what this listener binds |
/// | [`nodelay`](Self::nodelay) | on | every TCP connection |
/// | [`keepalive`](Self::keepalive) | off: WebSocket pings find dead peers, also behind proxies | every TCP connection |
/// | [`send_buffer`](Self::send_buffer), [`receive_buffer`](Self::receive_buffer) | the system's | what this listener binds, and the connections from there |
/// | [`reuse_port`](Self::reuse_port) | off | TCP that this listener binds |
/// | [`only_v6`](Self::only_v6) | the system's; on Linux `[::]` hears IPv4 as well | IPv6 that this listener binds |
/// | [`unix_mode`](Self::unix_mode) | what the process's umask leaves | Unix sockets that this listener binds |
///
/// Sockets that were bound elsewhere are left as they are; only `nodelay` and `keepalive` are set
/// on their connections.
#[derive(Clone, Copy, Debug)]
pub struct SocketOptions {
    pub(super) backlog: i32,
    nodelay: bool,
    keepalive: Option<Duration>,
    send_buffer: Option<usize>,
    receive_buffer: Option<usize>,
    pub(super) reuse_port: bool,
    pub(super) only_v6: Option<bool>,
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no Unix sockets"))]
    pub(super) unix_mode: Option<u32>,
}

impl SocketOptions {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            backlog: 1024,
            nodelay: true,
            keepalive: None,
            send_buffer: None,
            receive_buffer: None,
            reuse_port: false,
            only_v6: None,
            unix_mode: None,
        }
    }

    /// How many connections that are not yet accepted the system may hold. It may hold fewer (on
    /// Linux, `net.core.somaxconn`).
    #[must_use]
    pub const fn backlog(self, connections: u32) -> Self {
        let most = i32::MAX as u32;
        let backlog = if connections > most { most } else { connections };
        Self { backlog: backlog as i32, ..self }
    }

    /// Whether small packets are sent at once (`TCP_NODELAY`). Messages are written whole, so
    /// waiting for more to send only delays them.
    #[must_use]
    pub const fn nodelay(self, nodelay: bool) -> Self {
        Self { nodelay, ..self }
    }

    /// After how long a silence the system probes whether the peer is still there (`SO_KEEPALIVE`).
    #[must_use]
    pub const fn keepalive(self, idle: Duration) -> Self {
        Self { keepalive: Some(idle), ..self }
    }

    /// How many bytes that the peer has not taken the system may hold (`SO_SNDBUF`).
    #[must_use]
    pub const fn send_buffer(self, bytes: usize) -> Self {
        Self { send_buffer: Some(bytes), ..self }
    }

    /// How many bytes that were not read yet the system may hold (`SO_RCVBUF`).
    #[must_use]
    pub const fn receive_buffer(self, bytes: usize) -> Self {
        Self { receive_buffer: Some(bytes), ..self }
    }

    /// Whether other sockets may listen on the same port, with the system sharing out the
    /// connections (`SO_REUSEPORT`). On Windows, binding fails if it is on.
    #[must_use]
    pub const fn reuse_port(self, reuse: bool) -> Self {
        Self { reuse_port: reuse, ..self }
    }

    /// Whether `[::]` leaves IPv4 to others (`IPV6_V6ONLY`): to listen on `0.0.0.0` and `[::]` of
    /// the same port, switch it on.
    #[must_use]
    pub const fn only_v6(self, only: bool) -> Self {
        Self { only_v6: Some(only), ..self }
    }

    /// Who may connect to a Unix socket, as a file mode: `0o660` for its owner and its group. Set
    /// before the socket listens.
    #[must_use]
    pub const fn unix_mode(self, mode: u32) -> Self {
        Self { unix_mode: Some(mode), ..self }
    }

    /// Sets up a socket that is to listen. Accepted ones inherit the sizes, and a window larger
    /// than 64 KiB must be set before the connection exists.
    pub(super) fn set_buffers(&self, socket: &Socket) -> io::Result<()> {
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok(())
    }

    /// Fails only on a connection that is already gone, as reading will show.
    pub(super) fn set_on(&self, stream: &TcpStream) {
        let _ = stream.set_nodelay(self.nodelay);
        if let Some(idle) = self.keepalive {
            let keepalive = TcpKeepalive::new().with_time(idle);
            let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
        }
    }
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self::new()
    }
}
