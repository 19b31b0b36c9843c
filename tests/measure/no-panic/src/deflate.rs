//! Any data, in any pieces, through the codec, and the negotiation.

use core::hint::black_box;

use websocket_listener_core::deflate::{Deflater, Inflater};
use websocket_listener_core::permessage_deflate::WindowBits;

use crate::{any, any_bytes};

pub fn drive() {
    let mut inflater = any(Inflater::<[u8; 1024]>::new());
    let mut deflater = any(Deflater::<[u8; 1024]>::new());
    let inflater: &mut Inflater = black_box(&mut inflater);
    let deflater: &mut Deflater = black_box(&mut deflater);
    inflater.reset(any(true));
    deflater.reset(any(1024), any(true));
    black_box((inflater.window_bytes(), deflater.window_bytes()));
    let (mut input, mut output) = (any([0; 64]), any([0; 64]));
    while any(true) {
        let (input, output) = (any_bytes(&mut input), any_bytes(&mut output));
        let _ = black_box(inflater.inflate(input, any(true), output));
        black_box(deflater.deflate(input, any(true), output));
        black_box((WindowBits::new(any(8)), WindowBits::fitting(any(1024))));
    }
}
