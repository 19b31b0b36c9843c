//! Two network stacks: the board's, with the listener, and its peers'.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;

use embassy_net::tcp::TcpSocket;
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use embassy_time::{Duration, Timer, with_timeout};
use websocket_listener_embassy::{Options, Resources, WebSocketListener};
use websocket_listener_tests::target::{Moved, Wire};

use crate::executor::spawn;
use crate::link::{End, Link, Weather, link};

const BOARD: Ipv4Address = Ipv4Address::new(10, 0, 0, 1);
const PEER: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);
pub(crate) const PORT: u16 = 80;

/// The board and its peers.
pub(crate) struct Net {
    pub(crate) link: Link,
    pub(crate) board: Stack<'static>,
    pub(crate) peers: Stack<'static>,
}

pub(crate) fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

impl Net {
    pub(crate) fn new(weather: Weather) -> Self {
        Self::with_seed(weather, 1)
    }

    pub(crate) fn with_seed(weather: Weather, seed: u64) -> Self {
        let (link, near, far) = link(weather, seed);
        Self { link, board: stack::<8>(near, BOARD, seed), peers: stack::<64>(far, PEER, seed) }
    }

    pub(crate) fn listener<const SLOTS: usize, const RX: usize, const TX: usize>(
        &self,
        options: Options,
    ) -> WebSocketListener {
        let resources = leak(Resources::<SLOTS, RX, TX>::new());
        WebSocketListener::new(self.board, PORT, resources, options)
    }

    /// Opens TCP; `None` if that is refused.
    pub(crate) async fn try_connect(&self) -> Option<Raw> {
        let mut socket = TcpSocket::new(self.peers, leak([0; 4096]), leak([0; 4096]));
        socket.set_nagle_enabled(false);
        socket.connect((BOARD, PORT)).await.ok()?;
        Some(Raw(Some(socket)))
    }

    /// Opens TCP, as soon as a slot is free.
    pub(crate) async fn connect(&self) -> Raw {
        loop {
            if let Some(raw) = self.try_connect().await {
                return raw;
            }
            Timer::after_millis(10).await;
        }
    }

    pub(crate) fn endpoint() -> (Ipv4Address, u16) {
        (BOARD, PORT)
    }
}

fn stack<const SOCKETS: usize>(end: End, address: Ipv4Address, seed: u64) -> Stack<'static> {
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(address, 24),
        gateway: None,
        dns_servers: Default::default(),
    });
    let resources = leak(StackResources::<SOCKETS>::new());
    let (stack, runner) = embassy_net::new(end, config, resources, seed);
    let runner = leak(runner);
    spawn(async { runner.run().await });
    stack
}

/// A peer's TCP connection to the board. Dropped, it is closed without ceremony.
pub(crate) struct Raw(Option<TcpSocket<'static>>);

impl Raw {
    fn socket(&mut self) -> &mut TcpSocket<'static> {
        self.0.as_mut().expect("it was not dropped")
    }
}

impl Wire for Raw {
    async fn exchange(&mut self, output: &[u8], input: &mut [u8]) -> io::Result<Moved> {
        let socket = self.socket();
        poll_fn(|cx| {
            let mut moved = Moved::default();
            if !input.is_empty()
                && let Poll::Ready(read) = pin!(socket.read(input)).poll(cx)
            {
                moved.read = read.map_err(|_| io::ErrorKind::ConnectionReset)?;
                moved.ended = moved.read == 0;
            }
            if !output.is_empty()
                && let Poll::Ready(written) = pin!(socket.write(output)).poll(cx)
            {
                match written {
                    Ok(count) => moved.written = count,
                    Err(_) if moved == Moved::default() => {
                        return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
                    }
                    Err(_) => {}
                }
            }
            if moved == Moved::default() { Poll::Pending } else { Poll::Ready(Ok(moved)) }
        })
        .await
    }

    async fn finish(&mut self) {
        self.socket().close();
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let Some(mut socket) = self.0.take() else { return };
        spawn(async move {
            socket.close();
            let _ = with_timeout(Duration::from_secs(60), socket.flush()).await;
            socket.abort();
            let _ = with_timeout(Duration::from_secs(1), socket.flush()).await;
        });
    }
}
