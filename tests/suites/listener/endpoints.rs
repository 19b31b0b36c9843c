//! One listener over several endpoints of several transports.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use tokio::net::TcpStream;
use websocket_listener::WebSocketListener;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{
    BindError, Endpoint, EndpointError, LocalEndpoint, SocketOptions, Transport,
};

use crate::support::{accept, in_real_time};

/// Connects to each address, and returns the endpoints by which the listener says they came.
async fn served_at(listener: &WebSocketListener) -> Vec<String> {
    let mut served = Vec::new();
    for addr in listener.local_endpoints().filter_map(LocalEndpoint::addr) {
        let stream = TcpStream::connect(addr).await.unwrap();
        let client = Client::new();
        let (server, client) =
            tokio::join!(listener.accept(), client.connect_over(stream, "ws://localhost/"));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        client.send("hello").await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("hello"));
        assert_eq!(server.peer_addr(), client.stream().local_addr().ok());
        let request = server.request().unwrap();
        served.push(request.local_endpoint().unwrap().to_string());
    }
    served
}

#[test]
fn every_endpoint_is_served_by_one_accept() {
    in_real_time(async {
        let listener = WebSocketListener::bind(["127.0.0.1:0", "ws://127.0.0.1:0", "ws://[::1]:0"])
            .await
            .unwrap();
        let endpoints: Vec<_> = listener.local_endpoints().map(ToString::to_string).collect();
        assert_eq!(endpoints.len(), 3);
        assert!(endpoints[0].starts_with("ws://127.0.0.1:"), "{endpoints:?}");
        assert!(endpoints[2].starts_with("ws://[::1]:"), "{endpoints:?}");
        assert_eq!(served_at(&listener).await, endpoints);
        let first = listener.local_endpoints().next().unwrap();
        assert_eq!(listener.local_addr().unwrap(), first.addr().unwrap());
        listener.shutdown(std::time::Duration::ZERO).await;
        for endpoint in listener.local_endpoints() {
            TcpListener::bind(endpoint.addr().unwrap()).expect("the port is free");
        }
    });
}

#[test]
fn an_endpoint_is_displayed_as_parsed() {
    for text in ["ws://127.0.0.1:80", "ws://[::1]:8006", "ws://[fe80::1%3]:1", "ws://a.example:9"] {
        assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
    }
    for (text, same) in [
        ("127.0.0.1:80", "ws://127.0.0.1:80"),
        ("WS://127.0.0.1/", "ws://127.0.0.1:80"),
        ("wss://[::1]", "wss://[::1]:443"),
        ("localhost:1", "ws://localhost:1"),
    ] {
        assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), same);
    }
}

#[test]
fn an_invalid_endpoint_is_refused_with_the_reason() {
    for (text, reason) in [
        ("", EndpointError::MissingPort),
        ("localhost", EndpointError::MissingPort),
        (":80", EndpointError::MissingHost),
        ("ws://", EndpointError::MissingHost),
        ("ws://:80", EndpointError::MissingHost),
        ("http://localhost:80", EndpointError::UnknownScheme),
        ("://localhost:80", EndpointError::UnknownScheme),
        ("ws://localhost:80/chat", EndpointError::Path),
        ("ws://localhost:80?room=1", EndpointError::Path),
        ("ws://localhost:65536", EndpointError::InvalidPort),
        ("ws://localhost:-1", EndpointError::InvalidPort),
        ("ws://localhost:+80", EndpointError::InvalidPort),
        ("ws://localhost:", EndpointError::InvalidPort),
        ("::1:80", EndpointError::InvalidHost),
        ("ws://[::1:80", EndpointError::InvalidHost),
        ("ws://[localhost]:80", EndpointError::InvalidHost),
        ("ws://user@localhost:80", EndpointError::InvalidHost),
        ("ws://local host:80", EndpointError::InvalidHost),
        ("ws://*:80", EndpointError::InvalidHost),
        ("ws://300.0.0.1:80", EndpointError::InvalidHost),
        ("unix:", EndpointError::MissingPath),
        #[cfg(not(windows))]
        ("pipe:chat", EndpointError::NotOnThisSystem),
    ] {
        assert_eq!(text.parse::<Endpoint>().unwrap_err(), reason, "{text}");
        in_real_time(async {
            let error = WebSocketListener::bind(text).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            let BindError::Endpoint { text: named, reason: named_reason } = &error else {
                panic!("{error:?}");
            };
            assert_eq!((named.as_str(), *named_reason), (text, reason));
            assert!(error.to_string().contains(&reason.to_string()));
        });
    }
}

