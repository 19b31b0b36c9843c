//! Which subprotocol is spoken (RFC 6455 sections 1.9 and 4.2.2 item 5.5).

use std::sync::Arc;

use websocket_listener_core::handshake::{is_subprotocol, select_subprotocol};

use super::request::Request;
use super::response::Response;
use crate::endpoint::error::BindError;

/// How a listener chooses.
#[derive(Clone, Default)]
pub(crate) struct Subprotocols {
    /// The preferred first.
    pub(crate) supported: Vec<String>,
    /// In place of `supported`.
    pub(crate) select: Option<Select>,
    /// Without one there is no connection.
    pub(crate) required: bool,
}

pub(crate) type Select = Arc<dyn Fn(&Request) -> Option<String> + Send + Sync>;

impl Subprotocols {
    /// Whether they can be offered.
    pub(crate) fn check(&self) -> Result<(), BindError> {
        match self.supported.iter().find(|name| !is_subprotocol(name)) {
            Some(name) => Err(BindError::InvalidSubprotocol { subprotocol: name.clone() }),
            None => Ok(()),
        }
    }

    /// The hook's choice or else the listener's, if it was offered.
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
            let why = "None of the subprotocols in Sec-WebSocket-Protocol is spoken here.";
            return Err(Response::plain(400, why));
        }
        Ok(chosen)
    }
}
