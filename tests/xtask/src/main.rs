//! `cargo xtask`: everything that is checked on a developer's machine and in CI, one suite at a
//! time or all at once.
//!
//! `cargo xtask setup` installs the tools that the suites need. `cargo xtask test` does the same if
//! one is missing, runs every suite even after one has failed, and ends with a table and one closing
//! line. `cargo xtask help` lists the suites. Add one in [`suites::ALL`].

mod autobahn;
mod certificate;
mod emulator;
mod firmware;
mod group;
mod install;
mod listener;
mod outcome;
mod panic_sites;
mod process;
mod program;
mod report;
mod rp2040js;
mod server;
mod suites;
mod workspace;

use std::process::ExitCode;

use suites::{ALL, Suite};
use workspace::Workspace;

/// The exit code for arguments that make no sense.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if matches!(arguments.first().map(String::as_str), Some("help" | "--help" | "-h")) {
        println!("{}", usage());
        return ExitCode::SUCCESS;
    }
    if let Err(failure) = group::end_all_when_interrupted() {
        eprintln!("xtask: {}", failure.reason());
        return ExitCode::FAILURE;
    }
    if arguments == ["setup"] {
        return with_workspace(set_up_all);
    }
    let chosen = match choose(&arguments) {
        Ok(chosen) => chosen,
        Err(complaint) => {
            eprintln!("{complaint}\n\n{}", usage());
            return ExitCode::from(USAGE_ERROR);
        }
    };
    with_workspace(|workspace| report::run(&chosen, workspace))
}

/// Does something in the repository.
fn with_workspace(work: impl FnOnce(&Workspace) -> ExitCode) -> ExitCode {
    match Workspace::find() {
        Ok(workspace) => work(&workspace),
        Err(complaint) => {
            eprintln!("xtask: {complaint}");
            ExitCode::FAILURE
        }
    }
}

/// Installs the tools of all suites.
fn set_up_all(workspace: &Workspace) -> ExitCode {
    let setup = install::set_up(ALL.iter().flat_map(|suite| suite.tools).copied(), workspace);
    match setup.missing() {
        None => {
            println!("all tools are installed");
            ExitCode::SUCCESS
        }
        Some(missing) => {
            eprintln!("xtask: {missing}");
            ExitCode::FAILURE
        }
    }
}

/// The suites that the arguments name, in the order of the arguments.
fn choose(arguments: &[String]) -> Result<Vec<&'static Suite>, String> {
    if arguments.is_empty() {
        return Err("xtask: missing suite; `test` runs all of them".to_owned());
    }
    let mut chosen = Vec::new();
    for argument in arguments {
        if argument == "test" {
            chosen.extend(ALL.iter().filter(|suite| suite.in_test));
        } else if let Some(suite) = ALL.iter().find(|suite| suite.name == argument) {
            chosen.push(suite);
        } else {
            return Err(format!("xtask: unknown suite `{argument}`"));
        }
    }
    Ok(chosen)
}

/// The help text: one line for each suite.
fn usage() -> String {
    let mut text = String::from("Usage: cargo xtask SUITE...\n\n");
    text.push_str("  test         every suite below but the ones marked *\n");
    text.push_str("  setup        the tools that the suites need, installed\n");
    text.push_str("  help         this text\n\n");
    for suite in ALL {
        let mark = if suite.in_test { ' ' } else { '*' };
        text.push_str(&format!("{mark} {:<26} {}\n", suite.name, suite.about));
    }
    text.push_str(
        "\nA tool that a suite needs and the machine lacks is installed: a Debian package \
         system-wide, if\nrun as root, any other under target/tools. A suite without its tools does \
         not run, and counts\nas failed.",
    );
    text
}
