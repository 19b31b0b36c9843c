//! TLS for a client, with rustls.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

use super::Client;
use super::error::ConnectError;
use super::error::UrlError;
use crate::tls::error::TlsError;
use crate::transport::Transport;

/// The only protocol over TLS (RFC 7301).
const ALPN: &[u8] = b"http/1.1";

impl Client {
    /// Sets the root certificates for `wss`: only servers whose certificates they have signed are
    /// trusted. The default roots are those of Mozilla, from the crate `webpki-roots`.
    ///
    /// `pem` is the content of a PEM file with one or more certificates:
    ///
    /// ```no_run
    /// # use websocket_listener::client::Client;
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::new().root_certificates(&std::fs::read("certificate.pem")?)?;
    /// let socket = client.connect("wss://localhost:8443/").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A self-signed certificate of a server may be its own root, unless it is the certificate of
    /// an authority, which `openssl req -x509` makes by default: rustls rejects it with
    /// `CaUsedAsEndEntity`. The documentation of [`ServerTls`](crate::tls::ServerTls) has a command
    /// for a valid one.
    ///
    /// # Errors
    /// [`TlsError::NoCertificate`] and [`TlsError::InvalidCertificate`].
    pub fn root_certificates(self, pem: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| TlsError::InvalidCertificate)?;
            roots.add(certificate).map_err(|_| TlsError::InvalidCertificate)?;
        }
        if roots.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        Ok(self.tls_config(with_roots(roots).map_err(TlsError::Rejected)?))
    }

    /// Sets the configuration of rustls for `wss`, for client certificates, another verifier or other
    /// versions. If it has no ALPN protocols, `http/1.1` is added.
    #[must_use]
    pub fn tls_config(mut self, config: impl Into<Arc<ClientConfig>>) -> Self {
        let mut config = config.into();
        if config.alpn_protocols.is_empty() {
            Arc::make_mut(&mut config).alpn_protocols.push(ALPN.to_vec());
        }
        self.tls = Some(config);
        self
    }
}

/// Performs the TLS handshake with `host`, which it names (RFC 6455 section 4.1).
pub(super) async fn connect(
    stream: Transport,
    host: &str,
    config: Option<Arc<ClientConfig>>,
) -> Result<Transport, ConnectError> {
    let config = config.map_or_else(default_config, Ok).map_err(ConnectError::Tls)?;
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| ConnectError::Url(UrlError::Host))?;
    let stream = TlsConnector::from(config).connect(name, stream).await.map_err(failed)?;
    Ok(Transport::Tls(Box::new(stream.into())))
}

fn failed(error: io::Error) -> ConnectError {
    match error.downcast::<Error>() {
        Ok(error) => ConnectError::Tls(error),
        Err(_) => ConnectError::Disconnected,
    }
}

/// Returns the default configuration. It is shared, because a connection with a session ticket from
/// it takes one round trip less.
fn default_config() -> Result<Arc<ClientConfig>, Error> {
    static DEFAULT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = DEFAULT.get() {
        return Ok(config.clone());
    }
    let mut config = with_roots(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())?;
    config.alpn_protocols.push(ALPN.to_vec());
    Ok(DEFAULT.get_or_init(|| Arc::new(config)).clone())
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
