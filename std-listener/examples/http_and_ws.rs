//! Pages of axum and WebSockets on one port.
//!
//! ```text
//! cargo run --features hyper --example http_and_ws -- [--bind ADDRESS] [--port PORT]
//! ```
//!
//! The listener serves WebSockets at `/ws`, and axum everything else. axum's route `/axum-ws` makes
//! a WebSocket of a stream that axum has upgraded.

mod address;
mod failure;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as AxumRequest, State};
use axum::response::{Html, Response as AxumResponse};
use axum::routing::get;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener::http::{Answer, Request};
use websocket_listener::{Error, WebSocket, WebSocketAcceptor, WebSocketListener};

use failure::Failure;

const PAGE: &str = include_str!("http_and_ws.html");

const HELP: &str = "\
Usage: http_and_ws [--bind ADDRESS] [--port PORT]

Pages of axum and WebSockets on one port; at 127.0.0.1:8006 unless told otherwise.";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = address::from_arguments(HELP, 8006)?;
    let pages = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/axum-ws", get(upgrade))
        .with_state(WebSocketListener::builder().acceptor());
    let listener = WebSocketListener::builder()
        .on_request(move |request: Request| {
            let pages = pages.clone();
            async move {
                if request.is_upgrade() && request.path() == "/ws" {
                    return Answer::accept();
                }
                Answer::serve(TowerToHyperService::new(pages))
            }
        })
        .bind(address)
        .await?;
    println!("listening on http://{}/", listener.local_addr()?);

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// The other way round: axum has read the request, and upgrades the stream.
async fn upgrade(
    State(acceptor): State<WebSocketAcceptor>,
    mut request: AxumRequest,
) -> AxumResponse {
    let agreed = match acceptor.upgrade(&request) {
        Ok(agreed) => agreed,
        Err(refusal) => return refusal.into_http().map(Body::from),
    };
    let response = agreed.response();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            let _ = echo(WebSocket::from_upgraded(TokioIo::new(upgraded), agreed)).await;
        }
    });
    response
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocket<S>) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
