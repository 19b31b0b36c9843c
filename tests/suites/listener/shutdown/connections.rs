//! The end of a listener.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use websocket_listener::{CloseCode, Error, Initiator};
use websocket_listener_tests::request::request;

use crate::support::{accept, connect, in_real_time, listener, until};

const LONG: Duration = Duration::from_secs(30);

#[test]
fn every_connection_is_closed_with_1001_and_counted() {
    in_real_time(async {
        let listener = listener().await;
        let mut clients = Vec::new();
        for _ in 0..5 {
            let (mut server, client) = accept(&listener).await;
            tokio::spawn(async move { server.recv().await });
            clients.push(client);
        }
        let hearing = async {
            for client in &mut clients {
                assert_eq!(client.recv().await.unwrap(), None);
                let reason = client.close_reason().unwrap();
                assert_eq!(
                    (reason.code, reason.initiator),
                    (CloseCode::GOING_AWAY, Initiator::Peer)
                );
            }
        };
        let (ended, ()) = tokio::join!(listener.shutdown(LONG), hearing);
        assert_eq!((ended.closed, ended.aborted), (5, 0));
        let counters = listener.counters();
        assert_eq!((counters.open, counters.closed.clean), (0, 5));
    });
}

#[test]
fn connections_that_wait_to_be_accepted_are_closed() {
    in_real_time(async {
        let listener = listener().await;
        let mut peers = Vec::new();
        for _ in 0..3 {
            let mut peer = connect(&listener).await;
            peer.send(request().text()).await;
            peer.upgraded().await;
            peers.push(peer);
        }
        until(|| listener.counters().accepted == 3).await;
        let hearing = async {
            for mut peer in peers {
                let (code, _) = peer.close_frame().await;
                assert_eq!(code, CloseCode::GOING_AWAY);
            }
        };
        let (ended, ()) = tokio::join!(listener.shutdown(LONG), hearing);
        assert_eq!((ended.closed, ended.aborted), (3, 0));
        assert!(listener.accept().await.is_none());
    });
}

#[test]
fn accept_gives_none_to_tasks_that_wait_and_to_later_calls() {
    in_real_time(async {
        let listener = listener().await;
        let (first, second, ended) =
            tokio::join!(listener.accept(), listener.accept(), listener.shutdown(LONG));
        assert!(first.is_none() && second.is_none());
        assert_eq!((ended.closed, ended.aborted), (0, 0));
        assert!(listener.accept().await.is_none());
    });
}

#[test]
fn the_port_is_free_when_shutdown_returns() {
    in_real_time(async {
        let listener = listener().await;
        let address = listener.local_addr().unwrap();
        listener.shutdown(LONG).await;
        // At once: no task may release it later.
        std::net::TcpListener::bind(address).expect("a free port");
        assert!(TcpStream::connect(address).await.is_err(), "the port still accepts");
    });
}

#[test]
fn a_listener_that_is_dropped_leaves_the_port_and_its_connections_live_on() {
    in_real_time(async {
        let listener = listener().await;
        let address = listener.local_addr().unwrap();
        let mut refused = connect(&listener).await;
        refused.send("GET / HTTP/1.1\r\n").await;
        let (mut server, mut client) = accept(&listener).await;
        drop(listener);
        assert_eq!(refused.response().await.status, 503);
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        client.send_text("still here").await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("still here"));
        let (closed, heard) = tokio::join!(client.close(CloseCode::NORMAL, ""), server.recv());
        assert!(closed.is_ok() && heard.unwrap().is_none());
    });
}

#[test]
fn a_handshake_under_way_is_told_503() {
    in_real_time(async {
        let listener = listener().await;
        let mut peer = connect(&listener).await;
        peer.send("GET / HTTP/1.1\r\n").await;
        // The start of its task cannot be observed; a connection that is accepted after it shows
        // that the task runs.
        drop(accept(&listener).await);
        let (_, response) = tokio::join!(listener.shutdown(LONG), peer.refused(503));
        assert!(response.body.contains("shutting down"), "{response:?}");
        assert_eq!(listener.counters().refused.shutting_down, 1);
    });
}

