//! Headers that are lists (RFC 9110 section 5.6.1, RFC 6455 sections 9.1 and 11.3).

use websocket_listener_core::handshake::{
    Request, UpgradeError, is_subprotocol, select_subprotocol,
};

use crate::handshake_samples::{head, parse, request_with, upgrade};

fn tokens(values: &[&str]) -> Vec<String> {
    let headers: Vec<_> = values.iter().map(|value| ("A", *value)).collect();
    let head = head("GET / HTTP/1.1", &headers);
    parse(&head).unwrap().header_tokens("a").map(String::from).collect()
}

type Params = Vec<(String, Option<String>)>;

/// Each offer as its name and its parameters.
fn offers(values: &[&str]) -> Vec<(String, Params)> {
    let head = request_with("Sec-WebSocket-Extensions", values);
    let request = parse(&head).unwrap();
    let offers = request.extensions().map(|offer| {
        let params = offer.params().map(|(name, value)| (name.into(), value.map(String::from)));
        (offer.name().into(), params.collect())
    });
    offers.collect()
}

fn subprotocols(head: &str) -> Vec<String> {
    parse(head).unwrap().subprotocols().map(String::from).collect()
}

#[test]
fn a_list_goes_over_all_lines_of_its_header() {
    assert_eq!(tokens(&["keep-alive, Upgrade", "x"]), ["keep-alive", "Upgrade", "x"]);
}

#[test]
fn white_space_and_empty_elements_are_left_out() {
    assert_eq!(tokens(&[" ,a\t,,  b ,", "", " , "]), ["a", "b"]);
}

/// RFC 9110 section 5.6.4.
#[test]
fn a_comma_in_a_quoted_string_does_not_separate() {
    assert_eq!(tokens(&[r#"a="b,c", d"#]), [r#"a="b,c""#, "d"]);
    assert_eq!(tokens(&[r#"a="b\",c", d"#]), [r#"a="b\",c""#, "d"]);
    assert_eq!(tokens(&[r#"a="b\\", d"#]), [r#"a="b\\""#, "d"]);
    assert_eq!(tokens(&[r#"a, "b, c"#]), ["a", r#""b, c"#]);
}

#[test]
fn an_element_that_is_not_text_is_left_out() {
    let request = Request::parse(b"GET / HTTP/1.1\r\nA: \xff, b\r\n\r\n").unwrap();
    assert!(request.header_tokens("A").eq(["b"]));
}

/// RFC 6455 section 4.1 item 10.
#[test]
fn subprotocols_keep_the_clients_order_over_several_lines() {
    let head = request_with("Sec-WebSocket-Protocol", &["chat, superchat", "soap"]);
    assert_eq!(subprotocols(&head), ["chat", "superchat", "soap"]);
}

/// RFC 6455 section 4.2.1: a header against its ABNF stops the handshake.
#[test]
fn a_subprotocol_that_is_not_a_token_is_refused() {
    for value in ["a b", "a/b", "chat, a;b", "\"chat\"", "caf\u{e9}"] {
        let head = request_with("Sec-WebSocket-Protocol", &["good", value]);
        assert_eq!(upgrade(&head), Err(UpgradeError::Subprotocol), "{value}");
        assert_eq!(subprotocols(&head)[0], "good");
    }
    assert!(upgrade(&request_with("Sec-WebSocket-Protocol", &[""])).is_ok());
}

#[test]
fn a_long_subprotocol_is_read_whole() {
    let long = "p".repeat(4000);
    assert_eq!(subprotocols(&request_with("Sec-WebSocket-Protocol", &[&long])), [long]);
}

/// RFC 6455 section 1.9: the server selects one of the client's, by its own preference here.
#[test]
fn the_first_supported_subprotocol_that_was_offered_is_chosen() {
    let head = request_with("Sec-WebSocket-Protocol", &["c, b", "a"]);
    let request = parse(&head).unwrap();
    assert_eq!(select_subprotocol(&request, &["x", "a", "b"]), Some("a"));
    assert_eq!(select_subprotocol(&request, &["b", "a"]), Some("b"));
    assert_eq!(select_subprotocol(&request, &["x", "C"]), None);
    assert_eq!(select_subprotocol(&request, &[]), None);
    let silent = request_with("Sec-WebSocket-Protocol", &[]);
    assert_eq!(select_subprotocol(&parse(&silent).unwrap(), &["a"]), None);
}

/// RFC 6455 section 9.1.
#[test]
fn extensions_are_read_with_their_parameters() {
    let param = |name: &str, value: Option<&str>| (name.to_owned(), value.map(String::from));
    assert_eq!(
        offers(&[
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
            "foo, bar ; baz = \"2\"",
        ]),
        [
            (
                "permessage-deflate".into(),
                vec![
                    param("client_max_window_bits", None),
                    param("server_max_window_bits", Some("10")),
                ]
            ),
            ("foo".into(), vec![]),
            ("bar".into(), vec![param("baz", Some("2"))]),
        ]
    );
}

/// RFC 6455 section 9.1: "the recipient of such malformed data MUST immediately _Fail the WebSocket
/// Connection_".
#[test]
fn malformed_extensions_are_refused() {
    for value in [
        ";",
        "a;",
        "a;;b",
        "a; =b",
        "a; b=",
        "a b",
        "a; b c",
        "a; b=c d",
        "\"a\"",
        "a; b=\"",
        "a; b=\"\"",
        "a; b=\"c d\"",
        "a; b=\"c",
        "a; b=c\"",
        "a; b=\"c\"d",
        "a; b=\"c,d\"",
        "a=b",
        "a; b=c=d",
        r"a; b=c\d",
        r#"a; b="c\"d""#,
        r#"a; b="c\"#,
        "\u{e9}",
    ] {
        let head = request_with("Sec-WebSocket-Extensions", &["good", value]);
        assert_eq!(upgrade(&head), Err(UpgradeError::Extension), "{value}");
        assert_eq!(offers(&["good", value])[0].0, "good");
    }
    assert!(upgrade(&request_with("Sec-WebSocket-Extensions", &["", " , "])).is_ok());
}

/// RFC 6455 section 9.1 allows the quoted form; we decline such an offer and keep the others.
#[test]
fn an_escaped_value_is_legal_and_declined() {
    let escaped = r#"a; b="1\0", c"#;
    assert!(upgrade(&request_with("Sec-WebSocket-Extensions", &[escaped])).is_ok());
    assert_eq!(offers(&[escaped]), [("c".into(), vec![])]);
}

/// RFC 6455 section 4.1 item 10 of the request's requirements, RFC 9110 section 5.6.2.
#[test]
fn the_name_of_a_subprotocol_is_a_token() {
    const { assert!(is_subprotocol("chat.v2")) };
    for byte in 0..=0x7f_u8 {
        let is_token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let name = format!("a{}", char::from(byte));
        assert_eq!(is_subprotocol(&name), is_token, "{name:?}");
    }
    for name in ["", "ch\u{e4}t", "chat, log", "\"chat\""] {
        assert!(!is_subprotocol(name), "{name:?}");
    }
}
