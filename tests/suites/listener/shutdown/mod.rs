//! The shutdown of a listener.

mod connections;
mod http;
mod notice;
