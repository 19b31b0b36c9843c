//! The bytes of a message.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

/// Bytes of a message. Cheap to clone.
///
/// A few bytes are held in place, without an allocation; more are shared.
#[derive(Clone)]
pub struct Payload(Storage);

#[derive(Clone)]
enum Storage {
    InPlace(Place),
    Shared(Bytes),
}

impl Payload {
    /// A copy of these bytes, in an allocation of just their length, or none if they are few.
    #[must_use]
    pub fn copy_from_slice(payload: &[u8]) -> Self {
        Self::copy_from_front(payload, payload.len())
    }

    /// A copy of the first `length` bytes. What is behind them need not be read, but if it is there,
    /// a copy of fixed length is the faster.
    #[inline]
    pub(crate) fn copy_from_front(bytes: &[u8], length: usize) -> Self {
        Self(match Place::copy_from_front(bytes, length) {
            Some(place) => Storage::InPlace(place),
            None => Storage::Shared(Bytes::copy_from_slice(&bytes[..length])),
        })
    }
}

impl Deref for Payload {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Storage::InPlace(place) => place.as_slice(),
            Storage::Shared(bytes) => bytes,
        }
    }
}

/// Up to 39 bytes, and behind them their number.
///
/// In whole words, which are loaded and stored as such: a message is moved several times on its way,
/// and reading a word that was just written in parts stalls the processor.
#[derive(Clone, Copy)]
struct Place([u64; PLACE / 8]);

const PLACE: usize = 40;

impl Place {
    /// `None` if `length` is too much.
    #[inline]
    fn copy_from_front(bytes: &[u8], length: usize) -> Option<Self> {
        if length >= PLACE {
            return None;
        }
        let copied: [u8; PLACE] = match bytes.first_chunk() {
            Some(bytes) => *bytes,
            None => {
                let mut copied = [0; PLACE];
                copied[..length].copy_from_slice(&bytes[..length]);
                copied
            }
        };
        let mut words = bytemuck::cast::<_, [u64; PLACE / 8]>(copied);
        let [a, b, c, d, e, f, g, _] = words[PLACE / 8 - 1].to_ne_bytes();
        words[PLACE / 8 - 1] = u64::from_ne_bytes([a, b, c, d, e, f, g, length as u8]);
        Some(Self(words))
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        let bytes: &[u8; PLACE] = bytemuck::cast_ref(&self.0);
        &bytes[..usize::from(bytes[PLACE - 1])]
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::copy_from_slice(&[])
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Payload {}

impl PartialEq<[u8]> for Payload {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl PartialEq<&[u8]> for Payload {
    fn eq(&self, other: &&[u8]) -> bool {
        **self == **other
    }
}

impl std::hash::Hash for Payload {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self(Storage::Shared(bytes))
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Storage::Shared(bytes.into()))
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

/// Without a copy if the payload is shared already.
impl From<Payload> for Bytes {
    fn from(payload: Payload) -> Self {
        match payload.0 {
            Storage::Shared(bytes) => bytes,
            Storage::InPlace(place) => Self::copy_from_slice(place.as_slice()),
        }
    }
}

/// A caller's bytes, copied only where they have to outlive the call.
pub(crate) struct Borrowed<'a>(pub(crate) &'a [u8]);

impl AsRef<[u8]> for Borrowed<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl From<Borrowed<'_>> for Bytes {
    fn from(payload: Borrowed<'_>) -> Self {
        Self::copy_from_slice(payload.0)
    }
}
