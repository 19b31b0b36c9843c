//! Faults of a peer, a stream, the other half or the application's own task: which end they count
//! against, what is still delivered, and who is told.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Response};
use websocket_listener::{
    AcceptError, CloseCode, Deadline, Error, Initiator, Message, MessageKind, Options, PingMode,
    WebSocket, WebSocketListener,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, binary, close, text};

use crate::faulty::{Faults, Faulty};
use crate::support::{
    MemoryPeer, accept, connect, in_real_time, in_virtual_time, listener, until, with_raw_peer,
    with_raw_peer_over,
};
use crate::targets::Raw;

const SECOND: Duration = Duration::from_secs(1);

/// A server over a stream of which faults can be demanded.
async fn faulty(options: Options) -> (WebSocket<Faulty<DuplexStream>>, MemoryPeer, Faults) {
    let (near, far) = tokio::io::duplex(4096);
    let (far, faults) = Faulty::new(far);
    let (server, peer) = with_raw_peer_over(options, far, near).await;
    (server, peer, faults)
}

#[test]
fn an_evicted_negotiation_is_told_why() {
    in_real_time(async {
        let builder = WebSocketListener::builder().max_negotiations(1);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut first = connect(&listener).await;
        let _second = connect(&listener).await;
        first.refused(503).await;
        assert_eq!(listener.counters().refused.overloaded, 1);
    });
}

#[test]
fn a_negotiation_that_a_shutdown_ends_is_told_why() {
    in_real_time(async {
        for part in ["", "GET / HT"] {
            let listener = listener().await;
            let mut peer = connect(&listener).await;
            peer.send(part).await;
            // By now the peer that came before is in its opening handshake.
            drop(accept(&listener).await);
            listener.shutdown(SECOND).await;
            peer.refused(503).await;
            assert_eq!(listener.counters().refused.shutting_down, 1);
        }
    });
}

/// Those whose request has not come make room first.
#[test]
fn a_request_that_is_being_answered_is_evicted_after_the_silent_ones() {
    in_real_time(async {
        let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let hook = (asked.clone(), answer.clone());
        let listener = WebSocketListener::builder()
            .max_negotiations(2)
            .handshake_timeout(Duration::from_secs(50))
            .on_request(move |_| {
                let (asked, answer) = hook.clone();
                async move {
                    asked.notify_one();
                    answer.notified().await;
                    Answer::accept()
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut asking = connect(&listener).await;
        asking.send(request().text()).await;
        asked.notified().await;
        let mut silent = connect(&listener).await;
        let _newest = connect(&listener).await;
        silent.refused(503).await;
        answer.notify_one();
        asking.upgraded().await;
    });
}

#[test]
fn a_message_that_a_shutdown_cuts_short_has_no_end_for_its_reader() {
    in_real_time(async {
        let listener = listener().await;
        let (server, mut client) = accept(&listener).await;
        client.send_binary(&[7; 10_000]).await.unwrap();
        let (mut reader, mut writer) = server.split();
        let mut message = reader.next_message().await.unwrap().unwrap();
        message.read_exact(&mut [0; 10]).await.unwrap();
        assert_eq!(listener.shutdown(Duration::ZERO).await.aborted, 1);
        assert!(matches!(writer.flush().await, Err(Error::Aborted)));
        let mut rest = Vec::new();
        assert!(message.read_to_end(&mut rest).await.is_err());
        assert!(message.read(&mut [0; 10]).await.is_err(), "and for ever");
        assert!(matches!(reader.recv().await, Err(Error::Aborted)));
    });
}

#[test]
fn a_message_that_the_other_half_fails_has_no_end_for_its_reader() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        peer.send_frame(binary([7; 3_000])).await;
        let mut message = reader.next_message().await.unwrap().unwrap();
        message.read_exact(&mut [0; 10]).await.unwrap();
        let sent = writer.send_binary(&[0; 100_000]).await;
        assert!(matches!(sent, Err(Error::TimedOut(Deadline::Write))));
        assert!(message.read_to_end(&mut Vec::new()).await.is_err());
        assert!(message.chunk().await.is_err());
    });
}

