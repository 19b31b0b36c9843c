//! Choosing a subprotocol (RFC 6455 sections 1.9 and 4.2.2 item 5.5).

use super::request::Request;

/// The first of `supported` (the server's order of preference) that the client offered; compared
/// with case.
///
/// `None`: nothing in common. The server then names no subprotocol, or refuses.
///
/// ```
/// use websocket_listener_core::handshake::{Request, select_subprotocol};
///
/// let head = b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: soap, wamp\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
/// let request = Request::parse(head).unwrap();
/// assert_eq!(select_subprotocol(&request, &["chat", "soap"]), Some("chat"));
/// assert_eq!(select_subprotocol(&request, &["CHAT"]), None);
/// ```
pub fn select_subprotocol<'s, B: AsRef<[u8]>>(
    request: &Request<B>,
    supported: &[&'s str],
) -> Option<&'s str> {
    let is_offered = |wanted: &&str| request.lines().offers_subprotocol(wanted);
    supported.iter().copied().find(is_offered)
}
