//! Counters of the outcomes of opening handshakes, which are also logged.

use crate::compression::Compressed;
use crate::opened::Opened;

/// A listener's counters, which wrap around; see
/// [`WebSocketListener::counters`](crate::WebSocketListener::counters).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// Opening handshakes that succeeded.
    pub accepted: u32,
    /// Requests answered with a status other than 101, by the listener or by the application.
    pub refused: u32,
    /// Requests that the application took over.
    pub taken_over: u32,
    /// Opening handshakes that were not finished in time.
    pub timed_out: u32,
    /// Peers that disconnected before they were answered.
    pub disconnected: u32,
}

/// The outcome of an opening handshake.
pub(crate) enum Outcome {
    Opened(Opened, Compressed),
    TakenOver,
    /// Refused with this status.
    Refused(u16),
    TimedOut,
    Disconnected,
}

impl Counters {
    /// Counts and logs the outcome.
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        let counter = match outcome {
            Outcome::Opened(..) => {
                debug!("accepted");
                &mut self.accepted
            }
            Outcome::TakenOver => {
                debug!("taken over");
                &mut self.taken_over
            }
            Outcome::Refused(status) => {
                debug!("refused: {}", status);
                &mut self.refused
            }
            Outcome::TimedOut => {
                debug!("opening handshake timed out");
                &mut self.timed_out
            }
            Outcome::Disconnected => {
                debug!("disconnected during the opening handshake");
                &mut self.disconnected
            }
        };
        *counter = counter.wrapping_add(1);
    }
}
