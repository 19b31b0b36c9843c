//! Masks are new for every frame and cannot be predicted (RFC 6455 sections 5.3 and 10.3).

use std::collections::HashSet;

use tokio::io::AsyncReadExt;
use websocket_listener::client::Client;

use crate::support::{answer, established, in_virtual_time};

const FRAMES: usize = 20_000;

/// The masks of this many empty messages.
async fn masks() -> Vec<u32> {
    let (near, mut far) = tokio::io::duplex(4096);
    let client = Client::new();
    let (socket, _) =
        tokio::join!(client.connect_over(near, "ws://a/"), answer(&mut far, established));
    let mut socket = socket.unwrap();
    let sending = async {
        for _ in 0..FRAMES {
            socket.send_binary(&[]).await.unwrap();
        }
    };
    let reading = async {
        let mut masks = Vec::new();
        for _ in 0..FRAMES {
            assert_eq!(far.read_u16().await.unwrap(), 0x8280, "masked, and empty");
            masks.push(far.read_u32().await.unwrap());
        }
        masks
    };
    tokio::join!(sending, reading).1
}

#[test]
fn no_mask_reveals_another() {
    in_virtual_time(async {
        let (first, second) = (masks().await, masks().await);
        // Of 2^32 values, 40,000 drawn at random have about 0.2 pairs in common.
        let different: HashSet<_> = first.iter().chain(&second).collect();
        assert!(different.len() > 2 * FRAMES - 10, "{}", different.len());
        // Each bit is set in half of them, and changes from one to the next as often as not: seven
        // standard deviations are allowed.
        let about_half = (FRAMES / 2 - 500)..(FRAMES / 2 + 500);
        for bit in 0..32 {
            let set = |mask: u32| mask >> bit & 1 == 1;
            let ones = first.iter().filter(|mask| set(**mask)).count();
            let changes = first.windows(2).filter(|pair| set(pair[0] ^ pair[1])).count();
            assert!(about_half.contains(&ones) && about_half.contains(&changes), "bit {bit}");
        }
        // Nor do they come from a counter or a clock.
        let steps: HashSet<_> =
            first.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        assert!(steps.len() > FRAMES - 10);
    });
}
