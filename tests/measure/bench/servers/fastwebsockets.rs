//! fastwebsockets, as the `handle_client` of its README, behind hyper as in its example
//! `echo_server`. It has no way to hold back a reply: each is a write of its own.

use std::io;

use fastwebsockets::{FragmentCollector, OpCode, WebSocketError, upgrade};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use websocket_listener_bench::{run, serve};

fn main() -> io::Result<()> {
    run(serve(serve_http))
}

async fn serve_http(stream: TcpStream) -> hyper::Result<()> {
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(accept))
        .with_upgrades()
        .await
}

async fn accept(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade::upgrade(&mut request)?;
    tokio::spawn(echo(upgraded));
    Ok(response)
}

async fn echo(upgraded: upgrade::UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = FragmentCollector::new(upgraded.await?);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}
