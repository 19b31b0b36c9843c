//! The Autobahn TestSuite as a server of our client.

use core::time::Duration;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Instant;

use super::{empty_folder, install, judge, wstest_command};
use crate::install::debian;
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// How long `wstest` may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Which cases, and how.
pub(crate) struct FuzzingServer<'a> {
    /// The folder of the reports, inside the target folder.
    pub(crate) reports: &'a str,
    /// Whether TLS is spoken.
    pub(crate) secure: bool,
    /// Cases and sections: `6.4.3`, `10.*`, `*`.
    pub(crate) cases: &'a [&'a str],
    /// Those of them to leave out.
    pub(crate) without: &'a [&'a str],
    /// How many that makes.
    pub(crate) expected: usize,
    /// How long all of it may take.
    pub(crate) limit: Duration,
}

impl FuzzingServer<'_> {
    /// Lets our client go through the cases and judges the report: OK or INFORMATIONAL each.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), Failure> {
        let wstest = install(workspace)?;
        let client = build_client(workspace)?;
        let reports = empty_folder(workspace, self.reports)?;
        let certificate = self.secure.then(|| make_certificate(workspace, &reports)).transpose()?;
        let port = free_port()?;
        let address = format!("{}://127.0.0.1:{port}", if self.secure { "wss" } else { "ws" });

        let specification = self.specification(&address, certificate.as_deref());
        let mut server = wstest_command(workspace, &wstest, &reports, &specification)?;
        server.args(["--mode", "fuzzingserver", "--webport", "0"]);
        let log = reports.join("wstest.log");
        let file = std::fs::File::create(&log).map_err(while_doing(log.display()))?;
        let copy = file.try_clone().map_err(while_doing(log.display()))?;
        let mut server = Running(process::start(server.stdout(file).stderr(copy))?);
        server.wait_for(port, &log)?;

        let mut client = workspace.command(client);
        client.arg(&address).args(certificate.map(|folder| folder.join("certificate.pem")));
        process::run_logged(&mut client, self.limit, &reports.join("client.log"))?;
        drop(server);
        judge(workspace, &reports, self.expected)
    }

    /// The server's orders. Paths are relative to the folder of the reports.
    fn specification(&self, address: &str, certificate: Option<&Path>) -> String {
        let files = certificate.map_or(String::new(), |folder| {
            let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
            format!("\n  \"key\": {key:?},\n  \"cert\": {certificate:?},")
        });
        format!(
            r#"{{
  "outdir": ".",
  "url": "{address}",{files}
  "cases": {:?},
  "exclude-cases": {:?},
  "exclude-agent-cases": {{}}
}}
"#,
            self.cases, self.without
        )
    }
}

/// A program that ends when this value is dropped.
struct Running(Child);

impl Running {
    /// Waits until it listens.
    fn wait_for(&mut self, port: u16, log: &Path) -> Result<(), Failure> {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.0.try_wait().map_err(while_doing("wstest"))?.is_some();
            if ended || Instant::now() > deadline {
                let log = log.display();
                return Err(Failure::failed(format!("wstest does not listen, see {log}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        process::end(&mut self.0);
    }
}

/// Our client that echoes, as it ships.
fn build_client(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let mut build = workspace.cargo([
        "build",
        "--release",
        "--package",
        "websocket-listener-tests",
        "--example",
        "autobahn_client",
    ]);
    process::run(&mut build, minutes(20))?;
    Ok(workspace.target("release/examples/autobahn_client"))
}

/// A certificate for this machine that vouches for itself, and its key; gives their folder.
fn make_certificate(workspace: &Workspace, folder: &Path) -> Result<PathBuf, Failure> {
    debian::ensure_program(workspace, "openssl", &["openssl"])?;
    let mut make = workspace.command("openssl");
    make.current_dir(folder).stderr(Stdio::null());
    make.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    make.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    make.args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]);
    make.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    make.args(["-keyout", "key.pem", "-out", "certificate.pem"]);
    process::run(&mut make, minutes(1))?;
    Ok(folder.to_owned())
}

/// A port that nobody uses right now.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(while_doing("a free port"))?;
    Ok(listener.local_addr().map_err(while_doing("a free port"))?.port())
}
