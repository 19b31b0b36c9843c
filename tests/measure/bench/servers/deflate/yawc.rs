//! yawc, compressing at level 1, behind hyper as in its documentation, with the buffers and in bursts
//! as its README says that it was measured.

use std::io;

use futures_util::StreamExt;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use websocket_listener_bench::{echo_bursts, run, serve};
use yawc::{CompressionLevel, Frame, OpCode, Options, UpgradeFut, WebSocket, WebSocketError};

const READ_BUFFER: usize = 128 << 10;
const WRITE_THRESHOLD: usize = 64 << 10;

/// The limit of a message, of which the default is just below the largest of the benchmark.
const LIMIT: usize = 2 << 20;

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
    let options = Options::default()
        .with_compression_level(CompressionLevel::fast())
        .with_limits(LIMIT, 2 * LIMIT)
        .with_read_buffer_capacity(READ_BUFFER)
        .with_backpressure_boundary(WRITE_THRESHOLD);
    let (response, upgraded) = WebSocket::upgrade_with_options(&mut request, options)?;
    tokio::spawn(echo(upgraded));
    Ok(response)
}

async fn echo(upgraded: UpgradeFut) -> Result<(), WebSocketError> {
    let frames = upgraded.await?.map(Ok);
    let is_data = |frame: &Frame| matches!(frame.opcode(), OpCode::Text | OpCode::Binary);
    echo_bursts(frames, is_data).await
}
