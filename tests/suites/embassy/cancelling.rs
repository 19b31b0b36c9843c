//! Futures that are dropped where they wait.

use embassy_time::{Duration, Timer, with_timeout};
use websocket_listener_embassy::{CloseCode, Message, MessageKind, Options};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{binary, close, continuation, dropping, ping};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, leak};

#[test]
fn a_receive_dropped_at_any_wait_loses_nothing() {
    for pattern in [u64::MAX, 0xaaaa_aaaa_aaaa_aaaa, 0x1111_0f0f_dead_beef] {
        run(async move {
            let net = Net::new(Weather::FOUL);
            let listener: &_ = leak(net.listener::<1, 512, 512>(Options::new()));
            spawn(async move {
                let mut socket = listener.accept().await.unwrap();
                let mut buffer = [0; 3000];
                for round in 0..20 {
                    let received = dropping(pattern, async || {
                        let message = socket.recv(&mut buffer).await.unwrap().unwrap();
                        message.as_bytes().to_vec()
                    });
                    let received = received.await;
                    assert_eq!(received, vec![round; usize::from(round) * 150]);
                    socket.send_binary(&received).await.unwrap();
                }
                assert_eq!(socket.recv(&mut buffer).await, Ok(None));
            });
            let mut peer = Peer::new(net.connect().await);
            peer.send(request().text()).await;
            peer.upgraded().await;
            for round in 0..20 {
                peer.send_frame(ping("between")).await;
                let payload = vec![round; usize::from(round) * 150];
                let middle = payload.len() / 2;
                peer.send_frame(binary(&payload[..middle]).fin(false)).await;
                peer.send_frame(continuation(&payload[middle..])).await;
                peer.ponged(b"between").await;
                peer.echoed(MessageKind::Binary, &payload).await;
            }
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.closed(CloseCode::NORMAL).await;
        });
    }
}

#[test]
fn a_receive_with_a_timeout_beside_sends_goes_on() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 512, 512>(Options::new()));
        spawn(async move {
            let mut socket = listener.accept().await.unwrap();
            let mut buffer = [0; 100];
            let mut count = 0;
            loop {
                let received = with_timeout(Duration::from_millis(7), socket.recv(&mut buffer));
                match received.await {
                    Err(_) => {
                        count += 1;
                        socket.send_text(&format!("{count}")).await.unwrap();
                    }
                    Ok(received) => match received.unwrap() {
                        Some(Message::Text(text)) => socket.send_text(text).await.unwrap(),
                        _ => break,
                    },
                }
            }
        });
        let mut peer = Peer::new(net.connect().await);
        peer.send(request().text()).await;
        peer.upgraded().await;
        for count in 1..=5 {
            assert_eq!(peer.message().await.1, format!("{count}").into_bytes());
        }
        Timer::after_millis(1).await;
        peer.echo(MessageKind::Text, b"between").await;
    });
}
