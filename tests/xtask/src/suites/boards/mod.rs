//! Boards, verified longer than `cargo xtask test` has time for.

mod rp2040;
mod section_9;

use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

/// Runs each, also after one has failed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut notes = Vec::new();
    let mut failures = Vec::new();
    for verify in [rp2040::run, section_9::run] {
        match verify(workspace) {
            Ok(note) => notes.push(note),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(&failures)?;
    Ok(notes.join("; "))
}
