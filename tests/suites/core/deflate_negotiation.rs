//! The negotiation of permessage-deflate (RFC 7692 sections 5 and 7.1).

use websocket_listener_core::handshake::UpgradeError;
use websocket_listener_core::permessage_deflate::{
    Agreement, AnswerError, OfferError, Settings, WindowBits,
};

use crate::handshake_samples::{parse, parse_response, request_with, response_with, upgrade};

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

/// Returns the text of a server's answer to the client's offers.
fn answer(server: Settings, offers: &[&str]) -> Option<String> {
    let head = request_with("Sec-WebSocket-Extensions", offers);
    let agreement = server.select(parse(&head).unwrap().extensions())?;
    Some(agreement.answer().to_string())
}

/// Returns a server's answer to the parameters of one offer.
fn accept(server: Settings, params: &str) -> Result<Agreement, OfferError> {
    let head = request_with("Sec-WebSocket-Extensions", &[&format!("permessage-deflate{params}")]);
    let request = parse(&head).unwrap();
    assert!(request.upgrade().is_ok(), "{params}");
    server.accept(&request.extensions().next().unwrap())
}

/// Returns a client's reading of the answer.
fn verify(client: Settings, answers: &[&str]) -> Result<Option<Agreement>, AnswerError> {
    let head = response_with("Sec-WebSocket-Extensions", answers);
    client.verify(parse_response(&head).extensions())
}

#[test]
fn a_bare_offer_is_accepted_with_the_largest_windows_and_takeover() {
    let agreement = accept(Settings::new(), "").unwrap();
    assert_eq!(agreement.answer().as_str(), "permessage-deflate");
    assert_eq!(agreement.server_window_bits(), WindowBits::MAX);
    assert_eq!(agreement.client_window_bits(), WindowBits::MAX);
    assert!(!agreement.server_no_context_takeover());
    assert!(!agreement.client_no_context_takeover());
}

#[test]
fn the_offer_of_a_browser_is_accepted() {
    let chromium = "permessage-deflate; client_max_window_bits";
    assert_eq!(answer(Settings::new(), &[chromium]).unwrap(), "permessage-deflate");
    let small = Settings::new().client_max_window_bits(bits(10)).server_max_window_bits(bits(9));
    assert_eq!(
        answer(small, &[chromium]).unwrap(),
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"
    );
}

/// Section 7.1.2.1: a decimal from 8 to 15 without leading zeros; section 5.1: quoted or not.
#[test]
fn only_window_bits_from_8_to_15_are_accepted() {
    for name in ["server_max_window_bits", "client_max_window_bits"] {
        for good in ["8", "9", "10", "11", "12", "13", "14", "15", "\"8\"", "\"15\""] {
            let agreement = accept(Settings::new(), &format!("; {name}={good}")).unwrap();
            let (server, client) = (agreement.server_window_bits(), agreement.client_window_bits());
            let value: u8 = good.trim_matches('"').parse().unwrap();
            assert_eq!(if name.starts_with('s') { server } else { client }, bits(value));
        }
        for bad in [
            "0", "1", "7", "16", "20", "100", "08", "015", "-9", "+9", "9.0", "0x9", "nine",
            "\"16\"",
        ] {
            let refusal = accept(Settings::new(), &format!("; {name}={bad}"));
            assert_eq!(refusal, Err(OfferError::InvalidValue), "{name}={bad}");
        }
    }
}

/// RFC 6455 section 9.1: neither is a token; the whole handshake fails.
#[test]
fn an_empty_value_is_malformed() {
    for value in ["", "\"\"", "\" 9\""] {
        let offer = format!("permessage-deflate; server_max_window_bits={value}");
        let head = request_with("Sec-WebSocket-Extensions", &[&offer]);
        assert_eq!(upgrade(&head), Err(UpgradeError::Extension), "{value}");
    }
}

