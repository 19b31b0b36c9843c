//! One listening socket, and the threads that serve its connections: one, unless told otherwise.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// Runs a server on one thread, or with the worker threads that `--threads N` asks for, until it is
/// ended from outside.
pub fn run(server: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let mut runtime = match worker_threads()? {
        None => Builder::new_current_thread(),
        Some(threads) => {
            let mut runtime = Builder::new_multi_thread();
            runtime.worker_threads(threads);
            runtime
        }
    };
    runtime.enable_all().build()?.block_on(server)
}

fn worker_threads() -> io::Result<Option<usize>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--threads").skip(1);
    arguments.next().map(|count| count.parse().map_err(io::Error::other)).transpose()
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
