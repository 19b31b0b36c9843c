//! A client made of raw bytes.

use std::collections::VecDeque;

use websocket_listener_core::{CloseCode, MessageKind, OpCode};

use crate::request::{ACCEPT, request};
use crate::target::{Moved, Target, Wire};
use crate::{Frame, Side, WireFrame, binary, pong, text, wire_frames};

/// The far end of a stream to a [`Target`]: it sends what it is told and believes nothing.
#[derive(Debug)]
pub struct Peer<W> {
    wire: W,
    received: VecDeque<u8>,
    /// The target has ended its direction, or the stream broke.
    ended: bool,
    /// Parts of a message that came while something else was waited for.
    amid: Vec<u8>,
    /// The reserved bits that were negotiated.
    reserved: u8,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawResponse {
    /// The status code.
    pub status: u16,
    /// The head up to its empty line, which is left out.
    pub head: String,
    /// As many bytes as `Content-Length` says.
    pub body: String,
}

impl RawResponse {
    /// The value of the only header of that name.
    ///
    /// # Panics
    /// If there are two.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        assert_eq!(found.next(), None, "{name} stands twice");
        Some(value)
    }
}

impl<W: Wire> Peer<W> {
    /// Opens a stream, and sends nothing.
    pub async fn connect(target: &impl Target<Wire = W>) -> Self {
        Self::new(target.connect().await)
    }

    /// Opens a stream and a WebSocket over it.
    pub async fn open(target: &impl Target<Wire = W>) -> Self {
        let mut peer = Self::connect(target).await;
        peer.send(request().text()).await;
        peer.upgraded().await;
        peer
    }

    /// Over a stream on which nothing was sent.
    pub fn new(wire: W) -> Self {
        Self { wire, received: VecDeque::new(), ended: false, amid: Vec::new(), reserved: 0 }
    }

    /// Takes messages that carry these reserved bits, RSV1 highest.
    #[must_use]
    pub fn taking(self, reserved: u8) -> Self {
        Self { reserved, ..self }
    }

