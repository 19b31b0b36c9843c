//! The examples of RFC 7692 section 7.2.3, and what RFC 1951 forbids.

use websocket_listener_core::deflate::{Deflater, InflateError, Inflater, Progress, Status};

use crate::deflate_zlib::{deflate, deflater, inflate, inflater};

const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";

fn inflate_whole(inflater: &mut Inflater, compressed: &[u8]) -> Result<Vec<u8>, InflateError> {
    inflate(inflater, compressed, &[usize::MAX], &[10_000])
}

fn deflate_whole(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
    deflate(deflater, message, &[usize::MAX], &[10_000])
}

/// Section 7.2.3.1.
#[test]
fn a_message_of_one_block() {
    assert_eq!(inflate_whole(&mut inflater(8), HELLO).unwrap(), b"Hello");
    assert_eq!(deflate_whole(&mut deflater(8), b"Hello"), HELLO);
}

/// Section 7.2.3.1: cut into two frames.
#[test]
fn a_message_cut_anywhere() {
    for piece in 1..HELLO.len() {
        assert_eq!(inflate(&mut inflater(8), HELLO, &[piece], &[1]).unwrap(), b"Hello");
    }
}

/// Section 7.2.3.2.
#[test]
fn a_second_message_shares_the_window() {
    let mut inflater = inflater(8);
    assert_eq!(inflate_whole(&mut inflater, HELLO).unwrap(), b"Hello");
    assert_eq!(inflate_whole(&mut inflater, b"\xf2\x00\x11\x00\x00").unwrap(), b"Hello");

    let mut deflater = deflater(8);
    deflate_whole(&mut deflater, b"Hello");
    let second = deflate_whole(&mut deflater, b"Hello");
    assert!(second.len() <= 5, "{second:x?}");
    assert_eq!(inflate_whole(&mut inflater, &second).unwrap(), b"Hello");
}

/// Section 7.2.3.2: without context takeover the second is as the first.
#[test]
fn a_second_message_has_an_empty_window_without_takeover() {
    let mut inflater = inflater(8);
    inflater.reset(false);
    assert_eq!(inflate_whole(&mut inflater, HELLO).unwrap(), b"Hello");
    assert_eq!(inflate_whole(&mut inflater, b"\xf2\x00\x11\x00\x00"), Err(InflateError::Distance));
    let mut deflater = deflater(8);
    deflater.reset(256, false);
    assert_eq!(deflate_whole(&mut deflater, b"Hello"), HELLO);
    assert_eq!(deflate_whole(&mut deflater, b"Hello"), HELLO);
}

/// Section 7.2.3.3.
#[test]
fn a_stored_block() {
    let stored = b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00";
    assert_eq!(inflate_whole(&mut inflater(8), stored).unwrap(), b"Hello");
}

/// Section 7.2.3.4: the block is the last of its stream, and another stream follows; also where the
/// sender left out the octet that begins it.
#[test]
fn a_block_that_is_the_last_of_its_stream() {
    let last = b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00";
    let mut inflater = inflater(8);
    assert_eq!(inflate_whole(&mut inflater, last).unwrap(), b"Hello");
    assert_eq!(inflate_whole(&mut inflater, &last[..7]).unwrap(), b"Hello");
    assert_eq!(inflate_whole(&mut inflater, HELLO).unwrap(), b"Hello");
}

/// Section 7.2.3.5.
#[test]
fn two_blocks_in_one_message() {
    let two = b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00";
    for piece in 1..=two.len() {
        assert_eq!(inflate(&mut inflater(8), two, &[piece], &[1]).unwrap(), b"Hello");
    }
}

/// Section 7.2.3.6.
#[test]
fn an_empty_message() {
    assert_eq!(inflate_whole(&mut inflater(8), b"\x00").unwrap(), b"");
    assert_eq!(inflate_whole(&mut inflater(8), b"").unwrap(), b"");
    assert_eq!(deflate_whole(&mut deflater(8), b""), b"\x00");
}

#[test]
fn a_message_may_end_where_its_output_is_full() {
    let mut inflater = inflater(8);
    let mut room = [0; 5];
    let progress = inflater.inflate(HELLO, true, &mut room).unwrap();
    assert_eq!(progress, Progress { consumed: 7, produced: 5, status: Status::Done });
}

#[test]
fn too_little_room_changes_nothing() {
    let mut deflater = deflater(8);
    let progress = deflater.deflate(b"Hello", true, &mut [0; 15]);
    assert_eq!(progress, Progress { consumed: 0, produced: 0, status: Status::NeedsOutput });
    assert_eq!(deflate_whole(&mut deflater, b"Hello"), HELLO);
}

/// RFC 1951 section 3.2, the least significant bit of each byte first.
#[test]
fn invalid_deflate_data_is_refused() {
    for (bytes, error) in [
        (&b"\x06"[..], InflateError::BlockType),
        (b"\x00\x05\x00\x05\x00", InflateError::StoredLength),
        (b"\x00\x06\x00\xf9\xff\x48", InflateError::Truncated),
        (b"\x00\x05\x00\xfa", InflateError::StoredLength),
        (b"\x1a\x03", InflateError::Symbol),
        // A repetition of what was never sent.
        (b"\x02\x03\x00", InflateError::Distance),
        // 287 literal and length codes; 31 distance codes.
        (b"\xf4\x00\x00\x00", InflateError::TooManyCodes),
        (b"\x04\x1e\x00\x00", InflateError::TooManyCodes),
        // No code lengths at all; four of them of one bit.
        (b"\x04\x00\x00\x00\x00", InflateError::CodeLengths),
        (b"\x04\x00\x92\x04\x00", InflateError::CodeLengths),
        // A length to be repeated before any was given.
        (b"\x04\x00\x12\x00\x00\x00", InflateError::RepeatedLength),
    ] {
        let mut inflater = inflater(8);
        assert_eq!(inflate_whole(&mut inflater, bytes), Err(error), "{bytes:x?}");
        assert_eq!(inflate_whole(&mut inflater, HELLO), Err(error), "it comes again");
        inflater.reset(true);
        assert_eq!(inflate_whole(&mut inflater, HELLO).unwrap(), b"Hello");
    }
}

/// A sender with a larger window than was agreed on.
#[test]
fn a_distance_beyond_the_window_is_refused() {
    let mut message = b"0123456789".to_vec();
    message.extend((0..400u32).map(|i| ((i * 7919) >> 3) as u8 | 0x80));
    message.extend(b"0123456789");
    let compressed = deflate_whole(&mut deflater(9), &message);
    assert_eq!(inflate_whole(&mut inflater(9), &compressed).unwrap(), message);
    assert_eq!(inflate_whole(&mut inflater(8), &compressed), Err(InflateError::Distance));
}

/// 1 KiB of zeros, deflated again and again by the longest match, is about a thousandth of them.
#[test]
fn a_bomb_is_inflated_as_far_as_there_is_room_and_no_further() {
    let compressed = deflate_whole(&mut deflater(15), &vec![0; 1 << 20]);
    assert!(compressed.len() < 10_000, "{}", compressed.len());
    let mut inflater = inflater(15);
    let mut room = [1; 1000];
    let progress = inflater.inflate(&compressed, true, &mut room).unwrap();
    assert_eq!((progress.produced, progress.status), (1000, Status::NeedsOutput));
    assert!(progress.consumed < 30, "{}", progress.consumed);
}
