//! The test page of the `echo` example, clicked through in a headless browser.

use std::path::PathBuf;

use crate::install::{debian, node};
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// What a Chromium is called on various systems; the first is Debian's.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Drives the page.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let modules = node::modules(workspace)?;
    let browser = find_browser(workspace)?;
    let mut listener = Listener::start(workspace)?;
    let page = listener.address().replacen("ws://", "http://", 1);
    let mut client = workspace.command("node");
    client.env("NODE_PATH", modules).arg("tests/peers/chromium.js").arg(page).arg(browser);
    let ran = process::run(&mut client, minutes(3));
    listener.still_runs()?;
    ran?;
    Ok(String::new())
}

/// The browser at hand, or the one that can be installed.
fn find_browser(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let find = || NAMES.iter().find_map(|name| process::find(name));
    if find().is_none() {
        debian::install(workspace, &["chromium"])?;
    }
    find().ok_or_else(|| {
        Failure::not_run("there is no Chromium even with Debian's package of that name installed")
    })
}
