//! What a board pays for WebSocket in flash and memory: an echo over WebSocket beside one over bare
//! TCP, alike in everything else (`tests/measure/size`), built as firmware is, and read from the linked
//! programs.
//!
//! Memory for each connection is what one connection more takes. `websocket-listener-embassy` itself
//! does not compile for a 32-bit target if a slot and its `WebSocket` take more than 512 bytes.

mod deflate;

use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

use crate::install::rust_target;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The RP2040's instruction set and the ESP32-C3's, and the flash that our part may take on each.
const TARGETS: [(&str, u64); 2] =
    [("thumbv6m-none-eabi", FLASH_LIMIT_ARM), ("riscv32imc-unknown-none-elf", FLASH_LIMIT_RISCV)];
const FLASH_LIMIT_ARM: u64 = 24 * 1024 + PACKAGES_ARM;
const FLASH_LIMIT_RISCV: u64 = 28_160 + PACKAGES_RISCV;

/// The part of it for sha1_smol, base64ct and heapless.
const PACKAGES_ARM: u64 = 2_686;
const PACKAGES_RISCV: u64 = 3_072;

/// The tables for unwinding, which have no place in flash: the link scripts of `esp-hal` keep them as
/// information only, and those of `riscv-rt` leave them out.
const UNWINDING: &str = ".eh_frame";

/// The memory that our part may take for each connection, beside its rings and the buffer of the
/// application: the slot, the `WebSocket`, and what the task waits in.
const MEMORY_LIMIT: u64 = 512;

/// The folder of the programs.
const FOLDER: &str = "tests/measure/size";

/// Rings and buffer of a connection, in both programs.
const RINGS_AND_BUFFER: u64 = 1024 + 1024 + 512;

/// How many of the largest functions are listed.
const LISTED: usize = 25;

/// Prints the sizes, and fails if one is over its limit.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut faults = Vec::new();
    let mut notes = Vec::new();
    for (target, flash_limit) in TARGETS {
        let [bare, websocket] = programs(workspace, target)?;
        println!("\n{target:<30}{:>10}{:>10}{:>16}", "flash", "RAM", "per connection");
        row("bare TCP echo", &bare);
        row("WebSocket echo", &websocket);
        let ours = Sizes {
            flash: websocket.flash.saturating_sub(bare.flash),
            memory: websocket.memory.saturating_sub(bare.memory),
            connection: websocket.connection.saturating_sub(bare.connection),
        };
        row("ours", &ours);
        for (what, size, limit) in [
            ("flash", ours.flash, flash_limit),
            ("memory per connection", ours.connection, MEMORY_LIMIT),
        ] {
            if size > limit {
                let fault = format!("{target}: {size} bytes of {what}, {limit} are the limit");
                faults.push(Failure::failed(fault));
            }
        }
        notes.push(format!("{target}: {} + {} each", ours.flash, ours.connection));
    }
    match deflate::run(workspace) {
        Ok(note) => notes.push(note),
        Err(failure) => faults.push(failure),
    }
    Failure::all(&faults)?;
    Ok(notes.join("; "))
}

/// What a program takes, in bytes.
struct Sizes {
    flash: u64,
    /// With one connection.
    memory: u64,
    /// What one more takes, rings and buffer not counted.
    connection: u64,
}

fn row(what: &str, sizes: &Sizes) {
    println!("{what:<30}{:>10}{:>10}{:>16}", sizes.flash, sizes.memory, sizes.connection);
}

/// The echo over bare TCP, and that over WebSocket.
fn programs(workspace: &Workspace, target: &str) -> Result<[Sizes; 2], Failure> {
    let one = build(workspace, target, "size", "default")?;
    let two = build(workspace, target, "size-one-more", "one-more")?;
    println!("\nthe largest functions of the WebSocket echo on {target}:");
    list_functions(&one.join("websocket"))?;
    let sizes = |name: &str| -> Result<Sizes, Failure> {
        let (flash, memory) = flash_and_memory(&one.join(name))?;
        let (_, more) = flash_and_memory(&two.join(name))?;
        let connection = more.saturating_sub(memory).saturating_sub(RINGS_AND_BUFFER);
        Ok(Sizes { flash, memory, connection })
    };
    Ok([sizes("tcp")?, sizes("websocket")?])
}

/// Builds both programs; gives the folder they are in.
fn build(
    workspace: &Workspace,
    target: &str,
    folder: &str,
    features: &str,
) -> Result<std::path::PathBuf, Failure> {
    let mut command = rust_target::cargo_build(workspace, target)?;
    command.current_dir(workspace.path(FOLDER)).args(["--release", "--features", features]);
    command.arg("--target-dir").arg(workspace.target(folder));
    process::run(&mut command, minutes(10))?;
    Ok(workspace.target(&format!("{folder}/{target}/release")))
}

/// Code and constants; variables. The stack is not counted.
fn flash_and_memory(program: &Path) -> Result<(u64, u64), Failure> {
    let bytes = fs::read(program).map_err(while_doing(program.display()))?;
    let file = parse(program, &bytes)?;
    let (mut flash, mut memory) = (0, 0);
    for section in file.sections().filter(|section| section.name() != Ok(UNWINDING)) {
        match section.kind() {
            SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                flash += section.size();
            }
            // Its first values lie in flash.
            SectionKind::Data => {
                flash += section.size();
                memory += section.size();
            }
            SectionKind::UninitializedData => memory += section.size(),
            _ => {}
        }
    }
    Ok((flash, memory))
}

/// The largest first.
fn list_functions(program: &Path) -> Result<(), Failure> {
    let bytes = fs::read(program).map_err(while_doing(program.display()))?;
    let file = parse(program, &bytes)?;
    let mut functions: Vec<(u64, String)> = file
        .symbols()
        .filter(|symbol| symbol.kind() == object::SymbolKind::Text)
        .filter_map(|symbol| Some((symbol.size(), symbol.name().ok()?.to_owned())))
        .collect();
    functions.sort_unstable_by(|a, b| b.cmp(a));
    for (size, name) in functions.iter().take(LISTED) {
        println!("{size:>8}  {}", readable(name));
    }
    Ok(())
}

fn parse<'b>(program: &Path, bytes: &'b [u8]) -> Result<object::File<'b>, Failure> {
    object::File::parse(bytes)
        .map_err(|error| Failure::failed(format!("{}: {error}", program.display())))
}

/// The names in a mangled path: each stands behind its length.
fn readable(mangled: &str) -> String {
    let mut names = Vec::new();
    let mut rest = mangled;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        rest = &rest[start..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let length = rest[..digits].parse().unwrap_or(0);
        rest = &rest[digits..];
        if let Some(name) = rest.get(..length).filter(|name| !name.is_empty()) {
            names.push(name);
            rest = &rest[length..];
        }
    }
    // The last is a hash.
    let path = names.split_last().map_or(mangled.to_owned(), |(_, path)| path.join("::"));
    let signs = [("$LT$", "<"), ("$GT$", ">"), ("$u20$", " "), ("$u7b$", "{"), ("$u7d$", "}")];
    let path = signs.iter().fold(path, |path, (escape, sign)| path.replace(escape, sign));
    path.replace("$C$", ",").replace("..", "::").replace("_<", "<")
}
