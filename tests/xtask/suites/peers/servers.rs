//! Our client against other implementations' servers.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::install::{node, python};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::server::{Server, build_client, free_port};
use crate::workspace::Workspace;

/// Runs the client, without compression and with it, against each server, also after one has failed or could not be installed.
pub(super) fn run(workspace: &Workspace) -> [Result<(), Failure>; 2] {
    [
        python_websockets(workspace).and_then(|server| talk_to(workspace, server, "python")),
        npm_ws(workspace).and_then(|server| talk_to(workspace, server, "npm")),
    ]
}

/// The server written with Python's `websockets`.
fn python_websockets(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command(python::environment(workspace)?);
    command.arg("tests/peers/python_websockets_server.py");
    Ok(command)
}

/// The server written with npm's `ws`.
fn npm_ws(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command("node");
    command.env("NODE_PATH", node::modules(workspace)?).arg("tests/peers/npm_ws_server.js");
    Ok(command)
}

fn talk_to(workspace: &Workspace, mut server: Command, name: &str) -> Result<(), Failure> {
    let clients =
        [build_client(workspace, "peer_client")?, build_client(workspace, "peer_deflate_client")?];
    let logs = workspace.target("peers");
    fs::create_dir_all(&logs).map_err(while_doing(logs.display()))?;
    let port = free_port()?;
    let log = logs.join(format!("{name}-server.log"));
    let _server = Server::start(server.arg(port.to_string()), port, Path::new(&log))?;
    for client in clients {
        let mut client = workspace.command(client);
        process::run(client.arg(format!("ws://127.0.0.1:{port}")), minutes(3))?;
    }
    Ok(())
}
