//! The work that each library is asked to do.

/// A library, at both ends of a connection.
pub(crate) trait Contestant {
    const NAME: &'static str;

    /// Returns whether it does opening handshakes at all.
    const ACCEPTS: bool;

    fn new() -> Self;

    /// As a server: the payload of the frame, unmasked, in the frame's place or in `room`.
    fn receive<'b>(&mut self, frame: &'b mut [u8], room: &'b mut [u8]) -> &'b [u8];

    /// As a client: the frame that carries the payload as a binary message, in `room`.
    fn send<'b>(&mut self, payload: &[u8], room: &'b mut [u8]) -> &'b [u8];

    /// As a server: the answer to an opening handshake, in `room`.
    fn accept<'b>(request: &[u8], room: &'b mut [u8]) -> &'b [u8];
}

/// Clients mask with this key. It is random where it matters.
pub(crate) const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
