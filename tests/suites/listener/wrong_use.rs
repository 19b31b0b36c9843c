//! Wrong use: each mistake has an error of its own, and leaves nothing behind.
//!
//! Of clients, it is in `tests/suites/client`: bad URLs in `urls.rs`, certificates that do not fit in `tls.rs`,
//! requests that cannot be sent in `opening.rs`. A second reader is refused by the compiler: see
//! [`WebSocketReader`](websocket_listener::WebSocketReader).

use std::fs;
use std::io;
use std::net::TcpListener;

use websocket_listener::WebSocketListener;
use websocket_listener::endpoint::{BindError, Endpoint};
use websocket_listener::tls::{ServerTls, TlsError};
use websocket_listener_tests::Authority;

use crate::folder::Folder;
use crate::support::in_real_time;

#[test]
fn a_port_in_use_is_reported_with_its_endpoint_and_nothing_is_bound() {
    in_real_time(async {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let _taker = WebSocketListener::bind(taken).await.unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = WebSocketListener::bind([free, taken]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&format!("ws://{taken}")), "{error}");
        let as_io = io::Error::from(error);
        assert_eq!(as_io.kind(), io::ErrorKind::AddrInUse);
        assert!(as_io.get_ref().unwrap().downcast_ref::<BindError>().is_some());
        TcpListener::bind(free).expect("the first was given back");
    });
}

#[cfg(unix)]
#[test]
fn a_socket_with_a_listener_is_in_use() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let taken = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(matches!(error, BindError::Refused { .. }));
        drop(tokio::net::UnixStream::connect(&path).await.expect("still the other's"));
        drop(taken);
    });
}

#[cfg(unix)]
#[test]
fn a_file_that_is_not_a_socket_is_left_alone() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        fs::write(&path, "precious").unwrap();
        let error = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap_err();
        assert!(matches!(&error, BindError::NotASocket { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    });
}

#[cfg(unix)]
#[test]
fn a_path_that_cannot_exist_is_reported() {
    in_real_time(async {
        let folder = Folder::new();
        let missing = folder.file("no/such/folder");
        let error = WebSocketListener::bind(Endpoint::unix(missing)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let long = folder.file(&"a".repeat(200));
        let error = WebSocketListener::bind(Endpoint::unix(long)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    });
}

#[test]
fn a_certificate_and_its_key_that_can_be_read_are_taken() {
    let folder = Folder::new();
    let (certificate, key) = (folder.file("certificate.pem"), folder.file("key.pem"));
    let identity = Authority::new().identity("localhost");
    fs::write(&certificate, identity.certificate.pem()).unwrap();
    fs::write(&key, identity.key.serialize_pem()).unwrap();
    ServerTls::from_pem_files(&certificate, &key).unwrap();
}

/// A folder, because permissions do not stop root.
#[test]
fn a_key_or_certificate_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let certificate = folder.file("certificate.pem");
    fs::write(&certificate, Authority::new().identity("localhost").certificate.pem()).unwrap();
    let unreadable = folder.file("folder.pem");
    fs::create_dir(&unreadable).unwrap();
    for bad in [&unreadable, &folder.file("missing.pem")] {
        for (certificate, key) in [(&certificate, bad), (bad, &certificate)] {
            let error = ServerTls::from_pem_files(certificate, key).unwrap_err();
            assert!(matches!(&error, TlsError::Unreadable { path, .. } if path == bad), "{error}");
            assert!(error.to_string().contains(bad.to_str().unwrap()), "{error}");
        }
    }
}

#[test]
fn a_key_file_of_garbage_holds_no_key() {
    let folder = Folder::new();
    let (certificate, key) = (folder.file("certificate.pem"), folder.file("key.pem"));
    fs::write(&certificate, Authority::new().identity("localhost").certificate.pem()).unwrap();
    for garbage in [&b""[..], b"\0\x01\xfe\xff", &[b'-'; 10_000], b"-----BEGIN"] {
        fs::write(&key, garbage).unwrap();
        let error = ServerTls::from_pem_files(&certificate, &key).unwrap_err();
        assert!(matches!(error, TlsError::NoKey | TlsError::InvalidKey), "{error:?}");
    }
}

#[test]
fn each_fault_of_a_certificate_or_its_key_has_its_error() {
    let authority = Authority::new();
    let (one, other) = (authority.identity("localhost"), authority.identity("localhost"));
    let (certificate, key) = (&*one.certificate.pem(), &*one.key.serialize_pem());
    let from = |certificate: &str, key: &str| {
        ServerTls::from_pem(certificate.as_bytes(), key.as_bytes()).map(drop).unwrap_err()
    };
    let no_certificate = |error| matches!(error, TlsError::NoCertificate);
    let invalid_certificate = |error| matches!(error, TlsError::InvalidCertificate);
    let no_key = |error| matches!(error, TlsError::NoKey);
    let invalid_key = |error| matches!(error, TlsError::InvalidKey);
    assert!(no_certificate(from("", key)));
    assert!(no_certificate(from("not PEM at all", key)));
    assert!(no_certificate(from(key, key)), "the two files exchanged");
    assert!(no_key(from(certificate, "")));
    assert!(no_key(from(certificate, certificate)));
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert!(no_key(from(certificate, &encrypted)));
    let wrap = |what: &str, base64: &str| {
        format!("-----BEGIN {what}-----\n{base64}\n-----END {what}-----\n")
    };
    assert!(invalid_certificate(from(&wrap("CERTIFICATE", "!!!!"), key)));
    assert!(invalid_certificate(from(&wrap("CERTIFICATE", "AAAA"), key)));
    assert!(invalid_certificate(from("-----BEGIN CERTIFICATE-----\nAAAA\n", key)));
    assert!(invalid_key(from(certificate, &wrap("PRIVATE KEY", "!!!!"))));
    assert!(invalid_key(from(certificate, &wrap("PRIVATE KEY", "AAAA"))));
    assert!(matches!(from(certificate, &other.key.serialize_pem()), TlsError::KeyMismatch));
}

/// RFC 6455 section 4.1: the name of a subprotocol is a token.
#[test]
fn a_subprotocol_that_no_client_can_offer_is_named_and_nothing_is_bound() {
    in_real_time(async {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for name in ["", "chat v2", "chat,log", "chat\r\nX: y", "ch\u{e4}t"] {
            let builder = WebSocketListener::builder().subprotocols(["chat", name]);
            let error = builder.bind(free).await.unwrap_err();
            let BindError::InvalidSubprotocol { subprotocol } = &error else { panic!("{error}") };
            assert_eq!(subprotocol, name);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(!error.to_string().contains(['\r', '\n']), "{error}");
        }
        TcpListener::bind(free).expect("nothing listens");
        let builder = WebSocketListener::builder().subprotocols(["chat.v2", "mqtt"]);
        builder.bind(free).await.expect("tokens are taken");
    });
}
