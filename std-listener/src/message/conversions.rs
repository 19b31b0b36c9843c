//! Conversions to and from messages.

use std::borrow::Cow;
use std::str::{self, Utf8Error};

use bytes::Bytes;

use super::payload::Payload;
use super::{Message, Text};

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Payload> for Message {
    fn from(payload: Payload) -> Self {
        Self::Binary(payload)
    }
}

/// The same message, which is cheap: see [`Payload`].
impl From<&Self> for Message {
    fn from(message: &Self) -> Self {
        message.clone()
    }
}

/// Text, copied.
impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// Text, copied.
impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

/// Text, as it is.
impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// Text, copied if it is borrowed.
impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

/// Binary, copied.
impl From<&[u8]> for Message {
    fn from(payload: &[u8]) -> Self {
        Self::binary(payload)
    }
}

/// Binary, copied.
impl<const N: usize> From<[u8; N]> for Message {
    fn from(payload: [u8; N]) -> Self {
        Self::binary(payload)
    }
}

/// Binary, copied.
impl<const N: usize> From<&[u8; N]> for Message {
    fn from(payload: &[u8; N]) -> Self {
        Self::binary(payload)
    }
}

/// Binary, as it is.
impl From<Vec<u8>> for Message {
    fn from(payload: Vec<u8>) -> Self {
        Self::binary(payload)
    }
}

/// Binary, shared.
impl From<Bytes> for Message {
    fn from(payload: Bytes) -> Self {
        Self::binary(payload)
    }
}

/// The payload, of either kind; without a copy, if it is more than a few bytes.
impl From<Message> for Bytes {
    fn from(message: Message) -> Self {
        message.into_payload().into()
    }
}

/// Without a copy, if it is more than a few bytes and nobody else has them.
impl From<Payload> for Vec<u8> {
    fn from(payload: Payload) -> Self {
        Bytes::from(payload).into()
    }
}

/// Copied.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { payload: Payload::copy_from_slice(text.as_bytes()) }
    }
}

/// Copied.
impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// As it is.
impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { payload: text.into_bytes().into() }
    }
}

/// Copied if it is borrowed.
impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// From the output of a serializer, for example: checked to be UTF-8, and shared.
impl TryFrom<Bytes> for Text {
    type Error = Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        Payload::from(bytes).try_into()
    }
}

/// Checked to be UTF-8, otherwise as it is.
impl TryFrom<Vec<u8>> for Text {
    type Error = Utf8Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Utf8Error> {
        Payload::from(bytes).try_into()
    }
}

/// Checked to be UTF-8, otherwise as it is.
impl TryFrom<Payload> for Text {
    type Error = Utf8Error;

    fn try_from(payload: Payload) -> Result<Self, Utf8Error> {
        str::from_utf8(&payload)?;
        Ok(Self { payload })
    }
}

/// Copied.
impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}
