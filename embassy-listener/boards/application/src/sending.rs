//! The pattern of a connection that only sends.

use core::future::pending;

use embassy_futures::select::select;
use websocket_listener_embassy::{RecvError, SendError, WebSocketReader};

/// Runs `sending` until the connection ends, and discards received messages beside it. Receiving
/// answers pings, notices the end and completes the closing handshake, so it continues after a
/// failed send.
pub(crate) async fn until_end(
    reader: WebSocketReader<'_>,
    sending: impl Future<Output = Result<(), SendError>>,
) {
    let sending = async {
        let _ = sending.await;
        pending::<()>().await;
    };
    select(drain(reader), sending).await;
}

async fn drain(mut reader: WebSocketReader<'_>) -> Result<(), RecvError> {
    while reader.next_message().await?.is_some() {}
    Ok(())
}
