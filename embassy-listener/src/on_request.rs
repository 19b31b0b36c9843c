//! The hook through which the application answers requests.

use embassy_time::with_timeout;

use crate::clock::from_millis;
use crate::http::{HttpConnection, HttpError, Request, Response};

/// The application's answers to requests; see
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
#[doc(alias("middleware", "auth", "routes", "handler"))]
#[expect(async_fn_in_trait, reason = "a listener lives on one executor")]
pub trait OnRequest {
    /// Answers a request: a correct opening handshake, or plain HTTP. The listener refuses a faulty
    /// opening handshake itself.
    ///
    /// The network stack is borrowed during the call: calling one of its methods panics.
    fn answer(&self, request: &Request<'_>) -> Answer<'_>;

    /// Serves a request that [`answer`](Self::answer) has taken over. The future is dropped at the
    /// [HTTP timeout](crate::Options::http_timeout).
    async fn take_over(&self, http: &mut HttpConnection<'_>) {
        let _ = http.respond(Response::new(404)).await;
    }

    /// Not to be implemented: sends the response, or calls [`take_over`](Self::take_over) without
    /// one, within `timeout` milliseconds. [`AcceptAll`] does neither, so the code of both is linked
    /// only where it is used.
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

    /// Not to be implemented: returns the headers of an acceptance. [`AcceptAll`] has none, so the
    /// code that checks headers is linked only where it is used.
    #[doc(hidden)]
    fn headers<'a>(&self, headers: &'a [(&'a str, &'a [u8])]) -> &'a [(&'a str, &'a [u8])] {
        headers
    }
}

/// The default hook, which accepts every correct opening handshake and refuses plain HTTP with 400
/// or another fitting status.
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

/// The application's answer to a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a>(pub(crate) AnswerKind<'a>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum AnswerKind<'a> {
    Accept { subprotocol: Option<&'static str>, headers: &'a [(&'a str, &'a [u8])] },
    Respond(Response<'a>),
    TakeOver,
}

impl<'a> Answer<'a> {
    /// Accepts the opening handshake. The listener still refuses a request that is not an opening
    /// handshake, with a fitting status.
    #[must_use]
    pub const fn accept() -> Self {
        Self(AnswerKind::Accept { subprotocol: None, headers: &[] })
    }

    /// Answers with a response: a refusal, a redirect or a page.
    #[must_use]
    pub const fn respond(response: Response<'a>) -> Self {
        Self(AnswerKind::Respond(response))
    }

    /// Has the listener call [`OnRequest::take_over`].
    #[must_use]
    pub const fn take_over() -> Self {
        Self(AnswerKind::TakeOver)
    }

    /// Sets the subprotocol of an acceptance, in place of the list in the options. It is ignored if
    /// the client did not offer it.
    #[must_use]
    pub const fn subprotocol(self, subprotocol: &'static str) -> Self {
        match self.0 {
            AnswerKind::Accept { headers, .. } => {
                Self(AnswerKind::Accept { subprotocol: Some(subprotocol), headers })
            }
            _ => self,
        }
    }

    /// Sets the headers of an acceptance or a response, in place of any set before. The answer
    /// becomes 500 if a header is malformed or one that the listener writes itself, or if an
    /// acceptance is larger than the transmit ring.
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
