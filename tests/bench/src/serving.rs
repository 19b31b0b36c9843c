//! One thread that serves every connection of one listening socket.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};

/// Runs a server on one thread, until it is ended from outside.
pub fn run(server: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server)
}

/// Accepts connections on a free port, which it prints, and spawns `converse` on each.
///
/// How a conversation ends is of no interest here: the load generator judges what it was sent.
pub async fn serve<C>(converse: impl Fn(TcpStream) -> C) -> io::Result<()>
where
    C: Future<Output: Send> + Send + 'static,
{
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream));
    }
}
