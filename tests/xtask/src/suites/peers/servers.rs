//! Our client against other implementations' servers.

use std::fs;
use std::process::Command;

use super::command_line;
use crate::certificate::Certificate;
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
    let mut command = workspace.command(python::interpreter(workspace));
    command.arg("tests/interop/peers/python_websockets_server.py");
    Ok(command)
}

/// The server written with npm's `ws`.
fn npm_ws(workspace: &Workspace) -> Result<Command, Failure> {
    let mut command = workspace.command("node");
    command.env("NODE_PATH", node::modules(workspace)).arg("tests/interop/peers/npm_ws_server.js");
    Ok(command)
}

/// Without TLS and with it.
fn talk_to(workspace: &Workspace, mut server: Command, name: &str) -> Result<(), Failure> {
    let folder = workspace.target("peers").join(format!("{name}-server"));
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let port = free_port()?;
    let running = Server::start(server.arg(port.to_string()), port, &folder.join("server.log"))?;
    for client in ["peer_client", "peer_deflate_client"] {
        let mut client = workspace.command(build_client(workspace, client)?);
        process::run(client.arg(format!("ws://127.0.0.1:{port}")), minutes(3))?;
    }
    command_line::run(workspace, port)?;
    drop(running);

    let Certificate { chain, key } = Certificate::make(workspace, &folder)?;
    server.arg(&chain).arg(key);
    let _running = Server::start(&mut server, port, &folder.join("server-tls.log"))?;
    let mut client = workspace.command(build_client(workspace, "peer_client")?);
    process::run(client.arg(format!("wss://127.0.0.1:{port}")).arg(chain), minutes(3))
}
