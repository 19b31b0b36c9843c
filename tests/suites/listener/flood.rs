//! Peers in great numbers that never finish the opening handshake.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder as Runtime;
use websocket_listener::WebSocketListener;
use websocket_listener::client::Client;
use websocket_listener::endpoint::Endpoint;
use websocket_listener::http::Answer;
use websocket_listener_tests::request::request;

use crate::counted::{Counting, Open};
use crate::support::{in_real_time, until};

/// Peers, and the places for them that are the listener's default; fewer of both if the system allows
/// fewer open files, for both ends are in this process.
const PEERS: usize = 10_000;
const PLACES: usize = 1024;

/// Open files that are left to the tests beside this one.
const OTHERS: usize = 400;

/// No peer is refused because of it, so only another's coming can make room.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(120);

#[test]
fn peers_that_never_finish_lock_no_peer_out_and_leave_nothing_behind() {
    let open_files = rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    let open_files = usize::try_from(open_files).unwrap_or(usize::MAX);
    let places = PLACES.min(open_files / 16);
    let peers = PEERS.min(open_files.saturating_sub(places + OTHERS));
    assert!(peers > 2 * places, "{open_files} open files are too few");

    in_real_time(async {
        let listener = WebSocketListener::builder()
            .handshake_timeout(HANDSHAKE_TIMEOUT)
            .max_negotiations(places)
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let (address, port) =
            (listener.local_addr().unwrap(), listener.local_addr().unwrap().port());
        let serving = async {
            while let Some(mut socket) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(Some(message)) = socket.recv().await {
                        if socket.send(message).await.is_err() {
                            break;
                        }
                    }
                });
            }
        };
        let flooding = async {
            let mut silent = Vec::with_capacity(peers);
            for number in 0..peers {
                let mut peer = TcpStream::connect(address).await.unwrap();
                peer.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
                silent.push(peer);
                if number % (peers / 10) == peers / 10 - 1 {
                    let started = Instant::now();
                    is_served(address).await;
                    assert!(started.elapsed() < Duration::from_secs(10), "served at once");
                    let sockets = sockets_of(port);
                    assert!(sockets <= places + 1, "the places are bounded: {sockets}");
                    assert!(sockets > places / 2 || !cfg!(target_os = "linux"), "{sockets}");
                }
            }

            // The oldest had to go, and were told why.
            let mut answer = [0; 12];
            silent[0].read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 503");

            drop(silent);
            while listener.counters().refused.disconnected < places as u64 / 2
                || sockets_of(port) > 0
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let refused = listener.counters().refused;
            assert_eq!((refused.overloaded + refused.disconnected) as usize, peers);
            is_served(address).await;
        };
        tokio::select! {
            () = serving => unreachable!("the listener is not shut down"),
            () = flooding => {}
        }
    });
}

/// On a busy machine as well: half of the peers begin a request, the others wait for an answer that
/// never comes, all at once and from several threads.
#[test]
fn open_streams_never_exceed_the_places_by_more_than_one() {
    // No more than may wait to be accepted, because the others would come seconds later.
    const PEERS: usize = 1000;
    const PLACES: usize = 16;

    let runtime = Runtime::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let open = Arc::<Open>::default();
        let accepting = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = accepting.local_addr().unwrap();
        let listener = WebSocketListener::builder()
            .handshake_timeout(HANDSHAKE_TIMEOUT)
            .max_negotiations(PLACES)
            .on_request(|_| std::future::pending::<Answer>())
            .bind(Endpoint::custom(Counting(accepting, open.clone())))
            .await
            .unwrap();
        let connecting: Vec<_> = (0..PEERS)
            .map(|number| {
                tokio::spawn(async move {
                    let mut peer = TcpStream::connect(address).await.unwrap();
                    let request = request().text();
                    let part = if number % 2 == 0 { request.len() } else { 20 };
                    // A later peer may have taken the place already.
                    let _ = peer.write_all(&request.as_bytes()[..part]).await;
                    peer
                })
            })
            .collect();
        let mut peers = Vec::new();
        for peer in connecting {
            peers.push(peer.await.unwrap());
        }
        let gone = || listener.counters().refused.overloaded as usize;
        let settling = until(|| gone() == PEERS - PLACES && open.now() == PLACES);
        let settled = tokio::time::timeout(Duration::from_secs(30), settling).await;
        settled.unwrap_or_else(|_| panic!("{} have gone, {} are there", gone(), open.now()));
        assert_eq!(open.most(), PLACES + 1);
    });
}

async fn is_served(address: std::net::SocketAddr) {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut socket = Client::new().connect_over(stream, "ws://localhost/").await.unwrap();
    socket.send("still there?").await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap().as_text(), Some("still there?"));
    socket.close(websocket_listener::CloseCode::NORMAL, "").await.unwrap();
}

/// Returns the number of open connections to this port, as Linux tells it; elsewhere none.
fn sockets_of(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let local = format!(":{port:04X}");
    let remotes = table.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (address, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
        let inode = fields.nth(5)?;
        // Neither the listening socket (0A), nor what only the system still remembers.
        (address.ends_with(&local) && state != "0A" && inode != "0").then_some(remote)
    });
    // A table that changes while it is read tells some of them twice.
    remotes.collect::<HashSet<_>>().len()
}
