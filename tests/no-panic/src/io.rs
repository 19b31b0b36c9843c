//! x
/// x
pub fn drive() {}
