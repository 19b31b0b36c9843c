//! Cookies that an answer sets (RFC 6265 section 4.1).

use std::fmt;
use std::time::Duration;

use super::header::is_token;

/// A cookie that an acceptance or a response sets.
///
/// ```
/// use std::time::Duration;
/// use websocket_listener::http::{Answer, SameSite, SetCookie};
///
/// let cookie = SetCookie::new("session", "31d4d96e")?
///     .path("/")?
///     .max_age(Duration::from_secs(3600))
///     .same_site(SameSite::Strict)
///     .http_only()
///     .secure();
/// assert_eq!(
///     cookie.to_string(),
///     "session=31d4d96e; Path=/; Max-Age=3600; SameSite=Strict; HttpOnly; Secure",
/// );
/// let answer = Answer::accept().cookie(&cookie);
/// # let _ = answer;
/// # Ok::<_, websocket_listener::http::InvalidCookieError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The value of `Set-Cookie`.
    text: String,
}

/// The requests from other sites with which a browser sends a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// No request.
    Strict,
    /// Navigation by a link, but no WebSocket of another site's page.
    Lax,
    /// Every request. Browsers require [`SetCookie::secure`] with it.
    None,
}

/// A part of a cookie with invalid bytes, such as CR and LF, which would change its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCookieError {
    /// The name is not a token.
    Name,
    /// The value has a control byte, white space, `"`, `,`, `;`, `\` or a byte outside ASCII.
    Value,
    /// The path or the domain has a control byte, `;` or a byte outside ASCII.
    Attribute,
}

impl SetCookie {
    /// Creates a cookie for the request's host and directory, which the browser keeps until it ends.
    ///
    /// # Errors
    /// [`InvalidCookieError::Name`] and [`InvalidCookieError::Value`]. A value of arbitrary bytes
    /// has to be encoded first, in base64 for example.
    pub fn new(name: &str, value: &str) -> Result<Self, InvalidCookieError> {
        if !is_token(name) {
            return Err(InvalidCookieError::Name);
        }
        let value_byte = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        if !value.bytes().all(value_byte) {
            return Err(InvalidCookieError::Value);
        }
        Ok(Self { text: format!("{name}={value}") })
    }

    /// Creates a cookie that removes the client's cookie with this name and path.
    ///
    /// # Errors
    /// [`InvalidCookieError`].
    pub fn removal(name: &str, path: &str) -> Result<Self, InvalidCookieError> {
        Ok(Self::new(name, "")?.path(path)?.max_age(Duration::ZERO))
    }

    /// Limits the cookie to this path and the paths below it.
    ///
    /// # Errors
    /// [`InvalidCookieError::Attribute`].
    pub fn path(self, path: &str) -> Result<Self, InvalidCookieError> {
        self.checked("Path", path)
    }

    /// Extends the cookie to this domain and its subdomains.
    ///
    /// # Errors
    /// [`InvalidCookieError::Attribute`].
    pub fn domain(self, domain: &str) -> Result<Self, InvalidCookieError> {
        self.checked("Domain", domain)
    }

    /// Sets the lifetime, in whole seconds; zero removes the cookie.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.and(&format!("Max-Age={}", age.as_secs()))
    }

    /// Sets the requests from other sites that carry the cookie.
    #[must_use]
    pub fn same_site(self, same_site: SameSite) -> Self {
        self.and(match same_site {
            SameSite::Strict => "SameSite=Strict",
            SameSite::Lax => "SameSite=Lax",
            SameSite::None => "SameSite=None",
        })
    }

    /// Hides the cookie from scripts.
    #[must_use]
    pub fn http_only(self) -> Self {
        self.and("HttpOnly")
    }

    /// Limits the cookie to TLS.
    #[must_use]
    pub fn secure(self) -> Self {
        self.and("Secure")
    }

    fn checked(self, name: &str, value: &str) -> Result<Self, InvalidCookieError> {
        let attribute_byte = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b';';
        if !value.bytes().all(attribute_byte) {
            return Err(InvalidCookieError::Attribute);
        }
        Ok(self.and(&format!("{name}={value}")))
    }

    fn and(mut self, attribute: &str) -> Self {
        self.text.push_str("; ");
        self.text.push_str(attribute);
        self
    }
}

/// Writes the value of `Set-Cookie`.
impl fmt::Display for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for InvalidCookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "invalid cookie name",
            Self::Value => "invalid cookie value",
            Self::Attribute => "invalid cookie attribute",
        })
    }
}

impl std::error::Error for InvalidCookieError {}
