//! Verification of `websocket-listener-core`.

mod close_handshake;
mod closing;
mod control_frames;
mod fragmentation;
mod framing;
mod handshake_answers;
mod handshake_arbitrary;
mod handshake_browsers;
mod handshake_client;
mod handshake_head;
mod handshake_lists;
mod handshake_request;
mod handshake_samples;
mod handshake_server_rules;
mod keepalive;
mod limits;
mod sending;
mod utf8;
