//! Peers that do anything, workers that do anything, in any weather: when it has passed, every slot
//! serves again, and compresses.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration as StdDuration;

use embassy_time::{Duration, Timer, with_timeout};
use futures_util::future::{join, join3};
use websocket_listener_embassy::permessage_deflate::Settings;
use websocket_listener_embassy::{
    Client, CloseCode, Compression, Message, MessageKind, Options, Resources, WebSocket,
    WebSocketListener,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, binary, close, ping, text};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, leak};
use crate::targets::echo;

/// All deadlines of the listener's defaults that a bad peer can use up one after the other.
const LONGEST: Duration = Duration::from_secs(20 + 10 + 10 + 5 + 5);

/// The duration of the chaos.
const CHAOS: u64 = 200;

const SLOTS: usize = 3;

/// Nothing is lost, but a flood is not more than a test can watch.
const SLOW: Weather = Weather { delay: Duration::from_millis(25), ..Weather::FINE };

/// Numbers that look random, the same for the same seed (xorshift64*).
#[derive(Clone)]
struct Dice(Rc<Cell<u64>>);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Rc::new(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)))
    }

    fn below(&self, end: u64) -> u64 {
        let mut state = self.0.get();
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        self.0.set(state);
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    /// Mostly short, sometimes longer than any deadline.
    fn time(&self) -> Duration {
        let longest = [1, 30, 1000, 7000, 30_000];
        Duration::from_millis(self.below(longest[self.below(5) as usize]) + 1)
    }
}

async fn weather(net: &Net, dice: &Dice) {
    loop {
        net.link.set(match dice.below(4) {
            0 => Weather::CUT,
            1 => SLOW,
            _ => Weather::FOUL,
        });
        if dice.below(4) == 0 {
            net.link.set_from_first(Weather::CUT);
        }
        Timer::after(dice.time()).await;
    }
}

/// Uses one connection after the other, each in another way, until the listener shuts down.
async fn worker(listener: &'static WebSocketListener, dice: Dice, calm: Rc<Cell<bool>>) {
    loop {
        let accepted = if calm.get() || dice.below(2) == 0 {
            Ok(listener.accept().await)
        } else {
            with_timeout(dice.time(), listener.accept()).await
        };
        match accepted {
            Ok(Some(socket)) if calm.get() => drop(echo(socket).await),
            Ok(Some(socket)) => {
                let _ = with_timeout(dice.time() * 2, use_somehow(socket, &dice)).await;
            }
            Ok(None) => return,
            Err(_) => {}
        }
    }
}

async fn use_somehow(mut socket: WebSocket, dice: &Dice) {
    let mut buffer = [0; 700];
    match dice.below(6) {
        0 => drop(socket),
        1 => drop(socket.close(CloseCode::GOING_AWAY, "").await),
        2 => {
            let _ = with_timeout(dice.time(), socket.close(CloseCode::NORMAL, "cut")).await;
        }
        3 => {
            while socket.send_text(&"much more than there is room for ".repeat(99)).await.is_ok() {}
        }
        4 => {
            let (mut reader, mut writer) = socket.split();
            let mut message = writer.message_writer(MessageKind::Text);
            loop {
                let _ = with_timeout(dice.time(), message.write(b"a stream that never ends")).await;
                match with_timeout(dice.time(), reader.recv(&mut buffer)).await {
                    Ok(Ok(Some(_))) | Err(_) => {}
                    Ok(_) => return,
                }
            }
        }
        _ => drop(echo(socket).await),
    }
}

