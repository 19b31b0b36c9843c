//! Frame headers (RFC 6455 section 5.2).

use super::{MAX_CONTROL_PAYLOAD, Mask, OpCode};
use crate::ProtocolError;

/// The most bytes a frame's header takes: two, eight of length, four of mask.
pub(crate) const MAX_HEADER: usize = 14;

/// The reserved bits of a frame (RFC 6455 section 5.2), which only a negotiated extension may set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReservedBits(u8);

impl ReservedBits {
    /// No bit: what every frame carries where no extension was negotiated.
    pub const NONE: Self = Self(0);
    /// The bit with which permessage-deflate marks compressed messages (RFC 7692 section 6).
    pub const RSV1: Self = Self(0x40);
    /// The second reserved bit.
    pub const RSV2: Self = Self(0x20);
    /// The third reserved bit.
    pub const RSV3: Self = Self(0x10);

    const ALL: u8 = 0x70;

    /// Returns the bits of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true if every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns true if no bit is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// All a frame says of itself before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// True if this is the last fragment of its message.
    pub fin: bool,
    /// The reserved bits that are set.
    pub reserved: ReservedBits,
    /// The kind of the frame.
    pub opcode: OpCode,
    /// The masking key: always there on the way to a server, never on the way to a client.
    pub mask: Option<[u8; 4]>,
    /// Payload bytes that follow; below 2^63.
    pub length: u64,
}

impl FrameHeader {
    /// Returns the header's bytes, the length in its shortest form.
    ///
    /// ```
    /// use websocket_listener_core::{FrameHeader, OpCode, ReservedBits};
    ///
    /// let header = FrameHeader {
    ///     fin: true,
    ///     reserved: ReservedBits::NONE,
    ///     opcode: OpCode::Binary,
    ///     mask: None,
    ///     length: 256,
    /// };
    /// assert_eq!(header.encode().as_bytes(), [0x82, 126, 0x01, 0x00]); // RFC 6455 section 5.7
    /// ```
    #[must_use]
    #[inline]
    pub fn encode(&self) -> EncodedHeader {
        let first = (u8::from(self.fin) << 7) | self.reserved.0 | self.opcode as u8;
        let masked = u8::from(self.mask.is_some()) << 7;
        let start = |length: u8| u64::from(u16::from_le_bytes([first, masked | length]));
        let key = u64::from(u32::from_le_bytes(self.mask.unwrap_or_default()));
        let (low, high, length_end) = if self.length <= 125 {
            (start(self.length as u8) | (key << 16), 0, 2)
        } else if let Ok(length) = u16::try_from(self.length) {
            let length = u64::from(length.swap_bytes());
            (start(126) | (length << 16) | (key << 32), 0, 4)
        } else {
            let length = (self.length & (u64::MAX >> 1)).swap_bytes();
            (start(127) | (length << 16), (length >> 48) | (key << 16), 10)
        };
        let key_length = if self.mask.is_some() { 4u8 } else { 0 };
        EncodedHeader {
            block: [low.to_le(), high.to_le()],
            length: key_length.saturating_add(length_end),
            key: self.mask,
        }
    }

    /// Writes the whole frame, its payload in two parts, or nothing if it does not fit; returns the
    /// number of bytes.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn write(&self, out: &mut [u8], payload: [&[u8]; 2]) -> usize {
        let [first, second] = payload;
        let header = self.encode();
        let head = header.as_bytes();
        let Some((front, rest)) = out.split_at_mut_checked(head.len()) else { return 0 };
        let length = first.len().saturating_add(second.len());
        let Some(body) = rest.get_mut(..length) else { return 0 };
        copy(front, head);
        let (front, rest) = body.split_at_mut_checked(first.len()).unwrap_or_default();
        copy(front, first);
        copy(rest, second);
        if let Some(mut mask) = header.mask() {
            mask.apply(body);
        }
        head.len().saturating_add(length)
    }
}

/// A header's bytes, and the mask to apply to the payload after them.
#[derive(Clone, Copy, Debug)]
pub struct EncodedHeader {
    /// The bytes in order, followed by zeros. As two words, because a processor that reads as one
    /// word what it has just stored as several has to wait.
    block: [u64; 2],
    length: u8,
    key: Option<[u8; 4]>,
}

