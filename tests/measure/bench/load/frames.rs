//! The bytes that a connection sends, and those that must come back.

use crate::server::Protocol;

const MASK_BIT: u8 = 0x80;
const BINARY: u8 = 0x82;
const MASK_BYTES: usize = 4;

/// The bytes that a connection sends in one write.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) protocol: Protocol,
    /// The payload of each message.
    pub(crate) bytes: usize,
    /// The messages in one write.
    pub(crate) depth: usize,
}

/// The messages of one write, masked and as they must come back: of one that comes in fragments, the
/// payload alone.
pub(crate) struct Batch {
    protocol: Protocol,
    masked_header: usize,
    plain_header: usize,
    payload: usize,
    /// Numbers the messages, so that none can stand for another.
    serial: u32,
    pub(crate) outgoing: Vec<u8>,
    pub(crate) expected: Vec<u8>,
}

impl Batch {
    /// Random payloads of the shape.
    pub(crate) fn new(shape: Shape) -> Self {
        let header = |mask_bit| header(mask_bit, shape.bytes);
        let masked = [header(MASK_BIT), vec![0; MASK_BYTES + shape.bytes]].concat();
        let payload: Vec<u8> = (0..shape.bytes).map(|_| rand::random()).collect();
        let plain_header = match shape.protocol {
            Protocol::Fragments => Vec::new(),
            Protocol::WebSocket | Protocol::Raw => header(0),
        };
        Self {
            protocol: shape.protocol,
            masked_header: masked.len() - shape.bytes,
            plain_header: plain_header.len(),
            payload: shape.bytes,
            serial: rand::random(),
            outgoing: masked.repeat(shape.depth),
            expected: [plain_header, payload].concat().repeat(shape.depth),
        }
        .renewed()
    }

    fn renewed(mut self) -> Self {
        self.renew();
        self
    }

    /// Makes new messages under new masks.
    pub(crate) fn renew(&mut self) {
        if self.protocol == Protocol::Raw {
            return self.renew_raw();
        }
        let masked = self.outgoing.chunks_exact_mut(self.masked_header + self.payload);
        let plain = self.expected.chunks_exact_mut(self.plain_header + self.payload);
        for (masked, plain) in masked.zip(plain) {
            let (_, plain) = plain.split_at_mut(self.plain_header);
            let (header, masked) = masked.split_at_mut(self.masked_header);
            let mask: [u8; MASK_BYTES] = rand::random();
            header[self.masked_header - MASK_BYTES..].copy_from_slice(&mask);
            stamp(plain, &mut self.serial);
            mask_into(masked, plain, mask);
        }
    }

    /// Bytes in the same number, without a mask.
    fn renew_raw(&mut self) {
        for message in self.outgoing.chunks_exact_mut(self.masked_header + self.payload) {
            stamp(&mut message[self.masked_header..], &mut self.serial);
        }
        self.expected.clone_from(&self.outgoing);
    }
}

/// Numbers a message.
fn stamp(payload: &mut [u8], serial: &mut u32) {
    *serial = serial.wrapping_add(1);
    for (byte, new) in payload.iter_mut().zip(serial.to_le_bytes()) {
        *byte = new;
    }
}

fn mask_into(masked: &mut [u8], plain: &[u8], mask: [u8; MASK_BYTES]) {
    let (masked_words, masked_rest) = masked.as_chunks_mut::<MASK_BYTES>();
    let (plain_words, plain_rest) = plain.as_chunks::<MASK_BYTES>();
    for (masked, plain) in masked_words.iter_mut().zip(plain_words) {
        *masked = (u32::from_ne_bytes(*plain) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for ((masked, plain), mask) in masked_rest.iter_mut().zip(plain_rest).zip(mask) {
        *masked = plain ^ mask;
    }
}

/// A frame's header up to the mask.
fn header(mask_bit: u8, length: usize) -> Vec<u8> {
    let mut header = vec![BINARY];
    match length {
        0..=125 => header.push(mask_bit | length as u8),
        126..=0xffff => {
            header.push(mask_bit | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(mask_bit | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}
