//! Who may connect: a page logs in and gets a cookie, and only pages of this origin with that cookie
//! open a WebSocket.
//!
//! ```text
//! cargo run --example auth -- [--bind ADDRESS] [--port PORT]
//! ```
//!
//! Open the address it prints; the user is `alice`, the password `opensesame`. Each WebSocket also
//! sets a cookie, with the answer that opens it, by which the next one is recognised. Use TLS for
//! anything real, and add `secure()` to the cookies.

mod address;
mod failure;

use std::sync::Arc;
use std::time::Duration;

use websocket_listener::http::Status;
use websocket_listener::http::{
    AllowedOrigins, Answer, Credentials, InvalidCookieError, Request, Response, SameSite,
    SetCookie, equal_in_constant_time,
};
use websocket_listener::{Error, WebSocket, WebSocketListener};

use failure::Failure;

const PAGE: &str = include_str!("auth.html");

const HELP: &str = "\
Usage: auth [--bind ADDRESS] [--port PORT]

A page to log in at, as alice with the password opensesame, and a WebSocket for those who have;
at 127.0.0.1:8006 unless told otherwise.";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = address::from_arguments(HELP, 8006)?;
    let session = Arc::new(Session::new());
    let listener = WebSocketListener::builder()
        .allowed_origins(AllowedOrigins::same_origin())
        .on_request(move |request| {
            let session = session.clone();
            async move { session.answer(&request) }
        })
        .bind(address)
        .await?;
    println!("listening on http://{}/", listener.local_addr()?);

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(greet(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
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
            "/login" => self.log_in(request).into(),
            "/chat" if self.is_open(request) => self.welcome(request).into(),
            "/chat" => Response::new(Status::UNAUTHORIZED).body("log in first\n").into(),
            _ => Response::new(Status::NOT_FOUND).body("not found\n").into(),
        }
    }

    /// The browser asks its user for the password, and gets a cookie in exchange.
    fn log_in(&self, request: &Request) -> Result<Response, Response> {
        match Credentials::of(request) {
            Ok(credentials) if credentials.is_basic("alice", "opensesame") => {}
            _ => return Ok(Response::basic_challenge("the auth example")?),
        }
        let cookie = SetCookie::new("session", &self.token)?
            .path("/")?
            .max_age(Duration::from_secs(3600))
            .same_site(SameSite::Strict)
            .http_only();
        Ok(Response::redirect(Status::SEE_OTHER, "/")?.cookie(&cookie))
    }

    /// The cookie comes with 101: a browser keeps it like that of a page.
    fn welcome(&self, request: &Request) -> Result<Answer, InvalidCookieError> {
        let visit = visits(request).saturating_add(1).to_string();
        let cookie = SetCookie::new("visits", &visit)?.path("/chat")?.same_site(SameSite::Strict);
        Ok(Answer::accept().cookie(&cookie.http_only()))
    }

    fn is_open(&self, request: &Request) -> bool {
        request.cookie("session").is_some_and(|token| equal_in_constant_time(token, &self.token))
    }
}

fn page() -> Answer {
    Response::html(PAGE).into()
}

/// How many WebSockets this browser has opened before, by its own account.
fn visits(request: &Request) -> u32 {
    request.cookie("visits").and_then(|visits| visits.parse().ok()).unwrap_or(0)
}

async fn greet(mut socket: WebSocket) -> Result<(), Error> {
    let greeting = match socket.request().map_or(0, visits) {
        0 => "welcome, alice".to_owned(),
        before => format!("welcome back, alice; visits before: {before}"),
    };
    socket.send(greeting).await?;
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
