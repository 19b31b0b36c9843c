//! Row 24: `Forwarded` (RFC 7239) and `X-Forwarded-For`.

use websocket_listener::WebSocketListener;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Request, Response};
use websocket_listener::proxy::{ForwardedHeader, ProxyProtocol, TrustedPeers};
use websocket_listener_tests::request::request;

use crate::support::{connect, in_real_time};

/// The client's address, for a listener that trusts this host and 10.0.0.0/8.
fn client(believed: ForwardedHeader, headers: &[(&str, &str)]) -> String {
    let mut answer = None;
    in_real_time(async {
        let trusted = TrustedPeers::new(["127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]).unwrap();
        let listener = WebSocketListener::builder()
            .forwarded(believed, trusted)
            .on_request(async |request: Request| {
                assert!(request.peer_addr().unwrap().ip().is_loopback());
                let client = match request.client_addr() {
                    Some(client) if Some(client) == request.peer_addr() => "peer".to_owned(),
                    Some(client) => client.to_string(),
                    None => "unknown".to_owned(),
                };
                Answer::respond(Response::new(Status::FORBIDDEN).body(client))
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut peer = connect(&listener).await;
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let text = request().text();
        let text = text.replacen("\r\n", &format!("\r\n{lines}"), 1);
        peer.send(text).await;
        answer = Some(peer.response().await.body);
    });
    answer.unwrap()
}

fn x_forwarded_for(values: &[&str]) -> String {
    let headers: Vec<_> = values.iter().map(|value| ("X-Forwarded-For", *value)).collect();
    client(ForwardedHeader::XForwardedFor, &headers)
}

fn forwarded(values: &[&str]) -> String {
    let headers: Vec<_> = values.iter().map(|value| ("Forwarded", *value)).collect();
    client(ForwardedHeader::Forwarded, &headers)
}

#[test]
fn the_client_is_the_last_that_no_trusted_proxy_stands_for() {
    assert_eq!(x_forwarded_for(&["192.0.2.1"]), "192.0.2.1:0");
    assert_eq!(x_forwarded_for(&["203.0.113.9, 192.0.2.1, 10.0.0.7"]), "192.0.2.1:0");
    assert_eq!(x_forwarded_for(&["10.0.0.9, 10.0.0.8"]), "10.0.0.9:0", "all of them trusted");
    assert_eq!(x_forwarded_for(&["192.0.2.1:4711, [2001:db8::7]:80"]), "192.0.2.1:4711");
    assert_eq!(forwarded(&["for=192.0.2.1;proto=https;by=10.0.0.1"]), "192.0.2.1:0");
    assert_eq!(forwarded(&["for=\"[2001:db9::1]:47\", For=\"[2001:db8::7]\""]), "[2001:db9::1]:47");
}

#[test]
fn several_header_lines_form_one_list() {
    assert_eq!(x_forwarded_for(&["203.0.113.9", "192.0.2.1, 10.0.0.8", "10.0.0.7"]), "192.0.2.1:0");
    assert_eq!(forwarded(&["for=192.0.2.1", "for=10.0.0.8"]), "192.0.2.1:0");
}

#[test]
fn without_the_header_the_proxy_is_the_client() {
    assert_eq!(x_forwarded_for(&[]), "peer");
    assert_eq!(x_forwarded_for(&[" , "]), "peer");
    assert_eq!(forwarded(&[]), "peer");
}

/// It is not the proxy's address that stands for a client that the proxy hides.
#[test]
fn a_client_hidden_by_the_proxy_is_unknown() {
    assert_eq!(x_forwarded_for(&["192.0.2.1, unknown"]), "unknown");
    assert_eq!(forwarded(&["for=192.0.2.1, for=_hidden"]), "unknown");
    assert_eq!(forwarded(&["for=192.0.2.1, proto=https"]), "unknown");
}

/// RFC 7239 section 8.1: entries in front of those of the trusted proxies may be forged.
#[test]
fn entries_that_a_client_puts_in_front_change_nothing() {
    for lie in ["127.0.0.1", "unknown", "\"", "\"unfinished", "for=\"x\\", ",,,", "\u{7f}é"] {
        let lie = lie.replace(['\u{7f}', 'é'], "");
        assert_eq!(x_forwarded_for(&[&format!("{lie}, 192.0.2.1")]), "192.0.2.1:0", "{lie}");
        assert_eq!(forwarded(&[&format!("{lie}, for=192.0.2.1")]), "192.0.2.1:0", "{lie}");
        assert_eq!(forwarded(&[&lie, "for=192.0.2.1"]), "192.0.2.1:0", "{lie}");
    }
}

/// Section 4: a proxy also tells `Host`, which is the client's choice, as a quoted string.
#[test]
fn a_quoted_string_chosen_by_a_client_changes_nothing() {
    for host in ["a;for=127.0.0.1", "a, for=127.0.0.1", r#"a\", for=127.0.0.1;b=\"c"#, r"a\\"] {
        for element in
            [format!("for=192.0.2.1;host=\"{host}\""), format!("host=\"{host}\";for=\"192.0.2.1\"")]
        {
            assert_eq!(forwarded(&[&element]), "192.0.2.1:0", "{element}");
            let behind_a_lie = format!("for=203.0.113.9, {element}, for=10.0.0.7");
            assert_eq!(forwarded(&[&behind_a_lie]), "192.0.2.1:0", "{behind_a_lie}");
        }
    }
}

/// A proxy that writes one of them passes the other on as the client has sent it.
#[test]
fn a_header_that_was_not_configured_is_not_believed() {
    let both = [("Forwarded", "for=10.1.1.1"), ("X-Forwarded-For", "192.0.2.1")];
    assert_eq!(client(ForwardedHeader::XForwardedFor, &both), "192.0.2.1:0");
    let other = [("Forwarded", "for=10.1.1.1")];
    assert_eq!(client(ForwardedHeader::XForwardedFor, &other), "peer");
}

#[test]
fn a_peer_that_is_not_trusted_is_not_believed() {
    in_real_time(async {
        let trusted = TrustedPeers::new(["10.0.0.0/8", "unix:"]).unwrap();
        let builder = WebSocketListener::builder();
        let builder = builder.forwarded(ForwardedHeader::XForwardedFor, trusted);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut peer = connect(&listener).await;
        peer.send(request().with("X-Forwarded-For", "192.0.2.1").text()).await;
        let server = listener.accept().await.unwrap();
        assert!(server.peer_addr().is_some());
        assert_eq!(server.client_addr(), server.peer_addr());
    });
}

/// A proxy that ends TLS behind a balancer that speaks the PROXY protocol.
#[test]
fn the_proxy_protocol_names_the_sender_of_the_header() {
    in_real_time(async {
        let here = TrustedPeers::new(["127.0.0.1"]).unwrap();
        let proxies = TrustedPeers::new(["10.0.0.0/8"]).unwrap();
        let listener = WebSocketListener::builder()
            .proxy_protocol(ProxyProtocol::required(here))
            .forwarded(ForwardedHeader::XForwardedFor, proxies)
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        for (source, client) in [("10.0.0.5", "192.0.2.1:0"), ("198.51.100.1", "198.51.100.1:99")] {
            let header = format!("PROXY TCP4 {source} 10.0.0.1 99 80\r\n");
            let mut peer = connect(&listener).await;
            let asking = request().with("X-Forwarded-For", "192.0.2.1").text();
            peer.send(header + &asking).await;
            let server = listener.accept().await.unwrap();
            assert_eq!(server.client_addr(), Some(client.parse().unwrap()));
        }
    });
}