#[test]
fn a_message_that_the_other_half_closes_on_has_no_end_for_its_reader() {
    in_virtual_time(async {
        // The close is given up halfway, is answered, is not answered.
        for (patience, answers) in [(SECOND, false), (60 * SECOND, true), (60 * SECOND, false)] {
            let (server, mut peer) = with_raw_peer(Options::new()).await;
            peer.send_frame(text("0123456789").fin(false)).await;
            let (mut reader, mut writer) = server.split();
            let mut message = reader.next_message().await.unwrap().unwrap();
            message.read_exact(&mut [0; 10]).await.unwrap();
            let peer = tokio::spawn(async move {
                let _ = peer.close_frame().await;
                if answers {
                    peer.send_frame(close(CloseCode::NORMAL, "")).await;
                    peer.ended().await;
                    return None;
                }
                Some(peer)
            });
            let closed = timeout(patience, writer.close(CloseCode::NORMAL, "")).await;
            assert_eq!(closed.is_ok_and(|closed| closed.is_ok()), answers);
            for _ in 0..3 {
                let read = timeout(60 * SECOND, message.read(&mut [0; 10])).await;
                assert!(read.expect("it is over").is_err());
            }
            drop(peer.await.unwrap());
        }
    });
}

#[test]
fn a_task_that_was_busy_longer_than_the_write_timeout_goes_on_writing() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new().write_timeout(SECOND)).await;
        peer.send_frame(text("1")).await;
        server.recv().await.unwrap();
        server.feed(Message::binary(vec![7; 100_000])).await.unwrap();
        peer.send_frame(text("2")).await;
        // Comes while the stream takes no more of the reply.
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("2")));
        let reading = tokio::spawn(async move {
            peer.echoed(MessageKind::Binary, &[7; 100_000]).await;
            peer.echoed(MessageKind::Text, b"reply 2").await;
        });
        sleep(10 * SECOND).await;
        server.feed(Message::text("reply 2")).await.unwrap();
        server.flush().await.unwrap();
        reading.await.unwrap();
    });
}

#[test]
fn a_flush_that_stalls_is_subject_to_the_write_timeout() {
    in_virtual_time(async {
        let options = Options::new().write_timeout(SECOND);
        let (mut server, _peer, faults) = faulty(options).await;
        faults.stall();
        let start = Instant::now();
        let sent = server.send_text("x").await;
        assert!(matches!(sent, Err(Error::TimedOut(Deadline::Write))), "{sent:?}");
        assert!(start.elapsed() < 5 * SECOND);

        let (mut server, _peer, faults) = faulty(options).await;
        faults.stall();
        server.feed(Message::text("x")).await.unwrap();
        let start = Instant::now();
        let received = server.recv().await;
        assert!(matches!(received, Err(Error::TimedOut(Deadline::Write))), "{received:?}");
        assert!(start.elapsed() < 5 * SECOND);

        // A ping that does not leave.
        let (mut server, _peer, faults) = faulty(options.ping_interval(SECOND)).await;
        faults.stall();
        let start = Instant::now();
        let received = server.recv().await;
        assert!(matches!(received, Err(Error::TimedOut(_))), "{received:?}");
        assert!(start.elapsed() < 5 * SECOND);
    });
}

#[test]
fn a_close_that_lay_in_the_buffer_has_its_whole_close_timeout() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new().close_timeout(SECOND)).await;
        let mut burst = text("1").to(Side::Server).bytes();
        burst.extend(close(CloseCode::NORMAL, "").to(Side::Server).bytes());
        peer.send(burst).await;
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("1")));
        sleep(10 * SECOND).await;
        server.feed(Message::binary(vec![7; 100_000])).await.unwrap();
        let reading = tokio::spawn(async move {
            sleep(SECOND / 2).await;
            peer.echoed(MessageKind::Binary, &[7; 100_000]).await;
            peer.closed(CloseCode::NORMAL).await;
        });
        assert!(matches!(server.recv().await, Ok(None)));
        assert_eq!(server.close_reason().unwrap().code, CloseCode::NORMAL);
        reading.await.unwrap();
    });
}

#[test]
fn unflushed_bytes_leave_before_the_end() {
    in_virtual_time(async {
        let (mut server, mut peer, faults) = faulty(Options::new()).await;
        faults.stall();
        server.feed(Message::text("reply")).await.unwrap();
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        peer.finish().await;
        let flowing = async {
            sleep(SECOND).await;
            faults.flow();
        };
        let (ended, ()) = tokio::join!(server.recv(), flowing);
        assert!(matches!(ended, Ok(None)), "{ended:?}");
        drop(server);
        peer.echoed(MessageKind::Text, b"reply").await;
        peer.closed(CloseCode::NORMAL).await;
    });
}

