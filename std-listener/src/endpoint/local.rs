//! The endpoints of a bound listener.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// An endpoint of a bound listener. Its text has the form that
/// [`Endpoint`](crate::endpoint::Endpoint) parses: `ws://127.0.0.1:8006`, `wss://[::1]:443`,
/// `unix:/run/chat.socket`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalEndpoint {
    pub(super) place: LocalPlace,
    pub(super) tls: bool,
    pub(super) name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum LocalPlace {
    Tcp(SocketAddr),
    /// Without a path, the socket has no name for clients.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no Unix sockets"))]
    Unix(Option<PathBuf>),
    #[cfg(windows)]
    Pipe(String),
    Custom(String),
}

impl LocalEndpoint {
    /// Returns the TCP address, with the port that the system chose.
    #[must_use]
    pub fn addr(&self) -> Option<SocketAddr> {
        match self.place {
            LocalPlace::Tcp(addr) => Some(addr),
            _ => None,
        }
    }

    /// Returns the path of a Unix socket.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            LocalPlace::Unix(path) => path.as_deref(),
            _ => None,
        }
    }

    /// Returns true if the endpoint uses TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Returns systemd's name for an [inherited](crate::endpoint::Endpoint::inherited) socket.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl fmt::Display for LocalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "wss" } else { "ws" };
        match &self.place {
            LocalPlace::Tcp(addr) => write!(f, "{scheme}://{addr}"),
            LocalPlace::Unix(Some(path)) => write!(f, "unix:{}", path.display()),
            LocalPlace::Unix(None) => f.write_str("unix:"),
            #[cfg(windows)]
            LocalPlace::Pipe(name) => write!(f, "pipe:{name}"),
            LocalPlace::Custom(text) => f.write_str(text),
        }
    }
}
