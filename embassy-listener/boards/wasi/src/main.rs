//! Serves one WebSocket connection on standard input and output: does the opening handshake and
//! sends every message back, as it comes. Its buffers are 16 KiB; messages may be of any length.
//!
//! It is for a host that starts one instance for each connection, as inetd does. Once the program
//! has ended, the host ends the stream, for which WASI has no call: it shuts down the sending side
//! and reads to the end of the other, or what TCP still holds may be lost.
//!
//! It exits with 0 after a closing handshake, otherwise with 1 and the reason on standard error.

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

/// How many bytes are read at once; the opening request has to fit.
const RECEIVE_BUFFER: usize = 8 * 1024;

/// How many bytes are written at once: the longest frame sent.
const SEND_BUFFER: usize = 4 * 1024;

/// No limit: nothing of a message is kept.
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
