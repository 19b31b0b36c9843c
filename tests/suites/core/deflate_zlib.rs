//! Our deflater and inflater against zlib's, both ways.

use proptest::prelude::*;
use websocket_listener_core::deflate::{Deflater, InflateError, Inflater, MIN_OUTPUT, Status};
use zlib_rs::{
    Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status as ZlibStatus,
    Strategy as ZlibStrategy,
};

pub(crate) fn inflater(bits: u8) -> Box<Inflater> {
    match bits {
        8 => Box::new(Inflater::<[u8; 1 << 8]>::new()),
        9 => Box::new(Inflater::<[u8; 1 << 9]>::new()),
        10 => Box::new(Inflater::<[u8; 1 << 10]>::new()),
        12 => Box::new(Inflater::<[u8; 1 << 12]>::new()),
        15 => Box::new(Inflater::<[u8; 1 << 15]>::new()),
        _ => panic!("add it here"),
    }
}

pub(crate) fn deflater(bits: u8) -> Box<Deflater> {
    match bits {
        8 => Box::new(Deflater::<[u8; 1 << 8]>::new()),
        9 => Box::new(Deflater::<[u8; 1 << 9]>::new()),
        10 => Box::new(Deflater::<[u8; 1 << 10]>::new()),
        12 => Box::new(Deflater::<[u8; 1 << 12]>::new()),
        15 => Box::new(Deflater::<[u8; 1 << 15]>::new()),
        _ => panic!("add it here"),
    }
}

/// The ways in which zlib can write: every kind of block, and every way to find repetitions.
#[derive(Clone, Copy, Debug)]
struct Style {
    level: i32,
    bits: u8,
    strategy: ZlibStrategy,
}

fn style() -> impl Strategy<Value = Style> {
    let strategy = prop_oneof![
        Just(ZlibStrategy::Default),
        Just(ZlibStrategy::Filtered),
        Just(ZlibStrategy::HuffmanOnly),
        Just(ZlibStrategy::Rle),
        Just(ZlibStrategy::Fixed),
    ];
    (0..=9, prop_oneof![Just(9u8), Just(10), Just(12), Just(15)], strategy)
        .prop_map(|(level, bits, strategy)| Style { level, bits, strategy })
}

/// Text-like, repetitive, and random data, up to a few windows long.
pub(crate) fn data() -> impl Strategy<Value = Vec<u8>> {
    let few = prop::collection::vec(prop::sample::select(&b"ab{}:,\"01"[..]), 0..6000);
    let noise = prop::collection::vec(any::<u8>(), 0..2000);
    let same = (any::<u8>(), 0usize..70_000).prop_map(|(byte, count)| vec![byte; count]);
    let repeated = (prop::collection::vec(any::<u8>(), 1..1500), 1usize..12)
        .prop_map(|(part, times)| part.repeat(times));
    prop_oneof![few, noise, same, repeated]
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(data(), 1..4)
}

/// Compresses one message as RFC 7692 section 7.2.1 says.
fn zlib_deflate(zlib: &mut Deflate, message: &[u8]) -> Vec<u8> {
    if message.is_empty() {
        // zlib does not flush twice.
        return vec![0];
    }
    let mut out = vec![0; message.len() * 2 + 1000];
    let before = zlib.total_out();
    let status = zlib.compress(message, &mut out, DeflateFlush::SyncFlush).unwrap();
    assert_eq!(status, ZlibStatus::Ok);
    out.truncate((zlib.total_out() - before) as usize);
    assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
    out.truncate(out.len() - 4);
    out
}

/// The other way (section 7.2.2).
pub(crate) fn zlib_inflate(zlib: &mut Inflate, compressed: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length + 1];
    let before = zlib.total_out();
    let whole = [compressed, &[0, 0, 0xff, 0xff]].concat();
    zlib.decompress(&whole, &mut out, InflateFlush::SyncFlush).unwrap();
    out.truncate((zlib.total_out() - before) as usize);
    out
}

/// Inflates a message given in pieces, into rooms of other sizes.
pub(crate) fn inflate(
    inflater: &mut Inflater,
    compressed: &[u8],
    pieces: &[usize],
    rooms: &[usize],
) -> Result<Vec<u8>, InflateError> {
    let (mut pieces, mut rooms) = (pieces.iter().cycle(), rooms.iter().cycle());
    let mut message = Vec::new();
    let mut rest = compressed;
    loop {
        let piece = &rest[..rest.len().min(*pieces.next().unwrap())];
        let last = piece.len() == rest.len();
        let mut room = vec![0; *rooms.next().unwrap()];
        let progress = inflater.inflate(piece, last, &mut room)?;
        message.extend_from_slice(&room[..progress.produced]);
        rest = &rest[progress.consumed..];
        if progress.status == Status::Done {
            assert!(rest.is_empty());
            return Ok(message);
        }
    }
}

