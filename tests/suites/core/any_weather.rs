//! Two ends under any operations, stalls, slow lines and jumps of time: nothing panics, what is
//! heard was sent, and once one end closes or the line is cut, both are done within the deadlines.

use core::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::{CloseCode, Config, MessageKind, PingMode};
use websocket_listener_tests::{Ending, Pair, Side};

use crate::arbitrary::{kinds, sides};

const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
enum Operation {
    Send(Side, MessageKind, usize),
    Ping(Side),
    Stall(Side, bool),
    /// Bytes a second.
    Line(Side, u64),
    Latency(Side, u64),
    Wait(u64),
}

/// The event that ends it.
#[derive(Clone, Debug)]
enum Finale {
    Close(Side),
    CloseBoth,
    /// This end hears something that it must refuse.
    Break(Side),
    /// The output of this end is lost.
    Cut(Side),
    CutBoth,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::{Latency, Line, Ping, Send, Stall, Wait};
    vec(
        prop_oneof![
            4 => (sides(), kinds(), 0..3000_usize)
                .prop_map(|(side, kind, length)| Send(side, kind, length)),
            2 => sides().prop_map(Ping),
            1 => (sides(), any::<bool>()).prop_map(|(side, stalled)| Stall(side, stalled)),
            1 => (sides(), 10_000..1_000_000_u64).prop_map(|(side, rate)| Line(side, rate)),
            1 => (sides(), 0..500_u64).prop_map(|(side, millis)| Latency(side, millis)),
            4 => (0..6000_u64).prop_map(Wait),
        ],
        0..30,
    )
}

fn modes() -> impl Strategy<Value = PingMode> {
    prop_oneof![Just(PingMode::LatencyControl), Just(PingMode::BandwidthSaving)]
}

fn finales() -> impl Strategy<Value = Finale> {
    prop_oneof![
        sides().prop_map(Finale::Close),
        Just(Finale::CloseBoth),
        sides().prop_map(Finale::Break),
        sides().prop_map(Finale::Cut),
        Just(Finale::CutBoth),
    ]
}

fn close(pair: &mut Pair, side: Side) {
    let now = pair.now;
    // It may be over already, which is as well.
    let _ = pair.end(side).connection.close(CloseCode::GOING_AWAY, "finale", now);
}

proptest! {
    #[test]
    fn both_ends_finish_within_the_deadlines_and_receive_only_bytes_that_were_sent(
        modes in (modes(), modes()),
        operations in operations(),
        finale in finales(),
    ) {
        let config = Config::new()
            .ping_interval(DEADLINE)
            .pong_timeout(DEADLINE)
            .close_timeout(DEADLINE)
            .write_timeout(DEADLINE);
        let mut pair = Pair::new(config.ping_mode(modes.0), config.ping_mode(modes.1));
        let mut sent = [Vec::new(), Vec::new()];
        for side in Side::BOTH {
            pair.end(side).link.capacity = 5000;
        }
        for operation in operations {
            match operation {
                Operation::Send(side, kind, length) => {
                    let sent = &mut sent[side as usize];
                    let payload = vec![b'0' + (sent.len() % 10) as u8; length];
                    if pair.end(side).send(kind, &payload).is_ok() {
                        sent.push((kind, payload));
                    }
                }
                Operation::Ping(side) => _ = pair.end(side).connection.ping(b"random"),
                Operation::Stall(side, stalled) => pair.end(side).link.stalled = stalled,
                Operation::Line(side, rate) => pair.end(side).link.bytes_per_second = rate,
                Operation::Latency(side, millis) => {
                    pair.end(side).link.latency = Duration::from_millis(millis);
                }
                Operation::Wait(millis) => pair.advance(Duration::from_millis(millis)),
            }
        }
        match finale {
            Finale::Close(side) => close(&mut pair, side),
            Finale::CloseBoth => Side::BOTH.into_iter().for_each(|side| close(&mut pair, side)),
            Finale::Break(side) => {
                let now = pair.now;
                let _ = pair.end(side).connection.receive(&mut [0x7f; 200], now);
            }
            Finale::Cut(side) => pair.end(side).link.cut(),
            Finale::CutBoth => pair.cut(),
        }

        // An interval of silence, a ping behind what is left to write (90,000 bytes at 10,000 a
        // second at the worst), its pong; and the other end the same behind it.
        pair.run(8 * DEADLINE);
        prop_assert!(pair.is_over(), "{:?} {:?}", pair.server.ended, pair.client.ended);
        for side in Side::BOTH {
            let end = pair.end(side.peer());
            let heard = end.log.messages();
            let sent = sent[side as usize].iter();
            let sent: Vec<_> = sent.map(|(kind, payload)| (*kind, &payload[..])).collect();
            prop_assert!(sent.starts_with(&heard), "heard what was not sent");
            if matches!(end.ended, Some((_, Ending::Closed | Ending::EndOfStream))) {
                prop_assert!(end.connection.close_reason().is_some());
            }
            prop_assert!(!end.connection.can_send());
        }
    }
}
