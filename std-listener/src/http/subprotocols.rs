//! The choice of the subprotocol (RFC 6455 section 1.9, RFC 6455 section 4.2.2 item 5.5).

use std::sync::Arc;

use websocket_listener_core::handshake::{is_subprotocol, select_subprotocol};

use super::request::Request;
use super::response::Response;
use super::status::Status;
use crate::endpoint::error::BindError;

/// A listener's rules for the choice.
#[derive(Clone, Default)]
pub(crate) struct Subprotocols {
    /// The supported subprotocols, the preferred one first.
    pub(crate) supported: Vec<String>,
    /// Replaces `supported`.
    pub(crate) select: Option<Select>,
    /// A connection without a subprotocol is refused.
    pub(crate) required: bool,
}

pub(crate) type Select = Arc<dyn Fn(&Request) -> Option<String> + Send + Sync>;

impl Subprotocols {
    /// Checks that clients can offer the supported subprotocols.
    pub(crate) fn check(&self) -> Result<(), BindError> {
        match self.supported.iter().find(|name| !is_subprotocol(name)) {
            Some(name) => Err(BindError::InvalidSubprotocol { subprotocol: name.clone() }),
            None => Ok(()),
        }
    }

    /// Returns the choice of the hook, otherwise that of the listener, if the client offered it.
    pub(crate) fn choose(
        &self,
        request: &Request,
        by_hook: Option<&str>,
    ) -> Result<Option<Box<str>>, Response> {
        let chosen = match (by_hook, &self.select) {
            (Some(chosen), _) => select_subprotocol(request.as_engine(), &[chosen]).map(Into::into),
            (None, Some(select)) => select(request).and_then(|chosen| {
                select_subprotocol(request.as_engine(), &[&chosen]).map(Into::into)
            }),
            (None, None) if self.supported.is_empty() => None,
            (None, None) => {
                let supported: Vec<_> = self.supported.iter().map(String::as_str).collect();
                select_subprotocol(request.as_engine(), &supported).map(Into::into)
            }
        };
        if chosen.is_none() && self.required {
            let why = "None of the subprotocols in Sec-WebSocket-Protocol is supported here.";
            return Err(Response::plain(Status::BAD_REQUEST, why));
        }
        Ok(chosen)
    }
}
