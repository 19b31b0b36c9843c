//! The test page of the `echo` example, clicked through in a headless browser; a page's messages,
//! compressed by the `deflate` example; and the `auth` example's cookies and origins.

use crate::install::{chromium, node};
use crate::listener::Listener;
use crate::outcome::Outcome;
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// Drives the page.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let modules = node::modules(workspace);
    let browser = chromium::find()?;
    let mut listener = Listener::start_echo(workspace)?;
    let page = listener.address().replacen("ws://", "http://", 1);
    let mut client = workspace.command("node");
    client
        .env("NODE_PATH", &modules)
        .arg("tests/interop/peers/chromium.js")
        .arg(page)
        .arg(&browser);
    let ran = process::run(&mut client, minutes(3));
    listener.still_runs()?;
    ran?;

    let listener = Listener::start_deflate(workspace, &[])?;
    let mut client = workspace.command("node");
    client.env("NODE_PATH", &modules).arg("tests/interop/peers/chromium_deflate.js");
    process::run(client.arg(listener.address()).arg(&browser), minutes(3))?;

    let (mut listener, page) = Program::start_example(workspace, "auth", "", ["--port", "0"])?;
    let mut client = workspace.command("node");
    client
        .env("NODE_PATH", &modules)
        .arg("tests/interop/peers/chromium_auth.js")
        .arg(page)
        .arg(&browser);
    let ran = process::run(&mut client, minutes(3));
    listener.still_runs()?;
    ran?;
    Ok(String::new())
}
