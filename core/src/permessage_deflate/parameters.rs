//! The parameters of an offer or an answer (RFC 7692 section 7.1).

use super::{AnswerError, NAME, OfferError, WindowBits};
use crate::handshake::ExtensionOffer;

#[derive(Clone, Copy, Default)]
pub(super) struct Parameters {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Option<WindowBits>,
    pub(super) client_max_window_bits: ClientBits,
}

/// `client_max_window_bits`, which has no value where a client leaves the choice to the server.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ClientBits {
    #[default]
    Absent,
    Open,
    Of(WindowBits),
}

/// The faults that both ends refuse.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    Name,
    Unknown,
    Repeated,
    Value,
}

impl Parameters {
    pub(super) fn read(extension: &ExtensionOffer<'_>) -> Result<Self, Fault> {
        if extension.name() != NAME {
            return Err(Fault::Name);
        }
        let mut read = Self::default();
        for (name, value) in extension.params() {
            let repeated = match name {
                "server_no_context_takeover" => set(&mut read.server_no_context_takeover, value)?,
                "client_no_context_takeover" => set(&mut read.client_no_context_takeover, value)?,
                "server_max_window_bits" => {
                    let bits = value.and_then(WindowBits::parse).ok_or(Fault::Value)?;
                    read.server_max_window_bits.replace(bits).is_some()
                }
                "client_max_window_bits" => {
                    let bits = match value.map(WindowBits::parse) {
                        None => ClientBits::Open,
                        Some(Some(bits)) => ClientBits::Of(bits),
                        Some(None) => return Err(Fault::Value),
                    };
                    core::mem::replace(&mut read.client_max_window_bits, bits) != ClientBits::Absent
                }
                _ => return Err(Fault::Unknown),
            };
            if repeated {
                return Err(Fault::Repeated);
            }
        }
        Ok(read)
    }
}

/// Notes a parameter without a value (RFC 7692 section 7.1.1); returns whether it was already
/// there.
fn set(flag: &mut bool, value: Option<&str>) -> Result<bool, Fault> {
    match value {
        None => Ok(core::mem::replace(flag, true)),
        Some(_) => Err(Fault::Value),
    }
}

impl From<Fault> for OfferError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Name => Self::Name,
            Fault::Unknown => Self::UnknownParameter,
            Fault::Repeated => Self::RepeatedParameter,
            Fault::Value => Self::InvalidValue,
        }
    }
}

impl From<Fault> for AnswerError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Name => Self::Name,
            Fault::Unknown => Self::UnknownParameter,
            Fault::Repeated => Self::RepeatedParameter,
            Fault::Value => Self::InvalidValue,
        }
    }
}
