//! The listeners of the examples as a new user meets them: `--help`, a wrong option, a message echoed to
//! the example `client`, and Ctrl-C.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::certificate::Certificate;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// An example, how to have it listen on a free port, and how to reach it there.
struct Example {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Of the client's URL.
    path: &'static str,
    client: &'static [&'static str],
    /// What comes back for `hello`.
    reply: &'static str,
}

const PORT: &[&str] = &["--port", "0"];
const ENDPOINT: &[&str] = &["--bind", "ws://127.0.0.1:0"];
const SECURE_ENDPOINT: &[&str] = &["--bind", "wss://127.0.0.1:0"];

const EXAMPLES: &[Example] = &[
    Example { name: "echo", arguments: PORT, path: "", client: &[], reply: "hello" },
    Example { name: "chat", arguments: PORT, path: "", client: &[], reply: "guest 1: hello" },
    Example { name: "deflate", arguments: PORT, path: "", client: &["--deflate"], reply: "hello" },
    Example { name: "graceful", arguments: PORT, path: "", client: &[], reply: "hello" },
    Example { name: "http_and_ws", arguments: PORT, path: "ws", client: &[], reply: "hello" },
    Example { name: "http2", arguments: ENDPOINT, path: "/", client: &[], reply: "hello" },
    Example { name: "proxy_protocol", arguments: ENDPOINT, path: "/", client: &[], reply: "hello" },
    Example { name: "tls", arguments: SECURE_ENDPOINT, path: "/", client: &[], reply: "hello" },
];

/// Goes through all of them, also after one has failed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut build = workspace.cargo(["build", "--package", "websocket-listener", "--examples"]);
    process::run(build.arg("--all-features"), minutes(10))?;
    let folder = workspace.target("examples-suite");
    std::fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let certificate = Certificate::make(workspace, &folder)?;
    let outcomes = EXAMPLES.iter().map(|example| {
        example.try_out(workspace, &certificate).map_err(|failure| failure.about(example.name))
    });
    let outcomes = outcomes.chain([extension(workspace)]);
    let failures: Vec<Failure> = outcomes.filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok(format!("{} examples", EXAMPLES.len() + 1))
}

/// The example that talks to itself.
fn extension(workspace: &Workspace) -> Result<(), Failure> {
    let mut command = workspace.command(workspace.target("debug/examples/extension"));
    let printed = process::capture(&mut command, minutes(1))?;
    if !printed.contains("agreed on: x-checksum\n") || !printed.contains("Text(\"hello\")") {
        return Err(Failure::failed(format!("extension: it printed {printed:?}")));
    }
    Ok(())
}

impl Example {
    fn try_out(&self, workspace: &Workspace, certificate: &Certificate) -> Result<(), Failure> {
        let help = process::capture(self.command(workspace).arg("--help"), minutes(1))?;
        if !help.starts_with(&format!("Usage: {}", self.name)) {
            return Err(Failure::failed(format!("its help is {help:?}")));
        }
        let mut misused = self.command(workspace);
        let status = process::status(misused.arg("--nonsense"), minutes(1))?;
        if status.code() != Some(1) {
            return Err(Failure::failed(format!("with a wrong option it ended with {status}")));
        }
        self.talk(workspace, certificate)
    }

    /// The client gets 1001, and both end well.
    fn talk(&self, workspace: &Workspace, certificate: &Certificate) -> Result<(), Failure> {
        let is_secure = self.arguments == SECURE_ENDPOINT;
        let mut command = self.command(workspace);
        command.args(self.arguments);
        command.args(is_secure.then(|| certificate.arguments()).into_iter().flatten());
        let (listener, printed) =
            Program::start(self.name, &mut command, "listening on ", minutes(1))?;
        let address = printed.split(',').next().unwrap_or_default().replace("http://", "ws://");

        let mut command = workspace.command(workspace.target("debug/examples/client"));
        command.args(["--wait", "120"]).args(self.client).arg(format!("{address}{}", self.path));
        command.args(is_secure.then_some("--ca")).args(is_secure.then_some(&certificate.chain));
        let (reader, mut typing) = std::io::pipe().map_err(while_doing("a pipe"))?;
        typing.write_all(b"hello\n").map_err(while_doing("typing"))?;
        let (client, _) =
            Program::start("the client", command.stdin(reader), self.reply, minutes(1))?;
        for (program, status) in
            [("it", listener.interrupt(minutes(1))?), ("its client", client.wait(minutes(1))?)]
        {
            if !status.success() {
                return Err(Failure::failed(format!("{program} ended with {status}")));
            }
        }
        Ok(())
    }

    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(workspace.target("debug/examples").join(self.name));
        command.stdin(Stdio::null());
        command
    }
}
