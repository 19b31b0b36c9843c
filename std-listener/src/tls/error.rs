//! Why a certificate cannot be used.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls::Error;

/// Why [`ServerTls`](crate::ServerTls), or [`Client`](crate::Client)'s `root_certificates`, cannot use
/// what it was given.
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
    /// There is no certificate where there should be some.
    NoCertificate,
    /// A certificate is not valid PEM, or not a valid certificate.
    InvalidCertificate,
    /// There is no private key where there should be one; an encrypted one counts as none.
    NoKey,
    /// The private key is not valid PEM, or of a kind that cannot be used.
    InvalidKey,
    /// The private key does not belong to the first certificate.
    KeyMismatch,
    /// rustls refuses it for another reason.
    Rejected(Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => {
                write!(f, "cannot read `{}`: {error}", path.display())
            }
            Self::NoCertificate => f.write_str("there is no certificate"),
            Self::InvalidCertificate => f.write_str("invalid certificate"),
            Self::NoKey => f.write_str("there is no unencrypted private key"),
            Self::InvalidKey => f.write_str("invalid private key"),
            Self::KeyMismatch => f.write_str("the private key is not that of the certificate"),
            Self::Rejected(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TlsError {
    /// The source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => error.source(),
            Self::Rejected(error) => error.source(),
            _ => None,
        }
    }
}
