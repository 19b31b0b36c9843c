//! What permessage-deflate costs a board with a Cortex-M0: flash and instructions of the codec alone
//! (`tests/measure/deflate-cost`, run in QEMU), and memory for each connection with 1 KiB windows.

use std::path::PathBuf;

use super::{build, flash_and_memory};
use crate::emulator;
use crate::install::rust_target;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

const TARGET: &str = "thumbv6m-none-eabi";

/// The folder of the program that measures the codec.
const FOLDER: &str = "tests/measure/deflate-cost";

/// What inflating and deflating may take of flash, together.
const FLASH_LIMIT: u64 = 8 * 1024;

/// What a connection that compresses may take of memory: all of it, rings of 1 KiB and the
/// application's buffer, too.
const MEMORY_LIMIT: u64 = 8 * 1024;

/// Prints the costs, and fails if one is over its limit.
pub(super) fn run(workspace: &Workspace) -> Result<String, Failure> {
    let copying = codec(workspace, "deflate-cost-without", &[])?;
    let program = codec(workspace, "deflate-cost", &["--features", "codec"])?;
    let (with, memory_with) = flash_and_memory(&program)?;
    let (without, memory_without) = flash_and_memory(&copying)?;
    let flash = with.saturating_sub(without);
    let codec = memory_with.saturating_sub(memory_without);
    let cost = measure(workspace, &program)?;
    let memory = connection(workspace)?;

    println!("\npermessage-deflate on {TARGET}");
    println!("{:<50}{flash:>8} bytes", "flash of inflate and deflate");
    println!("{:<50}{codec:>8} bytes", "memory of both, with windows of 1 KiB");
    println!("{:<50}{memory:>8} bytes", "memory per connection, in all");
    println!("{:<50}{:>8.1}", "instructions per byte deflated", cost.deflate);
    println!("{:<50}{:>8.1}", "instructions per byte inflated", cost.inflate);
    println!("{:<50}{:>8.1}", "telemetry, times smaller", cost.gain);
    if flash > FLASH_LIMIT {
        return Err(Failure::failed(format!(
            "{flash} bytes of codec, {FLASH_LIMIT} are the limit"
        )));
    }
    if memory > MEMORY_LIMIT {
        return Err(Failure::failed(format!(
            "{memory} bytes per compressed connection, {MEMORY_LIMIT} are the limit"
        )));
    }
    Ok(format!("deflate: {flash} + {memory} each"))
}

/// Builds the program that measures the codec, or that without it.
fn codec(workspace: &Workspace, folder: &str, features: &[&str]) -> Result<PathBuf, Failure> {
    let mut command = rust_target::cargo_build(workspace, TARGET)?;
    command.current_dir(workspace.path(FOLDER)).arg("--release").args(features);
    command.arg("--target-dir").arg(workspace.target(folder));
    process::run(&mut command, minutes(10))?;
    Ok(workspace.target(&format!("{folder}/{TARGET}/release/deflate-cost")))
}

/// What the codec does with telemetry, for each byte of it.
struct Cost {
    deflate: f64,
    inflate: f64,
    gain: f64,
}

/// Runs the program, in an emulator that counts instructions.
fn measure(workspace: &Workspace, program: &std::path::Path) -> Result<Cost, Failure> {
    let printed = emulator::ARM.run_counting(workspace, program)?;
    let numbers: Vec<f64> =
        printed.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [text, compressed, deflate, inflate] = numbers[..] else {
        return Err(Failure::failed(format!("the program printed {printed:?}")));
    };
    Ok(Cost { deflate: deflate / text, inflate: inflate / text, gain: text / compressed })
}

/// What one more connection that compresses takes: socket, rings, buffer, task and windows.
fn connection(workspace: &Workspace) -> Result<u64, Failure> {
    let one = build(workspace, TARGET, "size-deflate", "deflate")?;
    let two = build(workspace, TARGET, "size-deflate-one-more", "deflate,one-more")?;
    let (_, memory) = flash_and_memory(&one.join("websocket"))?;
    let (_, more) = flash_and_memory(&two.join("websocket"))?;
    Ok(more.saturating_sub(memory))
}
