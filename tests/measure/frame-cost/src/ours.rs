//! This project's engine.

use core::hint::black_box;

use websocket_listener_core::handshake::{Accept, HeadLimits, HeadScanner, Request};
use websocket_listener_core::{Config, Connection, DataFrame, Event, Instant, MessageKind, Role};

use crate::contestant::{Contestant, KEY};

pub(crate) struct Ours {
    server: Connection,
    client: Connection,
}

impl Contestant for Ours {
    const NAME: &'static str = "ours";
    const ACCEPTS: bool = true;

    fn new() -> Self {
        let client = Role::Client { masks: || black_box(KEY) };
        Self {
            server: Connection::new(Role::Server, Config::new(), now()),
            client: Connection::new(client, Config::new(), now()),
        }
    }

    fn receive<'b>(&mut self, frame: &'b mut [u8], _: &'b mut [u8]) -> &'b [u8] {
        match self.server.receive(frame, now()) {
            Ok(received) => match received.event {
                Some(Event::Data(data)) if data.last => data.payload,
                _ => panic!("no message"),
            },
            Err(error) => panic!("{error}"),
        }
    }

    fn send<'b>(&mut self, payload: &[u8], room: &'b mut [u8]) -> &'b [u8] {
        let frame = DataFrame::whole(MessageKind::Binary, payload.len() as u64);
        let header = self.client.begin_frame(frame).expect("the connection is open");
        let header_length = header.as_bytes().len();
        let (head, rest) = room.split_at_mut(header_length);
        // A few bytes: a call of memcpy takes longer.
        for (place, byte) in head.iter_mut().zip(header.as_bytes()) {
            *place = *byte;
        }
        header.mask().expect("clients mask").copy(payload, rest);
        &room[..header_length + payload.len()]
    }

    fn accept<'b>(request: &[u8], room: &'b mut [u8]) -> &'b [u8] {
        let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
        let end = scanner.scan(request).expect("valid").expect("whole");
        let request = Request::parse(&request[..end]).expect("valid");
        let upgrade = request.upgrade().expect("valid");
        let length = Accept::new(&upgrade).write(room).expect("there is room");
        &room[..length]
    }
}

fn now() -> Instant {
    Instant::from_micros(black_box(1))
}
