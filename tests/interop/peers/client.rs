//! Our client against another project's server: messages of every kind, a ping, closes from either
//! side, a subprotocol, a refusal, a redirect.
//!
//! ```text
//! peer_client ws://ADDRESS:PORT
//! peer_client wss://ADDRESS:PORT ROOT-CERTIFICATES
//! ```

use std::error::Error as StdError;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use websocket_listener::client::{Client, ConnectError};
use websocket_listener::engine::handshake::VerifyError;
use websocket_listener::{CloseCode, Initiator, Message, MessageKind, Options, WebSocket};

type Outcome = Result<(), Box<dyn StdError>>;

/// For all of it.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().ok_or("where is the server?")?;
    let mut client = Client::new().options(Options::new().max_message_bytes(4 << 20));
    if let Some(roots) = arguments.next() {
        client = client.root_certificates(&std::fs::read(roots)?)?;
    }
    timeout(PATIENCE, async {
        messages(&client, &server).await?;
        closed_by_the_server(&client, &server).await?;
        subprotocols(&client, &server).await?;
        refusal(&client, &server).await?;
        redirect(&client, &server).await
    })
    .await?
}

async fn messages(client: &Client, server: &str) -> Outcome {
    let mut socket = client.connect(&format!("{server}/")).await?;
    let large: Vec<u8> = (0..1_u32 << 20).map(|index| (index * 7 % 251) as u8).collect();
    for message in [
        Message::text("grüß 你好 🙂"),
        Message::text(""),
        Message::binary(vec![]),
        Message::binary((0..=255).collect::<Vec<u8>>()),
        Message::binary(large),
        Message::text("ü".repeat(1 << 19)),
    ] {
        socket.send(message.clone()).await?;
        assert_eq!(socket.recv().await?, Some(message), "what was sent comes back");
    }
    fragments(&mut socket).await?;
    socket.ping(b"are you there").await?;
    socket.send_text("behind the ping").await?;
    socket.recv().await?;
    assert!(socket.latency().is_some(), "the ping is answered");
    socket.close(CloseCode::NORMAL, "done").await?;
    let reason = socket.close_reason().expect("it is closed");
    assert_eq!((reason.code, reason.initiator), (CloseCode::NORMAL, Initiator::Local));
    println!("ok: messages, fragments, ping, close");
    Ok(())
}

/// A message that leaves in several frames.
async fn fragments(socket: &mut WebSocket) -> Outcome {
    let mut writer = socket.message_writer(MessageKind::Text);
    for part in ["one ".to_owned(), "two ".repeat(10_000), "grüß".to_owned()] {
        writer.write_all(part.as_bytes()).await?;
        writer.flush().await?;
    }
    writer.finish().await?;
    let expected = format!("one {}grüß", "two ".repeat(10_000));
    assert_eq!(socket.recv().await?, Some(Message::text(expected)));
    Ok(())
}

async fn closed_by_the_server(client: &Client, server: &str) -> Outcome {
    let mut socket = client.connect(&format!("{server}/close")).await?;
    socket.send_text("anything").await?;
    assert_eq!(socket.recv().await?, None, "the server closes");
    let reason = socket.close_reason().expect("it is closed");
    assert_eq!((reason.code.as_u16(), reason.initiator), (4001, Initiator::Peer));
    assert_eq!(reason.reason.as_str(), "that was it");
    println!("ok: the server's ping is answered, and its close");
    Ok(())
}

async fn subprotocols(client: &Client, server: &str) -> Outcome {
    let offering = |names: &[&str]| client.clone().subprotocols(names.iter().copied());
    let url = format!("{server}/");
    let socket = offering(&["chat.v1", "chat.v2", "other"]).connect(&url).await?;
    assert_eq!(socket.subprotocol(), Some("chat.v2"));
    assert_eq!(offering(&["other"]).connect(&url).await?.subprotocol(), None);
    let required = offering(&["other"]).require_subprotocol(true).connect(&url).await;
    assert!(matches!(required, Err(ConnectError::NoSubprotocol)));
    println!("ok: subprotocols");
    Ok(())
}

async fn refusal(client: &Client, server: &str) -> Outcome {
    match client.connect(&format!("{server}/forbidden")).await {
        Err(ConnectError::Refused { reason: VerifyError::Status(403), response, body }) => {
            assert_eq!(response.header_str("X-Why"), Some("members"));
            assert_eq!(&body[..], b"members only\n");
        }
        other => return Err(format!("no refusal: {other:?}").into()),
    }
    println!("ok: a refusal is quoted");
    Ok(())
}

async fn redirect(client: &Client, server: &str) -> Outcome {
    let url = format!("{server}/moved");
    let refused = client.connect(&url).await;
    let status = VerifyError::Status(302);
    assert!(matches!(refused, Err(ConnectError::Refused { reason, .. }) if reason == status));
    let mut socket = client.clone().max_redirects(1).connect(&url).await?;
    socket.send_text("hello").await?;
    assert_eq!(socket.recv().await?, Some(Message::text("hello")));
    println!("ok: a redirect is followed, with its cookie");
    Ok(())
}
