//! Chromium, whatever it is called.

use std::path::PathBuf;

use crate::outcome::Failure;
use crate::process;

/// What a Chromium is called on various systems; the first is Debian's.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Finds the browser.
pub(crate) fn find() -> Result<PathBuf, Failure> {
    let found = NAMES.iter().find_map(|name| process::find(name));
    found.ok_or_else(|| Failure::not_run("no Chromium, which Debian has in the package chromium"))
}
