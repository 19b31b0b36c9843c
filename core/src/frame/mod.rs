//! The framing of RFC 6455 section 5: opcodes, headers, masks.

mod header;
mod mask;
mod opcode;

pub use header::{EncodedHeader, FrameHeader, ReservedBits};
pub use mask::Mask;
pub use opcode::{MessageKind, OpCode};

#[cfg(feature = "io")]
pub(crate) use header::copy;
pub(crate) use header::{HeaderRules, MAX_HEADER};

/// The most payload a control frame may carry, in bytes (RFC 6455 section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

/// The most bytes a whole control frame takes: two of header, four of mask, the payload.
pub const MAX_CONTROL_FRAME: usize = 131;
