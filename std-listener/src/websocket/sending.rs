//! Messages of every form, handed to a connection: with a wait for room, or without.

use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::error::Error;
use crate::message::Message;
use crate::message::outgoing::{Form, Outgoing};
use crate::message::payload::Borrowed;

/// Queues a message once there is room for it. It is taken out of `outgoing` when it is queued; if
/// it is no longer there, there is nothing to do.
#[inline]
pub(super) fn poll_feed<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    cx: &mut Context<'_>,
    outgoing: &mut Option<Outgoing<'_>>,
) -> Poll<Result<(), Error>> {
    if let Some(Outgoing(Form::Prepared { as_is: false, message })) = outgoing {
        // Encoding it may take several turns.
        ready!(connection.poll_send_prepared(cx, message))?;
        *outgoing = None;
    }
    if outgoing.is_none() {
        return Poll::Ready(Ok(()));
    }
    ready!(connection.poll_ready(cx))?;
    Poll::Ready(outgoing.take().map_or(Ok(()), |outgoing| start(connection, outgoing)))
}

/// Queues a message as [`poll_feed`] does, then waits until everything queued has left.
#[inline]
pub(super) fn poll_send<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    cx: &mut Context<'_>,
    outgoing: &mut Option<Outgoing<'_>>,
) -> Poll<Result<(), Error>> {
    ready!(poll_feed(connection, cx, outgoing))?;
    connection.poll_flush(cx)
}

/// Queues a message for which there is room.
#[inline]
pub(super) fn start<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    outgoing: Outgoing<'_>,
) -> Result<(), Error> {
    match outgoing.0 {
        Form::Owned { kind, as_is: false, payload } => {
            connection.start_send(Message::from_checked(kind, payload))
        }
        Form::Owned { kind, as_is: true, payload } => connection.start_send_as_is(kind, payload),
        Form::Borrowed { kind, as_is: false, payload } => {
            connection.start_send_payload(kind, Borrowed(payload))
        }
        Form::Borrowed { kind, as_is: true, payload } => {
            connection.start_send_as_is(kind, Borrowed(payload))
        }
        Form::Prepared { as_is: false, message } => connection.start_send_prepared(message),
        Form::Prepared { as_is: true, message } => connection.start_send_prepared_as_is(message),
    }
}
