//! Endpoints as text.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::error::EndpointError;
use super::{Endpoint, Place};

pub(super) fn endpoint(text: &str) -> Result<Endpoint, EndpointError> {
    if let Some((scheme, authority)) = text.split_once("://") {
        let (tls, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "ws" => (false, 80),
            "wss" if cfg!(feature = "tls") => (true, 443),
            "wss" => return Err(EndpointError::WithoutTls),
            "unix" => return unix(authority),
            _ => return Err(EndpointError::UnknownScheme),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let place = tcp(authority, Some(default_port))?;
        return Ok(Endpoint { tls, ..Endpoint::new(place) });
    }
    match text.split_once(':') {
        Some((scheme, path)) if scheme.eq_ignore_ascii_case("unix") => unix(path),
        Some((scheme, name)) if scheme.eq_ignore_ascii_case("pipe") => pipe(name),
        _ => tcp(text, None).map(Endpoint::new),
    }
}

/// Parses `HOST:PORT` or `[IPV6]:PORT`; the port is optional if there is a default.
fn tcp(authority: &str, default_port: Option<u16>) -> Result<Place, EndpointError> {
    if authority.contains(['/', '?', '#']) {
        return Err(EndpointError::Path);
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, self::port(port)?),
        _ => (authority, default_port.ok_or(EndpointError::MissingPort)?),
    };
    if host.is_empty() {
        return Err(EndpointError::MissingHost);
    }
    if host.starts_with('[') {
        // Keeps the scope of a link-local address, for which an `IpAddr` has no room.
        let address: SocketAddrV6 =
            format!("{host}:{port}").parse().map_err(|_| EndpointError::InvalidHost)?;
        return Ok(Place::Address(SocketAddr::V6(address)));
    }
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Ok(Place::Address((address, port).into())),
        Err(_) if is_name(host) => Ok(Place::Host(host.to_owned(), port)),
        _ => Err(EndpointError::InvalidHost),
    }
}

/// Parses digits only; the standard library would accept a sign.
fn port(text: &str) -> Result<u16, EndpointError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(EndpointError::InvalidPort)
}

/// Returns true for a host name: letters, digits, hyphens, dots, and the underscores of some local
/// names. The last label of an invalid IPv4 address has no letter.
fn is_name(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(unix)]
fn unix(path: &str) -> Result<Endpoint, EndpointError> {
    if path.is_empty() { Err(EndpointError::MissingPath) } else { Ok(Endpoint::unix(path)) }
}

#[cfg(not(unix))]
fn unix(_path: &str) -> Result<Endpoint, EndpointError> {
    Err(EndpointError::NotOnThisSystem)
}

#[cfg(windows)]
fn pipe(name: &str) -> Result<Endpoint, EndpointError> {
    if name.is_empty() { Err(EndpointError::MissingPath) } else { Ok(Endpoint::pipe(name)) }
}

#[cfg(not(windows))]
fn pipe(_name: &str) -> Result<Endpoint, EndpointError> {
    Err(EndpointError::NotOnThisSystem)
}
