//! The README, followed as a new user follows it: a new package, its `cargo add` lines, its first
//! listing as the program.

use std::fs::{self, File};
use std::path::Path;

use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::server::{Server, free_port};
use crate::workspace::Workspace;

/// The most lines of the README, and the most words outside its listings.
const MAX_LINES: usize = 150;
const MAX_WORDS: usize = 1100;

/// The address that its first listing binds, which may be in use here.
const ADDRESS: &str = "127.0.0.1:8006";

/// Follows the README up to a message that comes back, and checks that it is short.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let file = workspace.path("README.md");
    let text = fs::read_to_string(&file).map_err(while_doing(file.display()))?;
    let readme = Readme::of(&text);
    let (lines, words) = (text.lines().count(), readme.words);
    if lines > MAX_LINES || words > MAX_WORDS {
        return Err(Failure::failed(format!("the README has {lines} lines and {words} words")));
    }
    for command in ["cargo run --release --example echo", "cargo xtask test"] {
        if !readme.commands.iter().any(|line| line.starts_with(command)) {
            return Err(Failure::failed(format!("the README does not show `{command}`")));
        }
    }

    // Not below the repository, whose workspace it would be taken for a part of.
    let folder = std::env::temp_dir().join(format!("readme-{}", std::process::id()));
    let followed = follow(workspace, &readme, &folder);
    fs::remove_dir_all(&folder).map_err(while_doing(folder.display()))?;
    followed?;
    Ok(format!("{lines} lines, {words} words"))
}

/// The parts of the README that a new user types.
struct Readme<'t> {
    /// The lines of its shell listings.
    commands: Vec<&'t str>,
    /// Its first listing in Rust.
    program: String,
    /// Words outside listings.
    words: usize,
}

impl<'t> Readme<'t> {
    fn of(text: &'t str) -> Self {
        let mut readme = Self { commands: Vec::new(), program: String::new(), words: 0 };
        let mut listing = None;
        let mut programs = 0;
        for line in text.lines() {
            match (listing, line.strip_prefix("```")) {
                (None, Some(language)) => {
                    listing = Some(language);
                    programs += usize::from(language.starts_with("rust"));
                }
                (Some(_), Some(_)) => listing = None,
                (Some("sh"), None) => readme.commands.push(without_comment(line)),
                (Some(language), None) if language.starts_with("rust") && programs == 1 => {
                    readme.program += line;
                    readme.program.push('\n');
                }
                (Some(_), None) => {}
                (None, None) => readme.words += line.split_whitespace().count(),
            }
        }
        readme
    }
}

fn without_comment(line: &str) -> &str {
    line.split_once(" #").map_or(line, |(command, _)| command).trim()
}

fn follow(workspace: &Workspace, readme: &Readme<'_>, folder: &Path) -> Result<(), Failure> {
    let mut new = workspace.cargo(["new", "--quiet", "--name", "server"]);
    process::run(new.arg(folder), minutes(1))?;
    for line in readme.commands.iter().filter(|line| line.starts_with("cargo add ")) {
        let mut add = workspace.cargo(["add"]);
        let words: Vec<&str> = line.split_whitespace().skip(2).collect();
        for (before, word) in [""].iter().chain(&words).zip(&words) {
            match *before {
                "--path" => add.arg(workspace.path(word.rsplit('/').next().unwrap_or_default())),
                _ => add.arg(word),
            };
        }
        process::run(add.current_dir(folder), minutes(2))?;
    }

    let port = free_port()?;
    let program = readme.program.replace(ADDRESS, &format!("127.0.0.1:{port}"));
    let main = folder.join("src/main.rs");
    fs::write(&main, program).map_err(while_doing(main.display()))?;
    let mut build = workspace.cargo(["build"]);
    process::run(build.current_dir(folder), minutes(10))?;
    let mut server = workspace.command(workspace.target("debug/server"));
    let _server = Server::start(&mut server, port, &folder.join("server.log"))?;
    echo(workspace, port, folder)
}

/// Sends a message by the example `client`, and waits until it comes back.
fn echo(workspace: &Workspace, port: u16, folder: &Path) -> Result<(), Failure> {
    let typed = folder.join("typed");
    fs::write(&typed, "hello\n").map_err(while_doing(typed.display()))?;
    let typed = File::open(&typed).map_err(while_doing(typed.display()))?;
    let mut client = workspace.cargo(["run", "--quiet", "--package", "websocket-listener"]);
    client.args(["--example", "client", "--", &format!("ws://127.0.0.1:{port}/")]).stdin(typed);
    let shown = process::capture(&mut client, minutes(10))?;
    if shown != "hello\n" {
        return Err(Failure::failed(format!("the README's server answered {shown:?}")));
    }
    Ok(())
}
