//! The firmware of the boards that one can buy: built, without a warning.

use crate::firmware::{ESP32C3, HELLO, RP2040_PICOW, RP2040_W5500};
use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

/// Builds each, also after one has failed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let boards = [&RP2040_W5500, &HELLO, &RP2040_PICOW, &ESP32C3];
    let mut failures = Vec::new();
    for board in boards {
        if let Err(failure) = board.lint(workspace).and_then(|()| board.build(workspace)) {
            println!("{}", failure.reason());
            failures.push(failure);
        }
    }
    Failure::all(&failures)?;
    Ok(boards.map(|board| board.name).join(", "))
}
