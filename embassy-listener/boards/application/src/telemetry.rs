//! The telemetry: a report ten times a second.

use core::fmt::Write as _;

use embassy_time::{Duration, Instant, Timer};
use heapless::String;
use websocket_listener_embassy::{SendError, WebSocket, WebSocketWriter};

use crate::Application;
use crate::sending::until_end;

/// The time between two reports.
const INTERVAL: Duration = Duration::from_millis(100);

/// The number of reports for each ping, which measures the latency.
const REPORTS_PER_PING: u32 = 10;

/// The bytes of the longest report: every name, and every number at its longest.
const LONGEST: usize = 320;

/// Sends reports until the connection ends.
pub(crate) async fn run(socket: &mut WebSocket, application: &Application) {
    let (reader, writer) = socket.split();
    until_end(reader, report(writer, application)).await;
}

async fn report(
    mut writer: WebSocketWriter<'_>,
    application: &Application,
) -> Result<(), SendError> {
    let mut due = Instant::now();
    let mut reports = 0u32;
    loop {
        if reports.is_multiple_of(REPORTS_PER_PING) {
            writer.ping(&[]).await?;
        }
        reports = reports.wrapping_add(1);
        let late = Instant::now().saturating_duration_since(due);
        let report = application.json(late, writer.latency());
        writer.send_text(&report).await?;
        // Skips the reports that a slow peer has missed.
        due = (due + INTERVAL).max(Instant::now());
        Timer::at(due).await;
    }
}

impl Application {
    /// Returns a report. `late` is its delay, `latency` the round-trip time of the last ping.
    fn json(&self, late: Duration, latency: Option<core::time::Duration>) -> String<LONGEST> {
        let counters = self.listener.counters();
        let mut json = String::new();
        // Never fails, by the definition of `LONGEST`.
        let _ = write!(
            json,
            r#"{{"uptime_ms":{},"slots":{},"open":{},"accepted":{},"answered":{},"timed_out":{},"disconnected":{},"messages":{},"bytes":{},"late_us":{},"latency_us":{}}}"#,
            Instant::now().as_millis(),
            self.slots,
            self.traffic.open_now(),
            counters.accepted,
            counters.refused,
            counters.timed_out,
            counters.disconnected,
            self.traffic.messages_sent(),
            self.traffic.bytes_sent(),
            late.as_micros() as u32,
            latency.map_or(0, |latency| latency.as_micros() as u32),
        );
        json
    }
}
