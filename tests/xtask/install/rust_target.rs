//! Building for a target that has no operating system, whatever the Rust installation at hand.
//!
//! In this order: the target's library is installed; `rustup target add` installs it; the nightly
//! toolchain compiles `core` itself (`-Zbuild-std`) from a library source that [`library_source`]
//! finds. No nightly language feature is used.

use std::process::Command;
use std::sync::OnceLock;

use crate::install::library_source;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// `cargo build --target TARGET`, ready for further arguments.
pub(crate) fn cargo_build(workspace: &Workspace, target: &str) -> Result<Command, Failure> {
    if is_installed(workspace, target)? || rustup_adds(workspace, target) {
        return Ok(workspace.cargo(["build", "--target", target]));
    }
    let source = library_source::find(workspace).map_err(|failure| {
        Failure::not_run(format!(
            "no `core` for {target}: install it with `rustup target add {target}` ({})",
            failure.reason()
        ))
    })?;
    let mut command = workspace.command("rustup");
    command.args(["run", "nightly", "cargo", "build", "-Zbuild-std=core", "--target", target]);
    // Cargo has no other way to be told where the library source is.
    command.env("__CARGO_TESTS_ONLY_SRC_ROOT", source);
    Ok(command)
}

/// Whether the toolchain in use has the target's library, asked in a way that needs no rustup.
fn is_installed(workspace: &Workspace, target: &str) -> Result<bool, Failure> {
    let mut command = workspace.command("rustc");
    let folder = process::capture(
        command.args(["--print", "target-libdir", "--target", target]),
        minutes(1),
    )?;
    Ok(std::path::Path::new(folder.trim()).is_dir())
}

/// Whether rustup can install the target. Where it could not download one, it is not asked for the
/// next.
fn rustup_adds(workspace: &Workspace, target: &str) -> bool {
    static CANNOT_DOWNLOAD: OnceLock<()> = OnceLock::new();
    if CANNOT_DOWNLOAD.get().is_some() || !process::exists("rustup") {
        return false;
    }
    let added =
        process::run(workspace.command("rustup").args(["target", "add", target]), minutes(3));
    if let Err(failure) = &added {
        println!("{}", failure.reason());
        CANNOT_DOWNLOAD.get_or_init(|| ());
    }
    added.is_ok()
}
