//! The server's processor time for a number of things done, over a window after a warm-up.

use std::io;
use std::time::{Duration, Instant};

use crate::server::Server;

pub(crate) struct Meter {
    server: Server,
    window: Duration,
    /// When the warm-up ends.
    warm: Instant,
    /// When the window began, and the processor time then.
    begun: Option<(Instant, Duration)>,
    count: u64,
    /// How long the window was, and the processor time in it.
    measured: (Duration, Duration),
}

impl Meter {
    pub(crate) fn start(server: Server, warm_up: Duration, window: Duration) -> Self {
        let warm = Instant::now() + warm_up;
        Self { server, window, warm, begun: None, count: 0, measured: Default::default() }
    }

    /// Adds to what has been done; `false` once the window has passed.
    pub(crate) fn count(&mut self, done: u64) -> io::Result<bool> {
        self.count += done;
        let now = Instant::now();
        match self.begun {
            None if now >= self.warm => {
                self.begun = Some((Instant::now(), self.server.processor_time()?));
                self.count = 0;
                Ok(true)
            }
            Some((begin, before)) if now >= begin + self.window => {
                self.measured = (begin.elapsed(), self.server.processor_time()? - before);
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    pub(crate) fn line(&self) -> String {
        let (elapsed, processor) = self.measured;
        let (elapsed, processor) = (elapsed.as_nanos(), processor.as_nanos());
        format!("count={} elapsed_ns={elapsed} processor_ns={processor}", self.count)
    }
}
