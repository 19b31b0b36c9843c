//! An echo listener as a running program, built as it ships, on a free port of this machine.

use core::time::Duration;

use crate::outcome::Failure;
use crate::process;
use crate::program::Program;
use crate::workspace::Workspace;

/// The words that the program prints, once, before the address it listens on.
const GREETING: &str = "listening on ";

/// The most time that the program may take to print them.
const GREETING_LIMIT: Duration = Duration::from_secs(30);

/// A free port of this machine.
const LOCAL: [&str; 4] = ["--bind", "127.0.0.1", "--port", "0"];

/// A running program. It ends when this value is dropped.
pub(crate) struct Listener {
    program: Program,
    address: String,
}

impl Listener {
    /// Builds and starts the suites' own echo, which has limits wide enough for Autobahn.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start_with(workspace, &[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(workspace: &Workspace, arguments: &[&str]) -> Result<Self, Failure> {
        let build = ["--package", "websocket-listener-echo"];
        Self::build_and_start(workspace, "echo-listener", &build, "release", arguments)
    }

    /// The same of the example `echo`, which has a page.
    pub(crate) fn start_echo(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start_example(workspace, "echo", "", &LOCAL)
    }

    /// The same of the example `deflate`, which compresses.
    pub(crate) fn start_deflate(
        workspace: &Workspace,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        Self::start_example(workspace, "deflate", "deflate", &[&LOCAL, arguments].concat())
    }

    /// The example `http2`, without TLS.
    pub(crate) fn start_http2(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start_example(workspace, "http2", "h2,tls", &["--bind", "ws://127.0.0.1:0"])
    }

    fn start_example(
        workspace: &Workspace,
        example: &str,
        features: &str,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        let package = ["--package", "websocket-listener"];
        let build = [&package[..], &["--example", example, "--features", features]].concat();
        Self::build_and_start(workspace, example, &build, "release/examples", arguments)
    }

    fn build_and_start(
        workspace: &Workspace,
        name: &str,
        build: &[&str],
        folder: &str,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        let mut building = workspace.cargo(["build", "--release"]);
        process::run(building.args(build), process::minutes(20))?;

        let mut command = workspace.command(workspace.target(folder).join(name));
        let (program, address) =
            Program::start(name, command.args(arguments), GREETING, GREETING_LIMIT)?;
        println!("{name} is listening on {address}");
        Ok(Self { program, address })
    }

    /// Where it listens, as `ws://127.0.0.1:PORT/`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it listens, as `127.0.0.1:PORT`.
    pub(crate) fn socket_address(&self) -> &str {
        self.address.trim_start_matches("ws://").trim_end_matches('/')
    }

    /// The program's process id.
    pub(crate) fn process_id(&self) -> u32 {
        self.program.process_id()
    }

    /// Fails if the program has ended by itself: then the peers' complaints are only a consequence.
    pub(crate) fn still_runs(&mut self) -> Result<(), Failure> {
        self.program.still_runs()
    }
}
