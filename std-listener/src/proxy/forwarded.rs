//! `Forwarded` (RFC 7239) and `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use websocket_listener_core::handshake;

use super::Client;
use super::network::TrustedPeers;

/// The header in which proxies name the client; see
/// [`ListenerBuilder::forwarded`](crate::ListenerBuilder::forwarded).
///
/// The proxies have to write this header, because a client may forge a header that they pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `Forwarded`, the standard (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`, the older convention.
    XForwardedFor,
}

/// The header that is read, and the peers that are trusted to write it.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    pub(crate) header: ForwardedHeader,
    pub(crate) trusted: TrustedPeers,
}

impl Forwarded {
    /// Returns the client of a request that came from `sender`: the last address that is not a
    /// trusted proxy's.
    pub(crate) fn client(
        &self,
        request: &handshake::Request<Arc<[u8]>>,
        sender: Option<SocketAddr>,
    ) -> Client {
        let name = match self.header {
            ForwardedHeader::Forwarded => "Forwarded",
            ForwardedHeader::XForwardedFor => "X-Forwarded-For",
        };
        // Each proxy appends to the end of the last line.
        let lines: Vec<_> = request.header_values(name).collect();
        let mut elements = lines.iter().rev().flat_map(|line| match self.header {
            ForwardedHeader::Forwarded => from_the_right(line, true),
            ForwardedHeader::XForwardedFor => from_the_right(line, false),
        });
        let mut client = Client::Peer;
        let mut sender = sender;
        while self.trusted.contains(sender) {
            let Some(element) = elements.next() else { return client };
            let address = match self.header {
                ForwardedHeader::Forwarded => forwarded_for(element),
                ForwardedHeader::XForwardedFor => str::from_utf8(element).ok().and_then(node),
            };
            let Some(address) = address else { return Client::Unknown };
            client = Client::At(address);
            sender = Some(address);
        }
        client
    }
}

/// Returns the elements of a list, the last first, without empty ones. Reads from the end, so that a
/// prefix from the client, such as an open quotation mark, does not affect the proxies' elements.
fn from_the_right(line: &[u8], quoted: bool) -> std::vec::IntoIter<&[u8]> {
    let mut elements = Vec::new();
    let (mut end, mut inside) = (line.len(), false);
    for (index, &byte) in line.iter().enumerate().rev() {
        match byte {
            b'"' if quoted && !is_escaped(&line[..index]) => inside = !inside,
            b',' if !inside => {
                elements.push(&line[index + 1..end]);
                end = index;
            }
            _ => {}
        }
    }
    elements.push(&line[..end]);
    elements.retain(|element| !element.trim_ascii().is_empty());
    elements.into_iter()
}

/// Returns true if the byte after these bytes of a quoted string is escaped.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// Returns the `for` of one element (RFC 7239 section 4); `None` if it has two.
fn forwarded_for(element: &[u8]) -> Option<SocketAddr> {
    let element = str::from_utf8(element).ok()?;
    let mut addresses = pairs(element).filter_map(|pair| {
        let (name, value) = pair.trim_matches([' ', '\t']).split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let value = addresses.next().filter(|_| addresses.next().is_none())?;
    match value.strip_prefix('"') {
        Some(quoted) => node(quoted.strip_suffix('"')?),
        None => node(value),
    }
}

/// Returns the pairs of an element, which quoted strings do not split.
fn pairs(element: &str) -> impl Iterator<Item = &str> {
    let (mut inside, mut escaped) = (false, false);
    element.split(move |character| {
        inside ^= character == '"' && !escaped;
        escaped = inside && character == '\\' && !escaped;
        character == ';' && !inside
    })
}

/// Parses an address, with or without a port; IPv6 in brackets (RFC 7239 section 6) or, by
/// convention, without. Returns `None` for an unknown or obfuscated node.
fn node(text: &str) -> Option<SocketAddr> {
    let text = text.trim_matches([' ', '\t']);
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address);
    }
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(text).parse::<IpAddr>() {
        return Some((address, 0).into());
    }
    // A port may be hidden while the address is not.
    let (address, port) = text.rsplit_once(':')?;
    let obfuscated = port.starts_with('_');
    let address = address.strip_prefix('[').map_or(Some(address), |text| text.strip_suffix(']'))?;
    address.parse::<IpAddr>().ok().filter(|_| obfuscated).map(|address| (address, 0).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_both_headers() {
        for (text, address) in [
            ("192.0.2.43", Some("192.0.2.43:0")),
            (" 192.0.2.43:47011 ", Some("192.0.2.43:47011")),
            ("[2001:db8:cafe::17]", Some("[2001:db8:cafe::17]:0")),
            ("[2001:db8:cafe::17]:4711", Some("[2001:db8:cafe::17]:4711")),
            ("2001:db8:cafe::17", Some("[2001:db8:cafe::17]:0")),
            ("192.0.2.43:_gazonk", Some("192.0.2.43:0")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("192.0.2.43:", None),
            ("192.0.2.43:99999", None),
            ("[192.0.2.43", None),
        ] {
            assert_eq!(node(text), address.map(|address| address.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn elements_of_the_standard_header() {
        for (element, address) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", Some("192.0.2.60:0")),
            ("For=\"[2001:db8:cafe::17]:4711\"", Some("[2001:db8:cafe::17]:4711")),
            ("proto=https ; FOR=192.0.2.1", Some("192.0.2.1:0")),
            ("for=\"_gazonk\"", None),
            ("for=unknown", None),
            ("for=192.0.2.1;for=192.0.2.2", None),
            ("for=\"192.0.2.1", None),
            ("proto=https", None),
        ] {
            let expected = address.map(|address| address.parse().unwrap());
            assert_eq!(forwarded_for(element.as_bytes()), expected, "{element}");
        }
    }
}
