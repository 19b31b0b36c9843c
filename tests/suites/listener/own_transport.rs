//! Transports of the user's own, and what becomes of a listener that cannot accept.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{Endpoint, PeerName, StreamListener, Transport};
use websocket_listener::{Message, WebSocketListener};

use crate::support::{in_real_time, in_virtual_time};

/// Streams out of a channel, and errors.
struct Channel {
    incoming: mpsc::Receiver<io::Result<(DuplexStream, PeerName)>>,
    calls: Arc<AtomicU32>,
}

impl StreamListener for Channel {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> io::Result<(DuplexStream, PeerName)> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match self.incoming.recv().await {
            Some(result) => result,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn local_endpoint(&self) -> String {
        "channel:1".to_owned()
    }
}

type Connecting = mpsc::Sender<io::Result<(DuplexStream, PeerName)>>;

fn channel() -> (Connecting, Endpoint, Arc<AtomicU32>) {
    let (connecting, incoming) = mpsc::channel(64);
    let calls = Arc::<AtomicU32>::default();
    let endpoint = Endpoint::custom(Channel { incoming, calls: calls.clone() });
    (connecting, endpoint, calls)
}

async fn serves(listener: &WebSocketListener, connecting: &Connecting, name: PeerName) {
    let (near, far) = tokio::io::duplex(4096);
    connecting.send(Ok((far, name))).await.unwrap();
    let client = Client::new();
    let (server, client) =
        tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
    let (mut server, mut client) = (server.unwrap(), client.unwrap());
    client.send("hello").await.unwrap();
    assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
    assert!(matches!(server.stream(), Transport::Other(_)));
}

#[test]
fn a_users_own_transport_is_served_beside_tcp() {
    in_real_time(async {
        let (connecting, endpoint, _) = channel();
        let listener =
            WebSocketListener::bind([endpoint, "127.0.0.1:0".parse().unwrap()]).await.unwrap();
        assert_eq!(listener.local_endpoints().next().unwrap().to_string(), "channel:1");
        serves(&listener, &connecting, PeerName::unknown()).await;
        crate::support::accept(&listener).await;
    });
}

#[test]
fn peers_of_an_own_transport_have_the_names_that_the_transport_gives() {
    in_virtual_time(async {
        let (connecting, endpoint, _) = channel();
        let listener = WebSocketListener::bind(endpoint).await.unwrap();
        let addr = "192.0.2.7:5".parse().unwrap();
        for (name, expected) in [
            (PeerName::unknown(), (None, None)),
            (PeerName::from(addr), (Some(addr), None)),
            (PeerName::described("the board"), (None, Some("the board"))),
        ] {
            let (near, far) = tokio::io::duplex(4096);
            connecting.send(Ok((far, name))).await.unwrap();
            let client = Client::new();
            let (server, _client) =
                tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
            let server = server.unwrap();
            let request = server.request().unwrap();
            assert_eq!((request.peer_addr(), request.peer_name()), expected);
        }
    });
}

/// `EMFILE` and the like stay for a while: the listener neither spins nor gives up.
#[test]
fn a_transport_that_cannot_accept_waits_a_moment_and_goes_on() {
    in_virtual_time(async {
        let (connecting, endpoint, calls) = channel();
        let listener = WebSocketListener::bind(endpoint).await.unwrap();
        const EMFILE: i32 = 24;
        for _ in 0..20 {
            connecting.send(Err(io::Error::from_raw_os_error(EMFILE))).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let tried = calls.load(Ordering::Relaxed);
        assert!((5..=15).contains(&tried), "{tried} times in half a second");
        serves(&listener, &connecting, PeerName::unknown()).await;
        assert_eq!(listener.counters().accept_errors, 20);
    });
}

/// A peer that is gone before it was accepted delays no other.
#[test]
fn an_error_that_concerns_one_peer_is_passed_over() {
    in_virtual_time(async {
        let (connecting, endpoint, _) = channel();
        let listener = WebSocketListener::bind(endpoint).await.unwrap();
        let start = tokio::time::Instant::now();
        for _ in 0..20 {
            connecting.send(Err(io::ErrorKind::ConnectionAborted.into())).await.unwrap();
        }
        serves(&listener, &connecting, PeerName::unknown()).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(listener.counters().accept_errors, 0);
    });
}

/// One endpoint that fails for good is no reason to stop the others, nor to never shut down.
#[test]
fn a_transport_that_has_ended_harms_no_other() {
    in_real_time(async {
        let (connecting, endpoint, _) = channel();
        drop(connecting);
        let listener =
            WebSocketListener::bind([endpoint, "127.0.0.1:0".parse().unwrap()]).await.unwrap();
        crate::support::accept(&listener).await;
        listener.shutdown(Duration::from_millis(100)).await;
    });
}
