//! Certificates for the tests, made up on the spot.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use websocket_listener::rustls::crypto::ring;
use websocket_listener::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use websocket_listener::rustls::{ClientConfig, RootCertStore};
use websocket_listener::{ServerTls, WebSocketListener};

/// An authority that signs what the tests need.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its private key, as PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
    key_pair: KeyPair,
    der: rcgen::Certificate,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn identity(&self, name: &str) -> Identity {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let key_pair = KeyPair::generate().unwrap();
        let der = params.signed_by(&key_pair, &self.0).unwrap();
        Identity { certificate: der.pem(), key: key_pair.serialize_pem(), key_pair, der }
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }

    /// A client that trusts this authority and offers these protocols.
    pub(crate) fn client(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = self.client_builder().with_no_client_auth();
        config.alpn_protocols =
            protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }

    /// The same, with a certificate of its own.
    pub(crate) fn client_as(&self, identity: &Identity) -> ClientConfig {
        let (chain, key) = identity.der_and_key();
        self.client_builder().with_client_auth_cert(chain, key).unwrap()
    }

    fn client_builder(
        &self,
    ) -> websocket_listener::rustls::ConfigBuilder<
        ClientConfig,
        websocket_listener::rustls::client::WantsClientCert,
    > {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots())
    }
}

impl Identity {
    pub(crate) fn tls(&self) -> ServerTls {
        ServerTls::from_pem(self.certificate.as_bytes(), self.key.as_bytes()).unwrap()
    }

    pub(crate) fn der_and_key(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::Pkcs8(self.key_pair.serialize_der().into());
        (vec![self.der.der().clone()], key)
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.der.der()
    }
}

/// A listener with TLS on a free port, and the authority of its certificate.
pub(crate) async fn secure_listener() -> (WebSocketListener, Authority) {
    let authority = Authority::new();
    let tls = authority.identity("localhost").tls();
    let listener = WebSocketListener::builder().tls(tls).bind("wss://127.0.0.1:0").await.unwrap();
    (listener, authority)
}

/// A TLS connection to the listener, and no HTTP yet.
pub(crate) async fn dial(
    listener: &WebSocketListener,
    config: ClientConfig,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}
