//! A W5500-EVB-Pico in rp2040js, with a network of its own.

use core::time::Duration;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use crate::install::node;
use crate::outcome::{Failure, while_doing};
use crate::process::{self, Process};
use crate::program::Program;
use crate::workspace::Workspace;

/// What the firmware prints, once, when it can be connected to.
const GREETING: &str = "READY ";

/// How long it may take to print it.
const GREETING_LIMIT: Duration = Duration::from_secs(90);

/// How long the network may take to be there.
const NETWORK_LIMIT: Duration = Duration::from_secs(20);

/// A board that runs. It ends when this value is dropped.
pub(crate) struct Rp2040 {
    // In the order in which they end.
    program: Program,
    _network: Network,
    /// Where its port 80 is on this machine.
    pub(crate) address: SocketAddr,
}

impl Rp2040 {
    /// Boots a firmware, and waits until it is ready.
    pub(crate) fn boot(workspace: &Workspace, firmware: &Path) -> Result<Self, Failure> {
        let modules = node::modules(workspace);
        let network = Network::start(workspace)?;
        let address = network.address;
        let log = workspace.target("boards/rp2040js.log");
        let log = File::create(&log).map_err(while_doing(log.display()))?;
        let mut command = workspace.command("node");
        command.env("NODE_PATH", modules).arg("tests/interop/rp2040/board.js").arg(firmware);
        command.arg(&network.socket).stderr(log);
        let (program, _) = Program::start("rp2040-w5500", &mut command, GREETING, GREETING_LIMIT)?;
        Ok(Self { program, _network: network, address })
    }

    /// Fails if it has ended: after a panic of the firmware, with what that says.
    pub(crate) fn still_runs(&mut self) -> Result<(), Failure> {
        self.program.still_runs()
    }
}

/// passt: Ethernet on a Unix socket at one end, this machine's TCP at the other.
struct Network {
    process: Process,
    socket: PathBuf,
    address: SocketAddr,
}

impl Network {
    fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(while_doing("a free port"))?;
        // Not in the target folder, whose path may be longer than a socket's.
        let name = format!("websocket-listener-{}.socket", std::process::id());
        let socket = std::env::temp_dir().join(name);
        let _ = fs::remove_file(&socket);
        let log = workspace.target("boards/passt.log");
        let log = File::create(&log).map_err(while_doing(log.display()))?;

        let mut command = workspace.command("passt");
        command.args(["--foreground", "--stderr", "--quiet", "--ipv4-only", "--mtu", "1500"]);
        command.args(["--address", "10.77.0.2", "--netmask", "24", "--gateway", "10.77.0.1"]);
        command.args(["--udp-ports", "none", "--tcp-ports"]).arg(forwarding(address));
        command.arg("--socket").arg(&socket).stderr(log);
        if process::capture(workspace.command("id").arg("-u"), NETWORK_LIMIT)?.trim() == "0" {
            // Else it would become a user that may not open the socket.
            command.args(["--runas", "0"]);
        }
        let network = Self { process: Process::start(&mut command)?, socket, address };
        network.wait()
    }

    /// Waits until the board can be connected.
    fn wait(mut self) -> Result<Self, Failure> {
        let deadline = Instant::now() + NETWORK_LIMIT;
        while !self.socket.exists() {
            let ended = self.process.exit_status()?.is_some();
            if ended || Instant::now() > deadline {
                return Err(Failure::failed("passt does not run, see boards/passt.log"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

/// Where the board's port 80 is.
fn forwarding(address: SocketAddr) -> String {
    format!("{}/{}:80", address.ip(), address.port())
}
