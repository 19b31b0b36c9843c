//! The instructions that the engine takes on boards, beside two other libraries for boards, and
//! beside a table that is kept in the repository.
//!
//! A program (`tests/measure/frame-cost`) does the same with each of the libraries, checks what comes out, and
//! runs in QEMU, which counts. It is built as the boards are, and for speed.

use std::fs;

use super::TOLERANCE;
use super::counts::Counts;
use crate::emulator::{ARM, Machine, RISCV};
use crate::install::rust_target;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The folder of the program.
const FOLDER: &str = "tests/measure/frame-cost";

/// The table of our own figures.
const KEPT: &str = "tests/measure/frame-cost/counts.txt";

/// The program's profiles, and the compiler's levels of optimization that they ask for.
const PROFILES: [(&str, &str); 2] = [("release", "z"), ("fast", "3")];

/// The libraries as the program names them.
const OURS: &str = "ours";
const LIBRARIES: [&str; 3] = [OURS, "embedded-websocket", "edge-ws"];

/// Counts, prints, and compares with the table.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let compiler = process::capture(workspace.command("rustc").arg("--version"), minutes(1))?;
    let mut found = Counts::new(compiler.trim());
    for machine in [ARM, RISCV] {
        for (profile, level) in PROFILES {
            let figures = figures(workspace, &machine, profile)?;
            print(machine.target, level, &figures);
            for figure in figures.iter().filter(|figure| figure.library == OURS) {
                let (instruction_set, _) = machine.target.split_once('-').unwrap_or_default();
                found.add(&format!("{instruction_set} {level} {}", figure.what), figure.count);
            }
        }
    }
    let new = workspace.target("frame-cost/counts.txt");
    fs::write(&new, found.to_string()).map_err(while_doing(new.display()))?;
    found.compare(workspace, KEPT, &new, TOLERANCE)
}

/// What the program found.
struct Figure {
    /// Which thing was done, and with how many bytes.
    what: String,
    library: String,
    /// Instructions.
    count: u64,
}

/// Builds the program and runs it.
fn figures(
    workspace: &Workspace,
    machine: &Machine,
    profile: &str,
) -> Result<Vec<Figure>, Failure> {
    let mut build = rust_target::cargo_build(workspace, machine.target)?;
    build.current_dir(workspace.path(FOLDER)).args(["--profile", profile]);
    build.arg("--target-dir").arg(workspace.target("frame-cost")).env("CARGO_INCREMENTAL", "0");
    process::run(&mut build, minutes(10))?;
    let program = format!("frame-cost/{}/{profile}/frame-cost", machine.target);
    let printed = machine.run_counting(workspace, &workspace.target(&program))?;
    let figures: Option<Vec<Figure>> = printed.lines().map(read).collect();
    figures.ok_or_else(|| Failure::failed(format!("the program printed {printed:?}")))
}

/// Reads a line of the program's.
fn read(line: &str) -> Option<Figure> {
    let (rest, count) = line.rsplit_once(' ')?;
    let (what, library) = rest.rsplit_once(' ')?;
    let count = count.parse().ok()?;
    Some(Figure { what: what.to_owned(), library: library.to_owned(), count })
}

fn print(target: &str, level: &str, figures: &[Figure]) {
    let [ours, second, third] = LIBRARIES;
    println!("\n{target}, opt-level {level}\n{:<16}{ours:>20}{second:>20}{third:>20}", "");
    for Figure { what, .. } in figures.iter().filter(|figure| figure.library == OURS) {
        let columns = LIBRARIES.map(|library| {
            let of = |figure: &&Figure| figure.what == *what && figure.library == library;
            let figure = figures.iter().find(of);
            figure.map_or_else(|| "-".to_owned(), |figure| figure.count.to_string())
        });
        let [ours, second, third] = columns;
        println!("{what:<16}{ours:>20}{second:>20}{third:>20}");
    }
}
