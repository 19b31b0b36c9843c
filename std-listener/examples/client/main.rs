//! A WebSocket client for the command line: every line typed is a message.
//!
//! ```text
//! cargo run --example client -- ws://127.0.0.1:8006/
//! cargo run --example client --features tls -- --ca authority.pem wss://localhost/
//! echo hello | cargo run --quiet --example client -- --quiet ws://127.0.0.1:8006/
//! ```
//!
//! `--help` lists the options, `/help` what else can be typed.

mod arguments;
mod commands;
#[cfg(feature = "tls")]
mod insecure;
mod screen;

use std::error::Error as StdError;
use std::io::BufRead;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::sleep;
use websocket_listener::client::ConnectError;
use websocket_listener::{CloseCode, Error, Event, Initiator, WebSocket};

use arguments::Arguments;
use commands::Command;
use screen::Screen;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("client: {error}\n{}\n`client --help` lists the options", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let screen = Screen::new(arguments.quiet);
    match run(&arguments, &screen).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            screen.fault(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Whether the connection came to the end that it should.
async fn run(arguments: &Arguments, screen: &Screen) -> Result<bool, Box<dyn StdError>> {
    let mut socket = connect(arguments, screen).await?;
    let ended = talk(&mut socket, arguments.wait, screen).await;
    let as_it_should = socket.close_reason().is_none_or(|reason| {
        screen.closed(&reason);
        let good = [CloseCode::NORMAL, CloseCode::GOING_AWAY, CloseCode::NO_STATUS];
        reason.initiator == Initiator::Local || good.contains(&reason.code)
    });
    ended?;
    Ok(as_it_should)
}

async fn connect(arguments: &Arguments, screen: &Screen) -> Result<WebSocket, ConnectError> {
    let begun = Instant::now();
    let Arguments { client, url, .. } = arguments;
    let connected = match &arguments.unix {
        #[cfg(unix)]
        Some(path) => client.connect_unix(path, url).await,
        _ => client.connect(url).await,
    };
    let socket = connected.inspect_err(|error| screen.refusal(error))?;
    let to = socket.peer_addr().map_or(String::new(), |address| format!(" to {address}"));
    screen.note(&format!("connected{to} in {} ms; /help", begun.elapsed().as_millis()));
    if let Some(subprotocol) = socket.subprotocol() {
        screen.note(&format!("subprotocol {subprotocol}"));
    }
    if let Some(response) = socket.response().filter(|_| arguments.show_response) {
        screen.response(response);
    }
    Ok(socket)
}

/// Until either side has closed.
async fn talk(socket: &mut WebSocket, wait: Duration, screen: &Screen) -> Result<(), Error> {
    let mut lines = read_lines();
    let mut input_has_ended = false;
    loop {
        // Everything here may be dropped and called again: nothing is lost.
        tokio::select! {
            received = socket.recv_event() => match received? {
                Some(Event::Message(message)) => {
                    if screen.message(&message).is_err() {
                        // Nobody reads any more: the next program of the pipe has ended.
                        return socket.close(CloseCode::GOING_AWAY, "").await;
                    }
                }
                Some(Event::Ping(payload)) => screen.ping(&payload),
                Some(Event::Pong) => screen.pong(socket.latency()),
                Some(_) => {}
                None => return Ok(()),
            },
            line = lines.recv(), if !input_has_ended => match line {
                Some(line) => act(socket, &line, screen).await?,
                None => input_has_ended = true,
            },
            () = sleep(wait), if input_has_ended => {
                return socket.close(CloseCode::NORMAL, "").await;
            }
            _ = tokio::signal::ctrl_c() => {
                return socket.close(CloseCode::GOING_AWAY, "").await;
            }
        }
    }
}

/// Does what a line says. If that makes no sense, it just says so.
async fn act(socket: &mut WebSocket, line: &[u8], screen: &Screen) -> Result<(), Error> {
    let done = match commands::parse(line) {
        Ok(Command::Text(text)) => socket.send_text(text).await,
        Ok(Command::Binary(bytes)) => socket.send_binary(&bytes).await,
        Ok(Command::Ping(payload)) => socket.ping(payload.as_bytes()).await,
        Ok(Command::Close(code, reason)) => socket.close(code, reason).await,
        Ok(Command::Help) => {
            screen.help(commands::HELP);
            Ok(())
        }
        Err(complaint) => {
            screen.fault(&complaint);
            Ok(())
        }
    };
    match done {
        Err(error @ (Error::InvalidCloseCode | Error::ControlTooLong)) => {
            screen.fault(&error.to_string());
            Ok(())
        }
        // The receiving side learns how it was closed.
        Err(Error::Closed) => Ok(()),
        done => done,
    }
}

/// Lines as they are typed, from a thread of their own, because reading may wait forever.
fn read_lines() -> mpsc::Receiver<Vec<u8>> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}
