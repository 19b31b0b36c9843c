//! The client's request (RFC 9112 sections 2 and 3), read in place.

use core::fmt;

use super::extension::{self, ExtensionOffer};
use super::http::headers::{Field, Headers};
use super::http::lines::{Lines, minor_version};
use super::http::list;
use super::http::syntax::{self, split_at_byte};
use super::http::{HeadError, MAX_HEAD_BYTES};
use super::key::KEY_LENGTH;
use super::opening_fields::{OpeningFields, VERSION};
use super::target::resource_name;
use super::upgrade_error::UpgradeError;

/// A parsed request head: the bytes, and the positions of its parts.
///
/// `B` owns or borrows the bytes: `&[u8]` on a board, `Box<[u8]>` or `Bytes` on a server. It holds
/// 8 bytes besides. The head is checked once; reading a header walks the lines again, so a loop
/// over [`headers`](Self::headers) is better than many single look-ups. Header names are compared
/// without case (RFC 9110 section 5.1).
///
/// Limits: [`MAX_HEAD_BYTES`] and [`MAX_HEADERS`](super::MAX_HEADERS). `Debug` omits the headers,
/// because they may hold credentials.
///
/// ```
/// use websocket_listener_core::handshake::Request;
///
/// let head = b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, Upgrade\r\n\r\n";
/// let request = Request::parse(&head[..]).unwrap();
/// assert_eq!((request.method(), request.path(), request.query()), ("GET", "/chat", Some("room=1")));
/// assert_eq!(request.header_str("host"), Some("example.com"));
/// assert!(request.header_tokens("Connection").eq(["keep-alive", "Upgrade"]));
///
/// let owned: Request<Box<[u8]>> = request.map_head(Box::from);
/// assert_eq!(owned.target(), "/chat?room=1");
/// ```
#[derive(Clone, Copy)]
pub struct Request<B> {
    head: B,
    method_end: u16,
    target_end: u16,
    is_upgrade: bool,
    /// The position of an opening handshake's key.
    key: u16,
    /// The first rule for the headers of an opening handshake that is broken.
    pub(super) fault: Option<UpgradeError>,
}

impl<B: AsRef<[u8]>> Request<B> {
    /// Reads `head`: exactly one head, to the end of its empty line, as
    /// [`HeadScanner`](super::HeadScanner) finds it.
    ///
    /// # Errors
    /// [`HeadError`], for every head that is not HTTP/1.0 or HTTP/1.1 to the letter.
    pub fn parse(head: B) -> Result<Self, HeadError> {
        let bytes = head.as_ref();
        if bytes.len() > MAX_HEAD_BYTES {
            return Err(HeadError::TooLarge);
        }
        let (line, headers) = Lines::split_first(bytes)?;
        let malformed = HeadError::StartLine;
        let (method, rest) = split_at_byte(line, b' ').ok_or(malformed)?;
        let (target, rest) = split_at_byte(rest, b' ').ok_or(malformed)?;
        if !syntax::is_token(method) || !syntax::is_request_target(target) {
            return Err(malformed);
        }
        let (version, more) = rest.split_at_checked(VERSION_LENGTH).unwrap_or((rest, &[]));
        minor_version(version).ok_or(HeadError::Version)?;
        if !more.is_empty() {
            return Err(malformed);
        }
        let mut fields = OpeningFields::default();
        headers.check_headers(|name, value| fields.note(name, value))?;
        let is_upgrade = fields.upgrade;
        let (key, fault) = match fields.check(VERSION) {
            Ok(key) => (position(bytes, key), None),
            Err(fault) => (0, Some(fault)),
        };
        let method_end = method.len();
        let target_end = method_end.saturating_add(1).saturating_add(target.len());
        Ok(Self {
            head,
            // No cast loses bits: none of these exceeds MAX_HEAD_BYTES.
            method_end: method_end as u16,
            target_end: target_end as u16,
            is_upgrade,
            key,
            fault,
        })
    }

    /// Returns the bytes as they came.
    pub fn head(&self) -> &[u8] {
        self.head.as_ref()
    }

    /// Returns the method, case-sensitive.
    pub fn method(&self) -> &str {
        text(self.method_bytes())
    }

    /// Returns the request target as it came (RFC 9112 section 3.2).
    pub fn target(&self) -> &str {
        text(self.target_bytes())
    }

    /// Returns the [`resource_name`](super::resource_name) in the target: path and query, neither
    /// decoded nor normalised (RFC 6455 section 3).
    pub fn resource_name(&self) -> &str {
        resource_name(self.target())
    }

    /// Returns the path of the target, neither decoded nor normalised, without query. Of an
    /// absolute target, the part after the authority, `/` if there is none. Targets of neither form
    /// (`*`, `host:port`) are returned whole.
    pub fn path(&self) -> &str {
        let resource_name = self.resource_name();
        let path = resource_name.split_once('?').map_or(resource_name, |(path, _)| path);
        if path.is_empty() { "/" } else { path }
    }

    /// Returns the part after the first `?` of the target.
    pub fn query(&self) -> Option<&str> {
        self.resource_name().split_once('?').map(|(_, query)| query)
    }

    /// Returns the minor version: 0 for HTTP/1.0, 1 for HTTP/1.1.
    pub fn version(&self) -> u8 {
        let digit = usize::from(self.target_end).saturating_add(VERSION_LENGTH);
        u8::from(self.head().get(digit) == Some(&b'1'))
    }

