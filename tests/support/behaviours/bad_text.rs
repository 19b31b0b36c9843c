//! Text that is not UTF-8 (RFC 6455 section 8.1): the connection is failed with 1007, as soon as
//! it is certain.

use websocket_listener_core::{CloseCode, MessageKind};

use crate::peer::Peer;
use crate::target::Target;
use crate::{Side, close, continuation, ping, text};

/// Overlong forms, surrogates, beyond the last code point, lone and missing continuation bytes.
const BAD: [&[u8]; 9] = [
    b"\xff",
    b"\x80",
    b"ab\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc3x",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65",
];

const INVALID: CloseCode = CloseCode::INVALID_PAYLOAD;

pub async fn a_message_that_is_not_utf8_fails_with_1007<T: Target>(target: &T) {
    for bad in BAD {
        let mut peer = Peer::open(target).await;
        peer.send_frame(text(bad)).await;
        peer.failed(INVALID).await;
    }
}

pub async fn text_that_ends_inside_a_character_fails_with_1007<T: Target>(target: &T) {
    for bad in [&b"\xc3"[..], b"\xe2\x82", b"\xf0\x9f\x98", b"fine \xf0\x9f"] {
        let mut peer = Peer::open(target).await;
        peer.send_frame(text(bad)).await;
        peer.failed(INVALID).await;
        let mut peer = Peer::open(target).await;
        peer.send_frame(text(bad).fin(false)).await;
        peer.send_frame(continuation("")).await;
        peer.failed(INVALID).await;
    }
}

/// The message goes on for ever, and is refused all the same.
pub async fn bad_text_in_an_unfinished_message_fails_with_1007_at_once<T: Target>(target: &T) {
    for bad in BAD {
        for cut in 0..=bad.len() {
            let mut peer = Peer::open(target).await;
            peer.send_frame(text(&bad[..cut]).fin(false)).await;
            peer.send_frame(continuation(&bad[cut..]).fin(false)).await;
            peer.failed(INVALID).await;
        }
    }
}

/// The frame goes on for ever, and is refused all the same.
pub async fn bad_text_in_an_unfinished_frame_fails_with_1007_at_once<T: Target>(target: &T) {
    for bad in BAD {
        let mut peer = Peer::open(target).await;
        let frame = text(bad).declared_length(1000).to(Side::Server);
        peer.send(frame.bytes()).await;
        peer.failed(INVALID).await;
    }
}

pub async fn characters_cut_anywhere_are_put_together<T: Target>(target: &T) {
    let whole = "aß€😀".as_bytes();
    for first in 0..=whole.len() {
        for second in [first, (first + 1).min(whole.len()), whole.len()] {
            let mut peer = Peer::open(target).await;
            peer.send_frame(text(&whole[..first]).fin(false)).await;
            peer.send_frame(ping("between")).await;
            peer.send_frame(continuation(&whole[first..second]).fin(false)).await;
            peer.ponged(b"between").await;
            peer.send_frame(continuation(&whole[second..])).await;
            peer.echoed(MessageKind::Text, whole).await;
        }
    }
}

/// Section 5.5.1.
pub async fn a_close_reason_that_is_not_utf8_fails_with_1007<T: Target>(target: &T) {
    for bad in [b"\xff".as_slice(), b"cut \xe2\x82"] {
        let mut peer = Peer::open(target).await;
        peer.send_frame(close(CloseCode::NORMAL, bad)).await;
        peer.failed(INVALID).await;
    }
}
