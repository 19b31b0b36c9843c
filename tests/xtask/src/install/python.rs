//! The Python packages of the real peers, in a virtual environment of their own.

use std::fs;
use std::path::PathBuf;

use super::{debian, same_content};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Which packages, in which versions.
const REQUIREMENTS: &str = "tests/interop/peers/requirements.txt";

/// The interpreter that has the packages, once they are installed.
pub(crate) fn interpreter(workspace: &Workspace) -> PathBuf {
    workspace.tool("python").join("bin/python")
}

/// Whether the packages are installed, in the versions wanted.
pub(super) fn is_installed(workspace: &Workspace) -> bool {
    interpreter(workspace).is_file()
        && same_content(&workspace.path(REQUIREMENTS), &installed(workspace))
}

/// Creates the environment, and installs the packages.
pub(super) fn install(workspace: &Workspace) -> Result<(), Failure> {
    debian::ensure_program(workspace, "python3", &["python3", "python3-venv"])?;
    let folder = workspace.tool("python");
    let mut create = workspace.command("python3");
    create.args(["-m", "venv"]).arg(&folder);
    if !folder.join("bin/pip").is_file() && process::run(&mut create, minutes(3)).is_err() {
        // Debian keeps what `venv` needs apart.
        debian::install(workspace, &["python3-venv"])?;
        process::run(&mut create, minutes(3))?;
    }
    let mut install = workspace.command(interpreter(workspace));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.args(["--requirement", REQUIREMENTS]);
    process::run(&mut install, minutes(5))?;
    let installed = installed(workspace);
    fs::copy(workspace.path(REQUIREMENTS), &installed).map_err(while_doing(installed.display()))?;
    Ok(())
}

/// A copy of the requirements that were installed.
fn installed(workspace: &Workspace) -> PathBuf {
    workspace.tool("python").join("installed-by-xtask.txt")
}
