//! What inetd does: listens, and starts an instance of a program for each connection, which is its
//! standard input and output.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::io::{self, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::outcome::{Failure, while_doing};
use crate::workspace::Workspace;

/// How long a peer may take to end its side, once ours has ended.
const LINGER: Duration = Duration::from_secs(5);

/// A listener on a port of this machine. It ends when it is [stopped](Self::stop), or dropped.
pub(super) struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    /// Runs a WASI program.
    runtime: PathBuf,
    program: PathBuf,
    stopped: AtomicBool,
    served: AtomicUsize,
    /// What went wrong that no peer is to blame for.
    faults: Mutex<Vec<String>>,
}

impl Host {
    /// Serves from now on.
    pub(super) fn start(workspace: &Workspace, program: PathBuf) -> Result<Self, Failure> {
        let listener =
            TcpListener::bind("127.0.0.1:0").map_err(while_doing("a loopback socket"))?;
        let address = listener.local_addr().map_err(while_doing("a loopback socket"))?;
        let shared = Arc::new(Shared {
            runtime: workspace.path("tests/interop/peers/wasi.mjs"),
            program,
            stopped: AtomicBool::new(false),
            served: AtomicUsize::new(0),
            faults: Mutex::default(),
        });
        let accepting = Some(thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        }));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub(super) fn socket_address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as `ws://127.0.0.1:PORT/`.
    pub(super) fn address(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Fails if an instance has trapped, or could not be started.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let faults = self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match faults.first() {
            None => Ok(()),
            Some(first) => Err(Failure::failed(format!("{} faults, first {first}", faults.len()))),
        }
    }

    /// Accepts no more, waits for the connections to end, and tells how many there were.
    pub(super) fn stop(mut self) -> Result<usize, Failure> {
        self.end();
        self.check()?;
        Ok(self.shared.served.load(Ordering::Relaxed))
    }

    fn end(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        // Whatever it accepts next wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves every connection on a thread of its own, until the host is stopped.
fn accept(listener: &TcpListener, shared: &Shared) {
    thread::scope(|scope| {
        for connection in listener.incoming() {
            if shared.stopped.load(Ordering::Acquire) {
                return;
            }
            scope.spawn(move || {
                if let Err(fault) = connection.and_then(|stream| serve(&stream, shared)) {
                    shared
                        .faults
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(fault.to_string());
                }
            });
        }
    });
}

/// Runs an instance on the connection, then closes that so that the peer gets all that was sent: the
/// sending side first, and the other when the peer has closed too.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let status = instance(shared)
        .stdin(OwnedFd::from(stream.try_clone()?))
        .stdout(OwnedFd::from(stream.try_clone()?))
        .status()?;
    shared.served.fetch_add(1, Ordering::Relaxed);

    // The instance has left it in another mode.
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LINGER))?;
    let _ = stream.shutdown(Shutdown::Write);
    let deadline = Instant::now() + LINGER;
    let mut rest = [0; 4096];
    while Instant::now() < deadline && matches!((&*stream).read(&mut rest), Ok(1..)) {}

    // 1 is for a peer that broke the rules, or went away.
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(io::Error::other(format!("an instance ended with {status}"))),
    }
}

/// The program under Node's WASI, which warns that it is experimental.
fn instance(shared: &Shared) -> Command {
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(&shared.runtime).arg(&shared.program).stderr(Stdio::null());
    command
}
