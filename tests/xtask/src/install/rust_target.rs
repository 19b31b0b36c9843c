//! Building for a microcontroller or WebAssembly, whatever the Rust installation at hand.
//!
//! In this order: the target's library is installed; `rustup target add` installs it; the nightly
//! toolchain compiles it (`-Zbuild-std`) from a source that [`library_source`] finds. No nightly
//! language feature is used.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::debian;
use super::library_source::{self, VARIABLE};
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// What a program for WASI starts with, as Debian has it.
const WASI_START: &str = "/usr/lib/wasm32-wasi/crt1-command.o";

/// Makes the linker use Debian's C library for WASI.
const WASI_LIBC: &str = "-Clink-self-contained=no -L/usr/lib/wasm32-wasi \
                         -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o";

/// How much of Rust's library a program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// `core` alone.
    Core,
    /// `core` and `alloc`.
    Alloc,
    /// All of it, for WASI.
    Std,
    /// All of it, as rustup has it.
    Prebuilt,
}

/// `cargo build --target TARGET` of a program that needs `core` alone, ready for further arguments.
pub(crate) fn cargo_build(workspace: &Workspace, target: &str) -> Result<Command, Failure> {
    cargo(workspace, "build", target, Library::Core)
}

/// A subcommand of cargo that compiles, ready for further arguments.
pub(crate) fn cargo(
    workspace: &Workspace,
    subcommand: &str,
    target: &str,
    library: Library,
) -> Result<Command, Failure> {
    let build_std = match library {
        Library::Core => "-Zbuild-std=core",
        Library::Alloc => "-Zbuild-std=core,alloc",
        Library::Std => "-Zbuild-std=std,panic_abort",
        Library::Prebuilt => return Ok(workspace.cargo([subcommand, "--target", target])),
    };
    if is_installed(workspace, target) {
        return Ok(workspace.cargo([subcommand, "--target", target]));
    }
    let mut command = workspace.command("rustup");
    command.args(["run", "nightly", "cargo", subcommand, build_std, "--target", target]);
    // Cargo has no other option for the place of the library source.
    command.env("__CARGO_TESTS_ONLY_SRC_ROOT", library_source::find(workspace)?);
    if library == Library::Std {
        command.env("RUSTFLAGS", WASI_LIBC);
    }
    Ok(command)
}

/// Makes sure that a target's library is installed, or can be compiled.
pub(super) fn install(
    workspace: &Workspace,
    target: &str,
    library: Library,
) -> Result<(), Failure> {
    if rustup_adds(workspace, target) {
        return Ok(());
    }
    prepare_to_compile(workspace, library).map_err(|failure| {
        Failure::not_run(format!(
            "install it with `rustup target add {target}`, or let {VARIABLE} name the folder \
             `library` of a Rust source that fits the toolchain `nightly` ({})",
            failure.reason()
        ))
    })
}

/// Makes sure that there is a source of the library and, for WASI, what rustup would have brought
/// along: a C library, and a linker.
fn prepare_to_compile(workspace: &Workspace, library: Library) -> Result<(), Failure> {
    if library == Library::Prebuilt {
        return Err(Failure::not_run("rustup cannot download it"));
    }
    if library_source::find(workspace).is_err() && library_source::named().is_none() {
        library_source::install(workspace)?;
    }
    library_source::find(workspace)?;
    if library == Library::Std && !has_wasi_libc() {
        debian::install(workspace, &["wasi-libc", "lld"])?;
    }
    Ok(())
}

fn has_wasi_libc() -> bool {
    Path::new(WASI_START).is_file() && process::exists("wasm-ld")
}

/// Whether the toolchain in use has the target's library, asked in a way that needs no rustup.
pub(super) fn is_installed(workspace: &Workspace, target: &str) -> bool {
    let mut command = workspace.command("rustc");
    command.args(["--print", "target-libdir", "--target", target]);
    process::capture(&mut command, minutes(1)).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
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
