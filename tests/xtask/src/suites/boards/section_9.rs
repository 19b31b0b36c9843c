//! Messages of up to 16 MiB, and of up to 65,536 fragments, through a board's rings of 4 KiB.

use core::time::Duration;

use crate::autobahn::Autobahn;
use crate::emulator::RISCV;
use crate::outcome::Outcome;
use crate::process::minutes;
use crate::workspace::Workspace;

/// Of section 9.
const CASES: usize = 54;

/// Runs section 9 against the faster of the boards in QEMU.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut board = RISCV.boot(workspace)?;
    let autobahn = Autobahn {
        reports: &format!("boards/{}/section-9", RISCV.name),
        address: &format!("ws://{}/echo", board.address),
        cases: &["9.*"],
        without: &[],
        expected: CASES,
        patience: 5,
        pause: Duration::from_millis(100),
        limit: minutes(30),
    };
    autobahn.run(workspace, || board.still_runs())?;
    Ok(format!("{}: {CASES} cases of Autobahn's section 9", RISCV.name))
}
