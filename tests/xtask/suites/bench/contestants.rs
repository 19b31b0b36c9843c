//! Whom the benchmark sets side by side.

use std::path::PathBuf;

use super::Faults;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

const PACKAGE: &str = "websocket-listener-bench";

/// The load generator's name among the programs.
pub(super) const LOAD: &str = "load";

/// A server.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    /// Whether it is somebody else's library.
    pub(super) is_peer: bool,
    /// Whether it sends bytes back without WebSocket.
    pub(super) is_raw: bool,
    /// Whether there is a second program of it, for broadcasts.
    pub(super) broadcasts: bool,
}

const fn own(name: &'static str) -> Contestant {
    Contestant { name, is_peer: false, is_raw: false, broadcasts: false }
}

const fn peer(name: &'static str) -> Contestant {
    Contestant { name, is_peer: true, is_raw: false, broadcasts: false }
}

/// All of them. The first is what the others are compared with.
pub(super) const ALL: &[Contestant] = &[
    Contestant { name: "floor", is_peer: false, is_raw: true, broadcasts: true },
    own("minimum"),
    Contestant { broadcasts: true, ..own("ours") },
    peer("fastwebsockets"),
    peer("sockudo-ws"),
    peer("tokio-tungstenite"),
    peer("tokio-websockets"),
    peer("yawc"),
];

/// The name of a contestant's second program.
pub(super) fn broadcaster(name: &str) -> String {
    format!("broadcast-{name}")
}

/// Where the program of this name lies once it is built.
pub(super) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target(&format!("release/bench-{name}"))
}

/// Builds all in release, and gives those that could be built.
pub(super) fn build(
    workspace: &Workspace,
    faults: &mut Faults,
) -> Result<Vec<&'static Contestant>, Failure> {
    let mut all = workspace.cargo(["build", "--release", "--package", PACKAGE]);
    if process::run(&mut all, minutes(40)).is_ok() {
        return Ok(ALL.iter().collect());
    }
    // Somebody stands in the way: one at a time shows who.
    build_one(workspace, LOAD)?;
    let mut built = Vec::new();
    for contestant in ALL {
        match build_one(workspace, contestant.name) {
            Ok(()) if contestant.broadcasts => {
                build_one(workspace, &broadcaster(contestant.name))?;
                built.push(contestant);
            }
            Ok(()) => built.push(contestant),
            Err(failure) if contestant.is_peer => faults.add(contestant, "building", &failure),
            Err(failure) => return Err(failure),
        }
    }
    Ok(built)
}

/// Builds the program of this name in release.
pub(super) fn build_one(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    let mut build = workspace.cargo(["build", "--release", "--package", PACKAGE, "--bin"]);
    process::run(build.arg(format!("bench-{name}")), minutes(20))
}
