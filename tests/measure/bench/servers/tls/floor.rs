//! The floor over TLS: tokio-rustls, every byte sent back as it came.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// The capacity of a TLS record.
const BUFFER_BYTES: usize = 16 << 10;

pub(crate) async fn echo(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count]).await?,
        }
        stream.flush().await?;
    }
}
