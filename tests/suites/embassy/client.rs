//! The client against the listener, and what a connection knows of itself.

use std::time::Duration;

use embassy_net::tcp::TcpSocket;
use embassy_time::{Instant, Timer};
use futures_util::future::join;
use websocket_listener_embassy::handshake::{Accept, VerifyError};
use websocket_listener_embassy::{
    Answer, Client, CloseCode, ConnectError, Error, Initiator, Message, OnRequest, Options,
    PingMode, Request, Resources, Response, SendError, WebSocket,
};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, leak};
use crate::targets::echo;

fn random() -> [u8; 4] {
    (Instant::now().as_ticks() as u32).wrapping_mul(0x9e37_79b9).to_le_bytes()
}

struct Door;

impl OnRequest for Door {
    fn answer(&self, request: &Request<'_>) -> Answer<'_> {
        match request.path() {
            "/closed" => Answer::respond(Response::new(403)),
            _ => Answer::accept(),
        }
    }
}

const OPTIONS: Options = Options::new().subprotocols(&["b", "a"]);

fn with_client(test: impl AsyncFnOnce(&Net, &Client)) {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<2, 1024, 1024>(OPTIONS).on_request(Door));
        for _ in 0..2 {
            spawn(async {
                while let Some(socket) = listener.accept().await {
                    let _ = echo(socket).await;
                }
            });
        }
        Timer::after_micros(1).await;
        let options = OPTIONS.ping_mode(PingMode::Manual).subprotocols(&["a"]);
        let client = Client::new(net.peers, leak(Resources::<1, 512, 512>::new()), options, random);
        test(&net, &client).await;
    });
}

async fn connect(client: &Client, target: &str) -> Result<WebSocket, ConnectError> {
    client.connect(Net::endpoint(), "board", target).await
}

#[test]
fn a_client_gets_its_echo_and_reports_the_agreed_subprotocol() {
    with_client(async |_, client| {
        let mut socket = connect(client, "/echo?x=1").await.unwrap();
        assert_eq!((socket.subprotocol(), socket.request()), (Some("a"), Some("/echo?x=1")));
        assert_eq!(socket.peer_addr().unwrap().port(), 80);
        let mut buffer = [0; 32];
        for _ in 0..10 {
            socket.send_text("hello").await.unwrap();
            assert_eq!(socket.recv(&mut buffer).await, Ok(Some(Message::Text("hello"))));
        }
        assert_eq!(socket.latency(), None);
        socket.ping(b"now").await.unwrap();
        socket.send_text("after").await.unwrap();
        assert!(socket.recv(&mut buffer).await.unwrap().is_some());
        assert!(socket.latency().unwrap() >= Duration::from_micros(400));
        assert_eq!(socket.ping(&[0; 33]).await, Err(SendError::TooLong));
        let invalid = socket.close(CloseCode::ABNORMAL, "").await;
        assert_eq!(invalid, Err(Error::Send(SendError::InvalidCloseCode)));
        assert_eq!(socket.close_reason(), None);
        socket.close(CloseCode::NORMAL, "bye").await.unwrap();
        let reason = socket.close_reason().unwrap();
        assert_eq!((reason.code, reason.initiator), (CloseCode::NORMAL, Initiator::Local));
        assert_eq!(socket.send_text("late").await, Err(SendError::Closed));
        assert_eq!(socket.recv(&mut buffer).await, Ok(None));
    });
}

#[test]
fn both_halves_work_at_once() {
    with_client(async |_, client| {
        let mut socket = connect(client, "/").await.unwrap();
        let (mut reader, mut writer) = socket.split();
        let payload = [3; 5000];
        let send = async {
            for _ in 0..20 {
                writer.send_binary(&payload).await.unwrap();
            }
        };
        let receive = async {
            let mut buffer = [0; 5000];
            for _ in 0..20 {
                let echoed = reader.recv(&mut buffer).await.unwrap().unwrap();
                assert_eq!(echoed.as_bytes(), payload);
            }
        };
        join(send, receive).await;
        socket.close(CloseCode::NORMAL, "").await.unwrap();
    });
}

