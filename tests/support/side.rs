//! The two ends of a connection, and where a client's masks come from.

use core::cell::Cell;

use websocket_listener_core::{Config, Connection, Instant, Role};

/// The key of the masked frames that tests write by hand; the one of RFC 6455 section 5.7.
pub const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Which end of a connection is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end that accepted.
    Server,
    /// The end that connected.
    Client,
}

impl Side {
    /// Both, for whatever holds of either.
    pub const BOTH: [Self; 2] = [Self::Server, Self::Client];

    /// The other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }

    /// The engine's word for it. A client's masks are a fixed sequence without repetition; see
    /// [`last_mask`].
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Server => Role::Server,
            Self::Client => Role::Client { masks: next_mask },
        }
    }

    /// A connection of this side, made at the clock's origin.
    #[must_use]
    pub fn connection(self, config: Config) -> Connection {
        Connection::new(self.role(), config, Instant::default())
    }
}

thread_local! {
    static MASKS_GIVEN: Cell<u32> = const { Cell::new(0) };
}

fn mask(number: u32) -> [u8; 4] {
    // An odd factor: a permutation, so that no mask comes twice.
    number.wrapping_mul(0x9e37_79b1).to_be_bytes()
}

fn next_mask() -> [u8; 4] {
    MASKS_GIVEN.with(|given| {
        given.set(given.get().wrapping_add(1));
        mask(given.get())
    })
}

/// The mask that was given last to a client of this thread.
#[must_use]
pub fn last_mask() -> [u8; 4] {
    mask(MASKS_GIVEN.get())
}
