//! The `echo` example, or one like it, as a running program: built as it ships, on a free port of this machine.

use core::time::Duration;

use crate::outcome::Failure;
use crate::process;
use crate::program::Program;
use crate::workspace::Workspace;

/// What the example prints, once, before the address it listens on.
const GREETING: &str = "listening on ";

/// How long the example may take to print it.
const GREETING_LIMIT: Duration = Duration::from_secs(30);

/// A free port of this machine.
const LOCAL: [&str; 4] = ["--bind", "127.0.0.1", "--port", "0"];

/// A running example. It ends when this value is dropped.
pub(crate) struct Listener {
    program: Program,
    address: String,
}

impl Listener {
    /// Builds the example in release and starts it.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start_with(workspace, &[])
    }

    /// Builds the example in release and starts it with further arguments.
    pub(crate) fn start_with(workspace: &Workspace, arguments: &[&str]) -> Result<Self, Failure> {
        Self::start_example(workspace, "echo", "", &[&LOCAL, arguments].concat())
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
        let mut build = workspace.cargo([
            "build",
            "--release",
            "--package",
            "websocket-listener",
            "--example",
            example,
            "--features",
            features,
        ]);
        process::run(&mut build, process::minutes(20))?;

        let program = workspace.target("release/examples").join(example);
        let mut command = workspace.command(program);
        let name = format!("the example {example}");
        let (program, address) =
            Program::start(name, command.args(arguments), GREETING, GREETING_LIMIT)?;
        println!("{example} is listening on {address}");
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
