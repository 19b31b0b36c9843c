//! Waiting for sockets.

use std::io;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Registry, Token};

/// Events taken at once.
const EVENTS: usize = 1024;

/// Bytes read at once.
pub(crate) const READ_BYTES: usize = 1 << 20;

/// A server that is silent for this long has failed.
const SILENCE: Duration = Duration::from_secs(5);

pub(crate) struct EventLoop {
    poll: Poll,
    events: Events,
    patience: Duration,
}

impl EventLoop {
    pub(crate) fn new() -> io::Result<Self> {
        Self::patient(SILENCE)
    }

    /// For a server that may be silent for longer.
    pub(crate) fn patient(patience: Duration) -> io::Result<Self> {
        Ok(Self { poll: Poll::new()?, events: Events::with_capacity(EVENTS), patience })
    }

    pub(crate) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Waits until something has happened to some sockets.
    pub(crate) fn wait(&mut self) -> io::Result<impl Iterator<Item = Token>> {
        self.poll.poll(&mut self.events, Some(self.patience))?;
        if self.events.is_empty() {
            return Err(io::Error::other("the server is silent"));
        }
        Ok(self.events.iter().map(Event::token))
    }
}
