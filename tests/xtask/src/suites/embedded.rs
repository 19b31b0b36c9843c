//! `core` on targets that have no operating system, or none that it may use: microcontrollers and
//! WebAssembly; its tests where words have 32 bits, because no length may be truncated there; and
//! the Embassy listener on boards, with everything that it can log with.

use crate::install::rust_target::{self, Library};
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

/// A target whose words have 32 bits and which a 64-bit machine can run.
pub(super) const HOST_32: &str = "i686-unknown-linux-musl";

/// With nothing, and with everything that `core` offers.
const FEATURES: [&str; 2] = ["--no-default-features", "--all-features"];

/// The instruction sets of the boards, for which the listener is built with everything that it logs.
const BOARDS: [&str; 2] = ["thumbv6m-none-eabi", "riscv32imc-unknown-none-elf"];

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
    for target in BOARDS {
        let mut command = rust_target::cargo_build(workspace, target)?;
        command.args(["--package", "websocket-listener-embassy", "--lib"]);
        command.args(["--features", "defmt,log,proto-ipv6"]);
        if let Err(failure) = process::run(&mut command, minutes(5)) {
            println!("{}", failure.reason());
            failures.push(format!("the Embassy listener for {target}"));
        }
    }
    println!("the tests of core where `usize` has 32 bits:");
    let mut command = rust_target::cargo(workspace, "test", HOST_32, Library::Prebuilt)?;
    // The one that comes with Rust: no C compiler for the target is needed.
    command.env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    command.current_dir(workspace.path("tests/suites/core-32")).args(["--test", "core", "--quiet"]);
    command.arg("--target-dir").arg(workspace.target("core-32"));
    process::run(&mut command, minutes(15))?;
    if failures.is_empty() {
        return Ok(format!("{} targets; core's tests pass with 32 bits", TARGETS.len()));
    }
    Err(Failure::failed(format!("does not build: {}", failures.join(", "))))
}
