//! A pool of compressors and decompressors, which connections borrow for one message.
//!
//! Each thread keeps a few. The message may end on another thread, which then keeps the returned one.

use std::cell::RefCell;

use super::deflater::{Deflater, Strength};
use super::inflater::Inflater;
use crate::buffers::pool::{lend, take_back};

thread_local! {
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static DEFLATERS: RefCell<Vec<Box<Deflater>>> = const { RefCell::new(Vec::new()) };
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static INFLATERS: RefCell<Vec<Box<Inflater>>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn lend_deflater(strength: Strength) -> Box<Deflater> {
    lend(&DEFLATERS, |deflater| deflater.strength() == strength)
        .unwrap_or_else(|| Box::new(Deflater::new(strength)))
}

pub(super) fn return_deflater(deflater: Option<Box<Deflater>>) {
    let Some(mut deflater) = deflater else { return };
    deflater.reset();
    take_back(&DEFLATERS, deflater);
}

/// Lends a decompressor with the largest window, which serves every connection.
pub(super) fn lend_inflater() -> Box<Inflater> {
    lend(&INFLATERS, |_| true).unwrap_or_else(|| Box::new(Inflater::new(15)))
}

pub(super) fn return_inflater(inflater: Option<Box<Inflater>>) {
    let Some(mut inflater) = inflater else { return };
    inflater.reset();
    take_back(&INFLATERS, inflater);
}
