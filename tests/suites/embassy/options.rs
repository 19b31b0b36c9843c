//! Invalid options, refused when they are made: in a constant, at compile time.

use std::panic::catch_unwind;

use websocket_listener_embassy::Options;

/// RFC 6455 section 4.1: the name of a subprotocol is a token.
#[test]
fn a_subprotocol_that_no_client_can_offer_panics() {
    const TAKEN: Options = Options::new().subprotocols(&["chat.v2", "mqtt"]);
    let _ = TAKEN;
    for names in [&["chat", ""], &["chat v2", "chat"], &["chat", "chat,log"], &["chat", "a\r\n"]] {
        let made = catch_unwind(|| Options::new().subprotocols(names));
        assert!(made.is_err(), "{names:?}");
    }
}
