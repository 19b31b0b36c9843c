//! The example `client`, typed into and read from as in a shell.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::outcome::{Failure, while_doing};
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// What is typed, and what has to come of it.
struct Session {
    path: &'static str,
    options: &'static [&'static str],
    typed: &'static str,
    exit_code: i32,
    /// All of standard output.
    printed: &'static str,
    /// What stands in standard error, in this order.
    noted: &'static [&'static str],
}

/// The machine may be busy.
const PATIENT: [&str; 4] = ["--wait", "3", "--timeout", "60"];

/// The server is that of `tests/interop/peers`, which echoes at `/`.
const SESSIONS: &[Session] = &[
    Session {
        path: "/",
        options: &["--include", "--subprotocol", "chat.v1"],
        typed: "grüß\n/binary 00 fF10\n//slash\n\n/ping\n",
        exit_code: 0,
        printed: "grüß\n00 ff 10\n/slash\n\n",
        noted: &["* connected to 127.0.0.1:", "* subprotocol chat.v1", "* 101 ", "* pong after "],
    },
    Session {
        path: "/",
        options: &[],
        typed: "/nothing\n/binary f\n/close 12\n/close twelve\n/help\n/close 4000 bye\nlate\n",
        exit_code: 0,
        printed: "",
        noted: &[
            "* there is no /nothing",
            "* not hexadecimal: f",
            "* invalid close code",
            "* not a close code: twelve",
            "* /ping [TEXT]",
            "* closed by this end: 4000",
        ],
    },
    Session {
        path: "/close",
        options: &["--wait", "60"],
        typed: "anything\n",
        exit_code: 1,
        printed: "",
        noted: &["* ping: still there?", "* closed by the server: 4001 that was it"],
    },
    Session {
        path: "/forbidden",
        options: &["--quiet"],
        typed: "",
        exit_code: 1,
        printed: "",
        noted: &["* 403 Forbidden", "* members only", "403"],
    },
    Session {
        path: "/moved",
        options: &["--quiet", "--redirects", "1", "--header", "X-Tag: 1"],
        typed: "over there\n",
        exit_code: 0,
        printed: "over there\n",
        noted: &[],
    },
    Session {
        path: "/chat",
        options: &["--quiet", "--cookie", "session=7", "--origin", "http://localhost"],
        typed: "let in\n",
        exit_code: 0,
        printed: "let in\n",
        noted: &[],
    },
    Session {
        path: "/",
        options: &["--no-such-option"],
        typed: "",
        exit_code: 2,
        printed: "",
        noted: &["client: invalid option '--no-such-option'", "Usage: client"],
    },
];

/// Goes through all sessions with the server at this port.
pub(super) fn run(workspace: &Workspace, port: u16) -> Result<(), Failure> {
    let mut build = workspace.cargo(["build", "--package", "websocket-listener"]);
    process::run(build.args(["--example", "client"]), minutes(10))?;
    SESSIONS.iter().try_for_each(|session| session.run(workspace, port))
}

impl Session {
    fn run(&self, workspace: &Workspace, port: u16) -> Result<(), Failure> {
        let [input, output, errors] =
            ["typed", "printed", "noted"].map(|name| workspace.target("peers").join(name));
        fs::write(&input, self.typed).map_err(while_doing(input.display()))?;
        let open = File::open(&input).map_err(while_doing(input.display()))?;
        let create = |path: &PathBuf| File::create(path).map_err(while_doing(path.display()));
        let mut command = workspace.command(workspace.target("debug/examples/client"));
        command.args(PATIENT).args(self.options).arg(format!("ws://127.0.0.1:{port}{}", self.path));
        command.stdin(open).stdout(create(&output)?).stderr(create(&errors)?);
        let status = process::status(&mut command, minutes(2))?;

        let read = |path: &PathBuf| fs::read_to_string(path).map_err(while_doing(path.display()));
        let (printed, noted) = (read(&output)?, read(&errors)?);
        let mut rest = noted.as_str();
        let all_noted = self.noted.iter().all(|note| {
            let found = rest.split_once(note);
            rest = found.map_or(rest, |(_, rest)| rest);
            found.is_some()
        });
        if status.code() == Some(self.exit_code) && printed == self.printed && all_noted {
            return Ok(());
        }
        let Self { path, typed, .. } = self;
        Err(Failure::failed(format!(
            "the example client at {path} was told {typed:?}, ended with {status}, printed              {printed:?}, and noted {noted:?}"
        )))
    }
}
