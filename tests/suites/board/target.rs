//! The board as a target of the shared list of behaviours.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use std::{env, io, net, thread};

use tokio::net::TcpStream;
use websocket_listener_tests::Raw;
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::target::{Limits, Target};

/// Says where the board is.
const VARIABLE: &str = "BOARD";

/// The number of connections that the board serves at once.
pub(crate) const SLOTS: usize = 8;

/// The application's options: most are the listener's defaults.
pub(crate) const LIMITS: Limits = Limits {
    head_bytes: 4096,
    headers: 64,
    message_bytes: 16 << 20,
    fragments: 1 << 17,
    handshake_timeout: Duration::from_secs(5),
    ping_interval: Duration::from_secs(20),
    pong_timeout: Duration::from_secs(10),
    close_timeout: Duration::from_secs(5),
    write_timeout: Duration::from_secs(10),
};

/// Time after which a test has failed, whatever the machine's load.
const PATIENCE: Duration = Duration::from_secs(240);

/// The time that a refusal may take through the emulator, which accepts for the board first.
const REFUSAL: Duration = Duration::from_millis(50);

/// Until a slot is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock on the slots: several tests share them, or one test has all of them.
static USE: RwLock<()> = RwLock::new(());

/// The emulator's network has room for one connection that it has not accepted yet.
static OPENING: Mutex<()> = Mutex::new(());

/// Runs a test that takes a few slots, beside others.
pub(crate) fn shared(test: impl AsyncFnOnce(&Board)) {
    let _guard = USE.read().unwrap_or_else(PoisonError::into_inner);
    run(test);
}

/// Runs a test that takes all slots.
pub(crate) fn alone(test: impl AsyncFnOnce(&Board)) {
    let _guard = USE.write().unwrap_or_else(PoisonError::into_inner);
    run(test);
}

fn run(test: impl AsyncFnOnce(&Board)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let board = Board::find();
        tokio::time::timeout(PATIENCE, test(&board)).await.expect("in time");
    });
}

/// A board that runs the application.
pub(crate) struct Board {
    address: SocketAddr,
    start: Instant,
}

impl Board {
    fn find() -> Self {
        let address = env::var(VARIABLE)
            .unwrap_or_else(|_| panic!("{VARIABLE}=ADDRESS:PORT must say where the board is"));
        let address = address.parse().unwrap_or_else(|_| panic!("{address} is no address"));
        Self { address, start: Instant::now() }
    }

    /// Opens a stream. It may be refused yet.
    fn try_connect(&self) -> net::TcpStream {
        let opened = || {
            let stream = net::TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok::<_, io::Error>(stream)
        };
        opened().expect("the emulator forwards the port")
    }

    fn raw(stream: net::TcpStream) -> Raw<TcpStream> {
        Raw(TcpStream::from_std(stream).expect("within a runtime"))
    }

    /// Opens a WebSocket at that path, unless the board refuses because all slots are taken.
    pub(crate) async fn try_open(&self, path: &str) -> Option<Peer<Raw<TcpStream>>> {
        let mut peer = Peer::new(Self::raw(self.try_connect()));
        peer.send(request().line(&format!("GET {path} HTTP/1.1")).text()).await;
        if !peer.more().await {
            return None;
        }
        peer.upgraded().await;
        Some(peer)
    }

    /// Opens a WebSocket at that path, as soon as there is a slot.
    pub(crate) async fn open(&self, path: &str) -> Peer<Raw<TcpStream>> {
        loop {
            if let Some(peer) = self.try_open(path).await {
                return peer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Target for Board {
    type Wire = Raw<TcpStream>;

    fn limits(&self) -> Limits {
        LIMITS
    }

    /// As soon as there is a slot.
    async fn connect(&self) -> Raw<TcpStream> {
        let _one_by_one = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let stream = self.try_connect();
            // Nothing is to be heard of a board that has not been asked anything.
            thread::sleep(REFUSAL);
            match stream.peek(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Self::raw(stream);
                }
                _ => thread::sleep(PAUSE),
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}
