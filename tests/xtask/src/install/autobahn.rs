//! The Autobahn TestSuite, which wants a Python of its own.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::python;
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The folder of its installer.
const FOLDER: &str = "tests/interop/autobahn";

/// The installer's files.
const FILES: [&str; 3] = ["install.sh", "requirements.txt", "wstest.py"];

/// Its program, once it is installed.
pub(crate) fn wstest(workspace: &Workspace, on_pypy: bool) -> PathBuf {
    folder(workspace, on_pypy).join("bin/wstest")
}

/// Whether it is installed, by the installer as it is now.
pub(super) fn is_installed(workspace: &Workspace, on_pypy: bool) -> bool {
    let installers = (fs::read(installed_by(workspace, on_pypy)), installer(workspace));
    wstest(workspace, on_pypy).is_file()
        && python::is_installed(workspace)
        && matches!(installers, (Ok(then), Ok(now)) if then == now)
}

/// Installs it.
pub(super) fn install(workspace: &Workspace, on_pypy: bool) -> Result<(), Failure> {
    if !python::is_installed(workspace) {
        python::install(workspace)?;
    }
    let mut install = workspace.command("bash");
    install.arg(Path::new(FOLDER).join("install.sh")).arg(folder(workspace, on_pypy));
    install.arg(python::interpreter(workspace)).args(on_pypy.then_some("pypy"));
    process::run(&mut install, minutes(10))?;
    let stamp = installed_by(workspace, on_pypy);
    let installer = installer(workspace).map_err(while_doing(FOLDER))?;
    fs::write(&stamp, installer).map_err(while_doing(stamp.display()))
}

fn folder(workspace: &Workspace, on_pypy: bool) -> PathBuf {
    workspace.tool(if on_pypy { "autobahn-pypy" } else { "autobahn" })
}

/// A copy of the installer that has done its work.
fn installed_by(workspace: &Workspace, on_pypy: bool) -> PathBuf {
    folder(workspace, on_pypy).join("installed-by-xtask.txt")
}

/// The installer, all its files together.
fn installer(workspace: &Workspace) -> io::Result<Vec<u8>> {
    let folder = workspace.path(FOLDER);
    let files = FILES.iter().map(|file| fs::read(folder.join(file)));
    Ok(files.collect::<io::Result<Vec<_>>>()?.concat())
}
