//! Verification of `websocket-listener-core`.
