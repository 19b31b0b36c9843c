//! Listeners behind proxies, which tell the address of the client.

mod forwarded;
mod proxy_protocol;
mod trusted_peers;
