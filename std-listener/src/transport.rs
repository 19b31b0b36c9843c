//! The streams that a listener accepts.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(windows)]
use tokio::net::windows::named_pipe::NamedPipeServer;
#[cfg(feature = "tls")]
use tokio_rustls::TlsStream;

/// The stream of a [`WebSocket`](crate::WebSocket) that a listener has accepted, or of an HTTP
/// exchange that the application has taken over.
#[derive(Debug)]
#[non_exhaustive]
pub enum Transport {
    /// Plain TCP.
    Tcp(TcpStream),
    /// TLS over another transport.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<Self>>),
    /// A stream of an HTTP/2 connection.
    #[cfg(feature = "h2")]
    Http2(Box<crate::listener::http2::stream::Http2Stream>),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
    /// A named pipe.
    #[cfg(windows)]
    Pipe(NamedPipeServer),
    /// A stream of a [user-defined transport](crate::endpoint::StreamListener), or of
    /// [`WebSocketListener::negotiate`](crate::WebSocketListener::negotiate).
    Other(AnyStream),
}

/// A stream of any type.
pub struct AnyStream {
    /// A mutex that is never locked, and makes every stream `Sync`.
    stream: Mutex<Box<dyn ReadWrite>>,
    vectored: bool,
}

trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for S {}

impl AnyStream {
    /// Wraps this stream.
    #[must_use]
    pub fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let vectored = stream.is_write_vectored();
        Self { stream: Mutex::new(Box::new(stream)), vectored }
    }

    fn stream(&mut self) -> &mut Box<dyn ReadWrite> {
        self.stream.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for AnyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyStream").finish_non_exhaustive()
    }
}

impl From<TcpStream> for Transport {
    fn from(stream: TcpStream) -> Self {
        Self::Tcp(stream)
    }
}

#[cfg(unix)]
impl From<UnixStream> for Transport {
    fn from(stream: UnixStream) -> Self {
        Self::Unix(stream)
    }
}

impl From<AnyStream> for Transport {
    fn from(stream: AnyStream) -> Self {
        Self::Other(stream)
    }
}

impl Transport {
    pub(crate) fn other(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::Other(AnyStream::new(stream))
    }

    /// Returns the local address of the stream.
    ///
    /// # Errors
    /// An error of the system, or `Unsupported` for a stream that is not TCP.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.local_addr(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0.local_addr(),
            #[cfg(feature = "h2")]
            Self::Http2(stream) => {
                stream.local_addr().ok_or_else(|| io::ErrorKind::Unsupported.into())
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Calls a method of the stream, of any variant.
macro_rules! delegate {
    ($transport:expr, $method:ident($($argument:expr),*)) => {
        match $transport {
            Transport::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(feature = "tls")]
            Transport::Tls(stream) => Pin::new(&mut **stream).$method($($argument),*),
            #[cfg(feature = "h2")]
            Transport::Http2(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(unix)]
            Transport::Unix(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(windows)]
            Transport::Pipe(pipe) => Pin::new(pipe).$method($($argument),*),
            Transport::Other(other) => Pin::new(other.stream()).$method($($argument),*),
        }
    };
}

impl AsyncRead for Transport {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_read(cx, buffer))
    }
}

impl AsyncWrite for Transport {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.get_mut(), poll_write(cx, bytes))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.get_mut(), poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.is_write_vectored(),
            #[cfg(feature = "h2")]
            Self::Http2(_) => false,
            #[cfg(unix)]
            Self::Unix(stream) => stream.is_write_vectored(),
            #[cfg(windows)]
            Self::Pipe(pipe) => pipe.is_write_vectored(),
            Self::Other(other) => other.vectored,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_shutdown(cx))
    }
}
