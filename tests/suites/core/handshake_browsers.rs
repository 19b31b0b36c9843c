//! The opening handshakes of real browsers and programs are taken as they come (RFC 6455 section
//! 4.1).

use websocket_listener_core::handshake::{HeadLimits, HeadScanner, Request};

use crate::handshake_samples::ACCEPT;

fn opens(head: &str) -> Request<&[u8]> {
    let end = HeadScanner::new(HeadLimits::DEFAULT).scan(head.as_bytes());
    assert_eq!(end, Ok(Some(head.len())));
    let request = Request::parse(head.as_bytes()).unwrap();
    assert!(request.is_upgrade());
    assert_eq!(request.upgrade().unwrap().accept_value(), ACCEPT);
    request
}

fn offers_deflate(request: &Request<&[u8]>) -> bool {
    request.extensions().any(|offer| offer.name() == "permessage-deflate")
}

#[test]
fn firefox_lists_keep_alive_before_upgrade() {
    let request = opens(
        "GET /chat HTTP/1.1\r\n\
         Host: localhost:8006\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
         Accept: */*\r\n\
         Accept-Language: en-US,en;q=0.5\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Origin: http://localhost:8080\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         DNT: 1\r\n\
         Connection: keep-alive, Upgrade\r\n\
         Cookie: session=0123456789abcdef\r\n\
         Sec-Fetch-Dest: empty\r\n\
         Sec-Fetch-Mode: websocket\r\n\
         Sec-Fetch-Site: same-site\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         Upgrade: websocket\r\n\r\n",
    );
    assert!(offers_deflate(&request));
    assert_eq!(request.header_str("origin"), Some("http://localhost:8080"));
}

#[test]
fn chrome_offers_window_bits() {
    let request = opens(
        "GET /chat?room=1 HTTP/1.1\r\n\
         Host: localhost:8006\r\n\
         Connection: Upgrade\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/126.0.0.0 Safari/537.36\r\n\
         Upgrade: websocket\r\n\
         Origin: https://example.com\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\n\
         Accept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n\
         Cookie: _ga=GA1.1.123; theme=\"dark, very\"\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws, graphql-ws\r\n\r\n",
    );
    let offer = request.extensions().next().unwrap();
    assert!(offer.params().eq([("client_max_window_bits", None)]));
    assert!(request.subprotocols().eq(["graphql-transport-ws", "graphql-ws"]));
    assert_eq!(request.query(), Some("room=1"));
}

#[test]
fn safari_is_taken() {
    let request = opens(
        "GET / HTTP/1.1\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Connection: Upgrade\r\n\
         Upgrade: websocket\r\n\
         Sec-Fetch-Mode: websocket\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\
         Sec-Fetch-Site: cross-site\r\n\
         Sec-Fetch-Dest: websocket\r\n\
         Origin: https://example.com\r\n\
         User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
         Version/17.5 Safari/605.1.15\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         Accept-Encoding: gzip, deflate\r\n\
         Host: 192.168.0.10:8006\r\n\
         Accept-Language: en-GB,en;q=0.9\r\n\r\n",
    );
    assert!(offers_deflate(&request));
}

/// Safari before 15 on iOS.
#[test]
fn old_safari_offers_the_extension_of_webkit() {
    let request = opens(
        "GET / HTTP/1.1\r\n\
         Host: 192.168.0.10\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         Origin: http://192.168.0.10\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate\r\n\
         User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X) AppleWebKit/605.1.15\r\n\r\n",
    );
    assert!(offers_deflate(&request));
}

#[test]
fn curl_is_taken() {
    opens(
        "GET /chat HTTP/1.1\r\n\
         Host: localhost:8006\r\n\
         User-Agent: curl/8.7.1\r\n\
         Accept: */*\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
}

/// `dart:io`, and so every Flutter application outside a browser, says that it sends no body.
#[test]
fn dart_with_its_content_length_is_taken() {
    let request = opens(
        "GET /chat HTTP/1.1\r\n\
         user-agent: Dart/3.4 (dart:io)\r\n\
         connection: Upgrade\r\n\
         cache-control: no-cache\r\n\
         accept-encoding: gzip\r\n\
         content-length: 0\r\n\
         sec-websocket-version: 13\r\n\
         host: localhost:8006\r\n\
         sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         upgrade: websocket\r\n\r\n",
    );
    assert!(offers_deflate(&request));
}

#[test]
fn node_with_two_offers_of_deflate_is_taken() {
    let request = opens(
        "GET /chat HTTP/1.1\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Connection: Upgrade\r\n\
         Upgrade: websocket\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
         client_max_window_bits=\"12\", permessage-deflate; client_max_window_bits\r\n\
         Host: localhost:8006\r\n\r\n",
    );
    assert_eq!(request.extensions().count(), 2);
}

/// nginx as it is configured by most: `proxy_set_header Connection "upgrade"`.
#[test]
fn a_browser_behind_nginx_is_accepted() {
    let request = opens(
        "GET /chat HTTP/1.1\r\n\
         Upgrade: websocket\r\n\
         Connection: upgrade\r\n\
         Host: example.com\r\n\
         X-Forwarded-For: 203.0.113.7\r\n\
         X-Forwarded-Proto: https\r\n\
         Origin: https://example.com\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
    );
    assert_eq!(request.header_str("X-Forwarded-For"), Some("203.0.113.7"));
}