    /// Returns the value of the first header of that name, without the white space around it.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.lines().first(name)
    }

    /// Returns [`header`](Self::header), if it is UTF-8.
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.header(name).and_then(|value| str::from_utf8(value).ok())
    }

    /// Returns every value of that name, in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines().values(name)
    }

    /// Returns all headers, in order, values without the white space around them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.lines().named()
    }

    /// Returns the elements of a comma-separated list over all lines of that name
    /// (RFC 9110 section 5.6.1), trimmed. Commas in quoted strings do not separate; empty elements
    /// and those that are not UTF-8 are left out.
    pub fn header_tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.lines().tokens(name)
    }

    /// Returns the subprotocols offered, in the client's order of preference
    /// (RFC 6455 section 4.2.1 item 8). Elements that are not tokens are left out;
    /// [`upgrade`](Self::upgrade) refuses a request that has any.
    ///
    /// To choose one, see [`select_subprotocol`](super::select_subprotocol).
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> + Clone {
        self.lines()
            .values("Sec-WebSocket-Protocol")
            .flat_map(list::elements)
            .filter_map(syntax::token)
    }

    /// The extensions offered, in the client's order of preference (RFC 6455 section 4.2.1 item 9).
    /// Malformed elements are left out; [`upgrade`](Self::upgrade) refuses a request that has any.
    /// So are offers with a backslash in a quoted value, which are legal but never seen; they are
    /// declined like any unknown offer.
    pub fn extensions(&self) -> impl Iterator<Item = ExtensionOffer<'_>> + Clone {
        extension::offers(self.lines()).filter_map(Result::ok)
    }

    /// Returns the cookies, name and value, as they came (RFC 6265 section 4.2.1): not decoded, and
    /// with any quotes. Those that are not UTF-8 are left out.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.lines().cookies()
    }

    /// Returns the value of the first cookie of this name; names are case-sensitive.
    ///
    /// ```
    /// use websocket_listener_core::handshake::Request;
    ///
    /// let head = b"GET / HTTP/1.1\r\nCookie: theme=dark; session=31d4\r\n\r\n";
    /// assert_eq!(Request::parse(head).unwrap().cookie("session"), Some("31d4"));
    /// ```
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// Returns the scheme of `Authorization`, and what follows it (RFC 9110 section 11.6.2). `None`
    /// unless there is exactly one such header.
    #[doc(alias = "auth")]
    pub fn authorization(&self) -> Option<(&str, &str)> {
        let Field::Once(value) = self.lines().field("Authorization") else { return None };
        let (scheme, credentials) = str::from_utf8(value).ok()?.split_once(' ')?;
        Some((scheme, credentials.trim_ascii()))
    }

    /// Returns true if the request names its server, as RFC 9112 section 3.2 demands of every
    /// request: by exactly one `Host`, which may be empty, and which HTTP/1.0 may omit. If it does
    /// not, the answer is 400.
    ///
    /// ```
    /// use websocket_listener_core::handshake::Request;
    ///
    /// let names_server = |head: &str| Request::parse(head.as_bytes()).unwrap().names_server();
    /// assert!(names_server("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    /// assert!(!names_server("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"));
    /// assert!(!names_server("GET / HTTP/1.1\r\n\r\n") && names_server("GET / HTTP/1.0\r\n\r\n"));
    /// ```
    pub fn names_server(&self) -> bool {
        match self.lines().field("Host") {
            Field::Once(host) => host.is_empty() || syntax::is_host(host),
            Field::Absent => self.version() == 0,
            Field::Repeated => false,
        }
    }

    /// Returns true if the request asks for a WebSocket: an `Upgrade` header lists `websocket`, in
    /// any case. Other requests are plain HTTP.
    pub fn is_upgrade(&self) -> bool {
        self.is_upgrade
    }

    /// Returns the same request over other storage: with `Box::from`, for example, to keep a
    /// borrowed one.
    ///
    /// The new storage has to hold the same bytes. If it does not, what is read from it is
    /// meaningless.
    pub fn map_head<C>(self, map: impl FnOnce(B) -> C) -> Request<C> {
        Request {
            head: map(self.head),
            method_end: self.method_end,
            target_end: self.target_end,
            is_upgrade: self.is_upgrade,
            key: self.key,
            fault: self.fault,
        }
    }

    pub(super) fn lines(&self) -> Headers<'_> {
        let start = usize::from(self.target_end).saturating_add(BEHIND_TARGET);
        Headers::new(self.head().get(start..).unwrap_or_default())
    }

    pub(super) fn method_bytes(&self) -> &[u8] {
        self.part(0, self.method_end)
    }

    pub(super) fn target_bytes(&self) -> &[u8] {
        self.part(self.method_end.saturating_add(1), self.target_end)
    }

    pub(super) fn key(&self) -> &[u8; KEY_LENGTH] {
        let from_key = self.head().get(usize::from(self.key)..);
        from_key.and_then(<[u8]>::first_chunk).unwrap_or(&[0; KEY_LENGTH])
    }

    fn part(&self, start: u16, end: u16) -> &[u8] {
        self.head().get(usize::from(start)..usize::from(end)).unwrap_or_default()
    }
}

impl<B: AsRef<[u8]>> fmt::Debug for Request<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method())
            .field("target", &self.target())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// Method and target are checked to be UTF-8.
fn text(checked: &[u8]) -> &str {
    str::from_utf8(checked).unwrap_or_default()
}

/// Returns the position of a part in its head.
fn position(head: &[u8], part: &[u8]) -> u16 {
    // The cast loses no bits: it does not exceed MAX_HEAD_BYTES.
    part.as_ptr().addr().wrapping_sub(head.as_ptr().addr()) as u16
}

/// The length of `HTTP/1.1`.
const VERSION_LENGTH: usize = 8;

/// The length of the bytes between the target and the headers: a space, the version, CR LF.
const BEHIND_TARGET: usize = 1 + VERSION_LENGTH + 2;
