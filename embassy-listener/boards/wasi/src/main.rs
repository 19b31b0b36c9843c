//! Serves one WebSocket connection on standard input and output: performs the opening handshake and
//! echoes messages of any length as they arrive, in 16 KiB of buffers.
//!
//! The host starts one instance for each connection, as inetd does. Once the program has ended, the
//! host ends the stream, for which WASI has no call: it shuts down its direction and reads to the
//! end of the peer's. Otherwise bytes that TCP still holds may be lost.
//!
//! Exits with 0 after a closing handshake, otherwise with 1 and the reason on standard error.

mod echo;
mod opening;
mod standard;

use std::error::Error;
use std::pin::pin;
use std::process::ExitCode;

use websocket_listener_core::io::{
    BufferedReader, BufferedWriter, ReadBuffer, WebSocket, WriteBuffer,
};
use websocket_listener_core::{Config, Role};

use crate::standard::Standard;

/// The size of the receive buffer in bytes; the head of the request has to fit.
const RECEIVE_BUFFER: usize = 8 * 1024;

/// The size of the send buffer in bytes, which is the longest frame.
const SEND_BUFFER: usize = 4 * 1024;

/// No limits for messages, because none is held as a whole.
const CONFIG: Config = Config::new().max_message_bytes(u64::MAX).max_fragments(u32::MAX);

fn main() -> ExitCode {
    let standard = Standard::new();
    match standard.run(serve(&standard)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves the connection to its end.
async fn serve(standard: &Standard) -> Result<(), Box<dyn Error>> {
    let mut receive_buffer = [0; RECEIVE_BUFFER];
    let mut send_buffer = [0; SEND_BUFFER];
    let received = opening::handshake(standard, &mut receive_buffer).await?;
    let receive_buffer = ReadBuffer::with_received(&mut receive_buffer, received);
    let send_buffer = WriteBuffer::new(&mut send_buffer);
    let filling = pin!(receive_buffer.fill_from(standard.input()));
    let draining = pin!(send_buffer.drain_into(standard.output()));
    let mut socket = WebSocket::new(
        BufferedReader::new(&receive_buffer, filling),
        BufferedWriter::new(&send_buffer, draining),
        standard,
        Role::Server,
        CONFIG,
    );
    Ok(echo::run(&mut socket).await?)
}
