//! The telemetry of the board.

use std::time::Duration;

use tokio::net::TcpStream;
use websocket_listener_core::{CloseCode, MessageKind};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::{Raw, close};

use crate::target::{Board, shared};

/// One report.
pub(crate) struct Telemetry(String);

impl Telemetry {
    /// Reads the current telemetry of the board.
    pub(crate) async fn of(board: &Board) -> Self {
        let mut peer = board.open("/telemetry").await;
        let report = Self::next(&mut peer).await;
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        // Reports may come before the answer.
        while peer.frame_but_ping().await.opcode != 8 {}
        peer.ended().await;
        report
    }

    async fn next(peer: &mut Peer<Raw<TcpStream>>) -> Self {
        let (kind, report) = peer.message().await;
        assert_eq!(kind, MessageKind::Text);
        Self(String::from_utf8(report).expect("JSON is UTF-8"))
    }

    /// One of its numbers.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let start = format!("\"{name}\":");
        let (_, value) = self.0.split_once(&start).unwrap_or_else(|| panic!("no {name}: {self}"));
        let end = value.find([',', '}']).expect("JSON goes on");
        value[..end].parse().expect("a number")
    }
}

impl std::fmt::Display for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[test]
fn telemetry_comes_ten_times_a_second() {
    shared(async |board| {
        let mut peer = board.open("/telemetry").await;
        let first = Telemetry::next(&mut peer).await.number("uptime_ms");
        let mut last = first;
        for _ in 0..30 {
            let now = Telemetry::next(&mut peer).await.number("uptime_ms");
            assert!(now > last, "{now} after {last}");
            last = now;
        }
        let taken = Duration::from_millis(last - first);
        assert!(taken > Duration::from_millis(2500), "30 reports in {taken:?}");
        // How much later is the machine's affair.
        assert!(taken < Duration::from_secs(20), "30 reports in {taken:?}");
    });
}

#[test]
fn telemetry_counts_messages_bytes_and_open_websockets() {
    shared(async |board| {
        let before = Telemetry::of(board).await;
        let mut peer = board.open("/echo").await;
        peer.echo(MessageKind::Binary, &[7; 3000]).await;
        let after = Telemetry::of(board).await;
        assert!(after.number("messages") > before.number("messages"), "{after}");
        assert!(after.number("bytes") >= before.number("bytes") + 3000, "{after}");
        assert!(after.number("accepted") >= before.number("accepted") + 2, "{after}");
        assert!(after.number("open") >= 2, "{after}");
    });
}

#[test]
fn telemetry_reports_the_latency_of_the_peer() {
    shared(async |board| {
        let mut peer = board.open("/telemetry").await;
        for _ in 0..100 {
            if Telemetry::next(&mut peer).await.number("latency_us") > 0 {
                return;
            }
        }
        panic!("pings are answered, and no latency is told");
    });
}
