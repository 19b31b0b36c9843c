//! Runtimes and servers for the tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::AbortHandle;
use websocket_listener::engine::handshake::Request;

/// Runs a test under a clock that moves on when every task waits: a second is exact and free.
pub(crate) fn in_virtual_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let limit = Duration::from_secs(24 * 3600);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends");
}

/// With sockets, and the clock on the wall.
pub(crate) fn in_real_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(60);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends in time");
}

/// A listener of the system's on a free port, and its address.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address that refuses connections as long as the socket lives: the socket reserves the address
/// and does not listen.
pub(crate) fn refusing_address() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Reads a head, to the byte.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// The answer that opens a WebSocket.
pub(crate) fn established(head: &str) -> String {
    let request = Request::parse(head.as_bytes()).unwrap();
    let accept = request.upgrade().expect("a good request").accept_value().to_owned();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Reads a request, answers, and holds the stream until the peer ends it.
pub(crate) async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    answer: impl FnOnce(&str) -> String,
) -> Option<String> {
    let head = read_head(stream).await?;
    stream.write_all(answer(&head).as_bytes()).await.ok()?;
    Some(head)
}

/// An HTTP server that answers one request on each connection, and remembers them all.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Server {
    /// One that answers what `answer` makes of a request's head.
    pub(crate) async fn answering(
        answers: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let (listener, address) = listen().await;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let remembered = requests.clone();
        let answers = Arc::new(answers);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answers, remembered) = (answers.clone(), remembered.clone());
                tokio::spawn(async move {
                    let remember = |head: &str| {
                        remembered.lock().unwrap().push(head.to_owned());
                        answers(head)
                    };
                    answer(&mut stream, remember).await;
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                });
            }
        });
        Self { address, requests, task: task.abort_handle() }
    }

    /// Its address.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("ws://{}{target}", self.address)
    }

    /// The heads of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The value of a header in a request's head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value);
    assert_eq!(values.next(), None, "{name} stands once");
    value
}
