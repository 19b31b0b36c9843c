//! The memory of a connection beside its rings.

use websocket_listener_embassy::{CloseCode, MessageKind, Options, Resources, WebSocket};

use crate::executor::run;
use crate::link::Weather;
use crate::net::{Net, leak};
use crate::targets::echo;

/// On a 64-bit host. For 32-bit targets the crate checks itself, when it is compiled.
const MOST: usize = 680;

#[test]
fn a_connection_takes_little_beside_its_rings() {
    let one = size_of::<Resources<1, 512, 512>>();
    let slot = size_of::<Resources<2, 512, 512>>() - one - 1024;
    let socket = size_of::<WebSocket>();
    println!("slot {slot}, WebSocket {socket}, shared {}", one - slot - 1024);
    assert!(slot + socket <= MOST);
}

#[test]
fn the_futures_that_a_task_waits_in_are_small() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 512, 512>(Options::new()));
        let accepting = size_of_val(&listener.accept());
        let (socket, _raw) = futures_util::future::join(listener.accept(), async {
            let mut peer = websocket_listener_tests::peer::Peer::new(net.connect().await);
            peer.send(websocket_listener_tests::request::request().text()).await;
            peer
        })
        .await;
        let mut socket = socket.unwrap();
        let mut buffer = [0; 1];
        let receiving = size_of_val(&socket.recv(&mut buffer));
        let sending = size_of_val(&socket.send_binary(&[]));
        let waiting = size_of_val(&socket.next_message());
        let pinging = size_of_val(&socket.ping(&[]));
        let closing = size_of_val(&socket.close(CloseCode::NORMAL, ""));
        let mut writer = socket.message_writer(MessageKind::Binary);
        let writing = size_of_val(&writer.write(&[]));
        let finishing = size_of_val(&writer.finish());
        println!("accept {accepting}, recv {receiving}, send {sending}");
        println!("next_message {waiting}, write {writing}, finish {finishing}");
        println!("ping {pinging}, close {closing}");
        println!("echo, with its WebSocket: {}", size_of_val(&echo(socket)));
        assert!(accepting <= 504 && finishing <= 88 && closing <= 64);
        assert!([receiving, sending, waiting, writing, pinging].into_iter().all(|size| size <= 48));
    });
}
