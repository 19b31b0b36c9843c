//! Connections one after the other, in fine weather and foul, and messages through small rings.

use std::time::Duration;

use embassy_time::{Instant, Timer};
use futures_util::future::join;
use websocket_listener_embassy::{
    Client, CloseCode, Message, Options, Resources, WebSocket, WebSocketListener,
};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, leak};
use crate::targets::{echo, echo_streaming};

/// Returns a predictable number: in a test no peer guesses it.
fn random() -> [u8; 4] {
    (Instant::now().as_ticks() as u32).wrapping_mul(0x9e37_79b9).to_le_bytes()
}

fn client<const RX: usize, const TX: usize>(net: &Net, options: Options) -> Client {
    Client::new(net.peers, leak(Resources::<2, RX, TX>::new()), options, random)
}

fn serve(listener: &'static WebSocketListener, workers: usize) {
    for _ in 0..workers {
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo(socket).await;
            }
        });
    }
}

async fn connect(client: &Client) -> WebSocket {
    for _ in 0..100 {
        if let Ok(socket) = client.connect(Net::endpoint(), "board", "/echo").await {
            return socket;
        }
        Timer::after_millis(20).await;
    }
    panic!("cannot connect");
}

fn cycle(weather: Weather, cycles: usize, seed: u64) {
    run(async {
        let net = Net::with_seed(weather, seed);
        let options = Options::new().handshake_timeout(Duration::from_secs(60));
        let options = options.close_timeout(Duration::from_secs(60));
        let listener: &_ = leak(net.listener::<2, 512, 512>(options));
        serve(listener, 2);
        let client = client::<512, 512>(&net, options);
        for cycle in 0..cycles {
            let mut socket = connect(&client).await;
            let payload: Vec<u8> = (0..cycle % 700).map(|i| (i * 7 + cycle) as u8).collect();
            let mut buffer = [0; 700];
            socket.send_binary(&payload).await.unwrap();
            let echoed = socket.recv(&mut buffer).await.unwrap().unwrap();
            assert!(echoed == Message::Binary(&payload), "cycle {cycle}");
            match cycle % 3 {
                0 => {}
                _ => socket.close(CloseCode::NORMAL, "").await.unwrap(),
            }
        }
        let counters = listener.counters();
        assert!(counters.accepted as usize >= cycles, "{counters:?}");
        // No slot is lost.
        let (mut one, mut two) = (connect(&client).await, connect(&client).await);
        one.close(CloseCode::NORMAL, "").await.unwrap();
        two.close(CloseCode::NORMAL, "").await.unwrap();
    });
}

#[test]
fn two_thousand_connections_one_after_the_other() {
    cycle(Weather::FINE, 2000, 1);
}

#[test]
fn five_hundred_connections_over_a_link_that_loses_and_reorders() {
    for seed in 1..=4 {
        cycle(Weather::FOUL, 125, seed);
    }
}

fn large(weather: Weather, size: usize) {
    run(async {
        let net = Net::new(weather);
        let options = Options::new().max_message_bytes(1 << 20).max_fragments(1 << 16);
        let listener: &_ = leak(net.listener::<1, 512, 512>(options));
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo_streaming(socket).await;
            }
        });
        let client = client::<512, 512>(&net, options);
        let mut socket = connect(&client).await;
        let payload: Vec<u8> = (0..size).map(|i| ((i * 31) >> 3) as u8).collect();
        let mut buffer = vec![0; size];
        let (mut reader, mut writer) = socket.split();
        let (sent, received) = join(writer.send_binary(&payload), reader.recv(&mut buffer)).await;
        sent.unwrap();
        assert!(received.unwrap() == Some(Message::Binary(&payload)));
        socket.close(CloseCode::NORMAL, "").await.unwrap();
    });
}

#[test]
fn messages_of_64_kib_pass_through_rings_of_512_bytes() {
    large(Weather::FINE, 64 * 1024);
}

#[test]
fn messages_of_64_kib_pass_through_rings_of_512_bytes_over_a_bad_link() {
    large(Weather::FOUL, 64 * 1024);
}

#[test]
fn messages_of_256_kib_pass_through_rings_of_512_bytes() {
    large(Weather::FINE, 256 * 1024);
}
