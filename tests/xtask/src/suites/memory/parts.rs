//! What an idle connection is made of.

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Prints what is allocated for one, and the sizes of what the largest part of it consists of.
pub(super) fn print(workspace: &Workspace) -> Result<(), Failure> {
    let mut allocated =
        workspace.cargo(["run", "--quiet", "--package", "websocket-listener-idle-parts"]);
    print!("{}", process::capture(&mut allocated, minutes(20))?);
    let mut sizes = workspace.cargo([
        "test",
        "--quiet",
        "--package",
        "websocket-listener",
        "--lib",
        "connection::sizes",
        "--",
        "--nocapture",
    ]);
    let sizes = process::capture(&mut sizes, minutes(20))?;
    for line in sizes.lines().filter(|line| line.starts_with("  ") || line.starts_with("bytes")) {
        println!("{line}");
    }
    Ok(())
}
