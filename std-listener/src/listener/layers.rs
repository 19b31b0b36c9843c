//! The layers between a transport and HTTP: the header of the PROXY protocol, TLS, and user-defined
//! extensions.

use crate::config::ListenerConfig;
use crate::handshake::refusal::Refusal;
use crate::http::replay::Replay;
use crate::peer::Peer;
use crate::proxy::Client;
use crate::proxy::proxy_protocol::{NoProxyHeader, read_header};
use crate::transport::Transport;

/// A refusal, and the stream for it, if one is usable.
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) stream: Option<Transport>,
}

impl From<Refusal> for Box<Refused> {
    fn from(refusal: Refusal) -> Self {
        Self::new(Refused { refusal, stream: None })
    }
}

/// Returns true if a layer applies.
pub(super) fn are_there(config: &ListenerConfig, peer: &Peer) -> bool {
    peer.is_tls()
        || !config.connection_extensions.is_empty()
        || config.proxy_protocol.as_ref().is_some_and(|it| it.concerns(peer.addr))
}

/// Takes a stream through the layers, and completes the peer.
pub(super) async fn pass(
    config: &ListenerConfig,
    mut stream: Transport,
    peer: &mut Peer,
) -> Result<Transport, Box<Refused>> {
    if let Some(protocol) = &config.proxy_protocol
        && protocol.concerns(peer.addr)
        && protocol.is_expected_on(&stream).await
    {
        match read_header(&mut stream).await {
            Ok(Client::Peer) => {}
            Ok(client) => peer.more_mut().client = client,
            Err(NoProxyHeader::Absent(received)) if !protocol.is_required() => {
                stream = Transport::other(Replay::new(received.into(), stream));
            }
            Err(NoProxyHeader::Absent(_) | NoProxyHeader::Malformed) => {
                return Err(Refusal::ProxyHeader.into());
            }
            Err(NoProxyHeader::Disconnected) => return Err(Refusal::Disconnected.into()),
        }
    }
    #[cfg(feature = "tls")]
    if let (Some(tls), true) = (&config.tls, peer.is_tls()) {
        #[cfg(feature = "h2")]
        let http2 = config.http2.is_some();
        #[cfg(not(feature = "h2"))]
        let http2 = false;
        stream = secure(tls.config(http2), stream, peer).await?;
    }
    for extension in &config.connection_extensions {
        // After any error, the stream is unusable.
        let wrapped = extension.wrap(stream).await.map_err(|_| Refusal::Disconnected)?;
        stream = Transport::Other(wrapped);
    }
    Ok(stream)
}

/// Performs the TLS handshake (RFC 6455 section 4.2.2).
#[cfg(feature = "tls")]
async fn secure(
    config: std::sync::Arc<tokio_rustls::rustls::ServerConfig>,
    stream: Transport,
    peer: &mut Peer,
) -> Result<Transport, Box<Refused>> {
    use std::io::ErrorKind;

    if begins_with_a_letter(&stream).await {
        return Err(over(stream, Refusal::PlainHttp));
    }
    let accepting = tokio_rustls::TlsAcceptor::from(config).accept(stream);
    match accepting.into_fallible().await {
        Ok(stream) => {
            peer.more_mut().tls = Some(crate::tls::session::TlsSession::of(stream.get_ref().1));
            Ok(Transport::Tls(Box::new(stream.into())))
        }
        Err((error, stream)) => Err(match error.kind() {
            // The peer disconnected.
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                Refusal::Disconnected.into()
            }
            _ => over(stream, Refusal::Tls(error)),
        }),
    }
}

#[cfg(feature = "tls")]
fn over(stream: Transport, refusal: Refusal) -> Box<Refused> {
    Box::new(Refused { refusal, stream: Some(stream) })
}

/// Returns true if the stream begins with HTTP and not TLS; false for a stream that does not support
/// peeking, which TLS then refuses.
#[cfg(feature = "tls")]
async fn begins_with_a_letter(stream: &Transport) -> bool {
    let Transport::Tcp(stream) = stream else { return false };
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1..)) && first[0].is_ascii_alphabetic()
}
