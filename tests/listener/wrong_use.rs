//! Row 9: certificates that are no good are told apart.

use websocket_listener::{ServerTls, TlsError};

use crate::certificates::Authority;

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = std::env::temp_dir().join("no-such-certificate.pem");
    let error = ServerTls::from_pem_files(&missing, &missing).unwrap_err();
    assert!(matches!(&error, TlsError::Unreadable { path, .. } if *path == missing), "{error}");
    assert!(error.to_string().contains("no-such-certificate.pem"));
}

#[test]
fn a_pair_of_files_that_fit_is_taken() {
    let identity = Authority::new().identity("localhost");
    let folder = std::env::temp_dir();
    let path = |name| folder.join(format!("{}-{name}", std::process::id()));
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    std::fs::write(&certificate, &identity.certificate).unwrap();
    std::fs::write(&key, &identity.key).unwrap();
    let read = ServerTls::from_pem_files(&certificate, &key);
    std::fs::remove_file(certificate).unwrap();
    std::fs::remove_file(key).unwrap();
    read.unwrap();
}

#[test]
fn each_fault_has_its_error() {
    let authority = Authority::new();
    let (one, other) = (authority.identity("localhost"), authority.identity("localhost"));
    let (certificate, key) = (one.certificate.as_str(), one.key.as_str());
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
    assert!(matches!(from(certificate, &other.key), TlsError::KeyMismatch));
}
