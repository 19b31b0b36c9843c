//! Runs suites one after the other and says how each ended.

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

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

    /// The outcome and how long it took to come to it.
    fn headline(&self) -> String {
        format!("{:<18} {:<8} {:>7.1} s", self.name, self.word(), self.duration.as_secs_f64())
    }
}

/// Runs the suites, however each of them ends, and prints the table and the closing line. A suite
/// that could not run counts as failed, because nobody should take its silence for a success.
pub(crate) fn run(suites: &[&'static Suite], workspace: &Workspace) -> ExitCode {
    let rows: Vec<Row> = suites.iter().map(|suite| run_one(suite, workspace)).collect();
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

/// Runs one suite between two headings.
fn run_one(suite: &'static Suite, workspace: &Workspace) -> Row {
    println!("\n== {}: {}", suite.name, suite.about);
    let start = Instant::now();
    let outcome = (suite.run)(workspace);
    let row = Row { name: suite.name, outcome, duration: start.elapsed() };
    if let Err(failure) = &row.outcome {
        println!("{}", failure.reason());
    }
    println!("== {}", row.headline());
    row
}
