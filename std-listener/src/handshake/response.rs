//! The answer that accepts a WebSocket, written for HTTP/1.1 and as fields for the crate `http`.

#[cfg(feature = "http")]
use ::http::header::{
    HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL,
};
use bytes::BytesMut;
use websocket_listener_core::Role;
#[cfg(feature = "http")]
use websocket_listener_core::handshake::is_handshake_header;
use websocket_listener_core::handshake::{Accept, ResponseError, Upgrade};

use super::decision::Terms;
use super::established::Established;
use crate::config::ListenerConfig;
use crate::connection::details::{Details, OtherEnd};
use crate::extension::negotiation::{self, Agreed};
use crate::http::header::borrow_headers;
use crate::http::request::Request;
use crate::http::response::encode_with;
#[cfg(feature = "http")]
use crate::http::translation::header_map;

/// The server's consent to a WebSocket: what the answer says, and what follows from it.
pub(crate) struct Acceptance {
    terms: Terms,
    /// The element of `Sec-WebSocket-Extensions`, and what it agrees on.
    extension: Option<(String, Agreed)>,
}

impl Acceptance {
    /// Chooses the message extension, too.
    pub(crate) fn new(config: &ListenerConfig, request: &Request, terms: Terms) -> Self {
        let extension = negotiation::answer(&config.message_extensions, request.extensions());
        Self { terms, extension }
    }

    /// The bytes of the 101 of HTTP/1.1.
    pub(crate) fn encode(&self, upgrade: &Upgrade) -> Result<BytesMut, ResponseError> {
        let headers = borrow_headers(&self.terms.headers);
        let mut accept = Accept::new(upgrade).headers(&headers);
        if let Some(subprotocol) = &self.terms.subprotocol {
            accept = accept.subprotocol(subprotocol);
        }
        if let Some((element, _)) = &self.extension {
            accept = accept.extensions(element);
        }
        encode_with(|out| accept.write(out))
    }

    /// The fields of the answer that do not depend on the version of HTTP.
    #[cfg(feature = "http")]
    pub(crate) fn fields(&self) -> Result<HeaderMap, ResponseError> {
        if self.terms.headers.iter().any(|(name, _)| is_handshake_header(name)) {
            return Err(ResponseError::ReservedHeader);
        }
        let mut fields = header_map(&self.terms.headers)?;
        let mut insert = |name: HeaderName, value: &str, error| {
            fields.insert(name, HeaderValue::from_str(value).map_err(|_| error)?);
            Ok(())
        };
        if let Some(subprotocol) = &self.terms.subprotocol {
            insert(SEC_WEBSOCKET_PROTOCOL, subprotocol, ResponseError::InvalidSubprotocol)?;
        }
        if let Some((element, _)) = &self.extension {
            insert(SEC_WEBSOCKET_EXTENSIONS, element, ResponseError::InvalidExtensions)?;
        }
        Ok(fields)
    }

    /// The server's end of the connection, once the answer is sent.
    pub(crate) fn establish(
        self,
        config: &ListenerConfig,
        request: Request,
        received: BytesMut,
    ) -> Established {
        let Terms { subprotocol, seat, options, headers: _ } = self.terms;
        Established {
            role: Role::Server,
            options: options.map_or(config.options, |options| *options),
            details: Details { other_end: OtherEnd::Client(request), subprotocol },
            extension: self.extension.map(|(_, agreed)| agreed),
            received,
            seat,
        }
    }
}
