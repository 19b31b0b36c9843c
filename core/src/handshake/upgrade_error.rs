//! The error of a request that does not open a WebSocket.

use core::fmt;

/// The error of [`Request::upgrade`](super::Request::upgrade): the rule that the request breaks.
/// `PlainResponse::from` turns it into an answer, with the headers that the status calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UpgradeError {
    /// A method other than GET. 405, with `Allow: GET`.
    Method,
    /// HTTP/1.0, which has no upgrade.
    HttpVersion,
    /// The target is neither a path nor an absolute HTTP URI, or it has a fragment.
    Target,
    /// `Host` is missing, repeated, empty or not a host.
    Host,
    /// No `Upgrade` header lists `websocket`: plain HTTP.
    Upgrade,
    /// No `Connection` header lists `upgrade`.
    Connection,
    /// `Content-Length` other than 0, or `Transfer-Encoding`: a proxy would read the frames as a
    /// body.
    Body,
    /// `Sec-WebSocket-Version` is missing or other than 13. 426, with the version spoken here
    /// (RFC 6455 section 4.4).
    Version,
    /// `Sec-WebSocket-Version` occurs more than once.
    RepeatedVersion,
    /// `Sec-WebSocket-Key` is missing, repeated, or not exactly 16 bytes in base64.
    Key,
    /// `Sec-WebSocket-Protocol` has an element that is not a token.
    Subprotocol,
    /// `Sec-WebSocket-Extensions` violates the grammar of RFC 6455 section 9.1.
    Extension,
}

impl UpgradeError {
    /// Returns the HTTP status that answers it (RFC 6455 section 4.2.1): 405, 426 or 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Version => 426,
            _ => 400,
        }
    }

    /// Returns the explanation for the peer, in one line.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Method => "A WebSocket is opened with GET.",
            Self::HttpVersion => "A WebSocket is opened with HTTP/1.1.",
            Self::Target => "The request target is not the path of a WebSocket.",
            Self::Host => "Exactly one valid Host header is needed.",
            Self::Upgrade => {
                "This is a WebSocket endpoint: the header Upgrade: websocket is needed."
            }
            Self::Connection => "The header Connection: Upgrade is needed.",
            Self::Body => "A request that opens a WebSocket has no body.",
            Self::Version => "The header Sec-WebSocket-Version: 13 is needed.",
            Self::RepeatedVersion => "Sec-WebSocket-Version must occur only once.",
            Self::Key => "Exactly one Sec-WebSocket-Key header of 16 bytes in base64 is needed.",
            Self::Subprotocol => "Sec-WebSocket-Protocol is malformed.",
            Self::Extension => "Sec-WebSocket-Extensions is malformed.",
        }
    }
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Method => "method other than GET",
            Self::HttpVersion => "HTTP/1.0",
            Self::Target => "target is not the path of a WebSocket",
            Self::Host => "not exactly one valid Host",
            Self::Upgrade => "no Upgrade: websocket",
            Self::Connection => "no Connection: Upgrade",
            Self::Body => "upgrade with a body",
            Self::Version => "Sec-WebSocket-Version is not 13",
            Self::RepeatedVersion => "repeated Sec-WebSocket-Version",
            Self::Key => "not exactly one valid Sec-WebSocket-Key",
            Self::Subprotocol => "malformed Sec-WebSocket-Protocol",
            Self::Extension => "malformed Sec-WebSocket-Extensions",
        })
    }
}

impl core::error::Error for UpgradeError {}
