//! `core` on targets that have no operating system, or none that it may use: microcontrollers and
//! WebAssembly.

use crate::install::rust_target;
use crate::outcome::{Failure, Outcome};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The RP2040's instruction set, the ESP32-C3's, and WebAssembly in a browser and outside of one.
const TARGETS: [&str; 4] = [
    "thumbv6m-none-eabi",
    "riscv32imc-unknown-none-elf",
    "wasm32-unknown-unknown",
    "wasm32-wasip1",
];

/// With nothing, and with everything that `core` offers.
const FEATURES: [&str; 2] = ["--no-default-features", "--all-features"];

/// Builds the library for every target with every set of features, and names all that fail.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut failures = Vec::new();
    for target in TARGETS {
        for features in FEATURES {
            let mut command = rust_target::cargo_build(workspace, target)?;
            command.args(["--package", "websocket-listener-core", "--lib", features]);
            if let Err(failure) = process::run(&mut command, minutes(5)) {
                println!("{}", failure.reason());
                failures.push(format!("{target} {features}"));
            }
        }
    }
    if failures.is_empty() {
        return Ok(format!("{} targets", TARGETS.len()));
    }
    Err(Failure::failed(format!("does not build: {}", failures.join(", "))))
}
