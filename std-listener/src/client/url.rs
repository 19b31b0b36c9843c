//! WebSocket URLs (RFC 6455 section 3, RFC 3986).

use super::authority::Authority;
use super::error::UrlError;

/// The parts of a WebSocket URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// The scheme is `wss`.
    pub(super) secure: bool,
    pub(super) authority: Authority,
    /// Path and query.
    pub(super) target: String,
}

impl Url {
    /// Reads a URL, which has to be valid (RFC 6455 section 4.1).
    pub(super) fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        let secure = match scheme {
            scheme if scheme.eq_ignore_ascii_case("ws") => false,
            scheme if scheme.eq_ignore_ascii_case("wss") => true,
            _ => return Err(UrlError::Scheme),
        };
        let rest = rest.strip_prefix("//").ok_or(UrlError::Scheme)?;
        let (authority, target) = split_before(rest, &['/', '?', '#']);
        let authority = Authority::parse(authority)?;
        if target.contains('#') {
            return Err(UrlError::Fragment);
        }
        if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Target);
        }
        let root = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { secure, authority, target: format!("{root}{target}") })
    }

    /// Returns the port, by default that of the scheme.
    pub(super) fn port(&self) -> u16 {
        self.authority.port.unwrap_or(self.default_port())
    }

    /// Returns the value of the `Host` header, without the scheme's default port (item 4 of the
    /// requirements in RFC 6455 section 4.1).
    pub(super) fn host_header(&self) -> String {
        let port = self.authority.port.filter(|port| *port != self.default_port());
        self.authority.with_port(port)
    }

    /// Returns true if the secrets for `other` may be sent to this URL: its host and port are the
    /// same, or its host is the same and the default port now has TLS.
    pub(super) fn may_know_secrets_of(&self, other: &Self) -> bool {
        let upgraded = !other.secure && self.secure && (other.port(), self.port()) == (80, 443);
        let same = self.secure == other.secure && self.port() == other.port();
        self.authority.host == other.authority.host && (same || upgraded)
    }

    /// Resolves a reference in a response to this URL (RFC 3986 section 5.2). The schemes of HTTP
    /// stand for those of WebSocket, and a fragment is dropped.
    pub(super) fn join(&self, reference: &str) -> Result<Self, UrlError> {
        let (reference, _) = split_before(reference.trim(), &['#']);
        let (start, _) = split_before(reference, &['/', '?']);
        if let Some((scheme, _)) = start.split_once(':') {
            let rest = &reference[scheme.len()..];
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "ws" => Self::parse(&format!("ws{rest}")),
                "https" | "wss" => Self::parse(&format!("wss{rest}")),
                _ => Err(UrlError::Scheme),
            };
        }
        let scheme = if self.secure { "wss" } else { "ws" };
        if reference.starts_with("//") {
            return Self::parse(&format!("{scheme}:{reference}"));
        }
        if !reference.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Target);
        }
        let (base, _) = split_before(&self.target, &['?']);
        let (path, query) = split_before(reference, &['?']);
        let target = match path {
            "" if query.is_empty() => self.target.clone(),
            "" => format!("{base}{query}"),
            _ if path.starts_with('/') => without_dots(path) + query,
            _ => {
                let folder = base.rfind('/').map_or("", |end| &base[..end]);
                without_dots(&format!("{folder}/{path}")) + query
            }
        };
        Ok(Self { target, ..self.clone() })
    }

    const fn default_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }
}

