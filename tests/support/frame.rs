//! A small language for writing frames, valid or not.

use websocket_listener_core::{CloseCode, Mask, OpCode};

use crate::{MASK, Side};

/// A frame as a test wants it on the wire, whatever RFC 6455 thinks of it.
///
/// Unless told otherwise it is whole (FIN), unmasked, without reserved bits, and its length is that
/// of its payload in the shortest form.
///
/// ```
/// use websocket_listener_tests::{Side, text};
///
/// assert_eq!(text("Hi").bytes(), [0x81, 2, b'H', b'i']);
/// assert_eq!(text("Hi").to(Side::Server).bytes().len(), 8);
/// assert_eq!(text("Hi").fin(false).rsv(0b100).bytes()[0], 0x41);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    fin: bool,
    rsv: u8,
    opcode: u8,
    mask: Option<[u8; 4]>,
    length: Option<u64>,
    form: LengthForm,
    payload: Vec<u8>,
}

/// The form of a frame's payload length (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthForm {
    /// As short as it can be.
    Shortest,
    /// 126 and two bytes.
    Two,
    /// 127 and eight bytes.
    Eight,
}

/// An empty frame with this opcode.
#[must_use]
pub fn frame(opcode: OpCode) -> Frame {
    Frame {
        fin: true,
        rsv: 0,
        opcode: opcode as u8,
        mask: None,
        length: None,
        form: LengthForm::Shortest,
        payload: Vec::new(),
    }
}

/// A text frame.
#[must_use]
pub fn text(payload: impl AsRef<[u8]>) -> Frame {
    frame(OpCode::Text).payload(payload)
}

/// A binary frame.
#[must_use]
pub fn binary(payload: impl AsRef<[u8]>) -> Frame {
    frame(OpCode::Binary).payload(payload)
}

/// A continuation frame.
#[must_use]
pub fn continuation(payload: impl AsRef<[u8]>) -> Frame {
    frame(OpCode::Continuation).payload(payload)
}

/// A ping.
#[must_use]
pub fn ping(payload: impl AsRef<[u8]>) -> Frame {
    frame(OpCode::Ping).payload(payload)
}

/// A pong.
#[must_use]
pub fn pong(payload: impl AsRef<[u8]>) -> Frame {
    frame(OpCode::Pong).payload(payload)
}

/// A Close frame with a code, any code, and a reason.
#[must_use]
pub fn close(code: CloseCode, reason: impl AsRef<[u8]>) -> Frame {
    let mut payload = code.as_u16().to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_ref());
    frame(OpCode::Close).payload(payload)
}

impl Frame {
    /// The payload, before masking.
    #[must_use]
    pub fn payload(self, payload: impl AsRef<[u8]>) -> Self {
        Self { payload: payload.as_ref().to_vec(), ..self }
    }

    /// Whether FIN is set.
    #[must_use]
    pub fn fin(self, fin: bool) -> Self {
        Self { fin, ..self }
    }

    /// The reserved bits, RSV1 highest: `0b100`, `0b010`, `0b001`.
    #[must_use]
    pub fn rsv(self, bits: u8) -> Self {
        assert!(bits < 8, "there are three reserved bits");
        Self { rsv: bits, ..self }
    }

    /// The opcode's four bits, also those of no [`OpCode`].
    #[must_use]
    pub fn opcode_bits(self, bits: u8) -> Self {
        assert!(bits < 16, "an opcode has four bits");
        Self { opcode: bits, ..self }
    }

    /// Masked with this key.
    #[must_use]
    pub fn masked(self, key: [u8; 4]) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// Not masked.
    #[must_use]
    pub fn unmasked(self) -> Self {
        Self { mask: None, ..self }
    }

    /// As `side` demands it of its peer: masked with [`MASK`] to a server, not masked to a client.
    #[must_use]
    pub fn to(self, side: Side) -> Self {
        match side {
            Side::Server => self.masked(MASK),
            Side::Client => self.unmasked(),
        }
    }

    /// The length the header declares, whatever the payload.
    #[must_use]
    pub fn declared_length(self, length: u64) -> Self {
        Self { length: Some(length), ..self }
    }

    /// The form the length is written in. A length too long for [`LengthForm::Two`] is cut to it.
    #[must_use]
    pub fn length_form(self, form: LengthForm) -> Self {
        Self { form, ..self }
    }

    /// The header alone.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let length = self.length.unwrap_or(self.payload.len() as u64);
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let mut bytes = vec![u8::from(self.fin) << 7 | self.rsv << 4 | self.opcode];
        match (self.form, length) {
            (LengthForm::Shortest, 0..=125) => bytes.push(masked | length as u8),
            (LengthForm::Shortest, 126..=0xffff) | (LengthForm::Two, _) => {
                bytes.push(masked | 126);
                bytes.extend_from_slice(&(length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(masked | 127);
                bytes.extend_from_slice(&length.to_be_bytes());
            }
        }
        bytes.extend(self.mask.iter().flatten());
        bytes
    }

    /// The header and the payload.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        let start = bytes.len();
        bytes.extend_from_slice(&self.payload);
        if let Some(key) = self.mask {
            Mask::new(key).apply(&mut bytes[start..]);
        }
        bytes
    }
}
