//! An error prints its cause itself, so its sources begin after the cause: a printed chain says
//! nothing twice.

use std::error::Error as _;
use std::{fmt, io};

use websocket_listener::client::{ConnectError, ProxyError};
use websocket_listener::endpoint::BindError;
use websocket_listener::tls::TlsError;
use websocket_listener::{Error, ProtocolError};

/// An error with a cause of its own.
#[derive(Debug)]
struct Outer(io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the outer cause")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn failure() -> io::Error {
    io::Error::other(Outer(io::Error::other("the inner cause")))
}

/// The error's own text, and those of its sources.
fn chain(error: &dyn std::error::Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts
}

#[test]
fn a_cause_is_printed_once_and_its_own_source_is_available() {
    let errors: [Box<dyn std::error::Error>; 6] = [
        Box::new(Error::Io(failure())),
        Box::new(BindError::Lookup { host: "host".to_owned(), error: failure() }),
        Box::new(BindError::Refused { endpoint: "ws://[::]:80".to_owned(), error: failure() }),
        Box::new(ConnectError::Connect(failure())),
        Box::new(ConnectError::Proxy(ProxyError::Resolve(failure()))),
        Box::new(TlsError::Unreadable { path: "key.pem".into(), error: failure() }),
    ];
    for error in errors {
        let texts = chain(error.as_ref());
        let [own, behind] = &texts[..] else { panic!("{texts:?}") };
        assert!(own.ends_with("the outer cause"), "{own}");
        assert_eq!(behind, "the inner cause");
    }
}

#[test]
fn a_cause_without_a_source_of_its_own_is_not_a_source() {
    assert!(Error::Protocol(ProtocolError::MaskedFrame).source().is_none());
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    assert!(ConnectError::Connect(refused).source().is_none());
}
