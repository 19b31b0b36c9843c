//! Options of the sockets that a listener binds and accepts.

use std::io;
use std::time::Duration;

use socket2::{SockRef, Socket, TcpKeepalive};
use tokio::net::TcpStream;

/// Options of the sockets below a listener; see
/// [`ListenerBuilder::sockets`](crate::ListenerBuilder::sockets).
///
/// ```
/// use std::time::Duration;
///
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::endpoint::SocketOptions;
///
/// let sockets = SocketOptions::new().backlog(4096).keepalive(Duration::from_secs(60));
/// let builder = WebSocketListener::builder().sockets(sockets);
/// # let _ = builder;
/// ```
///
/// | option | default | applies to |
/// | --- | --- | --- |
/// | [`backlog`](Self::backlog) | 1,024 | sockets that this listener binds |
/// | [`nodelay`](Self::nodelay) | on | every TCP connection |
/// | [`keepalive`](Self::keepalive) | off: WebSocket pings detect dead peers, also behind proxies | every TCP connection |
/// | [`send_buffer`](Self::send_buffer), [`receive_buffer`](Self::receive_buffer) | the system's | sockets that this listener binds, and their connections |
/// | [`reuse_port`](Self::reuse_port) | off | TCP sockets that this listener binds |
/// | [`only_v6`](Self::only_v6) | the system's; on Linux `[::]` also accepts IPv4 | IPv6 sockets that this listener binds |
/// | [`unix_mode`](Self::unix_mode) | by the process's umask | Unix sockets that this listener binds |
///
/// Sockets that were bound elsewhere keep their options; only `nodelay` and `keepalive` are set on
/// their connections.
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
    /// Creates the defaults of the table above.
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

    /// Sets the limit of connections that wait in the system to be accepted. The system may lower it
    /// (on Linux to `net.core.somaxconn`).
    #[must_use]
    pub const fn backlog(self, connections: u32) -> Self {
        let most = i32::MAX as u32;
        let backlog = if connections > most { most } else { connections };
        Self { backlog: backlog as i32, ..self }
    }

    /// Sets whether small packets leave at once (`TCP_NODELAY`). Messages are written whole, so
    /// waiting for more bytes only delays them.
    #[must_use]
    pub const fn nodelay(self, nodelay: bool) -> Self {
        Self { nodelay, ..self }
    }

    /// Sets the silence after which the system probes the peer (`SO_KEEPALIVE`).
    #[must_use]
    pub const fn keepalive(self, idle: Duration) -> Self {
        Self { keepalive: Some(idle), ..self }
    }

    /// Sets the size of the system's send buffer in bytes (`SO_SNDBUF`).
    #[must_use]
    pub const fn send_buffer(self, bytes: usize) -> Self {
        Self { send_buffer: Some(bytes), ..self }
    }

    /// Sets the size of the system's receive buffer in bytes (`SO_RCVBUF`).
    #[must_use]
    pub const fn receive_buffer(self, bytes: usize) -> Self {
        Self { receive_buffer: Some(bytes), ..self }
    }

    /// Sets whether other sockets may listen on the same port, among which the system distributes
    /// the connections (`SO_REUSEPORT`). On Windows, binding fails with it.
    #[must_use]
    pub const fn reuse_port(self, reuse: bool) -> Self {
        Self { reuse_port: reuse, ..self }
    }

    /// Sets whether IPv6 sockets refuse IPv4 (`IPV6_V6ONLY`). A listener on both `0.0.0.0` and
    /// `[::]` of one port requires it.
    #[must_use]
    pub const fn only_v6(self, only: bool) -> Self {
        Self { only_v6: Some(only), ..self }
    }

    /// Sets the file mode of Unix sockets, which permits clients to connect: `0o660` permits the
    /// owner and the group. It is set before the socket listens.
    #[must_use]
    pub const fn unix_mode(self, mode: u32) -> Self {
        Self { unix_mode: Some(mode), ..self }
    }

    /// Sets the buffer sizes of a socket before it listens. Accepted sockets inherit them, and a
    /// window larger than 64 KiB has to be set before the connection exists.
    pub(super) fn set_buffers(&self, socket: &Socket) -> io::Result<()> {
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok(())
    }

    /// Sets the options of an accepted stream. They fail only if the connection has ended, which the
    /// next read reports.
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
