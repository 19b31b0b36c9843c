//! What is published.

use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The packages that are published, and their folders.
const PACKAGES: [(&str, &str); 3] = [
    ("websocket-listener-core", "core"),
    ("websocket-listener", "std-listener"),
    ("websocket-listener-embassy", "embassy-listener"),
];

/// What each must hold besides its sources.
const FILES: [&str; 3] = ["LICENSE", "README.md", "src/lib.rs"];

/// Packs the packages as they lie in the folders, committed or not, looks for what belongs there, and
/// builds them from their archives. Cargo's own way to build them, without `--no-verify`, takes an
/// archive of the same version that it has seen before for the new one.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut pack = workspace.cargo(["package", "--allow-dirty", "--no-verify"]);
    pack.args(PACKAGES.iter().flat_map(|(package, _)| ["--package", package]));
    process::run(&mut pack, minutes(5))?;

    // Not below the repository, whose workspace they would be taken for a part of.
    let folder = std::env::temp_dir().join(format!("packages-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let built = build(workspace, &folder);
    fs::remove_dir_all(&folder).map_err(while_doing(folder.display()))?;
    built?;
    Ok(format!("{} packages", PACKAGES.len()))
}

/// Unpacks them side by side, and builds them as one workspace.
fn build(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    for (package, source) in PACKAGES {
        let archive = archive(workspace, package)?;
        let mut unpack = workspace.command("tar");
        unpack.arg("-xzf").arg(&archive).arg("-C").arg(folder);
        process::run(&mut unpack, minutes(1))?;
        let name = archive.file_stem().unwrap_or_default();
        fs::rename(folder.join(name), folder.join(source)).map_err(while_doing(package))?;
        if let Some(missing) = FILES.iter().find(|file| !folder.join(source).join(file).is_file()) {
            return Err(Failure::failed(format!("the package {package} has no {missing}")));
        }
    }
    let manifest = "[workspace]\nresolver = \"3\"\n\
        members = [\"core\", \"std-listener\", \"embassy-listener\"]\n\
        [patch.crates-io]\nwebsocket-listener-core = { path = \"core\" }\n";
    fs::write(folder.join("Cargo.toml"), manifest).map_err(while_doing("Cargo.toml"))?;
    fs::copy(workspace.path("Cargo.lock"), folder.join("Cargo.lock"))
        .map_err(while_doing("Cargo.lock"))?;
    let mut check = workspace.cargo(["check", "--workspace"]);
    process::run(check.current_dir(folder), minutes(10))
}

/// The archive that was packed for a package, of whatever version.
fn archive(workspace: &Workspace, package: &str) -> Result<PathBuf, Failure> {
    let folder = workspace.target("package");
    let files = fs::read_dir(&folder).map_err(while_doing(folder.display()))?;
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let version = name.strip_prefix(package).and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|rest| {
            rest.starts_with(|first: char| first.is_ascii_digit()) && rest.ends_with(".crate")
        })
    };
    let mut archives: Vec<_> = files.flatten().map(|file| file.path()).filter(is_it).collect();
    archives.sort_by_key(|path| path.metadata().and_then(|file| file.modified()).ok());
    archives.pop().ok_or_else(|| Failure::failed(format!("no archive of {package}")))
}
