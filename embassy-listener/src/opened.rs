//! The parts of the opening handshake that a connection keeps.

/// The longest request target, in bytes, that a connection keeps.
pub const MAX_TARGET: usize = 64;

#[derive(Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) subprotocol: Option<&'static str>,
    target: [u8; MAX_TARGET],
    /// `u8::MAX` if the target is too long to be kept.
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

    /// Returns the path and query of the target.
    pub(crate) fn resource_name(&self) -> Option<&str> {
        let target = self.target.get(..usize::from(self.length))?;
        str::from_utf8(resource_name(target)).ok()
    }
}

/// Returns the part after the authority of an absolute target, and any other target unchanged.
fn resource_name(target: &[u8]) -> &[u8] {
    let scheme_end = target.iter().position(|byte| *byte == b'/').unwrap_or_default();
    let (_, hierarchy) = target.split_at_checked(scheme_end).unwrap_or_default();
    let Some(hierarchy) = hierarchy.strip_prefix(b"//").filter(|_| scheme_end > 0) else {
        return target;
    };
    match hierarchy.iter().position(|byte| matches!(byte, b'/' | b'?')) {
        Some(end) => hierarchy.get(end..).unwrap_or_default(),
        None => b"/",
    }
}
