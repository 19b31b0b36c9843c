//! The steps by which a connection refuses its input (RFC 6455 section 7.1.7).

use websocket_listener_core::{
    CloseCode, Config, ControlError, DataFrame, Instant, MessageKind, ProtocolError, SendError,
};

use crate::{Log, Side, transmit_all, wire_frames};

/// Gives `bytes` to a new connection, one by one, and checks that it refuses them as it must: the
/// Close frame with the error's code is written, nothing else is, and nothing works any more.
/// Gives the error and the number of bytes it took.
///
/// # Panics
/// If the bytes are not refused, or not in this way.
#[must_use]
pub fn refusal(side: Side, config: Config, bytes: &[u8]) -> (ProtocolError, usize) {
    let now = Instant::default();
    let mut connection = side.connection(config);
    let mut log = Log::default();
    let mut taken = 0;
    while log.error.is_none() {
        let byte = bytes.get(taken).unwrap_or_else(|| panic!("{side:?} accepts {bytes:x?}"));
        log.receive(&mut connection, &[*byte], now);
        taken += 1;
    }
    let error = log.error.expect("the loop's condition");

    assert_eq!(connection.receive(&mut [0x81], now), Err(error), "refused once, accepted later");
    let whole = DataFrame::whole(MessageKind::Text, 0);
    assert_eq!(connection.begin_frame(whole).err(), Some(SendError::Closed));
    assert_eq!(connection.ping(b""), Err(ControlError::Closed));
    assert_eq!(connection.close(CloseCode::NORMAL, "", now), Err(ControlError::Closed));
    assert!(!connection.can_send() && !connection.can_receive() && !connection.is_closed());

    let written = wire_frames(&transmit_all(&mut connection, now));
    let [close] = &written[..] else { panic!("not a single Close frame: {written:x?}") };
    assert_eq!(close.opcode, 0x8);
    assert_eq!(close.mask.is_some(), side == Side::Client, "section 5.1");
    assert_eq!(close.payload[..2], error.close_code().as_u16().to_be_bytes());
    assert_eq!(close.payload[2..], *error.message().as_bytes());
    assert!(connection.is_closed(), "to be closed at once");
    (error, taken)
}
