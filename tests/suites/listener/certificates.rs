//! Listeners and clients with certificates.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use websocket_listener::WebSocketListener;
use websocket_listener::tls::ServerTls;
use websocket_listener::tls::rustls::client::WantsClientCert;
use websocket_listener::tls::rustls::crypto::ring;
use websocket_listener::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use websocket_listener::tls::rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use websocket_listener_tests::{Authority, Identity};

/// A listener with TLS on a free port, and the authority of its certificate.
pub(crate) async fn secure_listener() -> (WebSocketListener, Authority) {
    let authority = Authority::new();
    let tls = server_tls(&authority.identity("localhost"));
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

pub(crate) fn server_tls(identity: &Identity) -> ServerTls {
    let Identity { certificate, key } = identity;
    ServerTls::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
}

/// A client that trusts this authority and offers these protocols.
pub(crate) fn client_config(authority: &Authority, protocols: &[&str]) -> ClientConfig {
    let mut config = trusting(authority).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

/// The same, with a certificate of its own.
pub(crate) fn client_config_as(authority: &Authority, identity: &Identity) -> ClientConfig {
    let (chain, key) = chain_and_key(identity);
    trusting(authority).with_client_auth_cert(chain, key).unwrap()
}

pub(crate) fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().der().clone()).unwrap();
    roots
}

pub(crate) fn chain_and_key(
    identity: &Identity,
) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = PrivateKeyDer::Pkcs8(identity.key.serialize_der().into());
    (vec![identity.certificate.der().clone()], key)
}

fn trusting(authority: &Authority) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(authority))
}
