//! The codec, with 1 KiB windows that are kept from message to message.

use core::cell::RefCell;

use cortex_m::interrupt::{self, Mutex};
use websocket_listener_core::deflate::{Deflater, Inflater};

static DEFLATER: Mutex<RefCell<Deflater<[u8; 1024]>>> = Mutex::new(RefCell::new(Deflater::new()));
static INFLATER: Mutex<RefCell<Inflater<[u8; 1024]>>> = Mutex::new(RefCell::new(Inflater::new()));

pub(crate) fn deflate(message: &[u8], wire: &mut [u8]) -> usize {
    interrupt::free(|token| {
        let mut deflater = DEFLATER.borrow(token).borrow_mut();
        let deflater: &mut Deflater = &mut *deflater;
        deflater.deflate(message, true, wire).produced
    })
}

pub(crate) fn inflate(wire: &[u8], message: &mut [u8]) -> usize {
    interrupt::free(|token| {
        let mut inflater = INFLATER.borrow(token).borrow_mut();
        let inflater: &mut Inflater = &mut *inflater;
        inflater.inflate(wire, true, message).map_or(0, |progress| progress.produced)
    })
}
