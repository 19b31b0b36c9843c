//! A WebSocket client for the command line: every line typed is a message.
//!
//! ```text
//! cargo run --example client -- ws://127.0.0.1:8006/
//! cargo run --example client --features tls -- --ca authority.pem wss://localhost/
//! ```

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::BufRead;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};
use websocket_listener::{Client, CloseCode, ConnectError, Error, Initiator, Message, WebSocket};

const HELP: &str = "\
Usage: client [OPTION]... URL

  --header 'NAME: VALUE'   adds a header to the request
  --subprotocol NAME       offers a subprotocol, the preferred first
  --origin ORIGIN          says which page it comes from
  --cookie NAME=VALUE      sends a cookie
  --proxy URL              goes through this HTTP proxy, by CONNECT
  --proxy-from-env         goes through the proxy that the environment names
  --redirects N            follows so many redirects; none by default
  --timeout SECONDS        for the connection; 10 by default
  --ca FILE                trusts these certificates (PEM) alone; needs the feature tls

At the end of the input it waits until nothing has come for a second, and closes.";

const COMMANDS: &str = "\
/ping [TEXT]            sends a ping, and shows how long its pong took
/binary HEX             sends bytes
/close [CODE [REASON]]  closes the connection
/help                   shows this
//TEXT                  sends a text that begins with a slash";

/// How long the end of the input waits for a further message.
const SILENCE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn StdError>> {
    let (client, url) = parse_arguments()?;
    let begun = Instant::now();
    let mut socket = client.connect(&url).await.inspect_err(show_refusal)?;
    let subprotocol =
        socket.subprotocol().map_or(String::new(), |name| format!(", speaking {name}"));
    note(&format!("connected in {} ms{subprotocol}; /help", begun.elapsed().as_millis()));
    let ended = talk(&mut socket).await;
    if let Some(reason) = socket.close_reason() {
        let who = if reason.initiator == Initiator::Local { "this end" } else { "the server" };
        let code = reason.code.as_u16();
        note(format!("closed by {who}: {code} {}", reason.reason.as_str()).trim_end());
    }
    Ok(ended?)
}

/// Until either side has closed.
async fn talk(socket: &mut WebSocket) -> Result<(), Error> {
    let mut lines = read_lines();
    let mut input_has_ended = false;
    let mut ping = None;
    let mut looking = interval(Duration::from_millis(1));
    looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Everything here may be dropped and called again: nothing is lost.
        tokio::select! {
            received = socket.recv() => match received? {
                Some(message) => show(&message),
                None => return Ok(()),
            },
            line = lines.recv(), if !input_has_ended => match line {
                Some(line) => act(socket, &line, &mut ping).await?,
                None => input_has_ended = true,
            },
            // Pongs come unseen, while messages are waited for.
            _ = looking.tick(), if ping.is_some() => {
                if let Some(latency) = socket.latency() && ping != Some(Some(latency)) {
                    note(&format!("pong after {:.3} ms", latency.as_secs_f64() * 1e3));
                    ping = None;
                }
            }
            () = sleep(SILENCE), if input_has_ended && ping.is_none() => {
                return socket.close(CloseCode::NORMAL, "").await;
            }
        }
    }
}

/// Does what a line says. `ping` becomes the latency as it was before a ping.
async fn act(
    socket: &mut WebSocket,
    line: &str,
    ping: &mut Option<Option<Duration>>,
) -> Result<(), Error> {
    let Some(command) = line.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
        return socket.send_text(line.strip_prefix('/').unwrap_or(line)).await;
    };
    let (command, rest) = command.split_once(' ').unwrap_or((command, ""));
    let outcome = match command {
        "ping" => {
            let before = socket.latency();
            let sent = socket.ping(rest.as_bytes()).await;
            *ping = sent.is_ok().then_some(before).or(*ping);
            sent
        }
        "binary" => match parse_hex(rest) {
            Some(bytes) => socket.send_binary(&bytes).await,
            None => {
                note("not hexadecimal");
                Ok(())
            }
        },
        "close" => {
            let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            let code = if code.is_empty() { Ok(1000) } else { code.parse() };
            match code {
                Ok(code) => socket.close(CloseCode::new(code), reason).await,
                Err(_) => Err(Error::InvalidCloseCode),
            }
        }
        _ => {
            note(COMMANDS);
            Ok(())
        }
    };
    match outcome {
        Err(error @ (Error::InvalidCloseCode | Error::ControlTooLong)) => {
            note(&error.to_string());
            Ok(())
        }
        outcome => outcome,
    }
}

/// Lines as they are typed, from a thread of their own: it may wait for ever.
fn read_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn show(message: &Message) {
    if let Some(text) = message.as_text() {
        println!("< {text}");
        return;
    }
    let bytes = message.as_bytes();
    let mut shown = String::new();
    for byte in bytes.iter().take(32) {
        let _ = write!(shown, " {byte:02x}");
    }
    let more = if bytes.len() > 32 { " …" } else { "" };
    println!("< {} bytes:{shown}{more}", bytes.len());
}

fn show_refusal(error: &ConnectError) {
    let ConnectError::Refused { response, body, .. } = error else { return };
    note(&format!("{} {}", response.status(), response.reason()));
    for (name, value) in response.headers() {
        note(&format!("{name}: {}", String::from_utf8_lossy(value)));
    }
    eprint!("{}", String::from_utf8_lossy(body));
}

/// What is no message goes where it does not mix with them.
fn note(text: &str) {
    for line in text.lines() {
        eprintln!("* {line}");
    }
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.split_whitespace().collect();
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [_, _] => u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok(),
        _ => None,
    };
    pairs.map(byte).collect()
}

fn parse_arguments() -> Result<(Client, String), Box<dyn StdError>> {
    use lexopt::prelude::*;

    let mut client = Client::new();
    let mut subprotocols = Vec::new();
    let mut url = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("header") => {
                let header = parser.value()?.string()?;
                let (name, value) = header.split_once(':').ok_or("a header is NAME: VALUE")?;
                client = client.header(name.trim(), value.trim());
            }
            Long("subprotocol") => subprotocols.push(parser.value()?.string()?),
            Long("origin") => client = client.header("Origin", parser.value()?.string()?),
            Long("cookie") => {
                let cookie = parser.value()?.string()?;
                let (name, value) = cookie.split_once('=').ok_or("a cookie is NAME=VALUE")?;
                client = client.cookie(name, value);
            }
            Long("proxy") => client = client.proxy(parser.value()?.string()?),
            Long("proxy-from-env") => client = client.proxy_from_environment(),
            Long("redirects") => client = client.max_redirects(parser.value()?.parse()?),
            Long("timeout") => {
                let seconds = parser.value()?.parse()?;
                client = client.connect_timeout(Duration::try_from_secs_f64(seconds)?);
            }
            #[cfg(feature = "tls")]
            Long("ca") => {
                let file = parser.value()?.string()?;
                let pem = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
                client = client.root_certificates(&pem)?;
            }
            Short('h') | Long("help") => {
                println!("{HELP}\n\nLines are sent as text, except:\n{COMMANDS}");
                std::process::exit(0);
            }
            Value(value) if url.is_none() => url = Some(value.string()?),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let url = url.ok_or(HELP)?;
    Ok((client.subprotocols(subprotocols), url))
}
