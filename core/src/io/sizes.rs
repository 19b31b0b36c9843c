//! The lengths of frames.

/// Returns the length of the header of a frame with this much payload and this many bytes of
/// masking key.
pub(super) fn header_length(payload: usize, mask: usize) -> usize {
    let length: usize = match payload {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    };
    length.saturating_add(mask)
}

/// Returns the length of the longest payload that fits into this room after its header.
pub(super) fn fitting(room: usize, mask: usize) -> usize {
    let room = room.saturating_sub(mask);
    match room {
        0..=127 => room.saturating_sub(2),
        128..=0x1_0003 => room.saturating_sub(4).max(125),
        _ => room.saturating_sub(10).max(0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::{fitting, header_length};

    #[test]
    fn the_computed_payload_is_the_longest_that_fits_its_room() {
        for mask in [0, 4] {
            for room in (2 + mask..300).chain(0xff00..0x1_0100) {
                let payload = fitting(room, mask);
                assert!(header_length(payload, mask) + payload <= room, "{payload} in {room}");
                let more = payload + 1;
                assert!(header_length(more, mask) + more > room, "{more} in {room}");
            }
        }
    }
}
