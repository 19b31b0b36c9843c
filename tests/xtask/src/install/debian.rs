//! Debian packages, system-wide, by `apt-get` when run as root.

use std::sync::OnceLock;

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Makes sure that a program can be started, by installing packages if it cannot.
pub(crate) fn ensure_program(
    workspace: &Workspace,
    program: &str,
    packages: &[&str],
) -> Result<(), Failure> {
    if process::exists(program) {
        return Ok(());
    }
    install(workspace, packages)?;
    if process::exists(program) {
        return Ok(());
    }
    Err(Failure::not_run(format!(
        "`{program}` is missing even with {} installed",
        packages.join(", ")
    )))
}

/// Installs packages, or says why that is not possible here.
pub(crate) fn install(workspace: &Workspace, packages: &[&str]) -> Result<(), Failure> {
    let wanted = packages.join(" ");
    if !process::exists("apt-get") {
        return Err(Failure::not_run(format!(
            "apt-get is missing; install what Debian calls {wanted}"
        )));
    }
    if process::capture(workspace.command("id").arg("-u"), minutes(1))?.trim() != "0" {
        return Err(Failure::not_run(format!("not root, which may run: apt-get install {wanted}")));
    }
    update(workspace);
    let mut command = workspace.command("apt-get");
    command.args(["install", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]);
    command.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&mut command, minutes(15))
}

/// Refreshes the package lists once in a run. If that fails, the lists at hand may still do.
fn update(workspace: &Workspace) {
    static UPDATED: OnceLock<()> = OnceLock::new();
    UPDATED.get_or_init(|| {
        if let Err(failure) =
            process::run(workspace.command("apt-get").args(["update", "-qq"]), minutes(5))
        {
            println!("{}", failure.reason());
        }
    });
}
