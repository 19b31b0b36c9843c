//! The application's answers to requests.

use embassy_time::with_timeout;

use crate::clock::from_millis;
use crate::http::{HttpConnection, HttpError, Request, Response};

/// Asks the application about requests; see
/// [`WebSocketListener::on_request`](crate::WebSocketListener::on_request).
///
/// ```
/// use websocket_listener_embassy::{Answer, HttpConnection, OnRequest, Request, Response};
///
/// struct Page;
///
/// impl OnRequest for Page {
///     fn answer(&self, request: &Request<'_>) -> Answer<'_> {
///         match (request.is_upgrade(), request.path()) {
///             (true, "/echo") => Answer::accept(),
///             (false, "/") => Answer::take_over(),
///             _ => Answer::respond(Response::new(404)),
///         }
///     }
///
///     async fn take_over(&self, http: &mut HttpConnection<'_>) {
///         let page = Response::new(200).headers(&[("Content-Type", b"text/html")]);
///         let _ = http.respond(page.body(b"<h1>It works</h1>")).await;
///     }
/// }
/// ```
#[expect(async_fn_in_trait, reason = "a listener lives on one executor")]
pub trait OnRequest {
    /// Answers a request: a correct opening handshake, or plain HTTP. A faulty opening handshake is
    /// refused without asking.
    ///
    /// It is called while the network stack is borrowed, so it must not use the stack: calling one
    /// of its methods would panic.
    fn answer(&self, request: &Request<'_>) -> Answer<'_>;

    /// Serves a request that [`answer`](Self::answer) took over. It runs within the [HTTP
    /// timeout](crate::Options::http_timeout), at which it is dropped, wherever it waits.
    async fn take_over(&self, http: &mut HttpConnection<'_>) {
        let _ = http.respond(Response::new(404)).await;
    }

    /// Not to be implemented: sends the response, or has the request taken over, within this many
    /// milliseconds. [`AcceptAll`] does neither, so that no code for either is linked.
    #[doc(hidden)]
    async fn serve(
        &self,
        http: &mut HttpConnection<'_>,
        response: Option<Response<'_>>,
        timeout: u32,
    ) -> Result<(), HttpError> {
        let served = async {
            match response {
                Some(response) => http.respond(response).await,
                None => {
                    self.take_over(http).await;
                    Ok(())
                }
            }
        };
        with_timeout(from_millis(timeout), served).await.unwrap_or(Err(HttpError::TimedOut))
    }

    /// Not to be implemented: the headers of an acceptance. [`AcceptAll`] has none, so that no code
    /// that checks them is linked.
    #[doc(hidden)]
    fn headers<'a>(&self, headers: &'a [(&'a str, &'a [u8])]) -> &'a [(&'a str, &'a [u8])] {
        headers
    }
}

/// Opens every WebSocket, and refuses plain HTTP with 400 or another fitting status.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl OnRequest for AcceptAll {
    fn answer(&self, _: &Request<'_>) -> Answer<'_> {
        Answer::accept()
    }

    async fn serve(
        &self,
        _: &mut HttpConnection<'_>,
        _: Option<Response<'_>>,
        _: u32,
    ) -> Result<(), HttpError> {
        Ok(())
    }

    fn headers<'a>(&self, _: &'a [(&'a str, &'a [u8])]) -> &'a [(&'a str, &'a [u8])] {
        &[]
    }
}

/// What the application answers to a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a>(pub(crate) AnswerKind<'a>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum AnswerKind<'a> {
    Accept { subprotocol: Option<&'static str>, headers: &'a [(&'a str, &'a [u8])] },
    Respond(Response<'a>),
    TakeOver,
}

impl<'a> Answer<'a> {
    /// Open the WebSocket. A request that is not an opening handshake is refused all the same, with
    /// the status that says why.
    #[must_use]
    pub const fn accept() -> Self {
        Self(AnswerKind::Accept { subprotocol: None, headers: &[] })
    }

    /// Answer with a response: a refusal, a redirect, a page.
    #[must_use]
    pub const fn respond(response: Response<'a>) -> Self {
        Self(AnswerKind::Respond(response))
    }

    /// Have [`OnRequest::take_over`] called.
    #[must_use]
    pub const fn take_over() -> Self {
        Self(AnswerKind::TakeOver)
    }

    /// Chooses the subprotocol of an accepted connection, in place of the list in the options. One
    /// that the client did not offer is ignored.
    #[must_use]
    pub const fn subprotocol(self, subprotocol: &'static str) -> Self {
        match self.0 {
            AnswerKind::Accept { headers, .. } => {
                Self(AnswerKind::Accept { subprotocol: Some(subprotocol), headers })
            }
            _ => self,
        }
    }

    /// Further headers of an acceptance or a response; they replace those given before. A malformed
    /// header, or one that the listener writes itself, makes the answer 500, as does an acceptance
    /// that is larger than the transmit ring.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        match self.0 {
            AnswerKind::Accept { subprotocol, .. } => {
                Self(AnswerKind::Accept { subprotocol, headers })
            }
            AnswerKind::Respond(response) => Self(AnswerKind::Respond(response.headers(headers))),
            AnswerKind::TakeOver => self,
        }
    }
}
