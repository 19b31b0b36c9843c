//! The example `tls`: its page in headless Chromium over `https://` and `wss://`, and the Autobahn
//! TestSuite's sections on the protocol.

use core::time::Duration;

use crate::autobahn::Autobahn;
use crate::certificate::Certificate;
use crate::install::{chromium, node};
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// Sections 1 to 7.
const EXPECTED_CASES: usize = 246;

/// Runs both against one listener.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.target("tls");
    std::fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let certificate = Certificate::make(workspace, &folder)?;
    let (mut listener, endpoint) = Program::start_tls_example(workspace, &certificate)?;

    let outcomes = [in_chromium(workspace, &endpoint), {
        let autobahn = Autobahn {
            reports: "autobahn-tls",
            address: &endpoint,
            cases: &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*"],
            without: &[],
            expected: EXPECTED_CASES,
            patience: 1,
            pause: Duration::ZERO,
            limit: minutes(10),
        };
        autobahn.run(workspace, || listener.still_runs())
    }];
    listener.still_runs()?;
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok(format!("Chromium, {EXPECTED_CASES} cases"))
}

fn in_chromium(workspace: &Workspace, endpoint: &str) -> Result<(), Failure> {
    let modules = node::modules(workspace);
    let browser = chromium::find()?;
    let page = endpoint.replacen("wss://", "https://", 1);
    let mut client = workspace.command("node");
    client.env("NODE_PATH", modules).arg("tests/interop/peers/chromium.js").arg(page).arg(browser);
    process::run(&mut client, minutes(3))
}
