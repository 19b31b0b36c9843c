//! permessage-deflate: a connection is closed before a message that was sent, by a call that was
//! cancelled, has been compressed to its end.

use std::time::Duration;

use tokio::time::Instant;
use websocket_listener::{CloseCode, Deadline, Error, Initiator, Message, Options};
use websocket_listener_tests::polled;

use crate::deflate::support::{deflate, json, pair_with};
use crate::support::{Socket, in_virtual_time};

const LENGTH: usize = 8 << 20;

/// A server that has sent the message, of which most is not compressed, and its client.
async fn with_message(capacity: usize) -> (Socket, Socket, String) {
    let options = Options::new().max_message_bytes(LENGTH as u64);
    let (mut server, client) = pair_with(deflate(true), options, capacity).await;
    let text = json(LENGTH, 3);
    assert!(polled(1, server.send_text(&text)).await.is_none());
    (server, client, text)
}

#[test]
fn the_close_frame_follows_the_whole_message() {
    in_virtual_time(async {
        let (mut server, mut client, text) = with_message(1000).await;
        let closing = async {
            server.close(CloseCode::NORMAL, "that was all").await.unwrap();
        };
        let hearing = async {
            assert!(client.recv().await.unwrap() == Some(Message::text(text)));
            assert_eq!(client.recv().await.unwrap(), None);
        };
        tokio::join!(closing, hearing);
        let reason = client.close_reason().unwrap();
        assert_eq!((reason.code, &reason.reason[..]), (CloseCode::NORMAL, "that was all"));
        assert_eq!(reason.initiator, Initiator::Peer);
    });
}

#[test]
fn a_cancelled_close_closes_all_the_same() {
    in_virtual_time(async {
        let (mut server, mut client, text) = with_message(1000).await;
        assert!(polled(1, server.close(CloseCode::GOING_AWAY, "")).await.is_none());
        assert!(server.is_closed());
        assert!(matches!(server.send_text("one more").await, Err(Error::Closed)));
        assert!(matches!(server.try_send("one more"), Err(Error::Closed)));
        // A second close does not change the first one.
        let closing = async { server.close(CloseCode::NORMAL, "").await.unwrap() };
        let hearing = async {
            assert!(client.recv().await.unwrap() == Some(Message::text(text)));
            assert_eq!(client.recv().await.unwrap(), None);
        };
        tokio::join!(closing, hearing);
        assert_eq!(client.close_reason().unwrap().code, CloseCode::GOING_AWAY);
    });
}

#[test]
fn an_invalid_close_frame_leaves_the_connection_unchanged() {
    in_virtual_time(async {
        let (mut server, mut client, text) = with_message(1000).await;
        let reserved = server.close(CloseCode::new(1006), "").await;
        assert!(matches!(reserved, Err(Error::InvalidCloseCode)));
        let without_code = server.close(CloseCode::NO_STATUS, "why").await;
        assert!(matches!(without_code, Err(Error::InvalidCloseCode)));
        let long = server.close(CloseCode::NORMAL, &"x".repeat(124)).await;
        assert!(matches!(long, Err(Error::ControlTooLong)));
        let sending = async { server.send_text("still open").await.unwrap() };
        let hearing = async {
            assert!(client.recv().await.unwrap() == Some(Message::text(text)));
            assert_eq!(client.recv().await.unwrap(), Some(Message::text("still open")));
        };
        tokio::join!(sending, hearing);
    });
}

/// The rest does not wait for room: the peer must not decide how long a close takes.
#[test]
fn a_peer_that_takes_nothing_has_the_close_timeout_and_no_more() {
    in_virtual_time(async {
        let (mut server, _client, _) = with_message(1000).await;
        let begun = Instant::now();
        let closed = server.close(CloseCode::NORMAL, "").await;
        assert!(matches!(closed, Err(Error::TimedOut(Deadline::Close))));
        let took = begun.elapsed();
        assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&took), "{took:?}");
    });
}
