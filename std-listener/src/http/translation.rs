//! The conversion of requests and responses from and to the crate `http`.

use std::sync::Arc;

use ::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ::http::request::Parts;
use ::http::{StatusCode, Version};
use bytes::Bytes;
use websocket_listener_core::handshake::{HeadError, ResponseError};

use super::request::Request;
use super::response::Response;
use crate::peer::Peer;

impl Request {
    /// Converts a request that another HTTP implementation has read.
    ///
    /// A request of HTTP/2 is translated to HTTP/1.1: `:authority` becomes `Host`, an extended
    /// CONNECT for a WebSocket (RFC 8441) becomes a GET with `Upgrade: websocket`, and the pieces of
    /// `Cookie` become one header (RFC 9113 section 8.2.3).
    pub(crate) fn translate(parts: &Parts, websocket: bool, peer: Peer) -> Result<Self, HeadError> {
        let mut head = Vec::with_capacity(512);
        let method = if websocket { "GET" } else { parts.method.as_str() };
        head.extend_from_slice(method.as_bytes());
        head.push(b' ');
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        head.extend_from_slice(target.as_bytes());
        let version: &[u8] =
            if parts.version == Version::HTTP_10 { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" };
        head.extend_from_slice(version);
        let http2 = parts.version == Version::HTTP_2;
        let authority = parts.uri.authority().filter(|_| http2);
        if let Some(authority) = authority {
            line(&mut head, "Host", authority.as_str().as_bytes());
        }
        for (name, value) in &parts.headers {
            let already_given = name == header::HOST && authority.is_some();
            let in_pieces = name == header::COOKIE && http2;
            if !already_given && !in_pieces {
                line(&mut head, name.as_str(), value.as_bytes());
            }
        }
        if http2 && parts.headers.contains_key(header::COOKIE) {
            let pieces = parts.headers.get_all(header::COOKIE).iter();
            let pieces: Vec<_> = pieces.map(HeaderValue::as_bytes).collect();
            line(&mut head, "Cookie", &pieces.join(&b"; "[..]));
        }
        if websocket {
            head.extend_from_slice(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Self::from_peer(Arc::from(head), peer)
    }
}

fn line(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

impl Response {
    /// Converts the response for another HTTP implementation. An invalid response, such as one with
    /// CR or LF in a header, becomes 500, as the listener would answer.
    pub fn into_http(self) -> ::http::Response<Bytes> {
        self.translate().unwrap_or_else(|_| {
            let mut response = ::http::Response::new(Bytes::new());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }

    fn translate(self) -> Result<::http::Response<Bytes>, ResponseError> {
        self.encode(false)?;
        let body = if self.status.has_body() { self.body } else { Bytes::new() };
        let mut response = ::http::Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status.code()).map_err(|_| ResponseError::InvalidStatus)?;
        *response.headers_mut() = header_map(&self.headers)?;
        Ok(response)
    }
}

pub(crate) fn header_map(headers: &[(String, Vec<u8>)]) -> Result<HeaderMap, ResponseError> {
    headers.iter().map(|(name, value)| header(name, value)).collect::<Result<_, _>>()
}

fn header(name: &str, value: &[u8]) -> Result<(HeaderName, HeaderValue), ResponseError> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ResponseError::InvalidHeader)?;
    let value = HeaderValue::from_bytes(value).map_err(|_| ResponseError::InvalidHeader)?;
    Ok((name, value))
}
