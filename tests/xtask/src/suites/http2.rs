//! Other implementations' HTTP/2 against the `http2` example (RFC 8441).

use std::fs;

use crate::certificate::Certificate;
use crate::install::{chromium, node, python};
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// Runs each peer, also after one has failed or could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let outcomes = [python_h2(workspace), with_tls(workspace)];
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok("Python h2, curl, Chromium".to_owned())
}

/// Python's `h2`, with prior knowledge.
fn python_h2(workspace: &Workspace) -> Result<(), Failure> {
    let python = python::interpreter(workspace);
    let mut listener = Listener::start_http2(workspace)?;
    let mut client = workspace.command(python);
    let port = listener.socket_address().trim_start_matches("127.0.0.1:").to_owned();
    let ran = process::run(client.arg("tests/interop/peers/python_h2.py").arg(port), minutes(3));
    listener.still_runs()?;
    ran
}

fn with_tls(workspace: &Workspace) -> Result<(), Failure> {
    let (mut program, certificate, address) = start_secure(workspace)?;
    let outcomes = [curl(workspace, &certificate, &address), in_chromium(workspace, &address)];
    program.still_runs()?;
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)
}

/// curl (nghttp2) gets the page, by ALPN.
fn curl(workspace: &Workspace, certificate: &Certificate, address: &str) -> Result<(), Failure> {
    let mut client = workspace.command("curl");
    client.args(["--silent", "--show-error", "--fail", "--max-time", "30", "--http2"]);
    client.arg("--cacert").arg(&certificate.chain);
    client.args(["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"]);
    let answer = process::capture(client.arg(format!("https://{address}/")), minutes(1))?;
    if answer.trim() == "2 200" {
        println!("curl: ok");
        return Ok(());
    }
    Err(Failure::failed(format!("curl got `{answer}`, not `2 200`")))
}

/// Chromium opens WebSockets on the connection that the page came by.
fn in_chromium(workspace: &Workspace, address: &str) -> Result<(), Failure> {
    let modules = node::modules(workspace);
    let browser = chromium::find()?;
    let mut client = workspace.command("node");
    client.env("NODE_PATH", modules).arg("tests/interop/peers/chromium_http2.js");
    process::run(client.arg(format!("https://{address}/")).arg(browser), minutes(3))
}

/// The example with TLS; gives `127.0.0.1:PORT`.
fn start_secure(workspace: &Workspace) -> Result<(Program, Certificate, String), Failure> {
    let folder = workspace.target("http2");
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let certificate = Certificate::make(workspace, &folder)?;
    let arguments = ["--bind", "wss://127.0.0.1:0"].map(Into::into);
    let arguments = arguments.into_iter().chain(certificate.arguments());
    let (program, endpoint) = Program::start_example(workspace, "http2", "h2,tls", arguments)?;
    Ok((program, certificate, endpoint.trim_start_matches("wss://").to_owned()))
}
