//! Connections through an HTTP proxy, by CONNECT (RFC 9110 section 9.3.6; RFC 6455 section 4.1 item
//! 3).

use std::env;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::authority::Authority;
use super::body::read_body;
use super::deadline::Deadline;
use super::error::UrlError;
use super::error::{ConnectError, ConnectStep, ProxyError};
use super::head::read_head;
use super::url::Url;
use crate::proxy::network::Network;

/// The source of the proxy's URL.
#[derive(Clone, Debug, Default)]
pub(super) enum Proxy {
    #[default]
    None,
    Url(String),
    Environment,
}

impl Proxy {
    /// Returns the proxy on the way to a URL.
    pub(super) fn on_the_way_to(&self, url: &Url) -> Result<Option<Authority>, ProxyError> {
        let text = match self {
            Self::None => return Ok(None),
            Self::Url(text) => Some(text.clone()),
            Self::Environment => from_environment(url, |name| env::var(name).ok()),
        };
        text.map(|text| parse(&text).map_err(ProxyError::Url)).transpose()
    }
}

fn parse(text: &str) -> Result<Authority, UrlError> {
    let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(UrlError::Scheme);
    }
    let authority = Authority::parse(rest.strip_suffix('/').unwrap_or(rest))?;
    Ok(Authority { port: authority.port.or(Some(80)), ..authority })
}

/// Returns the proxy of the usual variables, those in lower case first. `HTTP_PROXY` is not read,
/// because in a CGI script it contains a header of the request.
fn from_environment(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let first = |names: &[&str]| {
        names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))
    };
    let exempt = first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    if exempt.split(',').any(|entry| exempts(entry.trim(), url)) {
        return None;
    }
    let own: &[&str] = if url.secure { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
    let text = first(own).or_else(|| first(&["all_proxy", "ALL_PROXY"]))?;
    Some(if text.contains("://") { text } else { format!("http://{text}") })
}

/// Returns true if an entry of `no_proxy` matches a URL: `*`, a network, or an address, a host or a
/// domain, these three with or without a port.
fn exempts(entry: &str, url: &Url) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(network) = Network::parse(entry) {
        return url.authority.host.parse().is_ok_and(|address| network.contains(address));
    }
    let Ok(entry) = Authority::parse(entry.trim_start_matches("*").trim_start_matches('.')) else {
        return false;
    };
    let host = url.authority.host.as_str();
    let below = || host.strip_suffix(&entry.host).is_some_and(|start| start.ends_with('.'));
    (host == entry.host || below()) && entry.port.is_none_or(|port| port == url.port())
}

/// Has the proxy at the other end of `stream` connect to a URL's host.
pub(super) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Authority,
    url: &Url,
    deadline: Deadline,
) -> Result<(), ConnectError> {
    let mut behind = BytesMut::new();
    let asking = async {
        let target = url.authority.with_port(Some(url.port()));
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(credentials) = &proxy.credentials {
            request.push_str(&format!("Proxy-Authorization: {credentials}\r\n"));
        }
        request.push_str("\r\n");
        let sent = stream.write_all(request.as_bytes()).await;
        sent.map_err(|_| ProxyError::Disconnected)?;
        read_head(stream, &mut behind).await.map_err(|error| match error {
            ConnectError::Disconnected => ProxyError::Disconnected,
            _ => ProxyError::Malformed,
        })
    };
    let response = deadline.within(ConnectStep::Proxy, asking).await?;
    if !(200..300).contains(&response.status()) {
        let body = read_body(stream, &response, behind, deadline).await;
        return Err(ProxyError::Refused { response, body }.into());
    }
    // The server does not send before the client does, so further bytes are not the server's.
    if behind.is_empty() { Ok(()) } else { Err(ProxyError::Malformed.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_http_url() {
        let shown = |text| parse(text).map(|proxy| proxy.with_port(proxy.port));
        assert_eq!(shown("http://proxy:3128"), Ok("proxy:3128".to_owned()));
        assert_eq!(shown("HTTP://user:pass@[::1]/"), Ok("[::1]:80".to_owned()));
        assert_eq!(shown("proxy:3128"), Err(UrlError::Scheme));
        assert_eq!(shown("socks5://proxy"), Err(UrlError::Scheme));
        assert_eq!(shown("https://proxy"), Err(UrlError::Scheme));
        assert_eq!(shown("http://proxy/path"), Err(UrlError::Host));
        assert_eq!(shown("http://"), Err(UrlError::Host));
    }

    #[test]
    fn the_environment_names_a_proxy_as_for_curl() {
        let proxy = |url: &str, variables: &[(&str, &str)]| {
            let find = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            from_environment(&Url::parse(url).unwrap(), find)
        };
        let http = Some("http://a:1".to_owned());
        assert_eq!(proxy("ws://x/", &[]), None);
        assert_eq!(proxy("ws://x/", &[("http_proxy", "http://a:1")]), http);
        assert_eq!(proxy("ws://x/", &[("http_proxy", "a:1")]), http);
        assert_eq!(proxy("ws://x/", &[("http_proxy", ""), ("all_proxy", "a:1")]), http);
        assert_eq!(proxy("ws://x/", &[("HTTP_PROXY", "a:1")]), None, "from a request's header");
        assert_eq!(proxy("ws://x/", &[("https_proxy", "a:1")]), None);
        assert_eq!(proxy("wss://x/", &[("HTTPS_PROXY", "a:1")]), http);
        assert_eq!(proxy("wss://x/", &[("http_proxy", "a:1"), ("ALL_PROXY", "a:1")]), http);
        for (exempt, expected) in [
            ("x", false),
            ("b.x", false),
            (".x, y", false),
            ("*.x", false),
            ("*", false),
            ("x:80", false),
            ("x:81", true),
            ("c.x", true),
            ("", true),
            ("bb.x,.b.x.y", true),
        ] {
            let used = proxy("ws://b.x/", &[("http_proxy", "a:1"), ("NO_PROXY", exempt)]);
            assert_eq!(used.is_some(), expected, "{exempt}");
        }
    }

    /// Many systems have `localhost,127.0.0.1,::1` in `no_proxy`.
    #[test]
    fn an_address_is_exempted_by_itself_and_by_its_network() {
        let is_exempt = |url: &str, exempt: &str| {
            let find = |name: &str| match name {
                "http_proxy" => Some("http://a:1".to_owned()),
                "no_proxy" => Some(exempt.to_owned()),
                _ => None,
            };
            from_environment(&Url::parse(url).unwrap(), find).is_none()
        };
        for (url, exempt, expected) in [
            ("ws://[::1]:8006/", "localhost,127.0.0.1,::1", true),
            ("ws://[::1]:8006/", "[::1]", true),
            ("ws://[::1]:8006/", "[::1]:8006", true),
            ("ws://[::1]:8006/", "[::1]:8007", false),
            ("ws://[0:0:0:0:0:0:0:1]/", "::1", true),
            ("ws://[::1]/", "0:0:0:0:0:0:0:1", true),
            ("ws://[::2]/", "::1", false),
            ("ws://[fd00::7]/", "fd00::/8", true),
            ("ws://[fe80::7]/", "fd00::/8", false),
            ("ws://127.0.0.1/", "127.0.0.1", true),
            ("ws://127.0.0.1:80/", "127.0.0.1:80", true),
            ("ws://10.1.2.3/", "10.0.0.0/8", true),
            ("ws://11.1.2.3/", "10.0.0.0/8", false),
            ("ws://10.example.com/", "10.0.0.0/8", false),
        ] {
            assert_eq!(is_exempt(url, exempt), expected, "{url} {exempt}");
        }
    }
}
