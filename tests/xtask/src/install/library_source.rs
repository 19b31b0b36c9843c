//! The source of Rust's own library, for the nightly toolchain to compile `core` from where no
//! target can be downloaded.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Names a `library` folder that fits the nightly toolchain; looked at before anything else.
const VARIABLE: &str = "RUST_LIBRARY_SOURCE";

/// The `library` folder to compile from, sought once in a run.
pub(crate) fn find(workspace: &Workspace) -> Result<PathBuf, Failure> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = FOUND.get() {
        return Ok(folder.clone());
    }
    let folder = seek(workspace)?;
    println!("library source: {}", folder.display());
    Ok(FOUND.get_or_init(|| folder).clone())
}

/// Looks in one place after the other.
fn seek(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let nightly = nightly_sysroot(workspace)?;
    if let Some(folder) = std::env::var_os(VARIABLE) {
        return checked(PathBuf::from(folder));
    }
    if let Ok(folder) = checked(nightly.join("lib/rustlib/src/rust/library")) {
        return Ok(folder);
    }
    from_debian(workspace).or_else(|failure| from_neighbour(workspace).ok_or(failure))
}

/// Where the nightly toolchain lives.
fn nightly_sysroot(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let mut command = workspace.command("rustup");
    command.args(["run", "nightly", "rustc", "--print", "sysroot"]);
    match process::capture(&mut command, minutes(1)) {
        Ok(folder) => Ok(PathBuf::from(folder.trim())),
        Err(_) => Err(Failure::not_run(
            "or have the toolchain `nightly`, which can compile `core` itself",
        )),
    }
}

/// Debian's package `rust-src`, of the suite whose Rust is the nightly's.
fn from_debian(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let mut version = workspace.command("rustup");
    version.args(["run", "nightly", "rustc", "--version"]);
    let version = process::capture(&mut version, minutes(1))?;
    // `rustc 1.97.0-nightly (…)` is the release 1.97 to be.
    let release: Vec<&str> = version.split([' ', '.']).skip(1).take(2).collect();
    let release = release.join(".");

    let folder = workspace.tool(&format!("rust-library-{release}"));
    if let Ok(folder) = checked(folder.clone()) {
        return Ok(folder);
    }
    let mut install = workspace.command("bash");
    install.arg("tests/xtask/install/library-source.sh").arg(&release).arg(&folder);
    process::run(&mut install, minutes(10)).map_err(|failure| {
        Failure::not_run(format!(
            "or set {VARIABLE}, as Debian's rust-src {release} cannot be had: {}",
            failure.reason()
        ))
    })?;
    checked(folder)
}

/// An archive that may lie beside the repository, unpacked by a script that prints the folder as
/// its last line.
fn from_neighbour(workspace: &Workspace) -> Option<PathBuf> {
    let script = workspace.path("../shared/toolchain/bare-metal.sh");
    if !script.is_file() {
        return None;
    }
    let mut unpack = workspace.command("bash");
    unpack.arg(script).arg(workspace.tool("rust-library"));
    let printed = process::capture(&mut unpack, minutes(5)).ok()?;
    checked(PathBuf::from(printed.lines().last()?)).ok()
}

/// The folder, if it is a `library` folder.
fn checked(folder: PathBuf) -> Result<PathBuf, Failure> {
    if folder.join(Path::new("core/Cargo.toml")).is_file() {
        return Ok(folder);
    }
    Err(Failure::not_run(format!(
        "{} is not the `library` folder of Rust's source",
        folder.display()
    )))
}
