//! The tools that suites need from outside: found on the machine or installed, each kind in a module
//! of its own.

mod autobahn;
pub(crate) mod chromium;
mod debian;
mod library_source;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust_target;
mod setup;

use core::fmt;
use std::fs;
use std::path::Path;

pub(crate) use autobahn::wstest;
pub(crate) use setup::{Setup, set_up};

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;
use rust_target::Library;

/// A tool that a suite needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// A program, and the Debian package that has it.
    Program(&'static str, &'static str),
    /// A subcommand of cargo, and the component of rustup that has it.
    Component(&'static str, &'static str),
    /// Rust's library for a target.
    Library(&'static str, Library),
    /// The Python packages of the peers.
    Python,
    /// The npm packages of the peers.
    Node,
    Chromium,
    /// The Autobahn TestSuite.
    Autobahn,
    /// The same on PyPy, which is several times faster and lacks TLS.
    AutobahnOnPypy,
}

impl Tool {
    /// Whether it is at hand.
    fn is_installed(self, workspace: &Workspace) -> bool {
        match self {
            Self::Program(program, _) => process::exists(program),
            Self::Component(subcommand, _) => {
                let mut version = workspace.cargo([subcommand, "--version"]);
                process::capture(&mut version, minutes(1)).is_ok()
            }
            Self::Library(target, _) => rust_target::is_installed(workspace, target),
            Self::Python => python::is_installed(workspace),
            Self::Node => node::is_installed(workspace),
            Self::Chromium => chromium::find().is_ok(),
            Self::Autobahn => autobahn::is_installed(workspace, false),
            Self::AutobahnOnPypy => autobahn::is_installed(workspace, true),
        }
    }

    /// Installs it.
    fn install(self, workspace: &Workspace) -> Result<(), Failure> {
        match self {
            Self::Program(program, package) => {
                debian::ensure_program(workspace, program, &[package])
            }
            Self::Component(_, component) => {
                let mut add = workspace.command("rustup");
                process::run(add.args(["component", "add", component]), minutes(5))
            }
            Self::Library(target, library) => rust_target::install(workspace, target, library),
            Self::Python => python::install(workspace),
            Self::Node => node::install(workspace),
            Self::Chromium => debian::install(workspace, &["chromium"]),
            Self::Autobahn => autobahn::install(workspace, false),
            Self::AutobahnOnPypy => autobahn::install(workspace, true),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(program, _) => f.write_str(program),
            Self::Component(subcommand, _) => write!(f, "cargo {subcommand}"),
            Self::Library(target, _) => write!(f, "Rust's library for {target}"),
            Self::Python => f.write_str("the peers' Python packages"),
            Self::Node => f.write_str("the peers' npm packages"),
            Self::Chromium => f.write_str("Chromium"),
            Self::Autobahn => f.write_str("the Autobahn TestSuite"),
            Self::AutobahnOnPypy => f.write_str("the Autobahn TestSuite on PyPy"),
        }
    }
}

/// Whether both files are there and hold the same bytes.
fn same_content(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
