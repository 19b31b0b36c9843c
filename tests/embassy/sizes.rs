//! What a connection takes beside its rings.

use websocket_listener_embassy::{Resources, WebSocket};

/// Twice what is promised for 32-bit targets, as pointers are here; in fact little more.
const MOST: usize = 2 * 512;

#[test]
fn a_connection_takes_little_beside_its_rings() {
    let one = size_of::<Resources<1, 512, 512>>();
    let slot = size_of::<Resources<2, 512, 512>>() - one - 1024;
    let socket = size_of::<WebSocket>();
    println!("slot {slot}, WebSocket {socket}, shared {}", one - slot - 1024);
    assert!(slot + socket <= MOST);
}
