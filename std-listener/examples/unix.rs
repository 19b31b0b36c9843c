//! An echo listener on a Unix socket, or on whatever systemd passes to it.
//!
//! ```text
//! cargo run --example unix -- /tmp/echo.socket
//! systemd-socket-activate --listen=8006 target/debug/examples/unix
//! ```

#[cfg(unix)]
mod failure;

#[cfg(unix)]
use failure::Failure;

#[cfg(unix)]
const HELP: &str = "\
Usage: unix [PATH]...

An echo on Unix sockets at these paths, and on the sockets that systemd passes.";

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Failure> {
    use lexopt::prelude::*;
    use websocket_listener::WebSocketListener;
    use websocket_listener::endpoint::{Endpoint, SocketOptions};

    let mut endpoints = Endpoint::inherited()?;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => endpoints.push(Endpoint::unix(path)),
            Short('h') | Long("help") => {
                println!("{HELP}");
                return Ok(());
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if endpoints.is_empty() {
        return Err("name a path, or let systemd start this program".into());
    }
    let listener = WebSocketListener::builder()
        // The proxy in front runs as another user of the same group.
        .sockets(SocketOptions::new().unix_mode(0o660))
        .bind(endpoints)
        .await?;
    for endpoint in listener.local_endpoints() {
        println!("listening on {endpoint}");
    }
    let serving = async {
        while let Some(mut socket) = listener.accept().await {
            tokio::spawn(async move {
                while let Ok(Some(message)) = socket.recv().await {
                    if socket.feed(message).await.is_err() {
                        break;
                    }
                }
            });
        }
    };
    tokio::select! {
        () = serving => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    // The socket's file is removed, too.
    listener.shutdown(std::time::Duration::from_secs(5)).await;
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    eprintln!("there are no Unix sockets here");
}
