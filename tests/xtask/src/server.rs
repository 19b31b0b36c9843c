//! A server of another project as a running program, on a port of this machine.

use core::time::Duration;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::outcome::{Failure, while_doing};
use crate::process::{self, Process, minutes};
use crate::workspace::Workspace;

/// How long a server may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running server. It ends when this value is dropped.
pub(crate) struct Server(Process);

impl Server {
    /// Starts a server that is going to listen on `port`, with its output going to a file, and waits
    /// until it does.
    pub(crate) fn start(command: &mut Command, port: u16, log: &Path) -> Result<Self, Failure> {
        let file = File::create(log).map_err(while_doing(log.display()))?;
        let copy = file.try_clone().map_err(while_doing(log.display()))?;
        let mut server = Self(Process::start(command.stdout(file).stderr(copy))?);
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.0.exit_status()?.is_some();
            if ended || Instant::now() > deadline {
                let log = log.display();
                return Err(Failure::failed(format!("the server does not listen, see {log}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }
}

/// A port that is not in use right now.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(while_doing("a free port"))?;
    Ok(listener.local_addr().map_err(while_doing("a free port"))?.port())
}

/// Builds a program around our client, an example of the tests, and returns its path.
pub(crate) fn build_client(workspace: &Workspace, name: &str) -> Result<PathBuf, Failure> {
    let mut build = workspace.cargo(["build"]);
    build.args(["--package", "websocket-listener-tests", "--example", name]);
    process::run(&mut build, minutes(20))?;
    Ok(workspace.target("debug/examples").join(name))
}
