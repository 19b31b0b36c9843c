//! The credentials of a request (RFC 9110 section 11, RFC 7617, RFC 6750).

use std::fmt;

use base64ct::{Base64, Encoding};
use subtle::ConstantTimeEq;

use super::request::Request;

/// The credentials in a request's `Authorization`.
///
/// Browsers cannot set that header for a WebSocket; they send cookies, or the credentials that the
/// user has entered for the page. `Debug` shows no secret.
///
/// ```
/// use websocket_listener::http::{Answer, Credentials, Request, Response};
///
/// async fn members_only(request: Request) -> Answer {
///     match Credentials::of(&request) {
///         Ok(credentials) if credentials.is_basic("alice", "opensesame") => Answer::accept(),
///         _ => Response::basic_challenge("chat").into(),
///     }
/// }
/// # let _ = members_only;
/// ```
#[doc(alias("auth", "authentication", "login"))]
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A user and a password in UTF-8 (RFC 7617).
    Basic {
        /// The user, which contains no colon.
        user: String,
        /// The password, which may contain colons.
        password: String,
    },
    /// A bearer token (RFC 6750).
    Bearer {
        /// The token, not decoded.
        token: String,
    },
}

/// The absence of [`Credentials`] in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The request has no `Authorization`, several, or one without credentials.
    Missing,
    /// The scheme is neither Basic nor Bearer.
    UnknownScheme,
    /// Basic credentials are not the base64 of a user, a colon and a password in UTF-8, or a bearer
    /// token has invalid bytes.
    Malformed,
}

impl Credentials {
    /// Parses the credentials of a request; the scheme's case does not matter.
    ///
    /// # Errors
    /// [`CredentialsError`], usually answered with
    /// [`Response::basic_challenge`](crate::http::Response::basic_challenge) or
    /// [`Response::bearer_challenge`](crate::http::Response::bearer_challenge).
    pub fn of(request: &Request) -> Result<Self, CredentialsError> {
        let (scheme, credentials) = request.authorization().ok_or(CredentialsError::Missing)?;
        if scheme.eq_ignore_ascii_case("Basic") {
            basic(credentials).ok_or(CredentialsError::Malformed)
        } else if scheme.eq_ignore_ascii_case("Bearer") {
            bearer(credentials).ok_or(CredentialsError::Malformed)
        } else {
            Err(CredentialsError::UnknownScheme)
        }
    }

    /// Returns true for Basic credentials of this user with this password. The comparison's time
    /// reveals their lengths only.
    #[must_use]
    pub fn is_basic(&self, expected_user: &str, expected_password: &str) -> bool {
        let Self::Basic { user, password } = self else { return false };
        let user = user.as_bytes().ct_eq(expected_user.as_bytes());
        (user & password.as_bytes().ct_eq(expected_password.as_bytes())).into()
    }

    /// Returns true for this bearer token. The comparison's time reveals its length only.
    #[must_use]
    pub fn is_bearer(&self, expected: &str) -> bool {
        matches!(self, Self::Bearer { token } if equal_in_constant_time(token, expected))
    }
}

/// Compares secrets, such as the token in a cookie, in a time that reveals their lengths only.
///
/// ```
/// use websocket_listener::http::equal_in_constant_time;
///
/// assert!(equal_in_constant_time("31d4d96e", "31d4d96e"));
/// assert!(!equal_in_constant_time(b"31d4d96e", b"31d4d96f"));
/// ```
#[must_use]
pub fn equal_in_constant_time(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    one.as_ref().ct_eq(other.as_ref()).into()
}

fn basic(encoded: &str) -> Option<Credentials> {
    let mut decoded = vec![0; encoded.len()];
    let decoded = Base64::decode(encoded, &mut decoded).ok()?;
    let (user, password) = str::from_utf8(decoded).ok()?.split_once(':')?;
    let control = user.chars().chain(password.chars()).any(|c| c.is_ascii_control());
    (!control).then(|| Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
}

/// Parses a `b64token` (RFC 6750 section 2.1).
fn bearer(token: &str) -> Option<Credentials> {
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    (!body.is_empty() && body.bytes().all(allowed))
        .then(|| Credentials::Bearer { token: token.to_owned() })
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { user, .. } => {
                f.debug_struct("Basic").field("user", user).finish_non_exhaustive()
            }
            Self::Bearer { .. } => f.debug_struct("Bearer").finish_non_exhaustive(),
        }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing credentials",
            Self::UnknownScheme => "unknown authentication scheme",
            Self::Malformed => "malformed credentials",
        })
    }
}

impl std::error::Error for CredentialsError {}
