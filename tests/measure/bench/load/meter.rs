//! The server's processor time for a number of things done, over a window after a warm-up.

use std::io;
use std::time::{Duration, Instant};

use crate::server::Server;

pub(crate) struct Meter {
    server: Server,
    warm_up: Duration,
    window: Duration,
    phase: Phase,
    /// The work done in the window.
    count: u64,
}

enum Phase {
    /// Nothing has been done yet.
    Still,
    /// Warming up since then.
    Warming(Instant),
    /// In the window: since when, and the server's processor time then.
    Measuring(Instant, Duration),
    /// After the window: how long it was, and the processor time in it.
    Measured(Duration, Duration),
}

impl Meter {
    pub(crate) const fn new(server: Server, warm_up: Duration, window: Duration) -> Self {
        Self { server, warm_up, window, phase: Phase::Still, count: 0 }
    }

    /// Adds to what has been done; `false` once the window has passed.
    pub(crate) fn count(&mut self, done: u64) -> io::Result<bool> {
        let now = Instant::now();
        match self.phase {
            Phase::Still => self.phase = Phase::Warming(now),
            Phase::Warming(since) if now < since + self.warm_up => {}
            Phase::Warming(_) => {
                self.phase = Phase::Measuring(Instant::now(), self.server.processor_time()?);
            }
            Phase::Measuring(since, before) => {
                self.count += done;
                if now >= since + self.window {
                    let processor = self.server.processor_time()? - before;
                    self.phase = Phase::Measured(since.elapsed(), processor);
                }
            }
            Phase::Measured(..) => {}
        }
        Ok(!matches!(self.phase, Phase::Measured(..)))
    }

    /// The measured figures, as names and numbers.
    pub(crate) fn line(&self) -> String {
        let (elapsed, processor) = match self.phase {
            Phase::Measured(elapsed, processor) => (elapsed.as_nanos(), processor.as_nanos()),
            _ => (0, 0),
        };
        format!("count={} elapsed_ns={elapsed} processor_ns={processor}", self.count)
    }
}
