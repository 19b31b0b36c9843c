//! Unix sockets.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::PathBuf;

use tokio::net::UnixStream;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{Endpoint, SocketOptions, Transport};
use websocket_listener::{CloseCode, Message, WebSocketListener};

use crate::folder::Folder;
use crate::support::in_real_time;

async fn serves(listener: &WebSocketListener, path: &PathBuf) {
    let stream = UnixStream::connect(path).await.unwrap();
    let client = Client::new();
    let (server, client) =
        tokio::join!(listener.accept(), client.connect_over(stream, "ws://localhost/"));
    let (mut server, mut client) = (server.unwrap(), client.unwrap());
    client.send("hello").await.unwrap();
    assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
    assert!(matches!(server.stream(), Transport::Unix(_)));
    assert_eq!(server.peer_addr(), None);
    let endpoint = server.request().unwrap().local_endpoint().unwrap();
    assert_eq!(endpoint.path(), Some(path.as_path()));
    let (closed, end) = tokio::join!(client.close(CloseCode::NORMAL, ""), server.recv());
    closed.unwrap();
    assert_eq!(end.unwrap(), None);
}

#[test]
fn a_unix_socket_is_served_beside_tcp() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let text = format!("unix:{}", path.display());
        let listener = WebSocketListener::bind(["127.0.0.1:0", &text]).await.unwrap();
        assert_eq!(listener.local_endpoints().nth(1).unwrap().to_string(), text);
        serves(&listener, &path).await;
        crate::support::accept(&listener).await;
    });
}

#[test]
fn a_listener_on_unix_alone_has_no_address() {
    in_real_time(async {
        let folder = Folder::new();
        let listener =
            WebSocketListener::bind(Endpoint::unix(folder.file("ws.socket"))).await.unwrap();
        assert_eq!(listener.local_addr().unwrap_err().kind(), io::ErrorKind::Unsupported);
    });
}

#[test]
fn the_file_is_gone_with_the_listener() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let listener = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap();
        assert!(path.exists());
        drop(listener);
        assert!(!path.exists(), "dropped");
        let listener = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap();
        listener.shutdown(std::time::Duration::ZERO).await;
        assert!(!path.exists(), "shut down");
    });
}

#[test]
fn a_file_that_another_put_in_its_place_is_left_alone() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let listener = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap();
        fs::rename(&path, folder.file("moved")).unwrap();
        fs::write(&path, "another's").unwrap();
        drop(listener);
        assert_eq!(fs::read(&path).unwrap(), b"another's");
    });
}

#[test]
fn a_socket_that_a_crash_left_over_is_replaced() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        drop(StdListener::bind(&path).unwrap());
        assert!(path.exists(), "the file outlives its listener");
        let listener = WebSocketListener::bind(Endpoint::unix(&path)).await.unwrap();
        serves(&listener, &path).await;
    });
}

#[test]
fn access_is_set_by_a_file_mode() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let builder = WebSocketListener::builder().sockets(SocketOptions::new().unix_mode(0o620));
        let _listener = builder.bind(Endpoint::unix(&path)).await.unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert!(metadata.file_type().is_socket());
        assert_eq!(metadata.permissions().mode() & 0o777, 0o620);
    });
}

#[test]
fn a_unix_socket_that_is_bound_already_keeps_its_file() {
    in_real_time(async {
        let folder = Folder::new();
        let path = folder.file("ws.socket");
        let bound = StdListener::bind(&path).unwrap();
        let listener = WebSocketListener::bind(bound).await.unwrap();
        serves(&listener, &path).await;
        drop(listener);
        assert!(path.exists());
    });
}
