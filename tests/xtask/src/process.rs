//! Running other programs: each under a time limit, each ended together with the programs it
//! started.

use core::time::Duration;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use crate::group;
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
    println!("$ {}", shown(command));
    Process::start(command)?.finish(limit)
}

/// Like [`run`], with standard output and error going to a file. The end of it is shown if it fails.
pub(crate) fn run_logged(
    command: &mut Command,
    limit: Duration,
    log: &Path,
) -> Result<(), Failure> {
    println!("$ {} > {}", shown(command), log.display());
    let file = File::create(log).map_err(while_doing(log.display()))?;
    let copy = file.try_clone().map_err(while_doing(log.display()))?;
    Process::start(command.stdout(file).stderr(copy))?.finish(limit).inspect_err(|_| {
        let text = fs::read(log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let end = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
        println!("the end of {}:\n{}", log.display(), end.join("\n"));
    })
}

/// Runs a program to its end, whatever its exit code is.
pub(crate) fn status(command: &mut Command, limit: Duration) -> Result<ExitStatus, Failure> {
    println!("$ {}", shown(command));
    Process::start(command)?.wait(limit)
}

/// Runs a program to its end and returns what it wrote to standard output. Not for long outputs.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<String, Failure> {
    let mut process = Process::start(command.stdout(Stdio::piped()))?;
    let shown = process.shown.clone();
    let mut pipe = process.take_stdout();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        pipe.as_mut().map(|pipe| pipe.read_to_string(&mut text));
        text
    });
    process.finish(limit)?;
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

/// A running program. It is ended when this value is dropped, with all programs of its group.
pub(crate) struct Process {
    child: Child,
    /// Its command in error messages.
    shown: String,
}

impl Process {
    /// Starts a program in a group of its own.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child =
            group::start(command).map_err(while_doing(format!("cannot start `{program}`")))?;
        Ok(Self { child, shown: shown(command) })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, if that is a pipe that has not been taken.
    pub(crate) fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard output, if that is a pipe that has not been taken.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// How it ended, if it has.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>, Failure> {
        group::exit_status(&mut self.child).map_err(while_doing(format!("`{}`", self.shown)))
    }

    /// Waits until it ends by itself, which is to be within the limit.
    pub(crate) fn wait(mut self, limit: Duration) -> Result<ExitStatus, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.exit_status()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                let limit = limit.as_secs();
                return Err(Failure::failed(format!("`{}` was ended after {limit} s", self.shown)));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until it ends well.
    fn finish(self, limit: Duration) -> Result<(), Failure> {
        let shown = self.shown.clone();
        let status = self.wait(limit)?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::failed(format!("`{shown}` ended with {status}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        group::end(&mut self.child);
    }
}

/// The program and its arguments as one would type them, the program's path cut to its last part.
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

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::io::{BufRead, BufReader, Read};
    use std::process::{ChildStdout, Command, Stdio};
    use std::time::Instant;

    use super::Process;

    /// A shell that has started another program, which also holds the pipe.
    fn parent() -> (Process, BufReader<ChildStdout>) {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo started; wait"]).stdout(Stdio::piped());
        let mut process = Process::start(&mut command).unwrap();
        let mut pipe = BufReader::new(process.take_stdout().unwrap());
        pipe.read_line(&mut String::new()).unwrap();
        (process, pipe)
    }

    /// Waits until all that hold the pipe have ended.
    fn assert_ended(mut pipe: BufReader<ChildStdout>) {
        let start = Instant::now();
        pipe.read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(300), "it ended by itself");
    }

    #[test]
    fn a_program_is_ended_with_the_programs_it_started() {
        let (process, pipe) = parent();
        drop(process);
        assert_ended(pipe);
    }

    #[test]
    fn a_program_that_exceeds_its_limit_is_ended_with_the_programs_it_started() {
        let (process, pipe) = parent();
        process.wait(Duration::from_millis(50)).unwrap_err();
        assert_ended(pipe);
    }
}
