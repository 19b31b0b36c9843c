//! The head of a server's or a proxy's response.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use websocket_listener_core::handshake::{HeadLimits, Response, ResponseScanner, ScannedResponse};

use super::error::ConnectError;

pub(super) type Head = Response<Arc<[u8]>>;

/// Reads until the head of a 101 or a final response is complete. Bytes after it stay in `received`.
pub(super) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut BytesMut,
) -> Result<Head, ConnectError> {
    let mut scanner = ResponseScanner::new(HeadLimits::DEFAULT);
    loop {
        match scanner.scan(received).map_err(ConnectError::Malformed)? {
            ScannedResponse::Head(length) => {
                let head = Arc::from(&received.split_to(length)[..]);
                return Response::parse(head).map_err(ConnectError::Malformed);
            }
            ScannedResponse::Interim(length) => {
                received.advance(length);
                continue;
            }
            ScannedResponse::Incomplete => {}
        }
        match stream.read_buf(received).await {
            Ok(0) | Err(_) => return Err(ConnectError::Disconnected),
            Ok(_) => {}
        }
    }
}