/// One peer after the other, each bad in another way.
async fn peers(net: &'static Net, dice: Dice) {
    loop {
        Timer::after(dice.time()).await;
        let Ok(Some(raw)) = with_timeout(Duration::from_secs(3), net.try_connect()).await else {
            continue;
        };
        let mut peer = Peer::new(raw);
        let handshake = request().and("Sec-WebSocket-Extensions", OFFER).text();
        let time = dice.time();
        let _ = with_timeout(time, async {
            match dice.below(9) {
                0 => core::future::pending().await,
                1 => peer.send(&handshake[..dice.below(handshake.len() as u64) as usize]).await,
                2 => peer.send([0x16, 3, 1, 2, 0, 1]).await,
                kind => {
                    peer.send(&handshake).await;
                    match kind {
                        3 => {
                            while peer.send_deaf(&ping([1; 100]).to(Side::Server).bytes()).await {}
                        }
                        4 => {
                            let message = binary([7; 500]).to(Side::Server).bytes();
                            while peer.send_deaf(&message).await {}
                        }
                        5 => peer.send_frame(text(b"\xff")).await,
                        6 => peer.send_frame(close(CloseCode::NORMAL, "")).await,
                        7 => peer.send_frame(text("begun").fin(false).rsv(4)).await,
                        _ => while peer.more().await {},
                    }
                    while dice.below(2) == 0 && peer.more().await {}
                }
            }
        })
        .await;
        if dice.below(3) == 0 {
            // It is gone, and says nothing.
            Timer::after(dice.time()).await;
        }
    }
}

/// The offer of a browser.
const OFFER: &str = "permessage-deflate; client_max_window_bits";

fn random() -> [u8; 4] {
    [3, 1, 4, 1]
}

/// A client of ours, whose calls are dropped anywhere.
async fn clients(client: &'static Client, dice: Dice) {
    loop {
        Timer::after(dice.time()).await;
        let _ = with_timeout(dice.time(), async {
            let Ok(socket) = client.connect(Net::endpoint(), "board", "/").await else { return };
            use_somehow(socket, &dice).await;
        })
        .await;
    }
}

/// Every slot serves a new peer, and has memory to compress with.
async fn all_serve(net: &Net) {
    let mut open = Vec::new();
    for _ in 0..SLOTS {
        let mut peer = Peer::new(net.connect().await).taking(0b100);
        peer.send(request().and("Sec-WebSocket-Extensions", OFFER).text()).await;
        let response = peer.upgraded().await;
        assert!(response.header("Sec-WebSocket-Extensions").is_some(), "not compressed");
        open.push(peer);
    }
    for peer in &mut open {
        peer.send_frame(text("plain")).await;
        assert_eq!(peer.frame().await.payload, b"plain");
    }
}

fn chaos(seed: u64) {
    println!("seed {seed}");
    run(async {
        let net: &'static Net = leak(Net::with_seed(SLOW, seed));
        let dice = Dice::new(seed);
        let compression = leak(Compression::<SLOTS>::new());
        let listener = net.listener::<SLOTS, 512, 512>(Options::new());
        let listener: &'static _ = leak(listener.permessage_deflate(compression, Settings::new()));
        let calm = Rc::new(Cell::new(false));
        for _ in 0..SLOTS {
            spawn(worker(listener, dice.clone(), Rc::clone(&calm)));
        }
        let compression = leak(Compression::<2, 512, 512>::new());
        let client =
            Client::new(net.peers, leak(Resources::<2, 512, 512>::new()), Options::new(), random)
                .permessage_deflate(compression, Settings::new());
        let client: &'static _ = leak(client);
        let bad = async {
            let bad_peers =
                join3(peers(net, dice.clone()), peers(net, dice.clone()), peers(net, dice.clone()));
            let bad_clients = join(clients(client, dice.clone()), clients(client, dice.clone()));
            join3(weather(net, &dice), bad_peers, bad_clients).await;
        };
        let _ = with_timeout(Duration::from_secs(CHAOS), bad).await;
        calm.set(true);
        net.link.set(Weather::FINE);
        println!("{:?}", listener.counters());
        Timer::after(LONGEST + Duration::from_secs(60)).await;
        let served = with_timeout(Duration::from_secs(2), all_serve(net)).await;
        assert!(served.is_ok(), "not served in time");
        Timer::after_secs(10).await;
        // Both slots of the client, too.
        for _ in 0..2 {
            let mut socket = client.connect(Net::endpoint(), "board", "/").await.unwrap();
            assert!(socket.permessage_deflate().is_some());
            socket.send_text("still").await.unwrap();
            let mut buffer = [0; 16];
            assert_eq!(socket.recv(&mut buffer).await, Ok(Some(Message::Text("still"))));
            core::mem::forget(socket);
        }
        listener.shutdown(StdDuration::from_secs(1)).await;
        assert!(listener.accept().await.is_none());
    });
}

#[test]
fn after_any_chaos_every_slot_serves_again() {
    for seed in 1..=6 {
        chaos(seed);
    }
}
