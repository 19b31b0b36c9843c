//! permessage-deflate: what it costs in memory, as its documentation says.

use tokio::net::{TcpListener, TcpStream};
use websocket_listener::client::Client;
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{WebSocket, WebSocketListener};

use crate::deflate::support::{deflate, json};
use crate::memory;
use crate::support::in_real_time;

type Socket = WebSocket<TcpStream>;

/// KiB that window bits 15, 12 and 9 cost with context takeover at any level: sending, receiving.
const DOCUMENTED: [(u8, isize, isize); 3] = [(15, 372, 47), (12, 260, 47), (9, 246, 47)];

#[test]
fn context_takeover_costs_the_documented_memory() {
    in_real_time(async {
        let without = held_by_server(None, async |_, _| {}).await;
        let settings = [1, 9].into_iter().flat_map(|level| DOCUMENTED.map(|sizes| (level, sizes)));
        for (level, (bits, sending, receiving)) in settings {
            let extension = deflate(true)
                .level(level)
                .server_max_window_bits(bits)
                .client_max_window_bits(bits);
            let sent = held_by_server(Some(extension), async |server, client| {
                send_all(server, client).await;
            });
            let sent = sent.await - without;
            let received = held_by_server(Some(extension), async |server, client| {
                send_all(client, server).await;
            });
            let received = received.await - without;
            for (held, documented) in [(sent, sending), (received, receiving)] {
                let kib = documented - 1..documented;
                assert!(kib.contains(&(held >> 10)), "level {level}, {bits} bits: {held} bytes");
            }
        }
    });
}

/// Before the first message there is nothing in any case, and without context takeover nothing
/// between messages: at most 0.1 KiB, of which an allocator may add 30 bytes to two allocations.
#[test]
fn idle_connections_cost_next_to_nothing() {
    in_real_time(async {
        let without = held_by_server(None, async |_, _| {}).await;
        for takeover in [false, true] {
            let idle = held_by_server(Some(deflate(takeover)), async |_, _| {}).await;
            assert!((1..=72).contains(&(idle - without)), "{idle}, and {without} without");
        }
        let used = held_by_server(Some(deflate(false)), async |server, client| {
            send_all(server, client).await;
            send_all(client, server).await;
        });
        let used = used.await;
        assert!((1..=72).contains(&(used - without)), "{used}, and {without} without");
    });
}

async fn send_all(from: &mut Socket, to: &mut Socket) {
    for number in 0..200 {
        from.send_text(&json(1000, number)).await.unwrap();
        to.recv().await.unwrap();
    }
}

/// Bytes that a server's end holds after that. The client offers compression in any case: the
/// request is kept.
async fn held_by_server(
    extension: Option<PermessageDeflate>,
    act: impl AsyncFnOnce(&mut Socket, &mut Socket),
) -> isize {
    // The system's buffers are not on this account.
    let listening = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listening.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listening.accept());
    let (near, (far, _)) = (near.unwrap(), far.unwrap());
    let mut builder = WebSocketListener::builder();
    if let Some(extension) = extension {
        builder = builder.message_extension(extension);
    }
    let client = Client::new().message_extension(deflate(true));
    let connecting = client.connect_over(near, "ws://localhost/");
    let (server, client) = tokio::join!(builder.acceptor().accept(far), connecting);
    let (mut server, mut client) = (server.unwrap(), client.unwrap());
    act(&mut server, &mut client).await;
    drop(client);
    let before = memory::held();
    drop(server);
    before - memory::held()
}
