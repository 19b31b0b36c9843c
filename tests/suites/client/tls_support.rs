//! Clients that trust, and servers that have, certificates made up on the spot.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;
use websocket_listener::WebSocketListener;
use websocket_listener::client::Client;
use websocket_listener_tests::{Authority, Identity};

use crate::support::listen;

/// A client that trusts the servers for which the authority vouches.
pub(crate) fn client_of(authority: &Authority) -> Client {
    Client::new().root_certificates(authority.certificate().pem().as_bytes()).unwrap()
}

pub(crate) fn server_config(identity: &Identity) -> ServerConfig {
    let key = PrivateKeyDer::Pkcs8(identity.key.serialize_der().into());
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.der().clone()], key)
        .unwrap()
}

/// Echoes over TLS, and tells what the client asked for.
pub(crate) struct SecureEcho {
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl SecureEcho {
    pub(crate) async fn new(identity: &Identity) -> Self {
        let mut config = server_config(identity);
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
    let greeting = format!("{} by {alpn}", tls.server_name().unwrap_or("no name"));
    let Ok(mut socket) = WebSocketListener::builder().acceptor().accept(stream).await else {
        return;
    };
    let _ = socket.send(greeting).await;
    while let Ok(Some(message)) = socket.recv().await {
        let _ = socket.feed(message).await;
    }
}
