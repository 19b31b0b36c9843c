//! Many connections on one event loop.

use std::io;

use mio::{Interest, Token};

use crate::conversation::Conversation;
use crate::event_loop::{EventLoop, READ_BYTES};
use crate::frames::Shape;
use crate::server::Server;

pub(crate) struct Crowd {
    events: EventLoop,
    conversations: Vec<Conversation>,
}

impl Crowd {
    /// Opens connections, one after the other.
    pub(crate) fn open(
        server: Server,
        connections: usize,
        shape: Shape,
        batches: u64,
    ) -> io::Result<Self> {
        let events = EventLoop::new()?;
        let mut conversations = Vec::with_capacity(connections);
        for number in 0..connections {
            let mut conversation = Conversation::open(server, shape, batches)?;
            let both = Interest::READABLE | Interest::WRITABLE;
            events.registry().register(conversation.stream.socket(), Token(number), both)?;
            conversations.push(conversation);
        }
        Ok(Self { events, conversations })
    }

    /// Gives the first connections other messages to send.
    pub(crate) fn continue_with(&mut self, connections: usize, bytes: usize, batches: u64) {
        for conversation in self.conversations.iter_mut().take(connections) {
            conversation.continue_with(bytes, batches);
        }
    }

    /// Lets all send and receive while `more`, which is told of every few messages echoed.
    pub(crate) fn run(&mut self, mut more: impl FnMut(u64) -> io::Result<bool>) -> io::Result<()> {
        let mut buffer = vec![0; READ_BYTES];
        // What happened before is not told again.
        for conversation in &mut self.conversations {
            let echoed = conversation.advance(&mut buffer)?;
            if !more(echoed)? {
                return Ok(());
            }
        }
        loop {
            let mut echoed = 0;
            for token in self.events.wait()? {
                echoed += self.conversations[token.0].advance(&mut buffer)?;
            }
            if !more(echoed)? {
                return Ok(());
            }
        }
    }
}
