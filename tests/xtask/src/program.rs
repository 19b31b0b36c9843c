//! A program that runs beside a suite, and says when it is ready.

use core::time::Duration;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use crate::certificate::Certificate;
use crate::outcome::Failure;
use crate::process::{self, Process, minutes};
use crate::workspace::Workspace;

/// A running program. It ends when this value is dropped.
pub(crate) struct Program {
    /// Its name in error messages.
    name: String,
    process: Process,
}

impl Program {
    /// Starts it, and waits for the line that begins with `greeting`; returns the rest of that
    /// line.
    pub(crate) fn start(
        name: impl Into<String>,
        command: &mut Command,
        greeting: &str,
        limit: Duration,
    ) -> Result<(Self, String), Failure> {
        let process = Process::start(command.stdout(Stdio::piped()))?;
        let mut program = Self { name: name.into(), process };
        let greeted = program.wait_for(greeting, limit)?;
        Ok((program, greeted))
    }

    /// Builds an example of the Tokio crate, for debugging, and starts it; returns where it
    /// listens.
    pub(crate) fn start_example(
        workspace: &Workspace,
        example: &str,
        features: &str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<(Self, String), Failure> {
        let mut build = workspace.cargo(["build", "--package", "websocket-listener"]);
        build.args(["--features", features, "--example", example]);
        process::run(&mut build, minutes(10))?;
        let mut command = workspace.command(workspace.target("debug/examples").join(example));
        command.args(arguments);
        Self::start(format!("the example {example}"), &mut command, "listening on ", minutes(1))
    }

    /// The example `tls`, on a free port with this certificate.
    pub(crate) fn start_tls_example(
        workspace: &Workspace,
        certificate: &Certificate,
    ) -> Result<(Self, String), Failure> {
        let arguments = ["--bind", "wss://127.0.0.1:0"].map(Into::into);
        let arguments = arguments.into_iter().chain(certificate.arguments());
        Self::start_example(workspace, "tls", "tls", arguments)
    }

    /// Its process id.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Fails if the program has ended by itself: then the peers' complaints are only a consequence.
    pub(crate) fn still_runs(&mut self) -> Result<(), Failure> {
        match self.process.exit_status()? {
            None => Ok(()),
            Some(status) => Err(Failure::failed(format!("{} died with {status}", self.name))),
        }
    }

    /// Presses Ctrl-C, and waits for its end.
    pub(crate) fn interrupt(self, limit: Duration) -> Result<ExitStatus, Failure> {
        let mut interrupt = Command::new("kill");
        process::run(interrupt.args(["-INT", &self.process_id().to_string()]), limit)?;
        self.wait(limit)
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(self, limit: Duration) -> Result<ExitStatus, Failure> {
        self.process.wait(limit)
    }

    /// Waits for a line. The pipe is emptied to its end, because the program could block on it
    /// otherwise; what comes after the greeting is shown.
    fn wait_for(&mut self, greeting: &str, limit: Duration) -> Result<String, Failure> {
        let name = self.name.clone();
        let pipe = self
            .process
            .take_stdout()
            .ok_or_else(|| Failure::failed(format!("{name} has no standard output")))?;
        let (lines, printed) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if let Err(unheard) = lines.send(line) {
                    println!("{name}: {}", unheard.0);
                }
            }
        });
        let deadline = Instant::now() + limit;
        let silence = loop {
            match printed.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(greeting) {
                        return Ok(rest.trim().to_owned());
                    }
                    println!("{}: {line}", self.name);
                }
                Err(silence) => break silence,
            }
        };
        if silence == RecvTimeoutError::Disconnected {
            // It is ending: wait a moment for its exit code, to report it.
            thread::sleep(Duration::from_millis(200));
            self.still_runs()?;
        }
        Err(Failure::failed(format!(
            "{} printed no line `{greeting}…` within {} s",
            self.name,
            limit.as_secs()
        )))
    }
}
