//! The client takes the first of several addresses that answers (RFC 8305).

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use websocket_listener::WebSocketListener;
use websocket_listener::client::{Client, ConnectError, ConnectStep};

use crate::support::{in_real_time, refusing_address};

/// An address that answers nothing: its queue of connections is full, and its owner never accepts.
struct Silent {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Silent {
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        let patience = Duration::from_millis(300);
        while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await
        {
            queued.push(connected.unwrap());
            assert!(queued.len() < 100, "the queue has an end");
        }
        Self { address, _listener: listener, _queued: queued }
    }
}

/// Returns the one of these addresses that the client connected to, and the time that it took.
async fn connected(addresses: &[SocketAddr]) -> (Result<SocketAddr, ConnectError>, Duration) {
    let begun = Instant::now();
    let client = Client::new()
        .resolve("server", addresses.iter().copied())
        .connect_timeout(Duration::from_secs(3));
    let socket = client.connect("ws://SERVER/").await;
    (socket.map(|socket| socket.peer_addr().unwrap()), begun.elapsed())
}

#[test]
fn a_refusing_address_is_followed_by_the_next_at_once() {
    in_real_time(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let (_socket, refusing) = refusing_address();
        let (peer, _) = connected(&[refusing, refusing, listener.local_addr().unwrap()]).await;
        assert_eq!(peer.unwrap(), listener.local_addr().unwrap());
    });
}

#[test]
fn a_silent_address_is_followed_by_the_next_in_a_quarter_of_a_second() {
    in_real_time(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let silent = Silent::new().await;
        let (peer, took) = connected(&[silent.address, listener.local_addr().unwrap()]).await;
        assert_eq!(peer.unwrap(), listener.local_addr().unwrap());
        assert!((240..2500).contains(&took.as_millis()), "{took:?}");
    });
}

/// A name that has both: whichever the server listens on is found.
#[test]
fn either_family_will_do() {
    in_real_time(async {
        let dead: SocketAddr = (Ipv4Addr::LOCALHOST, 1).into();
        let dead6: SocketAddr = (Ipv6Addr::LOCALHOST, 1).into();
        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let (peer, _) = connected(&[dead6, dead, listener.local_addr().unwrap()]).await;
        assert_eq!(peer.unwrap(), listener.local_addr().unwrap());
        let Ok(listener) = WebSocketListener::bind("[::1]:0").await else {
            panic!("this machine has no IPv6 loopback")
        };
        let (peer, _) = connected(&[dead, listener.local_addr().unwrap()]).await;
        assert_eq!(peer.unwrap(), listener.local_addr().unwrap());
        let url = format!("ws://[::1]:{}/", listener.local_addr().unwrap().port());
        let socket = websocket_listener::client::connect(&url).await.unwrap();
        assert_eq!(socket.peer_addr(), Some(listener.local_addr().unwrap()));
    });
}

#[test]
fn the_error_says_how_the_last_address_failed() {
    in_real_time(async {
        let (_socket, refusing) = refusing_address();
        let (peer, _) = connected(&[refusing, refusing]).await;
        let Err(ConnectError::Connect(error)) = peer else { panic!("{peer:?}") };
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let silent = Silent::new().await;
        let (peer, _) = connected(&[silent.address, refusing]).await;
        assert!(matches!(peer, Err(ConnectError::TimedOut(ConnectStep::Connect))), "{peer:?}");
    });
}

#[test]
fn a_name_without_addresses_is_not_found() {
    in_real_time(async {
        let (peer, _) = connected(&[]).await;
        let Err(ConnectError::Resolve(error)) = peer else { panic!("{peer:?}") };
        assert_eq!(error.kind(), ErrorKind::NotFound);
        // Too long for any name: no question leaves this machine.
        let url = format!("ws://{}/", "a".repeat(300));
        let connected = websocket_listener::client::connect(&url).await;
        assert!(matches!(connected, Err(ConnectError::Resolve(_))), "{connected:?}");
    });
}
