//! The benchmark's programs, built in release.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use super::contestants::{ALL, Contestant, OVER_TLS, broadcaster, compressor};
use super::faults::Faults;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

const PACKAGE: &str = "websocket-listener-bench";

/// The load generator's name among the programs.
pub(super) const LOAD: &str = "load";

/// The compiler's flags, the same for all programs.
pub(super) const COMPILER_FLAGS: &str = "-C target-cpu=native";

/// Where the program of this name is once it is built.
pub(super) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target(&format!("release/bench-{name}"))
}

/// Builds all servers, and returns the names of those that could be built; the others are faults.
/// Fails without the load generator.
pub(super) fn build(
    workspace: &Workspace,
    faults: &mut Faults,
) -> Result<BTreeSet<String>, Failure> {
    build_one(workspace, LOAD)?;
    let mut built = BTreeSet::new();
    // Separately, because the features of some would make the others larger.
    for group in [over_tls(), compressing(), others()] {
        let all_are_built = build_servers(workspace, &group).is_ok();
        for server in group {
            // Something does not build: one at a time shows what.
            let is_built = all_are_built || {
                let alone = build_servers(workspace, std::slice::from_ref(&server));
                alone.inspect_err(|why| faults.not_built(&server.name, server.is_ours, why)).is_ok()
            };
            if is_built {
                built.insert(server.name);
            }
        }
    }
    Ok(built)
}

/// Builds the program of this name, which is not a peer's.
pub(super) fn build_one(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    let program = Server { name: name.to_owned(), is_ours: true, features: Vec::new() };
    build_servers(workspace, &[program])
}

/// A program, and the features of the package that it requires.
struct Server {
    name: String,
    /// Whether there is anything of ours in it.
    is_ours: bool,
    features: Vec<&'static str>,
}

/// One program for all of them.
fn over_tls() -> Vec<Server> {
    let contestants = ALL.iter().filter(|contestant| contestant.over_tls);
    let features = contestants.filter_map(feature).chain(["tls"]).collect();
    vec![Server { name: OVER_TLS.to_owned(), is_ours: true, features }]
}

fn compressing() -> Vec<Server> {
    let contestants = ALL.iter().filter(|contestant| contestant.compresses);
    let server = |contestant: &Contestant| {
        let mut server = Server::of(contestant, compressor(contestant.name));
        server.features.push("deflate");
        server
    };
    contestants.map(server).collect()
}

fn others() -> Vec<Server> {
    let echoing = ALL.iter().filter(|contestant| contestant.echoes);
    let echoing = echoing.map(|contestant| Server::of(contestant, contestant.name.to_owned()));
    let broadcasting = ALL.iter().filter(|contestant| contestant.broadcasts);
    let broadcasting =
        broadcasting.map(|contestant| Server::of(contestant, broadcaster(contestant.name)));
    echoing.chain(broadcasting).collect()
}

impl Server {
    fn of(contestant: &Contestant, name: String) -> Self {
        let features = feature(contestant).into_iter().collect();
        Self { name, is_ours: !contestant.is_peer, features }
    }
}

/// What brings the library of a peer.
fn feature(contestant: &Contestant) -> Option<&'static str> {
    contestant.is_peer.then_some(contestant.name)
}

fn build_servers(workspace: &Workspace, servers: &[Server]) -> Result<(), Failure> {
    let mut build: Command = workspace.cargo(["build", "--release", "--package", PACKAGE]);
    build.env("RUSTFLAGS", COMPILER_FLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
    for server in servers {
        build.args(["--bin", &format!("bench-{}", server.name)]);
        build.args(server.features.iter().flat_map(|feature| ["--features", feature]));
    }
    process::run(&mut build, minutes(40))
}
