//! The panic check: a program that drives all of `core`, linked for the smallest of its targets,
//! and what is left in it.
//!
//! The program (`tests/no-panic`) is built three times:
//!
//! - with the engine only: no symbol of panic machinery, and no place that can panic;
//! - with the opening handshake: the places that can panic lie inside `httparse` and `sha1_smol`,
//!   which keep bounds checks of their own; they are listed;
//! - with a panic put in on purpose, which must be found: a check that cannot fail is none.
//!
//! How a place is found, and why inlining cannot hide it, is told in
//! [`panic_sites`](crate::panic_sites).

use std::fs;

use crate::install::rust_target;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::panic_sites::PanicSites;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// The smallest instruction set, without hardware division or unaligned loads.
const TARGET: &str = "thumbv6m-none-eabi";

/// The libraries behind the opening handshake that keep bounds checks of their own.
const ALLOWED_IN_HANDSHAKE: [&str; 2] = ["httparse", "sha1_smol"];

/// Builds and judges the three programs.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let on_purpose = inspect(workspace, &["panic-on-purpose"])?;
    let seen = on_purpose.sites.iter().any(|site| site.file.ends_with("on_purpose.rs"));
    if !seen || !on_purpose.handler_is_reachable || on_purpose.symbols.is_empty() {
        return Err(Failure::failed(
            "the panic put in on purpose was not found, so this check sees nothing",
        ));
    }

    let engine = inspect(workspace, &[])?;
    report("the engine", &engine);
    let mut faults =
        engine.symbols.len() + engine.sites.len() + usize::from(engine.handler_is_reachable);

    let handshake = inspect(workspace, &["handshake"])?;
    report("the engine and the opening handshake", &handshake);
    let strays = handshake
        .sites
        .iter()
        .filter(|site| !ALLOWED_IN_HANDSHAKE.iter().any(|library| site.is_in(library)));
    for site in strays {
        println!("not allowed: {site}");
        faults += 1;
    }
    if handshake.handler_is_reachable && handshake.sites.is_empty() {
        println!("not allowed: a panic whose place is unknown");
        faults += 1;
    }
    if faults > 0 {
        return Err(Failure::failed(format!("{faults} traces of panics that must not be there")));
    }
    Ok(format!("none in the engine; {} in httparse and sha1_smol", handshake.sites.len()))
}

/// Builds the program with some of its features and looks into it.
fn inspect(workspace: &Workspace, features: &[&str]) -> Result<PanicSites, Failure> {
    let mut command = rust_target::cargo_build(workspace, TARGET)?;
    command.args(["--release", "--manifest-path", "tests/no-panic/Cargo.toml", "--target-dir"]);
    command.arg(workspace.target("no-panic")).arg("--features").arg(features.join(","));
    process::run(&mut command, minutes(10))?;
    let program = workspace.target(&format!("no-panic/{TARGET}/release/no-panic"));
    let bytes = fs::read(&program).map_err(while_doing(program.display()))?;
    PanicSites::of(&bytes)
        .map_err(|complaint| Failure::failed(format!("{}: {complaint}", program.display())))
}

/// Says what a program holds.
fn report(what: &str, found: &PanicSites) {
    println!(
        "{what}: {} symbols of panic machinery, {} places that can panic",
        found.symbols.len(),
        found.sites.len()
    );
    for symbol in &found.symbols {
        println!("  symbol {symbol}");
    }
    for site in &found.sites {
        println!("  {site}");
    }
}
