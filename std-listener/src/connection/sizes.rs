//! The sizes of an idle connection's parts, in bytes; each of them may exist a million times.

use super::details::Details;
use super::input::Input;
use super::output::Output;
use super::{Connection, Protocol};
use crate::http::request::Request;
use crate::registry::registration::Registration;
use crate::transport::Transport;

/// `cargo xtask memory` prints these.
#[test]
fn a_connection_is_no_larger_than_necessary() {
    let all = size_of::<Connection<Transport>>();
    let parts = [
        ("the protocol, with its options and deadlines", size_of::<Protocol>()),
        ("what the other end is: the request's cursors and addresses", size_of::<Details>()),
        ("the stream", size_of::<Transport>()),
        ("its registration, which knows its signal", size_of::<Registration>()),
        ("what was read, while there is any", size_of::<Input>()),
        ("what is to be written, while there is any", size_of::<Output>()),
    ];
    let counted: usize = parts.iter().map(|(_, bytes)| bytes).sum();
    println!("bytes of it:");
    for (what, bytes) in parts {
        println!("{bytes:>6}  {what}");
    }
    println!("{:>6}  options, counters, flags", all - counted);
    assert!(all <= 488, "a connection takes {all} bytes");
    assert!(size_of::<Request>() <= 72);
}
