//! For those who only send.

use core::future::pending;

use embassy_futures::select::select;
use websocket_listener_embassy::{RecvError, SendError, WebSocketReader};

/// Runs `sending` until the connection is over, and discards what comes from the peer. Receiving
/// also answers pings, notices that the peer is gone, and completes a close, so it continues when
/// nothing can be sent any more.
pub(crate) async fn until_over(
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
