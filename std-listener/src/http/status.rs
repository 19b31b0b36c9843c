//! The status of a response (RFC 9110 section 15).

use std::fmt;

/// The status code of a response: 200 to 599. Those that applications answer with have names.
///
/// ```
/// use websocket_listener::http::Status;
///
/// assert_eq!(Status::NOT_FOUND.code(), 404);
/// assert_eq!(Status::new(418)?.to_string(), "418");
/// assert!(Status::new(101).is_err()); // a hook accepts in place of answering
/// # Ok::<_, websocket_listener::http::InvalidStatusError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "StatusCode")]
pub struct Status(u16);

/// A number that is not the status of a response: below 200 or above 599.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidStatusError;

macro_rules! named {
    ($($name:ident = $code:literal;)*) => {$(
        #[doc = concat!(stringify!($code), ".")]
        pub const $name: Self = Self($code);
    )*};
}

impl Status {
    named! {
        OK = 200;
        CREATED = 201;
        ACCEPTED = 202;
        NO_CONTENT = 204;
        MOVED_PERMANENTLY = 301;
        FOUND = 302;
        SEE_OTHER = 303;
        NOT_MODIFIED = 304;
        TEMPORARY_REDIRECT = 307;
        PERMANENT_REDIRECT = 308;
        BAD_REQUEST = 400;
        UNAUTHORIZED = 401;
        FORBIDDEN = 403;
        NOT_FOUND = 404;
        METHOD_NOT_ALLOWED = 405;
        NOT_ACCEPTABLE = 406;
        REQUEST_TIMEOUT = 408;
        CONFLICT = 409;
        GONE = 410;
        LENGTH_REQUIRED = 411;
        CONTENT_TOO_LARGE = 413;
        UNSUPPORTED_MEDIA_TYPE = 415;
        UNPROCESSABLE_CONTENT = 422;
        UPGRADE_REQUIRED = 426;
        TOO_MANY_REQUESTS = 429;
        INTERNAL_SERVER_ERROR = 500;
        NOT_IMPLEMENTED = 501;
        BAD_GATEWAY = 502;
        SERVICE_UNAVAILABLE = 503;
        GATEWAY_TIMEOUT = 504;
    }

    /// The status of this code.
    ///
    /// # Errors
    /// [`InvalidStatusError`] below 200 and above 599.
    pub const fn new(code: u16) -> Result<Self, InvalidStatusError> {
        match code {
            200..=599 => Ok(Self(code)),
            _ => Err(InvalidStatusError),
        }
    }

    /// The code.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Returns true if a response with this status has a body (RFC 9110 sections 15.3.5, 15.3.6 and
    /// 15.4.5).
    pub(crate) const fn has_body(self) -> bool {
        !matches!(self.0, 204 | 205 | 304)
    }
}

impl TryFrom<u16> for Status {
    type Error = InvalidStatusError;

    fn try_from(code: u16) -> Result<Self, InvalidStatusError> {
        Self::new(code)
    }
}

impl From<Status> for u16 {
    fn from(status: Status) -> Self {
        status.0
    }
}

/// The code.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for InvalidStatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid status: not between 200 and 599")
    }
}

impl std::error::Error for InvalidStatusError {}
