//! The application's answer to a request.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use websocket_listener_core::handshake::is_handshake_header;

use super::connection::HttpConnection;
use super::future::BoxFuture;
use super::header::{self, Headers, InvalidHeaderError};
use super::origin::OriginError;
use super::response::Response;
use super::set_cookie::{InvalidCookieError, SetCookie};
use crate::options::Options;
use crate::peer::Attached;

/// The application's answer to a request; see
/// [`ListenerBuilder::on_request`](crate::ListenerBuilder::on_request).
pub struct Answer(pub(crate) AnswerKind);

pub(crate) enum AnswerKind {
    Accept(Acceptance),
    Respond(Response),
    TakeOver(TakeOver),
}

pub(crate) type TakeOver = Box<dyn FnOnce(HttpConnection) -> BoxFuture<()> + Send>;

/// The parameters of an acceptance (`101 Switching Protocols`).
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    pub(crate) subprotocol: Option<String>,
    pub(crate) headers: Headers,
    pub(crate) attached: Option<Attached>,
    /// Replace the listener's options.
    pub(crate) options: Option<Box<Options>>,
}

impl Answer {
    /// Accepts the opening handshake. The listener still refuses a request that is not an opening
    /// handshake, with a fitting status.
    #[must_use]
    pub fn accept() -> Self {
        Self(AnswerKind::Accept(Acceptance::default()))
    }

    /// Answers with a response: a refusal, a redirect or a page. A peer that reads nothing of it for
    /// 20 s is disconnected; a peer that still reads may be, if its place is needed
    /// ([`max_negotiations`](crate::ListenerBuilder::max_negotiations)).
    #[must_use]
    pub fn respond(response: Response) -> Self {
        Self(AnswerKind::Respond(response))
    }

