//! Many connections one after the other.

use std::time::Duration;

use websocket_listener_core::{CloseCode, MessageKind};
use websocket_listener_tests::target::Target;
use websocket_listener_tests::{close, pattern};

use crate::slots::all_serve;
use crate::target::alone;
use crate::telemetry::Telemetry;

const CYCLES: u64 = 2000;

#[test]
fn two_thousand_connections_one_after_the_other_and_no_slot_is_lost() {
    alone(async |board| {
        all_serve(board).await;
        let before = Telemetry::of(board).await;
        for cycle in 0..CYCLES {
            let mut peer = board.open("/echo").await;
            let payload = pattern((cycle * 7 % 3000) as usize);
            peer.echo(MessageKind::Binary, &payload).await;
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.closed(CloseCode::NORMAL).await;
        }
        let after = Telemetry::of(board).await;
        // The telemetry is a connection, too.
        assert_eq!(after.number("accepted") - before.number("accepted"), CYCLES + 1, "{after}");
        assert_eq!(after.number("messages") - before.number("messages"), CYCLES, "{after}");
        assert_eq!(after.number("timed_out"), before.number("timed_out"), "{after}");
        // The last of them may be at its very end.
        while Telemetry::of(board).await.number("open") > 1 {
            board.sleep(Duration::from_millis(100)).await;
        }
        all_serve(board).await;
    });
}
