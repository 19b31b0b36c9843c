//! Process groups: each program that a suite starts leads one, so it can be ended together with the
//! programs that it started itself.
//!
//! A terminal sends Ctrl-C to its foreground group alone, so xtask passes it on.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, exit};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::outcome::Failure;

/// The groups that have been started and not ended.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// The exit code of a program that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// Makes Ctrl-C, and a request to terminate, end all running groups before xtask itself.
pub(crate) fn end_all_when_interrupted() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        for &leader in &*running() {
            kill(leader);
        }
        exit(INTERRUPTED);
    })
    .map_err(|error| Failure::failed(format!("cannot handle Ctrl-C: {error}")))
}

/// Starts a program as the leader of a new group.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    let mut running = running();
    let child = command.process_group(0).spawn()?;
    running.insert(child.id());
    Ok(child)
}

/// Returns how a leader ended, if it has.
pub(crate) fn exit_status(leader: &mut Child) -> io::Result<Option<ExitStatus>> {
    let mut running = running();
    let status = leader.try_wait()?;
    if status.is_some() {
        running.remove(&leader.id());
    }
    Ok(status)
}

/// Ends a leader's whole group, unless the leader has ended already, and waits for the leader.
pub(crate) fn end(leader: &mut Child) {
    if matches!(exit_status(leader), Ok(Some(_))) {
        return;
    }
    let mut running = running();
    kill(leader.id());
    let _ = leader.wait();
    running.remove(&leader.id());
}

/// Ends a group whose leader has not been waited for, so that its id is not another one's by now.
fn kill(leader: u32) {
    if let Ok(id) = i32::try_from(leader) {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

fn running() -> MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
