//! The firmware of the W5500-EVB-Pico as it would be flashed, in rp2040js with a model of the W5500.

use core::time::Duration;

use crate::autobahn::Autobahn;
use crate::firmware::RP2040_W5500;
use crate::install::node;
use crate::outcome::Outcome;
use crate::process::{self, minutes};
use crate::rp2040js::Rp2040;
use crate::workspace::Workspace;

/// Sections 1 to 7 and 10.
const CASES: usize = 247;

/// The longest message echoed, in bytes.
const LONGEST: u32 = 100_000;

/// Has messages of 1 byte and more echoed, and runs Autobahn.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let firmware = RP2040_W5500.build(workspace)?;
    let mut board = Rp2040::boot(workspace, &firmware)?;
    let address = format!("ws://{}/echo", board.address);

    let mut client = workspace.command("node");
    client.env("NODE_PATH", node::modules(workspace)).arg("tests/interop/peers/echo_sizes.js");
    client.arg(&address).arg(LONGEST.to_string());
    let echoed = process::run(&mut client, minutes(5));
    board.still_runs()?;
    echoed?;

    let autobahn = Autobahn {
        reports: "boards/rp2040-w5500/autobahn",
        address: &address,
        cases: &["*"],
        without: &["9.*", "12.*", "13.*"],
        expected: CASES,
        patience: 10,
        // On a busy machine the emulated network takes so long to end a connection.
        pause: Duration::from_millis(500),
        limit: minutes(20),
    };
    autobahn.run(workspace, || board.still_runs())?;
    Ok(format!("{}: 1 B to {LONGEST} B, {CASES} cases of Autobahn", RP2040_W5500.name))
}
