//! The client's end.

use std::fmt;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time;
use websocket_listener_core::Role;
use websocket_listener_core::handshake::{
    self, ClientRequest, ClientRequestError, HeadLimits, HeadScanner, VerifyError,
};

use crate::connection::{Connection, Details, OtherEnd, Setup};
use crate::listener::head::{NoHead, WithRest, read_head};
use crate::registry::Registry;
use crate::{Options, WebSocket};

/// Opens a WebSocket over a stream that is connected already, as a client.
///
/// ```no_run
/// use websocket_listener::Client;
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let stream = tokio::net::TcpStream::connect("127.0.0.1:8006").await?;
/// let mut socket = Client::new("127.0.0.1:8006", "/").subprotocols(["chat"]).connect(stream).await?;
/// socket.send_text("hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    host: String,
    target: String,
    subprotocols: Vec<String>,
    headers: Vec<(String, String)>,
    options: Options,
    timeout: std::time::Duration,
}

/// Why a client's opening handshake failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The request cannot be sent as it is.
    Request(ClientRequestError),
    /// The server refused, or answered against the rules. The response is kept.
    Refused {
        /// The rule that the response does not meet; for a refusal, its status.
        reason: VerifyError,
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
    },
    /// The answer is no HTTP response.
    Malformed,
    /// No answer came within the handshake's deadline.
    TimedOut,
    /// The stream ended or failed.
    Disconnected,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(f),
            Self::Refused { reason, .. } => reason.fmt(f),
            Self::Malformed => f.write_str("the server's answer is no HTTP response"),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::Disconnected => f.write_str("the connection ended during the opening handshake"),
        }
    }
}

impl std::error::Error for ConnectError {}

impl Client {
    /// A client that asks `host`, a name or address with its port unless that is the default, for
    /// `target`, a path and maybe a query.
    #[must_use]
    pub fn new(host: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            target: target.into(),
            subprotocols: Vec::new(),
            headers: Vec::new(),
            options: Options::new(),
            timeout: std::time::Duration::from_secs(5),
        }
    }

    /// The subprotocols to offer, the preferred first.
    #[must_use]
    pub fn subprotocols<T: Into<String>>(
        mut self,
        subprotocols: impl IntoIterator<Item = T>,
    ) -> Self {
        self.subprotocols = subprotocols.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a header to the request.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Limits and deadlines of the connection.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How long the opening handshake may take; 5 s by default.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: std::time::Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Does the opening handshake over `stream`.
    ///
    /// # Errors
    /// [`ConnectError`] says why there is no connection.
    ///
    /// # Cancel safety
    /// Cancelled, the stream is dropped and nothing remains.
    pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> Result<WebSocket<S>, ConnectError> {
        time::timeout(self.timeout, self.negotiate(stream))
            .await
            .unwrap_or(Err(ConnectError::TimedOut))
    }

    async fn negotiate<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
    ) -> Result<WebSocket<S>, ConnectError> {
        let subprotocols: Vec<_> = self.subprotocols.iter().map(String::as_str).collect();
        let headers = crate::http::borrow_headers(&self.headers);
        let request = ClientRequest::new(&self.host, &self.target, rand::random())
            .subprotocols(&subprotocols)
            .headers(&headers);
        let mut bytes = vec![0; 512];
        let length = match request.write(&mut bytes) {
            Err(ClientRequestError::BufferTooSmall { needed }) => {
                bytes.resize(needed, 0);
                request.write(&mut bytes)
            }
            written => written,
        };
        bytes.truncate(length.map_err(ConnectError::Request)?);
        let sent = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        sent.await.map_err(|_| ConnectError::Disconnected)?;

        let scanner = HeadScanner::new(HeadLimits::DEFAULT);
        let WithRest { head, rest } =
            read_head(&mut stream, scanner).await.map_err(|no_head| match no_head {
                NoHead::Refused(_) => ConnectError::Malformed,
                NoHead::Disconnected => ConnectError::Disconnected,
            })?;
        let response = handshake::Response::parse(head).map_err(|_| ConnectError::Malformed)?;
        let subprotocol = match request.verify(&response) {
            Ok(established) => established.subprotocol().map(Into::into),
            Err(reason) => return Err(ConnectError::Refused { reason, response }),
        };
        Ok(WebSocket::new(Connection::new(Setup {
            stream,
            role: Role::Client { masks: rand::random },
            options: self.options,
            registration: Registry::of_runtime().register(),
            counters: None,
            received: rest,
            details: Details { other_end: OtherEnd::Server(None), subprotocol },
        })))
    }
}
