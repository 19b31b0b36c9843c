//! Messages over a transport, in the caller's buffers.
//!
//! [`WebSocket`] runs a [`Connection`](crate::Connection) over the two halves of a stream. Frames
//! are decoded in the transport's own receive buffer ([`ReadHalf::poll_read_with`]) and encoded in
//! its own send buffer ([`WriteHalf::poll_write_with`]), so a payload is copied once each way and
//! never waits in between. [`BufferedReader`] and [`BufferedWriter`] provide these buffers for a
//! transport that has none:
//!
//! ```
//! use core::pin::pin;
//!
//! use embedded_io_async::{Read, Write};
//! use websocket_listener_core::io::{
//!     BufferedReader, BufferedWriter, Error, Message, NoClock, ReadBuffer, WebSocket, WriteBuffer,
//! };
//! use websocket_listener_core::{Config, Role};
//!
//! async fn echo(input: impl Read, output: impl Write) -> Result<(), Error> {
//!     let (mut received, mut sent, mut buffer) = ([0; 32], [0; 131], [0; 256]);
//!     let (received, sent) = (ReadBuffer::new(&mut received), WriteBuffer::new(&mut sent));
//!     let filling = pin!(received.fill_from(input));
//!     let draining = pin!(sent.drain_into(output));
//!     let reader = BufferedReader::new(&received, filling);
//!     let writer = BufferedWriter::new(&sent, draining);
//!     let mut socket = WebSocket::new(reader, writer, NoClock, Role::Server, Config::new());
//!     while let Some(message) = socket.recv(&mut buffer).await? {
//!         match message {
//!             Message::Text(text) => socket.send_text(text).await?,
//!             Message::Binary(bytes) => socket.send_binary(bytes).await?,
//!         }
//!     }
//!     Ok(())
//! }
//!
//! # fn block_on<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = core::task::Context::from_waker(core::task::Waker::noop());
//! #     match core::pin::pin!(future).poll(&mut context) {
//! #         core::task::Poll::Ready(result) => result,
//! #         core::task::Poll::Pending => panic!(),
//! #     }
//! # }
//! // "Hello" and a close, as a client sends them (RFC 6455 section 5.7)
//! let input = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x80\0\0\0\0";
//! let mut output = [0; 64];
//! block_on(echo(&input[..], &mut output[..]))?;
//! assert_eq!(&output[..9], b"\x81\x05Hello\x88\x00");
//! # Ok::<_, Error>(())
//! ```
//!
//! # Sizes
//! The transport's read side may have any size. Its write side needs 131 contiguous bytes, so that
//! every control frame fits. Messages of any size pass through both; only `recv` needs a buffer for
//! a whole message.
//!
//! # Cancel safety
//! Every async function documents what happens when its future is dropped. No drop cuts a frame or
//! causes a byte to be decoded twice: the connection keeps all work in progress, and the futures
//! hold only the caller's arguments.

mod buffered_reader;
mod buffered_writer;
mod clock;
mod collect;
#[cfg(feature = "deflate")]
mod compression;
#[cfg(not(feature = "deflate"))]
#[path = "no_compression.rs"]
mod compression;
mod decoder;
mod error;
mod fingerprint;
mod message;
mod message_reader;
mod message_writer;
mod piece;
mod receiving;
mod sending;
mod shared;
mod sizes;
mod split;
mod task;
mod transport;
mod websocket;

/// The greatest length, in bytes, of a ping's payload or a close reason that a connection sends: it
/// stores them until there is room to write them. Those that the peer sends may be as long as
/// RFC 6455 section 5.5 permits.
pub const MAX_SENT_CONTROL_PAYLOAD: usize = 32;

/// The engine of a connection, with just the memory that control frames need.
type Engine = crate::Connection<ControlArray, ControlArray<MAX_SENT_CONTROL_PAYLOAD>>;

pub use buffered_reader::{BufferedReader, ReadBuffer};
pub use buffered_writer::{BufferedWriter, WriteBuffer};
pub use clock::{Clock, NoClock};
#[cfg(feature = "deflate")]
pub use compression::Codec;
pub use error::{Error, RecvError, SendError};
pub use message::Message;
pub use message_reader::MessageReader;
pub use message_writer::MessageWriter;
pub use split::{WebSocketReader, WebSocketWriter};
pub use transport::{ReadHalf, WriteHalf};
pub use websocket::WebSocket;

pub use embedded_io_async::ErrorKind;

use crate::ControlArray;
