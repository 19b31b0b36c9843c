//! Listeners that echo, for the shared list of behaviours.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::Instant;
use websocket_listener::{Error, ListenerBuilder, Options, WebSocket, WebSocketListener};
pub(crate) use websocket_listener_tests::Raw;
use websocket_listener_tests::target::{Limits, Target};

use crate::fitful::Fitful;

/// Real time after which a test has failed, whatever the machine's load.
const PATIENCE: Duration = Duration::from_secs(60);

/// The listener's defaults.
const DEFAULTS: Limits = Limits {
    head_bytes: 8 * 1024,
    headers: 64,
    message_bytes: 1 << 20,
    fragments: 16_384,
    handshake_timeout: Duration::from_secs(5),
    ping_interval: Duration::from_secs(20),
    pong_timeout: Duration::from_secs(20),
    close_timeout: Duration::from_secs(5),
    write_timeout: Duration::from_secs(20),
};

/// Deadlines that are worth waiting for, and yet longer than a loaded machine takes a nap.
const HASTY: Limits = Limits {
    handshake_timeout: Duration::from_secs(2),
    ping_interval: Duration::from_secs(1),
    pong_timeout: Duration::from_secs(2),
    write_timeout: Duration::from_secs(2),
    ..DEFAULTS
};

fn builder(limits: &Limits) -> ListenerBuilder {
    WebSocketListener::builder()
        .handshake_timeout(limits.handshake_timeout)
        .max_request_bytes(limits.head_bytes)
        .max_request_headers(limits.headers)
        .options(
            Options::new()
                .max_message_bytes(limits.message_bytes as u64)
                .max_fragments(limits.fragments as u32)
                .ping_interval(limits.ping_interval)
                .pong_timeout(limits.pong_timeout)
                .close_timeout(limits.close_timeout)
                .write_timeout(limits.write_timeout),
        )
}

/// Over TCP, with real time, with defaults; messages are echoed whole.
pub(crate) fn patient_tcp(behaviour: impl AsyncFnOnce(&Tcp)) {
    tcp(DEFAULTS, behaviour);
}

/// Over TCP, with real time, and deadlines to be waited for.
pub(crate) fn hasty_tcp(behaviour: impl AsyncFnOnce(&Tcp)) {
    tcp(HASTY, behaviour);
}

fn tcp(limits: Limits, behaviour: impl AsyncFnOnce(&Tcp)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = builder(&limits).bind("127.0.0.1:0").await.unwrap();
        let target = Tcp { limits, address: listener.local_addr().unwrap(), start: Instant::now() };
        tokio::spawn(async move {
            while let Some(socket) = listener.accept().await {
                tokio::spawn(echo(socket));
            }
        });
        tokio::time::timeout(PATIENCE, behaviour(&target)).await.expect("in time");
    });
}

/// In memory, under a clock that moves when every task waits, with defaults; messages are echoed as
/// streams, by both halves of the connection.
pub(crate) fn streaming(behaviour: impl AsyncFnOnce(&Memory<DuplexStream>)) {
    memory(DEFAULTS, |stream| stream, behaviour);
}

/// The same, over a stream that makes every call wait wherever that is possible.
pub(crate) fn fitful(behaviour: impl AsyncFnOnce(&Memory<Fitful<DuplexStream>>)) {
    let limits = Limits { message_bytes: 40_000, fragments: 500, ..DEFAULTS };
    memory(limits, |stream| Fitful::new(stream, 61), behaviour);
}

fn memory<S>(limits: Limits, wrap: fn(DuplexStream) -> S, behaviour: impl AsyncFnOnce(&Memory<S>)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let target = Memory { limits, wrap, start: Instant::now() };
        // Paused time moves on to this at once if nothing else can happen.
        tokio::time::timeout(PATIENCE * 60, behaviour(&target)).await.expect("in time");
    });
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocket<S>) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}

async fn echo_streaming<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocket<S>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (mut reader, mut writer) = socket.split();
    while let Some(mut incoming) = reader.next_message().await? {
        let mut outgoing = writer.message_writer(incoming.kind());
        tokio::io::copy(&mut incoming, &mut outgoing).await?;
        outgoing.finish().await?;
    }
    Ok(())
}

pub(crate) struct Tcp {
    limits: Limits,
    address: SocketAddr,
    start: Instant,
}

impl Target for Tcp {
    type Wire = Raw<TcpStream>;

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn connect(&self) -> Raw<TcpStream> {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.set_nodelay(true).expect("an open socket");
        Raw(stream)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

pub(crate) struct Memory<S> {
    limits: Limits,
    wrap: fn(DuplexStream) -> S,
    start: Instant,
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Target for Memory<S> {
    type Wire = Raw<DuplexStream>;

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn connect(&self) -> Raw<DuplexStream> {
        let (near, far) = tokio::io::duplex(3000);
        let (builder, far) = (builder(&self.limits), (self.wrap)(far));
        tokio::spawn(async move {
            if let Ok(socket) = builder.acceptor().accept(far).await {
                let _ = echo_streaming(socket).await;
            }
        });
        Raw(near)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}
