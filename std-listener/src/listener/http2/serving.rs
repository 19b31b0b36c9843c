//! HTTP/2 connections: many WebSockets over one stream (RFC 8441).

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::request::Parts;
use ::http::{HeaderMap, Method, Request as HttpRequest, Response as HttpResponse, header};
use bytes::{Bytes, BytesMut};
use h2::ext::Protocol;
use h2::server::{Connection as Http2, SendResponse};
use h2::{Reason, RecvStream};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{self, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use websocket_listener_core::handshake::{HeadError, MAX_HEAD_BYTES, UpgradeError};

use super::liveness::{silence, watch};
use super::options::Http2Options;
use super::stream::Http2Stream;
use crate::handshake::decision::{Decision, Terms, decide};
use crate::handshake::interruption::Interruption;
use crate::handshake::refusal::Refusal;
use crate::handshake::response::Acceptance;
use crate::http::linger;
use crate::http::request::Request;
use crate::http::response::Response;
use crate::http::status::Status;
use crate::listener::shared::Shared;
use crate::peer::Peer;
use crate::transport::Transport;
use crate::websocket::WebSocket;

/// The common part of all streams of a connection.
#[derive(Clone)]
pub(in crate::listener) struct Common {
    pub(in crate::listener) shared: Arc<Shared>,
    pub(in crate::listener) accepted: mpsc::Sender<WebSocket>,
    pub(in crate::listener) peer: Peer,
    pub(in crate::listener) local_addr: Option<SocketAddr>,
}

/// Serves a connection to its end. A shutdown tells the peer to open no more streams, and lets the
/// open ones finish.
pub(in crate::listener) async fn serve(
    common: Common,
    options: Http2Options,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    shutdown: CancellationToken,
) {
    let builder = builder(&common, options);
    let (stream, heard) = watch(stream);
    let handshake = builder.handshake::<_, Bytes>(stream);
    let refusal = match timeout(common.shared.config.handshake_timeout, handshake).await {
        Ok(Ok(mut connection)) => {
            let silence = silence(connection.ping_pong(), heard, options);
            return serve_connection(common, options, connection, silence, shutdown).await;
        }
        Ok(Err(error)) if error.is_io() => Refusal::Disconnected,
        Ok(Err(_)) => Refusal::Head(HeadError::NotHttp),
        Err(_) => Refusal::Interrupted(Interruption::Deadline),
    };
    common.shared.note_refusal(&common.peer, &refusal);
}

async fn serve_connection(
    common: Common,
    options: Http2Options,
    mut connection: Http2<impl AsyncRead + AsyncWrite + Unpin, Bytes>,
    silence: impl Future<Output = ()>,
    shutdown: CancellationToken,
) {
    let peer_addr = common.peer.addr;
    tracing::debug!(?peer_addr, "HTTP/2");
    let mut silence = pin!(silence);
    let mut idle = Idle::new(options.idle_timeout);
    let mut going_away = false;
    loop {
        tokio::select! {
            stream = connection.accept() => match stream {
                Some(Ok((request, respond))) => {
                    idle.had_stream = true;
                    let mut common = common.clone();
                    let span = common.peer.open_span();
                    tokio::spawn(Box::pin(common.answer(request, respond).instrument(span)));
                }
                Some(Err(error)) => {
                    tracing::debug!(?peer_addr, %error, "HTTP/2 ended");
                    return;
                }
                None => return,
            },
            () = shutdown.cancelled(), if !going_away => {
                going_away = true;
                connection.graceful_shutdown();
            }
            () = &mut silence => {
                tracing::debug!(?peer_addr, "HTTP/2 peer gave no sign of life");
                return;
            }
            () = idle.tick() => match idle.check(&connection) {
                Idleness::Not => {}
                Idleness::Begun => connection.graceful_shutdown(),
                Idleness::Over => return,
            },
        }
    }
}

fn builder(common: &Common, options: Http2Options) -> h2::server::Builder {
    // RFC 9113 section 6.5.2 counts 32 bytes more for each header, and for each piece of a cookie.
    // The limit of the head applies to the translated request.
    let header_list_bytes = 4 * common.shared.config.head_limits.bytes.min(MAX_HEAD_BYTES);
    let mut builder = h2::server::Builder::new();
    builder
        .enable_connect_protocol()
        .max_concurrent_streams(options.max_concurrent_streams)
        .initial_window_size(options.stream_window)
        .initial_connection_window_size(options.connection_window)
        .max_send_buffer_size(options.send_buffer as usize)
        .max_header_list_size(header_list_bytes as u32);
    builder
}

/// The idle timer of a connection.
struct Idle {
    ticks: time::Interval,
    /// A stream was opened since the last tick.
    had_stream: bool,
    ending: bool,
}

enum Idleness {
    Not,
    Begun,
    /// The peer was told to end the connection, and has not.
    Over,
}

impl Idle {
    fn new(timeout: Duration) -> Self {
        let ticks = time::interval(timeout.max(Duration::from_millis(1)));
        Self { ticks, had_stream: true, ending: false }
    }

    async fn tick(&mut self) {
        self.ticks.tick().await;
    }

    fn check<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        connection: &Http2<S, Bytes>,
    ) -> Idleness {
        if std::mem::take(&mut self.had_stream) || connection.has_streams() {
            return Idleness::Not;
        }
        if std::mem::replace(&mut self.ending, true) { Idleness::Over } else { Idleness::Begun }
    }
}

