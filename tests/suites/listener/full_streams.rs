//! Streams that write nothing, and say so, as some do once they have ended
//! ([`AsyncWrite::poll_write`]).

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Response};
use websocket_listener::{AcceptError, WebSocketListener};
use websocket_listener_tests::request::request;

use crate::support::in_virtual_time;

struct Full(DuplexStream);

impl AsyncRead for Full {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Full {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(0))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Such a stream, on which this request has come.
async fn asked(request: &str) -> (Full, DuplexStream) {
    let (mut near, far) = tokio::io::duplex(4096);
    near.write_all(request.as_bytes()).await.unwrap();
    (Full(far), near)
}

#[test]
fn an_acceptance_and_a_refusal_do_not_wait_for_a_full_stream() {
    in_virtual_time(async {
        let (stream, _peer) = asked(&request().text()).await;
        let accepted = WebSocketListener::builder().acceptor().accept(stream).await;
        assert_eq!(accepted.err(), Some(AcceptError::Disconnected));
        let (stream, _peer) = asked("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let accepted = WebSocketListener::builder().acceptor().accept(stream).await;
        assert_eq!(accepted.err(), Some(AcceptError::Refused { status: 400 }));
    });
}

#[test]
fn a_handler_is_told_that_a_full_stream_takes_nothing() {
    in_virtual_time(async {
        let (stream, _peer) = asked("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let builder = WebSocketListener::builder().on_request(|_| async {
            Answer::take_over(|http: HttpConnection| async {
                let error = http.respond(Response::new(Status::OK)).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::WriteZero);
            })
        });
        assert_eq!(builder.acceptor().accept(stream).await.err(), Some(AcceptError::TakenOver));
    });
}
