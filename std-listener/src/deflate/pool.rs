//! A pool of compressors and decompressors, which connections borrow for one message.
//!
//! Each thread keeps a few. The message may end on another thread, which then keeps the returned one.

use std::cell::RefCell;

use super::deflater::{Deflater, Strength};
use super::inflater::Inflater;

/// The number of each that a thread keeps.
const KEPT: usize = 4;

type Kept<T> = RefCell<Vec<Box<T>>>;

thread_local! {
    static DEFLATERS: Kept<Deflater> = const { RefCell::new(Vec::new()) };
    static INFLATERS: Kept<Inflater> = const { RefCell::new(Vec::new()) };
}

pub(super) fn lend_deflater(strength: Strength) -> Box<Deflater> {
    let lent = DEFLATERS.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let found = kept.iter().rposition(|deflater| deflater.strength() == strength);
        found.map(|index| kept.swap_remove(index))
    });
    // An ending thread has no pool.
    lent.ok().flatten().unwrap_or_else(|| Box::new(Deflater::new(strength)))
}

pub(super) fn return_deflater(deflater: Option<Box<Deflater>>) {
    let Some(mut deflater) = deflater else { return };
    deflater.reset();
    let _ = DEFLATERS.try_with(|kept| keep(&mut kept.borrow_mut(), deflater));
}

/// Lends a decompressor with the largest window, which serves every connection.
pub(super) fn lend_inflater() -> Box<Inflater> {
    let lent = INFLATERS.try_with(|kept| kept.borrow_mut().pop());
    lent.ok().flatten().unwrap_or_else(|| Box::new(Inflater::new(15)))
}

pub(super) fn return_inflater(inflater: Option<Box<Inflater>>) {
    let Some(mut inflater) = inflater else { return };
    inflater.reset();
    let _ = INFLATERS.try_with(|kept| keep(&mut kept.borrow_mut(), inflater));
}

fn keep<T>(kept: &mut Vec<T>, returned: T) {
    if kept.len() == KEPT {
        kept.swap_remove(0);
    }
    kept.push(returned);
}
