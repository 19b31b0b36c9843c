//! The Autobahn TestSuite as a client of whatever echoes.

use core::time::Duration;
use std::fs;

use crate::install::python;
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Which cases, against what.
pub(crate) struct Autobahn<'a> {
    /// The folder of the reports, inside the target folder.
    pub(crate) reports: &'a str,
    /// Where it echoes, as `ws://ADDRESS:PORT/PATH`.
    pub(crate) address: &'a str,
    /// Cases and sections: `6.4.3`, `10.*`, `*`.
    pub(crate) cases: &'a [&'a str],
    /// Those of them to leave out.
    pub(crate) without: &'a [&'a str],
    /// How many that makes.
    pub(crate) expected: usize,
    /// How many times longer than usual every case waits. 1, or more for slow devices.
    pub(crate) patience: u32,
    /// How long all of it may take.
    pub(crate) limit: Duration,
}

impl Autobahn<'_> {
    /// Runs the cases and judges the report: OK or INFORMATIONAL each. Fails with what
    /// `still_runs` says if the peer died meanwhile.
    pub(crate) fn run(
        &self,
        workspace: &Workspace,
        still_runs: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let python = python::environment(workspace)?;
        let folder = workspace.tool("autobahn");
        let mut install = workspace.command("bash");
        install.arg("tests/autobahn/install.sh").arg(&folder).arg(&python);
        process::run(&mut install, minutes(10)).map_err(Failure::of_installation)?;

        let reports = workspace.target(self.reports);
        let _ = fs::remove_dir_all(&reports);
        fs::create_dir_all(&reports).map_err(while_doing(reports.display()))?;
        let specification = reports.join("specification.json");
        fs::write(&specification, self.specification())
            .map_err(while_doing(specification.display()))?;

        let mut client = workspace.command(folder.join("bin/wstest"));
        client.current_dir(&reports).env("WSTEST_TIME_SCALE", self.patience.to_string());
        client.args(["--mode", "fuzzingclient", "--spec"]).arg(&specification);
        let ran = process::run_logged(&mut client, self.limit, &reports.join("wstest.log"));
        still_runs()?;
        ran?;

        let index = reports.join("index.json");
        let mut judge = workspace.command(&python);
        judge.arg("tests/autobahn/check_report.py").arg(&index).arg(self.expected.to_string());
        process::run(&mut judge, minutes(1)).map_err(|_| {
            Failure::failed(format!(
                "Autobahn found faults, see {}",
                reports.join("index.html").display()
            ))
        })
    }

    /// The client's orders. Paths are relative to the folder of the reports.
    fn specification(&self) -> String {
        format!(
            r#"{{
  "outdir": ".",
  "servers": [{{"agent": "websocket-listener", "url": "{}"}}],
  "cases": {:?},
  "exclude-cases": {:?},
  "exclude-agent-cases": {{}}
}}
"#,
            self.address, self.cases, self.without
        )
    }
}
