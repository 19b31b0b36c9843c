//! Pings of the listener's own, latency, and deadlines that must not hit the living.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use websocket_listener::{Deadline, Error, Message, Options, PingMode};
use websocket_listener_tests::{Side, binary, ping, polled, pong, text};

use crate::support::{in_virtual_time, pair, pair_with, with_raw_peer};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn bandwidth_saving_pings_only_after_silence() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        tokio::spawn(async move { while let Ok(Some(_)) = server.recv().await {} });
        let start = Instant::now();
        for _ in 0..10 {
            sleep(19 * SECOND).await;
            peer.send_frame(text("not silent")).await;
        }
        let ping = peer.frame().await;
        assert_eq!(ping.opcode, 9);
        let elapsed = start.elapsed();
        assert!((210 * SECOND..211 * SECOND).contains(&elapsed), "{elapsed:?}");
    });
}

#[test]
fn latency_control_pings_even_while_bytes_arrive() {
    in_virtual_time(async {
        let options = Options::new().ping_mode(PingMode::LatencyControl).ping_interval(10 * SECOND);
        let (mut server, mut peer) = with_raw_peer(options).await;
        let serving = async {
            let mut latencies = Vec::new();
            while latencies.len() < 30 {
                server.recv().await.unwrap().unwrap();
                latencies.push(server.latency());
            }
            latencies
        };
        let asking = async {
            let mut pings = 0;
            for _ in 0..30 {
                sleep(SECOND).await;
                while let Ok(frame) = timeout(Duration::from_millis(1), peer.frame()).await {
                    assert_eq!(frame.opcode, 9);
                    pings += 1;
                    sleep(Duration::from_millis(70)).await;
                    peer.send_frame(pong(frame.payload)).await;
                }
                peer.send_frame(text("busy")).await;
            }
            pings
        };
        let (latencies, pings) = tokio::join!(serving, asking);
        assert!((2..=3).contains(&pings), "{pings}");
        assert_eq!(latencies[0], None);
        let latency = latencies[29].unwrap();
        // The answer waits up to a second for the peer to look, and then 70 ms.
        let expected = Duration::from_millis(70)..Duration::from_millis(1_100);
        assert!(expected.contains(&latency), "{latency:?}");
    });
}

#[test]
fn manual_mode_never_pings_but_guards_pings_of_the_application() {
    in_virtual_time(async {
        let options = Options::new().ping_mode(PingMode::Manual);
        let (mut server, mut peer) = with_raw_peer(options).await;
        assert!(timeout(3600 * SECOND, server.recv()).await.is_err(), "still there");
        assert!(timeout(SECOND, peer.frame()).await.is_err(), "nothing was sent");
        server.ping(b"hello").await.unwrap();
        let start = Instant::now();
        assert!(matches!(server.recv().await, Err(Error::TimedOut(Deadline::Pong))));
        assert_eq!(start.elapsed().as_secs(), 20);
        assert_eq!(peer.frame().await.payload, b"hello");
    });
}

#[test]
fn a_ping_measures_the_latency() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        assert_eq!(server.latency(), None);
        for payload in [&b""[..], b"a", &[1; 125]] {
            server.ping(payload).await.unwrap();
            let (_, heard) =
                tokio::join!(timeout(SECOND, server.recv()), timeout(SECOND, client.recv()));
            assert!(heard.is_err());
            assert!(server.latency().is_some());
        }
        let sent = server.ping(&[0; 126]).await;
        assert!(matches!(sent, Err(Error::ControlTooLong)));
        server.send_text("unharmed").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("unharmed"));
    });
}

/// The application works on something for a minute. The pong has long been there when it is back.
#[test]
fn a_pong_in_time_counts_even_if_read_late() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        server.ping(b"there?").await.unwrap();
        let frame = peer.frame().await;
        peer.send_frame(pong(frame.payload)).await;
        sleep(60 * SECOND).await;
        server.send_text("back").await.unwrap();
        sleep(60 * SECOND).await;
        assert!(polled(1, server.recv()).await.is_none(), "the living was given up");
        assert!(server.latency().is_some());
        peer.send_frame(text("alive")).await;
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("alive"));
    });
}

/// The same with a task for each direction, of which one is busy.
#[test]
fn a_busy_reader_does_not_count_against_the_peer() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        writer.ping(b"there?").await.unwrap();
        let frame = peer.frame().await;
        peer.send_frame(pong(frame.payload)).await;
        for _ in 0..10 {
            sleep(10 * SECOND).await;
            writer.send_text("news").await.unwrap();
            peer.message().await;
        }
        assert!(polled(1, reader.recv()).await.is_none(), "the living was given up");
        peer.send_frame(text("alive")).await;
        assert_eq!(reader.recv().await.unwrap().unwrap().as_text(), Some("alive"));
    });
}

