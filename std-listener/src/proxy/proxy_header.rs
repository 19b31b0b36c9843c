//! The header of the PROXY protocol, versions 1 and 2 (HAProxy's `proxy-protocol.txt`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::Client;

/// The first bytes of version 1.
pub(super) const SIGNATURE_1: &[u8] = b"PROXY ";

/// The first bytes of version 2.
const SIGNATURE_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The length of the shortest header: `PROXY UNKNOWN` and the line's end.
const SHORTEST: usize = 15;

/// The longest line of version 1.
const LONGEST_LINE: usize = 107;

/// The bytes before the addresses of version 2.
const FIXED: usize = 16;

/// The limit of the bytes after that in version 2: the addresses, and additions by the proxy, which
/// are skipped.
const LONGEST_REST: usize = 4096;

/// The state of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The header is complete.
    Complete(Client),
    /// At least this many bytes are missing. Reading no more than that never reads past the
    /// header's end.
    Incomplete { at_least: usize },
}

/// Bytes that cannot become a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Parses a header, or its beginning.
pub(super) fn parse(received: &[u8]) -> Result<Progress, Malformed> {
    if begins_with(received, SIGNATURE_2) {
        version_2(received)
    } else if begins_with(received, SIGNATURE_1) {
        version_1(received)
    } else {
        Err(Malformed)
    }
}

/// Returns true if a header may begin with these bytes.
pub(super) fn may_begin(received: &[u8]) -> bool {
    begins_with(received, SIGNATURE_1) || begins_with(received, SIGNATURE_2)
}

/// Returns true if one of the two is a prefix of the other.
fn begins_with(received: &[u8], signature: &[u8]) -> bool {
    received.iter().zip(signature).all(|(a, b)| a == b)
}

fn version_1(received: &[u8]) -> Result<Progress, Malformed> {
    if received.len() < SHORTEST {
        return Ok(Progress::Incomplete { at_least: SHORTEST - received.len() });
    }
    match received.iter().position(|&byte| byte == b'\n') {
        Some(end) if end + 1 == received.len() && end < LONGEST_LINE => {
            let line = received[..end].strip_suffix(b"\r").ok_or(Malformed)?;
            line_of_1(line).map(Progress::Complete)
        }
        None if received.len() < LONGEST_LINE => {
            Ok(Progress::Incomplete { at_least: missing_of_1(received)? })
        }
        _ => Err(Malformed),
    }
}

fn line_of_1(line: &[u8]) -> Result<Client, Malformed> {
    let line = str::from_utf8(line).map_err(|_| Malformed)?;
    let mut fields = line.split(' ').skip(1);
    let family = fields.next().ok_or(Malformed)?;
    if family == "UNKNOWN" {
        // The specification ignores the rest of the line.
        return Ok(Client::Peer);
    }
    let mut next = || fields.next().ok_or(Malformed);
    let (source, destination, source_port, destination_port) = (next()?, next()?, next()?, next()?);
    let source = match family {
        "TCP4" => both::<Ipv4Addr>(source, destination)?,
        "TCP6" => both::<Ipv6Addr>(source, destination)?,
        _ => return Err(Malformed),
    };
    let address = SocketAddr::new(source, port(source_port)?);
    port(destination_port)?;
    if fields.next().is_some() { Err(Malformed) } else { Ok(Client::At(address)) }
}

/// Parses two addresses, and returns the first.
fn both<A: FromStr + Into<IpAddr>>(source: &str, destination: &str) -> Result<IpAddr, Malformed> {
    let source: A = source.parse().map_err(|_| Malformed)?;
    destination.parse::<A>().map_err(|_| Malformed)?;
    Ok(source.into())
}

/// Parses a port without leading zeros or a sign.
fn port(text: &str) -> Result<u16, Malformed> {
    let port: u16 = text.parse().map_err(|_| Malformed)?;
    if port.to_string() == text { Ok(port) } else { Err(Malformed) }
}

/// Returns the fewest bytes that can complete a line.
fn missing_of_1(line: &[u8]) -> Result<usize, Malformed> {
    let line_end = if line.ends_with(b"\r") { 1 } else { 2 };
    let mut fields = line.split(|&byte| byte == b' ').skip(1);
    let shortest_address = match fields.next() {
        Some(b"TCP4") => "0.0.0.0".len(),
        Some(b"TCP6") => "::".len(),
        Some(unknown) if unknown.starts_with(b"UNKNOWN") => return Ok(line_end),
        _ => return Err(Malformed),
    };
    let shortest = [shortest_address, shortest_address, 1, 1];
    let missing = shortest.map(|shortest| match fields.next() {
        // Includes the space before the field.
        None => shortest + 1,
        Some(b"") => shortest,
        Some(_) => 0,
    });
    Ok(missing.iter().sum::<usize>() + line_end)
}

fn version_2(received: &[u8]) -> Result<Progress, Malformed> {
    // The version is the upper half.
    if received.get(12).is_some_and(|byte| byte >> 4 != 2) {
        return Err(Malformed);
    }
    if received.len() < SHORTEST {
        return Ok(Progress::Incomplete { at_least: SHORTEST - received.len() });
    }
    let Some((fixed, rest)) = received.split_first_chunk::<FIXED>() else {
        return Ok(Progress::Incomplete { at_least: FIXED - received.len() });
    };
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if length > LONGEST_REST || rest.len() > length {
        return Err(Malformed);
    }
    if rest.len() < length {
        return Ok(Progress::Incomplete { at_least: length - rest.len() });
    }
    const LOCAL: u8 = 0;
    const PROXY: u8 = 1;
    match fixed[12] & 0xf {
        LOCAL => Ok(Progress::Complete(Client::Peer)),
        PROXY => addresses_of_2(fixed[13], rest).map(Progress::Complete),
        _ => Err(Malformed),
    }
}

/// Returns the source's address, by the family and the kind of socket.
fn addresses_of_2(family: u8, rest: &[u8]) -> Result<Client, Malformed> {
    const UNSPECIFIED: u8 = 0x00;
    const TCP_OVER_IPV4: u8 = 0x11;
    const TCP_OVER_IPV6: u8 = 0x21;
    const UNIX_STREAM: u8 = 0x31;
    const UNIX_LENGTH: usize = 216;
    match family {
        UNSPECIFIED => Ok(Client::Peer),
        TCP_OVER_IPV4 => {
            // Source, destination, and their ports.
            let [a, b, c, d, _, _, _, _, high, low, _, _] =
                *rest.first_chunk::<12>().ok_or(Malformed)?;
            let port = u16::from_be_bytes([high, low]);
            Ok(Client::At((Ipv4Addr::new(a, b, c, d), port).into()))
        }
        TCP_OVER_IPV6 => {
            let addresses = rest.first_chunk::<36>().ok_or(Malformed)?;
            let source: [u8; 16] = *addresses.first_chunk().ok_or(Malformed)?;
            let port = u16::from_be_bytes([addresses[32], addresses[33]]);
            Ok(Client::At((Ipv6Addr::from(source), port).into()))
        }
        UNIX_STREAM if rest.len() >= UNIX_LENGTH => Ok(Client::Unknown),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
#[path = "proxy_header_tests.rs"]
mod tests;
