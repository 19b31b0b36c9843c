//! Chromium, whatever it is called.

use std::path::PathBuf;

use crate::install::debian;
use crate::outcome::Failure;
use crate::process;
use crate::workspace::Workspace;

/// What a Chromium is called on various systems; the first is Debian's.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The browser at hand, or the one that can be installed.
pub(crate) fn find(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let find = || NAMES.iter().find_map(|name| process::find(name));
    if find().is_none() {
        debian::install(workspace, &["chromium"])?;
    }
    find().ok_or_else(|| {
        Failure::not_run("there is no Chromium even with Debian's package of that name installed")
    })
}
