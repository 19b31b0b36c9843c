//! Other implementations' clients against the examples `echo`, `tls` and `deflate`, and our client and
//! the example `client` against their servers.

mod command_line;
mod deflate;
mod servers;

use std::process::Command;

use crate::certificate::Certificate;
use crate::install::{node, python};
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// Runs each peer, also after one has failed or could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut listener = Listener::start_echo(workspace)?;
    let clients = [python_websockets(workspace), npm_ws(workspace)];
    let outcomes = clients.map(|client| against(&mut listener, client?));
    drop(listener);
    let outcomes = outcomes.into_iter().chain([over_tls(workspace)]);
    let outcomes = outcomes.chain(deflate::run(workspace)).chain(servers::run(workspace));
    let failures: Vec<Failure> = outcomes.filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok("Python websockets, npm ws, each as client and as server".to_owned())
}

/// The client written with Python's `websockets`.
fn python_websockets(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command(python::interpreter(workspace));
    command.arg("tests/interop/peers/python_websockets.py");
    Ok(command)
}

/// The client written with npm's `ws`.
fn npm_ws(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command("node");
    command.env("NODE_PATH", node::modules(workspace)).arg("tests/interop/peers/npm_ws.js");
    Ok(command)
}

/// Runs one client, and tells its failure from the death of the listener.
fn against(listener: &mut Listener, mut client: Command) -> Result<(), Failure> {
    let ran = process::run(client.arg(listener.address()), minutes(3));
    listener.still_runs()?;
    ran
}

/// The same clients against the example `tls`, whose certificate is the only one that they trust.
fn over_tls(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.target("peers");
    std::fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let certificate = Certificate::make(workspace, &folder)?;
    let (mut listener, endpoint) = Program::start_tls_example(workspace, &certificate)?;
    for mut client in [python_websockets(workspace)?, npm_ws(workspace)?] {
        let ran = process::run(client.arg(&endpoint).arg(&certificate.chain), minutes(3));
        listener.still_runs()?;
        ran?;
    }
    Ok(())
}
