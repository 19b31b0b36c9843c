//! The Autobahn TestSuite as a client of the `echo` example.

use std::fs;

use crate::install::python;
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// Sections 1 to 7, 9 and 10. The other two, 12 and 13, are of permessage-deflate.
const EXPECTED_CASES: usize = 301;

/// Runs the cases and judges the report, which stays in `target/autobahn`.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let python = python::environment(workspace)?;
    let folder = workspace.tool("autobahn");
    let mut install = workspace.command("bash");
    install.arg("tests/autobahn/install.sh").arg(&folder).arg(&python);
    process::run(&mut install, minutes(10)).map_err(Failure::of_installation)?;

    let reports = workspace.target("autobahn");
    let _ = fs::remove_dir_all(&reports);
    fs::create_dir_all(&reports).map_err(while_doing(reports.display()))?;
    let mut listener = Listener::start(workspace)?;
    let specification = reports.join("specification.json");
    fs::write(&specification, specify(listener.address()))
        .map_err(while_doing(specification.display()))?;

    let mut client = workspace.command(folder.join("bin/wstest"));
    client.current_dir(&reports).args(["--mode", "fuzzingclient", "--spec"]).arg(&specification);
    let ran = process::run_logged(&mut client, minutes(10), &reports.join("wstest.log"));
    listener.still_runs()?;
    ran?;

    let index = reports.join("index.json");
    let mut judge = workspace.command(&python);
    judge.arg("tests/autobahn/check_report.py").arg(&index).arg(EXPECTED_CASES.to_string());
    process::run(&mut judge, minutes(1)).map_err(|_| {
        Failure::failed(format!(
            "Autobahn found faults, see {}",
            reports.join("index.html").display()
        ))
    })?;
    Ok(format!("{EXPECTED_CASES} cases"))
}

/// The client's orders. Paths are relative to the folder of the reports.
fn specify(address: &str) -> String {
    format!(
        r#"{{
  "outdir": ".",
  "servers": [{{"agent": "websocket-listener", "url": "{address}"}}],
  "cases": ["*"],
  "exclude-cases": ["12.*", "13.*"],
  "exclude-agent-cases": {{}}
}}
"#
    )
}
