//! A second HTTP/2 implementation's view of the listener: the client of the crate `h2`.

use bytes::Bytes;
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use http::{Method, Request, Response, Version, request};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use websocket_listener::WebSocketListener;
use websocket_listener_tests::peer::Peer;

use crate::support::MemoryPeer;
use crate::targets::Raw;

/// A connection of HTTP/2 with prior knowledge.
pub(crate) struct Http2Client {
    pub(crate) requests: SendRequest<Bytes>,
    pub(crate) connection: JoinHandle<Result<(), h2::Error>>,
}

/// A WebSocket that the server has accepted.
pub(crate) struct Opened {
    pub(crate) response: Response<()>,
    pub(crate) sending: SendStream<Bytes>,
    pub(crate) receiving: RecvStream,
}

impl Http2Client {
    pub(crate) async fn connect(listener: &WebSocketListener) -> Self {
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.expect("it listens");
        stream.set_nodelay(true).unwrap();
        // As browsers do: one stream must not take the whole connection's window.
        let mut builder = h2::client::Builder::new();
        builder.initial_connection_window_size(1024 * 1024);
        let (requests, connection) = builder.handshake(stream).await.expect("it speaks HTTP/2");
        let connection = tokio::spawn(connection);
        let mut requests = requests.ready().await.expect("it lives");
        // The settings have come with the answer to any request.
        if !requests.is_extended_connect_protocol_enabled() {
            let (response, _) = requests.send_request(get("/settings"), true).unwrap();
            let _ = response.await;
            requests = requests.ready().await.expect("it lives");
        }
        Self { requests, connection }
    }

    /// The answer to a request, and its body.
    pub(crate) async fn ask(
        &mut self,
        request: Request<()>,
    ) -> Result<(Response<()>, String), h2::Error> {
        let (response, _) = self.requests.send_request(request, true)?;
        let (parts, mut body) = response.await?.into_parts();
        let mut text = Vec::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk?;
            body.flow_control().release_capacity(chunk.len())?;
            text.extend_from_slice(&chunk);
        }
        Ok((Response::from_parts(parts, ()), String::from_utf8(text).unwrap()))
    }

    /// Asks for a WebSocket.
    pub(crate) async fn open(&mut self, request: Request<()>) -> Opened {
        let (response, sending) = self.requests.send_request(request, false).expect("it lives");
        let (parts, receiving) = response.await.expect("an answer").into_parts();
        Opened { response: Response::from_parts(parts, ()), sending, receiving }
    }

    /// A WebSocket on a stream of its own.
    pub(crate) async fn peer(&mut self) -> MemoryPeer {
        let opened = self.open(websocket("/chat").body(()).unwrap()).await;
        assert_eq!(opened.response.status(), 200);
        opened.into_peer()
    }
}

impl Opened {
    pub(crate) fn into_peer(self) -> MemoryPeer {
        let (near, far) = tokio::io::duplex(16 * 1024);
        tokio::spawn(bridge(self.sending, self.receiving, far));
        Peer::new(Raw(near))
    }
}

/// Moves bytes both ways, and the ends with them.
async fn bridge(mut sending: SendStream<Bytes>, mut receiving: RecvStream, stream: DuplexStream) {
    let (mut from, mut to) = tokio::io::split(stream);
    let out = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).await.unwrap_or(0);
            if send(&mut sending, Bytes::copy_from_slice(&buffer[..read]), read == 0).await.is_err()
            {
                return;
            }
            if read == 0 {
                return;
            }
        }
    };
    let back = async {
        while let Some(Ok(chunk)) = receiving.data().await {
            let _ = receiving.flow_control().release_capacity(chunk.len());
            if to.write_all(&chunk).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(out, back);
}

/// Sends all of it, as fast as the other end allows.
pub(crate) async fn send(
    sending: &mut SendStream<Bytes>,
    mut bytes: Bytes,
    last: bool,
) -> Result<(), h2::Error> {
    while !bytes.is_empty() {
        sending.reserve_capacity(bytes.len());
        let capacity = std::future::poll_fn(|cx| sending.poll_capacity(cx)).await;
        let Some(capacity) = capacity.transpose()? else { break };
        sending.send_data(bytes.split_to(capacity.min(bytes.len())), false)?;
    }
    if last { sending.send_data(Bytes::new(), true) } else { Ok(()) }
}

/// An extended CONNECT (RFC 8441 section 5).
pub(crate) fn websocket(path: &str) -> request::Builder {
    Request::builder()
        .method(Method::CONNECT)
        .version(Version::HTTP_2)
        .extension(Protocol::from_static("websocket"))
        .uri(format!("http://server.example.com{path}"))
        .header("sec-websocket-version", "13")
}

pub(crate) fn get(path: &str) -> Request<()> {
    let uri = format!("http://server.example.com{path}");
    Request::builder().uri(uri).body(()).unwrap()
}
