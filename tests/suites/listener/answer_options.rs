//! Options that the application's hook gives to one connection.

use websocket_listener::client::Client;
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::http::{Answer, Http2Options, Request};
use websocket_listener::{
    Error, ListenerBuilder, Message, Options, ProtocolError, WebSocket, WebSocketListener,
};
use websocket_listener_tests::binary;

use crate::http2::client::{Http2Client, websocket};
use crate::support::in_real_time;

const FEW: u64 = 10;
const MANY: u64 = 1 << 16;

/// Few bytes a message are the rule, many where there is an upload.
fn builder() -> ListenerBuilder {
    let hook = |request: Request| async move {
        match request.path() {
            "/upload" => Answer::accept().options(Options::new().max_message_bytes(MANY)),
            _ => Answer::accept(),
        }
    };
    WebSocketListener::builder().options(Options::new().max_message_bytes(FEW)).on_request(hook)
}

async fn takes<S>(socket: &mut WebSocket<S>, expected: &Message) -> bool
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    match socket.recv().await {
        Ok(message) => message.as_ref() == Some(expected),
        Err(Error::Protocol(ProtocolError::MessageTooBig)) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn takes_many(builder: ListenerBuilder, client: Client, path: &str) -> bool {
    let listener = builder.bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}{path}", listener.local_addr().unwrap());
    let (server, client) = tokio::join!(listener.accept(), client.connect(&url));
    let (mut server, mut client) = (server.unwrap(), client.unwrap());
    let message = Message::binary(vec![0; MANY as usize]);
    client.feed(&message).await.unwrap();
    // Who is refused hears it, and answers.
    let talking = async move {
        while let Ok(Some(_)) = client.recv().await {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        takes = takes(&mut server, &message) => takes,
        () = talking => unreachable!(),
    }
}

#[test]
fn options_of_an_answer_replace_those_of_the_listener() {
    in_real_time(async {
        assert!(takes_many(builder(), Client::new(), "/upload").await);
        assert!(!takes_many(builder(), Client::new(), "/chat").await);
    });
}

/// The limit applies to the inflated message.
#[test]
fn options_of_an_answer_hold_for_compressed_messages() {
    in_real_time(async {
        for (path, expected) in [("/upload", true), ("/chat", false)] {
            let builder = builder().message_extension(PermessageDeflate::new());
            let client = Client::new().message_extension(PermessageDeflate::new());
            assert_eq!(takes_many(builder, client, path).await, expected, "{path}");
        }
    });
}

#[test]
fn options_of_an_answer_hold_over_http2_and_for_a_stream_of_the_application() {
    in_real_time(async {
        let listener = builder().http2(Http2Options::new()).bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        let mut peer = client.open(websocket("/upload").body(()).unwrap()).await.into_peer();
        let mut server = listener.accept().await.unwrap();
        peer.send_frame(binary([7; 100])).await;
        assert!(takes(&mut server, &Message::binary(vec![7; 100])).await);

        let (near, far) = tokio::io::duplex(4096);
        let (builder, client) = (builder(), Client::new());
        let (server, client) = tokio::join!(
            builder.acceptor().accept(far),
            client.connect_over(near, "ws://localhost/upload")
        );
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        client.send_binary(&[7; 100]).await.unwrap();
        assert!(takes(&mut server, &Message::binary(vec![7; 100])).await);
    });
}
