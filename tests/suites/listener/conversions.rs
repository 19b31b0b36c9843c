//! Conversions into messages, and of messages into other types.

use std::borrow::Cow;

use bytes::Bytes;
use websocket_listener::{Message, Payload, PreparedMessage, Text};

/// More than is copied.
const LARGE: usize = 10_000;

#[test]
fn strings_of_every_kind_become_text() {
    let owned = "tëxt".to_owned();
    let expected = Message::text("tëxt");
    assert_eq!(Message::from("tëxt"), expected);
    assert_eq!(Message::from(&owned), expected);
    assert_eq!(Message::from(Cow::from("tëxt")), expected);
    assert_eq!(Message::from(Cow::from(owned.clone())), expected);
    assert_eq!(Message::from(owned), expected);
    assert_eq!(Message::from(&expected), expected);
}

#[test]
fn bytes_of_every_kind_become_binary() {
    let expected = Message::binary(b"\0\xff");
    assert_eq!(Message::from(b"\0\xff"), expected);
    assert_eq!(Message::from(255_u16.to_be_bytes()), expected);
    assert_eq!(Message::binary([0, 0xff]), expected);
    assert_eq!(Message::from(&b"\0\xff"[..]), expected);
    assert_eq!(Message::from(vec![0, 0xff]), expected);
    assert_eq!(Message::from(Bytes::from_static(b"\0\xff")), expected);
}

/// Section 5.6: text is UTF-8.
#[test]
fn only_valid_utf_8_becomes_text() {
    let bytes = "tëxt".as_bytes().to_vec();
    assert_eq!(Text::try_from(bytes.clone()).unwrap(), "tëxt");
    assert_eq!(Text::try_from(Bytes::from(bytes.clone())).unwrap(), "tëxt");
    assert_eq!(Text::try_from(Payload::from(bytes)).unwrap(), "tëxt");
    let error = Text::try_from(b"good\xffbad".to_vec()).unwrap_err();
    assert_eq!(error.valid_up_to(), 4);
}

#[test]
fn large_payloads_are_not_copied_on_the_way_in_and_out() {
    let bytes = vec![b'x'; LARGE];
    let place = bytes.as_ptr();
    let text = Text::try_from(bytes).unwrap();
    assert_eq!(text.as_ptr(), place);
    let bytes = Bytes::from(Message::from(text));
    assert_eq!(bytes.as_ptr(), place);
    let bytes = Vec::from(Payload::from(bytes));
    assert_eq!((bytes.as_ptr(), bytes.len()), (place, LARGE));
}

#[test]
fn payloads_of_any_length_become_a_vec() {
    for length in [0, 1, 64, 65, 1024, 1025] {
        let bytes = vec![7; length];
        assert_eq!(Vec::from(Payload::from(&bytes[..])), bytes);
        assert_eq!(Vec::from(Payload::from(bytes.clone())), bytes);
    }
}

#[test]
fn text_compares_with_strings_from_either_side() {
    let (text, owned) = (Text::from("tëxt"), "tëxt".to_owned());
    assert_eq!(text, "tëxt");
    assert_eq!("tëxt", text);
    assert_eq!(*"tëxt", text);
    assert_eq!(text, owned);
    assert_eq!(owned, text);
    assert_ne!(text, "text");
    assert_ne!("text", text);
    assert_ne!(text, String::new());
}

#[test]
fn a_prepared_message_is_made_of_anything_that_becomes_a_message() {
    let message = Message::text("tëxt");
    for prepared in [
        PreparedMessage::new("tëxt"),
        PreparedMessage::new("tëxt".to_owned()),
        PreparedMessage::new(&message),
        PreparedMessage::new(message),
    ] {
        assert_eq!(
            (prepared.kind(), prepared.payload()),
            (Message::from("").kind(), "tëxt".as_bytes())
        );
    }
}