#[test]
fn a_peer_that_reset_after_its_close_has_closed() {
    in_virtual_time(async {
        for fed in [false, true] {
            let (mut server, mut peer, faults) = faulty(Options::new()).await;
            if fed {
                server.feed(Message::text("never read")).await.unwrap();
            }
            peer.send_frame(close(CloseCode::new(4001), "bye")).await;
            peer.vanish();
            faults.reset();
            for _ in 0..3 {
                assert!(matches!(server.recv().await, Ok(None)));
            }
            let reason = server.close_reason().unwrap();
            assert_eq!((reason.code, &*reason.reason), (CloseCode::new(4001), "bye"));
            assert!(reason.is_clean() && reason.initiator == Initiator::Peer);
        }
    });
}

#[test]
fn a_reset_over_tcp_after_a_close_is_a_clean_end() {
    in_real_time(async {
        let listener = listener().await;
        let mut peer = connect(&listener).await;
        peer.send(request().text()).await;
        peer.upgraded().await;
        let mut server = listener.accept().await.unwrap();
        server.send_text("never read").await.unwrap();
        peer.send_deaf(&close(CloseCode::NORMAL, "").to(Side::Server).bytes()).await;
        peer.vanish();
        let ended = server.recv().await;
        assert!(matches!(ended, Ok(None)), "{ended:?}");
        assert_eq!(server.close_reason().unwrap().code, CloseCode::NORMAL);
    });
}

#[test]
fn a_reply_that_cannot_be_sent_costs_no_message_that_came() {
    in_virtual_time(async {
        for fail in [Faults::reset, Faults::fail_writes] {
            let (mut server, mut peer, faults) = faulty(Options::new()).await;
            server.feed(Message::text("reply")).await.unwrap();
            peer.send_frame(text("last words")).await;
            peer.send_frame(binary([7; 1_000])).await;
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.vanish();
            fail(&faults);
            assert_eq!(server.recv().await.unwrap(), Some(Message::text("last words")));
            assert_eq!(server.recv().await.unwrap(), Some(Message::binary(vec![7; 1_000])));
            assert!(matches!(server.recv().await, Ok(None)));
            assert_eq!(server.close_reason().unwrap().code, CloseCode::NORMAL);
        }
    });
}

#[test]
fn a_ping_of_the_writer_has_its_deadline_though_the_reader_waits_already() {
    in_virtual_time(async {
        let options = Options::new().ping_mode(PingMode::Manual).pong_timeout(SECOND);
        let (server, _peer) = with_raw_peer(options).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        sleep(SECOND).await;
        writer.ping(b"there?").await.unwrap();
        let received = timeout(10 * SECOND, reading).await.expect("woken").unwrap();
        assert!(matches!(received, Err(Error::TimedOut(Deadline::Pong))), "{received:?}");
    });
}

#[test]
fn an_end_that_the_writer_finds_wakes_the_reader() {
    in_virtual_time(async {
        let options = Options::new().ping_mode(PingMode::Manual).write_timeout(SECOND);
        let (server, _peer) = with_raw_peer(options).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        sleep(SECOND).await;
        let sent = writer.send_binary(&[0; 100_000]).await;
        assert!(matches!(sent, Err(Error::TimedOut(Deadline::Write))), "{sent:?}");
        let received = timeout(10 * SECOND, reading).await.expect("woken").unwrap();
        assert!(matches!(received, Err(Error::TimedOut(Deadline::Write))), "{received:?}");
    });
}

#[test]
fn an_end_that_the_reader_finds_wakes_the_writer() {
    in_virtual_time(async {
        let (server, peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        let writing = tokio::spawn(async move { writer.send_binary(&[0; 100_000]).await });
        sleep(SECOND).await;
        peer.vanish();
        assert!(matches!(reader.recv().await, Err(Error::Disconnected)));
        let sent = timeout(SECOND, writing).await.expect("woken").unwrap();
        assert!(matches!(sent, Err(Error::Disconnected)), "{sent:?}");
    });
}

#[test]
fn a_stream_yields_an_abrupt_end_once_even_if_the_writer_found_it() {
    in_virtual_time(async {
        let (server, peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        peer.vanish();
        assert!(matches!(writer.send_text("x").await, Err(Error::Disconnected)));
        assert!(matches!(reader.next().await, Some(Err(Error::Disconnected))));
        assert!(reader.next().await.is_none());
        assert!(reader.next().await.is_none());

        let (mut server, peer) = with_raw_peer(Options::new()).await;
        peer.vanish();
        assert!(matches!(server.recv().await, Err(Error::Disconnected)));
        assert!(matches!(server.next().await, Some(Err(Error::Disconnected))));
        assert!(server.next().await.is_none());
    });
}

#[test]
fn an_ended_connection_that_is_still_held_does_not_delay_shutdown() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let closing = async {
            client.close(CloseCode::NORMAL, "").await.unwrap();
            drop(client);
        };
        let (ended, ()) = tokio::join!(server.recv(), closing);
        assert!(matches!(ended, Ok(None)));
        let (abrupt, client) = accept(&listener).await;
        let (mut reader, writer) = abrupt.split();
        drop(client);
        assert!(reader.recv().await.is_err());
        let shutdown = timeout(30 * SECOND, listener.shutdown(300 * SECOND)).await.unwrap();
        assert_eq!((shutdown.closed, shutdown.aborted), (0, 0));
        drop((server, reader, writer));
    });
}