/// Splits before the first of these characters, or at the end.
pub(super) fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Removes the `.` and `..` segments of a path (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
        if last && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (bool, String, u16, String) {
        let url = Url::parse(text).unwrap();
        (url.secure, url.host_header(), url.port(), url.target)
    }

    #[test]
    fn scheme_host_port_and_target_are_told_apart() {
        let expect = |secure, host: &str, port, target: &str| {
            (secure, host.to_owned(), port, target.to_owned())
        };
        assert_eq!(parsed("ws://a"), expect(false, "a", 80, "/"));
        assert_eq!(parsed("WSS://Example.COM/Chat?x=1"), {
            expect(true, "example.com", 443, "/Chat?x=1")
        });
        assert_eq!(parsed("ws://a:8006?q"), expect(false, "a:8006", 8006, "/?q"));
        assert_eq!(parsed("ws://a:80/"), expect(false, "a", 80, "/"));
        assert_eq!(parsed("ws://a:/"), expect(false, "a", 80, "/"));
        assert_eq!(parsed("ws://a:443/"), expect(false, "a:443", 443, "/"));
        assert_eq!(parsed("ws://[::1]:8006/x"), expect(false, "[::1]:8006", 8006, "/x"));
        assert_eq!(parsed("wss://[2001:DB8::7]"), expect(true, "[2001:db8::7]", 443, "/"));
        assert_eq!(parsed("ws://a/b@c:d"), expect(false, "a", 80, "/b@c:d"));
    }

    #[test]
    fn each_fault_of_a_url_has_its_error() {
        for (text, expected) in [
            ("", UrlError::Scheme),
            ("localhost:8006", UrlError::Scheme),
            ("http://a/", UrlError::Scheme),
            ("ws:/a", UrlError::Scheme),
            ("ws+unix:///run/a", UrlError::Scheme),
            ("ws://", UrlError::Host),
            ("ws:///path", UrlError::Host),
            ("ws://:80/", UrlError::Host),
            ("ws://a b/", UrlError::Host),
            ("ws://grüß/", UrlError::Host),
            ("ws://a\\@b/", UrlError::Credentials),
            ("ws://[::1/", UrlError::Host),
            ("ws://[::g]/", UrlError::Host),
            ("ws://[fe80::1%25eth0]/", UrlError::Host),
            ("ws://::1/", UrlError::Host),
            ("ws://a:0/", UrlError::Port),
            ("ws://a:65536/", UrlError::Port),
            ("ws://a:+8/", UrlError::Port),
            ("ws://a:b/", UrlError::Port),
            ("ws://u:p@b@c/", UrlError::Credentials),
            ("ws://u%3Ax@c/", UrlError::Credentials),
            ("ws://u%zz@c/", UrlError::Credentials),
            ("ws://u%0D@c/", UrlError::Credentials),
            ("ws://a/#fragment", UrlError::Fragment),
            ("ws://a#", UrlError::Fragment),
            ("ws://a/b c", UrlError::Target),
            ("ws://a/\r\nX: y", UrlError::Target),
            ("ws://a/grüß", UrlError::Target),
        ] {
            assert_eq!(Url::parse(text), Err(expected), "{text:?}");
        }
    }

    /// The examples of RFC 3986 section 5.4 that apply to this scheme.
    #[test]
    fn references_are_resolved() {
        let base = Url::parse("ws://a/b/c/d;p?q").unwrap();
        for (reference, expected) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g#s", "/b/c/g"),
            (";x", "/b/c/;x"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("..", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            ("./g/.", "/b/c/g/"),
            ("g/../h", "/b/c/h"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("g:h/../x", ""),
        ] {
            let target = base.join(reference).map_or(String::new(), |url| url.target);
            assert_eq!(target, expected, "{reference:?}");
        }
        let host = |reference| base.join(reference).map(|url| (url.secure, url.host_header()));
        assert_eq!(host("//g/x"), Ok((false, "g".to_owned())));
        assert_eq!(host("https://g:444/x"), Ok((true, "g:444".to_owned())));
        assert_eq!(host("HTTP://g"), Ok((false, "g".to_owned())));
        assert_eq!(host("ftp://g"), Err(UrlError::Scheme));
        assert_eq!(host("/b c"), Err(UrlError::Target));
    }

    #[test]
    fn secrets_are_for_the_same_host_and_port() {
        let may = |from: &str, to: &str| {
            Url::parse(to).unwrap().may_know_secrets_of(&Url::parse(from).unwrap())
        };
        assert!(may("ws://a/x", "ws://A:80/y"));
        assert!(may("ws://a/", "wss://a/"), "the usual way to TLS");
        assert!(!may("wss://a/", "ws://a/"));
        assert!(!may("ws://a/", "ws://b/"));
        assert!(!may("ws://a/", "ws://a:81/"));
        assert!(!may("ws://a:8006/", "wss://a:8006/"), "another server, maybe");
    }
}
