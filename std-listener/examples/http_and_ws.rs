//! Pages of axum and WebSockets on one port.
//!
//! ```text
//! cargo run --features hyper --example http_and_ws -- [ADDRESS]
//! ```
//!
//! WebSockets at `/ws` are the listener's. Everything else is axum's, whose route `/axum-ws` makes a
//! WebSocket of its own upgraded stream.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as AxumRequest, State};
use axum::response::{Html, Response as AxumResponse};
use axum::routing::get;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener::{Answer, Builder, Error, Request, WebSocket, WebSocketListener};

const PAGE: &str = include_str!("http_and_ws.html");

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8006".to_owned());
    let pages = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/axum-ws", get(upgrade))
        .with_state(Arc::new(WebSocketListener::builder()));
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
        .bind(address.as_str())
        .await?;
    println!("listening on http://{}/", listener.local_addr()?);

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = tokio::signal::ctrl_c() => {
            let counts = listener.shutdown(Duration::from_secs(5)).await;
            println!("{counts:?}");
        }
    }
    Ok(())
}

/// The other way round: axum has read the request, and upgrades the stream.
async fn upgrade(State(builder): State<Arc<Builder>>, mut request: AxumRequest) -> AxumResponse {
    let agreed = match builder.upgrade(&request) {
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
