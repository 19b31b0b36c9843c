//! Verification of `websocket-listener-embassy`: the real `embassy-net` stack, two of them, joined by
//! a link in memory, under a clock that moves when every task waits.

mod cancelling;
mod chaos;
mod client;
mod clock;
mod compression;
mod cycles;
mod executor;
mod guide;
mod http;
mod link;
mod net;
mod options;
mod shutdown;
mod sizes;
mod slots;
mod targets;

mod echoing_messages {
    use crate::targets::whole;

    websocket_listener_tests::every_behaviour!(patient: whole, hasty: whole);
}

mod echoing_streams {
    use crate::targets::streaming;

    websocket_listener_tests::every_behaviour!(patient: streaming, hasty: streaming);
}
