//! As many live connections as the machine holds, both ends on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::time::Instant;

use super::machine::Machine;
use super::programs::{LOAD, build_one};
use super::running::{Server, command};
use super::setting::{self, Restored};
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::Process;
use crate::suites::memory::available_memory;
use crate::workspace::Workspace;

/// The number of connections that is aimed at.
const CONNECTIONS: u64 = 1_000_000;

/// What a connection takes with both its ends, most of it in the kernel.
const BYTES_EACH: u64 = 12 * 1024;

/// Files that a process opens besides connections.
const OTHER_FILES: u64 = 200;

/// What the server may take for each.
const RESIDENT_EACH: u64 = 2 * 1024;

const MAX_FILES: &str = "/proc/sys/fs/nr_open";

/// Opens them, pings each, broadcasts once to all, and prints what it took.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let machine = Machine::look(workspace)?;
    println!("{machine}");
    build_one(workspace, LOAD)?;
    build_one(workspace, "scale")?;

    let wanted = CONNECTIONS.min(available_memory()? / BYTES_EACH);
    let (_restored, files) = allow_files(wanted + OTHER_FILES)?;
    let per_process = files - OTHER_FILES;
    let processes = wanted.div_ceil(per_process);
    println!(
        "{wanted} connections, {processes} servers and loads: a process may open {files} files"
    );

    let mut pairs = Vec::new();
    let start = Instant::now();
    for number in 0..processes {
        let connections = per_process.min(wanted - number * per_process);
        let mut pair = Pair::start(workspace, &machine, connections)?;
        pair.wait_until("open")?;
        pairs.push(pair);
    }
    let opening = start.elapsed();
    let pinging = all_at_once(&mut pairs, "pinged")?;
    let telling = all_at_once(&mut pairs, "told")?;

    let (mut idle, mut after) = (0, 0);
    for pair in &mut pairs {
        let line = pair.finish()?;
        idle += pair.connections * figure(&line, "idle_bytes_each")?;
        after += pair.connections * figure(&line, "after_broadcast_bytes_each")?;
    }
    let (idle, after) = (idle / wanted, after / wanted);
    println!("{:<48}{wanted:>10}", "live connections, each accepted and answered");
    println!("{:<48}{idle:>10} bytes", "resident in the servers, each, idle");
    println!("{:<48}{after:>10} bytes", "the same after the broadcast");
    println!("{:<48}{:>10.1} s", "to connect and accept all", opening.as_secs_f64());
    println!("{:<48}{:>10.1} s", "to ping each and be answered", pinging);
    println!("{:<48}{:>10.2} s", "until all had the broadcast of 128 bytes", telling);
    if idle.max(after) > RESIDENT_EACH {
        return Err(Failure::failed(format!("more than {RESIDENT_EACH} bytes a connection")));
    }
    Ok(format!("{wanted} connections, {idle} bytes each, no failure"))
}

/// Lets all loads continue, and returns the seconds until all have got there.
fn all_at_once(pairs: &mut [Pair], here: &str) -> Result<f64, Failure> {
    let start = Instant::now();
    for pair in &mut *pairs {
        pair.go_on()?;
    }
    for pair in pairs {
        pair.wait_until(here)?;
    }
    Ok(start.elapsed().as_secs_f64())
}

/// A server and its load.
struct Pair {
    connections: u64,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
    // In the order in which they end.
    _load: Process,
    _server: Server,
}

impl Pair {
    fn start(workspace: &Workspace, machine: &Machine, connections: u64) -> Result<Self, Failure> {
        let (servers, loads) = machine.pair().unzip();
        let (servers, loads) = (Vec::from_iter(servers), Vec::from_iter(loads));
        let server = Server::start(command(workspace, "scale", &servers))?;
        let mut load = command(workspace, LOAD, &loads);
        load.args(["--address", &server.address, "--process", &server.process.id().to_string()]);
        load.args(["scale", &connections.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut load = Process::start(&mut load)?;
        let (Some(orders), Some(reports)) = (load.take_stdin(), load.take_stdout()) else {
            return Err(Failure::failed("the load has no standard input and output"));
        };
        let reports = BufReader::new(reports);
        Ok(Self { connections, orders, reports, _load: load, _server: server })
    }

    fn go_on(&mut self) -> Result<(), Failure> {
        self.orders.write_all(b"\n").map_err(while_doing("the load's input"))
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        self.reports.read_line(&mut line).map_err(while_doing("the load's output"))?;
        Ok(line.trim().to_owned())
    }

    fn wait_until(&mut self, here: &str) -> Result<(), Failure> {
        match self.line()? {
            line if line == here => Ok(()),
            line => Err(Failure::failed(format!("not `{here}` but `{line}`"))),
        }
    }

    fn finish(&mut self) -> Result<String, Failure> {
        self.go_on()?;
        self.line()
    }
}

/// The number after `name=` in a load's line.
fn figure(line: &str, name: &str) -> Result<u64, Failure> {
    let figures = line.split(' ').filter_map(|word| word.split_once('='));
    let mut found = figures.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let value = found.next().and_then(|value| value.parse().ok());
    value.ok_or_else(|| Failure::failed(format!("no {name} in `{line}`")))
}

/// Lets the programs that are started open this many files each, or as many as permitted; returns
/// how many.
fn allow_files(wanted: u64) -> Result<(Option<Restored>, u64), Failure> {
    let most: u64 = fs::read_to_string(MAX_FILES)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| Failure::failed(format!("unreadable {MAX_FILES}")))?;
    let restored =
        if most < wanted { setting::change(MAX_FILES, &wanted.to_string()) } else { None };
    if rlimit::setrlimit(rlimit::Resource::NOFILE, wanted, wanted).is_ok() {
        return Ok((restored, wanted));
    }
    let files = rlimit::increase_nofile_limit(wanted).map_err(while_doing("open files"))?;
    if files <= 2 * OTHER_FILES {
        return Err(Failure::not_run(format!("a process may open {files} files only")));
    }
    Ok((restored, files))
}
