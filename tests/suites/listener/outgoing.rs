//! Every form of message, sent by every method, on a connection and on its sending half.

use std::borrow::Cow;

use bytes::Bytes;
use websocket_listener::{Message, Outgoing, Payload, PreparedMessage, Text};

use crate::support::{Socket, in_virtual_time, pair};

/// Sends each form by each method, and returns how many messages that were.
macro_rules! send_everything {
    ($socket:ident, $prepared:ident) => {{
        let owned = "tëxt".to_owned();
        let mut sent = 0;
        macro_rules! each_way {
            ($form:expr) => {
                $socket.send($form).await.unwrap();
                $socket.try_send($form).unwrap();
                $socket.feed($form).await.unwrap();
                $socket.send(Outgoing::as_is($form)).await.unwrap();
                $socket.try_send(Outgoing::as_is($form)).unwrap();
                $socket.feed(Outgoing::as_is($form)).await.unwrap();
                sent += 6;
            };
        }
        each_way!("tëxt");
        each_way!(&owned);
        each_way!(owned.clone());
        each_way!(Cow::from("tëxt"));
        each_way!(Cow::from(owned.clone()));
        each_way!(Text::from("tëxt"));
        each_way!(Message::text("tëxt"));
        each_way!(&Message::text("tëxt"));
        each_way!(&$prepared);
        $socket.send_text(&owned).await.unwrap();
        let texts = sent + 1;
        sent = 0;
        let bytes = vec![0, 0xff];
        each_way!(&bytes[..]);
        each_way!(&bytes);
        each_way!(bytes.clone());
        each_way!([0, 0xff]);
        each_way!(&[0, 0xff]);
        each_way!(b"\0\xff");
        each_way!(Bytes::from_static(b"\0\xff"));
        each_way!(Payload::from(&b"\0\xff"[..]));
        each_way!(Message::binary(b"\0\xff"));
        $socket.send_binary(&bytes).await.unwrap();
        $socket.flush().await.unwrap();
        (texts, sent + 1)
    }};
}

async fn expect(client: &mut Socket, (texts, binaries): (usize, usize)) {
    for _ in 0..texts {
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("tëxt")));
    }
    for _ in 0..binaries {
        assert_eq!(client.recv().await.unwrap(), Some(Message::binary(b"\0\xff")));
    }
}

#[test]
fn every_form_of_message_can_be_sent_in_every_way() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let prepared = PreparedMessage::new("tëxt");
        let sent = send_everything!(server, prepared);
        expect(&mut client, sent).await;
        let (_reader, mut writer) = server.split();
        let sent = send_everything!(writer, prepared);
        expect(&mut client, sent).await;
    });
}

/// As it is for a large payload, which is shared or written from where it lies.
#[test]
fn a_large_message_arrives_whole_in_every_form() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let bytes = websocket_listener_tests::pattern(300_000);
        let prepared = PreparedMessage::new(Message::binary(&bytes[..]));
        let sending = async {
            server.send(&bytes).await.unwrap();
            server.feed(&bytes).await.unwrap();
            server.feed(bytes.clone()).await.unwrap();
            server.feed(Outgoing::as_is(&bytes)).await.unwrap();
            server.feed(&prepared).await.unwrap();
            server.send(Outgoing::as_is(&prepared)).await.unwrap();
        };
        let receiving = async {
            for _ in 0..6 {
                assert!(client.recv().await.unwrap().unwrap().as_bytes() == bytes);
            }
        };
        tokio::join!(sending, receiving);
    });
}

#[test]
fn a_message_to_send_shows_its_kind_and_length_and_no_contents() {
    let shown = format!("{:?}", Outgoing::as_is("secret"));
    assert_eq!(shown, "Outgoing { kind: Text, as_is: true, length: 6 }");
    let shown = format!("{:?}", Outgoing::from(vec![1, 2, 3]));
    assert_eq!(shown, "Outgoing { kind: Binary, as_is: false, length: 3 }");
}
