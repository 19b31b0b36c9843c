//! The instructions that the engine takes for a frame and for an opening handshake, beside a table
//! that is kept in the repository.
//!
//! Callgrind counts them, so the figures do not depend on what else the machine does. Each is the
//! difference between two runs that do the same thing a different number of times: what a program
//! does once drops out. The program is built for baseline x86-64, the compiler's default.

pub(super) mod boards;
mod counts;

use std::fs;
use std::path::Path;

use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

use counts::Counts;

/// The table.
const KEPT: &str = "tests/measure/instructions/counts.txt";

/// What is counted: the program's arguments, except for how often.
const COUNTED: [&str; 7] = [
    "decode 32",
    "decode 1024",
    "decode 65536",
    "encode 32",
    "encode 1024",
    "encode 65536",
    "handshake 0",
];

/// How often each thing is done in the two runs.
const FEW: u64 = 100;
const MANY: u64 = 600;

/// How far a figure may be above the kept one, in percent.
const TOLERANCE: u64 = 3;

/// Counts, prints, and compares with the table.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Failure::not_run("the kept table is of Linux on x86-64"));
    }
    let folder = workspace.target("instructions");
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let mut build = workspace.cargo(["build", "--release", "--package"]);
    build.args(["websocket-listener-instructions", "--target-dir"]).arg(&folder);
    build.env("RUSTFLAGS", "-C target-cpu=x86-64").env_remove("CARGO_ENCODED_RUSTFLAGS");
    build.env("CARGO_INCREMENTAL", "0");
    process::run(&mut build, minutes(5))?;

    let compiler = process::capture(workspace.command("rustc").arg("--version"), minutes(1))?;
    let mut found = Counts::new(compiler.trim());
    for what in COUNTED {
        let few = count(workspace, &folder, what, FEW)?;
        let many = count(workspace, &folder, what, MANY)?;
        found.add(what, many.saturating_sub(few) / (MANY - FEW));
    }
    let new = folder.join("counts.txt");
    fs::write(&new, found.to_string()).map_err(while_doing(new.display()))?;
    found.compare(workspace, KEPT, &new, TOLERANCE)
}

/// The instructions of one run of the program, from its start to its end.
fn count(workspace: &Workspace, folder: &Path, what: &str, times: u64) -> Result<u64, Failure> {
    let out = folder.join("callgrind.out");
    let mut run = workspace.command("valgrind");
    run.args(["--tool=callgrind", "--quiet"]);
    run.arg(format!("--callgrind-out-file={}", out.display()));
    run.arg(folder.join("release/instructions")).args(what.split(' ')).arg(times.to_string());
    process::capture(&mut run, minutes(2))?;
    let text = fs::read_to_string(&out).map_err(while_doing(out.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| Failure::failed(format!("{} has no total", out.display())))
}
