//! Prepared messages that an extension encodes: once for all connections, even if the sender that
//! began is cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use websocket_listener::client::Client;
use websocket_listener::engine::handshake::ExtensionOffer;
use websocket_listener::extension::{
    CodecProgress, InvalidDataError, MessageCodec, MessageExtension, ReservedBits,
};
use websocket_listener::{
    Message, MessageKind, Options, PreparedMessage, WebSocketListener, broadcast,
};
use websocket_listener_tests::polled;

use crate::support::{Socket, in_virtual_time};

/// Many turns of work.
const LENGTH: usize = 4 << 20;

/// Takes messages as they are, and counts the bytes that it encodes.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Counting {
    fn encoded(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn boxed(&self) -> Box<dyn MessageCodec> {
        Box::new(self.clone())
    }
}

impl MessageExtension for Counting {
    fn name(&self) -> &str {
        "x-counting"
    }

    fn reserved_bits(&self) -> ReservedBits {
        ReservedBits::RSV3
    }

    fn accept(&self, _offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)> {
        Some((self.offer(), self.boxed()))
    }

    fn offer(&self) -> String {
        "x-counting".to_owned()
    }

    fn confirm(&self, _answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>> {
        Some(self.boxed())
    }
}

impl MessageCodec for Counting {
    fn begin_encoding(&mut self, _kind: MessageKind, _length: Option<usize>) -> ReservedBits {
        ReservedBits::RSV3
    }

    fn encode(&mut self, input: &[u8], _last: bool, output: &mut [u8]) -> CodecProgress {
        let copied = input.len().min(output.len());
        output[..copied].copy_from_slice(&input[..copied]);
        self.0.fetch_add(copied, Ordering::Relaxed);
        CodecProgress { consumed: copied, produced: copied, more: copied < input.len() }
    }

    fn decode(
        &mut self,
        input: &[u8],
        _last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError> {
        let copied = input.len().min(output.len());
        output[..copied].copy_from_slice(&input[..copied]);
        Ok(CodecProgress { consumed: copied, produced: copied, more: copied < input.len() })
    }

    fn shared_encoding(&self) -> Option<u64> {
        Some(0)
    }

    fn encoder(&self) -> Option<Box<dyn MessageCodec>> {
        Some(self.boxed())
    }
}

async fn pair(extension: &Counting) -> (Socket, Socket) {
    let options = Options::new().max_message_bytes(LENGTH as u64);
    let (near, far) = tokio::io::duplex(2 * LENGTH);
    let builder =
        WebSocketListener::builder().options(options).message_extension(extension.clone());
    let client = Client::new().options(options).message_extension(extension.clone());
    let (server, client) =
        tokio::join!(builder.acceptor().accept(far), client.connect_over(near, "ws://localhost/"));
    (server.unwrap(), client.unwrap())
}

fn message() -> (PreparedMessage, Message) {
    let message = Message::binary(websocket_listener_tests::pattern(LENGTH));
    (PreparedMessage::new(&message), message)
}

#[test]
fn concurrent_senders_share_the_encoding_work() {
    in_virtual_time(async {
        let extension = Counting::default();
        let (prepared, message) = message();
        let mut sending = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (mut server, mut client) = pair(&extension).await;
            let (prepared, message) = (prepared.clone(), message.clone());
            sending.spawn(async move {
                server.send(&prepared).await.unwrap();
                assert!(client.recv().await.unwrap() == Some(message));
            });
        }
        sending.join_all().await;
        assert_eq!(extension.encoded(), LENGTH);
    });
}

#[test]
fn a_cancelled_sender_leaves_its_work_to_the_next_and_has_sent_nothing() {
    in_virtual_time(async {
        let extension = Counting::default();
        let (prepared, message) = message();
        let (mut first, mut first_client) = pair(&extension).await;
        assert!(polled(3, first.send(&prepared)).await.is_none());
        let begun = extension.encoded();
        assert!((1..LENGTH / 2).contains(&begun), "{begun} bytes in three turns");

        let (mut second, mut client) = pair(&extension).await;
        second.send(&prepared).await.unwrap();
        assert!(client.recv().await.unwrap() == Some(message));
        assert_eq!(extension.encoded(), LENGTH);

        first.send_text("next").await.unwrap();
        assert_eq!(first_client.recv().await.unwrap(), Some(Message::text("next")));
    });
}

#[test]
fn a_sender_that_cannot_wait_finishes_the_work_itself() {
    in_virtual_time(async {
        let extension = Counting::default();
        let (prepared, message) = message();
        let (mut first, _client) = pair(&extension).await;
        assert!(polled(3, first.send(&prepared)).await.is_none());

        let mut writers = Vec::new();
        let mut clients = Vec::new();
        for _ in 0..3 {
            let (server, client) = pair(&extension).await;
            writers.push(server.split().1);
            clients.push(client);
        }
        let told = broadcast(&prepared, &mut writers);
        assert_eq!((told.sent, told.dropped, told.closed), (3, 0, 0));
        for mut client in clients {
            assert!(client.recv().await.unwrap() == Some(message.clone()));
        }
        assert_eq!(extension.encoded(), LENGTH);
    });
}