impl EncodedHeader {
    /// Returns the bytes that go on the wire before the payload: 2 to 14.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.as_block().get(..self.len()).unwrap_or_default()
    }

    /// Returns the bytes, followed by zeros: copying this many takes two instructions, whatever the
    /// header's [length](Self::len).
    #[must_use]
    #[inline]
    pub fn as_block(&self) -> &[u8; 16] {
        bytemuck::must_cast_ref(&self.block)
    }

    /// Returns the length of the header in bytes.
    #[must_use]
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "a header is never empty")]
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// Returns the mask to apply to the payload; `None` on a server's frames.
    #[must_use]
    #[inline]
    pub fn mask(&self) -> Option<Mask> {
        self.key.map(Mask::new)
    }
}

/// Copies as much as fits; returns how much.
pub(crate) fn copy(to: &mut [u8], from: &[u8]) -> usize {
    to.iter_mut().zip(from).map(|(to, from)| *to = *from).count()
}

/// The demands of the receiving side on every header.
#[derive(Clone, Copy)]
pub(crate) struct HeaderRules {
    /// Servers demand a mask, clients forbid it (RFC 6455 section 5.1).
    pub(crate) masked: bool,
    /// The bits that negotiated extensions own.
    pub(crate) reserved: ReservedBits,
}

impl HeaderRules {
    /// Reads the header that `bytes` starts with.
    ///
    /// `Ok(None)` if it is cut off; but a header that the bytes at hand already make invalid is
    /// refused at once. Also returns the number of bytes that the header took.
    #[inline]
    pub(crate) fn decode(
        self,
        bytes: &[u8],
    ) -> Result<Option<(FrameHeader, usize)>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let fin = first & 0x80 != 0;
        let reserved = ReservedBits(first & ReservedBits::ALL);
        if !self.reserved.contains(reserved) {
            return Err(ProtocolError::ReservedBits);
        }
        let Some(opcode) = OpCode::from_bits(first & 0x0f) else {
            return Err(ProtocolError::ReservedOpCode);
        };
        if opcode.is_control() {
            // RFC 6455 section 5.5: never fragmented.
            if !fin {
                return Err(ProtocolError::FragmentedControlFrame);
            }
            // RFC 7692 section 6: never compressed.
            if !reserved.is_empty() {
                return Err(ProtocolError::ReservedBits);
            }
        }

        let Some((&second, rest)) = rest.split_first() else { return Ok(None) };
        // RFC 6455 section 5.1: clients mask every frame, servers none.
        match (second & 0x80 != 0, self.masked) {
            (false, true) => return Err(ProtocolError::UnmaskedFrame),
            (true, false) => return Err(ProtocolError::MaskedFrame),
            _ => {}
        }
        let short = second & 0x7f;
        if opcode.is_control() && usize::from(short) > MAX_CONTROL_PAYLOAD {
            return Err(ProtocolError::ControlFrameTooLong);
        }
        let (length, rest) = match short {
            126 => {
                let Some((bytes, rest)) = rest.split_first_chunk() else { return Ok(None) };
                let length = u16::from_be_bytes(*bytes);
                if length <= 125 {
                    return Err(ProtocolError::LengthNotMinimal);
                }
                (u64::from(length), rest)
            }
            127 => {
                if rest.first().is_some_and(|&byte| byte & 0x80 != 0) {
                    return Err(ProtocolError::LengthTopBit);
                }
                let Some((bytes, rest)) = rest.split_first_chunk() else { return Ok(None) };
                let length = u64::from_be_bytes(*bytes);
                if length <= u64::from(u16::MAX) {
                    return Err(ProtocolError::LengthNotMinimal);
                }
                (length, rest)
            }
            short => (u64::from(short), rest),
        };

        let (mask, rest) = if self.masked {
            let Some((key, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (Some(*key), rest)
        } else {
            (None, rest)
        };
        let header = FrameHeader { fin, reserved, opcode, mask, length };
        Ok(Some((header, bytes.len().saturating_sub(rest.len()))))
    }
}
