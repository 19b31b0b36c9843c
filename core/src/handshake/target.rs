//! The target of an opening handshake (RFC 6455 section 3).

use super::http::syntax::{self, Class};

/// Returns true for the resource name of a WebSocket URI in origin form (RFC 6455 section 3).
pub(super) fn is_resource_name(target: &[u8]) -> bool {
    target.starts_with(b"/") && Class::Uri.has_all(target)
}

/// Returns true for a resource name, or an absolute HTTP URI that holds one (RFC 6455 section 4.1
/// item 2 of the request's requirements).
pub(super) fn is_target(target: &[u8]) -> bool {
    let absolute = || {
        let (scheme, rest) = syntax::split_absolute(target)?;
        let is = |known: &&str| syntax::is_name(scheme, known);
        let known = ["http", "https", "ws", "wss"].iter().any(is);
        let authority = rest.split(|byte| matches!(byte, b'/' | b'?')).next()?;
        Some(known && syntax::is_host(authority) && Class::Uri.has_all(rest))
    };
    is_resource_name(target) || absolute().unwrap_or(false)
}

/// Returns the resource name in a request target: path and query, without the scheme and authority
/// of an absolute one, `/` if nothing follows them (RFC 6455 section 3). Targets of neither form
/// (`*`, `host:port`) are returned whole.
///
/// ```
/// use websocket_listener_core::handshake::resource_name;
///
/// assert_eq!(resource_name("/chat?room=1"), "/chat?room=1");
/// assert_eq!(resource_name("http://example.com/chat?room=1"), "/chat?room=1");
/// ```
#[must_use]
pub fn resource_name(target: &str) -> &str {
    if target.starts_with('/') {
        return target;
    }
    let Some((_, hierarchy)) = syntax::split_absolute(target.as_bytes()) else {
        return target;
    };
    let scheme_end = target.len().saturating_sub(hierarchy.len());
    let hierarchy = target.get(scheme_end..).unwrap_or_default();
    let authority_end = hierarchy.find(['/', '?']).unwrap_or(hierarchy.len());
    match hierarchy.get(authority_end..) {
        Some(resource_name) if !resource_name.is_empty() => resource_name,
        _ => "/",
    }
}
