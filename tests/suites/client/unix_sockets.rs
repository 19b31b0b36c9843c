//! The client's side of Unix sockets.

use std::path::PathBuf;

use tokio::net::UnixListener;
use websocket_listener::client::{Client, ConnectError};
use websocket_listener::{Message, WebSocketListener};

use crate::support::in_real_time;

/// A name in the folder for temporary files that no other test has.
fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("websocket-listener-{}-{name}", std::process::id()))
}

#[test]
fn a_unix_socket_is_connected_to_by_its_path() {
    in_real_time(async {
        let path = path("client");
        let listener = UnixListener::bind(&path).unwrap();
        let serving = async {
            let (stream, _) = listener.accept().await.unwrap();
            WebSocketListener::builder().acceptor().accept(stream).await.unwrap()
        };
        let client = Client::new();
        let (socket, mut accepted) =
            tokio::join!(client.connect_unix(&path, "ws://localhost/chat?x"), serving);
        let mut socket = socket.unwrap();
        socket.send_text("hello").await.unwrap();
        assert_eq!(accepted.recv().await.unwrap(), Some(Message::text("hello")));
        let request = accepted.request().unwrap();
        assert_eq!((request.path(), request.query()), ("/chat", Some("x")));
        assert_eq!(request.header_str("Host"), Some("localhost"));
        std::fs::remove_file(&path).unwrap();
    });
}

#[test]
fn a_path_without_a_socket_is_reported() {
    in_real_time(async {
        let connected = Client::new().connect_unix(path("none"), "ws://localhost/").await;
        let Err(ConnectError::Connect(error)) = connected else { panic!("{connected:?}") };
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        // A socket whose listener is gone.
        let path = path("stale");
        drop(UnixListener::bind(&path).unwrap());
        let connected = Client::new().connect_unix(&path, "ws://localhost/").await;
        let Err(ConnectError::Connect(error)) = connected else { panic!("{connected:?}") };
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        std::fs::remove_file(&path).unwrap();
    });
}
