//! For those who only send.

use core::future::pending;

use embassy_futures::select::select;
use websocket_listener_embassy::{RecvError, SendError, WebSocketReader};

/// Runs `sending` until the connection is over, and throws away what comes from the peer. Who receives
/// also answers pings, finds out that the peer is gone, and sees a close to its end: so the receiving
/// goes on when nothing can be sent any more.
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