#[test]
fn a_shutdown_may_wait_for_ever() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let client = tokio::spawn(async move { client.recv().await });
        let server = tokio::spawn(async move { server.recv().await });
        let shutdown = listener.shutdown(Duration::MAX).await;
        assert_eq!((shutdown.closed, shutdown.aborted), (1, 0));
        assert!(matches!(server.await.unwrap(), Ok(None)));
        assert!(matches!(client.await.unwrap(), Ok(None)));
    });
}

#[test]
fn an_accept_queue_may_have_the_greatest_length() {
    in_real_time(async {
        let builder = WebSocketListener::builder().accept_queue(usize::MAX);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let (_server, _client) = accept(&listener).await;
        until(|| listener.counters().accepted == 1).await;
    });
}

#[test]
fn an_unread_refusal_ends_accept_all_the_same() {
    in_virtual_time(async {
        let refusals =
            [("", AcceptError::TimedOut), ("bad\r\n\r\n", AcceptError::Refused { status: 400 })];
        for (sent, refusal) in refusals {
            let (near, far) = tokio::io::duplex(16);
            let mut peer = Peer::new(Raw(near));
            peer.send(sent).await;
            let builder = WebSocketListener::builder().handshake_timeout(SECOND);
            let start = Instant::now();
            let accepted = builder.acceptor().accept(far).await;
            assert_eq!(accepted.err(), Some(refusal));
            assert!(start.elapsed() <= 5 * SECOND);
        }
    });
}

#[test]
fn an_unread_response_is_given_up() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(4096);
        let mut peer = Peer::new(Raw(near));
        peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let builder = WebSocketListener::builder().on_request(|_| async {
            Answer::take_over(|http: HttpConnection| async {
                let response = Response::new(Status::OK).body(vec![0; 1 << 20]);
                let error = http.respond(response).await.unwrap_err();
                assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
            })
        });
        let start = Instant::now();
        assert_eq!(builder.acceptor().accept(far).await.err(), Some(AcceptError::TakenOver));
        assert!(start.elapsed() <= 60 * SECOND);
    });
}

#[test]
fn a_write_that_fails_wakes_the_reader() {
    in_virtual_time(async {
        let options = Options::new().ping_mode(PingMode::Manual);
        let (server, _peer, faults) = faulty(options).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        sleep(SECOND).await;
        faults.fail_writes();
        assert!(matches!(writer.send_text("x").await, Err(Error::Io(_))));
        let received = timeout(60 * SECOND, reading).await.expect("woken").unwrap();
        assert!(received.is_err(), "{received:?}");
    });
}

#[test]
fn every_call_returns_the_error_of_the_stream_with_its_text() {
    in_virtual_time(async {
        let (mut server, _peer, faults) = faulty(Options::new()).await;
        faults.fail_writes();
        let cut = |error: &Error| matches!(error, Error::Io(error) if error.to_string() == "the cable is cut");
        assert!(cut(&server.send_text("x").await.unwrap_err()));
        for _ in 0..3 {
            assert!(cut(&server.recv().await.unwrap_err()));
            assert!(cut(&server.send_text("x").await.unwrap_err()));
        }
    });
}

#[test]
fn a_peer_that_ends_its_direction_first_gets_the_queued_messages() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        server.feed(Message::binary(vec![7; 100_000])).await.unwrap();
        peer.finish().await;
        let reading = async {
            peer.echoed(MessageKind::Binary, &[7; 100_000]).await;
            peer.ended().await;
        };
        let (received, ()) = tokio::join!(server.recv(), reading);
        assert!(matches!(received, Err(Error::Disconnected)), "{received:?}");
    });
}
