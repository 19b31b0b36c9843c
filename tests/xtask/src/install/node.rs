//! The npm packages of the real peers.

use std::fs;
use std::path::PathBuf;

use super::{debian, same_content};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The folder that says which packages, in which versions, down to the hash.
const PEERS: &str = "tests/interop/peers";
const LOCK: &str = "package-lock.json";

/// The folder for `NODE_PATH`, once the packages are installed.
pub(crate) fn modules(workspace: &Workspace) -> PathBuf {
    workspace.tool("node").join("node_modules")
}

/// Whether the packages are installed, in the versions wanted.
pub(super) fn is_installed(workspace: &Workspace) -> bool {
    process::exists("node")
        && same_content(&workspace.path(PEERS).join(LOCK), &installed(workspace))
}

/// Installs the packages.
pub(super) fn install(workspace: &Workspace) -> Result<(), Failure> {
    debian::ensure_program(workspace, "npm", &["nodejs", "npm"])?;
    let folder = workspace.tool("node");
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let peers = workspace.path(PEERS);
    for file in ["package.json", LOCK] {
        fs::copy(peers.join(file), folder.join(file)).map_err(while_doing(file))?;
    }
    let mut install = workspace.command("npm");
    install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]);
    process::run(&mut install, minutes(5))?;
    let installed = installed(workspace);
    fs::copy(peers.join(LOCK), &installed).map_err(while_doing(installed.display()))?;
    Ok(())
}

/// A copy of the list of packages that were installed.
fn installed(workspace: &Workspace) -> PathBuf {
    modules(workspace).join("installed-by-xtask.json")
}
