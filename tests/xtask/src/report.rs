//! Runs suites one after the other, and prints how each ended.

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

use crate::install::{Setup, set_up};
use crate::outcome::{Failure, Outcome};
use crate::suites::Suite;
use crate::workspace::Workspace;

/// How one suite ended.
struct Row {
    name: &'static str,
    outcome: Outcome,
    duration: Duration,
}

impl Row {
    /// One word for the outcome.
    const fn word(&self) -> &'static str {
        match self.outcome {
            Ok(_) => "passed",
            Err(Failure::Failed(_)) => "FAILED",
            Err(Failure::NotRun(_)) => "NOT RUN",
        }
    }

    /// The outcome, and the minutes that it took.
    fn headline(&self) -> String {
        let minutes = self.duration.as_secs_f64() / 60.0;
        format!("{:<26} {:<8} {minutes:>5.1} min", self.name, self.word())
    }
}

/// Installs what the suites need, runs them, however each of them ends, and prints the table and the
/// closing line. A suite that could not run counts as failed.
pub(crate) fn run(suites: &[&'static Suite], workspace: &Workspace) -> ExitCode {
    let setup = set_up(suites.iter().flat_map(|suite| suite.tools).copied(), workspace);
    let rows: Vec<Row> = suites.iter().map(|suite| run_one(suite, &setup, workspace)).collect();
    println!("\n== summary");
    for row in &rows {
        let note = match &row.outcome {
            Ok(note) => note,
            Err(failure) => failure.reason(),
        };
        println!("{}  {}", row.headline(), note.lines().next().unwrap_or_default());
    }
    let failed = rows.iter().filter(|row| row.outcome.is_err()).count();
    println!("\n{} passed, {failed} failed", rows.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one suite between two headings, if the tools that it needs are installed.
fn run_one(suite: &'static Suite, setup: &Setup, workspace: &Workspace) -> Row {
    println!("\n== {}: {}", suite.name, suite.about);
    let start = Instant::now();
    let outcome = setup.check(suite.tools).and_then(|()| (suite.run)(workspace));
    let row = Row { name: suite.name, outcome, duration: start.elapsed() };
    if let Err(failure) = &row.outcome {
        println!("{}", failure.reason());
    }
    println!("== {}", row.headline());
    row
}
