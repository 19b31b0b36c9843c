//! The owner of the stream wants the connection closed: 1001 (RFC 6455 section 7.4.1), in any wait of
//! the receiving side.

use std::task::{Context, Poll};
use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType};
use websocket_listener_core::io::{Clock, ReadHalf, RecvError, WebSocket};
use websocket_listener_core::{CloseCode, Config, Initiator, Instant};
use websocket_listener_tests::{
    RawPeer, RingReader, RingWriter, Side, VirtualClock, close, continuation, duplex, join, owned,
    run, text,
};

/// A stream whose owner goes away after that time.
struct Leaving {
    half: RingReader,
    clock: VirtualClock,
    at: Instant,
}

impl ErrorType for Leaving {
    type Error = ErrorKind;
}

impl ReadHalf for Leaving {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        self.half.poll_read_with(cx, take)
    }

    fn poll_going_away(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.clock.poll_until(cx, self.at)
    }
}

/// A second after the start the owner goes away.
fn leaving(clock: &VirtualClock) -> (WebSocket<Leaving, RingWriter, VirtualClock>, RawPeer) {
    let ((half, writer), there) = duplex(131);
    let at = Instant::default() + Duration::from_secs(1);
    let reader = Leaving { half, clock: clock.clone(), at };
    let role = Side::Server.role();
    let socket = WebSocket::new(reader, writer, clock.clone(), role, Config::new());
    (socket, RawPeer::of(Side::Server, there))
}

async fn peer_is_told(peer: &mut RawPeer, clock: &VirtualClock) {
    let frame = peer.frame().await.unwrap();
    assert_eq!((frame.opcode, &frame.payload[..]), (8, &b"\x03\xe9"[..]));
    assert_eq!(clock.elapsed(), Duration::from_secs(1));
}

#[test]
fn a_wait_for_a_message_sees_the_connection_to_its_end() {
    for whole in [true, false] {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = leaving(&clock);
        let here = async {
            if whole {
                assert_eq!(socket.recv(&mut []).await, Ok(None));
            } else {
                assert!(socket.next_message().await.unwrap().is_none());
            }
            let reason = socket.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::GOING_AWAY, Initiator::Local));
        };
        let there = async {
            peer_is_told(&mut peer, &clock).await;
            peer.send(close(CloseCode::GOING_AWAY, "")).await;
            assert_eq!(peer.frame().await, None);
            peer.end();
        };
        run(&clock, join(here, there));
    }
}

#[test]
fn a_receiving_half_is_told_and_gets_the_message_on_its_way() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = leaving(&clock);
    let (mut reader, _writer) = socket.split();
    let here = async {
        let mut buffer = [0; 16];
        let message = reader.recv(&mut buffer).await.unwrap().map(owned);
        assert_eq!(message.unwrap().1, b"last");
        assert_eq!(reader.recv(&mut buffer).await, Ok(None));
    };
    let there = async {
        peer_is_told(&mut peer, &clock).await;
        peer.send(text("last")).await;
        peer.send(close(CloseCode::GOING_AWAY, "")).await;
        assert_eq!(peer.frame().await, None);
        peer.end();
    };
    run(&clock, join(here, there));
}

#[test]
fn an_endless_message_does_not_keep_the_connection_open() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = leaving(&clock);
    let here = async {
        let mut message = socket.next_message().await.unwrap().unwrap();
        let mut buffer = [0; 4];
        loop {
            match message.read(&mut buffer).await {
                Ok(count) => assert!(count > 0),
                Err(error) => return error,
            }
        }
    };
    let there = async {
        peer.send(text("begun").fin(false)).await;
        peer_is_told(&mut peer, &clock).await;
        peer.send(continuation("more").fin(false)).await;
        peer.send(close(CloseCode::GOING_AWAY, "")).await;
        assert_eq!(peer.frame().await, None);
        peer.end();
    };
    let (error, ()) = run(&clock, join(here, there));
    assert_eq!(error, RecvError::Closed);
}
