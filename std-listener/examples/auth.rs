//! Who may connect: a page logs in and gets a cookie, and only pages of this origin with that cookie
//! open a WebSocket.
//!
//! ```text
//! cargo run --example auth -- [ADDRESS]
//! ```
//!
//! Open the address it prints; the user is `alice`, the password `opensesame`. Behind TLS, which it
//! should be, add `secure()` to the cookie.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use websocket_listener::{
    AllowedOrigins, Answer, Credentials, Error, InvalidCookie, Request, Response, SameSite,
    SetCookie, WebSocket, WebSocketListener, equal_in_constant_time,
};

const PAGE: &str = include_str!("auth.html");

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8006".to_owned());
    let session = Arc::new(Session::new());
    let listener = WebSocketListener::builder()
        .allowed_origins(AllowedOrigins::same_origin())
        .on_request(move |request| {
            let session = session.clone();
            async move { session.answer(&request) }
        })
        .bind(address.as_str())
        .await?;
    println!("listening on http://{}/", listener.local_addr()?);
    while let Some(socket) = listener.accept().await {
        tokio::spawn(greet(socket));
    }
    Ok(())
}

/// The one session there is, of the one user.
struct Session {
    token: String,
}

impl Session {
    fn new() -> Self {
        Self { token: format!("{:032x}", rand::random::<u128>()) }
    }

    fn answer(&self, request: &Request) -> Answer {
        match request.path() {
            "/" => page(),
            "/login" => self.log_in(request).unwrap_or_else(|_| Response::new(500)).into(),
            "/chat" if self.is_open(request) => Answer::accept(),
            "/chat" => Response::new(401).body("log in first\n").into(),
            _ => Response::new(404).body("not found\n").into(),
        }
    }

    /// The browser asks its user for the password, and gets a cookie in exchange.
    fn log_in(&self, request: &Request) -> Result<Response, InvalidCookie> {
        match Credentials::of(&**request) {
            Ok(credentials) if credentials.is_basic("alice", "opensesame") => {}
            _ => return Ok(Response::basic_challenge("the auth example")),
        }
        let cookie = SetCookie::new("session", &self.token)?
            .path("/")?
            .max_age(Duration::from_secs(3600))
            .same_site(SameSite::Strict)
            .http_only();
        Ok(Response::redirect(303, "/").cookie(&cookie))
    }

    fn is_open(&self, request: &Request) -> bool {
        request.cookie("session").is_some_and(|token| equal_in_constant_time(token, &self.token))
    }
}

fn page() -> Answer {
    Response::new(200).header("Content-Type", "text/html; charset=utf-8").body(PAGE).into()
}

async fn greet(mut socket: WebSocket) -> Result<(), Error> {
    socket.send_text("welcome, alice").await?;
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
