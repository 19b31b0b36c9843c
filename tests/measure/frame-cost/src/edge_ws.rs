//! edge-ws, which frames and nothing else: by its functions that need no I/O.

use core::hint::black_box;

use edge_ws::{FrameHeader, FrameType};

use crate::contestant::{Contestant, KEY};

pub(crate) struct EdgeWs;

impl Contestant for EdgeWs {
    const NAME: &'static str = "edge-ws";
    const ACCEPTS: bool = false;

    fn new() -> Self {
        Self
    }

    fn receive<'b>(&mut self, frame: &'b mut [u8], _: &'b mut [u8]) -> &'b [u8] {
        let (header, start) = FrameHeader::deserialize(frame).expect("valid");
        assert!(header.frame_type == FrameType::Binary(false), "no message");
        let payload = &mut frame[start..start + header.payload_len as usize];
        header.mask(payload, 0);
        payload
    }

    fn send<'b>(&mut self, payload: &[u8], room: &'b mut [u8]) -> &'b [u8] {
        let header = FrameHeader {
            frame_type: FrameType::Binary(false),
            payload_len: payload.len() as u64,
            mask_key: Some(u32::from_be_bytes(black_box(KEY))),
        };
        let start = header.serialize(room).expect("there is room");
        let body = &mut room[start..start + payload.len()];
        body.copy_from_slice(payload);
        header.mask(body, 0);
        &room[..start + payload.len()]
    }

    fn accept<'b>(_: &[u8], _: &'b mut [u8]) -> &'b [u8] {
        panic!("edge-ws has no opening handshake")
    }
}