    /// Sends bytes, and keeps what comes meanwhile. A target that takes no more is not an error: what
    /// it has sent before is still there to be read.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let mut bytes = bytes.as_ref();
        let mut input = [0; 4096];
        while !bytes.is_empty() {
            let room = if self.ended { 0 } else { input.len() };
            let Ok(moved) = self.wire.exchange(bytes, &mut input[..room]).await else { return };
            bytes = &bytes[moved.written..];
            self.keep(moved, &input);
        }
    }

    /// Sends a frame, masked as it has to be.
    pub async fn send_frame(&mut self, frame: Frame) {
        self.send(frame.to(Side::Server).bytes()).await;
    }

    /// Ends the sending direction.
    pub async fn finish(&mut self) {
        self.wire.finish().await;
    }

    /// Closes the stream without ceremony.
    pub fn vanish(self) {
        drop(self.wire);
    }

    /// Sends bytes, and reads none, until the target has taken all or has closed; whether it took
    /// all.
    pub async fn send_deaf(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let Ok(moved) = self.wire.exchange(bytes, &mut []).await else { return false };
            bytes = &bytes[moved.written..];
        }
        true
    }

    fn keep(&mut self, moved: Moved, input: &[u8]) {
        self.received.extend(&input[..moved.read]);
        self.ended |= moved.ended;
    }

    /// Waits until more was received; false at the end.
    pub async fn more(&mut self) -> bool {
        let before = self.received.len();
        let mut input = vec![0; 16 * 1024];
        while self.received.len() == before {
            if self.ended {
                return false;
            }
            match self.wire.exchange(&[], &mut input).await {
                Ok(moved) => self.keep(moved, &input),
                Err(_) => self.ended = true,
            }
        }
        true
    }

    /// Reads the next bytes, at most 16 KiB; `None` at the end.
    pub async fn piece(&mut self) -> Option<Vec<u8>> {
        if self.received.is_empty() && !self.more().await {
            return None;
        }
        Some(self.received.drain(..).collect())
    }

    /// Returns the number of bytes that were received and not looked at yet.
    #[must_use]
    pub fn received(&self) -> usize {
        self.received.len()
    }

    /// Everything up to the end of the stream.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        self.received.drain(..).collect()
    }

    /// # Panics
    /// If anything comes before the stream's end.
    pub async fn ended(&mut self) {
        let rest = self.rest().await;
        assert!(rest.is_empty(), "more than expected: {}", rest.escape_ascii());
    }

    /// A whole response; but of 101 only the head.
    ///
    /// # Panics
    /// If the stream ends before it.
    pub async fn response(&mut self) -> RawResponse {
        let head_end = loop {
            let received = self.received.make_contiguous();
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            assert!(self.more().await, "no response but {}", self.escaped());
        };
        let head = self.take(head_end);
        self.take(4);
        let head = String::from_utf8(head).expect("a head of ASCII");
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status in {head}"));
        let mut response = RawResponse { status, head, body: String::new() };
        if let Some(length) = response.header("Content-Length") {
            let length = length.parse().expect("a length");
            while self.received.len() < length {
                assert!(self.more().await, "a body cut short");
            }
            response.body = String::from_utf8(self.take(length)).expect("a body of text");
        }
        response
    }

    /// # Panics
    /// If the answer is not the one that opens a WebSocket.
    pub async fn upgraded(&mut self) -> RawResponse {
        let response = self.response().await;
        assert_eq!(response.status, 101, "{response:?}");
        assert_eq!(response.header("Upgrade"), Some("websocket"));
        assert_eq!(response.header("Connection"), Some("Upgrade"));
        assert_eq!(response.header("Sec-WebSocket-Accept"), Some(ACCEPT));
        response
    }

    /// Checks that the request just sent is refused: this status, a body that says why, then the
    /// end of the stream.
    ///
    /// # Panics
    /// If it is not refused like this.
    pub async fn refused(&mut self, status: u16) -> RawResponse {
        let response = self.response().await;
        assert_eq!(response.status, status, "{response:?}");
        assert_eq!(response.header("Connection").map(|value| &value[..5]), Some("close"));
        assert_eq!(response.header("Content-Type"), Some("text/plain"));
        assert!(response.body.len() > 5, "the body does not say why: {response:?}");
        self.ended().await;
        response
    }

    /// The next frame.
    ///
    /// # Panics
    /// If the stream ends before it, or the frame is not one that a server may send.
    pub async fn frame(&mut self) -> WireFrame {
        let frame = self.frame_or_end().await;
        frame.expect("a frame, and not the end of the stream")
    }

    /// The next frame; `None` at the end of the stream.
    ///
    /// # Panics
    /// If the stream ends inside a frame, or the frame is not one that a server may send.
    pub async fn frame_or_end(&mut self) -> Option<WireFrame> {
        let length = loop {
            match frame_length(self.received.make_contiguous()) {
                Some(length) if length <= self.received.len() => break length,
                _ => {}
            }
            if !self.more().await {
                assert!(self.received.is_empty(), "cut inside a frame: {}", self.escaped());
                return None;
            }
        };
        let bytes = self.take(length);
        let frame = wire_frames(&bytes).remove(0);
        let reserved = if matches!(frame.opcode, 1 | 2) { self.reserved } else { 0 };
        let foreign = frame.rsv & !reserved;
        assert_eq!((foreign, frame.mask), (0, None), "not a frame of a server: {frame:?}");
        Some(frame)
    }

    /// The next frame but for keepalive pings. Pings are answered.
    ///
    /// # Panics
    /// As [`frame`](Self::frame).
    pub async fn frame_but_ping(&mut self) -> WireFrame {
        loop {
            let frame = self.frame().await;
            if frame.opcode != OpCode::Ping as u8 {
                return frame;
            }
            self.send_frame(pong(frame.payload)).await;
        }
    }

    /// The next message, put together. Pings are answered.
    ///
    /// # Panics
    /// If anything else comes.
    pub async fn message(&mut self) -> (MessageKind, Vec<u8>) {
        let first = self.frame_but_ping().await;
        let kind = match first.opcode {
            1 => MessageKind::Text,
            2 => MessageKind::Binary,
            _ => panic!("not the start of a message: {first:?}"),
        };
        let (mut payload, mut fin) = (first.payload, first.fin);
        while !fin {
            let next = self.frame_but_ping().await;
            assert_eq!(next.opcode, OpCode::Continuation as u8, "{next:?}");
            payload.extend(next.payload);
            fin = next.fin;
        }
        (kind, payload)
    }

    /// Sends a message in one frame and waits until it has come back.
    ///
    /// # Panics
    /// If something else comes back.
    pub async fn echo(&mut self, kind: MessageKind, payload: &[u8]) {
        let frame = match kind {
            MessageKind::Text => text(payload),
            MessageKind::Binary => binary(payload),
        };
        self.send_frame(frame).await;
        self.echoed(kind, payload).await;
    }

    /// # Panics
    /// If the next message is not this.
    pub async fn echoed(&mut self, kind: MessageKind, payload: &[u8]) {
        let (found_kind, found) = self.message().await;
        assert_eq!((found_kind, found.len()), (kind, payload.len()));
        assert!(found == payload, "another payload of the same length");
    }

    /// # Panics
    /// If the next frame is not a pong with this payload.
    pub async fn ponged(&mut self, payload: &[u8]) {
        let frame = self.frame_but_ping().await;
        assert_eq!((frame.opcode, &frame.payload[..]), (OpCode::Pong as u8, payload));
    }

    /// Checks that one pong and these messages come, the pong anywhere among their frames.
    ///
    /// # Panics
    /// If it is otherwise.
    pub async fn answered_by_pong_and_echoes(&mut self, pong: &[u8], echoes: &[&[u8]]) {
        let (mut pongs, mut messages, mut message) = (0, Vec::new(), Vec::new());
        while pongs == 0 || messages.len() < echoes.len() {
            let frame = self.frame().await;
            if frame.opcode == OpCode::Pong as u8 {
                assert_eq!(frame.payload, pong);
                pongs += 1;
                continue;
            }
            assert!(frame.opcode < 8, "{frame:?}");
            message.extend(frame.payload);
            if frame.fin {
                messages.push(std::mem::take(&mut message));
            }
        }
        assert_eq!(
            (pongs, &messages[..]),
            (1, &echoes.iter().map(|e| e.to_vec()).collect::<Vec<_>>()[..])
        );
    }

    /// As [`ponged`](Self::ponged), with parts of an unfinished message between.
    ///
    /// # Panics
    /// See there.
    pub async fn ponged_amid(&mut self, payload: &[u8]) {
        loop {
            let frame = self.frame_but_ping().await;
            if frame.opcode < 8 && !frame.fin {
                self.amid.extend(frame.payload);
                continue;
            }
            assert_eq!((frame.opcode, &frame.payload[..]), (OpCode::Pong as u8, payload));
            return;
        }
    }

    /// Checks the end of a text message of which [`ponged_amid`](Self::ponged_amid) saw parts.
    ///
    /// # Panics
    /// If the message is not this.
    pub async fn echoed_end(&mut self, payload: &[u8]) {
        let mut message = std::mem::take(&mut self.amid);
        loop {
            let frame = self.frame_but_ping().await;
            assert!(frame.opcode < 8, "{frame:?}");
            message.extend(frame.payload);
            if frame.fin {
                break;
            }
        }
        assert_eq!(message.escape_ascii().to_string(), payload.escape_ascii().to_string());
    }

    /// The code and the reason of the target's Close frame. Parts of messages may come before it,
    /// but no whole one.
    ///
    /// # Panics
    /// If no well-formed Close frame comes.
    pub async fn close_frame(&mut self) -> (CloseCode, String) {
        loop {
            let frame = self.frame_but_ping().await;
            match frame.opcode {
                8 => return parse_close(&frame.payload),
                0..=2 if !frame.fin => {}
                _ => panic!("not a Close frame: {frame:?}"),
            }
        }
    }

    /// Checks that the target closes with this code, and then ends the stream.
    ///
    /// # Panics
    /// If it does not.
    pub async fn closed(&mut self, code: CloseCode) -> String {
        let (found, reason) = self.close_frame().await;
        assert_eq!(found, code, "{reason}");
        self.ended().await;
        reason
    }

    /// Checks that the connection is failed with this code: a Close frame that says why, nothing
    /// behind it, and the end of the stream.
    ///
    /// # Panics
    /// If it is not.
    pub async fn failed(&mut self, code: CloseCode) {
        let reason = self.closed(code).await;
        assert!(!reason.is_empty(), "the reason is not said");
    }

    fn take(&mut self, bytes: usize) -> Vec<u8> {
        self.received.drain(..bytes).collect()
    }

    fn escaped(&mut self) -> String {
        self.received.make_contiguous().escape_ascii().to_string()
    }
}

fn parse_close(payload: &[u8]) -> (CloseCode, String) {
    let Some((code, reason)) = payload.split_first_chunk() else {
        assert!(payload.is_empty(), "a Close frame with one byte");
        return (CloseCode::NO_STATUS, String::new());
    };
    let reason = String::from_utf8(reason.to_vec()).expect("a reason of UTF-8");
    (CloseCode::new(u16::from_be_bytes(*code)), reason)
}

/// Returns the length of the frame at the front, header included, once its header is there.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let second = *bytes.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (header, payload) = match second & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        short => (2, u64::from(short)),
    };
    Some(header + mask + usize::try_from(payload).expect("a frame that fits into memory"))
}
