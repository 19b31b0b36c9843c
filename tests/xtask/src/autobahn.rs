//! The Autobahn TestSuite as a client of whatever echoes; as a server, see [`server`].

pub(crate) mod server;

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::install::{python, wstest};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Which cases, against what.
pub(crate) struct Autobahn<'a> {
    /// The folder of the reports, inside the target folder.
    pub(crate) reports: &'a str,
    /// The address of the echo, as `ws://ADDRESS:PORT/PATH`.
    pub(crate) address: &'a str,
    /// Cases and sections: `6.4.3`, `10.*`, `*`.
    pub(crate) cases: &'a [&'a str],
    /// Those of them to leave out.
    pub(crate) without: &'a [&'a str],
    /// How many that makes.
    pub(crate) expected: usize,
    /// How many times longer than usual every case waits. 1, or more for slow devices.
    pub(crate) patience: u32,
    /// How long to wait between two cases, for a target that serves few connections at once.
    pub(crate) pause: Duration,
    /// How long all of it may take.
    pub(crate) limit: Duration,
}

impl Autobahn<'_> {
    /// Runs the cases and checks the report: OK or INFORMATIONAL each. Fails with what
    /// `still_runs` says if the peer died meanwhile.
    pub(crate) fn run(
        &self,
        workspace: &Workspace,
        still_runs: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.run_with(&wstest(workspace, false), workspace, still_runs)
    }

    /// The same on PyPy, which is several times faster and knows no TLS.
    pub(crate) fn run_on_pypy(
        &self,
        workspace: &Workspace,
        still_runs: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.run_with(&wstest(workspace, true), workspace, still_runs)
    }

    fn run_with(
        &self,
        wstest: &Path,
        workspace: &Workspace,
        still_runs: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let reports = empty_folder(workspace, self.reports)?;
        let mut client = wstest_command(workspace, wstest, &reports, &self.specification())?;
        client.args(["--mode", "fuzzingclient"]);
        client.env("WSTEST_TIME_SCALE", self.patience.to_string());
        client.env("WSTEST_PAUSE", self.pause.as_secs_f64().to_string());
        let ran = process::run_logged(&mut client, self.limit, &reports.join("wstest.log"));
        still_runs()?;
        ran?;
        check_report(workspace, &reports, self.expected)
    }

    /// The client's orders. Paths are relative to the folder of the reports.
    fn specification(&self) -> Value {
        json!({
            "outdir": ".",
            "servers": [{ "agent": "websocket-listener", "url": self.address }],
            "cases": self.cases,
            "exclude-cases": self.without,
            "exclude-agent-cases": {},
        })
    }
}

/// A folder inside the target folder, without what the last run left in it.
fn empty_folder(workspace: &Workspace, name: &str) -> Result<PathBuf, Failure> {
    let folder = workspace.target(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    Ok(folder)
}

/// `wstest` with this specification, in the folder of the reports.
fn wstest_command(
    workspace: &Workspace,
    wstest: &Path,
    reports: &Path,
    specification: &Value,
) -> Result<Command, Failure> {
    let file = reports.join("specification.json");
    fs::write(&file, format!("{specification:#}\n")).map_err(while_doing(file.display()))?;
    let mut command = workspace.command(wstest);
    command.current_dir(reports).arg("--spec").arg(&file);
    Ok(command)
}

/// OK or INFORMATIONAL, every case, and as many as expected.
fn check_report(workspace: &Workspace, reports: &Path, expected: usize) -> Result<(), Failure> {
    let mut check = workspace.command(python::interpreter(workspace));
    check.arg("tests/interop/autobahn/check_report.py").arg(reports.join("index.json"));
    process::run(check.arg(expected.to_string()), minutes(1)).map_err(|_| {
        Failure::failed(format!(
            "Autobahn found faults, see {}",
            reports.join("index.html").display()
        ))
    })
}
