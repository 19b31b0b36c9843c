//! The authority of a URL: credentials, host and port (RFC 3986 section 3.2).

use std::net::Ipv6Addr;

use base64ct::{Base64, Encoding};

use super::error::UrlError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    /// The value of an `Authorization` header.
    pub(super) credentials: Option<String>,
    /// A name in lower case, or an address without brackets.
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Authority {
    pub(super) fn parse(text: &str) -> Result<Self, UrlError> {
        let (credentials, rest) = match text.rsplit_once('@') {
            Some((credentials, rest)) => (Some(basic(credentials)?), rest),
            None => (None, text),
        };
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(UrlError::Host)?;
                let address: Ipv6Addr = address.parse().map_err(|_| UrlError::Host)?;
                (address.to_string(), port)
            }
            None => {
                let (host, port) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
                (host.to_ascii_lowercase(), port)
            }
        };
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte);
        if host.is_empty() || !host.bytes().all(known) {
            return Err(UrlError::Host);
        }
        Ok(Self { credentials, host, port: parse_port(port)? })
    }

    /// Returns the text of host and port.
    pub(super) fn with_port(&self, port: Option<u16>) -> String {
        let host = &self.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }
}

/// Parses a colon and a number, or an empty text.
fn parse_port(text: &str) -> Result<Option<u16>, UrlError> {
    if text.is_empty() || text == ":" {
        return Ok(None);
    }
    let Some(digits) = text.strip_prefix(':') else { return Err(UrlError::Host) };
    match digits.parse() {
        _ if digits.starts_with(':') => Err(UrlError::Host),
        Ok(port) if port > 0 && !digits.starts_with('+') => Ok(Some(port)),
        _ => Err(UrlError::Port),
    }
}

/// Encodes user name and password for HTTP's Basic authentication (RFC 7617).
fn basic(text: &str) -> Result<String, UrlError> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let (user, password) = (percent_decoded(user)?, percent_decoded(password)?);
    if user.contains(&b':') {
        return Err(UrlError::Credentials);
    }
    let pair = [&user[..], b":", &password].concat();
    Ok(format!("Basic {}", Base64::encode_string(&pair)))
}

fn percent_decoded(text: &str) -> Result<Vec<u8>, UrlError> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let (byte, behind) = match behind.split_at_checked(2) {
            Some((digits, behind)) if first == b'%' => {
                let digits = digits.iter().map(|&digit| char::from(digit).to_digit(16));
                let value = digits.reduce(|high, low| Some(high? * 16 + low?)).flatten();
                (value.and_then(|value| u8::try_from(value).ok()), behind)
            }
            _ => (Some(first).filter(|&byte| known(byte)), behind),
        };
        decoded.push(byte.filter(|byte| !byte.is_ascii_control()).ok_or(UrlError::Credentials)?);
        rest = behind;
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_basic_authentication() {
        let credentials = |text| Authority::parse(text).unwrap().credentials;
        // The example of RFC 7617 section 2.
        let aladdin = Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
        assert_eq!(credentials("Aladdin:open%20sesame@a"), aladdin);
        assert_eq!(credentials("user@a"), Some("Basic dXNlcjo=".to_owned()));
        assert_eq!(credentials("u:p%3a%40@a"), Some("Basic dTpwOkA=".to_owned()));
        assert_eq!(credentials("a"), None);
    }
}
