//! Openings that are cut, mutilated, half-closed and reset anywhere: whatever becomes of a peer, it is
//! counted once, and leaves nothing behind.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use websocket_listener::counters::Counters;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Request, Response};
use websocket_listener::proxy::{ProxyProtocol, TrustedPeers};
use websocket_listener::{Options, WebSocketListener};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, close, text};

use crate::support::{accept, in_real_time, until};

/// The greatest number of connections.
const CONNECTIONS: usize = 50;

/// When a silent peer is given up.
const SOON: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
struct Opening {
    bytes: Vec<u8>,
    cut: Index,
    flipped: Option<(Index, u8)>,
    /// The places at which the bytes are parted.
    pause: Option<Index>,
    end: End,
}

#[derive(Clone, Copy, Debug)]
enum End {
    HalfClose,
    Reset,
    Silence,
}

fn openings() -> impl Strategy<Value = Vec<Opening>> {
    let good = request().text();
    let frames = [text("early").to(Side::Server).bytes(), close_frame()].concat();
    let proxied = |header: &[u8]| [header, good.as_bytes(), &frames].concat();
    let bytes = proptest::sample::select(vec![
        proxied(b""),
        proxied(b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n"),
        proxied(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\x03\xe8\x07\xd0"),
        b"GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\n".to_vec(),
        b"GET /taken HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"POST /page HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".to_vec(),
    ]);
    let end = prop_oneof![Just(End::HalfClose), Just(End::Reset), Just(End::Silence)];
    let flipped = proptest::option::of(any::<(Index, u8)>());
    let opening = (bytes, any::<Index>(), flipped, any::<Option<Index>>(), end)
        .prop_map(|(bytes, cut, flipped, pause, end)| Opening { bytes, cut, flipped, pause, end });
    proptest::collection::vec(opening, 100)
}

fn close_frame() -> Vec<u8> {
    close(websocket_listener::CloseCode::NORMAL, "").to(Side::Server).bytes()
}

/// Sends the opening. Any failure is the peer's own doing.
async fn ask(mut stream: TcpStream, opening: Opening) -> std::io::Result<()> {
    let mut bytes = opening.bytes;
    if let Some((index, mask)) = opening.flipped {
        *index.get_mut(&mut bytes) ^= mask;
    }
    // Half of them whole.
    let cut = opening.cut.index(2 * bytes.len());
    bytes.truncate(cut);
    let pause = opening.pause.map_or(0, |pause| pause.index(bytes.len() + 1));
    stream.write_all(&bytes[..pause]).await?;
    if opening.pause.is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stream.write_all(&bytes[pause..]).await?;
    match opening.end {
        End::HalfClose => stream.shutdown().await?,
        End::Reset => return stream.set_zero_linger(),
        End::Silence => {}
    }
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}

fn counted(counters: &Counters) -> u64 {
    let refused = counters.refused;
    counters.accepted
        + counters.taken_over
        + refused.malformed
        + refused.timed_out
        + refused.overloaded
        + refused.rejected
        + refused.proxy_header
        + refused.disconnected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn each_peer_is_counted_once_and_frees_its_place_and_its_seat(openings in openings()) {
        in_real_time(async {
            let peers = openings.len() as u64;
            let listener = WebSocketListener::builder()
                .handshake_timeout(SOON)
                .options(Options::new().ping_interval(SOON).pong_timeout(SOON).close_timeout(SOON))
                .max_connections(CONNECTIONS)
                .proxy_protocol(ProxyProtocol::optional(TrustedPeers::new(["127.0.0.1"]).unwrap()))
                .on_request(|request: Request| async move {
                    match request.path() {
                        "/page" => Response::new(Status::OK).body("a page").into(),
                        "/taken" => Answer::take_over(|http: HttpConnection| async {
                            let _ = http.respond(Response::new(Status::OK)).await;
                        }),
                        _ => Answer::accept(),
                    }
                })
                .bind("127.0.0.1:0")
                .await
                .unwrap();
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
            let address = listener.local_addr().unwrap();
            let asking = async {
                let mut asking = JoinSet::new();
                for opening in openings {
                    if asking.len() == CONNECTIONS {
                        asking.join_next().await;
                    }
                    let stream = TcpStream::connect(address).await.unwrap();
                    asking.spawn(ask(stream, opening));
                }
                // Whom the listener does not close, it would wait for here.
                while asking.join_next().await.is_some() {}
                until(|| {
                    let counters = listener.counters();
                    counters.open == 0 && counted(&counters) == peers
                })
                .await;
            };
            let asked = tokio::time::timeout(Duration::from_secs(20), async {
                tokio::select! {
                    () = serving => unreachable!("the listener is not shut down"),
                    () = asking => {}
                }
            });
            let asked = asked.await;
            assert!(asked.is_ok(), "{peers} peers: {:?}", listener.counters());
            let mut open = Vec::new();
            for _ in 0..CONNECTIONS {
                open.push(accept(&listener).await);
            }
            assert_eq!(listener.counters().open, CONNECTIONS as u64);
        });
    }
}
