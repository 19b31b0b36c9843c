//! A listener behind proxies that tells each client who it is: by the PROXY protocol, by `Forwarded`
//! or by `X-Forwarded-For`, from peers that are trusted.
//!
//! ```text
//! cargo run --example proxy_protocol -- --bind ws://127.0.0.1:8006 --trust 127.0.0.0/8 [--proxy-protocol] [--forwarded | --x-forwarded-for]
//! ```
//!
//! `--bind` and `--trust` may be given several times; `--trust unix:` trusts peers on Unix sockets.

use std::error::Error as StdError;

use websocket_listener::{
    Builder, ForwardedHeader, ProxyProtocol, TrustedPeers, WebSocket, WebSocketListener,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let (builder, endpoints) = set_up()?;
    let listener = builder.bind(endpoints).await?;
    for endpoint in listener.local_endpoints() {
        println!("listening on {endpoint}");
    }
    while let Some(socket) = listener.accept().await {
        tokio::spawn(async move {
            if let Err(error) = introduce_and_echo(socket).await {
                eprintln!("{error}");
            }
        });
    }
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

fn set_up() -> Result<(Builder, Vec<String>), Box<dyn StdError>> {
    use lexopt::prelude::{Long, ValueExt};

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
            _ => return Err(argument.unexpected().into()),
        }
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
