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

/// Clones the message, which is cheap: see [`Payload`].
impl From<&Self> for Message {
    fn from(message: &Self) -> Self {
        message.clone()
    }
}

/// Copies the text.
impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// Copies the text.
impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

/// Takes the text, without a copy.
impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// Takes the text; copies it if it is borrowed.
impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

/// Copies the bytes.
impl From<&[u8]> for Message {
    fn from(payload: &[u8]) -> Self {
        Self::binary(payload)
    }
}

/// Copies the bytes.
impl<const N: usize> From<[u8; N]> for Message {
    fn from(payload: [u8; N]) -> Self {
        Self::binary(payload)
    }
}

/// Copies the bytes.
impl<const N: usize> From<&[u8; N]> for Message {
    fn from(payload: &[u8; N]) -> Self {
        Self::binary(payload)
    }
}

/// Takes the bytes, without a copy.
impl From<Vec<u8>> for Message {
    fn from(payload: Vec<u8>) -> Self {
        Self::binary(payload)
    }
}

/// Shares the bytes.
impl From<Bytes> for Message {
    fn from(payload: Bytes) -> Self {
        Self::binary(payload)
    }
}

/// Returns the payload, of either kind; copies a few bytes only.
impl From<Message> for Bytes {
    fn from(message: Message) -> Self {
        message.into_payload().into()
    }
}

/// Copies the payload if it is a few bytes, or shared.
impl From<Payload> for Vec<u8> {
    fn from(payload: Payload) -> Self {
        Bytes::from(payload).into()
    }
}

/// Copies the text.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { payload: Payload::copy_from_slice(text.as_bytes()) }
    }
}

/// Copies the text.
impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// Takes the text, without a copy.
impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { payload: text.into_bytes().into() }
    }
}

/// Takes the text; copies it if it is borrowed.
impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// Validates UTF-8, such as the output of a serializer, and shares the bytes.
impl TryFrom<Bytes> for Text {
    type Error = Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        Payload::from(bytes).try_into()
    }
}

/// Validates UTF-8, and takes the bytes without a copy.
impl TryFrom<Vec<u8>> for Text {
    type Error = Utf8Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Utf8Error> {
        Payload::from(bytes).try_into()
    }
}

/// Validates UTF-8, and takes the bytes without a copy.
impl TryFrom<Payload> for Text {
    type Error = Utf8Error;

    fn try_from(payload: Payload) -> Result<Self, Utf8Error> {
        str::from_utf8(&payload)?;
        Ok(Self { payload })
    }
}

/// Copies the text.
impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}
