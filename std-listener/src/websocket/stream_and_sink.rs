//! A connection as a `Stream` and a `Sink` of messages.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::CloseCode;

use super::WebSocket;
use crate::connection::Connection;
use crate::connection::tasks::{Side, TwoTasks};
use crate::error::Error;
use crate::message::Message;

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Polls the connection for one of two tasks: other crates may split a `Stream` that is also a
    /// `Sink`.
    pub(crate) fn poll_as<R>(
        &mut self,
        side: Side,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let tasks = self.tasks.get_or_insert_with(|| Box::new(TwoTasks::new()));
        self.connection.is_shared = true;
        let polled = poll(&mut self.connection, &mut tasks.context(side, cx));
        // After such a split, the other methods are out of reach.
        self.connection.is_shared = false;
        polled
    }
}

/// Yields messages until the connection is closed, or an error once.
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_as(Side::Reader, cx, Connection::poll_next_item)
    }
}

/// Sends messages: `start_send` is [`feed`](WebSocket::feed), `close` sends code 1000.
impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WebSocket<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().poll_as(Side::Writer, cx, Connection::poll_ready)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.get_mut().connection.start_send(message)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().poll_as(Side::Writer, cx, Connection::poll_flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        this.start_close(CloseCode::NORMAL, "")?;
        this.poll_as(Side::Writer, cx, Connection::poll_close)
    }
}