/// A message that is waited for by the application, not by the peer.
#[test]
fn a_message_read_slowly_does_not_count_against_the_peer() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(Options::new(), 4096).await;
        let sending = tokio::spawn(async move {
            client.send_binary(&[1; 100_000]).await.unwrap();
            while let Ok(Some(_)) = client.recv().await {}
        });
        let mut reader = server.next_message().await.unwrap().unwrap();
        let mut length = 0;
        while let Some(chunk) = reader.chunk().await.unwrap() {
            length += chunk.len();
            sleep(15 * SECOND).await;
        }
        assert_eq!(length, 100_000);
        drop(server);
        sending.await.unwrap();
    });
}

/// The bytes queued for a peer that reads slowly but steadily.
#[test]
fn a_peer_that_reads_slowly_is_not_given_up() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let reading = async {
            // A few kilobytes every 15 seconds, for minutes.
            while peer.received() < 100_000 {
                sleep(15 * SECOND).await;
                assert!(peer.more().await);
            }
        };
        let start = Instant::now();
        let (sent, ()) = tokio::join!(server.send_binary(&[0; 100_000]), reading);
        sent.unwrap();
        assert!(start.elapsed() > 200 * SECOND);
    });
}

/// It takes 273 bytes a second.
#[test]
fn a_peer_that_takes_less_than_the_least_rate_is_given_up() {
    in_virtual_time(async {
        for (rate, is_waited_for) in [(200, true), (1_000, false)] {
            let (mut server, mut peer) = with_raw_peer(Options::new().min_write_rate(rate)).await;
            tokio::spawn(async move {
                while peer.more().await {
                    sleep(15 * SECOND).await;
                }
            });
            let start = Instant::now();
            let sent = timeout(300 * SECOND, server.send_binary(&[0; 1_000_000])).await;
            assert_eq!(sent.is_err(), is_waited_for, "{sent:?}");
            if !is_waited_for {
                assert!(matches!(sent, Ok(Err(Error::TimedOut(Deadline::Write)))), "{sent:?}");
                assert_eq!(start.elapsed().as_secs(), 20);
            }
        }
    });
}

/// A stream that takes all at once and passes nothing on: TLS over a socket that is full.
#[test]
fn a_stream_that_never_flushes_meets_the_write_deadline() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(100);
        let buffered = tokio::io::BufWriter::with_capacity(1 << 20, far);
        let (mut server, _peer) =
            crate::support::with_raw_peer_over(Options::new(), buffered, near).await;
        let start = Instant::now();
        let sent = server.send_binary(&[0; 10_000]).await;
        assert!(matches!(sent, Err(Error::TimedOut(Deadline::Write))));
        assert_eq!(start.elapsed().as_secs(), 20);
    });
}

/// A ping behind a long write is never held against the peer.
#[test]
fn a_ping_that_waits_behind_a_long_write_does_not_count() {
    in_virtual_time(async {
        let options = Options::new().pong_timeout(2 * SECOND).write_timeout(50 * SECOND);
        let (mut server, mut peer) = with_raw_peer(options).await;
        server.feed(Message::binary(vec![0; 30_000])).await.unwrap();
        let pinging = async {
            let _ = timeout(30 * SECOND, server.ping(b"behind")).await;
            server.recv().await
        };
        let peering = async {
            sleep(40 * SECOND).await;
            peer.message().await;
            let frame = peer.frame().await;
            assert_eq!((frame.opcode, &frame.payload[..]), (9, &b"behind"[..]));
            peer.send_frame(pong("behind")).await;
            peer.send_frame(text("alive")).await;
        };
        let (received, ()) = tokio::join!(pinging, peering);
        assert_eq!(received.unwrap().unwrap().as_text(), Some("alive"));
    });
}

/// Section 5.5.3, and it is switched on whatever else is under way.
#[test]
fn pings_are_answered_while_a_large_message_comes_in() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let receiving = tokio::spawn(async move { server.recv().await });
        peer.send(binary("").fin(false).to(Side::Server).bytes()).await;
        for number in 0..5 {
            let piece = websocket_listener_tests::continuation(vec![number; 60_000]).fin(false);
            peer.send_frame(piece).await;
            peer.send(ping([number]).to(Side::Server).bytes()).await;
            peer.ponged(&[number]).await;
        }
        peer.send_frame(websocket_listener_tests::continuation("")).await;
        assert_eq!(receiving.await.unwrap().unwrap().unwrap().len(), 300_000);
    });
}

/// Each connection has its own deadlines, all of one runtime share a timer.
#[test]
fn many_connections_meet_their_deadlines_each_at_its_time() {
    in_virtual_time(async {
        let mut tasks = Vec::new();
        let start = Instant::now();
        for number in 1..=50u32 {
            let interval = Duration::from_millis(u64::from(number * 377 % 1000 + 100));
            let options = Options::new().ping_interval(interval).pong_timeout(interval);
            let (mut server, peer) = with_raw_peer(options).await;
            tasks.push(tokio::spawn(async move {
                let ended = server.recv().await;
                assert!(matches!(ended, Err(Error::TimedOut(Deadline::Pong))));
                drop(peer);
                (start.elapsed(), interval * 2)
            }));
        }
        for task in tasks {
            let (elapsed, expected) = task.await.unwrap();
            let late = elapsed.saturating_sub(expected);
            assert!(elapsed >= expected && late < Duration::from_millis(100), "{late:?}");
        }
    });
}
