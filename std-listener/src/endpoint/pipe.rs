//! Listening on a named pipe of Windows. Compiled there, but not run yet.

use std::io;
use std::mem;

use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

/// A named pipe that waits for its next client.
pub(super) struct Pipe {
    name: String,
    next: NamedPipeServer,
}

impl Pipe {
    /// Listens; fails with `PermissionDenied` if another process listens on the pipe.
    pub(super) fn listen(name: &str) -> io::Result<Self> {
        let next = ServerOptions::new().first_pipe_instance(true).create(name)?;
        Ok(Self { name: name.to_owned(), next })
    }

    /// Accepts a client. Cancel-safe. If the next instance cannot be created, the client stays
    /// connected to this one, for the next call.
    pub(super) async fn accept(&mut self) -> io::Result<NamedPipeServer> {
        self.next.connect().await?;
        let next = ServerOptions::new().create(&self.name)?;
        Ok(mem::replace(&mut self.next, next))
    }
}
