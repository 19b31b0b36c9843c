//! The server's side of the opening handshake.

use std::error::Error;
use std::ops::Range;
use std::time::Duration;

use embedded_io_async::{Read, Write};
use websocket_listener_core::Instant;
use websocket_listener_core::handshake::{
    Accept, HeadLimits, HeadScanner, PlainResponse, Request, Upgrade,
};

use crate::standard::Standard;

/// How long a peer may take to send its request, from the program's start.
const DEADLINE: Duration = Duration::from_secs(10);

/// Longer than any answer written here.
const ANSWER: usize = 512;

/// Reads a request into the buffer and answers it. Returns the part of the buffer that came after
/// the request: the first bytes of the frames.
///
/// # Errors
/// If the request does not open a WebSocket, or does not come, it was answered with the fitting
/// status. Or the stream failed.
pub(crate) async fn handshake(
    standard: &Standard,
    buffer: &mut [u8],
) -> Result<Range<usize>, Box<dyn Error>> {
    let mut scanner = HeadScanner::new(HeadLimits { bytes: buffer.len(), ..HeadLimits::DEFAULT });
    let deadline = Instant::default() + DEADLINE;
    let mut filled = 0;
    let opened = loop {
        let mut input = standard.input();
        let Some(received) = standard.by(deadline, input.read(&mut buffer[filled..])).await else {
            break Err(PlainResponse::new(408));
        };
        let received = received?;
        if received == 0 {
            return Err("the stream ended before the opening request did".into());
        }
        filled += received;
        if let Some(opened) = read_request(&mut scanner, &buffer[..filled]) {
            break opened;
        }
    };

    let mut answer = [0; ANSWER];
    let length = match &opened {
        Ok((_, upgrade)) => Accept::new(upgrade).write(&mut answer)?,
        Err(refusal) => refusal.write(&mut answer)?,
    };
    standard.output().write_all(&answer[..length]).await?;
    match opened {
        Ok((end, _)) => Ok(end..filled),
        Err(refusal) => Err(format!("refused with {}", refusal.status()).into()),
    }
}

/// The decision about the request, once there is one: where it ends and how it is accepted, or how
/// it is refused.
fn read_request(
    scanner: &mut HeadScanner,
    received: &[u8],
) -> Option<Result<(usize, Upgrade), PlainResponse<'static>>> {
    let end = match scanner.scan(received) {
        Ok(end) => end?,
        Err(error) => return Some(Err(error.into())),
    };
    let opened = match Request::parse(&received[..end]) {
        Ok(request) => request.upgrade().map_err(PlainResponse::from),
        Err(error) => Err(error.into()),
    };
    Some(opened.map(|upgrade| (end, upgrade)))
}
