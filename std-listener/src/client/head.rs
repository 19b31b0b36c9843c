//! The head of a server's or a proxy's response.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};
use websocket_listener_core::handshake::{
    HeadError, HeadLimits, HeadScanner, MalformedHead, Response, ResponseHeadError,
};

use super::error::ConnectError;

/// The limit of interim responses, 100 to 199, before the final one.
const MAX_INTERIM: usize = 8;

pub(super) type Head = Response<Arc<[u8]>>;

/// Reads until the head of a 101 or a final response is complete. Bytes after it stay in `received`.
pub(super) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut BytesMut,
) -> Result<Head, ConnectError> {
    for _ in 0..=MAX_INTERIM {
        let head = Response::parse(read_one(stream, received).await?);
        let head = head.map_err(ConnectError::Malformed)?;
        // RFC 9110 section 15.2: interim responses may come first, and have no meaning here.
        if head.status() == 101 || head.status() >= 200 {
            return Ok(head);
        }
    }
    Err(ConnectError::Malformed(ResponseHeadError::TooLarge))
}

async fn read_one<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut BytesMut,
) -> Result<Arc<[u8]>, ConnectError> {
    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    loop {
        match scanner.scan(received) {
            Ok(Some(end)) => return Ok(Arc::from(&received.split_to(end)[..])),
            Ok(None) => {}
            Err(error) => return Err(ConnectError::Malformed(fault_of(error))),
        }
        match stream.read_buf(received).await {
            Ok(0) | Err(_) => return Err(ConnectError::Disconnected),
            Ok(_) => {}
        }
    }
}

const fn fault_of(error: HeadError) -> ResponseHeadError {
    match error {
        HeadError::TooLarge => ResponseHeadError::TooLarge,
        HeadError::TooManyHeaders => ResponseHeadError::TooManyHeaders,
        HeadError::Malformed(MalformedHead::NotHttp) => ResponseHeadError::StatusLine,
        HeadError::Malformed(MalformedHead::BareCarriageReturn | MalformedHead::BareLineFeed) => {
            ResponseHeadError::LineEnd
        }
        _ => ResponseHeadError::Header,
    }
}
