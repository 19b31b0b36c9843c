//! Suites on the sources and on this machine alone: one cargo command each, on the workspace's
//! default members.

use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// `cargo fmt --check`, also for the program outside the workspace.
pub(crate) fn fmt(workspace: &Workspace) -> Outcome {
    ensure_component(workspace, "fmt", "rustfmt")?;
    for manifest in ["Cargo.toml", "tests/no-panic/Cargo.toml"] {
        let mut command = workspace.cargo(["fmt", "--all", "--check", "--manifest-path", manifest]);
        process::run(&mut command, minutes(2))?;
    }
    Ok(String::new())
}

/// `cargo clippy`, warnings being errors.
pub(crate) fn clippy(workspace: &Workspace) -> Outcome {
    ensure_component(workspace, "clippy", "clippy")?;
    let mut command = workspace.cargo(["clippy", "--all-targets", "--", "-D", "warnings"]);
    process::run(&mut command, minutes(15))?;
    Ok(String::new())
}

/// `cargo doc`, warnings being errors.
pub(crate) fn docs(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo(["doc", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"), minutes(15))?;
    Ok(String::new())
}

/// `cargo test`.
pub(crate) fn host(workspace: &Workspace) -> Outcome {
    process::run(&mut workspace.cargo(["test", "--no-fail-fast"]), minutes(25))?;
    Ok(String::new())
}

/// Makes sure that Rust's own tool behind a cargo subcommand is there.
fn ensure_component(
    workspace: &Workspace,
    subcommand: &str,
    component: &str,
) -> Result<(), Failure> {
    if process::capture(&mut workspace.cargo([subcommand, "--version"]), minutes(1)).is_ok() {
        return Ok(());
    }
    let mut add = workspace.command("rustup");
    process::run(add.args(["component", "add", component]), minutes(5))
        .map_err(Failure::of_installation)
}
