//! Extension offers (RFC 6455 section 9.1): `permessage-deflate; client_max_window_bits, other;
//! a="b"`.

use super::http::headers::Headers;
use super::http::list::{self, Split};
use super::http::syntax::{self, Class, split_at_byte};

/// One extension a client offers, or a server has accepted, with its parameters.
///
/// ```
/// use websocket_listener_core::handshake::Request;
///
/// let head = b"GET / HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"10\"; b\r\n\r\n";
/// let request = Request::parse(head).unwrap();
/// let offer = request.extensions().next().unwrap();
/// assert_eq!(offer.name(), "permessage-deflate");
/// assert!(offer.params().eq([("server_max_window_bits", Some("10")), ("b", None)]));
/// ```
#[derive(Clone, Debug)]
pub struct ExtensionOffer<'a> {
    name: &'a str,
    params: Split<'a>,
}

/// The faults of an element of `Sec-WebSocket-Extensions` that is not an [`ExtensionOffer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExtensionFault {
    /// It violates the grammar: the handshake must fail (RFC 6455 section 9.1).
    Malformed,
    /// A quoted value with a backslash: legal, but it cannot be borrowed unescaped.
    Escaped,
}

impl<'a> ExtensionOffer<'a> {
    /// Returns the registered name.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the parameters in order; the quotes of a quoted value are removed.
    pub fn params(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + Clone + use<'a> {
        self.params.clone().filter_map(|param| parse_param(param).ok())
    }

    /// Reads each element of a header value. Empty elements are not offers
    /// (RFC 9110 section 5.6.1.2).
    pub(super) fn parse_list(
        value: &'a [u8],
    ) -> impl Iterator<Item = Result<Self, ExtensionFault>> + Clone {
        list::elements(value).map(Self::parse)
    }

    fn parse(element: &'a [u8]) -> Result<Self, ExtensionFault> {
        let mut params = Split::new(element, b';');
        let name = params.next().and_then(syntax::token).ok_or(ExtensionFault::Malformed)?;
        let mut fault = None;
        for param in params.clone() {
            match parse_param(param) {
                Ok(_) => {}
                Err(ExtensionFault::Malformed) => return Err(ExtensionFault::Malformed),
                Err(escaped) => fault = Some(escaped),
            }
        }
        fault.map_or(Ok(Self { name, params }), Err)
    }
}

/// Reads each element of `Sec-WebSocket-Extensions`, over all its lines.
pub(super) fn offers(
    headers: Headers<'_>,
) -> impl Iterator<Item = Result<ExtensionOffer<'_>, ExtensionFault>> + Clone {
    headers.values("Sec-WebSocket-Extensions").flat_map(ExtensionOffer::parse_list)
}

/// Returns true if the value, which is to be sent, is one line with a list of at least one
/// well-formed extension.
pub(super) fn is_extension_list(value: &str) -> bool {
    let mut extensions = ExtensionOffer::parse_list(value.as_bytes()).peekable();
    syntax::is_field_content(value.as_bytes())
        && extensions.peek().is_some()
        && extensions.all(|extension| extension.is_ok())
}

fn parse_param(param: &[u8]) -> Result<(&str, Option<&str>), ExtensionFault> {
    let Some((name, value)) = split_at_byte(param, b'=') else {
        let name = syntax::token(param).ok_or(ExtensionFault::Malformed)?;
        return Ok((name, None));
    };
    let name = syntax::token(name.trim_ascii()).ok_or(ExtensionFault::Malformed)?;
    let value = value.trim_ascii();
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let token = syntax::token(value).ok_or(ExtensionFault::Malformed)?;
        return Ok((name, Some(token)));
    };
    let quoted = quoted.strip_suffix(b"\"").ok_or(ExtensionFault::Malformed)?;
    match syntax::token(quoted) {
        Some(token) => Ok((name, Some(token))),
        None if is_escaped_token(quoted) => Err(ExtensionFault::Escaped),
        None => Err(ExtensionFault::Malformed),
    }
}

/// Returns true for a token once its `quoted-pair`s are unescaped (RFC 9110 section 5.6.4).
fn is_escaped_token(quoted: &[u8]) -> bool {
    let mut escaped = false;
    let token = quoted.iter().all(|&byte| {
        let backslash = byte == b'\\' && !escaped;
        escaped = backslash;
        backslash || Class::Token.has(byte)
    });
    token && !escaped && !quoted.is_empty()
}
