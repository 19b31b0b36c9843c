//! The negotiation of a connection's message extension (RFC 6455 section 9.1).

use std::sync::Arc;

use websocket_listener_core::ReservedBits;
use websocket_listener_core::handshake::ExtensionOffer;

use super::codec::MessageCodec;
use super::message::MessageExtension;

/// The agreed extension.
pub(crate) struct Agreed {
    pub(crate) reserved: ReservedBits,
    pub(crate) codec: Box<dyn MessageCodec>,
}

/// Returns the server's choice: the first offer (RFC 6455 section 4.2.2) that an extension accepts,
/// and the element of the answer. Without one, no extension acts (RFC 6455 section 5.8).
pub(crate) fn answer<'a>(
    extensions: &[Arc<dyn MessageExtension>],
    offers: impl Iterator<Item = ExtensionOffer<'a>>,
) -> Option<(String, Agreed)> {
    if extensions.is_empty() {
        return None;
    }
    for offer in offers {
        for extension in named(extensions, &offer) {
            if let Some((element, codec)) = extension.accept(&offer) {
                return Some((element, Agreed { reserved: extension.reserved_bits(), codec }));
            }
        }
    }
    None
}

/// Returns all offers of a client.
pub(crate) fn offer(extensions: &[Arc<dyn MessageExtension>]) -> Option<String> {
    let offers: Vec<_> = extensions.iter().map(|extension| extension.offer()).collect();
    (!offers.is_empty()).then(|| offers.join(", "))
}

/// Checks the server's answer, which has only names that the client offered.
pub(crate) fn confirm<'a>(
    extensions: &[Arc<dyn MessageExtension>],
    mut answers: impl Iterator<Item = ExtensionOffer<'a>>,
) -> Result<Option<Agreed>, Unacceptable> {
    let Some(answer) = answers.next() else { return Ok(None) };
    if answers.next().is_some() {
        return Err(Unacceptable);
    }
    let confirmed = named(extensions, &answer).find_map(|extension| {
        let codec = extension.confirm(&answer)?;
        Some(Agreed { reserved: extension.reserved_bits(), codec })
    });
    confirmed.map(Some).ok_or(Unacceptable)
}

/// An answer that does not fit the offer.
pub(crate) struct Unacceptable;

fn named<'e>(
    extensions: &'e [Arc<dyn MessageExtension>],
    offer: &ExtensionOffer<'_>,
) -> impl Iterator<Item = &'e Arc<dyn MessageExtension>> {
    let name = offer.name().to_owned();
    extensions.iter().filter(move |extension| extension.name() == name)
}
