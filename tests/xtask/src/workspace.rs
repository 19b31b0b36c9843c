//! Where things are: the repository, its target folder and the tools installed there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders every suite works with.
pub(crate) struct Workspace {
    /// The repository.
    root: PathBuf,
    /// Cargo's target folder.
    target: PathBuf,
}

impl Workspace {
    /// Finds the repository from what Cargo tells a program that it runs, so any folder inside will
    /// do as the current one.
    pub(crate) fn find() -> Result<Self, String> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .ok_or("start it as `cargo xtask`, Cargo says where things are")?;
        let root = Path::new(&package)
            .ancestors()
            .nth(2)
            .ok_or("the package `xtask` must lie in `tests/xtask` of the repository")?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            // A relative one is relative to the folder `cargo xtask` was called in, which is still
            // ours.
            Some(folder) => {
                std::path::absolute(folder).map_err(|error| format!("CARGO_TARGET_DIR: {error}"))?
            }
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// A file or folder of the repository.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A file or folder of the target folder, which need not exist.
    pub(crate) fn target(&self, inside: &str) -> PathBuf {
        self.target.join(inside)
    }

    /// Where one of the installed tools lives.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.target.join("tools").join(name)
    }

    /// A command that runs in the repository's root.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// Cargo, of the toolchain in use, with these arguments.
    pub(crate) fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }
}