/// Section 7.1: an offer with such parameters MUST be declined.
#[test]
fn invalid_offers_are_declined() {
    for (params, error) in [
        ("; unknown", OfferError::UnknownParameter),
        ("; server_max_window_bit=9", OfferError::UnknownParameter),
        ("; unknown=1; server_no_context_takeover", OfferError::UnknownParameter),
        ("; server_no_context_takeover; server_no_context_takeover", OfferError::RepeatedParameter),
        ("; client_no_context_takeover; client_no_context_takeover", OfferError::RepeatedParameter),
        ("; server_max_window_bits=9; server_max_window_bits=9", OfferError::RepeatedParameter),
        ("; client_max_window_bits; client_max_window_bits", OfferError::RepeatedParameter),
        ("; client_max_window_bits=9; client_max_window_bits", OfferError::RepeatedParameter),
        ("; server_no_context_takeover=1", OfferError::InvalidValue),
        ("; client_no_context_takeover=true", OfferError::InvalidValue),
        ("; server_max_window_bits", OfferError::InvalidValue),
    ] {
        assert_eq!(accept(Settings::new(), params), Err(error), "{params}");
    }
}

/// Section 5.1: "the order of elements is important … the first is the most preferred".
#[test]
fn the_first_offer_that_can_be_accepted_is_selected() {
    assert_eq!(
        answer(
            Settings::new(),
            &[
                "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; unknown, permessage-deflate; server_max_window_bits=12",
                "permessage-deflate",
            ]
        )
        .unwrap(),
        "permessage-deflate; server_max_window_bits=12"
    );
    assert_eq!(answer(Settings::new(), &["x-webkit-deflate-frame, permessage-bzip2"]), None);
    assert_eq!(answer(Settings::new(), &["permessage-deflate; unknown"]), None);
    assert_eq!(answer(Settings::new(), &[]), None);
}

/// Sections 7.1.1.1 and 7.1.2.1: acceptance is shown by the parameter in the answer.
#[test]
fn each_accepted_parameter_is_answered() {
    assert_eq!(
        answer(
            Settings::new(),
            &["permessage-deflate; server_max_window_bits=15; server_no_context_takeover"]
        )
        .unwrap(),
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=15"
    );
}

