//! The output of a connection: headers, masks, and control frames that fit or wait.

use websocket_listener_core::{
    CloseCode, Config, Connection, ControlArray, DataFrame, FrameHeader, Instant,
    MAX_CONTROL_FRAME, MessageKind, OpCode, ReservedBits, SendError,
};
use websocket_listener_tests::{
    MASK, Side, collect, frame, last_mask, ping, transmit_all, wire_frames,
};

const NOW: Instant = Instant::from_micros(0);

const LENGTHS: [u64; 9] = [0, 1, 125, 126, 127, 65_535, 65_536, u32::MAX as u64 + 1, (1 << 63) - 1];

fn begin(connection: &mut Connection, kind: MessageKind, length: u64) -> Vec<u8> {
    let header = connection.begin_frame(DataFrame::whole(kind, length)).expect("open");
    header.as_bytes().to_vec()
}

/// Section 5.2: every length in its shortest form.
#[test]
fn headers_are_written_in_their_shortest_form() {
    for length in LENGTHS {
        for (kind, opcode) in
            [(MessageKind::Text, OpCode::Text), (MessageKind::Binary, OpCode::Binary)]
        {
            let header = begin(&mut Side::Server.connection(Config::new()), kind, length);
            assert_eq!(header, frame(opcode).declared_length(length).header(), "{length}");

            let header = begin(&mut Side::Client.connection(Config::new()), kind, length);
            let expected = frame(opcode).declared_length(length).masked(last_mask());
            assert_eq!(header, expected.header(), "{length}");
        }
    }
}

/// Section 5.4: the frames of two messages do not mix.
#[test]
fn a_message_is_under_way_from_its_first_frame_to_its_last() {
    let mut connection = Side::Server.connection(Config::new());
    assert!(!connection.is_amid_message());
    let whole = DataFrame::whole(MessageKind::Text, 3);
    for (first, last) in [(true, false), (false, false), (false, true)] {
        connection.begin_frame(DataFrame { first, last, ..whole }).expect("in order");
        assert_eq!(connection.is_amid_message(), !last);
        let other = connection.begin_frame(DataFrame { last: false, ..whole });
        assert_eq!(other.err(), (!last).then_some(SendError::MessageUnfinished));
        if last {
            assert!(connection.is_amid_message(), "another has begun");
        }
    }
}

/// A header alone, without a connection, for messages that are prepared once and sent to many.
#[test]
fn a_header_is_encoded_as_described() {
    for length in LENGTHS {
        for mask in [None, Some(MASK)] {
            for fin in [false, true] {
                let reserved = ReservedBits::RSV1.union(ReservedBits::RSV3);
                let header =
                    FrameHeader { fin, reserved, opcode: OpCode::Binary, mask, length }.encode();
                let expected = frame(OpCode::Binary).fin(fin).rsv(0b101).declared_length(length);
                let expected = mask.map_or(expected.clone(), |key| expected.masked(key));
                assert_eq!(header.as_bytes(), expected.header());
                assert_eq!(header.mask().is_some(), mask.is_some());
            }
        }
    }
}

/// Section 5.1: "a client MUST mask all frames that it sends", "A server MUST NOT mask any frames".
#[test]
fn a_client_masks_every_frame_and_a_server_none() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let mut bytes = begin(&mut connection, MessageKind::Text, 0);
        connection.ping(b"ping").expect("open");
        bytes.extend(transmit_all(&mut connection, NOW));
        collect(&mut connection, &ping("pong").to(side).bytes(), &[]);
        bytes.extend(transmit_all(&mut connection, NOW));
        connection.close(CloseCode::NORMAL, "", NOW).expect("open");
        bytes.extend(transmit_all(&mut connection, NOW));
        let frames = wire_frames(&bytes);
        let opcodes: Vec<_> = frames.iter().map(|frame| frame.opcode).collect();
        assert_eq!(opcodes, [0x1, 0x9, 0xa, 0x8]);
        assert!(frames.iter().all(|frame| frame.mask.is_some() == (side == Side::Client)));
        assert_eq!((&frames[1].payload[..], &frames[2].payload[..]), (&b"ping"[..], &b"pong"[..]));

        // Section 5.3: "a fresh masking key from the set of allowed 32-bit values" for each frame.
        let masks: std::collections::BTreeSet<_> =
            frames.iter().filter_map(|frame| frame.mask).collect();
        assert_eq!(masks.len(), if side == Side::Client { 4 } else { 0 });
    }
}

