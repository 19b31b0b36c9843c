//! Control frames: their payloads, which take memory only while there are any, and the reporting of
//! those that no application sees.

use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{ControlArray, ControlMemory, MAX_CONTROL_FRAME};

use super::Connection;
use crate::error::Error;
use crate::message::event::Event;
use crate::message::payload::Payload;

/// Holds no memory while it is empty, as it is for almost every connection.
#[derive(Debug, Default)]
pub(crate) struct ControlBox(Option<Box<ControlArray>>);

impl ControlMemory for ControlBox {
    const CAPACITY: usize = <ControlArray>::CAPACITY;

    fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |array| array.as_slice())
    }

    fn extend(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.get_or_insert_default().extend(bytes);
        }
    }

    fn clear(&mut self) {
        self.0 = None;
    }
}

/// The control frame to be returned by a call that asks for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlReport {
    /// The call asks for messages only.
    Unwanted,
    /// None has come yet.
    Awaited,
    Ping,
    Pong,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// The next message or control frame; `None` once the connection is closed.
    pub(crate) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Event>, Error>> {
        self.control_report = ControlReport::Awaited;
        let event = self.poll_message_or_control(cx);
        self.control_report = ControlReport::Unwanted;
        event
    }

    fn poll_message_or_control(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Event>, Error>> {
        loop {
            if let Some(message) = self.next_message() {
                self.tally.messages_received += 1;
                return Poll::Ready(Ok(Some(Event::Message(message))));
            }
            match self.control_report {
                ControlReport::Ping => {
                    let payload = Payload::copy_from_slice(self.protocol.control_payload());
                    self.answer_ping();
                    // The application may not come back for long.
                    let _ = self.poll_write_out(cx);
                    return Poll::Ready(Ok(Some(Event::Ping(payload))));
                }
                ControlReport::Pong => return Poll::Ready(Ok(Some(Event::Pong))),
                ControlReport::Unwanted | ControlReport::Awaited => {}
            }
            if !ready!(self.poll_fill(cx))? {
                return Poll::Ready(Ok(None));
            }
        }
    }

    /// Returns whether the call asks for events, and is to return this one before anything else is
    /// decoded.
    pub(super) fn report(&mut self, control: ControlReport) -> bool {
        let wanted = self.control_report != ControlReport::Unwanted;
        if wanted {
            self.control_report = control;
        }
        wanted
    }

    /// Queues the pong for the ping that has come, unless the application answers pings.
    pub(super) fn answer_ping(&mut self) {
        if self.automatic_pongs {
            self.queue_control();
        } else {
            self.protocol.withhold_pong();
        }
    }

    /// Queues a pong of the application's as soon as there is room.
    pub(crate) fn poll_pong(
        &mut self,
        cx: &mut Context<'_>,
        payload: &[u8],
    ) -> Poll<Result<(), Error>> {
        ready!(self.poll_ready(cx))?;
        let mut frame = [0; MAX_CONTROL_FRAME];
        let length = self.protocol.pong(payload, &mut frame)?;
        self.output.push_control(&frame[..length]);
        Poll::Ready(Ok(()))
    }
}

impl<S> Connection<S> {
    #[cold]
    pub(super) fn report_ping(&self) {
        self.details.in_span(|| {
            tracing::trace!(target: "websocket_listener::control", id = self.id, "ping received");
        });
    }

    #[cold]
    pub(super) fn report_pong(&self) {
        let latency = self.protocol.latency().map(tracing::field::debug);
        self.details.in_span(|| {
            let id = self.id;
            tracing::trace!(target: "websocket_listener::control", id, latency, "pong received");
        });
    }
}
