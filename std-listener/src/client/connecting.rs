//! The way from a URL to a connection: redirects, proxy, TLS.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tracing::{Instrument, Span};

use super::deadline::Deadline;
use super::error::{ConnectError, ConnectStep, ProxyError, RedirectError};
use super::opening::Opening;
use super::url::Url;
use super::visit::Visit;
use super::{Client, dial, proxy};
use crate::transport::Transport;
use crate::websocket::WebSocket;

impl Client {
    pub(super) async fn follow(&self, url: &str) -> Result<WebSocket, ConnectError> {
        let visit = Visit::new(self, Url::parse(url)?);
        let span = visit.span.clone().unwrap_or_else(Span::none);
        self.follow_from(visit).instrument(span).await
    }

    async fn follow_from(&self, mut visit: Visit) -> Result<WebSocket, ConnectError> {
        let deadline = Deadline::after(self.connect_timeout);
        let mut redirects = 0;
        loop {
            self.check(&visit)?;
            let (stream, peer_addr) = self.reach(&visit.url, deadline).await?;
            let refusal = match self.open(stream, peer_addr, &visit, deadline).await? {
                Opening::Established(socket) => return Ok(socket),
                Opening::Refused(refusal) => refusal,
            };
            if self.max_redirects == 0 || !refusal.is_redirect() {
                return Err(refusal.into_error(deadline).await);
            }
            let response = refusal.response;
            if redirects == self.max_redirects {
                return Err(ConnectError::Redirect { reason: RedirectError::TooMany, response });
            }
            redirects += 1;
            visit = visit.redirected(response)?;
        }
    }

    pub(super) async fn over<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        url: &str,
    ) -> Result<WebSocket<S>, ConnectError> {
        let visit = Visit::new(self, Url::parse(url)?);
        let deadline = Deadline::after(self.connect_timeout);
        let span = visit.span.clone().unwrap_or_else(Span::none);
        self.ask(stream, &visit, deadline).instrument(span).await
    }

    /// Performs the opening handshake over a given stream, without address or redirects.
    async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        visit: &Visit,
        deadline: Deadline,
    ) -> Result<WebSocket<S>, ConnectError> {
        match self.open(stream, None, visit, deadline).await? {
            Opening::Established(socket) => Ok(socket),
            Opening::Refused(refusal) => Err(refusal.into_error(deadline).await),
        }
    }

    #[cfg(unix)]
    pub(super) async fn through_socket(
        &self,
        path: &std::path::Path,
        url: &str,
    ) -> Result<WebSocket, ConnectError> {
        let visit = Visit::new(self, Url::parse(url)?);
        self.check(&visit)?;
        let deadline = Deadline::after(self.connect_timeout);
        let span = visit.span.clone().unwrap_or_else(Span::none);
        let asking = async {
            let connecting = tokio::net::UnixStream::connect(path);
            let connecting = async { connecting.await.map_err(ConnectError::Connect) };
            let stream = deadline.within(ConnectStep::Connect, connecting).await?;
            let stream = self.secure(Transport::Unix(stream), &visit.url, deadline).await?;
            self.ask(stream, &visit, deadline).await
        };
        asking.instrument(span).await
    }

    /// Connects to a URL's host (RFC 6455 section 4.1), with TLS for `wss`.
    async fn reach(
        &self,
        url: &Url,
        deadline: Deadline,
    ) -> Result<(Transport, Option<SocketAddr>), ConnectError> {
        tracing::debug!(host = url.host_header(), "connecting");
        let stream = match self.proxy.on_the_way_to(url)? {
            None => {
                let host = &url.authority.host;
                let resolving = dial::resolve(host, url.port(), &self.known_hosts);
                let resolving = async { resolving.await.map_err(ConnectError::Resolve) };
                let addresses = deadline.within(ConnectStep::Resolve, resolving).await?;
                let connecting = dial::connect(addresses);
                let connecting = async { connecting.await.map_err(ConnectError::Connect) };
                deadline.within(ConnectStep::Connect, connecting).await?
            }
            Some(proxy) => {
                let port = proxy.port.unwrap_or(80);
                let resolving = dial::resolve(&proxy.host, port, &self.known_hosts);
                let resolving = async { resolving.await.map_err(ProxyError::Resolve) };
                let addresses = deadline.within(ConnectStep::Resolve, resolving).await?;
                let connecting = dial::connect(addresses);
                let connecting = async { connecting.await.map_err(ProxyError::Connect) };
                let mut stream = deadline.within(ConnectStep::Connect, connecting).await?;
                proxy::tunnel(&mut stream, &proxy, url, deadline).await?;
                stream
            }
        };
        let peer_addr = stream.peer_addr().ok();
        Ok((self.secure(Transport::Tcp(stream), url, deadline).await?, peer_addr))
    }

    /// Performs the TLS handshake for `wss` (RFC 6455 section 4.1).
    #[cfg(feature = "tls")]
    async fn secure(
        &self,
        stream: Transport,
        url: &Url,
        deadline: Deadline,
    ) -> Result<Transport, ConnectError> {
        if !url.secure {
            return Ok(stream);
        }
        let handshake = super::tls::connect(stream, &url.authority.host, self.tls.clone());
        deadline.within(ConnectStep::Tls, handshake).await
    }

    #[cfg(not(feature = "tls"))]
    async fn secure(
        &self,
        stream: Transport,
        url: &Url,
        _: Deadline,
    ) -> Result<Transport, ConnectError> {
        if url.secure { Err(ConnectError::TlsUnavailable) } else { Ok(stream) }
    }
}
