//! The `echo` example as a running program: built as it ships, on a free port of this machine.

use core::time::Duration;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use crate::outcome::{Failure, while_doing};
use crate::process;
use crate::workspace::Workspace;

/// What the example prints, once, before the address it listens on.
const GREETING: &str = "listening on ";

/// How long the example may take to print it.
const GREETING_LIMIT: Duration = Duration::from_secs(30);

/// A running `echo` example. It ends when this value is dropped.
pub(crate) struct Listener {
    child: Child,
    address: String,
}

impl Listener {
    /// Builds the example in release and starts it.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start_with(workspace, &[])
    }

    /// Builds the example in release and starts it with further arguments.
    pub(crate) fn start_with(workspace: &Workspace, arguments: &[&str]) -> Result<Self, Failure> {
        let mut build = workspace.cargo([
            "build",
            "--release",
            "--package",
            "websocket-listener",
            "--example",
            "echo",
        ]);
        process::run(&mut build, process::minutes(20))?;

        let program = workspace.target("release/examples/echo");
        let mut command = workspace.command(program);
        command.args(["--bind", "127.0.0.1", "--port", "0"]).args(arguments);
        command.stdout(Stdio::piped());
        let mut listener = Self { child: process::start(&mut command)?, address: String::new() };
        listener.address = listener.read_address()?;
        println!("echo is listening on {}", listener.address);
        Ok(listener)
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
        self.child.id()
    }

    /// Fails if the program has ended by itself: then the peers' complaints are only a consequence.
    pub(crate) fn still_runs(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                Err(Failure::failed(format!("the echo example died with {status}")))
            }
            Err(error) => Err(while_doing("the echo example")(error)),
        }
    }

    /// Waits for the line that tells the address. The pipe is emptied to its end, or the program
    /// could block on it.
    fn read_address(&mut self) -> Result<String, Failure> {
        let pipe = self
            .child
            .stdout
            .take()
            .ok_or_else(|| Failure::failed("the echo example has no standard output"))?;
        let (lines, greeting) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let deadline = Instant::now() + GREETING_LIMIT;
        let silence = loop {
            match greeting.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(address) = line.strip_prefix(GREETING) {
                        return Ok(address.trim().to_owned());
                    }
                }
                Err(silence) => break silence,
            }
        };
        if silence == RecvTimeoutError::Disconnected {
            // It is ending: a moment, and its exit code is there to be told.
            thread::sleep(Duration::from_millis(200));
            self.still_runs()?;
        }
        Err(Failure::failed(format!(
            "the echo example printed no line `{GREETING}ws://…` within {} s",
            GREETING_LIMIT.as_secs()
        )))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        process::end(&mut self.child);
    }
}
