//! The bytes of a message.

use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use websocket_listener_core::Mask;

/// Bytes of a message. Cheap to clone: at most 1 KiB is copied, more is shared.
///
/// As small as a pointer, because a message is moved several times. Later messages reuse its memory,
/// so messages of up to 1 KiB rarely cost an allocation.
pub struct Payload(Option<Box<Place>>);

/// The memory of the bytes.
enum Place {
    Few(Few),
    /// Up to [`OWNED`]: the first `length` of these bytes; more may be left from an earlier
    /// payload.
    Owned {
        bytes: Vec<u8>,
        length: u16,
    },
    Shared(Bytes),
}

/// Up to [`FEW`] bytes.
///
/// They are copied together with the bytes after them: a copy of fixed length takes a handful of
/// instructions, a copy of variable length a call.
struct Few {
    bytes: [u8; FEW],
    length: u8,
}

/// The limit of a few bytes.
pub(crate) const FEW: usize = 64;

/// The length above which bytes are shared and not copied.
const OWNED: usize = 1024;

/// The number of places that a thread keeps.
const KEPT: usize = 64;

thread_local! {
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static PLACES: RefCell<Vec<Box<Place>>> = const { RefCell::new(Vec::new()) };
}

impl Payload {
    /// Copies these bytes.
    #[must_use]
    pub fn copy_from_slice(payload: &[u8]) -> Self {
        Self::copy_from_front(&mut Spare::default(), payload, payload.len(), Mask::new([0; 4]))
    }

    /// Copies and unmasks the first `length` bytes, into the spare place if there is one. Further
    /// bytes permit a copy of fixed length, which is faster.
    #[inline]
    pub(crate) fn copy_from_front(
        spare: &mut Spare,
        bytes: &[u8],
        length: usize,
        mut mask: Mask,
    ) -> Self {
        let mut place = spare.0.take().unwrap_or_else(Place::take);
        match bytes.first_chunk::<FEW>() {
            Some(bytes) if length <= FEW => {
                mask.copy(bytes, &mut place.make_few(length as u8).bytes);
            }
            _ => place.copy(&bytes[..length], mask),
        }
        Self(Some(place))
    }

    fn share(bytes: Bytes) -> Self {
        let mut place = Place::take();
        *place = Place::Shared(bytes);
        Self(Some(place))
    }

    #[inline]
    pub(crate) fn held(&self) -> Held<'_> {
        match self.0.as_deref() {
            Some(Place::Few(few)) => Held::Few(&few.bytes, usize::from(few.length)),
            Some(Place::Owned { bytes, length }) => Held::Owned(&bytes[..usize::from(*length)]),
            Some(Place::Shared(bytes)) => Held::Shared(bytes),
            None => Held::Owned(&[]),
        }
    }
}

/// The form in which a payload holds its bytes.
pub(crate) enum Held<'a> {
    /// A few bytes, with the rest of their array, and their number.
    Few(&'a [u8; FEW], usize),
    Owned(&'a [u8]),
    Shared(&'a Bytes),
}

/// A place for the next payload, which takes precedence over those of the thread.
#[derive(Default)]
pub(crate) struct Spare(Option<Box<Place>>);

impl Spare {
    /// Keeps the place of an unshared payload.
    #[inline]
    pub(crate) fn keep(&mut self, mut payload: Payload) {
        if self.0.is_none() {
            self.0 = payload.0.take();
        }
    }
}

impl Place {
    const EMPTY: Self = Self::Few(Few { bytes: [0; FEW], length: 0 });

    /// Takes a place of the thread, or a new one, with arbitrary contents.
    #[inline]
    fn take() -> Box<Self> {
        let kept = PLACES.try_with(|places| places.borrow_mut().pop());
        kept.ok().flatten().unwrap_or_else(|| Box::new(Self::EMPTY))
    }

    #[inline]
    fn make_few(&mut self, length: u8) -> &mut Few {
        if !matches!(self, Self::Few(_)) {
            *self = Self::EMPTY;
        }
        let Self::Few(few) = self else { unreachable!("it was made so") };
        few.length = length;
        few
    }

    #[inline(always)]
    fn copy(&mut self, bytes: &[u8], mut mask: Mask) {
        match bytes.len() {
            length @ 0..=FEW => mask.copy(bytes, &mut self.make_few(length as u8).bytes),
            length @ ..=OWNED => mask.copy(bytes, self.make_owned(length)),
            _ => {
                let mut bytes = bytes.to_vec();
                mask.apply(&mut bytes);
                *self = Self::Shared(bytes.into());
            }
        }
    }

    #[inline]
    fn make_owned(&mut self, needed: usize) -> &mut [u8] {
        // Not much larger than needed, because a message that is kept would waste it.
        let fits = |room: &Vec<u8>| (needed..=4 * needed).contains(&room.len());
        if !matches!(self, Self::Owned { bytes, .. } if fits(bytes)) {
            *self = Self::Owned { bytes: vec![0; needed], length: 0 };
        }
        let Self::Owned { bytes, length } = self else { unreachable!("it was made so") };
        *length = needed as u16;
        &mut bytes[..needed]
    }

    /// Keeps the place for later messages, unless the thread has enough or is ending.
    fn keep(mut self: Box<Self>) {
        if let Self::Shared(_) = *self {
            *self = Self::EMPTY;
        }
        let _ = PLACES.try_with(|places| {
            let mut places = places.borrow_mut();
            if places.len() < KEPT {
                places.push(self);
            }
        });
    }
}

impl Drop for Payload {
    #[inline]
    fn drop(&mut self) {
        if let Some(place) = self.0.take() {
            place.keep();
        }
    }
}

impl Clone for Payload {
    fn clone(&self) -> Self {
        match self.0.as_deref() {
            Some(Place::Shared(bytes)) => Self::share(bytes.clone()),
            _ => Self::copy_from_slice(self),
        }
    }
}

impl Deref for Payload {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self.held() {
            Held::Few(bytes, length) => &bytes[..length],
            Held::Owned(bytes) => bytes,
            Held::Shared(bytes) => bytes,
        }
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
        Self::share(bytes)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::share(bytes.into())
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Payload {
    fn from(bytes: [u8; N]) -> Self {
        Self::copy_from_slice(&bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

/// Copies a few bytes only.
impl From<Payload> for Bytes {
    fn from(mut payload: Payload) -> Self {
        match payload.0.as_deref_mut() {
            Some(Place::Owned { bytes, length }) => {
                let mut bytes = std::mem::take(bytes);
                bytes.truncate(usize::from(*length));
                bytes.into()
            }
            Some(Place::Shared(bytes)) => bytes.clone(),
            _ => Self::copy_from_slice(&payload),
        }
    }
}

/// Bytes of the caller, which are copied only if they have to outlive the call.
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
