//! Verification of a board that runs the application of `embassy-listener/boards`, over the network.
//!
//! `cargo xtask qemu` boots two and runs this on each. By hand:
//! `BOARD=127.0.0.1:8080 cargo test --test board -- --test-threads 4`

mod cycles;
mod site;
mod slots;
mod target;
mod telemetry;

use target::shared;

websocket_listener_tests::every_behaviour!(patient: shared, hasty: shared);
