//! The Python packages of the real peers, in a virtual environment of their own.

use std::path::PathBuf;

use crate::install::debian;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Which packages, in which versions.
const REQUIREMENTS: &str = "tests/interop/peers/requirements.txt";

/// The interpreter that has the packages. Quick when they are there already.
pub(crate) fn environment(workspace: &Workspace) -> Result<PathBuf, Failure> {
    debian::ensure_program(workspace, "python3", &["python3", "python3-venv"])?;
    let folder = workspace.tool("python");
    let python = folder.join("bin/python");
    let mut create = workspace.command("python3");
    create.args(["-m", "venv"]).arg(&folder);
    if !folder.join("bin/pip").is_file() && process::run(&mut create, minutes(3)).is_err() {
        // Debian keeps what `venv` needs apart.
        debian::install(workspace, &["python3-venv"])?;
        process::run(&mut create, minutes(3)).map_err(Failure::of_installation)?;
    }
    let mut install = workspace.command(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        REQUIREMENTS,
    ]);
    process::run(&mut install, minutes(5)).map_err(Failure::of_installation)?;
    Ok(python)
}
