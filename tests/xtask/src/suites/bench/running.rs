//! One measurement: a fresh server, and the load generator beside it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::Plan;
use super::contestants::Contestant;
use super::machine::Machine;
use super::programs::{LOAD, program};
use super::workloads::{Run, Workload};
use crate::outcome::{Failure, while_doing};
use crate::process::{self, Process, minutes};
use crate::workspace::Workspace;

/// What a server prints before its address.
const GREETING: &str = "listening on ";

/// Everything that a measurement needs to know.
pub(super) struct Bench<'a> {
    workspace: &'a Workspace,
    processors: Option<(usize, usize)>,
    plan: &'a Plan,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        machine: &Machine,
        plan: &'a Plan,
    ) -> Result<Self, Failure> {
        // The programs inherit it, and a connection is a file to each of them.
        rlimit::increase_nofile_limit(u64::MAX).map_err(while_doing("open files"))?;
        Ok(Self { workspace, processors: machine.pair(), plan })
    }

    /// Measures one server after the other, all of one contestant, under one workload. Returns a
    /// value for each of the workload's rows, or none if there is no server.
    pub(super) fn measure(
        &self,
        contestant: &Contestant,
        workload: &Workload,
        runs: &[Run],
    ) -> Result<Vec<f64>, Failure> {
        let answers = runs.iter().map(|run| {
            let server = self.start(run)?;
            self.load(&server, contestant, workload)
        });
        workload.values(&answers.collect::<Result<Vec<_>, _>>()?)
    }

    fn start(&self, run: &Run) -> Result<Server, Failure> {
        let processors = match self.processors {
            Some((server, load)) if run.on_both => vec![server, load],
            Some((server, _)) => vec![server],
            None => Vec::new(),
        };
        let mut server = command(self.workspace, &run.program, &processors);
        server.args(&run.arguments);
        Server::start(server)
    }

    /// What the load generator reports of the server.
    fn load(
        &self,
        server: &Server,
        contestant: &Contestant,
        workload: &Workload,
    ) -> Result<String, Failure> {
        let processor: Vec<usize> = self.processors.iter().map(|pair| pair.1).collect();
        let mut load = command(self.workspace, LOAD, &processor);
        load.args(["--address", &server.address, "--process", &server.process.id().to_string()]);
        load.args(["--warm-up", &self.plan.warm_up.as_secs_f64().to_string()]);
        load.args(["--window", &self.plan.window.as_secs_f64().to_string()]);
        if contestant.is_raw {
            load.arg("--raw");
        }
        if contestant.streams {
            load.arg("--fragments");
        }
        load.args(workload.arguments());
        process::capture(&mut load, minutes(2))
    }
}

/// One of the benchmark's programs, bound to these processors if there are any.
pub(super) fn command(workspace: &Workspace, name: &str, processors: &[usize]) -> Command {
    let program = program(workspace, name);
    if processors.is_empty() {
        return workspace.command(program);
    }
    let list: Vec<String> = processors.iter().map(usize::to_string).collect();
    let mut command = workspace.command("taskset");
    command.args(["--cpu-list", &list.join(",")]).arg(program);
    command
}

/// A running server. It ends when this value is dropped.
pub(super) struct Server {
    pub(super) process: Process,
    /// Where it listens, as `127.0.0.1:PORT`.
    pub(super) address: String,
}

impl Server {
    pub(super) fn start(mut command: Command) -> Result<Self, Failure> {
        let process = Process::start(command.stdout(Stdio::piped()))?;
        let mut server = Self { process, address: String::new() };
        let mut line = String::new();
        if let Some(pipe) = server.process.take_stdout() {
            BufReader::new(pipe)
                .read_line(&mut line)
                .map_err(while_doing("the server's output"))?;
        }
        let address = line.trim().strip_prefix(GREETING);
        let address = address.ok_or_else(|| Failure::failed("the server told no address"))?;
        address.clone_into(&mut server.address);
        Ok(server)
    }
}
