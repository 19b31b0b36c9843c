//! A listener behind proxies. It tells each client its address, as trusted proxies report it by the
//! PROXY protocol, by `Forwarded` or by `X-Forwarded-For`.
//!
//! ```text
//! cargo run --example proxy_protocol -- --bind ws://127.0.0.1:8006 --trust 127.0.0.0/8 [--proxy-protocol] [--forwarded | --x-forwarded-for]
//! ```
//!
//! `--bind` and `--trust` may be given several times; `--trust unix:` trusts peers on Unix sockets.

mod failure;

use std::time::Duration;

use websocket_listener::proxy::{ForwardedHeader, ProxyProtocol, TrustedPeers};
use websocket_listener::{ListenerBuilder, WebSocket, WebSocketListener};

use failure::Failure;

const HELP: &str = "\
Usage: proxy_protocol [OPTION]...

Tells each client who it is, then echoes.

  --bind ENDPOINT    such as ws://127.0.0.1:8006 (the default) or unix:PATH; any number of them
  --trust NETWORK    believes these peers, such as 127.0.0.0/8, or unix:; any number of them
  --proxy-protocol   wants the PROXY protocol of them
  --forwarded        believes their header Forwarded
  --x-forwarded-for  believes their header X-Forwarded-For";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (builder, endpoints) = set_up()?;
    let listener = builder.bind(endpoints).await?;
    for endpoint in listener.local_endpoints() {
        println!("listening on {endpoint}");
    }

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(async move {
                if let Err(error) = introduce_and_echo(socket).await {
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

/// Says `peer ADDRESS` and `client ADDRESS`, then sends every message back.
async fn introduce_and_echo(mut socket: WebSocket) -> Result<(), websocket_listener::Error> {
    let told = |address: Option<std::net::SocketAddr>| match address {
        Some(address) => address.to_string(),
        None => "unknown".to_owned(),
    };
    let (peer, client) = (told(socket.peer_addr()), told(socket.client_addr()));
    socket.feed(format!("peer {peer}")).await?;
    socket.feed(format!("client {client}")).await?;
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}

fn set_up() -> Result<(ListenerBuilder, Vec<String>), Failure> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let (mut endpoints, mut networks) = (Vec::new(), Vec::new());
    let (mut proxy_protocol, mut header) = (false, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bind") => endpoints.push(parser.value()?.string()?),
            Long("trust") => networks.push(parser.value()?.string()?),
            Long("proxy-protocol") => proxy_protocol = true,
            Long("forwarded") => header = Some(ForwardedHeader::Forwarded),
            Long("x-forwarded-for") => header = Some(ForwardedHeader::XForwardedFor),
            Short('h') | Long("help") => {
                println!("{HELP}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if endpoints.is_empty() {
        endpoints.push("ws://127.0.0.1:8006".to_owned());
    }
    let trusted = TrustedPeers::new(networks)?;
    let mut builder = WebSocketListener::builder();
    if proxy_protocol {
        builder = builder.proxy_protocol(ProxyProtocol::required(trusted.clone()));
    }
    if let Some(header) = header {
        builder = builder.forwarded(header, trusted);
    }
    Ok((builder, endpoints))
}
