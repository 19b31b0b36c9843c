//! The Autobahn TestSuite as a server of our client.

use core::time::Duration;
use std::path::Path;

use serde_json::{Value, json};

use super::{check_report, empty_folder, wstest_command};
use crate::certificate::Certificate;
use crate::install::wstest;
use crate::outcome::Failure;
use crate::process;
use crate::server::{Server, build_client, free_port};
use crate::workspace::Workspace;

/// Which cases, and how.
pub(crate) struct FuzzingServer<'a> {
    /// The folder of the reports, inside the target folder.
    pub(crate) reports: &'a str,
    /// Whether TLS is spoken.
    pub(crate) secure: bool,
    /// Whether our client offers permessage-deflate.
    pub(crate) deflate: bool,
    /// Cases and sections: `6.4.3`, `10.*`, `*`.
    pub(crate) cases: &'a [&'a str],
    /// Those of them to leave out.
    pub(crate) without: &'a [&'a str],
    /// How many that makes.
    pub(crate) expected: usize,
    /// How many times longer than usual every case waits.
    pub(crate) patience: u32,
    /// How long all of it may take.
    pub(crate) limit: Duration,
}

impl FuzzingServer<'_> {
    /// Lets our client go through the cases and checks the report: OK or INFORMATIONAL each.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), Failure> {
        self.run_with(&wstest(workspace, false), workspace)
    }

    /// The same with the suite on PyPy, which is several times faster and knows no TLS.
    pub(crate) fn run_on_pypy(&self, workspace: &Workspace) -> Result<(), Failure> {
        self.run_with(&wstest(workspace, true), workspace)
    }

    fn run_with(&self, wstest: &Path, workspace: &Workspace) -> Result<(), Failure> {
        let client = build_client(workspace, "autobahn_client")?;
        let reports = empty_folder(workspace, self.reports)?;
        let certificate =
            self.secure.then(|| Certificate::make(workspace, &reports)).transpose()?;
        let port = free_port()?;
        let address = format!("{}://127.0.0.1:{port}", if self.secure { "wss" } else { "ws" });

        let specification = self.specification(&address, certificate.as_ref());
        let mut server = wstest_command(workspace, wstest, &reports, &specification)?;
        server.args(["--mode", "fuzzingserver", "--webport", "0"]);
        server.env("WSTEST_TIME_SCALE", self.patience.to_string());
        let log = reports.join("wstest.log");
        let server = Server::start(&mut server, port, &log)?;

        let mut client = workspace.command(client);
        client.arg(&address).args(certificate.map(|certificate| certificate.chain));
        client.args(self.deflate.then_some("--deflate"));
        process::run_logged(&mut client, self.limit, &reports.join("client.log"))?;
        drop(server);
        check_report(workspace, &reports, self.expected)
    }

    /// The server's orders. Paths are relative to the folder of the reports.
    fn specification(&self, address: &str, certificate: Option<&Certificate>) -> Value {
        let mut specification = json!({
            "outdir": ".",
            "url": address,
            "cases": self.cases,
            "exclude-cases": self.without,
            "exclude-agent-cases": {},
        });
        if let Some(Certificate { chain, key }) = certificate {
            specification["key"] = json!(key);
            specification["cert"] = json!(chain);
        }
        specification
    }
}
