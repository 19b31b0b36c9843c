//! The panic check: a program that drives all of `core`, linked for the smallest of its targets,
//! and what is left in it.
//!
//! The program (`tests/measure/no-panic`) is built, and checked:
//!
//! - with the engine only, and with the codec of permessage-deflate: no symbol of panic machinery,
//!   and no place that can panic;
//! - with the connection over a stream: nothing but the traps that the compiler itself puts into every
//!   `async fn`;
//! - with the opening handshake: besides, the two places in sha1_smol that no key reaches ([`SHA1`]),
//!   and both of them, so that the list is true;
//! - as an echo of the Embassy listener's (`tests/measure/size`) that compresses, with the network stack below,
//!   which panics where it sees fit: no place in our two libraries;
//! - with a panic put in on purpose, which must be found: a check that cannot fail is none.
//!
//! How a place is found, why inlining cannot hide it, and what those traps are, is told in
//! [`panic_sites`](crate::panic_sites).

use std::fs;

use crate::install::rust_target;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::panic_sites::{PanicSites, Site};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The smallest instruction set, without hardware division or unaligned loads.
const TARGET: &str = "thumbv6m-none-eabi";

/// The folder of the program.
const FOLDER: &str = "tests/measure/no-panic";

/// The places that sha1_smol keeps: `last[..blocklen]` and `block[..blocklen]` in `Sha1::digest`,
/// which fail if `blocklen` exceeds 128 or 64. It is 60 in every handshake, because `accept_value`
/// hashes an array of that length; the optimizer loses sight of it in the memory of the hash.
const SHA1: [(u32, u32); 2] = [(164, 13), (164, 61)];
const SHA1_FILE: &str = "sha1_smol-1.0.1/src/lib.rs";

/// The function that these two places call.
const SHA1_SYMBOL: &str = "slice_index_fail";

/// The folders of the libraries behind the Embassy listener.
const OURS: [&str; 2] = ["core", "embassy-listener"];

/// Builds and checks the programs.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let on_purpose = inspect(workspace, "panic-on-purpose")?;
    let seen = on_purpose.sites.iter().any(|site| site.is_in_file("on_purpose.rs"));
    if !seen || !on_purpose.handler_is_reachable || on_purpose.symbols.is_empty() {
        return Err(Failure::failed(
            "the panic put in on purpose was not found, so this check sees nothing",
        ));
    }

    println!("the engine:");
    let engine = inspect(workspace, "default")?;
    let mut faults = list("symbol", engine.symbols.iter());
    faults += list("place", engine.sites.iter());
    faults += usize::from(engine.handler_is_reachable);

    println!("the engine and the codec of permessage-deflate:");
    let codec = inspect(workspace, "deflate")?;
    faults += list("symbol", codec.symbols.iter());
    faults += list("place", codec.sites.iter());
    faults += usize::from(codec.handler_is_reachable);

    println!("the engine and the connection over a stream:");
    let io = inspect(workspace, "io")?;
    let (traps, places) = set_traps_apart(workspace, &io);
    println!("  {} traps of the compiler's in futures", traps.len());
    faults += list("symbol", io.symbols_beyond_async());
    faults += list("place", places);

    println!("all of it, with the opening handshake:");
    let all = inspect(workspace, "io,handshake")?;
    let (traps, places) = set_traps_apart(workspace, &all);
    println!("  {} traps of the compiler's in futures", traps.len());
    let (hash, places): (Vec<&Site>, Vec<&Site>) =
        places.into_iter().partition(|site| SHA1.iter().any(|at| site.is_at(SHA1_FILE, *at)));
    println!("  {} places in sha1_smol, of {} listed", hash.len(), SHA1.len());
    faults += SHA1.len().abs_diff(hash.len());
    faults +=
        list("symbol", all.symbols_beyond_async().filter(|symbol| !symbol.contains(SHA1_SYMBOL)));
    faults += list("place", places);

    println!("an echo with the Embassy listener, and the stack below it:");
    let listener = inspect_listener(workspace)?;
    let (traps, places) = set_traps_apart(workspace, &listener);
    println!("  {} traps of the compiler's in futures", traps.len());
    let (ours, others): (Vec<&Site>, Vec<&Site>) =
        places.into_iter().partition(|site| OURS.iter().any(|library| site.is_in(library)));
    println!("  {} places in the libraries below", others.len());
    faults += usize::from(others.is_empty());
    faults += list("place", ours);

    if faults > 0 {
        return Err(Failure::failed(format!("{faults} traces of panics that must not be there")));
    }
    Ok("none in the engine, the listed two of sha1_smol; compiler's traps in futures".to_owned())
}

/// Builds the program with some of its features and looks into it.
fn inspect(workspace: &Workspace, features: &str) -> Result<PanicSites, Failure> {
    look_into(workspace, FOLDER, "no-panic", features)
}

/// Builds the echo with the Embassy listener, which compresses, and looks into it.
fn inspect_listener(workspace: &Workspace) -> Result<PanicSites, Failure> {
    look_into(workspace, "tests/measure/size", "websocket", "deflate,panic-places")
}

fn look_into(
    workspace: &Workspace,
    folder: &str,
    program: &str,
    features: &str,
) -> Result<PanicSites, Failure> {
    let mut command = rust_target::cargo_build(workspace, TARGET)?;
    command.current_dir(workspace.path(folder)).args(["--release", "--features", features]);
    command.args(["--bin", program, "--target-dir"]).arg(workspace.target("no-panic"));
    process::run(&mut command, minutes(10))?;
    let program = workspace.target(&format!("no-panic/{TARGET}/release/{program}"));
    let bytes = fs::read(&program).map_err(while_doing(program.display()))?;
    PanicSites::of(&bytes)
        .map_err(|complaint| Failure::failed(format!("{}: {complaint}", program.display())))
}

/// The compiler's own traps, and the other places.
fn set_traps_apart<'p>(
    workspace: &Workspace,
    program: &'p PanicSites,
) -> (Vec<&'p Site>, Vec<&'p Site>) {
    let folder = workspace.path(FOLDER);
    program.sites.iter().partition(|site| site.is_async_trap(&folder))
}

/// Prints each of them, and counts them.
fn list<T: core::fmt::Display>(what: &str, found: impl IntoIterator<Item = T>) -> usize {
    found.into_iter().inspect(|item| println!("  {what} {item}")).count()
}
