//! The allocations of a message: none, once a connection is warm.

use std::future::poll_fn;
use std::pin::pin;

use tokio::io::AsyncReadExt;
use websocket_listener::{CloseCode, Error, Outgoing, WebSocket};

use crate::memory::allocations;
use crate::support::{accept, in_real_time, listener};

/// Rounds until buffers have been lent for the first time.
const WARM_UP: usize = 20;

/// Counts the allocations of a server's end while this runs, and none of other tasks.
async fn counted<T>(serving: impl Future<Output = T>) -> (T, u64) {
    let mut serving = pin!(serving);
    let mut count = 0;
    let outcome = poll_fn(|cx| {
        let before = allocations();
        let outcome = serving.as_mut().poll(cx);
        count += allocations() - before;
        outcome
    })
    .await;
    (outcome, count)
}

async fn echo_one(server: &mut WebSocket) -> Result<(), Error> {
    let message = server.recv().await?.expect("not closed");
    server.send(message).await
}

#[test]
fn messages_of_up_to_a_kibibyte_come_and_go_without_an_allocation() {
    in_real_time(async {
        for length in [0, 1, 40, 125, 126, 500, 1024] {
            let listener = listener().await;
            let (mut server, mut client) = accept(&listener).await;
            let payload = vec![7; length];
            let asking = async {
                for _ in 0..WARM_UP + 100 {
                    client.send_binary(&payload).await.unwrap();
                    assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), payload);
                }
            };
            let serving = async {
                for _ in 0..WARM_UP {
                    echo_one(&mut server).await.unwrap();
                }
                let mut count = 0;
                for _ in 0..100 {
                    let (echoed, allocations) = counted(echo_one(&mut server)).await;
                    echoed.unwrap();
                    count += allocations;
                }
                count
            };
            let (count, ()) = tokio::join!(serving, asking);
            assert_eq!(count, 0, "100 messages of {length} bytes");
        }
    });
}

#[test]
fn borrowed_messages_leave_without_an_allocation() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let payload = [7; 1000];
        let mut counts = Vec::new();
        for _ in 0..WARM_UP {
            let sending = async {
                server.feed(&payload).await?;
                server.feed("text").await?;
                server.feed(Outgoing::as_is("text")).await?;
                server.send(&payload).await?;
                server.try_send(&payload[..])
            };
            let (sent, allocations) = counted(sending).await;
            sent.unwrap();
            counts.push(allocations);
            for _ in 0..5 {
                client.recv().await.unwrap().unwrap();
            }
        }
        assert_eq!(counts[WARM_UP / 2..], [0; WARM_UP / 2], "{counts:?}");
    });
}

/// Of any size: it passes through a buffer that is lent, and is never put together.
#[test]
fn a_large_message_is_read_into_the_callers_own_buffer_without_an_allocation() {
    in_real_time(async {
        const BYTES: usize = 1 << 20;
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let sending = async {
            for _ in 0..6 {
                client.send_binary(&[7; BYTES]).await.unwrap();
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        let receiving = async {
            let mut buffer = [0; 8192];
            let mut counts = Vec::new();
            for _ in 0..6 {
                let reading = async {
                    let mut reader = server.next_message().await.unwrap().unwrap();
                    let mut total = 0;
                    loop {
                        match reader.read(&mut buffer).await.unwrap() {
                            0 => return total,
                            read => total += read,
                        }
                    }
                };
                let (total, allocations) = counted(reading).await;
                assert_eq!(total, BYTES);
                counts.push(allocations);
            }
            assert!(server.recv().await.unwrap().is_none());
            counts
        };
        let (counts, ()) = tokio::join!(receiving, sending);
        assert_eq!(counts[2..], [0; 4], "{counts:?}");
    });
}
