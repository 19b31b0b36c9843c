//! Listening on a Unix socket.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixListener;

use super::error::BindError;
use super::socket_options::SocketOptions;

/// The file of a socket that this process has bound. A drop removes it, unless another file has
/// replaced it.
pub(crate) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let metadata = fs::symlink_metadata(&self.path);
        if metadata.is_ok_and(|now| (now.dev(), now.ino()) == (self.device, self.inode)) {
            // Without permission for the folder, the file stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) fn listen(
    path: &Path,
    options: &SocketOptions,
) -> Result<(UnixListener, SocketFile), BindError> {
    let endpoint = || format!("unix:{}", path.display());
    let socket = match bind(path, options) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_socket()) {
                return Err(BindError::NotASocket { endpoint: endpoint() });
            }
            if is_stale(path) {
                let removed = fs::remove_file(path);
                removed.and_then(|()| bind(path, options))
            } else {
                Err(error)
            }
        }
        bound => bound,
    };
    let refused = |error| BindError::Refused { endpoint: endpoint(), error };
    let socket = socket.map_err(refused)?;
    let file = SocketFile::of(path).map_err(refused)?;
    let listening = || {
        if let Some(mode) = options.unix_mode {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        }
        socket.listen(options.backlog)?;
        UnixListener::from_std(socket.into())
    };
    Ok((listening().map_err(refused)?, file))
}

fn bind(path: &Path, options: &SocketOptions) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    options.set_buffers(&socket)?;
    socket.bind(&SockAddr::unix(path)?)?;
    Ok(socket)
}

/// Returns true if no process listens on the socket. A full backlog counts as listening, so this
/// does not wait.
fn is_stale(path: &Path) -> bool {
    let connecting = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    connecting().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}
