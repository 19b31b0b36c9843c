//! TLS for a listener, with rustls.

pub(crate) mod error;
pub(crate) mod session;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, ServerConfig};

pub use error::TlsError;
pub use session::TlsSession;
pub use tokio_rustls::rustls;

/// The certificate of a listener, for its `wss://` endpoints; see
/// [`ListenerBuilder::tls`](crate::ListenerBuilder::tls).
///
/// Clones share the certificate. [`replace`](Self::replace) changes it for a running listener.
///
/// ```no_run
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::tls::ServerTls;
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = ServerTls::from_pem_files("fullchain.pem", "privkey.pem")?;
/// let listener =
///     WebSocketListener::builder().tls(tls.clone()).bind("wss://localhost:8006").await?;
/// // After a renewal. If the new certificate is invalid, the old one stays.
/// tls.replace(&ServerTls::from_pem_files("fullchain.pem", "privkey.pem")?);
/// # Ok(())
/// # }
/// ```
///
/// A certificate for tests, which
/// [`Client::root_certificates`](crate::client::Client::root_certificates) and browsers can be
/// configured to trust:
///
/// ```text
/// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
///     -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
///     -keyout privkey.pem -out fullchain.pem
/// ```
///
/// Supports TLS 1.2 and 1.3, with the cryptography of `ring`. The TLS handshake is a part of the
/// opening handshake, bounded by [`max_negotiations`](crate::ListenerBuilder::max_negotiations) and
/// [`handshake_timeout`](crate::ListenerBuilder::handshake_timeout).
#[derive(Clone)]
pub struct ServerTls {
    current: Arc<RwLock<Configs>>,
}

/// A configuration, and the same with HTTP/2 among its protocols (RFC 7301).
#[derive(Clone)]
struct Configs {
    http1: Arc<ServerConfig>,
    #[cfg(feature = "h2")]
    http2: Arc<ServerConfig>,
}

impl ServerTls {
    /// Reads a chain of certificates, the listener's own first, and its private key (PKCS #8, PKCS
    /// #1 or SEC 1) from PEM files.
    ///
    /// The reads block: a task of a busy runtime calls this in
    /// [`spawn_blocking`](tokio::task::spawn_blocking).
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn from_pem_files(
        certificates: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::from_pem(&read(certificates.as_ref())?, &read(key.as_ref())?)
    }

    /// Parses the contents of such files.
    ///
    /// # Errors
    /// [`TlsError`], except [`Unreadable`](TlsError::Unreadable).
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| TlsError::InvalidCertificate)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            pem::Error::NoItemsFound => TlsError::NoKey,
            _ => TlsError::InvalidKey,
        })?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Rejected)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                Error::InconsistentKeys(_) => TlsError::KeyMismatch,
                Error::InvalidCertificate(_) => TlsError::InvalidCertificate,
                // The error of rustls for an unsupported key.
                Error::General(_) => TlsError::InvalidKey,
                error => TlsError::Rejected(error),
            })?;
        Ok(Self::from_config(config))
    }

    /// Takes a configuration of rustls, for client certificates, several certificates by name, or
    /// other versions.
    ///
    /// If the configuration has no ALPN protocols, they are added: `http/1.1`, and `h2` if the
    /// [listener](crate::ListenerBuilder) supports HTTP/2. The listener serves the protocol that
    /// the client begins with, regardless of ALPN.
    #[must_use]
    pub fn from_config(config: impl Into<Arc<ServerConfig>>) -> Self {
        Self { current: Arc::new(RwLock::new(Configs::new(&config.into()))) }
    }

    /// Uses the certificate of `with` for all later handshakes. Open connections keep theirs.
    pub fn replace(&self, with: &Self) {
        // Later changes to `with` do not affect this value.
        let configs = with.configs();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = configs;
    }

    /// Returns the configuration of the next handshake.
    pub(crate) fn config(&self, http2: bool) -> Arc<ServerConfig> {
        self.configs().choose(http2)
    }

    fn configs(&self) -> Configs {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Configs {
    fn new(config: &Arc<ServerConfig>) -> Self {
        Self {
            http1: with_protocols(config, &[b"http/1.1"]),
            #[cfg(feature = "h2")]
            http2: with_protocols(config, &[b"h2", b"http/1.1"]),
        }
    }

    #[cfg(feature = "h2")]
    fn choose(self, http2: bool) -> Arc<ServerConfig> {
        if http2 { self.http2 } else { self.http1 }
    }

    #[cfg(not(feature = "h2"))]
    fn choose(self, _http2: bool) -> Arc<ServerConfig> {
        self.http1
    }
}

fn with_protocols(config: &Arc<ServerConfig>, protocols: &[&[u8]]) -> Arc<ServerConfig> {
    let mut config = config.clone();
    if config.alpn_protocols.is_empty() {
        let protocols = protocols.iter().map(|protocol| protocol.to_vec());
        Arc::make_mut(&mut config).alpn_protocols = protocols.collect();
    }
    config
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error })
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
