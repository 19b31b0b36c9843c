//! permessage-deflate on the boards in QEMU: the Autobahn TestSuite's cases of it, three clients that
//! offer it, and the telemetry's bytes on the wire.

use core::time::Duration;
use std::thread;

use crate::autobahn::Autobahn;
use crate::emulator::{ARM, Emulator, Machine, RISCV};
use crate::install::{chromium, node, python};
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Of sections 12 (JSON) and 13 (the client's wishes for context takeover and window bits) the first
/// three subsections, each with a thousand messages of 16 to 8,192 bytes. The cases left out have
/// messages of 16 to 128 KiB, a thousand each: minutes at the speed of an emulator.
const SUBSECTIONS: [&str; 6] = ["12.1", "12.2", "12.3", "13.1", "13.2", "13.3"];
const CASES_OF_EACH: usize = 6;
const CASES: usize = SUBSECTIONS.len() * CASES_OF_EACH;

/// Verifies both boards.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let machines = [&ARM, &RISCV];
    for machine in machines {
        machine.build(workspace)?;
    }
    let outcomes = thread::scope(|scope| {
        let running = machines.map(|machine| scope.spawn(|| verify(workspace, machine)));
        running.map(|running| running.join().expect("a verification does not panic"))
    });
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok(format!("each with {CASES} cases of Autobahn"))
}

fn verify(workspace: &Workspace, machine: &Machine) -> Result<(), Failure> {
    let mut board = machine.boot(workspace)?;
    for check in [shrink, talk, conform] {
        check(workspace, machine, &mut board).map_err(|failure| failure.about(machine.name))?;
        board.still_runs()?;
    }
    Ok(())
}

/// The telemetry is at least 2.5 times smaller than its text.
fn shrink(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let log = machine.reports(workspace)?.join("telemetry.log");
    let mut client = workspace.command(python::interpreter(workspace));
    client.arg("tests/interop/peers/telemetry_deflate.py").arg(board.address.to_string());
    process::run_logged(&mut client, minutes(3), &log)
}

/// Python's `websockets`, npm's `ws` and headless Chromium, which all offer compression. The programs
/// named after it see that it is agreed to, and count the bytes on the wire.
fn talk(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let (python, modules) = (python::interpreter(workspace), node::modules(workspace));
    let reports = machine.reports(workspace)?;
    for program in [
        "python_websockets.py",
        "python_websockets_deflate.py",
        "npm_ws.js",
        "npm_ws_deflate.js",
        "chromium_deflate.js",
    ] {
        let mut client = match program.strip_suffix(".js") {
            Some(_) => workspace.command("node"),
            None => workspace.command(&python),
        };
        client.env("NODE_PATH", &modules).arg(format!("tests/interop/peers/{program}"));
        client.arg(format!("ws://{}/echo", board.address));
        if program == "chromium_deflate.js" {
            client.arg(chromium::find()?);
        }
        process::run_logged(&mut client, minutes(3), &reports.join(format!("{program}.log")))?;
    }
    Ok(())
}

fn conform(workspace: &Workspace, machine: &Machine, board: &mut Emulator) -> Result<(), Failure> {
    let cases: Vec<String> = SUBSECTIONS
        .iter()
        .flat_map(|subsection| (1..=CASES_OF_EACH).map(move |case| format!("{subsection}.{case}")))
        .collect();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let autobahn = Autobahn {
        reports: &format!("boards/{}/autobahn-deflate", machine.name),
        address: &format!("ws://{}/echo", board.address),
        cases: &cases,
        without: &[],
        expected: CASES,
        patience: 5,
        pause: Duration::from_millis(100),
        limit: minutes(40),
    };
    autobahn.run(workspace, || board.still_runs())
}
