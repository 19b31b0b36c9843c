//! Verification of `websocket-listener-core`.

mod any_input;
mod any_operations;
mod any_roundtrip;
mod any_split;
mod any_weather;
mod arbitrary;
mod close_handshake;
mod closing;
mod control_frames;
mod differential;
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
