//! Runtimes and connections for the tests.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use websocket_listener::client::Client;
use websocket_listener::endpoint::Transport;
use websocket_listener::http::{Answer, Request};
use websocket_listener::{ListenerBuilder, Options, WebSocket, WebSocketListener};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::targets::Raw;

/// A connection in memory.
pub(crate) type Socket = WebSocket<DuplexStream>;

/// A peer of raw bytes in memory.
pub(crate) type MemoryPeer = Peer<Raw<DuplexStream>>;

/// A peer of raw bytes over TCP.
pub(crate) type TcpPeer = Peer<Raw<TcpStream>>;

/// Runs a test under a clock that moves on when every task waits: a second is exact and free.
pub(crate) fn in_virtual_time<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let limit = Duration::from_secs(24 * 3600);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends")
}

/// With sockets, and the clock on the wall.
pub(crate) fn in_real_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(60);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends in time");
}

/// A server and its client, with every default.
pub(crate) async fn pair() -> (Socket, Socket) {
    pair_with(Options::new(), 4096).await
}

/// A server with these options and its client, joined by a pipe of this many bytes.
pub(crate) async fn pair_with(options: Options, capacity: usize) -> (Socket, Socket) {
    let (near, far) = tokio::io::duplex(capacity);
    over(options, far, near).await
}

/// A server and its client over the two ends of whatever stream.
pub(crate) async fn over<S, C>(
    options: Options,
    server: S,
    client: C,
) -> (WebSocket<S>, WebSocket<C>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    C: AsyncRead + AsyncWrite + Unpin,
{
    let builder = WebSocketListener::builder().options(options);
    let connecting = Client::new().options(options);
    let (server, client) = tokio::join!(
        builder.acceptor().accept(server),
        connecting.connect_over(client, "ws://localhost/")
    );
    (server.expect("a good client"), client.expect("a good server"))
}

/// A server with these options and a peer of raw bytes.
pub(crate) async fn with_raw_peer(options: Options) -> (Socket, MemoryPeer) {
    let (near, far) = tokio::io::duplex(4096);
    with_raw_peer_over(options, far, near).await
}

/// A server and a peer of raw bytes over the two ends of whatever stream.
pub(crate) async fn with_raw_peer_over<S, C>(
    options: Options,
    server: S,
    peer: C,
) -> (WebSocket<S>, Peer<Raw<C>>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    C: AsyncRead + AsyncWrite + Unpin,
{
    let builder = WebSocketListener::builder().options(options);
    let mut peer = Peer::new(Raw(peer));
    let asking = async {
        peer.send(request().text()).await;
        peer.upgraded().await;
    };
    let (server, ()) = tokio::join!(builder.acceptor().accept(server), asking);
    (server.expect("a good peer"), peer)
}

/// A listener on a free port.
pub(crate) async fn listener() -> WebSocketListener {
    WebSocketListener::bind("127.0.0.1:0").await.expect("a free port")
}

/// A raw stream to the listener.
pub(crate) async fn connect(listener: &WebSocketListener) -> TcpPeer {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.expect("it listens");
    stream.set_nodelay(true).expect("an open socket");
    Peer::new(Raw(stream))
}

/// A client, and the connection that the listener returns for it.
pub(crate) async fn accept(
    listener: &WebSocketListener,
) -> (WebSocket<Transport>, WebSocket<TcpStream>) {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.expect("it listens");
    let connecting = Client::new();
    let (server, client) =
        tokio::join!(listener.accept(), connecting.connect_over(stream, "ws://localhost/"));
    (server.expect("not shut down"), client.expect("a good listener"))
}

/// A peer of a listener whose hook gives this answer.
pub(crate) fn asking(answer: impl Fn(Request) -> Answer + Send + Sync + 'static) -> MemoryPeer {
    peer_of(WebSocketListener::builder().on_request(move |request| {
        let answer = answer(request);
        async { answer }
    }))
}

/// A peer of a listener that is set up like this and echoes.
pub(crate) fn peer_of(builder: ListenerBuilder) -> MemoryPeer {
    let (near, far) = tokio::io::duplex(4096);
    tokio::spawn(async move {
        if let Ok(mut socket) = builder.acceptor().accept(far).await {
            while let Ok(Some(message)) = socket.recv().await {
                socket.feed(message).await.unwrap();
            }
        }
    });
    Peer::new(Raw(near))
}

/// Until the condition holds.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
