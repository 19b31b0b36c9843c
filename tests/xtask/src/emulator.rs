//! Boards in QEMU.

use core::time::Duration;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::rust_target::{self, Library};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// What the firmware prints, once, when it can be connected to.
const GREETING: &str = "READY ";

/// How long it may take to print it.
const GREETING_LIMIT: Duration = Duration::from_secs(60);

/// A board of `embassy-listener/boards` that runs in QEMU.
pub(crate) struct Machine {
    /// Its name, and that of its folder and its program.
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    emulator: &'static str,
    /// The emulator's options for the hardware, where no network is needed.
    hardware: &'static [&'static str],
}

/// An RP2040's instruction set.
pub(crate) const ARM: Machine = Machine {
    name: "qemu-arm",
    target: "thumbv6m-none-eabi",
    emulator: "qemu-system-arm",
    hardware: &["-M", "mps2-an385"],
};

/// An ESP32-C3's instruction set.
pub(crate) const RISCV: Machine = Machine {
    name: "qemu-riscv",
    target: "riscv32imc-unknown-none-elf",
    emulator: "qemu-system-riscv32",
    hardware: &["-M", "virt", "-m", "8M", "-bios", "none"],
};

impl Machine {
    /// Builds the firmware as it ships; returns the program.
    pub(crate) fn build(&self, workspace: &Workspace) -> Result<PathBuf, Failure> {
        process::run(&mut self.cargo(workspace, "build")?, minutes(15))?;
        Ok(workspace.target(&format!("boards/{}/release/{}", self.target, self.name)))
    }

    /// Warnings are errors here.
    pub(crate) fn lint(&self, workspace: &Workspace) -> Result<(), Failure> {
        let mut clippy = self.cargo(workspace, "clippy")?;
        process::run(clippy.args(["--", "-D", "warnings"]), minutes(10))
    }

    fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Result<Command, Failure> {
        let mut command = rust_target::cargo(workspace, subcommand, self.target, Library::Core)?;
        command.current_dir(self.folder(workspace)).arg("--release");
        command.arg("--target-dir").arg(workspace.target("boards"));
        Ok(command)
    }

    /// Boots the firmware, and waits until it is ready.
    pub(crate) fn boot(&self, workspace: &Workspace) -> Result<Emulator, Failure> {
        let firmware = self.build(workspace)?;
        let address = free_address().map_err(while_doing("a free port"))?;
        let reports = self.reports(workspace)?;
        let log = reports.join("emulator.log");
        let log = File::create(&log).map_err(while_doing(log.display()))?;
        let mut command = workspace.command(self.folder(workspace).join("run.sh"));
        command.arg(firmware).env("PORT", address.port().to_string()).stderr(log);
        let (program, _) = Program::start(self.name, &mut command, GREETING, GREETING_LIMIT)?;
        Ok(Emulator { program, address })
    }

    /// Runs a program without a network, at one instruction per nanosecond of the machine's clock;
    /// returns what it prints by semihosting.
    pub(crate) fn run_counting(
        &self,
        workspace: &Workspace,
        program: &Path,
    ) -> Result<String, Failure> {
        let mut command = workspace.command(self.emulator);
        command.args(self.hardware);
        command.args(["-nographic", "-monitor", "none", "-serial", "none", "-icount", "shift=0"]);
        command.args(["-semihosting-config", "enable=on,target=native"]);
        process::capture(command.arg("-kernel").arg(program), minutes(3))
    }

    /// The folder of what suites write about this board.
    pub(crate) fn reports(&self, workspace: &Workspace) -> Result<PathBuf, Failure> {
        let folder = workspace.target(&format!("boards/{}", self.name));
        fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
        Ok(folder)
    }

    fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.path("embassy-listener/boards").join(self.name)
    }
}

/// A board that runs. It ends when this value is dropped.
pub(crate) struct Emulator {
    program: Program,
    /// Where its port 80 is on this machine.
    pub(crate) address: SocketAddr,
}

impl Emulator {
    /// Fails if it has ended: after a panic of the firmware, with what that says.
    pub(crate) fn still_runs(&mut self) -> Result<(), Failure> {
        self.program.still_runs()
    }
}

/// An address of this machine that is not in use.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