/// Sections 7.1.1.1, 7.1.1.2 and 7.1.2.1: a server may include them unasked.
#[test]
fn a_server_may_ask_for_parameters_of_its_own() {
    let server = Settings::new()
        .server_no_context_takeover(true)
        .client_no_context_takeover(true)
        .server_max_window_bits(bits(11));
    assert_eq!(
        answer(server, &["permessage-deflate"]).unwrap(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=11"
    );
}

#[test]
fn the_smaller_window_of_both_ends_is_used() {
    let server = Settings::new().server_max_window_bits(bits(12)).client_max_window_bits(bits(12));
    for (asked, used) in [(8, 8), (12, 12), (15, 12)] {
        let params = format!("; server_max_window_bits={asked}; client_max_window_bits={asked}");
        let agreement = accept(server, &params).unwrap();
        assert_eq!(agreement.server_window_bits(), bits(used));
        assert_eq!(agreement.client_window_bits(), bits(used));
    }
}

/// Section 7.1.2.2: without the client's offer the answer MUST NOT have `client_max_window_bits`.
#[test]
fn a_client_that_would_use_too_large_a_window_is_declined() {
    let server = Settings::new().client_max_window_bits(bits(10));
    assert_eq!(accept(server, ""), Err(OfferError::ClientWindow));
    assert_eq!(accept(server, "; client_max_window_bits").unwrap().client_window_bits(), bits(10));
    let fits = accept(server, "; client_max_window_bits=9").unwrap();
    assert_eq!(fits.answer().as_str(), "permessage-deflate; client_max_window_bits=9");
}

#[test]
fn a_window_that_this_end_cannot_compress_with_is_declined() {
    let server = Settings::new().min_window_bits(bits(9));
    assert_eq!(accept(server, "; server_max_window_bits=8"), Err(OfferError::ServerWindow));
    assert!(accept(server, "; server_max_window_bits=9; client_max_window_bits=8").is_ok());
}

#[test]
fn a_client_offers_the_parameters_that_it_supports() {
    assert_eq!(Settings::new().offer().as_str(), "permessage-deflate; client_max_window_bits");
    let client = Settings::new()
        .server_no_context_takeover(true)
        .client_no_context_takeover(true)
        .server_max_window_bits(bits(14))
        .client_max_window_bits(bits(13));
    assert_eq!(
        client.offer().as_str(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=14; client_max_window_bits=13"
    );
    assert_eq!(client.offer().as_str().len(), 128);
}

#[test]
fn a_client_accepts_an_answer_to_its_offer() {
    assert_eq!(verify(Settings::new(), &[]), Ok(None));
    assert_eq!(verify(Settings::new(), &["other"]), Ok(None));
    let agreement = verify(Settings::new(), &["other, permessage-deflate"]).unwrap().unwrap();
    assert_eq!(agreement.server_window_bits(), WindowBits::MAX);
    let agreement = verify(
        Settings::new().client_no_context_takeover(true),
        &["permessage-deflate; server_no_context_takeover; server_max_window_bits=\"9\"; \
           client_max_window_bits=8"],
    );
    let agreement = agreement.unwrap().unwrap();
    assert!(agreement.server_no_context_takeover() && agreement.client_no_context_takeover());
    assert_eq!(agreement.server_window_bits(), bits(9));
    assert_eq!(agreement.client_window_bits(), bits(8));
}

/// Sections 7.1.1 and 7.1.2: a client MUST fail the connection over such an answer.
#[test]
fn a_client_refuses_parameters_that_it_did_not_offer() {
    let any = Settings::new();
    let strict = Settings::new()
        .server_no_context_takeover(true)
        .server_max_window_bits(bits(12))
        .client_max_window_bits(bits(12))
        .min_window_bits(bits(9));
    for (client, answers, error) in [
        (any, "permessage-deflate, permessage-deflate", AnswerError::Repeated),
        (any, "permessage-deflate; unknown", AnswerError::UnknownParameter),
        (any, "permessage-deflate; client_max_window_bits", AnswerError::InvalidValue),
        (any, "permessage-deflate; client_max_window_bits=16", AnswerError::InvalidValue),
        (any, "permessage-deflate; server_max_window_bits", AnswerError::InvalidValue),
        (any, "permessage-deflate; server_max_window_bits=0", AnswerError::InvalidValue),
        (any, "permessage-deflate; server_no_context_takeover=0", AnswerError::InvalidValue),
        (
            any,
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            AnswerError::RepeatedParameter,
        ),
        (
            strict,
            "permessage-deflate; server_max_window_bits=12",
            AnswerError::ServerContextTakeover,
        ),
        (strict, "permessage-deflate; server_no_context_takeover", AnswerError::ServerWindow),
        (
            strict,
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=13",
            AnswerError::ServerWindow,
        ),
        (
            strict,
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=8; \
             client_max_window_bits=13",
            AnswerError::ClientWindow,
        ),
        (
            strict,
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=8; \
             client_max_window_bits=8",
            AnswerError::ClientWindow,
        ),
    ] {
        assert_eq!(verify(client, &[answers]), Err(error), "{answers}");
    }
}

/// Every pair of settings comes to the same agreement on both ends, or to none on both.
#[test]
fn both_ends_agree() {
    let sizes = [8, 10, 15].map(bits);
    let mut all = Vec::new();
    for server in sizes {
        for client in sizes {
            for takeover in 0..4 {
                all.push(
                    Settings::new()
                        .server_max_window_bits(server)
                        .client_max_window_bits(client)
                        .server_no_context_takeover(takeover & 1 == 1)
                        .client_no_context_takeover(takeover & 2 == 2),
                );
            }
        }
    }
    for client in &all {
        for server in &all {
            let head = request_with("Sec-WebSocket-Extensions", &[client.offer().as_str()]);
            let there = server.select(parse(&head).unwrap().extensions()).unwrap();
            let here = verify(*client, &[there.answer().as_str()]).unwrap().unwrap();
            assert_eq!(there.server_window_bits(), here.server_window_bits());
            assert_eq!(there.client_window_bits(), here.client_window_bits());
            assert_eq!(there.server_no_context_takeover(), here.server_no_context_takeover());
            assert_eq!(there.client_no_context_takeover(), here.client_no_context_takeover());
        }
    }
}

#[test]
fn a_window_is_found_for_every_memory() {
    for (bytes, window) in [
        (0, None),
        (255, None),
        (256, Some(8)),
        (1023, Some(9)),
        (1024, Some(10)),
        (1 << 20, Some(15)),
    ] {
        assert_eq!(WindowBits::fitting(bytes), window.map(bits));
    }
}
