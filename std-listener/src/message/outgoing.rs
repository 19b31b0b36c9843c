//! Outgoing messages, in every form that can be sent.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use websocket_listener_core::MessageKind;

use super::payload::Payload;
use super::prepared::PreparedMessage;
use super::{Message, Text};

/// A message to send: the argument of [`send`](crate::WebSocket::send),
/// [`try_send`](crate::WebSocket::try_send) and [`feed`](crate::WebSocket::feed).
///
/// A [`Message`], a [`PreparedMessage`], a string (text) and bytes (binary) convert to it. Borrowed
/// strings and bytes are copied only as far as the stream does not accept them at once.
///
/// ```
/// use websocket_listener::{Error, Message, Outgoing, PreparedMessage, WebSocket};
///
/// async fn greet(socket: &mut WebSocket, token: &str, all: &PreparedMessage) -> Result<(), Error> {
///     socket.feed("text").await?;
///     socket.feed(vec![0, 1, 2]).await?;
///     socket.feed(Message::text("a message")).await?;
///     socket.feed(all).await?; // encoded once for many connections
///     socket.send(Outgoing::as_is(token)).await // not compressed
/// }
/// ```
pub struct Outgoing<'a>(pub(crate) Form<'a>);

/// The form of a message, with a variant for each kind, which saves room.
pub(crate) enum Form<'a> {
    Owned { kind: MessageKind, as_is: bool, payload: Payload },
    Borrowed { kind: MessageKind, as_is: bool, payload: &'a [u8] },
    Prepared { as_is: bool, message: &'a PreparedMessage },
}

impl<'a> Outgoing<'a> {
    /// Creates a message that bypasses the agreed [extension](crate::extension::MessageExtension),
    /// such as permessage-deflate: for compressed data, or for a secret whose length compression
    /// would reveal.
    #[doc(alias = "uncompressed")]
    pub fn as_is(message: impl Into<Self>) -> Self {
        let mut outgoing = message.into();
        let (Form::Owned { as_is, .. }
        | Form::Borrowed { as_is, .. }
        | Form::Prepared { as_is, .. }) = &mut outgoing.0;
        *as_is = true;
        outgoing
    }

    #[inline]
    fn owned(kind: MessageKind, payload: Payload) -> Self {
        Self(Form::Owned { kind, as_is: false, payload })
    }

    #[inline]
    pub(crate) fn borrowed(kind: MessageKind, payload: &'a [u8]) -> Self {
        Self(Form::Borrowed { kind, as_is: false, payload })
    }
}

impl From<Message> for Outgoing<'_> {
    #[inline]
    fn from(message: Message) -> Self {
        Self::owned(message.kind(), message.into_payload())
    }
}

/// Clones the message, which is cheap: see [`Payload`].
impl From<&Message> for Outgoing<'_> {
    fn from(message: &Message) -> Self {
        message.clone().into()
    }
}

impl<'a> From<&'a PreparedMessage> for Outgoing<'a> {
    fn from(message: &'a PreparedMessage) -> Self {
        Self(Form::Prepared { as_is: false, message })
    }
}

impl From<Text> for Outgoing<'_> {
    fn from(text: Text) -> Self {
        Self::owned(MessageKind::Text, text.into_payload())
    }
}

/// Text.
impl<'a> From<&'a str> for Outgoing<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Self::borrowed(MessageKind::Text, text.as_bytes())
    }
}

/// Text.
impl<'a> From<&'a String> for Outgoing<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

/// Text.
impl From<String> for Outgoing<'_> {
    fn from(text: String) -> Self {
        Self::owned(MessageKind::Text, text.into_bytes().into())
    }
}

/// Text.
impl<'a> From<Cow<'a, str>> for Outgoing<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// Binary.
impl From<Payload> for Outgoing<'_> {
    fn from(payload: Payload) -> Self {
        Self::owned(MessageKind::Binary, payload)
    }
}

/// Binary.
impl From<Bytes> for Outgoing<'_> {
    fn from(payload: Bytes) -> Self {
        Self::owned(MessageKind::Binary, payload.into())
    }
}

/// Binary.
impl From<Vec<u8>> for Outgoing<'_> {
    fn from(payload: Vec<u8>) -> Self {
        Self::owned(MessageKind::Binary, payload.into())
    }
}

/// Binary.
impl<'a> From<&'a [u8]> for Outgoing<'a> {
    #[inline]
    fn from(payload: &'a [u8]) -> Self {
        Self::borrowed(MessageKind::Binary, payload)
    }
}

/// Binary.
impl<'a> From<&'a Vec<u8>> for Outgoing<'a> {
    fn from(payload: &'a Vec<u8>) -> Self {
        payload.as_slice().into()
    }
}

/// Binary.
impl<'a, const N: usize> From<&'a [u8; N]> for Outgoing<'a> {
    fn from(payload: &'a [u8; N]) -> Self {
        payload.as_slice().into()
    }
}

/// Binary, copied.
impl<const N: usize> From<[u8; N]> for Outgoing<'_> {
    fn from(payload: [u8; N]) -> Self {
        Self::owned(MessageKind::Binary, payload.into())
    }
}

/// Shows the kind and the length, without the contents.
impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, as_is, length) = match &self.0 {
            Form::Owned { kind, as_is, payload } => (*kind, *as_is, payload.len()),
            Form::Borrowed { kind, as_is, payload } => (*kind, *as_is, payload.len()),
            Form::Prepared { as_is, message } => (message.kind(), *as_is, message.payload().len()),
        };
        f.debug_struct("Outgoing")
            .field("kind", &kind)
            .field("as_is", &as_is)
            .field("length", &length)
            .finish()
    }
}

/// Small, because every future of a send contains one.
const _: () = assert!(size_of::<Outgoing<'_>>() <= 24);
