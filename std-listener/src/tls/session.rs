//! The outcome of a TLS handshake.

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ProtocolVersion, ServerConnection};

/// What client and listener agreed on in the TLS handshake; see
/// [`Request::tls`](crate::Request::tls).
#[derive(Clone, Debug)]
pub struct TlsSession {
    server_name: Option<Box<str>>,
    alpn_protocol: Option<Box<[u8]>>,
    client_certificates: Box<[CertificateDer<'static>]>,
    version: Option<ProtocolVersion>,
}

impl TlsSession {
    pub(crate) fn of(connection: &ServerConnection) -> Self {
        let certificates = connection.peer_certificates().unwrap_or_default();
        Self {
            server_name: connection.server_name().map(Into::into),
            alpn_protocol: connection.alpn_protocol().map(Into::into),
            client_certificates: certificates.iter().map(|one| one.clone().into_owned()).collect(),
            version: connection.protocol_version(),
        }
    }

    /// The name that the client asked for (SNI, RFC 6066 section 3), in lower case.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The protocol that was agreed on (ALPN, RFC 7301): `http/1.1`, `h2`, or none if the client
    /// offered none.
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.alpn_protocol.as_deref()
    }

    /// The client's certificates, its own first: verified, if the listener's
    /// [configuration](crate::ServerTls::from_config) asks for certificates, otherwise none.
    #[must_use]
    pub fn client_certificates(&self) -> &[CertificateDer<'static>] {
        &self.client_certificates
    }

    /// The version of TLS.
    #[must_use]
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }
}
