//! Other implementations' clients against the `echo` example and the `deflate` example, and our client against their servers.

mod deflate;
mod servers;

use std::process::Command;

use crate::install::{node, python};
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Runs each peer, also after one has failed or could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut listener = Listener::start(workspace)?;
    let clients = [python_websockets(workspace), npm_ws(workspace)];
    let outcomes = clients.map(|client| against(&mut listener, client?));
    let outcomes =
        outcomes.into_iter().chain(deflate::run(workspace)).chain(servers::run(workspace));
    let failures: Vec<Failure> = outcomes.filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok("Python websockets, npm ws".to_owned())
}

/// The client written with Python's `websockets`.
fn python_websockets(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command(python::environment(workspace)?);
    command.arg("tests/peers/python_websockets.py");
    Ok(command)
}

/// The client written with npm's `ws`.
fn npm_ws(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command("node");
    command.env("NODE_PATH", node::modules(workspace)?).arg("tests/peers/npm_ws.js");
    Ok(command)
}

/// Runs one client, and tells its failure from the death of the listener.
fn against(listener: &mut Listener, mut client: Command) -> Result<(), Failure> {
    let ran = process::run(client.arg(listener.address()), minutes(3));
    listener.still_runs()?;
    ran
}
