//! Errors as text, the way a firmware would log them.
//!
//! Only `Display`: what `Debug` writes is not for programs, and the standard library's own `Debug`
//! of a `Duration`, which a few types hold, is not free of panics.

use core::fmt::{self, Display, Write};
use core::hint::black_box;

use crate::any;

/// Takes any text, until it has no room.
struct Sink;

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        if any(true) { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Writes out the error of a result, whatever it is.
pub fn say<T, E: Display>(result: Result<T, E>) {
    match result {
        Ok(value) => {
            black_box(value);
        }
        Err(error) => {
            black_box(write!(Sink, "{}", any(error))).ok();
        }
    }
}
