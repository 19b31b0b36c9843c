//! Whole messages.

mod conversions;
pub(crate) mod event;
pub(crate) mod outgoing;
pub(crate) mod payload;
pub(crate) mod prepared;

use std::fmt;
use std::ops::Deref;

use websocket_listener_core::MessageKind;

use payload::Payload;

/// A whole message, as [`recv`](crate::WebSocket::recv) returns it and
/// [`send`](crate::WebSocket::send) takes it. Strings become text, bytes binary.
///
/// ```
/// use websocket_listener::Message;
///
/// fn describe(message: &Message) -> String {
///     match message {
///         Message::Text(text) => format!("{} characters", text.chars().count()),
///         Message::Binary(payload) => format!("{} bytes", payload.len()),
///     }
/// }
/// assert_eq!(describe(&"tëxt".into()), "4 characters");
/// assert_eq!(describe(&vec![0, 255].into()), "2 bytes");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(Text),
    /// Bytes of any value.
    Binary(Payload),
}

impl Message {
    /// Creates a text message.
    #[must_use]
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Creates a binary message.
    #[must_use]
    pub fn binary(payload: impl Into<Payload>) -> Self {
        Self::Binary(payload.into())
    }

    /// Returns the kind of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// Returns the text of a text message.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// Returns the payload, of either kind.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => &text.payload,
            Self::Binary(payload) => payload,
        }
    }

    /// Returns the payload, of either kind.
    #[must_use]
    #[inline]
    pub fn into_payload(self) -> Payload {
        match self {
            Self::Text(text) => text.payload,
            Self::Binary(payload) => payload,
        }
    }

    /// Returns the length of the payload in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Returns true if the payload is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Creates a message. The payload of a text message has been validated as UTF-8.
    #[inline]
    pub(crate) fn from_checked(kind: MessageKind, payload: Payload) -> Self {
        match kind {
            MessageKind::Text => Self::Text(Text { payload }),
            MessageKind::Binary => Self::Binary(payload),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(&&**text).finish(),
            Self::Binary(payload) => f.debug_tuple("Binary").field(payload).finish(),
        }
    }
}

/// The text of a message, a `str` that is cheap to clone, as [`Payload`] is.
///
/// ```
/// use websocket_listener::Text;
///
/// // The output of a serializer, validated as UTF-8 and not copied.
/// let text = Text::try_from(br#"{"temperature": 21.5}"#.to_vec())?;
/// assert!(text.contains("21.5"));
/// # Ok::<_, std::str::Utf8Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text {
    /// Always UTF-8.
    payload: Payload,
}

impl Text {
    /// Returns the text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: a `Text` is made from a `str`, or from a payload that was validated as UTF-8. A
        // second validation would cost as much as receiving the text.
        unsafe { std::str::from_utf8_unchecked(&self.payload) }
    }

    /// Returns the bytes of the text.
    #[must_use]
    pub fn into_payload(self) -> Payload {
        self.payload
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.payload
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}
