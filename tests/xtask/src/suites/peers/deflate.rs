//! Clients that compress against the `deflate` example: negotiated, and fewer bytes on the wire.

use crate::install::{node, python};
use crate::listener::Listener;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Runs each peer, also after one has failed or could not be installed.
pub(super) fn run(workspace: &Workspace) -> [Result<(), Failure>; 2] {
    let listener = match Listener::start_deflate(workspace, &[]) {
        Ok(listener) => listener,
        Err(failure) => return [Err(failure), Ok(())],
    };
    [python_websockets(workspace, &listener), npm_ws(workspace, &listener)]
}

fn python_websockets(workspace: &Workspace, listener: &Listener) -> Result<(), Failure> {
    let mut command = workspace.command(python::interpreter(workspace));
    command.arg("tests/interop/peers/python_websockets_deflate.py").arg(listener.address());
    process::run(&mut command, minutes(3))
}

fn npm_ws(workspace: &Workspace, listener: &Listener) -> Result<(), Failure> {
    let mut command = workspace.command("node");
    command.env("NODE_PATH", node::modules(workspace)).arg("tests/interop/peers/npm_ws_deflate.js");
    process::run(command.arg(listener.address()), minutes(3))
}
