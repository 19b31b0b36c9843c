//! Basic and Bearer credentials (RFC 7617, RFC 6750), and the 401 that asks for them.

use websocket_listener::http::InvalidHeaderError;
use websocket_listener::http::{
    Answer, Credentials, CredentialsError, Request, Response, equal_in_constant_time,
};
use websocket_listener_tests::request::request;

use crate::support::{asking, in_virtual_time};

fn with_authorization(values: &[&str]) -> Result<Credentials, CredentialsError> {
    let asked = values.iter().fold(request(), |asked, value| asked.and("Authorization", value));
    Credentials::of(&Request::parse(asked.text().into_bytes()).unwrap())
}

/// RFC 7617 section 2 and 2.1: a colon in the password, and UTF-8.
#[test]
fn basic_credentials_are_read() {
    let examples = [
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"),
        ("basic dGVzdDoxMjPCow==", "test", "123£"),
        ("BASIC   YTpiOmM=", "a", "b:c"),
        ("Basic Og==", "", ""),
    ];
    for (value, expected_user, expected_password) in examples {
        let credentials = with_authorization(&[value]).unwrap();
        assert!(credentials.is_basic(expected_user, expected_password), "{value}");
        assert!(!credentials.is_basic(expected_user, "wrong"), "{value}");
        assert!(!credentials.is_basic("wrong", expected_password), "{value}");
        assert!(!credentials.is_bearer(expected_password), "{value}");
        assert!(!format!("{credentials:?}").contains("sesame"));
    }
}

/// RFC 6750 section 2.1.
#[test]
fn bearer_tokens_are_read() {
    let credentials = with_authorization(&["Bearer mF_9.B5f-4.1JqM=="]).unwrap();
    assert!(credentials.is_bearer("mF_9.B5f-4.1JqM=="));
    assert!(!credentials.is_bearer("mF_9.B5f-4.1JqM"));
    assert!(!credentials.is_basic("mF_9.B5f-4.1JqM==", ""));
    assert!(!format!("{credentials:?}").contains("mF_9"));
}

#[test]
fn anything_else_is_a_typed_error() {
    use CredentialsError::{Malformed, Missing, UnknownScheme};
    for (values, error) in [
        (&[][..], Missing),
        (&["Basic"], Missing),
        (&["Basic Og==", "Basic Og=="], Missing),
        (&["Digest username=\"a\""], UnknownScheme),
        (&["Basic Og"], Malformed),
        (&["Basic Og== x"], Malformed),
        (&["Basic YWxpY2U="], Malformed),
        (&["Basic //86"], Malformed),
        (&["Basic YQo6Yg=="], Malformed),
        (&["Bearer a b"], Malformed),
        (&["Bearer =="], Malformed),
    ] {
        assert_eq!(with_authorization(values).unwrap_err(), error, "{values:?}");
    }
}

#[test]
fn a_realm_that_would_split_the_challenge_is_an_error() {
    let realm = "chat\"\r\nSet-Cookie: evil=1";
    assert_eq!(Response::basic_challenge(realm).unwrap_err(), InvalidHeaderError::Value);
    assert_eq!(Response::bearer_challenge(realm).unwrap_err(), InvalidHeaderError::Value);
}

#[test]
fn the_challenge_is_401_with_the_scheme_and_the_realm() {
    in_virtual_time(async {
        for (response, challenge) in [
            (Response::basic_challenge("chat").unwrap(), "Basic realm=\"chat\", charset=\"UTF-8\""),
            (
                Response::bearer_challenge("a \"b\" \\c").unwrap(),
                "Bearer realm=\"a \\\"b\\\" \\\\c\"",
            ),
        ] {
            let mut peer = asking(move |request| match Credentials::of(&request) {
                Ok(credentials) if credentials.is_basic("a", "b") => Answer::accept(),
                _ => response.clone().into(),
            });
            peer.send(request().text()).await;
            let response = peer.refused(401).await;
            assert_eq!(response.header("WWW-Authenticate"), Some(challenge));
        }
    });
}

#[test]
fn secrets_are_compared_whole() {
    assert!(equal_in_constant_time("", ""));
    assert!(equal_in_constant_time("secret", b"secret"));
    assert!(!equal_in_constant_time("secret", "secres"));
    assert!(!equal_in_constant_time("secret", "secre"));
    assert!(!equal_in_constant_time("secret", ""));
}
