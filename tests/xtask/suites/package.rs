//! What is published.

use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The packages that are published.
const PACKAGES: [&str; 3] =
    ["websocket-listener-core", "websocket-listener", "websocket-listener-embassy"];

/// What each must hold besides its sources.
const FILES: [&str; 3] = ["LICENSE", "README.md", "src/lib.rs"];

/// Packs the packages, builds each from its archive, and looks for what belongs there. Packs what lies
/// in the folders, committed or not.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut pack = workspace.cargo(["package", "--allow-dirty"]);
    pack.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    process::run(&mut pack, minutes(10))?;
    for package in PACKAGES {
        let list = ["package", "--allow-dirty", "--list", "--package", package];
        let list = process::capture(&mut workspace.cargo(list), minutes(1))?;
        if let Some(missing) = FILES.iter().find(|file| list.lines().all(|line| line != **file)) {
            return Err(Failure::failed(format!("the package {package} has no {missing}")));
        }
    }
    Ok(format!("{} packages", PACKAGES.len()))
}
