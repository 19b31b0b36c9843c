//! The connection over a stream: every future of it polled as often as one likes, and dropped
//! wherever it waits.

use core::hint::black_box;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_io_async::{Error as _, Read, Write};
use websocket_listener_core::io::{
    BufferedReader, BufferedWriter, Clock, Message, MessageReader, MessageWriter, NoClock,
    ReadBuffer, ReadHalf, WebSocket, WebSocketReader, WebSocketWriter, WriteBuffer, WriteHalf,
};
use websocket_listener_core::{CloseCode, MessageKind, Role};

use crate::engine::{config, duration};
use crate::errors::say;
use crate::stream::{AnyClock, Pipe, Ring};
use crate::{any, any_bytes};

/// Drives a connection over either kind of stream, with and without a clock.
pub fn drive() {
    let (mut read_buffer, mut write_buffer) = ([0; 64], [0; 256]);
    let received = match any(true) {
        true => ReadBuffer::new(any_bytes(&mut read_buffer)),
        false => ReadBuffer::with_received(any_bytes(&mut read_buffer), any(0..1)),
    };
    let sent = WriteBuffer::new(any_bytes(&mut write_buffer));
    let (filling, draining) = (pin!(received.fill_from(Pipe)), pin!(sent.drain_into(Pipe)));
    let reader = BufferedReader::new(&received, filling);
    connection(reader, BufferedWriter::new(&sent, draining), AnyClock);
    connection(Ring::new(), Ring::new(), &AnyClock);
    let (mut reader, mut writer) = (Ring::new(), Ring::new());
    connection(&mut reader, &mut writer, NoClock);
}

/// Polls a future until it is ready, and uses what it gives, or until it is no longer wanted.
fn run<F: Future>(future: F, then: impl FnOnce(F::Output)) {
    let mut context = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    while any(true) {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return then(output);
        }
    }
}

/// Uses a connection, whole and split, in any order.
fn connection<R: ReadHalf, W: WriteHalf, C: Clock>(reader: R, writer: W, clock: C) -> (R, W) {
    let mut socket = WebSocket::new(reader, writer, clock, any(Role::Server), config());
    while any(true) {
        whole(&mut socket);
        let (mut reader, mut writer) = socket.split();
        while any(true) {
            reading_half(&mut reader);
            writing_half(&mut writer);
        }
    }
    socket.into_halves()
}

/// Everything the whole connection does.
fn whole<R: ReadHalf, W: WriteHalf, C: Clock>(socket: &mut WebSocket<R, W, C>) {
    let mut buffer = [0; 64];
    run(socket.recv(any_bytes(&mut buffer)), |received| say(received.map(see_message)));
    run(socket.next_message(), |message| {
        if let Ok(Some(message)) = message {
            read(message);
        }
    });
    write(socket.message_writer(any(MessageKind::Text)));
    run(socket.send_text(any("text")), say);
    run(socket.send_binary(any(b"binary")), say);
    run(socket.ping(any(b"ping")), say);
    run(socket.close(CloseCode::new(any(1000)), any("reason")), |closed| {
        black_box(closed.as_ref().map_err(|error| error.kind())).ok();
        say(closed);
    });
    black_box(socket.latency());
    black_box(socket.close_reason());
}

/// Everything the receiving half does.
fn reading_half<R: ReadHalf, W: WriteHalf, C: Clock>(reader: &mut WebSocketReader<'_, R, W, C>) {
    let mut buffer = [0; 64];
    run(reader.recv(any_bytes(&mut buffer)), |received| say(received.map(see_message)));
    run(reader.next_message(), |message| {
        if let Ok(Some(message)) = message {
            read(message);
        }
    });
    run(reader.close(CloseCode::new(any(1000)), any("reason")), say);
    reader.close_reason(|reason| {
        black_box(reason);
    });
    black_box(reader.latency());
}

/// Everything the sending half does.
fn writing_half<W: WriteHalf, C: Clock>(writer: &mut WebSocketWriter<'_, W, C>) {
    write(writer.message_writer(any(MessageKind::Binary)));
    run(writer.send_text(any("text")), say);
    run(writer.send_binary(any(b"binary")), say);
    run(writer.ping(any(b"ping")), say);
    run(writer.close(CloseCode::new(any(1000)), any("reason")), say);
    black_box(writer.latency());
}

/// Reads a message as a stream, in both of the ways.
fn read<R: ReadHalf, W: WriteHalf, C: Clock>(mut message: MessageReader<'_, R, W, C>) {
    black_box(message.kind());
    let mut buffer = [0; 64];
    while any(true) {
        run(message.read(any_bytes(&mut buffer)), |count| {
            black_box(count.as_ref().map_err(|error| error.kind())).ok();
            say(count);
        });
        run(Read::read(&mut message, any_bytes(&mut buffer)), say);
    }
}

/// Writes a message as a stream, in both of the ways, to its end or not.
fn write<W: WriteHalf, C: Clock>(mut message: MessageWriter<'_, W, C>) {
    black_box(message.kind());
    while any(true) {
        run(message.write(any(b"payload")), |count| {
            black_box(count.as_ref().map_err(|error| error.kind())).ok();
            say(count);
        });
        run(message.flush(), say);
        run(Write::write(&mut message, any(b"payload")), say);
        run(Write::flush(&mut message), say);
    }
    if any(true) {
        run(message.finish(), say);
    }
}

/// Looks at a whole message.
fn see_message(message: Option<Message<'_>>) {
    if let Some(message) = message {
        black_box((message.kind(), message.as_bytes()));
    }
    black_box(message);
}
