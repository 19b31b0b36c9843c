//! permessage-deflate (RFC 7692): its memory, and the connections that use parts of it.

use core::cell::Cell;
use core::fmt;

use websocket_listener_core::Role;
use websocket_listener_core::deflate::{Deflater, Inflater};
use websocket_listener_core::handshake::ExtensionOffer;
use websocket_listener_core::io::Codec;
pub(crate) use websocket_listener_core::permessage_deflate::Agreement;
use websocket_listener_core::permessage_deflate::{AnswerError, ExtensionValue, Settings};

use crate::transport::Inner;

/// Static memory for up to `CONNECTIONS` compressed connections at a time. Each has a window of
/// `INFLATE` bytes for receiving and one of `DEFLATE` bytes for sending, powers of two from 256 to
/// 32,768, and about 1.7 KiB besides.
///
/// A listener ([`permessage_deflate`](crate::WebSocketListener::permessage_deflate)) or a client
/// takes it. While all of it is in use, further connections are not compressed.
///
/// ```
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::permessage_deflate::Settings;
/// use websocket_listener_embassy::{Compression, Options, Resources, Stack, WebSocketListener};
///
/// static RESOURCES: StaticCell<Resources<4, 2048, 2048>> = StaticCell::new();
/// static COMPRESSION: StaticCell<Compression<2>> = StaticCell::new(); // two of the four
///
/// fn listen(stack: Stack) -> WebSocketListener {
///     let resources = RESOURCES.init(const { Resources::new() });
///     let compression = COMPRESSION.init(const { Compression::new() });
///     WebSocketListener::new(stack, 80, resources, Options::new())
///         .permessage_deflate(compression, Settings::new())
/// }
/// ```
#[doc(alias("deflate", "permessage-deflate"))]
pub struct Compression<
    const CONNECTIONS: usize,
    const INFLATE: usize = 1024,
    const DEFLATE: usize = 1024,
> {
    inflaters: [Inflater<[u8; INFLATE]>; CONNECTIONS],
    deflaters: [Deflater<[u8; DEFLATE]>; CONNECTIONS],
    homes: [Home; CONNECTIONS],
}

/// The place of a codec while no connection uses it.
struct Home {
    codec: Cell<Option<Codec>>,
    lent: Cell<bool>,
}

impl<const CONNECTIONS: usize, const INFLATE: usize, const DEFLATE: usize>
    Compression<CONNECTIONS, INFLATE, DEFLATE>
{
    /// Creates the memory, unused.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            inflaters: [const { Inflater::new() }; CONNECTIONS],
            deflaters: [const { Deflater::new() }; CONNECTIONS],
            homes: [const { Home { codec: Cell::new(None), lent: Cell::new(false) } }; CONNECTIONS],
        }
    }

    fn homes(&'static mut self) -> &'static [Home] {
        let Self { inflaters, deflaters, homes } = self;
        for ((home, inflater), deflater) in homes.iter_mut().zip(inflaters).zip(deflaters) {
            home.codec.set(Some(Codec { inflater, deflater }));
        }
        homes
    }
}

impl<const CONNECTIONS: usize, const INFLATE: usize, const DEFLATE: usize> Default
    for Compression<CONNECTIONS, INFLATE, DEFLATE>
{
    fn default() -> Self {
        Self::new()
    }
}

/// The memory and settings that the connections of a listener or a client compress with.
#[derive(Clone, Copy)]
pub(crate) struct Compressing {
    settings: Settings,
    homes: &'static [Home],
}

impl Compressing {
    pub(crate) const NONE: Self = Self { settings: Settings::new(), homes: &[] };

    pub(crate) fn new<const CONNECTIONS: usize, const INFLATE: usize, const DEFLATE: usize>(
        compression: &'static mut Compression<CONNECTIONS, INFLATE, DEFLATE>,
        settings: Settings,
    ) -> Self {
        Self { settings, homes: compression.homes() }
    }

    /// Returns a listener's answer to a client's offers, if the memory has room for a connection.
    pub(crate) fn select<'a>(
        &self,
        offers: impl Iterator<Item = ExtensionOffer<'a>>,
    ) -> Option<Agreement> {
        let (_given_back, settings) = self.lend(Role::Server)?;
        settings.select(offers)
    }

    /// Lends the codec for a connection with this agreement.
    pub(crate) fn begin(&self, agreement: Option<Agreement>) -> Compressed {
        let agreed = agreement.and_then(|agreement| Some((agreement, self.lend(Role::Server)?.0)));
        Compressed(agreed)
    }

    /// Returns a client's offer, with the codec for it.
    pub(crate) fn offer(&self, role: Role) -> Offered {
        Offered(self.lend(role))
    }

    fn lend(&self, role: Role) -> Option<(Lent, Settings)> {
        let home = self.homes.iter().find(|home| !home.lent.replace(true))?;
        let lent = Lent(home);
        let codec = home.codec.take()?;
        let settings = codec.limit(self.settings, role);
        home.codec.set(Some(codec));
        Some((lent, settings))
    }
}

/// A client's offer, with the codec for it; empty if the memory has no room for a connection.
pub(crate) struct Offered(Option<(Lent, Settings)>);

impl Offered {
    pub(crate) fn value(&self) -> Option<ExtensionValue> {
        self.0.as_ref().map(|(_, settings)| settings.offer())
    }

    pub(crate) fn verify<'a>(
        &mut self,
        answers: impl Iterator<Item = ExtensionOffer<'a>>,
    ) -> Result<Compressed, AnswerError> {
        let Some((codec, settings)) = self.0.take() else { return Ok(Compressed::NONE) };
        let agreement = settings.verify(answers)?;
        Ok(Compressed(agreement.map(|agreement| (agreement, codec))))
    }
}

/// The agreement and the codec of a connection; empty if it is not compressed.
pub(crate) struct Compressed(Option<(Agreement, Lent)>);

impl Compressed {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn agreement(&self) -> Option<&Agreement> {
        self.0.as_ref().map(|(agreement, _)| agreement)
    }

    pub(crate) fn begin(&self, inner: Inner) -> Inner {
        let agreed = self.0.as_ref();
        match agreed.and_then(|(agreement, lent)| Some((agreement, lent.0.codec.take()?))) {
            Some((agreement, codec)) => inner.permessage_deflate(agreement, codec),
            None => inner,
        }
    }

    pub(crate) fn end(&self, inner: &mut Inner) {
        if let Some((_, lent)) = &self.0 {
            lent.0.codec.set(inner.take_codec());
        }
    }
}

/// A permit to use a codec, which a drop returns.
struct Lent(&'static Home);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.lent.set(false);
    }
}

impl<const CONNECTIONS: usize, const INFLATE: usize, const DEFLATE: usize> fmt::Debug
    for Compression<CONNECTIONS, INFLATE, DEFLATE>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression").finish_non_exhaustive()
    }
}
