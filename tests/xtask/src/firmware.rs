//! The boards of `embassy-listener/boards` that one can buy.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::install::rust_target::{self, Library};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// A board whose firmware can be built.
pub(crate) struct Firmware {
    /// Its name, and that of its folder and its program.
    pub(crate) name: &'static str,
    target: &'static str,
    library: Library,
}

/// W5500-EVB-Pico.
pub(crate) const RP2040_W5500: Firmware =
    Firmware { name: "rp2040-w5500", target: "thumbv6m-none-eabi", library: Library::Core };

/// W5500-EVB-Pico, with the whole program that the board guide shows.
pub(crate) const HELLO: Firmware =
    Firmware { name: "hello", target: "thumbv6m-none-eabi", library: Library::Core };

/// Raspberry Pi Pico W.
pub(crate) const RP2040_PICOW: Firmware =
    Firmware { name: "rp2040-picow", target: "thumbv6m-none-eabi", library: Library::Core };

/// Any with an ESP32-C3. Its radio uses a heap.
pub(crate) const ESP32C3: Firmware =
    Firmware { name: "esp32c3", target: "riscv32imc-unknown-none-elf", library: Library::Alloc };

impl Firmware {
    /// Builds it as it ships, for a WiFi network that does not exist; returns the program.
    pub(crate) fn build(&self, workspace: &Workspace) -> Result<PathBuf, Failure> {
        process::run(&mut self.cargo(workspace, "build")?, minutes(20))?;
        Ok(workspace.target(&format!("boards/{}/release/{}", self.target, self.name)))
    }

    /// Warnings are errors here.
    pub(crate) fn lint(&self, workspace: &Workspace) -> Result<(), Failure> {
        let mut clippy = self.cargo(workspace, "clippy")?;
        process::run(clippy.args(["--", "-D", "warnings"]), minutes(20))
    }

    fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Result<Command, Failure> {
        let mut command = rust_target::cargo(workspace, subcommand, self.target, self.library)?;
        command.current_dir(workspace.path("embassy-listener/boards").join(self.name));
        command.arg("--release").arg("--target-dir").arg(workspace.target("boards"));
        command.env("WIFI_SSID", "network").env("WIFI_PASSWORD", "password");
        command.env("CYW43_NVRAM", empty_settings(workspace)?);
        Ok(command)
    }
}

/// Stands for the settings of the Pico W's radio, which a user supplies: enough to build, not to run.
fn empty_settings(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target("boards");
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let file = folder.join("nvram-placeholder.bin");
    if !file.is_file() {
        fs::write(&file, []).map_err(while_doing(file.display()))?;
    }
    Ok(file)
}
