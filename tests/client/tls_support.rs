//! Certificates made up on the spot, and servers that have them.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;
use websocket_listener::{Client, ServerTls, WebSocketListener};

use crate::support::listen;

/// Who vouches for the servers of a test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The certificate that vouches for the others.
    pub(crate) fn pem(&self) -> &[u8] {
        self.pem.as_bytes()
    }

    /// A client that trusts whom this vouches for.
    pub(crate) fn client(&self) -> Client {
        Client::new().root_certificates(self.pem()).unwrap()
    }

    /// A server's configuration, with a certificate for a name or an address.
    pub(crate) fn vouch_for(&self, name: &str) -> ServerConfig {
        self.vouch(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// The same with a certificate whose time is over.
    pub(crate) fn vouched_for(&self, name: &str) -> ServerConfig {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(2001, 1, 1);
        self.vouch(&params)
    }

    /// The same for a listener of ours, by way of PEM.
    pub(crate) fn vouch_for_listener(&self, name: &str) -> ServerTls {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ServerTls::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }

    fn vouch(&self, params: &CertificateParams) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

/// Echoes over TLS, and tells what the client asked for.
pub(crate) struct SecureEcho {
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl SecureEcho {
    pub(crate) async fn new(mut config: ServerConfig) -> Self {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (listener, address) = listen().await;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let accepting = acceptor.accept(stream);
                tokio::spawn(async move {
                    if let Ok(stream) = accepting.await {
                        echo(stream).await;
                    }
                });
            }
        });
        Self { address, task: task.abort_handle() }
    }

    /// Where it is, by the name that its certificate is for.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("wss://{host}:{}/", self.address.port())
    }
}

impl Drop for SecureEcho {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Says first what the client asked for, then the same as the client.
async fn echo(stream: TlsStream<TcpStream>) {
    let (_, tls) = stream.get_ref();
    let alpn = String::from_utf8_lossy(tls.alpn_protocol().unwrap_or(b"none")).into_owned();
    let greeting = format!("{} by {alpn}", tls.server_name().unwrap_or("nobody"));
    let Ok(mut socket) = WebSocketListener::builder().accept(stream).await else { return };
    let _ = socket.send(greeting).await;
    while let Ok(Some(message)) = socket.recv().await {
        let _ = socket.feed(message).await;
    }
}
