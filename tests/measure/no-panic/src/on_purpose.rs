//! Panics, by an index that may be too large.

use core::hint::black_box;

use crate::any;

/// A panic that the check must find.
pub fn drive() {
    let places = any([0_u8; 4]);
    black_box(places[any(0)]);
}
