//! The Autobahn TestSuite as a client of an echo on our listener.

use core::time::Duration;

use crate::autobahn::Autobahn;
use crate::listener::Listener;
use crate::outcome::Outcome;
use crate::process::minutes;
use crate::workspace::Workspace;

/// Sections 1 to 7, 9 and 10. The other two, 12 and 13, are of permessage-deflate.
const EXPECTED_CASES: usize = 301;

/// Runs the cases and checks the report, which stays in `target/autobahn`.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut listener = Listener::start(workspace)?;
    let address = listener.address().to_owned();
    let autobahn = Autobahn {
        reports: "autobahn",
        address: &address,
        cases: &["*"],
        without: &["12.*", "13.*"],
        expected: EXPECTED_CASES,
        patience: 1,
        pause: Duration::ZERO,
        limit: minutes(10),
    };
    autobahn.run(workspace, || listener.still_runs())?;
    Ok(format!("{EXPECTED_CASES} cases"))
}
