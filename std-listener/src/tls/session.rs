//! The outcome of a TLS handshake.

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ProtocolVersion, ServerConnection};

/// The outcome of a connection's TLS handshake; see [`Request::tls`](crate::http::Request::tls).
///
/// ```
/// use websocket_listener::http::Status;
/// use websocket_listener::http::{Answer, Request, Response};
///
/// /// Accepts clients with a certificate, which the listener's configuration has verified.
/// fn certified(request: &Request) -> Answer {
///     match request.tls() {
///         Some(session) if !session.client_certificates().is_empty() => Answer::accept(),
///         _ => Answer::respond(Response::new(Status::FORBIDDEN)),
///     }
/// }
/// ```
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

    /// Returns the server name that the client requested (SNI, RFC 6066 section 3), in lower case.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Returns the agreed protocol (ALPN, RFC 7301): `http/1.1`, `h2`, or `None` if the client
    /// offered none.
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.alpn_protocol.as_deref()
    }

    /// Returns the client's certificates, its own first. They are verified; the list is empty unless
    /// the listener's [configuration](crate::tls::ServerTls::from_config) requests certificates.
    #[must_use]
    pub fn client_certificates(&self) -> &[CertificateDer<'static>] {
        &self.client_certificates
    }

    /// Returns the version of TLS.
    #[must_use]
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }
}
