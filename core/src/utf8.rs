//! UTF-8 checked as it arrives (RFC 6455 section 8.1).

/// Checks text that comes in pieces, cut anywhere, also inside a character.
///
/// Bad text is refused with the first byte that makes it certain, not at the end of the message.
///
/// ```
/// use websocket_listener_core::Utf8Validator;
///
/// let mut validator = Utf8Validator::new();
/// assert!(validator.push(b"\xe2\x82").is_ok()); // the euro sign, cut
/// assert!(!validator.is_complete());
/// assert!(validator.push(b"\xac").is_ok());
/// assert!(validator.is_complete());
/// assert!(validator.push(b"\xff").is_err());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8Validator {
    /// The start of a character whose end has not come yet.
    partial: [u8; 4],
    length: u8,
}

/// The bytes are not UTF-8, whatever may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidUtf8;

impl core::fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("text is not valid UTF-8")
    }
}

impl core::error::Error for InvalidUtf8 {}

impl Utf8Validator {
    /// At the start of a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { partial: [0; 4], length: 0 }
    }

    /// Checks the next piece.
    ///
    /// # Errors
    /// The text is not UTF-8, whatever follows.
    #[inline]
    pub fn push(&mut self, mut piece: &[u8]) -> Result<(), InvalidUtf8> {
        if self.length != 0 {
            piece = self.complete_character(piece)?;
        }
        match validate(piece) {
            Ok(()) => Ok(()),
            Err(Invalid::Certain) => Err(InvalidUtf8),
            Err(Invalid::CutAt(valid)) => {
                self.keep(piece.get(valid..).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Returns true if the text so far ends with a complete character, as a complete message must
    /// (RFC 6455 section 8.1).
    #[must_use]
    #[inline]
    pub const fn is_complete(&self) -> bool {
        self.length == 0
    }

    /// Takes from `piece` what the cut character needs; returns the rest.
    #[cold]
    fn complete_character<'p>(&mut self, mut piece: &'p [u8]) -> Result<&'p [u8], InvalidUtf8> {
        while let Some((&byte, rest)) = piece.split_first() {
            if let Some(slot) = self.partial.get_mut(usize::from(self.length)) {
                *slot = byte;
            }
            self.length = self.length.saturating_add(1);
            piece = rest;
            let character = self.partial.get(..usize::from(self.length)).unwrap_or_default();
            match validate(character) {
                Ok(()) => {
                    self.length = 0;
                    break;
                }
                Err(Invalid::Certain) => return Err(InvalidUtf8),
                Err(Invalid::CutAt(_)) => {}
            }
        }
        Ok(piece)
    }

    fn keep(&mut self, tail: &[u8]) {
        for (slot, byte) in self.partial.iter_mut().zip(tail) {
            *slot = *byte;
        }
        // A cut character is at most three bytes long.
        self.length = tail.len() as u8;
    }
}

/// Returns true if a complete text is UTF-8.
#[inline]
pub(crate) fn is_utf8(text: &[u8]) -> bool {
    validate(text).is_ok()
}

enum Invalid {
    /// The bytes from here on may be the start of a character.
    CutAt(usize),
    Certain,
}

#[inline]
fn validate(bytes: &[u8]) -> Result<(), Invalid> {
    #[cfg(feature = "speed")]
    use simdutf8::compat::from_utf8;

    #[cfg(not(feature = "speed"))]
    use core::str::from_utf8;

    match from_utf8(bytes) {
        Ok(_) => Ok(()),
        Err(error) if error.error_len().is_none() => Err(Invalid::CutAt(error.valid_up_to())),
        Err(_) => Err(Invalid::Certain),
    }
}
