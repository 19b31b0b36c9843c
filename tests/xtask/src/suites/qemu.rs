//! The boards in QEMU, verified from outside: both at once, each with a real TCP stack and a network of
//! its own.

use core::time::Duration;
use std::process::Command;
use std::thread;

use crate::autobahn::Autobahn;
use crate::emulator::{ARM, Emulator, Machine, RISCV};
use crate::install::{chromium, node};
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Sections 1 to 7 and 10.
const CASES: usize = 247;

/// Verifies both boards.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut examples = workspace.cargo(["test", "--doc"]);
    examples.current_dir(workspace.path("embassy-listener/boards/application"));
    process::run(&mut examples, minutes(10))?;
    let machines = [&ARM, &RISCV];
    for machine in machines {
        machine.lint(workspace)?;
        machine.build(workspace)?;
    }
    process::run(tests(workspace).arg("--no-run"), minutes(15))?;

    let outcomes = thread::scope(|scope| {
        let running = machines.map(|machine| scope.spawn(|| verify(workspace, machine)));
        running.map(|running| running.join().expect("a verification does not panic"))
    });
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok(format!("each with {CASES} cases of Autobahn"))
}

/// Boots a board, and has all that is there at it. One that has ended is not asked further.
fn verify(workspace: &Workspace, machine: &Machine) -> Result<(), Failure> {
    let mut board = machine.boot(workspace)?;
    let mut failures = Vec::new();
    for check in [behave, conform, browse] {
        if let Err(failure) = check(workspace, machine, &mut board) {
            failures.push(failure.about(machine.name));
        }
        if let Err(death) = board.still_runs() {
            failures.push(death);
            break;
        }
    }
    Failure::all(&failures)
}

/// `cargo test` of what a board has to show.
fn tests(workspace: &Workspace) -> Command {
    workspace.cargo(["test", "--package", "websocket-listener-tests", "--test", "board"])
}

/// What a board has to show over raw TCP: the bad-input table, deadlines, abuse, and that no slot is
/// lost.
fn behave(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let log = machine.reports(workspace)?.join("behaviours.log");
    let mut command = tests(workspace);
    command.args(["--", "--test-threads", "4"]).env("BOARD", board.address.to_string());
    process::run_logged(&mut command, minutes(9), &log)
}

/// The Autobahn TestSuite, with patience: the emulator's timings swing.
fn conform(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let autobahn = Autobahn {
        reports: &format!("boards/{}/autobahn", machine.name),
        address: &format!("ws://{}/echo", board.address),
        cases: &["*"],
        without: &["9.*", "12.*", "13.*"],
        expected: CASES,
        patience: 5,
        pause: Duration::from_millis(100),
        limit: minutes(9),
    };
    autobahn.run(workspace, || board.still_runs())
}

/// The page with the telemetry, in headless Chromium.
fn browse(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let log = machine.reports(workspace)?.join("browser.log");
    let mut client = workspace.command("node");
    client.env("NODE_PATH", node::modules(workspace)).arg("tests/interop/peers/chromium_board.js");
    client.arg(format!("http://{}/", board.address)).arg(chromium::find()?);
    process::run_logged(&mut client, minutes(5), &log)
}
