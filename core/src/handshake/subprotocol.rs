//! Choosing a subprotocol (RFC 6455 sections 1.9 and 4.2.2 item 5.5).

use super::http::headers::Headers;
use super::http::list;
use super::http::syntax::{self, Class, classes_of};
use super::request::Request;

/// Returns true for a valid name of a subprotocol: a token (RFC 6455 section 4.1 item 10 of the
/// request's requirements, RFC 9110 section 5.6.2). A client offers no other.
///
/// ```
/// use websocket_listener_core::handshake::is_subprotocol;
///
/// assert!(is_subprotocol("chat.v2"));
/// assert!(!is_subprotocol("chat, v2") && !is_subprotocol(""));
/// ```
#[must_use]
pub const fn is_subprotocol(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [byte, others @ ..] = rest {
        // Not by the table, which a `const fn` cannot read without a possible panic.
        if classes_of(*byte) & Class::Token as u8 == 0 {
            return false;
        }
        rest = others;
    }
    !name.is_empty()
}

/// Returns the first of `supported` (the server's order of preference) that the client offered,
/// case-sensitive (RFC 6455 section 4.2.2).
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
    supported.iter().copied().find(|wanted| is_offered(request.lines(), wanted))
}

/// Returns true if the client offers this subprotocol; case-sensitive.
fn is_offered(headers: Headers<'_>, wanted: &str) -> bool {
    headers
        .values("Sec-WebSocket-Protocol")
        .any(|value| list::elements(value).any(|element| element == wanted.as_bytes()))
        && syntax::is_token(wanted.as_bytes())
}