/// Section 5.2: reserved bits stand where an extension says, on the first frame of a message.
#[test]
fn reserved_bits_are_written_on_the_first_frame_only() {
    for side in Side::BOTH {
        let config = Config::new().reserved_bits(ReservedBits::RSV1);
        let mut connection = side.connection(config);
        let mut bytes = Vec::new();
        for (first, last) in [(true, false), (false, false), (false, true)] {
            let (kind, reserved) = (MessageKind::Text, ReservedBits::RSV1);
            let frame = DataFrame { kind, reserved, first, last, length: 0 };
            bytes.extend(connection.begin_frame(frame).expect("open").as_bytes());
        }
        connection.ping(b"").expect("open");
        bytes.extend(transmit_all(&mut connection, NOW));
        let bits: Vec<_> = wire_frames(&bytes).iter().map(|frame| frame.rsv).collect();
        assert_eq!(bits, [0b100, 0, 0, 0]);
    }
}

/// Section 5.2, the sending side: what was not negotiated is refused to the caller.
#[test]
fn reserved_bits_that_were_not_negotiated_are_not_written() {
    for side in Side::BOTH {
        let config = Config::new().reserved_bits(ReservedBits::RSV1);
        for (config, reserved) in [
            (Config::new(), ReservedBits::RSV1),
            (config, ReservedBits::RSV2),
            (config, ReservedBits::RSV1.union(ReservedBits::RSV3)),
        ] {
            let mut connection = side.connection(config);
            let whole = DataFrame::whole(MessageKind::Binary, 0);
            let refused = connection.begin_frame(DataFrame { reserved, ..whole });
            assert_eq!(refused.err(), Some(SendError::ReservedBits));
            connection.begin_frame(whole).expect("nothing was begun");
        }
    }
}

/// A buffer too small for a control frame gets nothing of it, and the frame waits.
#[test]
fn control_frames_are_written_whole_or_not_at_all_in_any_room() {
    for side in Side::BOTH {
        for (pong, own) in [(0, 0), (0, 125), (1, 8), (125, 0), (125, 125)] {
            for room in 0..=140 {
                let mut connection = side.connection(Config::new());
                collect(&mut connection, &ping(vec![1; pong]).to(side).bytes(), &[]);
                connection.ping(&vec![2; own]).expect("open");
                for (opcode, payload) in [(0xa, vec![1; pong]), (0x9, vec![2; own])] {
                    let header = if side == Side::Client { 6 } else { 2 };
                    let mut out = vec![0x55; room];
                    let written = connection.transmit(&mut out, NOW);
                    if room < header + payload.len() {
                        assert_eq!(written, 0);
                        assert!(out.iter().all(|&byte| byte == 0x55), "touched");
                        assert!(connection.wants_transmit(), "lost");
                        let mut out = [0; MAX_CONTROL_FRAME];
                        assert_eq!(connection.transmit(&mut out, NOW), header + payload.len());
                        continue;
                    }
                    let frames = wire_frames(&out[..written]);
                    assert_eq!((frames.len(), frames[0].opcode), (1, opcode));
                    assert_eq!(frames[0].payload, payload);
                    assert!(out[written..].iter().all(|&byte| byte == 0x55), "beyond its end");
                }
                assert!(!connection.wants_transmit());
            }
        }
    }
}

#[test]
fn the_longest_control_frame_has_the_documented_length() {
    let mut connection = Side::Client.connection(Config::new());
    connection.ping(&[0; 125]).expect("open");
    assert_eq!(connection.transmit(&mut [0; MAX_CONTROL_FRAME - 1], NOW), 0);
    assert_eq!(connection.transmit(&mut [0; MAX_CONTROL_FRAME], NOW), MAX_CONTROL_FRAME);
}

/// The cost of every connection before any buffer: a thousandth of that in other libraries.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_connection_takes_no_more_than_432_bytes() {
    let size = size_of::<Connection>();
    assert!(size <= 432, "{size} bytes");
}

/// A connection with little memory for control frames.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_connection_takes_180_bytes_and_its_memory_for_control_frames() {
    type Tight = Connection<ControlArray, ControlArray<8>>;
    let memory = size_of::<ControlArray>() + size_of::<ControlArray<8>>();
    let size = size_of::<Tight>() - memory;
    assert!(size <= 180, "{size} bytes");
}
