//! What a suite needs from outside: found on the machine or installed, each kind of thing in a
//! module of its own.
//!
//! If a thing cannot be had, the suite ends with
//! [`Failure::NotRun`](crate::outcome::Failure::NotRun), which says how to supply it.

pub(crate) mod chromium;
pub(crate) mod debian;
pub(crate) mod library_source;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust_target;