/// Deflates a message given in pieces, into rooms of other sizes.
pub(crate) fn deflate(
    deflater: &mut Deflater,
    message: &[u8],
    pieces: &[usize],
    rooms: &[usize],
) -> Vec<u8> {
    let (mut pieces, mut rooms) = (pieces.iter().cycle(), rooms.iter().cycle());
    let mut compressed = Vec::new();
    let mut rest = message;
    loop {
        let piece = &rest[..rest.len().min(*pieces.next().unwrap())];
        let last = piece.len() == rest.len();
        let mut room = vec![0; *rooms.next().unwrap()];
        let progress = deflater.deflate(piece, last, &mut room);
        compressed.extend_from_slice(&room[..progress.produced]);
        rest = &rest[progress.consumed..];
        if progress.status == Status::Done {
            assert!(rest.is_empty());
            return compressed;
        }
    }
}

fn sizes(least: usize) -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![least..least + 8, least..5000];
    prop::collection::vec(size, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn data_deflated_by_zlib_is_inflated(
        messages in messages(),
        style in style(),
        pieces in sizes(1),
        rooms in sizes(1),
        takes_over in any::<bool>(),
    ) {
        let config = DeflateConfig {
            level: style.level,
            window_bits: -i32::from(style.bits),
            strategy: style.strategy,
            ..DeflateConfig::default()
        };
        let mut zlib = Deflate::new_with_config(config);
        let mut inflater = inflater(style.bits);
        inflater.reset(takes_over);
        for message in &messages {
            let compressed = zlib_deflate(&mut zlib, message);
            prop_assert_eq!(&inflate(&mut inflater, &compressed, &pieces, &rooms).unwrap(), message);
            if !takes_over {
                zlib.reset();
            }
        }
    }

    #[test]
    fn zlib_inflates_our_deflated_data(
        messages in messages(),
        bits in prop_oneof![Just(8u8), Just(9), Just(10), Just(12), Just(15)],
        pieces in sizes(1),
        rooms in sizes(MIN_OUTPUT),
        takes_over in any::<bool>(),
    ) {
        let mut deflater = deflater(bits);
        deflater.reset(1 << bits, takes_over);
        let mut zlib = Inflate::new(false, bits);
        for message in &messages {
            let compressed = deflate(&mut deflater, message, &pieces, &rooms);
            prop_assert_eq!(&zlib_inflate(&mut zlib, &compressed, message.len()), message);
            if !takes_over {
                zlib.reset(false);
            }
        }
    }

    #[test]
    fn our_deflated_data_is_inflated_within_the_smaller_window(
        messages in messages(),
        pieces in sizes(1),
        rooms in sizes(MIN_OUTPUT),
        takes_over in any::<bool>(),
    ) {
        let (mut deflater, mut inflater) = (deflater(12), inflater(9));
        deflater.reset(1 << 9, takes_over);
        inflater.reset(takes_over);
        for message in &messages {
            let compressed = deflate(&mut deflater, message, &pieces, &rooms);
            prop_assert_eq!(&inflate(&mut inflater, &compressed, &rooms, &pieces).unwrap(), message);
        }
    }

    /// At most a few bytes for each room and each piece, however badly it compresses.
    #[test]
    fn nothing_grows_by_more_than_a_stored_block(message in data()) {
        let room = message.len() * 2 + 100;
        let compressed = deflate(&mut deflater(10), &message, &[usize::MAX], &[room]);
        prop_assert!(compressed.len() <= message.len() + 8 * (message.len() / 0xffff + 1));
    }

    /// The inflater ends on any input, within its memory, and refuses only input that zlib refuses.
    #[test]
    fn any_bytes_are_inflated_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        pieces in sizes(1),
        rooms in sizes(1),
    ) {
        compare_with_zlib(&bytes, &pieces, &rooms)?;
    }

    #[test]
    fn corrupt_streams_are_inflated_or_refused(
        message in data(),
        style in style(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
        pieces in sizes(1),
        rooms in sizes(1),
    ) {
        let mut zlib = Deflate::new(style.level, false, style.bits);
        let mut compressed = zlib_deflate(&mut zlib, &message);
        for (place, change) in flips {
            let place = place.index(compressed.len());
            compressed[place] ^= change;
        }
        compare_with_zlib(&compressed, &pieces, &rooms)?;
    }
}

/// Ours refuses what zlib refuses, and otherwise produces the same bytes. It is stricter about a
/// message that ends inside a block, and continues after the last block of a stream.
fn compare_with_zlib(bytes: &[u8], pieces: &[usize], rooms: &[usize]) -> Result<(), TestCaseError> {
    let ours = inflate(&mut inflater(15), bytes, pieces, rooms);
    let mut zlib = Inflate::new(false, 15);
    let whole = [bytes, &[0, 0, 0xff, 0xff]].concat();
    let mut out = vec![0; 1 << 20];
    let theirs = zlib.decompress(&whole, &mut out, InflateFlush::SyncFlush);
    out.truncate(zlib.total_out() as usize);
    match theirs {
        Ok(ZlibStatus::StreamEnd) => {}
        Ok(_) => match ours {
            Ok(message) => prop_assert_eq!(message, out),
            Err(InflateError::Truncated) => {}
            // zlib says so later, where all of them are 0, if the message goes on.
            Err(error) => prop_assert_eq!(error, InflateError::CodeLengths),
        },
        Err(_) => prop_assert!(ours.is_err()),
    }
    Ok(())
}
