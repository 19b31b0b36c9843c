//! The npm packages of the real peers.

use std::fs;
use std::path::{Path, PathBuf};

use crate::install::debian;
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Which packages in which versions, down to the hash.
const LOCK: &str = "package-lock.json";

/// The folder for `NODE_PATH`. Quick when the packages are there already.
pub(crate) fn modules(workspace: &Workspace) -> Result<PathBuf, Failure> {
    debian::ensure_program(workspace, "npm", &["nodejs", "npm"])?;
    let folder = workspace.tool("node");
    let modules = folder.join("node_modules");
    let lock = workspace.path("tests/interop/peers").join(LOCK);
    let installed = modules.join("installed-by-xtask.json");
    if same_content(&lock, &installed) {
        return Ok(modules);
    }
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    for file in ["package.json", LOCK] {
        fs::copy(workspace.path("tests/interop/peers").join(file), folder.join(file))
            .map_err(while_doing(file))?;
    }
    let mut install = workspace.command("npm");
    install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]);
    process::run(&mut install, minutes(5)).map_err(Failure::of_installation)?;
    fs::copy(&lock, &installed).map_err(while_doing(installed.display()))?;
    Ok(modules)
}

/// Whether both files are there and hold the same bytes.
fn same_content(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
