//! Endpoints turned into listening sockets.

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::error::BindError;
use super::local::{LocalEndpoint, LocalPlace};
use super::socket_options::SocketOptions;
use super::stream_listener::{Custom, StreamListener};
use super::{Endpoint, Place, tcp};
use crate::peer::Peer;
use crate::transport::Transport;

/// A listening socket.
pub(crate) struct Bound {
    source: Source,
    endpoint: Arc<LocalEndpoint>,
    /// The socket's file, which is removed with the socket.
    #[cfg(unix)]
    pub(crate) file: Option<super::unix::SocketFile>,
}

/// The source of a listener's streams.
pub(super) enum Source {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
    #[cfg(windows)]
    Pipe(super::pipe::Pipe, String),
    Custom(Custom),
}

/// Binds all endpoints, or none.
pub(crate) async fn bind(
    endpoints: Vec<Endpoint>,
    options: &SocketOptions,
) -> Result<Vec<Bound>, BindError> {
    let mut bound = Vec::new();
    for endpoint in endpoints {
        bound.extend(bind_one(endpoint, options).await?);
    }
    if bound.is_empty() { Err(BindError::NoEndpoint) } else { Ok(bound) }
}

async fn bind_one(endpoint: Endpoint, options: &SocketOptions) -> Result<Vec<Bound>, BindError> {
    let text = endpoint.to_string();
    let refused = |error| BindError::Refused { endpoint: text.clone(), error };
    let Endpoint { place, tls, name } = endpoint;
    #[cfg(unix)]
    let mut file = None;
    let sources = match place {
        Place::Address(address) => {
            vec![Source::Tcp(tcp::listen(address, options).map_err(refused)?)]
        }
        Place::Host(host, port) => {
            let listeners = tcp::listen_on_name(&host, port, options).await?;
            listeners.into_iter().map(Source::Tcp).collect()
        }
        #[cfg(unix)]
        Place::Unix(path) => {
            let (listener, made) = super::unix::listen(&path, options)?;
            file = Some(made);
            vec![Source::Unix(listener)]
        }
        #[cfg(windows)]
        Place::Pipe(name) => {
            vec![Source::Pipe(super::pipe::Pipe::listen(&name).map_err(refused)?, name)]
        }
        Place::Tcp(listener) => {
            listener.set_nonblocking(true).map_err(refused)?;
            vec![Source::Tcp(TcpListener::from_std(listener).map_err(refused)?)]
        }
        #[cfg(unix)]
        Place::UnixListener(listener) => {
            listener.set_nonblocking(true).map_err(refused)?;
            vec![Source::Unix(UnixListener::from_std(listener).map_err(refused)?)]
        }
        Place::Bound(source) => vec![source],
    };
    let mut bound = Vec::new();
    for source in sources {
        let place = source.place().map_err(refused)?;
        let endpoint = Arc::new(LocalEndpoint { place, tls, name: name.clone() });
        bound.push(Bound {
            source,
            endpoint,
            #[cfg(unix)]
            file: file.take(),
        });
    }
    Ok(bound)
}

impl Bound {
    /// Returns the endpoint.
    pub(crate) fn endpoint(&self) -> &Arc<LocalEndpoint> {
        &self.endpoint
    }

    /// Accepts the next stream. Cancel-safe.
    pub(crate) async fn accept(
        &mut self,
        options: &SocketOptions,
    ) -> io::Result<(Transport, Peer)> {
        let (stream, mut peer) = match &mut self.source {
            Source::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                options.set_on(&stream);
                (Transport::Tcp(stream), Peer::at(Some(address)))
            }
            #[cfg(unix)]
            Source::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                (Transport::Unix(stream), Peer::default())
            }
            #[cfg(windows)]
            Source::Pipe(pipe, _) => (Transport::Pipe(pipe.accept().await?), Peer::default()),
            Source::Custom(listener) => listener.accept().await?,
        };
        peer.endpoint = Some(self.endpoint.clone());
        Ok((stream, peer))
    }
}

impl Source {
    pub(super) fn custom(listener: impl StreamListener) -> Self {
        Self::Custom(Custom::new(listener))
    }

    fn place(&self) -> io::Result<LocalPlace> {
        Ok(match self {
            Self::Tcp(listener) => LocalPlace::Tcp(listener.local_addr()?),
            #[cfg(unix)]
            Self::Unix(listener) => {
                LocalPlace::Unix(listener.local_addr()?.as_pathname().map(Into::into))
            }
            #[cfg(windows)]
            Self::Pipe(_, name) => LocalPlace::Pipe(name.clone()),
            Self::Custom(listener) => LocalPlace::Custom(listener.local_endpoint()),
        })
    }
}