    /// Hands the stream to a handler, which runs in a task of its own, without a deadline, as one
    /// of at most [`max_http_connections`](crate::ListenerBuilder::max_http_connections). A
    /// shutdown notifies it ([`HttpConnection::shutdown_begun`]), waits for it, and drops it at the
    /// deadline.
    #[must_use]
    pub fn take_over<F, Fut>(handler: F) -> Self
    where
        F: FnOnce(HttpConnection) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(AnswerKind::TakeOver(Box::new(|connection| Box::pin(handler(connection)))))
    }

    /// Sets the subprotocol of an acceptance, in place of the listener's list. It is ignored if the
    /// client did not offer it.
    #[must_use]
    pub fn subprotocol(mut self, subprotocol: impl Into<String>) -> Self {
        if let AnswerKind::Accept(acceptance) = &mut self.0 {
            acceptance.subprotocol = Some(subprotocol.into());
        }
        self
    }

    /// Attaches a value to an accepted connection for the code that serves it, the owner of a token
    /// for example. [`Request::attached`](crate::http::Request::attached) returns it. A connection
    /// has one such value; another one replaces it.
    ///
    /// ```
    /// use websocket_listener::http::Status;
    /// use websocket_listener::{WebSocket, WebSocketListener};
    /// use websocket_listener::http::{Answer, Request, Response};
    ///
    /// struct User(String);
    ///
    /// async fn user_of(token: &str) -> Option<User> {
    ///     (token == "31d4d96e").then(|| User("alice".to_owned()))
    /// }
    ///
    /// let builder = WebSocketListener::builder().on_request(|request: Request| async move {
    ///     match user_of(request.cookie("session").unwrap_or_default()).await {
    ///         Some(user) => Answer::accept().attach(user),
    ///         None => Response::new(Status::UNAUTHORIZED).into(),
    ///     }
    /// });
    ///
    /// async fn serve(mut socket: WebSocket) -> Result<(), websocket_listener::Error> {
    ///     let user = socket.request().and_then(|request| request.attached::<User>());
    ///     let greeting = format!("hello, {}", user.map_or("stranger", |user| &user.0));
    ///     socket.send(greeting).await
    /// }
    /// # let _ = (builder, serve);
    /// ```
    #[must_use]
    pub fn attach(mut self, value: impl Any + Send + Sync) -> Self {
        if let AnswerKind::Accept(acceptance) = &mut self.0 {
            acceptance.attached = Some(Arc::new(value));
        }
        self
    }

    /// Sets the limits and deadlines of an accepted connection, in place of the
    /// [listener's](crate::ListenerBuilder::options): larger messages for uploads, for example.
    ///
    /// ```
    /// use websocket_listener::{Options, WebSocketListener};
    /// use websocket_listener::http::{Answer, Request};
    ///
    /// let builder = WebSocketListener::builder().on_request(|request: Request| async move {
    ///     match request.path() {
    ///         "/upload" => Answer::accept().options(Options::new().max_message_bytes(1 << 30)),
    ///         _ => Answer::accept(),
    ///     }
    /// });
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        if let AnswerKind::Accept(acceptance) = &mut self.0 {
            acceptance.options = Some(Box::new(options));
        }
        self
    }

    /// Sets a cookie, with an acceptance or a response.
    #[must_use]
    pub fn cookie(self, cookie: &SetCookie) -> Self {
        self.with("Set-Cookie".to_owned(), cookie.to_string().into_bytes())
    }

    /// Adds a header to an acceptance or a response. A stream that is [taken
    /// over](Self::take_over) has none.
    ///
    /// ```
    /// use websocket_listener::WebSocketListener;
    /// use websocket_listener::http::{Answer, Request};
    ///
    /// let builder = WebSocketListener::builder().on_request(|request: Request| async move {
    ///     let room = request.query().unwrap_or("lobby");
    ///     Answer::accept().header("X-Room", room) // 500 if a peer put a control byte there
    /// });
    /// # let _ = builder;
    /// ```
    ///
    /// # Errors
    /// [`InvalidHeaderError`] if the name is not a token, if the value has a control byte such as CR
    /// or LF, and for headers that the listener writes itself: `Connection`, `Content-Length` and
    /// `Transfer-Encoding`, for an acceptance also `Upgrade` and those that begin with
    /// `Sec-WebSocket-`.
    pub fn header(
        self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InvalidHeaderError> {
        let (name, value) = (name.into(), value.into().into_bytes());
        match &self.0 {
            AnswerKind::Accept(_) => header::check(&name, &value, is_handshake_header)?,
            AnswerKind::Respond(_) => header::check(&name, &value, header::is_framing)?,
            AnswerKind::TakeOver(_) => {}
        }
        Ok(self.with(name, value))
    }

    /// Adds a header that is known to be valid.
    pub(super) fn with(mut self, name: String, value: Vec<u8>) -> Self {
        match &mut self.0 {
            AnswerKind::Accept(acceptance) => acceptance.headers.push((name, value)),
            AnswerKind::Respond(response) => response.headers.push((name, value)),
            AnswerKind::TakeOver(_) => {}
        }
        self
    }
}

/// 500.
impl From<InvalidHeaderError> for Answer {
    fn from(error: InvalidHeaderError) -> Self {
        Self::respond(error.into())
    }
}

/// 500.
impl From<InvalidCookieError> for Answer {
    fn from(error: InvalidCookieError) -> Self {
        Self::respond(error.into())
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::respond(response)
    }
}

/// Converts to 403.
impl From<OriginError> for Answer {
    fn from(error: OriginError) -> Self {
        Self::respond(error.into())
    }
}

/// Supports hooks that return early with `?`.
impl<T: Into<Self>, E: Into<Self>> From<Result<T, E>> for Answer {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(answer) => answer.into(),
            Err(refusal) => refusal.into(),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            AnswerKind::Accept(acceptance) => acceptance.fmt(f),
            AnswerKind::Respond(response) => response.fmt(f),
            AnswerKind::TakeOver(_) => f.write_str("TakeOver"),
        }
    }
}
