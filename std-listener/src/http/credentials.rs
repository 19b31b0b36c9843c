//! Who a request says it comes from (RFC 9110 section 11, RFC 7617, RFC 6750).

use std::fmt;

use base64ct::{Base64, Encoding};
use subtle::ConstantTimeEq;

use super::request::Request;

/// The credentials in a request's `Authorization`.
///
/// Browsers' WebSockets cannot set that header; they send cookies, or credentials that the user has
/// typed for the page. `Debug` shows no secret.
///
/// ```
/// use websocket_listener::{Answer, Credentials, Request, Response};
///
/// async fn members_only(request: Request) -> Answer {
///     match Credentials::of(&request) {
///         Ok(credentials) if credentials.is_basic("alice", "opensesame") => Answer::accept(),
///         _ => Response::basic_challenge("chat").into(),
///     }
/// }
/// # let _ = members_only;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// RFC 7617, in UTF-8.
    Basic {
        /// Contains no colon.
        user: String,
        /// May contain colons.
        password: String,
    },
    /// RFC 6750.
    Bearer {
        /// As it came.
        token: String,
    },
}

/// Why a request has no [`Credentials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// No `Authorization`, more than one, or one without credentials.
    Missing,
    /// A scheme other than Basic and Bearer.
    UnknownScheme,
    /// Basic credentials that are not base64 of a user, a colon and a password in UTF-8, or a bearer
    /// token with bytes that no token has.
    Malformed,
}

impl Credentials {
    /// Reads them; the scheme's case does not matter.
    ///
    /// # Errors
    /// [`CredentialsError`] says what is wrong. The answer is
    /// [`Response::basic_challenge`](crate::Response::basic_challenge) or
    /// [`Response::bearer_challenge`](crate::Response::bearer_challenge).
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

    /// Whether they are Basic credentials of this user with this password. The time it takes
    /// reveals nothing but their lengths.
    #[must_use]
    pub fn is_basic(&self, expected_user: &str, expected_password: &str) -> bool {
        let Self::Basic { user, password } = self else { return false };
        let user = user.as_bytes().ct_eq(expected_user.as_bytes());
        (user & password.as_bytes().ct_eq(expected_password.as_bytes())).into()
    }

    /// Whether they are this bearer token. The time it takes reveals nothing but its length.
    #[must_use]
    pub fn is_bearer(&self, expected: &str) -> bool {
        matches!(self, Self::Bearer { token } if equal_in_constant_time(token, expected))
    }
}

/// Compares secrets, such as the token in a cookie, in a time that reveals nothing but their
/// lengths.
///
/// ```
/// use websocket_listener::equal_in_constant_time;
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

/// `b64token` (RFC 6750 section 2.1).
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
            Self::Missing => "no credentials",
            Self::UnknownScheme => "neither Basic nor Bearer credentials",
            Self::Malformed => "malformed credentials",
        })
    }
}

impl std::error::Error for CredentialsError {}
