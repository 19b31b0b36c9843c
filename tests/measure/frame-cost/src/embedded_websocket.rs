//! embedded-websocket, as its examples use it.

use core::hint::black_box;

use embedded_websocket::{
    Client, EmptyRng, Server, WebSocket, WebSocketClient, WebSocketSendMessageType,
    WebSocketServer, WebSocketState, read_http_header,
};
use rand_core::{Error, RngCore};

use crate::contestant::{Contestant, KEY};

pub(crate) struct EmbeddedWebsocket {
    server: WebSocket<EmptyRng, Server>,
    client: WebSocket<Keys, Client>,
}

impl Contestant for EmbeddedWebsocket {
    const NAME: &'static str = "embedded-websocket";
    const ACCEPTS: bool = true;

    fn new() -> Self {
        let mut server = WebSocketServer::new_server();
        server.state = WebSocketState::Open;
        let mut client = WebSocketClient::new_client(Keys);
        client.state = WebSocketState::Open;
        Self { server, client }
    }

    fn receive<'b>(&mut self, frame: &'b mut [u8], room: &'b mut [u8]) -> &'b [u8] {
        let read = self.server.read(frame, room).expect("valid");
        assert!(read.end_of_message, "no message");
        &room[..read.len_to]
    }

    fn send<'b>(&mut self, payload: &[u8], room: &'b mut [u8]) -> &'b [u8] {
        let kind = WebSocketSendMessageType::Binary;
        let length = self.client.write(kind, true, payload, room).expect("there is room");
        &room[..length]
    }

    fn accept<'b>(request: &[u8], room: &'b mut [u8]) -> &'b [u8] {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut head = httparse::Request::new(&mut headers);
        assert!(head.parse(request).expect("valid").is_complete(), "cut off");
        let headers = head.headers.iter().map(|header| (header.name, header.value));
        let context = read_http_header(headers).expect("valid").expect("an upgrade");
        let mut server = WebSocketServer::new_server();
        let key = &context.sec_websocket_key;
        let length = server.server_accept(key, None, room).expect("there is room");
        &room[..length]
    }
}

/// Always gives the same key.
struct Keys;

impl RngCore for Keys {
    fn next_u32(&mut self) -> u32 {
        u32::from_ne_bytes(black_box(KEY))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32())
    }

    fn fill_bytes(&mut self, room: &mut [u8]) {
        room.copy_from_slice(&black_box(KEY));
    }

    fn try_fill_bytes(&mut self, room: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(room);
        Ok(())
    }
}
