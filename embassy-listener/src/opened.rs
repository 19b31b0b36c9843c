//! What is remembered of the opening handshake.

/// The longest request target, in bytes, that is remembered with a connection.
pub const MAX_TARGET: usize = 64;

#[derive(Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) subprotocol: Option<&'static str>,
    target: [u8; MAX_TARGET],
    /// More than there is room for, if the target was not kept.
    length: u8,
}

impl Opened {
    pub(crate) fn new(target: &str, subprotocol: Option<&'static str>) -> Self {
        let mut kept = [0; MAX_TARGET];
        let length = match kept.get_mut(..target.len()) {
            Some(kept) => {
                kept.iter_mut().zip(target.bytes()).for_each(|(place, byte)| *place = byte);
                target.len() as u8
            }
            None => u8::MAX,
        };
        Self { subprotocol, target: kept, length }
    }

    pub(crate) fn target(&self) -> Option<&str> {
        let target = self.target.get(..usize::from(self.length))?;
        str::from_utf8(target).ok()
    }
}
