//! Two ends that do everything at once, in any order, with waits dropped at random: every message
//! arrives, once, whole and in its place.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use websocket_listener_core::io::{
    BufferedReader, BufferedWriter, ReadBuffer, ReadHalf, WebSocket, WebSocketReader,
    WebSocketWriter, WriteBuffer, WriteHalf,
};
use websocket_listener_core::{CloseCode, Config, MessageKind, PingMode};
use websocket_listener_tests::{
    OwnedMessage, Side, VirtualClock, dropping, duplex, join, owned, pattern, run, sockets,
};

use crate::deflate_io::compressing;
use crate::io_buffered::buffered;

/// Numbers that look random, the same for the same seed (xorshift).
struct Dice {
    state: RefCell<u64>,
    /// Whether waits to write are dropped. A dropped wait wakes no task: only a deadline makes sure
    /// that there is another.
    drops_writes: bool,
}

impl Dice {
    fn new(seed: u64, drops_writes: bool) -> Self {
        let state = RefCell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        Self { state, drops_writes }
    }

    /// The places at which waits to write are dropped.
    fn drops(&self) -> u64 {
        if self.drops_writes { self.bits() } else { 0 }
    }

    fn bits(&self) -> u64 {
        let mut state = self.state.borrow_mut();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    fn below(&self, end: usize) -> usize {
        (self.bits() >> 11) as usize % end
    }

    fn config(&self) -> Config {
        let interval = Duration::from_millis(self.below(2000) as u64 + 100);
        Config::new()
            .close_timeout(Duration::from_secs(600))
            .ping_mode(PingMode::LatencyControl)
            .ping_interval(interval)
            // The pauses between reads are long, and the rings tiny.
            .min_write_rate(0)
    }

    fn messages(&self) -> Vec<OwnedMessage> {
        (0..self.below(12))
            .map(|_| {
                let length = self.below(10) * self.below(10) * self.below(20);
                if self.below(2) == 0 {
                    (MessageKind::Binary, pattern(length))
                } else {
                    (MessageKind::Text, "z€".repeat(length / 4).into_bytes())
                }
            })
            .collect()
    }
}

async fn pause(dice: &Dice, clock: &VirtualClock) {
    if dice.below(4) == 0 {
        clock.sleep(Duration::from_millis(dice.below(3000) as u64)).await;
    }
}

async fn send<W: WriteHalf>(
    writer: &mut WebSocketWriter<'_, W, VirtualClock>,
    messages: &[OwnedMessage],
    dice: &Dice,
    clock: &VirtualClock,
) {
    for (kind, payload) in messages {
        pause(dice, clock).await;
        if dice.below(3) == 0 {
            let ping = pattern(dice.below(10));
            dropping(dice.drops(), async || writer.ping(&ping).await.unwrap()).await;
        }
        match dice.below(2) {
            0 if *kind == MessageKind::Text => {
                writer.send_text(str::from_utf8(payload).unwrap()).await.unwrap();
            }
            0 => writer.send_binary(payload).await.unwrap(),
            _ => {
                let mut message = writer.message_writer(*kind);
                let mut rest = &payload[..];
                while !rest.is_empty() {
                    let piece = &rest[..dice.below(rest.len()) + 1];
                    let written =
                        dropping(dice.drops(), async || message.write(piece).await.unwrap()).await;
                    rest = &rest[written..];
                    pause(dice, clock).await;
                }
                message.finish().await.unwrap();
            }
        }
    }
}

/// Receives so many messages; with `usize::MAX`, all until the connection is closed.
async fn receive<R: ReadHalf, W: WriteHalf>(
    reader: &mut WebSocketReader<'_, R, W, VirtualClock>,
    count: usize,
    dice: &Dice,
    clock: &VirtualClock,
) -> Vec<OwnedMessage> {
    let mut received = Vec::new();
    let mut buffer = vec![0; 2000];
    while received.len() < count {
        pause(dice, clock).await;
        if dice.below(2) == 0 {
            let next =
                dropping(dice.bits(), async || reader.recv(&mut buffer).await.unwrap().map(owned));
            let Some(message) = next.await else { break };
            received.push(message);
        } else {
            let Some(mut message) = reader.next_message().await.unwrap() else { break };
            let mut payload = Vec::new();
            loop {
                let portion = dice.below(200) + 1;
                let count = dropping(dice.bits(), async || {
                    message.read(&mut buffer[..portion]).await.unwrap()
                });
                let count = count.await;
                if count == 0 {
                    break;
                }
                payload.extend_from_slice(&buffer[..count]);
                pause(dice, clock).await;
            }
            received.push((message.kind(), payload));
        }
    }
    received
}

/// Sends and receives both ways, then closes; gives what was received.
async fn closing_end<R: ReadHalf, W: WriteHalf>(
    mut socket: WebSocket<R, W, VirtualClock>,
    sent: &[OwnedMessage],
    expected: usize,
    dice: &Dice,
    clock: &VirtualClock,
) -> Vec<OwnedMessage> {
    let (mut reader, mut writer) = socket.split();
    let sending = send(&mut writer, sent, dice, clock);
    let ((), received) = join(sending, receive(&mut reader, expected, dice, clock)).await;
    dropping(dice.bits(), async || socket.close(CloseCode::NORMAL, "").await.unwrap()).await;
    received
}

async fn closed_end<R: ReadHalf, W: WriteHalf>(
    mut socket: WebSocket<R, W, VirtualClock>,
    sent: &[OwnedMessage],
    dice: &Dice,
    clock: &VirtualClock,
) -> Vec<OwnedMessage> {
    let (mut reader, mut writer) = socket.split();
    let sending = send(&mut writer, sent, dice, clock);
    let ((), received) = join(sending, receive(&mut reader, usize::MAX, dice, clock)).await;
    received
}

#[test]
fn every_message_arrives_from_two_ends_that_do_everything_at_once() {
    for seed in 1..400 {
        println!("seed {seed}");
        let dice = Dice::new(seed, true);
        exchange(&dice, dice.config());
    }
}

/// Longer than anything takes, for connections that do nothing when time has passed but to end then.
const NEVER: Duration = Duration::from_secs(20 * 3600);

#[test]
fn progress_never_waits_for_a_deadline() {
    let config = Config::new().ping_mode(PingMode::Manual);
    let config = config.pong_timeout(NEVER).close_timeout(NEVER).write_timeout(NEVER);
    for seed in 1..400 {
        println!("seed {seed}");
        let dice = Dice::new(seed, false);
        assert!(exchange(&dice, config) < NEVER);
        assert!(exchange_through_buffers(&dice, config) < NEVER);
    }
}

/// Two ends send and receive at once; gives how long they took.
fn exchange(dice: &Dice, config: Config) -> Duration {
    let clock = VirtualClock::default();
    let capacity = [16, 40, 131, 300, 1000][dice.below(5)];
    let (mut server, mut client) = sockets(capacity, config, &clock);
    if capacity > 16 && dice.below(2) == 0 {
        let takes_over = dice.below(2) == 0;
        (server, client) = (compressing(server, takes_over), compressing(client, takes_over));
    }
    if dice.below(2) == 0 {
        every_message_arrives(server, client, dice, &clock);
    } else {
        every_message_arrives(client, server, dice, &clock);
    }
    clock.elapsed()
}

/// The same over streams that are read and written through buffers.
fn exchange_through_buffers(dice: &Dice, config: Config) -> Duration {
    let clock = VirtualClock::default();
    let (here, there) = duplex([1, 16, 131, 1000][dice.below(4)]);
    let mut buffers = [1, 131, 1, 131].map(|least| vec![0; dice.below(300) + least]);
    let [a, b, c, d] = &mut buffers;
    buffered!(server, Side::Server, here, (a, b), &clock, config);
    buffered!(client, Side::Client, there, (c, d), &clock, config);
    if dice.below(2) == 0 {
        every_message_arrives(server, client, dice, &clock);
    } else {
        every_message_arrives(client, server, dice, &clock);
    }
    clock.elapsed()
}

fn every_message_arrives(
    closing: WebSocket<impl ReadHalf, impl WriteHalf, VirtualClock>,
    closed: WebSocket<impl ReadHalf, impl WriteHalf, VirtualClock>,
    dice: &Dice,
    clock: &VirtualClock,
) {
    let (from_closing, from_closed) = (dice.messages(), dice.messages());
    let (to_closing, to_closed) = run(
        clock,
        join(
            closing_end(closing, &from_closing, from_closed.len(), dice, clock),
            closed_end(closed, &from_closed, dice, clock),
        ),
    );
    assert!(to_closing == from_closed);
    assert!(to_closed == from_closing);
}
