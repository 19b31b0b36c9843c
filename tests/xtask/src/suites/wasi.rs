//! `core` in a WASI program that serves one connection on its standard input and output: an instance
//! of it for each connection to a loopback socket, under Node's WASI.

mod deadlines;
mod host;

use core::time::Duration;
use std::path::PathBuf;
use std::thread;

use crate::autobahn::Autobahn;
use crate::install::node;
use crate::install::rust_target::{self, Library};
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

use host::Host;

const TARGET: &str = "wasm32-wasip1";

/// The folder of the program.
const FOLDER: &str = "embassy-listener/boards/wasi";

/// Sections 1 to 7.
const CASES: [&str; 7] = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*"];
const EXPECTED_CASES: usize = 246;

/// Builds the program, and has Autobahn, npm's `ws` and peers that stop talk to it.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let program = build(workspace)?;
    let host = Host::start(workspace, program)?;

    let (deadlines, peers) = thread::scope(|scope| {
        let deadlines = scope.spawn(|| deadlines::run(host.socket_address()));
        let peers = converse(workspace, &host);
        (deadlines.join().expect("it does not panic"), peers)
    });
    peers?;
    deadlines?;
    let served = host.stop()?;
    Ok(format!("{EXPECTED_CASES} cases, npm ws; {served} instances"))
}

/// Has peers talk to it that behave.
fn converse(workspace: &Workspace, host: &Host) -> Result<(), Failure> {
    let autobahn = Autobahn {
        reports: "autobahn-wasi",
        address: &host.address(),
        cases: &CASES,
        without: &[],
        expected: EXPECTED_CASES,
        patience: 2,
        pause: Duration::ZERO,
        limit: minutes(10),
    };
    autobahn.run(workspace, || host.check())?;

    // Messages of a mebibyte, through buffers of a few kibibytes.
    let mut client = workspace.command("node");
    client.env("NODE_PATH", node::modules(workspace));
    client.arg("tests/interop/peers/npm_ws.js").arg(host.address());
    process::run(&mut client, minutes(3))
}

/// Builds the program as it ships.
fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let mut command = rust_target::cargo(workspace, "build", TARGET, Library::Std)?;
    command.current_dir(workspace.path(FOLDER)).args(["--release", "--target-dir"]);
    command.arg(workspace.target("wasi"));
    process::run(&mut command, minutes(10))?;
    Ok(workspace.target(&format!("wasi/{TARGET}/release/websocket-echo.wasm")))
}