/// Their tasks do something else, and never come back.
#[test]
fn unused_connections_are_aborted_at_the_deadline() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let (mut busy, mut polite) = accept(&listener).await;
        let ending = async {
            assert_eq!(busy.recv().await.unwrap(), None);
            drop(busy);
        };
        let (ended, (), closed) =
            tokio::join!(listener.shutdown(Duration::from_millis(300)), ending, polite.recv());
        assert_eq!(closed.unwrap(), None);
        assert_eq!((ended.closed, ended.aborted), (1, 1));
        for _ in 0..2 {
            assert!(matches!(server.recv().await, Err(Error::Aborted)));
        }
        assert!(matches!(server.send_text("x").await, Err(Error::Aborted)));
        drop(server);
        assert!(client.recv().await.is_err());
        assert_eq!(listener.counters().closed.aborted, 1);
    });
}

/// An application may keep what has ended, say to look at its close reason.
#[test]
fn a_connection_that_has_ended_and_is_kept_is_not_waited_for() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let (mut lost, vanished) = accept(&listener).await;
        drop(vanished);
        assert!(lost.recv().await.is_err());
        let (ended, heard, closed) =
            tokio::join!(listener.shutdown(LONG), server.recv(), client.recv());
        assert!(heard.unwrap().is_none() && closed.unwrap().is_none());
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        drop((server, lost));
    });
}

#[test]
fn the_deadline_may_be_never() {
    in_real_time(async {
        let listener = listener().await;
        let ended = listener.shutdown(Duration::MAX).await;
        assert_eq!((ended.closed, ended.aborted), (0, 0));
    });
}

/// The handler answers a message that it has read before, finds the connection closed, and is gone.
#[test]
fn a_connection_that_was_read_as_a_stream_is_closed_to_the_end_by_a_send() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        client.send_text("a question").await.unwrap();
        let (asked, ended) = (Notify::new(), Notify::new());
        let serving = async {
            server.next().await.unwrap().unwrap();
            asked.notify_one();
            ended.notified().await;
            assert!(matches!(server.send("an answer").await, Err(Error::Closed)));
            drop(server);
        };
        let shutting_down = async {
            asked.notified().await;
            ended.notify_one();
            listener.shutdown(LONG).await
        };
        let ((), ended, heard) = tokio::join!(serving, shutting_down, client.recv());
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        assert_eq!(heard.unwrap(), None);
        let closed = listener.counters().closed;
        assert_eq!((closed.clean, closed.dropped), (1, 0));
    });
}

/// There is no other half that could.
#[test]
fn a_writer_without_its_reader_closes_to_the_end() {
    in_real_time(async {
        let listener = listener().await;
        let (server, mut client) = accept(&listener).await;
        let (reader, mut writer) = server.split();
        drop(reader);
        let sending = async {
            while writer.send("news").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            drop(writer);
        };
        let hearing = async {
            while let Some(message) = client.recv().await.unwrap() {
                assert_eq!(message.as_text(), Some("news"));
                client.send("noted").await.unwrap();
            }
        };
        let ((), (), ended) = tokio::join!(sending, hearing, listener.shutdown(LONG));
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        let closed = listener.counters().closed;
        assert_eq!((closed.clean, closed.dropped), (1, 0));
        assert_eq!(client.close_reason().unwrap().code, CloseCode::GOING_AWAY);
    });
}

#[test]
fn a_second_shutdown_waits_for_the_remaining_connections() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let none = tokio::time::timeout(Duration::from_millis(50), listener.shutdown(LONG)).await;
        assert!(none.is_err(), "the shutdown did not wait for the connection");
        let (ended, heard, closed) =
            tokio::join!(listener.shutdown(LONG), server.recv(), client.recv());
        assert!(heard.unwrap().is_none() && closed.unwrap().is_none());
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        let ended = listener.shutdown(LONG).await;
        assert_eq!((ended.closed, ended.aborted), (0, 0));
    });
}
