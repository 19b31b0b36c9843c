//! Other implementations' HTTP/2 against the `http2` example (RFC 8441).

use std::fs;
use std::path::Path;

use crate::certificate::Certificate;
use crate::install::{chromium, debian, node, python};
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::server::{Server, free_port};
use crate::workspace::Workspace;

/// Runs each peer, also after one has failed or could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut build = workspace.cargo(["build", "--release", "--package", "websocket-listener"]);
    build.args(["--features", "h2,tls", "--example", "http2"]);
    process::run(&mut build, minutes(20))?;
    let folder = workspace.target("http2");
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;

    let outcomes =
        [python_h2(workspace, &folder), curl(workspace, &folder), in_chromium(workspace, &folder)];
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok("Python h2, curl, Chromium".to_owned())
}

/// Python's `h2`, with prior knowledge.
fn python_h2(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    let python = python::environment(workspace)?;
    let port = free_port()?;
    let _server = start(workspace, port, None, &folder.join("python-h2.log"))?;
    let mut client = workspace.command(python);
    process::run(client.arg("tests/peers/python_h2.py").arg(port.to_string()), minutes(3))
}

/// curl (nghttp2) gets the page, by ALPN.
fn curl(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    debian::ensure_program(workspace, "curl", &["curl"])?;
    let port = free_port()?;
    let certificate = Certificate::make(workspace, folder)?;
    let _server = start(workspace, port, Some(&certificate), &folder.join("curl.log"))?;
    let mut client = workspace.command("curl");
    client.args(["--silent", "--show-error", "--fail", "--max-time", "30", "--http2"]);
    client.arg("--cacert").arg(&certificate.chain);
    client.args(["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"]);
    let answer = process::capture(client.arg(format!("https://localhost:{port}/")), minutes(1))?;
    if answer.trim() == "2 200" {
        println!("curl: ok");
        return Ok(());
    }
    Err(Failure::failed(format!("curl got `{answer}`, not `2 200`")))
}

/// Chromium opens WebSockets on the connection that the page came by.
fn in_chromium(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    let modules = node::modules(workspace)?;
    let browser = chromium::find(workspace)?;
    let port = free_port()?;
    let certificate = Certificate::make(workspace, folder)?;
    let _server = start(workspace, port, Some(&certificate), &folder.join("chromium.log"))?;
    let mut client = workspace.command("node");
    client.env("NODE_PATH", modules).arg("tests/peers/chromium_http2.js");
    process::run(client.arg(format!("https://127.0.0.1:{port}/")).arg(browser), minutes(3))
}

/// Starts the example, with TLS if there is a certificate.
fn start(
    workspace: &Workspace,
    port: u16,
    certificate: Option<&Certificate>,
    log: &Path,
) -> Result<Server, Failure> {
    let mut command = workspace.command(workspace.target("release/examples/http2"));
    match certificate {
        None => command.arg(format!("ws://127.0.0.1:{port}")),
        Some(Certificate { chain, key }) => {
            command.arg(format!("wss://127.0.0.1:{port}")).arg(chain).arg(key)
        }
    };
    Server::start(&mut command, port, log)
}
