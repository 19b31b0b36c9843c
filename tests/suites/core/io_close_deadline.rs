//! The close timeout where the peer never pauses, so that nothing is ever waited for.

use std::cell::Cell;
use std::task::{Context, Poll};
use std::time::Duration;

use embedded_io_async::ErrorType;
use websocket_listener_core::io::{Clock, Error, ErrorKind, ReadHalf, RecvError, WebSocket};
use websocket_listener_core::{CloseCode, Config, Instant, ProtocolError, TimedOut};
use websocket_listener_tests::{
    Frame, RingReader, RingWriter, Side, VirtualClock, binary, close, continuation, owned, ping,
    polled, ring, run, socket_and_peer, text,
};

const TIMED_OUT: RecvError = RecvError::TimedOut(TimedOut::Close);

/// A stream that always has more, and a clock that moves while it is read.
struct Endless<'c> {
    next: Vec<u8>,
    more: Vec<u8>,
    micros: &'c Cell<u64>,
}

impl ErrorType for Endless<'_> {
    type Error = ErrorKind;
}

impl ReadHalf for Endless<'_> {
    fn poll_read_with(
        &mut self,
        _: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        self.micros.set(self.micros.get() + 1000);
        assert!(self.micros.get() < 1_000_000_000, "it is read for ever");
        if self.next.is_empty() {
            self.next.clone_from(&self.more);
        }
        let taken = take(&mut self.next);
        self.next.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

struct Moving<'c>(&'c Cell<u64>);

impl Clock for Moving<'_> {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.get())
    }

    fn poll_until(&self, _: &mut Context<'_>, _: Instant) -> Poll<()> {
        Poll::Pending
    }
}

type Flooded<'c> = WebSocket<Endless<'c>, RingWriter, Moving<'c>>;

/// A server whose client sends this frame, and these bytes again and again.
fn flooded<'c>(start: &Frame, more: &[u8], micros: &'c Cell<u64>) -> (Flooded<'c>, RingReader) {
    let next = start.clone().to(Side::Server).bytes();
    let reader = Endless { next, more: more.to_vec(), micros };
    let (writer, from_here) = ring(131);
    let role = Side::Server.role();
    (WebSocket::new(reader, writer, Moving(micros), role, Config::new()), from_here)
}

fn assert_close_timeout(micros: &Cell<u64>) {
    assert!((5_000_000..5_100_000).contains(&micros.get()), "{} µs", micros.get());
}

#[test]
fn a_flood_that_never_pauses_does_not_put_off_the_close_deadline() {
    let clock = VirtualClock::default();
    for (start, from_here, outcome) in [
        (close(CloseCode::NORMAL, ""), false, Ok(())),
        (text(b"\xff"), false, Err(RecvError::Protocol(ProtocolError::InvalidUtf8))),
        // one frame without end
        (binary("").declared_length(1 << 19), true, Err(TIMED_OUT)),
    ] {
        let micros = Cell::new(0);
        let (mut socket, _from_here) = flooded(&start, &[0xaa; 64], &micros);
        run(&clock, async {
            if from_here {
                let closed = socket.close(CloseCode::NORMAL, "").await;
                assert_eq!(closed, outcome.map_err(Error::Recv));
            }
            let received = socket.recv(&mut []).await.map(|message| message.map(owned));
            assert_eq!(received, outcome.map(|()| None));
        });
        assert_close_timeout(&micros);
    }
}

#[test]
fn messages_that_never_pause_do_not_put_off_the_deadline_of_a_close_that_the_other_half_began() {
    let clock = VirtualClock::default();
    let more = binary("more").to(Side::Server).bytes();
    let micros = Cell::new(0);
    let (mut socket, _from_here) = flooded(&binary("more"), &more, &micros);
    let (mut reader, mut writer) = socket.split();
    run(&clock, async {
        writer.close(CloseCode::GOING_AWAY, "").await.unwrap();
        let mut buffer = [0; 16];
        loop {
            match reader.recv(&mut buffer).await.map(|message| message.map(owned)) {
                Ok(message) => assert_eq!(message.unwrap().1, b"more"),
                Err(error) => break assert_eq!(error, TIMED_OUT),
            }
        }
    });
    assert_close_timeout(&micros);
}

#[test]
fn an_endless_message_read_as_a_stream_does_not_put_off_the_close_deadline() {
    let clock = VirtualClock::default();
    let more = binary("").declared_length(1 << 19).to(Side::Server);
    let micros = Cell::new(0);
    let (mut socket, _from_here) = flooded(&more, &[0xaa; 64], &micros);
    let (mut reader, mut writer) = socket.split();
    run(&clock, async {
        writer.close(CloseCode::GOING_AWAY, "").await.unwrap();
        let mut message = reader.next_message().await.unwrap().unwrap();
        let mut buffer = [0; 16];
        loop {
            match message.read(&mut buffer).await {
                Ok(count) => assert!(count > 0),
                Err(error) => break assert_eq!(error, TIMED_OUT),
            }
        }
    });
    assert_close_timeout(&micros);
}

#[test]
fn pings_and_empty_fragments_without_end_do_not_put_off_the_close_deadline() {
    let clock = VirtualClock::default();
    for more in [ping("?"), continuation("").fin(false)] {
        let micros = Cell::new(0);
        let start = binary("begun").fin(false);
        let more = more.to(Side::Server).bytes();
        let (mut socket, _from_here) = flooded(&start, &more, &micros);
        let (mut reader, mut writer) = socket.split();
        run(&clock, async {
            writer.close(CloseCode::GOING_AWAY, "").await.unwrap();
            let mut buffer = [0; 16];
            let received = reader.recv(&mut buffer).await.map(|message| message.map(owned));
            assert_eq!(received, Err(TIMED_OUT));
        });
        assert_close_timeout(&micros);
    }
}

/// The application was busy when the deadline passed.
#[test]
fn an_answer_in_time_counts_though_read_late() {
    for whole in [true, false] {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
        run(&clock, async {
            assert_eq!(polled(1, socket.close(CloseCode::NORMAL, "")).await, None);
            peer.send(ping("?")).await;
            peer.send(binary("too late")).await;
            peer.send(close(CloseCode::NORMAL, "")).await;
            peer.end();
            clock.sleep(Duration::from_secs(60)).await;
            if whole {
                let received = socket.recv(&mut [0; 16]).await.map(|message| message.map(owned));
                assert_eq!(received, Ok(None));
            } else {
                assert_eq!(socket.close(CloseCode::NORMAL, "").await, Ok(()));
            }
            assert!(socket.close_reason().unwrap().is_clean());
        });
    }
}
