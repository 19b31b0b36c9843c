//! Pages of which origins may connect (RFC 6455 sections 4.2.2 item 4 and 10.2).

use websocket_listener::WebSocketListener;
use websocket_listener::http::Status;
use websocket_listener::http::{AllowedOrigins, Answer, OriginError, Request};
use websocket_listener_tests::request::request;

use crate::support::{in_virtual_time, peer_of};

fn judged(allowed: &AllowedOrigins, host: &str, origins: &[&str]) -> Result<(), OriginError> {
    let asked = request().with("Host", host);
    let asked = origins.iter().fold(asked, |asked, origin| asked.and("Origin", origin));
    allowed.check(&Request::parse(asked.text().into_bytes()).unwrap())
}

#[test]
fn only_listed_origins_are_allowed() {
    let allowed =
        AllowedOrigins::list(["https://example.com", "http://LOCALHOST:8080/", "http://b:80"]);
    let judged = |origin: &str| judged(&allowed, "example.com", &[origin]);
    for origin in [
        "https://example.com",
        "https://EXAMPLE.com",
        "https://example.com:443",
        "http://localhost:8080",
        "http://b",
    ] {
        assert_eq!(judged(origin), Ok(()), "{origin}");
    }
    for origin in [
        "http://example.com",
        "https://example.com.evil.org",
        "https://evil.org/https://example.com",
        "https://sub.example.com",
        "https://example.com:8443",
        "http://localhost",
        "null",
    ] {
        assert!(judged(origin).is_err(), "{origin}");
    }
    assert_eq!(judged("https://evil.org"), Err(OriginError::Forbidden));
}

#[test]
fn the_same_origin_is_the_origin_of_the_host() {
    let allowed = AllowedOrigins::same_origin();
    for (host, origin) in [
        ("example.com", "https://example.com"),
        ("example.com:80", "http://example.com"),
        ("Example.com:443", "https://example.com:443"),
        ("localhost:8006", "http://localhost:8006"),
        ("[::1]:8006", "http://[::1]:8006"),
    ] {
        assert_eq!(judged(&allowed, host, &[origin]), Ok(()), "{host} {origin}");
    }
    for (host, origin) in [
        ("example.com", "https://evil.org"),
        ("example.com", "https://example.com:8443"),
        ("localhost:8006", "http://localhost"),
        ("example.com", "ftp://example.com"),
        ("null", "null"),
    ] {
        assert_eq!(judged(&allowed, host, &[origin]), Err(OriginError::Forbidden), "{origin}");
    }
}

#[test]
fn a_missing_origin_is_allowed_only_on_request() {
    let allowed = AllowedOrigins::same_origin();
    assert_eq!(judged(&allowed, "a", &[]), Err(OriginError::Missing));
    assert_eq!(judged(&allowed.or_none(), "a", &[]), Ok(()));
}

#[test]
fn several_and_invalid_origins_are_malformed() {
    let allowed = AllowedOrigins::same_origin().or_none();
    assert_eq!(judged(&allowed, "a", &["http://a", "http://a"]), Err(OriginError::Malformed));
    for origin in ["", "a", "http://", "http://a b", "http://a, http://b", "://a", "http://a/x?"] {
        assert_eq!(judged(&allowed, "a", &[origin]), Err(OriginError::Malformed), "{origin:?}");
    }
}

#[test]
fn other_origins_get_403_and_the_application_is_not_asked() {
    in_virtual_time(async {
        let builder = WebSocketListener::builder()
            .allowed_origins(AllowedOrigins::list(["https://example.com"]))
            .on_request(|request| async move {
                assert_ne!(request.header_str("Origin"), Some("https://evil.org"));
                Answer::accept()
            });
        let mut peer = peer_of(builder.clone());
        peer.send(request().and("Origin", "https://evil.org").text()).await;
        let response = peer.refused(403).await;
        assert!(response.body.contains("origin"), "{response:?}");
        let mut peer = peer_of(builder);
        peer.send(request().and("Origin", "https://example.com").text()).await;
        peer.upgraded().await;
    });
}

/// Links lead everywhere; only a WebSocket is opened from a page.
#[test]
fn plain_http_needs_no_origin() {
    in_virtual_time(async {
        let builder = WebSocketListener::builder()
            .allowed_origins(AllowedOrigins::same_origin())
            .on_request(|_| async { websocket_listener::http::Response::new(Status::OK) });
        let mut peer = peer_of(builder);
        peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.status, 200);
    });
}

#[test]
fn a_hook_may_check_for_itself_and_leave_early() {
    in_virtual_time(async {
        let allowed = std::sync::Arc::new(AllowedOrigins::same_origin());
        let builder = WebSocketListener::builder().on_request(move |request: Request| {
            let allowed = allowed.clone();
            async move {
                allowed.check(&request)?;
                Ok::<_, Answer>(Answer::accept())
            }
        });
        let mut peer = peer_of(builder.clone());
        peer.send(request().text()).await;
        peer.refused(403).await;
        let mut peer = peer_of(builder);
        peer.send(request().and("Origin", "http://server.example.com").text()).await;
        peer.upgraded().await;
    });
}
