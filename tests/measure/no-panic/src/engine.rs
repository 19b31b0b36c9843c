//! The protocol engine: every public function of it, in any order a caller may choose.

use core::hint::black_box;
use core::time::Duration;

use websocket_listener_core::{
    CloseCode, Config, Connection, DataFrame, Event, Failure, FrameHeader, Initiator, Instant,
    Mask, MessageKind, OpCode, PingMode, ReservedBits, Role, Side, Utf8Validator,
};

use crate::errors::say;
use crate::{any, any_bytes};

/// Drives a connection in either role, then the parts that can be had alone.
pub fn drive() {
    let mut connection = Connection::new(any(Role::Server), config(), instant());
    while any(true) {
        receive(&mut connection);
        send(&mut connection);
        tell_time(&mut connection);
        ask(&connection);
    }
    frames();
    text();
}

/// Any configuration.
pub fn config() -> Config {
    let config = Config::new()
        .max_message_bytes(any(1))
        .max_fragments(any(1))
        .ping_mode(any(PingMode::Manual))
        .ping_interval(duration())
        .pong_timeout(duration())
        .close_timeout(duration())
        .write_timeout(duration())
        .min_write_rate(any(100))
        .half_close(any(true))
        .reserved_bits(any(ReservedBits::RSV1));
    black_box(if any(true) { config } else { Config::default() })
}

/// Any time.
pub fn instant() -> Instant {
    let instant = Instant::from_micros(any(0)) + duration();
    black_box(instant.as_micros());
    black_box(instant.saturating_since(any(Instant::default())));
    instant
}

/// Any duration. Made by hand: `Duration::new` may panic, and that is its caller's affair.
pub fn duration() -> Duration {
    Duration::from_micros(any(0))
}

/// Any bytes from the peer.
fn receive(connection: &mut Connection) {
    let mut buffer = [0; 64];
    let received = connection.receive(any_bytes(&mut buffer), instant());
    match received {
        Ok(received) => {
            black_box(received.consumed);
            if let Some(Event::Data(data)) = &received.event {
                black_box((data.kind, data.reserved, data.first, data.last, &data.payload));
            }
            black_box(&received.event);
        }
        Err(error) => {
            black_box((error.close_code(), error.message()));
            say(Err::<(), _>(error));
        }
    }
    if any(false) {
        connection.end_of_input(instant());
    }
}

/// Message frames and control frames to the peer.
fn send(connection: &mut Connection) {
    let frame = DataFrame {
        kind: any(MessageKind::Text),
        reserved: any(ReservedBits::NONE),
        first: any(true),
        last: any(true),
        length: any(0),
    };
    let frame = if any(true) { frame } else { DataFrame::whole(any(MessageKind::Binary), any(0)) };
    say(connection.begin_frame(frame).map(|header| {
        black_box((header.as_bytes(), header.mask()));
    }));
    let mut buffer = [0; 256];
    say(connection.ping(any_bytes(&mut buffer)));
    let reason = core::str::from_utf8(any_bytes(&mut buffer)).unwrap_or_default();
    say(connection.close(CloseCode::new(any(1000)), any(reason), instant()));
    if black_box(connection.wants_transmit()) {
        let out = any_bytes(&mut buffer);
        black_box(connection.transmit(out, instant()));
        black_box(out);
    }
    connection.written(any(0), instant);
    if !black_box(connection.is_write_blocked()) {
        connection.write_blocked(instant());
    }
    connection.unsent(any(0), instant());
    connection.flushed(instant());
    if any(false) {
        connection.write_failed();
    }
    if black_box(connection.wants()).shut_down {
        connection.shut_down();
    }
}

/// The deadlines, and the end.
fn tell_time(connection: &mut Connection) {
    let side = if any(true) { Side::Reader } else { Side::Writer };
    black_box(connection.poll_timeout(side));
    connection.restart_close_deadline(instant());
    say(connection.handle_timeout(side, instant()));
    if any(false) {
        connection.give_up(Failure::Aborted);
    }
    if let Some(outcome) = connection.outcome() {
        say(outcome);
    }
}

/// Everything a connection can be asked.
fn ask(connection: &Connection) {
    black_box((
        connection.role(),
        connection.latency(),
        connection.last_received(),
        connection.control_payload(),
    ));
    black_box((
        connection.can_send(),
        connection.can_receive(),
        connection.is_closed(),
        connection.frame_remaining(),
    ));
    if let Some(reason) = connection.close_reason() {
        black_box((
            reason.code.as_u16(),
            reason.code.is_sendable(),
            reason.reason,
            reason.is_clean(),
        ));
        black_box(u16::from(reason.code));
        black_box(reason.initiator == Initiator::Local);
        say(Err::<(), _>(reason.code));
    }
}

/// Headers and masks.
fn frames() {
    let opcode = OpCode::from_bits(any(1)).unwrap_or(OpCode::Text);
    black_box(opcode.is_control());
    let reserved = any(ReservedBits::RSV2).union(any(ReservedBits::RSV3));
    black_box((reserved.contains(any(ReservedBits::NONE)), reserved.is_empty()));
    let header = FrameHeader { fin: any(true), reserved, opcode, mask: any(None), length: any(0) };
    let encoded = header.encode();
    black_box((encoded.as_bytes(), encoded.mask()));
    let mut mask = Mask::new(any([0; 4]));
    let mut buffer = [0; 64];
    let payload = any_bytes(&mut buffer);
    mask.apply(payload);
    black_box(payload);
}

/// Text in pieces.
fn text() {
    let mut validator = Utf8Validator::new();
    let mut buffer = [0; 64];
    while any(true) {
        say(validator.push(any_bytes(&mut buffer)));
        black_box(validator.is_complete());
    }
}
