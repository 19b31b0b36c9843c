//! The cookies of one connect (RFC 6265), from the first request to the last redirect.

use super::head::Head;
use super::url::split_before;

/// The limit of cookies from a server.
const MAX_COOKIES: usize = 64;

/// The cookies of one host, dropped at a redirect to another.
#[derive(Clone, Debug, Default)]
pub(super) struct Cookies(Vec<Cookie>);

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    /// The path to which the cookie is limited.
    path: Option<String>,
}

impl Cookies {
    pub(super) fn new(given: &[(String, String)]) -> Self {
        let cookie = |(name, value): &(String, String)| Cookie {
            name: name.clone(),
            value: value.clone(),
            path: None,
        };
        Self(given.iter().map(cookie).collect())
    }

    /// Stores the cookies that a response sets. Only `Path` and `Max-Age` matter, because the cookies
    /// live for one connect and go to the host that has set them.
    pub(super) fn take_from(&mut self, head: &Head) {
        for value in head.header_values("Set-Cookie") {
            if let Ok(text) = str::from_utf8(value) {
                self.set(text);
            }
        }
    }

    fn set(&mut self, text: &str) {
        let mut parts = text.split(';').map(|part| part.split_once('=').unwrap_or((part, "")));
        let Some((name, value)) = parts.next() else { return };
        let (name, value) = (name.trim(), value.trim());
        let mut path = None;
        let mut expired = false;
        for (attribute, value) in parts {
            match attribute.trim().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => path = Some(value.trim().to_owned()),
                "max-age" => expired = value.trim().parse::<i64>().is_ok_and(|age| age <= 0),
                _ => {}
            }
        }
        self.0.retain(|cookie| cookie.name != name || (!expired && cookie.path != path));
        if !expired && !name.is_empty() && self.0.len() < MAX_COOKIES {
            self.0.push(Cookie { name: name.to_owned(), value: value.to_owned(), path });
        }
    }

    /// Returns the value of the `Cookie` header for a target; empty without cookies.
    pub(super) fn header_for(&self, target: &str) -> String {
        let path = split_before(target, &['?']).0;
        let matching = self
            .0
            .iter()
            .filter(|cookie| cookie.path.as_deref().is_none_or(|allowed| is_below(path, allowed)));
        let pairs: Vec<_> =
            matching.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        pairs.join("; ")
    }
}

/// Returns true if a path is the other, or below it (RFC 6265 section 5.1.4).
fn is_below(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || allowed.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_adds_replaces_and_removes_cookies() {
        let mut cookies = Cookies::new(&[("a".to_owned(), "1".to_owned())]);
        assert_eq!(cookies.header_for("/"), "a=1");
        for set in ["a=2; Secure; HttpOnly", "b=3; Path=/chat", "c = x=y ;Max-Age=60", "=z", "d"] {
            cookies.set(set);
        }
        assert_eq!(cookies.header_for("/"), "a=2; c=x=y; d=");
        assert_eq!(cookies.header_for("/chat"), "a=2; b=3; c=x=y; d=");
        assert_eq!(cookies.header_for("/chat/room?x"), "a=2; b=3; c=x=y; d=");
        assert_eq!(cookies.header_for("/chats"), "a=2; c=x=y; d=");
        for set in ["a=; Max-Age=0", "b=; Max-Age=-1; Path=/chat", "d=4"] {
            cookies.set(set);
        }
        assert_eq!(cookies.header_for("/chat"), "c=x=y; d=4");
    }

    #[test]
    fn cookies_are_bounded_in_number() {
        let mut cookies = Cookies::default();
        (0..1000).for_each(|number| cookies.set(&format!("{number}=x")));
        assert_eq!(cookies.0.len(), MAX_COOKIES);
    }
}
