//! The Autobahn TestSuite as a server of our client.

use crate::autobahn::server::FuzzingServer;
use crate::outcome::Outcome;
use crate::process::minutes;
use crate::workspace::Workspace;

/// Runs the cases that the listener has to pass, and those of the protocol over TLS again. The
/// reports stay in `target/autobahn-client` and `target/autobahn-client-tls`.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let plain = FuzzingServer {
        reports: "autobahn-client",
        secure: false,
        deflate: false,
        cases: &["*"],
        without: &["12.*", "13.*"],
        expected: 301,
        patience: 1,
        limit: minutes(10),
    };
    let secure = FuzzingServer {
        reports: "autobahn-client-tls",
        secure: true,
        deflate: false,
        cases: &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*"],
        without: &[],
        expected: 246,
        patience: 1,
        limit: minutes(5),
    };
    plain.run(workspace)?;
    secure.run(workspace)?;
    Ok("301 cases, 246 over TLS".to_owned())
}
