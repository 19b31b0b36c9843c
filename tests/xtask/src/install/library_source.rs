//! The source of Rust's own library, for the nightly toolchain to compile `core` from where no
//! target can be downloaded.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Names a `library` folder that fits the nightly toolchain; preferred to any other source.
pub(super) const VARIABLE: &str = "BARE_METAL_LIBRARY_SOURCE";

/// The folder that [`VARIABLE`] names.
pub(super) fn named() -> Option<OsString> {
    std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty())
}

/// Finds the `library` folder to compile from: the one that [`VARIABLE`] names, the component
/// `rust-src` of the nightly toolchain, or Debian's package, once that is installed.
pub(super) fn find(workspace: &Workspace) -> Result<PathBuf, Failure> {
    if let Some(folder) = named() {
        return checked(PathBuf::from(folder));
    }
    let nightly = nightly(workspace, ["--print", "sysroot"])?;
    checked(Path::new(&nightly).join("lib/rustlib/src/rust/library"))
        .or_else(|_| checked(from_debian(workspace, &nightly_release(workspace)?)))
}

/// Installs Debian's package `rust-src`, of the suite whose Rust is the nightly's.
pub(super) fn install(workspace: &Workspace) -> Result<(), Failure> {
    let release = nightly_release(workspace)?;
    let mut install = workspace.command("bash");
    install.arg("tests/xtask/install/library-source.sh").arg(&release);
    process::run(install.arg(from_debian(workspace, &release)), minutes(10))
}

/// The folder for the source from Debian.
fn from_debian(workspace: &Workspace, release: &str) -> PathBuf {
    workspace.tool(&format!("rust-library-{release}"))
}

/// The release that the nightly toolchain is to become: 1.97 for `rustc 1.97.0-nightly (…)`.
fn nightly_release(workspace: &Workspace) -> Result<String, Failure> {
    let version = nightly(workspace, ["--version"])?;
    let release: Vec<&str> = version.split([' ', '.']).skip(1).take(2).collect();
    Ok(release.join("."))
}

/// The answer of the nightly compiler.
fn nightly<const N: usize>(workspace: &Workspace, arguments: [&str; N]) -> Result<String, Failure> {
    let mut command = workspace.command("rustup");
    command.args(["run", "nightly", "rustc"]).args(arguments);
    let answer = process::capture(&mut command, minutes(1));
    let answer = answer.map_err(|_| Failure::not_run("the toolchain `nightly` is missing"))?;
    Ok(answer.trim().to_owned())
}

/// Returns the folder, if it is a `library` folder.
fn checked(folder: PathBuf) -> Result<PathBuf, Failure> {
    if folder.join("core/Cargo.toml").is_file() {
        return Ok(folder);
    }
    Err(Failure::not_run(format!(
        "{} is not the `library` folder of Rust's source",
        folder.display()
    )))
}
