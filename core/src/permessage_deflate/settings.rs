//! The settings of one end, and its part in the negotiation.

use super::parameters::{ClientBits, Parameters};
use super::{Agreement, AnswerError, ExtensionValue, NAME, OfferError, WindowBits};
use crate::handshake::ExtensionOffer;

/// The abilities and wishes of this end: the same settings for a server and for a client.
///
/// | setting | default |
/// | --- | --- |
/// | context takeover | allowed, both ways |
/// | windows | up to 32 KiB, both ways |
#[doc(alias = "compression")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: WindowBits,
    client_max_window_bits: WindowBits,
    min_window_bits: WindowBits,
}

impl Settings {
    /// Creates the default settings.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: WindowBits::MAX,
            client_max_window_bits: WindowBits::MAX,
            min_window_bits: WindowBits::MIN,
        }
    }

    /// Requires that the server begins each message with an empty window, which costs compression
    /// but frees both ends from keeping the window between messages. A client asks for it; a server
    /// decides it.
    #[must_use]
    pub const fn server_no_context_takeover(self, required: bool) -> Self {
        Self { server_no_context_takeover: required, ..self }
    }

    /// Requires the same of the client. A server demands it; a client decides it.
    #[must_use]
    pub const fn client_no_context_takeover(self, required: bool) -> Self {
        Self { client_no_context_takeover: required, ..self }
    }

    /// Sets the largest window of the server's messages: the window that a client can inflate with,
    /// or that a server compresses with.
    ///
    /// Below 15, a client that gets an answer without this parameter fails the connection.
    #[must_use]
    pub const fn server_max_window_bits(self, bits: WindowBits) -> Self {
        Self { server_max_window_bits: bits, ..self }
    }

    /// Sets the largest window of the client's messages: the window that a server can inflate with,
    /// or that a client compresses with.
    ///
    /// Below 15, a server declines clients that do not offer `client_max_window_bits`.
    #[must_use]
    pub const fn client_max_window_bits(self, bits: WindowBits) -> Self {
        Self { client_max_window_bits: bits, ..self }
    }

    /// Sets the smallest window that this end can compress with, for a codec that does not support
    /// all of them. If the peer asks for less, a server declines its offer, and a client fails the
    /// connection.
    #[must_use]
    pub const fn min_window_bits(self, bits: WindowBits) -> Self {
        Self { min_window_bits: bits, ..self }
    }

    /// Returns the same settings, with windows no larger than these.
    #[cfg(all(feature = "deflate", feature = "io"))]
    pub(crate) fn limit(self, server: WindowBits, client: WindowBits) -> Self {
        Self {
            server_max_window_bits: self.server_max_window_bits.min(server),
            client_max_window_bits: self.client_max_window_bits.min(client),
            ..self
        }
    }

    /// Returns the server's choice: the first of the client's offers that can be accepted
    /// (RFC 7692 section 7.1). Other extensions, and offers that cannot be accepted, are skipped.
    pub fn select<'a>(
        &self,
        offers: impl IntoIterator<Item = ExtensionOffer<'a>>,
    ) -> Option<Agreement> {
        offers.into_iter().find_map(|offer| self.accept(&offer).ok())
    }

    /// Accepts one offer, or declines it (RFC 7692 section 7.1). The client's window is the smaller
    /// of both (RFC 7692 section 7.1.2.2).
    ///
    /// # Errors
    /// [`OfferError`]: the offer has to be declined.
    pub fn accept(&self, offer: &ExtensionOffer<'_>) -> Result<Agreement, OfferError> {
        let offered = Parameters::read(offer)?;
        let server_asked = offered.server_max_window_bits.unwrap_or(WindowBits::MAX);
        if server_asked < self.min_window_bits {
            return Err(OfferError::ServerWindow);
        }
        let client_window_bits = match offered.client_max_window_bits {
            ClientBits::Absent if self.client_max_window_bits < WindowBits::MAX => {
                return Err(OfferError::ClientWindow);
            }
            ClientBits::Absent | ClientBits::Open => self.client_max_window_bits,
            ClientBits::Of(bits) => bits.min(self.client_max_window_bits),
        };
        Ok(Agreement {
            server_no_context_takeover: self.server_no_context_takeover
                || offered.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover
                || offered.client_no_context_takeover,
            server_window_bits: server_asked.min(self.server_max_window_bits),
            client_window_bits,
            server_window_asked: offered.server_max_window_bits.is_some(),
            client_window_offered: offered.client_max_window_bits != ClientBits::Absent,
        })
    }

    /// Returns the client's offer, which always lets the server choose a smaller window for the
    /// client.
    #[must_use]
    pub fn offer(&self) -> ExtensionValue {
        let limited = |bits: WindowBits| (bits < WindowBits::MAX).then_some(bits);
        ExtensionValue::of(&Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: limited(self.server_max_window_bits),
            client_max_window_bits: limited(self.client_max_window_bits)
                .map_or(ClientBits::Open, ClientBits::Of),
        })
    }

    /// Checks all extensions of the server's answer, for a client. `None`: the server declined, and
    /// nothing is compressed.
    ///
    /// # Errors
    /// [`AnswerError`]: the client must fail the connection (RFC 7692 section 7.1).
    pub fn verify<'a>(
        &self,
        answers: impl IntoIterator<Item = ExtensionOffer<'a>>,
    ) -> Result<Option<Agreement>, AnswerError> {
        let mut ours = answers.into_iter().filter(|answer| answer.name() == NAME);
        let Some(answer) = ours.next() else { return Ok(None) };
        if ours.next().is_some() {
            return Err(AnswerError::Repeated);
        }
        self.verify_answer(&answer).map(Some)
    }

    /// Checks the answer (RFC 7692 section 7.1) to this end's [`offer`](Self::offer), for a client
    /// that made several offers: the server has accepted one for which this succeeds.
    ///
    /// # Errors
    /// [`AnswerError`]: the answer does not fit this offer.
    pub fn verify_answer(&self, answer: &ExtensionOffer<'_>) -> Result<Agreement, AnswerError> {
        let answered = Parameters::read(answer)?;
        // RFC 7692 section 7.1.1.1: what was offered is answered.
        if self.server_no_context_takeover && !answered.server_no_context_takeover {
            return Err(AnswerError::ServerContextTakeover);
        }
        let server_window_bits = answered.server_max_window_bits.unwrap_or(WindowBits::MAX);
        // RFC 7692 section 7.1.2.1: at most the window that was offered.
        if server_window_bits > self.server_max_window_bits {
            return Err(AnswerError::ServerWindow);
        }
        let client_window_bits = match answered.client_max_window_bits {
            ClientBits::Absent => self.client_max_window_bits,
            // RFC 7692 section 7.1.2.2: in an answer it has a value.
            ClientBits::Open => return Err(AnswerError::InvalidValue),
            ClientBits::Of(bits) => bits,
        };
        if client_window_bits > self.client_max_window_bits
            || client_window_bits < self.min_window_bits
        {
            return Err(AnswerError::ClientWindow);
        }
        Ok(Agreement {
            server_no_context_takeover: answered.server_no_context_takeover,
            // RFC 7692 section 7.1.1.2: the server may demand it unasked.
            client_no_context_takeover: self.client_no_context_takeover
                || answered.client_no_context_takeover,
            server_window_bits,
            client_window_bits,
            server_window_asked: answered.server_max_window_bits.is_some(),
            client_window_offered: true,
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