#[test]
fn a_failed_connect_says_why() {
    with_client(async |net, client| {
        let refused = connect(client, "/closed").await.err();
        assert_eq!(refused, Some(ConnectError::Refused(VerifyError::Status(403))));
        let kept = connect(client, "/").await.unwrap();
        assert_eq!(connect(client, "/").await.err(), Some(ConnectError::NoSlot));
        drop(kept);
        let unreachable = client.connect((Net::endpoint().0, 81), "board", "/").await.err();
        assert_eq!(unreachable, Some(ConnectError::Unreachable));
        assert!(matches!(connect(client, "no path").await.err(), Some(ConnectError::Request(_))));
        net.link.set(Weather::CUT);
        let start = Instant::now();
        assert_eq!(connect(client, "/").await.err(), Some(ConnectError::TimedOut));
        assert_eq!(start.elapsed().as_secs(), 5);
        net.link.set(Weather::FINE);
        assert!(connect(client, "/").await.is_ok());
    });
}

#[test]
fn a_server_without_a_free_slot_is_unreachable() {
    with_client(async |net, client| {
        let _all = [net.connect().await, net.connect().await];
        assert_eq!(connect(client, "/").await.err(), Some(ConnectError::Unreachable));
    });
}

/// Answers one request with the parts, the acceptance and a message, each by itself or all at once.
async fn answer_with(net: &Net, parts: &[&str], at_once: bool) {
    let mut socket = TcpSocket::new(net.board, leak([0; 1024]), leak([0; 4096]));
    socket.accept(80).await.unwrap();
    let mut head = [0; 1024];
    let length = socket.read(&mut head).await.unwrap();
    let upgrade = Request::parse(&head[..length]).unwrap().upgrade().unwrap();
    let mut accept = [0; 256];
    let length = Accept::new(&upgrade).write(&mut accept).unwrap();
    let parts = parts.iter().map(|part| part.as_bytes()).chain([&accept[..length], b"\x81\x02hi"]);
    let whole = parts.clone().collect::<Vec<_>>().concat();
    let parts = if at_once { vec![&whole[..]] } else { parts.collect() };
    for mut part in parts {
        while !part.is_empty() {
            let written = socket.write(part).await.unwrap();
            part = &part[written..];
        }
        Timer::after_millis(50).await;
    }
    Timer::after_secs(1).await;
}

/// RFC 9110 section 15.2: a client takes interim responses, even unexpected ones.
#[test]
fn a_client_skips_interim_responses() {
    const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    let hints = format!("HTTP/1.1 103 Early Hints\r\nLink: {}\r\n\r\n", "x".repeat(150));
    for at_once in [true, false] {
        run(async {
            let net = Net::new(Weather::FINE);
            let resources = leak(Resources::<1, 512, 512>::new());
            let client = Client::new(net.peers, resources, OPTIONS, random);
            let parts = [CONTINUE, &hints];
            let serving = answer_with(&net, &parts, at_once);
            let asking = async {
                let mut socket = connect(&client, "/").await.unwrap();
                let mut buffer = [0; 8];
                let message = socket.recv(&mut buffer).await;
                assert_eq!(message, Ok(Some(Message::Text("hi"))), "at once: {at_once}");
            };
            join(serving, asking).await;
        });
    }
}

#[test]
fn a_client_skips_at_most_eight_interim_responses() {
    for count in [8, 9] {
        run(async {
            let net = Net::new(Weather::FINE);
            let resources = leak(Resources::<1, 512, 512>::new());
            let client = Client::new(net.peers, resources, OPTIONS, random);
            let parts = vec!["HTTP/1.1 103 Early Hints\r\n\r\n"; count];
            let connecting = connect(&client, "/");
            let (_, connected) = join(answer_with(&net, &parts, false), connecting).await;
            assert_eq!(connected.err(), (count > 8).then_some(ConnectError::Malformed));
        });
    }
}
