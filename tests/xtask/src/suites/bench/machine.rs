//! The machine: what it is, and which processors the server and the load have.

use std::fmt;
use std::fs;

use super::CONGESTION_CONTROL;
use super::programs::COMPILER_FLAGS;
use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// What has to be known about the machine for a figure to mean anything.
pub(super) struct Machine {
    pub(super) processor: String,
    /// The numbers of the processors that may be used.
    pub(super) processors: Vec<usize>,
    pub(super) kernel: String,
    pub(super) congestion_control: String,
    pub(super) compiler: String,
    /// The compiler's flags.
    pub(super) compiler_flags: String,
}

impl Machine {
    /// Looks at the machine.
    pub(super) fn look(workspace: &Workspace) -> Result<Self, Failure> {
        if !cfg!(target_os = "linux") {
            return Err(Failure::not_run("a process is measured by what Linux tells about it"));
        }
        let allowed = field("/proc/self/status", "Cpus_allowed_list");
        let compiler = process::capture(workspace.command("rustc").arg("--version"), minutes(1))?;
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name"),
            processors: parse_list(&allowed),
            kernel: read("/proc/sys/kernel/osrelease"),
            congestion_control: read(CONGESTION_CONTROL),
            compiler: compiler.trim().to_owned(),
            compiler_flags: format!("{COMPILER_FLAGS}, fat LTO, for all servers alike"),
        })
    }

    /// The server's and the load's processor, if there are two to give.
    pub(super) fn pair(&self) -> Option<(usize, usize)> {
        Some((*self.processors.first()?, *self.processors.get(1)?))
    }
}

impl Machine {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let Self { processor, kernel, congestion_control, compiler_flags, .. } = self;
        let count = self.processors.len();
        format!(
            "{processor} ({count} to use, the server on one, the load on another), Linux {kernel}, \
             TCP {congestion_control}, {compiler_flags}"
        )
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {} to use", self.processor, self.processors.len())?;
        writeln!(f, "Linux {}, TCP {}", self.kernel, self.congestion_control)?;
        writeln!(f, "{} {}", self.compiler, self.compiler_flags)?;
        match self.pair() {
            Some((server, load)) => write!(f, "server on processor {server}, load on {load}"),
            None => {
                write!(f, "ONE PROCESSOR ONLY: server and load share it, and disturb each other")
            }
        }
    }
}

/// A file's only line, or nothing.
fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default().trim().to_owned()
}

/// What follows the first `name:` in a file.
fn field(file: &str, name: &str) -> String {
    let text = read(file);
    let value = text.lines().filter_map(|line| line.split_once(':'));
    let mut value = value.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    value.next().unwrap_or_default().to_owned()
}

/// Reads a list such as `0-3,8`.
fn parse_list(list: &str) -> Vec<usize> {
    let ranges = list.split(',').filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
    });
    ranges.flatten().collect()
}
