//! The listener as a target of the shared list of behaviours.

use std::time::Duration;

use embassy_time::{Instant, Timer};
use embedded_io_async::{Read, Write};
use websocket_listener_embassy::{Error, Message, Options, WebSocket, WebSocketListener};
use websocket_listener_tests::target::{Limits, Target};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, Raw, leak};

const LIMITS: Limits = Limits {
    head_bytes: 1024,
    headers: 64,
    message_bytes: LONGEST,
    fragments: 1000,
    handshake_timeout: Duration::from_secs(5),
    ping_interval: Duration::from_secs(20),
    pong_timeout: Duration::from_secs(10),
    close_timeout: Duration::from_secs(5),
    write_timeout: Duration::from_secs(10),
};

/// The most bytes of a message.
const LONGEST: usize = 20_000;

/// With rings of 1,024 bytes; messages are echoed as streams.
pub(crate) fn streaming(behaviour: impl AsyncFnOnce(&Board)) {
    board::<1024, 1024>(LIMITS, |socket| boxed(echo_streaming(socket)), behaviour);
}

/// With larger ones; messages are echoed whole.
pub(crate) fn whole(behaviour: impl AsyncFnOnce(&Board)) {
    let limits = Limits { head_bytes: 2048, ..LIMITS };
    board::<2048, 1500>(limits, |socket| boxed(echo(socket)), behaviour);
}

type Echo = std::pin::Pin<Box<dyn Future<Output = Result<(), Error>>>>;

fn boxed(echo: impl Future<Output = Result<(), Error>> + 'static) -> Echo {
    Box::pin(echo)
}

fn board<const RX: usize, const TX: usize>(
    limits: Limits,
    echo: fn(WebSocket) -> Echo,
    behaviour: impl AsyncFnOnce(&Board),
) {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<4, RX, TX>(options(&limits)));
        for _ in 0..4 {
            spawn(worker(listener, echo));
        }
        behaviour(&Board { net, limits }).await;
    });
}

fn options(limits: &Limits) -> Options {
    Options::new()
        .handshake_timeout(limits.handshake_timeout)
        .max_request_bytes(limits.head_bytes)
        .max_request_headers(limits.headers)
        .max_message_bytes(limits.message_bytes as u64)
        .max_fragments(limits.fragments as u32)
        .ping_interval(limits.ping_interval)
        .pong_timeout(limits.pong_timeout)
        .close_timeout(limits.close_timeout)
        .write_timeout(limits.write_timeout)
}

async fn worker(listener: &WebSocketListener, echo: fn(WebSocket) -> Echo) {
    while let Some(socket) = listener.accept().await {
        let _ = echo(socket).await;
    }
}

pub(crate) async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    let mut buffer = vec![0; LONGEST];
    while let Some(message) = socket.recv(&mut buffer).await? {
        match message {
            Message::Text(text) => socket.send_text(text).await?,
            Message::Binary(bytes) => socket.send_binary(bytes).await?,
        }
    }
    Ok(())
}

pub(crate) async fn echo_streaming(mut socket: WebSocket) -> Result<(), Error> {
    let (mut reader, mut writer) = socket.split();
    let mut buffer = [0; 300];
    while let Some(mut incoming) = reader.next_message().await? {
        let mut outgoing = writer.message_writer(incoming.kind());
        let mut filled = 0;
        loop {
            let count = Read::read(&mut incoming, &mut buffer[filled..]).await?;
            filled += count;
            if count == 0 || filled == buffer.len() {
                Write::write_all(&mut outgoing, &buffer[..filled]).await?;
                filled = 0;
            }
            if count == 0 {
                break;
            }
        }
        outgoing.finish().await?;
    }
    Ok(())
}

/// A board with an echo on it.
pub(crate) struct Board {
    net: Net,
    limits: Limits,
}

impl Target for Board {
    type Wire = Raw;

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn connect(&self) -> Raw {
        self.net.connect().await
    }

    async fn sleep(&self, duration: Duration) {
        Timer::after_micros(duration.as_micros() as u64).await;
    }

    fn now(&self) -> Duration {
        Duration::from_micros(Instant::now().as_micros())
    }
}
