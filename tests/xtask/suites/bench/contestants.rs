//! Whom the benchmark sets side by side.

use std::path::PathBuf;
use std::process::Command;

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
    /// Whether the program of those over TLS has it.
    pub(super) over_tls: bool,
    /// Whether there is another program of it, which compresses.
    pub(super) compresses: bool,
    /// Whether it can be told how many threads to have.
    pub(super) threads: bool,
}

const fn own(name: &'static str) -> Contestant {
    Contestant {
        name,
        is_peer: false,
        is_raw: false,
        broadcasts: false,
        over_tls: false,
        compresses: false,
        threads: false,
    }
}

/// One that every workload is for.
const fn first_class(name: &'static str) -> Contestant {
    Contestant { broadcasts: true, over_tls: true, threads: true, ..own(name) }
}

const fn peer(name: &'static str) -> Contestant {
    Contestant { is_peer: true, ..own(name) }
}

/// All of them. The first is what the others are compared with.
pub(super) const ALL: &[Contestant] = &[
    Contestant { is_raw: true, ..first_class("floor") },
    own("minimum"),
    Contestant { compresses: true, ..first_class("ours") },
    peer("fastwebsockets"),
    Contestant { over_tls: true, compresses: true, ..peer("sockudo-ws") },
    Contestant { over_tls: true, ..peer("tokio-tungstenite") },
    Contestant { over_tls: true, ..peer("tokio-websockets") },
    Contestant { compresses: true, ..peer("yawc") },
];

/// The name of a contestant's second program.
pub(super) fn broadcaster(name: &str) -> String {
    format!("broadcast-{name}")
}

/// The name of a contestant's program that compresses.
pub(super) fn compressor(name: &str) -> String {
    format!("deflate-{name}")
}

/// The program of those over TLS.
pub(super) const OVER_TLS: &str = "tls";

/// What the compiler is told, for all programs alike.
pub(super) const COMPILER_FLAGS: &str = "-C target-cpu=native";

/// Where the program of this name lies once it is built.
pub(super) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target(&format!("release/bench-{name}"))
}

/// Builds all in release, and gives those that could be built.
pub(super) fn build(
    workspace: &Workspace,
    faults: &mut Faults,
) -> Result<Vec<&'static Contestant>, Failure> {
    // Apart, for their features would make others larger.
    let mut over_tls = building(workspace, OVER_TLS);
    process::run(over_tls.args(["--features", "tls"]), minutes(40))?;
    for contestant in ALL.iter().filter(|contestant| contestant.compresses) {
        let mut compressor = building(workspace, &compressor(contestant.name));
        process::run(compressor.args(["--features", "deflate"]), minutes(40))?;
    }
    if process::run(&mut building_all(workspace), minutes(40)).is_ok() {
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
    process::run(&mut building(workspace, name), minutes(20))
}

fn building(workspace: &Workspace, name: &str) -> Command {
    let mut build = building_all(workspace);
    build.args(["--bin", &format!("bench-{name}")]);
    build
}

fn building_all(workspace: &Workspace) -> Command {
    let mut build = workspace.cargo(["build", "--release", "--package", PACKAGE]);
    build.env("RUSTFLAGS", COMPILER_FLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
    build
}
