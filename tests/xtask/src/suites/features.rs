//! Every cargo feature by itself.

use std::fs;

use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The packages, and their folders. Not the one for Embassy, whose network stack demands several
/// features at a time.
const PACKAGES: [(&str, &str); 2] =
    [("websocket-listener-core", "core"), ("websocket-listener", "std-listener")];

/// Lints each package without any feature, with each of its features alone, and with all.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut failures = Vec::new();
    let mut count = 0;
    for (package, folder) in PACKAGES {
        let features = features(workspace, folder)?;
        count += features.len();
        let alone = features.iter().map(|feature| vec!["--features", feature]);
        let selections = [vec![]].into_iter().chain(alone).chain([vec!["--all-features"]]);
        for selection in selections {
            let mut command = workspace.cargo(["clippy", "--package", package, "--lib"]);
            command.arg("--no-default-features").args(selection).args(["--", "-D", "warnings"]);
            failures.extend(process::run(&mut command, minutes(10)).err());
        }
    }
    Failure::all(&failures)?;
    Ok(format!("{count} features"))
}

/// The names in `[features]` of a package's manifest.
fn features(workspace: &Workspace, folder: &str) -> Result<Vec<String>, Failure> {
    let path = workspace.path(folder).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).map_err(while_doing(path.display()))?;
    let lines = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let names = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.to_owned());
    Ok(names.collect())
}
