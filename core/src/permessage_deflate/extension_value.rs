//! An offer or an answer as a value of `Sec-WebSocket-Extensions`.

use core::fmt;

use heapless::String;

use super::parameters::{ClientBits, Parameters};
use super::{NAME, WindowBits};

/// All four parameters, each with its longest value.
const LONGEST: usize = 128;

/// One element of `Sec-WebSocket-Extensions`, without allocation: at most 128 bytes.
///
/// To offer several, join them with `", "`, the preferred one first.
#[derive(Clone)]
pub struct ExtensionValue {
    text: String<LONGEST, u8>,
}

impl ExtensionValue {
    /// Returns the value of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn of(parameters: &Parameters) -> Self {
        let mut value = Self { text: String::new() };
        value.push(NAME);
        if parameters.server_no_context_takeover {
            value.push("; server_no_context_takeover");
        }
        if parameters.client_no_context_takeover {
            value.push("; client_no_context_takeover");
        }
        if let Some(bits) = parameters.server_max_window_bits {
            value.push("; server_max_window_bits=");
            value.push_bits(bits);
        }
        match parameters.client_max_window_bits {
            ClientBits::Absent => {}
            ClientBits::Open => value.push("; client_max_window_bits"),
            ClientBits::Of(bits) => {
                value.push("; client_max_window_bits=");
                value.push_bits(bits);
            }
        }
        value
    }

    fn push(&mut self, text: &str) {
        // All parameters fit, each with its longest value.
        let _ = self.text.push_str(text);
    }

    fn push_bits(&mut self, bits: WindowBits) {
        self.push(match bits.bits() {
            8 => "8",
            9 => "9",
            10 => "10",
            11 => "11",
            12 => "12",
            13 => "13",
            14 => "14",
            _ => "15",
        });
    }
}

impl AsRef<str> for ExtensionValue {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for ExtensionValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for ExtensionValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl PartialEq for ExtensionValue {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ExtensionValue {}
