//! The client's rules for the server's answer (RFC 6455 section 4.1).

use core::fmt;

use super::extension::{self, ExtensionOffer};
use super::http::headers::Field;
use super::http::syntax::is_name;
use super::key::{KEY_LENGTH, accept_value};
use super::response::Response;

/// A WebSocket that the server has agreed to. The extensions in use are in
/// [`Response::extensions`](super::Response::extensions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Established<'a> {
    subprotocol: Option<&'a str>,
}

impl<'a> Established<'a> {
    /// Returns the subprotocol that the server chose among the offered ones, if it chose one.
    #[must_use]
    pub const fn subprotocol(&self) -> Option<&'a str> {
        self.subprotocol
    }
}

/// The error of [`ClientRequest::verify`](super::ClientRequest::verify): the client must fail the
/// connection (RFC 6455 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VerifyError {
    /// A status other than 101: the server answered with plain HTTP, a redirect or 401 for example.
    Status(u16),
    /// 101 in HTTP/1.0, which has no upgrade.
    HttpVersion,
    /// `Upgrade` is missing or not `websocket`.
    Upgrade,
    /// No `Connection` header lists `upgrade`.
    Connection,
    /// `Sec-WebSocket-Accept` is missing, repeated, or not the answer to the client's key.
    Accept,
    /// A subprotocol that was not offered, or more than one.
    Subprotocol,
    /// An extension that was not offered, or a list that violates the grammar of RFC 6455 section
    /// 9.1.
    Extension,
}

pub(super) fn verify<'a, B: AsRef<[u8]>>(
    key: &[u8; KEY_LENGTH],
    subprotocols: &'a [&'a str],
    extensions: &str,
    response: &Response<B>,
) -> Result<Established<'a>, VerifyError> {
    if response.status() != 101 {
        return Err(VerifyError::Status(response.status()));
    }
    if response.version() == 0 {
        return Err(VerifyError::HttpVersion);
    }
    let headers = response.lines();
    let mut upgrades = headers.values("Upgrade").peekable();
    if upgrades.peek().is_none() || !upgrades.all(|value| is_name(value, "websocket")) {
        return Err(VerifyError::Upgrade);
    }
    if !headers.tokens("Connection").any(|option| is_name(option.as_bytes(), "upgrade")) {
        return Err(VerifyError::Connection);
    }
    match headers.field("Sec-WebSocket-Accept") {
        Field::Once(accept) if accept == accept_value(key) => {}
        _ => return Err(VerifyError::Accept),
    }
    for accepted in extension::offers(headers) {
        // RFC 6455 section 9.1: what violates the grammar fails the connection.
        let accepted = accepted.map_err(|_| VerifyError::Extension)?;
        let mut offers = ExtensionOffer::parse_list(extensions.as_bytes()).filter_map(Result::ok);
        if !offers.any(|offer| offer.name() == accepted.name()) {
            return Err(VerifyError::Extension);
        }
    }
    let subprotocol = match headers.field("Sec-WebSocket-Protocol") {
        Field::Absent => None,
        Field::Once(chosen) => {
            let offered = subprotocols.iter().find(|offered| offered.as_bytes() == chosen);
            Some(*offered.ok_or(VerifyError::Subprotocol)?)
        }
        Field::Repeated => return Err(VerifyError::Subprotocol),
    };
    Ok(Established { subprotocol })
}

impl fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "server answered with status {status}"),
            Self::HttpVersion => formatter.write_str("server answered in HTTP/1.0"),
            Self::Upgrade => formatter.write_str("server did not answer Upgrade: websocket"),
            Self::Connection => formatter.write_str("server did not answer Connection: Upgrade"),
            Self::Accept => formatter.write_str("wrong Sec-WebSocket-Accept"),
            Self::Subprotocol => {
                formatter.write_str("server chose a subprotocol that was not offered")
            }
            Self::Extension => {
                formatter.write_str("server chose an extension that was not offered")
            }
        }
    }
}

impl core::error::Error for VerifyError {}
