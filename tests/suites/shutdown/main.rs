//! A graceful shutdown under load. In a process of its own, because it counts file descriptors and
//! memory.

#![cfg(target_os = "linux")]

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::runtime;
use tokio::task::JoinSet;
use websocket_listener::client::Client;
use websocket_listener::{CloseCode, Initiator, WebSocket, WebSocketListener};

const CONNECTIONS: usize = 5_000;
const DEADLINE: Duration = Duration::from_secs(60);

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A client, connected.
async fn connect(listener: &WebSocketListener) -> WebSocket<TcpStream> {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    Client::new().connect_over(stream, "ws://localhost/").await.unwrap()
}

/// 5,000 connections, a task with a handler for each, and the shutdown.
async fn a_listener_s_life() {
    // Memory that is given back between two measurements would hide a leak, or look like one.
    let builder = WebSocketListener::builder().trim_memory(false);
    let listener = builder.bind("127.0.0.1:0").await.unwrap();
    let mut handlers = JoinSet::new();
    let mut clients = JoinSet::new();
    for number in 0..CONNECTIONS {
        let (server, mut client) = tokio::join!(listener.accept(), connect(&listener));
        let mut server = server.unwrap();
        let begun = listener.shutdown_begun();
        handlers.spawn(async move {
            // Some do something else meanwhile, and come back when they see it coming.
            if number % 10 == 0 {
                begun.await;
            }
            while let Some(message) = server.recv().await.unwrap() {
                server.feed(message).await.unwrap();
            }
        });
        clients.spawn(async move {
            if number % 100 == 1 {
                client.send_text("hello").await.unwrap();
                assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("hello"));
            }
            assert_eq!(client.recv().await.unwrap(), None);
            let reason = client.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::GOING_AWAY, Initiator::Peer));
        });
    }
    // Those that say something have been heard.
    while listener.counters().messages_sent < (CONNECTIONS / 100) as u64 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(listener.counters().open, CONNECTIONS as u64);
    let begun = Instant::now();
    let ended = listener.shutdown(DEADLINE).await;
    assert_eq!((ended.closed, ended.aborted), (CONNECTIONS, 0));
    println!("{CONNECTIONS} connections closed in {:?}", begun.elapsed());
    let counters = listener.counters();
    assert_eq!((counters.accepted, counters.open), (CONNECTIONS as u64, 0));
    assert_eq!(counters.closed.clean, CONNECTIONS as u64);
    while let Some(handler) = handlers.join_next().await {
        handler.expect("the handler returns");
    }
    while let Some(client) = clients.join_next().await {
        client.expect("the client is told");
    }
}

/// The process's files and memory are this test's own, and enough.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let needed = 2 * CONNECTIONS as u64 + 100;
    let limit = rlimit::increase_nofile_limit(needed).unwrap();
    assert!(limit >= needed, "{needed} file descriptors are needed, and {limit} allowed");
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn thousands_of_connections_are_closed_with_1001_and_nothing_leaks() {
    let _alone = alone();
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let files = open_files();
        let mut resident = Vec::new();
        for _ in 0..2 {
            tokio::time::timeout(2 * DEADLINE, a_listener_s_life()).await.expect("in time");
            // The driver of the clock ends in its next turn, and free memory goes back to the system
            // a tenth of a second after the last connection.
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert_eq!(open_files(), files, "file descriptors");
            resident.push(resident_kib());
        }
        let grown = resident[1].saturating_sub(resident[0]);
        assert!(grown < 1024, "{grown} KiB more for the second 5,000 than for the first");
    });
}

/// Connections end on one thread while another is still telling the rest to.
#[test]
fn the_counts_add_up_on_several_threads() {
    let _alone = alone();
    let runtime =
        runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(2 * DEADLINE, a_listener_s_life()).await.expect("in time");
    });
}
