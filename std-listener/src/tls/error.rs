//! The errors of certificates and keys.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls::Error;

/// The fault of a certificate or a key for [`ServerTls`](crate::tls::ServerTls), or of the
/// `root_certificates` of a [`Client`](crate::client::Client).
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The PEM text contains no certificate.
    NoCertificate,
    /// A certificate is not valid PEM, or not a valid certificate.
    InvalidCertificate,
    /// The PEM text contains no private key, or only an encrypted one.
    NoKey,
    /// The private key is not valid PEM, or of an unsupported kind.
    InvalidKey,
    /// The private key does not belong to the first certificate.
    KeyMismatch,
    /// rustls reports another fault.
    Rejected(Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => {
                write!(f, "failed to read {}: {error}", path.display())
            }
            Self::NoCertificate => f.write_str("missing certificate"),
            Self::InvalidCertificate => f.write_str("invalid certificate"),
            Self::NoKey => f.write_str("missing unencrypted private key"),
            Self::InvalidKey => f.write_str("invalid private key"),
            Self::KeyMismatch => f.write_str("private key does not match the certificate"),
            Self::Rejected(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TlsError {
    /// Returns the source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => error.source(),
            Self::Rejected(error) => error.source(),
            _ => None,
        }
    }
}