impl Common {
    /// Negotiates over one stream, within the handshake's deadline, and until a reset by the peer,
    /// after which the stream no longer counts.
    async fn answer(self, request: HttpRequest<RecvStream>, mut respond: SendResponse<Bytes>) {
        let (parts, body) = request.into_parts();
        let negotiating = timeout(self.shared.config.handshake_timeout, self.negotiate(&parts));
        let decided = tokio::select! {
            decided = negotiating => {
                decided.unwrap_or(Err(Refusal::Interrupted(Interruption::Deadline)))
            }
            _ = poll_fn(|cx| respond.poll_reset(cx)) => Err(Refusal::Disconnected),
        };
        let refusal = match decided {
            Ok((request, Decision::Accept(terms))) => {
                self.accept(request, terms, &mut respond, body)
            }
            Ok((_, Decision::TakeOver(_))) => {
                // A handler that takes a stream over uses HTTP/1.1, with which the client may retry.
                respond.send_reset(Reason::HTTP_1_1_REQUIRED);
                return;
            }
            Err(refusal) => Err((refusal, body)),
        };
        if let Err((refusal, body)) = refusal {
            self.shared.note_refusal(&self.peer, &refusal);
            if let Some((response, with_body)) = refusal.response() {
                let with_body = with_body && parts.method != Method::HEAD;
                // The client may have disconnected.
                let _ = send(response, with_body, respond, body).await;
            }
        }
    }

    async fn negotiate(&self, parts: &Parts) -> Result<(Request, Decision), Refusal> {
        let protocol = parts.extensions.get::<Protocol>().map(Protocol::as_str);
        let websocket = protocol == Some("websocket");
        if parts.method == Method::CONNECT && !websocket {
            let response = Response::plain(
                Status::NOT_IMPLEMENTED,
                "Nothing but WebSockets is connected here.",
            );
            return Err(Refusal::Rejected { response, with_body: true });
        }
        let config = &self.shared.config;
        let request = Request::translate(parts, websocket, self.peer.clone());
        let mut request = request.map_err(Refusal::Head)?;
        if request.head().len() > config.head_limits.bytes {
            return Err(Refusal::Head(HeadError::TooLarge));
        }
        if request.headers().count() > config.head_limits.headers {
            return Err(Refusal::Head(HeadError::TooManyHeaders));
        }
        if let Some(forwarded) = &config.forwarded {
            request.apply_forwarded(forwarded);
        }
        let checked = request.as_engine().verify_extended_connect();
        let decision =
            decide(config, &self.shared.limiter, config.on_request.as_ref(), &mut request, checked)
                .await
                .map_err(without_further_standards)?;
        Ok((request, decision))
    }

    /// Opens the WebSocket.
    fn accept(
        &self,
        request: Request,
        terms: Terms,
        respond: &mut SendResponse<Bytes>,
        receiving: RecvStream,
    ) -> Result<(), (Refusal, RecvStream)> {
        let Ok(admission) = self.accepted.clone().try_reserve_owned() else {
            return Err((Refusal::QueueFull, receiving));
        };
        let config = &self.shared.config;
        let acceptance = Acceptance::new(config, &request, terms);
        let mut response = HttpResponse::new(());
        *response.headers_mut() = match acceptance.fields() {
            Ok(fields) => without_connection_headers(fields),
            Err(error) => return Err((Refusal::InvalidAnswer(error), receiving)),
        };
        // RFC 8441 section 5: the status is 200, and there is no accept key.
        let Ok(sending) = respond.send_response(response, false) else {
            return Err((Refusal::Disconnected, receiving));
        };
        let established = acceptance.establish(config, request, BytesMut::new());
        let stream = Http2Stream::new(receiving, sending, self.local_addr);
        let stream = Transport::Http2(Box::new(stream));
        admission.send(established.into_websocket(stream, self.shared.membership()));
        Ok(())
    }
}

/// Refuses other versions: over HTTP/2, only that of RFC 6455 is supported.
fn without_further_standards(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Version { with_body, .. } => {
            Refusal::Upgrade { error: UpgradeError::Version, with_body }
        }
        other => other,
    }
}

/// Removes the headers of an HTTP/1.1 connection (RFC 9113 section 8.2.2). Answers never have
/// `Connection` and `Transfer-Encoding`.
fn without_connection_headers(mut headers: HeaderMap) -> HeaderMap {
    for name in ["upgrade", "keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
    headers
}

/// Sends a response of any length, while the peer reads some of it at least every 20 s.
async fn send(
    response: Response,
    with_body: bool,
    mut respond: SendResponse<Bytes>,
    receiving: RecvStream,
) -> io::Result<()> {
    let (mut parts, body) = response.into_http().into_parts();
    parts.headers = without_connection_headers(parts.headers);
    if !matches!(parts.status.as_u16(), 204 | 304) {
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    let body = if with_body { body } else { Bytes::new() };
    let response = HttpResponse::from_parts(parts, ());
    let sending = respond.send_response(response, body.is_empty()).map_err(io::Error::other)?;
    if body.is_empty() {
        return Ok(());
    }
    let mut stream = Http2Stream::new(receiving, sending, None);
    linger::answer(&mut stream, &body).await?;
    stream.shutdown().await
}
