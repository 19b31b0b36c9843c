//! Sockets inherited from systemd (`sd_listen_fds(3)`). The test starts itself again the way
//! systemd would, and the second serves what the first has bound.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};

use tokio::net::{TcpStream, UnixStream};
use websocket_listener::WebSocketListener;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{Endpoint, InheritError};

use crate::support::in_real_time;

/// Sets the process id that only the process itself can know, and moves the sockets to where
/// systemd puts them.
const AS_SYSTEMD_DOES: &str = r#"LISTEN_PID=$$ exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// Starts this test program again, for one test, with two sockets and these variables.
fn start_again(test: &str, sockets: [OwnedFd; 2], variables: [(&str, &str); 2]) -> Child {
    let [first, second] = sockets;
    Command::new("sh")
        .args(["-c", AS_SYSTEMD_DOES])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .envs(variables)
        .stdin(Stdio::from(first))
        .stdout(Stdio::from(second))
        .spawn()
        .unwrap()
}

fn is_started_again() -> bool {
    std::env::var_os("LISTEN_PID").is_some()
}

fn tcp() -> std::net::TcpListener {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap()
}

#[test]
fn inherited_sockets_are_served_in_order_and_by_name() {
    if is_started_again() {
        return in_real_time(serve_inherited_sockets());
    }
    let path = std::env::temp_dir().join(format!("inherited-{}.socket", std::process::id()));
    let (tcp, unix) = (tcp(), UnixListener::bind(&path).unwrap());
    let address = tcp.local_addr().unwrap();
    let mut child = start_again(
        "inherited_sockets::inherited_sockets_are_served_in_order_and_by_name",
        [tcp.into(), unix.into()],
        [("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "web:local")],
    );
    in_real_time(async {
        let client = Client::new();
        let stream = TcpStream::connect(address).await.unwrap();
        let mut by_tcp = client.connect_over(stream, "ws://localhost/").await.unwrap();
        assert_eq!(by_tcp.recv().await.unwrap().unwrap().as_text(), Some("web"));
        let stream = UnixStream::connect(&path).await.unwrap();
        let mut by_unix = client.connect_over(stream, "ws://localhost/").await.unwrap();
        assert_eq!(by_unix.recv().await.unwrap().unwrap().as_text(), Some("local"));
    });
    assert!(child.wait().unwrap().success(), "the second has found no fault");
    assert!(path.exists(), "the file is its owner's");
    std::fs::remove_file(path).unwrap();
}

async fn serve_inherited_sockets() {
    let inherited = Endpoint::inherited().unwrap();
    let names: Vec<_> = inherited.iter().map(Endpoint::name).collect();
    assert_eq!(names, [Some("web"), Some("local")]);
    let again = Endpoint::inherited();
    assert!(matches!(again.unwrap_err(), InheritError::TakenBefore));
    let listener = WebSocketListener::bind(inherited).await.unwrap();
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let mut socket = listener.accept().await.unwrap();
        let endpoint = socket.request().unwrap().local_endpoint().unwrap();
        let name = endpoint.name().unwrap().to_owned();
        socket.send(name).await.unwrap();
        sockets.push(socket);
    }
    for mut socket in sockets {
        assert!(socket.recv().await.is_err(), "until the client is gone");
    }
}

#[test]
fn a_socket_that_does_not_listen_is_refused() {
    if is_started_again() {
        let error = Endpoint::inherited().unwrap_err();
        assert!(matches!(error, InheritError::NotListening { descriptor: 4 }), "{error:?}");
        return;
    }
    let listener = tcp();
    let connected = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut child = start_again(
        "inherited_sockets::a_socket_that_does_not_listen_is_refused",
        [listener.into(), connected.into()],
        [("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "a:b")],
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn names_that_do_not_fit_are_refused() {
    if is_started_again() {
        let error = Endpoint::inherited().unwrap_err();
        let InheritError::Malformed { variable } = error else { panic!("{error:?}") };
        assert_eq!(variable, "LISTEN_FDNAMES");
        return;
    }
    let mut child = start_again(
        "inherited_sockets::names_that_do_not_fit_are_refused",
        [tcp().into(), tcp().into()],
        [("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "one")],
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_process_that_was_passed_no_sockets_inherits_none() {
    assert!(Endpoint::inherited().unwrap().is_empty());
}
