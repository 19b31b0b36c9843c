//! What is shown: messages on standard output, everything else on standard error.
//!
//! On a terminal, messages are marked, long ones are cut, and control characters are shown instead
//! of obeyed. In a pipe or a file, messages are written as they are, each followed by a line end.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use websocket_listener::client::ConnectError;
use websocket_listener::engine::handshake;
use websocket_listener::{CloseReason, Initiator, Message};

/// The most bytes of a binary message that a terminal shows.
const MOST_SHOWN: usize = 64;

pub(crate) struct Screen {
    is_terminal: bool,
    is_quiet: bool,
}

impl Screen {
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { is_terminal: io::stdout().is_terminal(), is_quiet }
    }

    /// # Errors
    /// Nobody reads the output any more.
    pub(crate) fn message(&self, message: &Message) -> io::Result<()> {
        let bytes = message.as_bytes();
        let line = match message.as_text() {
            Some(text) if self.is_terminal => format!("< {}", harmless(text)),
            Some(text) => text.to_owned(),
            None if self.is_terminal && bytes.len() > MOST_SHOWN => {
                format!("< {} … ({} bytes)", hex(&bytes[..MOST_SHOWN]), bytes.len())
            }
            None if self.is_terminal => format!("< {} ({} bytes)", hex(bytes), bytes.len()),
            None => hex(bytes),
        };
        writeln!(io::stdout(), "{line}")
    }

    pub(crate) fn ping(&self, payload: &[u8]) {
        let space = if payload.is_empty() { "" } else { ": " };
        self.note(&format!("ping{space}{}", String::from_utf8_lossy(payload)));
    }

    pub(crate) fn pong(&self, latency: Option<Duration>) {
        let after = latency.map_or(String::new(), |latency| format!(" after {latency:.3?}"));
        self.note(&format!("pong{after}"));
    }

    pub(crate) fn note(&self, text: &str) {
        if !self.is_quiet {
            self.fault(text);
        }
    }

    /// What is shown even with `--quiet`.
    pub(crate) fn fault(&self, text: &str) {
        for line in text.lines() {
            eprintln!("* {}", harmless(line));
        }
    }

    pub(crate) fn help(&self, text: &str) {
        self.fault(text);
    }

    pub(crate) fn response(&self, response: &handshake::Response<impl AsRef<[u8]>>) {
        self.fault(&format!("{} {}", response.status(), response.reason()));
        for (name, value) in response.headers() {
            self.fault(&format!("{name}: {}", String::from_utf8_lossy(value)));
        }
    }

    /// What the server said instead of opening the WebSocket.
    pub(crate) fn refusal(&self, error: &ConnectError) {
        match error {
            ConnectError::Refused { response, body, .. } => {
                self.response(response);
                self.fault(&String::from_utf8_lossy(body));
            }
            ConnectError::Redirect { response, .. } => self.response(response),
            _ => {}
        }
    }

    pub(crate) fn closed(&self, reason: &CloseReason) {
        let who = if reason.initiator == Initiator::Local { "this end" } else { "the server" };
        let text = reason.reason.as_str();
        self.note(format!("closed by {who}: {} {text}", reason.code).trim_end());
    }
}

/// The text with its control characters escaped, except line ends and tabs.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for byte in bytes {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{byte:02x}");
    }
    text
}
