//! Running other programs: each under a time limit, each ended by its own id together with the
//! programs it started.

use core::time::Duration;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use crate::outcome::{Failure, while_doing};

/// How often a running program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How many lines of a failed program's log are shown.
const SHOWN: usize = 60;

/// Minutes, as limits are written.
pub(crate) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// Runs a program to its end, its output shown as it comes. An exit code other than 0 is a failure.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<(), Failure> {
    let shown = shown(command);
    println!("$ {shown}");
    finish(start(command)?, &shown, limit)
}

/// Like [`run`], with standard output and error going to a file. The end of it is shown if it fails.
pub(crate) fn run_logged(
    command: &mut Command,
    limit: Duration,
    log: &Path,
) -> Result<(), Failure> {
    let shown = shown(command);
    println!("$ {shown} > {}", log.display());
    let file = File::create(log).map_err(while_doing(log.display()))?;
    let copy = file.try_clone().map_err(while_doing(log.display()))?;
    finish(start(command.stdout(file).stderr(copy))?, &shown, limit).inspect_err(|_| {
        let text = fs::read(log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let end = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
        println!("the end of {}:\n{}", log.display(), end.join("\n"));
    })
}

/// Runs a program to its end, whatever its exit code is.
pub(crate) fn status(command: &mut Command, limit: Duration) -> Result<ExitStatus, Failure> {
    let shown = shown(command);
    println!("$ {shown}");
    wait(&mut start(command)?, &shown, limit)
}

/// Runs a program to its end and returns what it wrote to standard output. Not for long outputs.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<String, Failure> {
    let shown = shown(command);
    let mut child = start(command.stdout(Stdio::piped()))?;
    let mut pipe = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        pipe.as_mut().map(|pipe| pipe.read_to_string(&mut text));
        text
    });
    finish(child, &shown, limit)?;
    reader.join().map_err(|_| Failure::failed(format!("{shown}: its output could not be read")))
}

/// The path of the program of this name, if the machine has one.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether the machine has a program of this name.
pub(crate) fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Ends a program and everything it started, and waits for it. Does nothing if it has already
/// ended.
pub(crate) fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    for descendant in descendants(child.id()) {
        let _ = Command::new("kill")
            .args(["-KILL", &descendant.to_string()])
            .stderr(Stdio::null())
            .status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Starts a program.
pub(crate) fn start(command: &mut Command) -> Result<Child, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.spawn().map_err(while_doing(format!("cannot start `{program}`")))
}

/// Waits for a program to end well within its limit.
fn finish(mut child: Child, shown: &str, limit: Duration) -> Result<(), Failure> {
    let status = wait(&mut child, shown, limit)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::failed(format!("`{shown}` ended with {status}")))
}

/// Waits for a program to end within its limit.
pub(crate) fn wait(child: &mut Child, shown: &str, limit: Duration) -> Result<ExitStatus, Failure> {
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK_EVERY),
            Ok(None) => {
                end(child);
                return Err(Failure::failed(format!(
                    "`{shown}` was ended after {} s",
                    limit.as_secs()
                )));
            }
            Err(error) => return Err(Failure::failed(format!("`{shown}`: {error}"))),
        }
    }
}

/// The program and its arguments as one would type them, long paths cut to the last part.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text =
        program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// The ids of all programs that a program started, directly or not, from Linux's `/proc`; elsewhere
/// none.
fn descendants(ancestor: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let state = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // `id (name) state parent …`, and a name may hold anything.
            let parent = state.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|pair| pair.1 == parent).map(|pair| pair.0));
        next += 1;
    }
    found.split_off(1)
}
