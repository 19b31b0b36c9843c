//! The test page of the `echo` example, clicked through in a headless browser; and a page's messages,
//! compressed by the `deflate` example.

use crate::install::{chromium, node};
use crate::listener::Listener;
use crate::outcome::Outcome;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Drives the page.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let modules = node::modules(workspace)?;
    let browser = chromium::find(workspace)?;
    let mut listener = Listener::start(workspace)?;
    let page = listener.address().replacen("ws://", "http://", 1);
    let mut client = workspace.command("node");
    client.env("NODE_PATH", &modules).arg("tests/peers/chromium.js").arg(page).arg(&browser);
    let ran = process::run(&mut client, minutes(3));
    listener.still_runs()?;
    ran?;

    let listener = Listener::start_deflate(workspace, &[])?;
    let mut client = workspace.command("node");
    client.env("NODE_PATH", &modules).arg("tests/peers/chromium_deflate.js");
    process::run(client.arg(listener.address()).arg(&browser), minutes(3))?;
    Ok(String::new())
}
