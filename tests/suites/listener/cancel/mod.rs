//! Futures of the listener and of its connections, dropped wherever they can wait.

mod accepting;
mod receiving;
mod sending;
