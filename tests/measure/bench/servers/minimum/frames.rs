//! Masked frames turned into unmasked ones, in place.

use std::io;

use websocket_listener_bench::Answered;

const MASK_BIT: u8 = 0x80;
const CONTROL_BIT: u8 = 0x08;

/// Where in the stream of frames a connection is.
pub(crate) struct Frames {
    /// What is missing of the payload of the frame at hand.
    remaining: u64,
    /// Its mask, turned to the next byte of the payload.
    mask: [u8; 4],
}

/// The header of a masked frame.
struct Header {
    /// The bytes before the mask: the header of the answer, once the mask bit is off.
    unmasked_bytes: usize,
    payload_bytes: u64,
}

impl Header {
    /// Reads a header, if it is complete with its mask.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (unmasked_bytes, payload_bytes) = match bytes.get(1)? & !MASK_BIT {
            126 => (4, u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            length => (2, u64::from(length)),
        };
        (bytes.len() >= unmasked_bytes + 4).then_some(Self { unmasked_bytes, payload_bytes })
    }
}

impl Frames {
    pub(crate) const fn new() -> Self {
        Self { remaining: 0, mask: [0; 4] }
    }

    /// Turns masked frames into unmasked ones. An unfinished header is not consumed.
    pub(crate) fn answer(&mut self, bytes: &mut [u8]) -> io::Result<Answered> {
        let (mut consumed, mut answer) = (0, 0);
        loop {
            let here = usize::try_from(self.remaining).unwrap_or(usize::MAX);
            let here = here.min(bytes.len() - consumed);
            unmask(&mut bytes[consumed..consumed + here], &mut self.mask);
            bytes.copy_within(consumed..consumed + here, answer);
            self.remaining -= here as u64;
            consumed += here;
            answer += here;

            let Some(header) = Header::read(&bytes[consumed..]) else { break };
            let first = bytes[consumed];
            if first & CONTROL_BIT != 0 || bytes[consumed + 1] & MASK_BIT == 0 {
                return Err(io::Error::other("only masked data frames are served"));
            }
            bytes[consumed + 1] &= !MASK_BIT;
            let unmasked = header.unmasked_bytes;
            self.mask.copy_from_slice(&bytes[consumed + unmasked..consumed + unmasked + 4]);
            self.remaining = header.payload_bytes;
            bytes.copy_within(consumed..consumed + unmasked, answer);
            consumed += unmasked + 4;
            answer += unmasked;
        }
        Ok(Answered { consumed, answer })
    }
}

/// Unmasks a piece of payload, and turns the mask to the byte after it.
fn unmask(piece: &mut [u8], mask: &mut [u8; 4]) {
    let word = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let (words, rest) = piece.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    mask.rotate_left(piece.len() % 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of every form, cut after every byte, give the payloads.
    #[test]
    fn any_cut() {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let mut masked = Vec::new();
        let mut unmasked = Vec::new();
        for length in [0_usize, 1, 5, 125, 126, 300, 70_000] {
            let payload: Vec<u8> = (0..length).map(|index| (index * 7) as u8).collect();
            for (bytes, bit) in [(&mut masked, MASK_BIT), (&mut unmasked, 0)] {
                bytes.push(0x82);
                match length {
                    0..=125 => bytes.push(bit | length as u8),
                    126..=0xffff => {
                        bytes.push(bit | 126);
                        bytes.extend((length as u16).to_be_bytes());
                    }
                    _ => {
                        bytes.push(bit | 127);
                        bytes.extend((length as u64).to_be_bytes());
                    }
                }
            }
            masked.extend(mask);
            masked.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
            unmasked.extend(payload);
        }
        for cut in 0..600 {
            let mut frames = Frames::new();
            let mut first = masked[..cut].to_vec();
            let answered = frames.answer(&mut first).unwrap();
            let mut second = [&first[answered.consumed..], &masked[cut..]].concat();
            let mut answer = first[..answered.answer].to_vec();
            let answered = frames.answer(&mut second).unwrap();
            assert_eq!(answered.consumed, second.len());
            answer.extend(&second[..answered.answer]);
            assert!(answer == unmasked, "cut after {cut}");
        }
    }
}
