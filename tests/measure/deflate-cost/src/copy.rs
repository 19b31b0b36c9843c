//! A stand-in for the codec, so that the rest of the program can be subtracted: messages are copied.

pub(crate) fn deflate(message: &[u8], wire: &mut [u8]) -> usize {
    copy(message, wire)
}

pub(crate) fn inflate(wire: &[u8], message: &mut [u8]) -> usize {
    copy(wire, message)
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    from.len()
}