#[test]
fn no_endpoint_at_all_is_refused() {
    in_real_time(async {
        let error = WebSocketListener::bind(Vec::<Endpoint>::new()).await.unwrap_err();
        assert!(matches!(error, BindError::NoEndpoint));
    });
}

/// `localhost` is `127.0.0.1` and, where there is IPv6, `::1`.
#[test]
fn a_name_is_listened_on_at_all_its_addresses_with_one_port() {
    in_real_time(async {
        let addresses: BTreeSet<_> =
            tokio::net::lookup_host("localhost:0").await.unwrap().map(|addr| addr.ip()).collect();
        let listener = WebSocketListener::bind("ws://localhost:0").await.unwrap();
        let bound: Vec<_> = listener.local_endpoints().filter_map(LocalEndpoint::addr).collect();
        assert_eq!(bound.iter().map(SocketAddr::ip).collect::<BTreeSet<_>>(), addresses);
        assert!(bound.iter().all(|addr| addr.port() == bound[0].port() && addr.port() != 0));
        assert_eq!(served_at(&listener).await.len(), bound.len());
    });
}

#[test]
fn an_unknown_host_name_is_reported() {
    in_real_time(async {
        let error = WebSocketListener::bind("ws://unknown.invalid:80").await.unwrap_err();
        assert!(matches!(&error, BindError::Lookup { host, .. } if host == "unknown.invalid"));
    });
}

#[test]
fn sockets_that_are_bound_already_will_do() {
    in_real_time(async {
        let std = TcpListener::bind("127.0.0.1:0").unwrap();
        let tokio = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [std.local_addr().unwrap(), tokio.local_addr().unwrap()];
        let listener =
            WebSocketListener::bind([Endpoint::from(std), Endpoint::from(tokio)]).await.unwrap();
        let bound: Vec<_> = listener.local_endpoints().filter_map(LocalEndpoint::addr).collect();
        assert_eq!(bound, addresses);
        assert_eq!(served_at(&listener).await.len(), 2);
    });
}

#[test]
fn the_sockets_have_the_options_that_were_asked_for() {
    in_real_time(async {
        let options = SocketOptions::new()
            .nodelay(false)
            .keepalive(std::time::Duration::from_secs(77))
            .send_buffer(64 * 1024)
            .receive_buffer(48 * 1024);
        let builder = WebSocketListener::builder().sockets(options);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let (server, _client) = accept(&listener).await;
        let Transport::Tcp(stream) = server.stream() else { panic!("TCP") };
        let socket = socket2::SockRef::from(stream);
        assert!(!stream.nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap().as_secs(), 77);
        // Linux doubles them for its own use.
        assert!([64, 128].contains(&(socket.send_buffer_size().unwrap() / 1024)));
        assert!([48, 96].contains(&(socket.recv_buffer_size().unwrap() / 1024)));

        let (server, _client) = accept(&crate::support::listener().await).await;
        let Transport::Tcp(stream) = server.stream() else { panic!("TCP") };
        assert!(stream.nodelay().unwrap());
        assert!(!socket2::SockRef::from(stream).keepalive().unwrap());
    });
}

#[test]
fn with_reuse_port_two_listeners_share_a_port() {
    in_real_time(async {
        let sharing = || {
            WebSocketListener::builder().sockets(SocketOptions::new().reuse_port(true).backlog(7))
        };
        let one = sharing().bind("127.0.0.1:0").await.unwrap();
        let addr = one.local_addr().unwrap();
        let other = sharing().bind(addr).await.unwrap();
        assert_eq!(other.local_addr().unwrap(), addr);
        drop(one);
        tokio::task::yield_now().await;
        accept(&other).await;
    });
}

#[test]
fn with_only_v6_ipv4_has_the_same_port_to_itself() {
    in_real_time(async {
        let builder = WebSocketListener::builder().sockets(SocketOptions::new().only_v6(true));
        let v6 = builder.clone().bind((Ipv6Addr::UNSPECIFIED, 0)).await.unwrap();
        let port = v6.local_addr().unwrap().port();
        TcpListener::bind(("0.0.0.0", port)).expect("IPv4 is left to others");
        let stream = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
        let client = Client::new();
        let (server, client) =
            tokio::join!(v6.accept(), client.connect_over(stream, "ws://localhost/"));
        assert!(server.is_some() && client.is_ok());
    });
}
