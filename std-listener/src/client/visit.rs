//! One request of a connect: its URL, headers, credentials and cookies.

use tracing::Span;

use super::Client;
use super::cookies::Cookies;
use super::error::{ConnectError, RedirectError};
use super::head::Head;
use super::url::Url;
use crate::span;

/// The headers that only the first server gets.
const SECRET: [&str; 3] = ["Authorization", "Proxy-Authorization", "Cookie"];

/// One request on the way to a connection; each redirect leads to another.
pub(super) struct Visit {
    pub(super) url: Url,
    cookies: Cookies,
    /// No redirect has led away from the first server.
    may_know_secrets: bool,
    /// The connection's span, if a subscriber of `tracing` is interested.
    pub(super) span: Option<Span>,
}

impl Visit {
    pub(super) fn new(client: &Client, url: Url) -> Self {
        let (cookies, span) = (Cookies::new(&client.cookies), span::open(None));
        Self { url, cookies, may_know_secrets: true, span }
    }

    /// Returns the headers of the request, except those of RFC 6455.
    pub(super) fn headers(&self, client: &Client) -> Vec<(String, String)> {
        let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
        let mut cookies = self.cookies.header_for(&self.url.target);
        let mut headers = Vec::new();
        for (name, value) in &client.headers {
            let secret = SECRET.iter().any(|secret| is(name, secret));
            if secret && !self.may_know_secrets {
                continue;
            }
            if is(name, "Cookie") {
                // A request has one such header at most (RFC 6265 section 5.4).
                let separator = if cookies.is_empty() { "" } else { "; " };
                cookies = format!("{value}{separator}{cookies}");
            } else {
                headers.push((name.clone(), value.clone()));
            }
        }
        if let Some(credentials) = &self.url.authority.credentials
            && !headers.iter().any(|(name, _)| is(name, "Authorization"))
        {
            headers.push(("Authorization".to_owned(), credentials.clone()));
        }
        if !cookies.is_empty() {
            headers.push(("Cookie".to_owned(), cookies));
        }
        headers
    }

    /// Returns the request after a redirect.
    pub(super) fn redirected(mut self, response: Head) -> Result<Self, ConnectError> {
        let mut url = match self.next(&response) {
            Ok(url) => url,
            Err(reason) => return Err(ConnectError::Redirect { reason, response }),
        };
        self.cookies.take_from(&response);
        if !url.may_know_secrets_of(&self.url) {
            self.may_know_secrets = false;
            self.cookies = Cookies::default();
        } else if url.authority.credentials.is_none() {
            url.authority.credentials = self.url.authority.credentials.take();
        }
        tracing::debug!(host = url.host_header(), "redirected");
        Ok(Self { url, ..self })
    }

    fn next(&self, response: &Head) -> Result<Url, RedirectError> {
        let location = response.header_str("Location").ok_or(RedirectError::NoLocation)?;
        let url = self.url.join(location).map_err(RedirectError::Location)?;
        if self.url.secure && !url.secure {
            return Err(RedirectError::Insecure);
        }
        Ok(url)
    }
}
