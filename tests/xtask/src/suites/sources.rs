//! Suites on the sources and on this machine alone: one cargo command each, on the workspace's
//! default members.

use std::fs;
use std::path::PathBuf;

use crate::outcome::{Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Packages outside the workspace, beside the boards.
const APART: [&str; 4] = [
    "tests/measure/deflate-cost",
    "tests/measure/frame-cost",
    "tests/measure/no-panic",
    "tests/measure/size",
];

/// Where the folders are packages outside the workspace.
const BOARDS: &str = "embassy-listener/boards";

/// `cargo fmt --check`, also for the packages outside the workspace.
pub(crate) fn fmt(workspace: &Workspace) -> Outcome {
    let boards = fs::read_dir(workspace.path(BOARDS)).map_err(while_doing(BOARDS))?;
    let boards = boards.flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = boards.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.extend(APART.map(|folder| workspace.path(folder)));
    process::run(&mut workspace.cargo(["fmt", "--all", "--check"]), minutes(2))?;
    for folder in folders {
        let mut command = workspace.cargo(["fmt", "--check"]);
        process::run(command.current_dir(folder), minutes(2))?;
    }
    Ok(String::new())
}

/// `cargo clippy`, warnings being errors.
pub(crate) fn clippy(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo(["clippy", "--all-targets", "--", "-D", "warnings"]);
    process::run(&mut command, minutes(15))?;
    // The test that `cargo test` leaves out, and with it `--all-targets`.
    let package = "websocket-listener-tests";
    let board = ["clippy", "--package", package, "--test", "board", "--", "-D", "warnings"];
    process::run(&mut workspace.cargo(board), minutes(5))?;
    Ok(String::new())
}

/// `cargo doc`, as it is and with what needs features, warnings being errors.
pub(crate) fn docs(workspace: &Workspace) -> Outcome {
    for features in [&[][..], &["--all-features"]] {
        let mut command = workspace.cargo(["doc", "--no-deps"]);
        command.args(features).env("RUSTDOCFLAGS", "-D warnings");
        process::run(&mut command, minutes(15))?;
    }
    Ok(String::new())
}

/// `cargo test`.
pub(crate) fn host(workspace: &Workspace) -> Outcome {
    process::run(&mut workspace.cargo(["test", "--no-fail-fast"]), minutes(25))?;
    Ok(String::new())
}
