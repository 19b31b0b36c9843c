//! Frames and messages, compared with those of another crate.

use std::io::{Cursor, Read, Write};

use proptest::collection::vec;
use proptest::prelude::*;
use tungstenite::Message;
use tungstenite::protocol::frame::FrameHeader as TheirHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode as TheirOpCode};
use tungstenite::protocol::{Role as TheirRole, WebSocket};
use websocket_listener_core::{
    CloseCode, Config, DataFrame, FrameHeader, Instant, MAX_CONTROL_FRAME, Mask, MessageKind,
    OpCode, ReservedBits,
};
use websocket_listener_tests::{Heard, Side, collect};

use crate::arbitrary::{close_codes, cuts, messages, reasons, sides};

fn their_opcode(opcode: OpCode) -> TheirOpCode {
    match opcode {
        OpCode::Continuation => TheirOpCode::Data(Data::Continue),
        OpCode::Text => TheirOpCode::Data(Data::Text),
        OpCode::Binary => TheirOpCode::Data(Data::Binary),
        OpCode::Close => TheirOpCode::Control(Control::Close),
        OpCode::Ping => TheirOpCode::Control(Control::Ping),
        OpCode::Pong => TheirOpCode::Control(Control::Pong),
    }
}

fn opcodes() -> impl Strategy<Value = OpCode> {
    prop_oneof![
        Just(OpCode::Continuation),
        Just(OpCode::Text),
        Just(OpCode::Binary),
        Just(OpCode::Close),
        Just(OpCode::Ping),
        Just(OpCode::Pong),
    ]
}

fn lengths() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..130_u64,
        65_500..65_600_u64,
        (0..63_u32).prop_map(|bit| 1 << bit),
        0..1_u64 << 63
    ]
}

/// A transport that gives what it holds and keeps what is written.
#[derive(Default)]
struct Transport {
    input: Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn theirs(side: Side, input: Vec<u8>) -> WebSocket<Transport> {
    let role = match side {
        Side::Server => TheirRole::Server,
        Side::Client => TheirRole::Client,
    };
    let transport = Transport { input: Cursor::new(input), output: Vec::new() };
    WebSocket::from_raw_socket(transport, role, None)
}

fn their_message((kind, payload): &(MessageKind, Vec<u8>)) -> Message {
    match kind {
        MessageKind::Text => Message::text(String::from_utf8(payload.clone()).expect("text")),
        MessageKind::Binary => Message::binary(payload.clone()),
    }
}

proptest! {
    /// Any header, also of frames that no connection would send.
    #[test]
    fn headers_are_the_same_bytes(
        (fin, rsv, opcode) in (any::<bool>(), any::<[bool; 3]>(), opcodes()),
        mask in any::<Option<[u8; 4]>>(),
        length in lengths(),
    ) {
        let [rsv1, rsv2, rsv3] = rsv;
        let bits = [ReservedBits::RSV1, ReservedBits::RSV2, ReservedBits::RSV3];
        let reserved = bits.into_iter().zip(rsv).filter(|&(_, set)| set);
        let reserved = reserved.fold(ReservedBits::NONE, |bits, (bit, _)| bits.union(bit));
        let ours = FrameHeader { fin, reserved, opcode, mask, length }.encode();
        let opcode = their_opcode(opcode);
        let header = TheirHeader { is_final: fin, rsv1, rsv2, rsv3, opcode, mask };
        let mut bytes = Vec::new();
        header.format(length, &mut bytes).expect("writing to memory");
        prop_assert_eq!(ours.as_bytes(), &bytes);
        let parsed = TheirHeader::parse(&mut Cursor::new(ours.as_bytes())).expect("a header");
        prop_assert_eq!(parsed, Some((header, length)));
    }

    /// Frames that another library writes are received.
    #[test]
    fn their_frames_are_heard(
        side in sides(),
        messages in vec(messages(), 0..6),
        ping in vec(any::<u8>(), 0..=125),
        cuts in cuts(1000),
    ) {
        let mut socket = theirs(side.peer(), Vec::new());
        let mut expected = Vec::new();
        for message in messages {
            socket.send(Message::Ping(ping.clone().into())).expect("a ping");
            expected.push(Heard::Ping(ping.clone()));
            socket.send(their_message(&message)).expect("a message");
            expected.push(Heard::Message(message.0, message.1));
        }
        socket.close(None).expect("a Close frame");
        socket.flush().expect("written");
        expected.push(Heard::Close(CloseCode::NO_STATUS, String::new()));
        let bytes = &socket.get_ref().output;
        let log = collect(&mut side.connection(Config::new()), bytes, &cuts);
        prop_assert_eq!((log.error, log.unfinished), (None, None));
        prop_assert_eq!(log.heard, expected);
    }

    /// Frames that this library writes are received by another.
    #[test]
    fn our_frames_are_heard(
        side in sides(),
        messages in vec(messages(), 0..6),
        ping in vec(any::<u8>(), 0..=125),
        (code, reason) in (close_codes(), reasons()),
    ) {
        // Registered with IANA, and not known to them.
        prop_assume!(code.as_u16() != 1014);
        let now = Instant::default();
        let mut connection = side.connection(Config::new());
        let mut bytes = Vec::new();
        let mut room = [0; MAX_CONTROL_FRAME];
        for (kind, payload) in &messages {
            connection.ping(&ping).expect("open");
            let length = connection.transmit(&mut room, now);
            bytes.extend_from_slice(&room[..length]);
            // In two fragments.
            let (start, end) = payload.split_at(payload.len() / 3);
            for (part, first) in [(start, true), (end, false)] {
                let (reserved, length) = (ReservedBits::NONE, part.len() as u64);
                let frame = DataFrame { kind: *kind, reserved, first, last: !first, length };
                let header = connection.begin_frame(frame).expect("open");
                bytes.extend_from_slice(header.as_bytes());
                let mut part = part.to_vec();
                header.mask().unwrap_or(Mask::new([0; 4])).apply(&mut part);
                bytes.extend(part);
            }
        }
        connection.close(code, &reason, now).expect("open");
        let length = connection.transmit(&mut room, now);
        bytes.extend_from_slice(&room[..length]);

        let mut socket = theirs(side.peer(), bytes);
        for message in &messages {
            let heard = socket.read().expect("a ping");
            prop_assert_eq!(heard, Message::Ping(ping.clone().into()));
            prop_assert_eq!(socket.read().expect("a message"), their_message(message));
        }
        let Message::Close(Some(close)) = socket.read().expect("a Close frame") else {
            return Err(TestCaseError::fail("not a Close frame"));
        };
        prop_assert_eq!((u16::from(close.code), close.reason.as_str()), (code.as_u16(), &reason[..]));

        // Their answers: a pong for the newest ping at least, and the Close frame.
        let log = collect(&mut connection, &socket.get_ref().output, &[]);
        prop_assert_eq!(log.error, None);
    }
}
