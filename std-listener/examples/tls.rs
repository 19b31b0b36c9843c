//! An echo listener on `wss://` and `ws://` at once, with a page on the same ports. The certificate is
//! replaced when its files change, while connections stay open.
//!
//! ```text
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
//!     -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
//!     -keyout key.pem -out certificate.pem
//! cargo run --example tls --features tls -- --certificate certificate.pem --key key.pem
//! cargo run --example client --features tls -- --ca certificate.pem wss://localhost:8443/
//! ```
//!
//! Options: `--bind ENDPOINT`, any number of them, in place of `wss://localhost:8443` and
//! `ws://localhost:8080`.

mod failure;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use websocket_listener::http::{Answer, HttpConnection, Request, Response};
use websocket_listener::tls::ServerTls;
use websocket_listener::{Error, WebSocket, WebSocketListener};

use failure::Failure;

/// The test page.
const PAGE: &str = include_str!("echo.html");

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

const HELP: &str = "\
Usage: tls --certificate FILE --key FILE [--bind ENDPOINT]...

An echo on wss:// and ws:// at once, with a page to try it from a browser. The files are PEM, and are
read again when they change. By default it listens on wss://localhost:8443 and ws://localhost:8080.";

struct Arguments {
    certificate: PathBuf,
    key: PathBuf,
    endpoints: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = parse_arguments()?;
    let tls = ServerTls::from_pem_files(&arguments.certificate, &arguments.key)?;
    let listener = WebSocketListener::builder()
        .tls(tls.clone())
        .on_request(answer)
        .bind(arguments.endpoints.clone())
        .await?;
    for endpoint in listener.local_endpoints() {
        println!("listening on {endpoint}");
    }
    tokio::spawn(renew(tls, arguments));

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(async move {
                if let Err(error) = echo(socket).await {
                    eprintln!("{error}");
                }
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

async fn answer(request: Request) -> Answer {
    if request.is_upgrade() {
        return Answer::accept();
    }
    Answer::take_over(|http: HttpConnection| async move {
        let _ = http.respond(Response::html(PAGE)).await;
    })
}

async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}

/// Uses a new certificate as soon as its files are there. If it cannot be used, says so and keeps
/// the old one.
async fn renew(tls: ServerTls, arguments: Arguments) {
    let mut known = last_change(&arguments);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = last_change(&arguments);
        if now == known {
            continue;
        }
        match ServerTls::from_pem_files(&arguments.certificate, &arguments.key) {
            Ok(renewed) => {
                tls.replace(&renewed);
                known = now;
                println!("the certificate was replaced");
            }
            Err(error) => eprintln!("the certificate stays the old one: {error}"),
        }
    }
}

fn last_change(arguments: &Arguments) -> [Option<SystemTime>; 2] {
    [&arguments.certificate, &arguments.key]
        .map(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
}

fn parse_arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let (mut certificate, mut key, mut endpoints) = (None, None, Vec::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("certificate") => certificate = Some(parser.value()?.into()),
            Long("key") => key = Some(parser.value()?.into()),
            Long("bind") => endpoints.push(parser.value()?.string()?),
            Short('h') | Long("help") => {
                println!("{HELP}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    if endpoints.is_empty() {
        endpoints = vec!["wss://localhost:8443".to_owned(), "ws://localhost:8080".to_owned()];
    }
    let certificate = certificate.ok_or("--certificate FILE is missing")?;
    Ok(Arguments { certificate, key: key.ok_or("--key FILE is missing")?, endpoints })
}
