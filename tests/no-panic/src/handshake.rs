//! x
pub fn drive() {}
