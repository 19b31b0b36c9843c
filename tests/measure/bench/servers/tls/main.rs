//! The echo servers over TLS, all with one configuration of rustls: `bench-tls NAME`.
//!
//! The peers are given tokio-rustls' stream; this library does its TLS itself, through the same.

mod floor;
mod identity;
mod ours;
mod peers;

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use websocket_listener_bench::{run, serve};

fn main() -> io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    match name.as_str() {
        "floor" => over_tls(floor::echo),
        "ours" => ours::run(),
        "sockudo-ws" => over_tls(peers::sockudo_ws),
        "tokio-tungstenite" => over_tls(peers::tokio_tungstenite),
        "tokio-websockets" => over_tls(peers::tokio_websockets),
        _ => Err(io::Error::other(format!("no server: {name}"))),
    }
}

/// Serves connections by what becomes of their streams.
fn over_tls<C, E>(converse: fn(TlsStream<TcpStream>) -> C) -> io::Result<()>
where
    C: Future<Output = Result<(), E>> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(identity::server_config()?);
    run(serve(move |stream| {
        let accepting = acceptor.accept(stream);
        async move {
            if let Ok(stream) = accepting.await {
                let _ = converse(stream).await;
            }
        }
    }))
}
