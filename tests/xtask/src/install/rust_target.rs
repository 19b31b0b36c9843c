//! Building for a microcontroller or WebAssembly, whatever the Rust installation at hand.
//!
//! In this order: the target's library is installed; `rustup target add` installs it; the nightly
//! toolchain compiles the library itself (`-Zbuild-std`) from a source that [`library_source`]
//! finds. No nightly language feature is used.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{debian, library_source};
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// What a program for WASI starts with, as Debian has it.
const WASI_START: &str = "/usr/lib/wasm32-wasi/crt1-command.o";

/// Makes the linker use Debian's C library for WASI.
const WASI_LIBC: &str = "-Clink-self-contained=no -L/usr/lib/wasm32-wasi \
                         -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o";

/// How much of Rust's library a program needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    /// `core` alone.
    Core,
    /// `core` and `alloc`.
    Alloc,
    /// All of it, for WASI.
    Std,
}

/// `cargo build --target TARGET` of a program that needs `core` alone, ready for further arguments.
pub(crate) fn cargo_build(workspace: &Workspace, target: &str) -> Result<Command, Failure> {
    cargo_build_with(workspace, target, Library::Core)
}

/// `cargo build --target TARGET`, ready for further arguments.
pub(crate) fn cargo_build_with(
    workspace: &Workspace,
    target: &str,
    library: Library,
) -> Result<Command, Failure> {
    cargo(workspace, "build", target, library)
}

/// A subcommand of cargo that compiles, ready for further arguments.
pub(crate) fn cargo(
    workspace: &Workspace,
    subcommand: &str,
    target: &str,
    library: Library,
) -> Result<Command, Failure> {
    if is_installed(workspace, target)? || rustup_adds(workspace, target) {
        return Ok(workspace.cargo([subcommand, "--target", target]));
    }
    let source = library_source::find(workspace).map_err(|failure| {
        Failure::not_run(format!(
            "no library for {target}: install it with `rustup target add {target}` ({})",
            failure.reason()
        ))
    })?;
    let build_std = match library {
        Library::Core => "-Zbuild-std=core",
        Library::Alloc => "-Zbuild-std=core,alloc",
        Library::Std => "-Zbuild-std=std,panic_abort",
    };
    let mut command = workspace.command("rustup");
    command.args(["run", "nightly", "cargo", subcommand, build_std, "--target", target]);
    // Cargo has no other option for the place of the library source.
    command.env("__CARGO_TESTS_ONLY_SRC_ROOT", source);
    if library == Library::Std {
        // What rustup would have brought along: a C library, and a linker.
        if !Path::new(WASI_START).is_file() || !process::exists("wasm-ld") {
            debian::install(workspace, &["wasi-libc", "lld"])?;
        }
        command.env("RUSTFLAGS", WASI_LIBC);
    }
    Ok(command)
}

/// `cargo test --target TARGET`, ready for further arguments, for a target with a standard library:
/// installed, or to be installed by rustup.
pub(crate) fn cargo_test(workspace: &Workspace, target: &str) -> Result<Command, Failure> {
    if is_installed(workspace, target)? || rustup_adds(workspace, target) {
        return Ok(workspace.cargo(["test", "--target", target]));
    }
    Err(Failure::not_run(format!(
        "no standard library for {target}: install it with `rustup target add {target}`"
    )))
}

/// Whether the toolchain in use has the target's library, asked in a way that needs no rustup.
fn is_installed(workspace: &Workspace, target: &str) -> Result<bool, Failure> {
    let mut command = workspace.command("rustc");
    let folder = process::capture(
        command.args(["--print", "target-libdir", "--target", target]),
        minutes(1),
    )?;
    Ok(Path::new(folder.trim()).is_dir())
}

/// Whether rustup can install the target. Once it could not download one, it is not tried again.
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
