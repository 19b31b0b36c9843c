//! Sockets that systemd passes on (`sd_listen_fds(3)`).

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::{Domain, SockRef, Type};

use super::{Endpoint, Place};

/// The first descriptor that is passed, after standard input, output and error.
const FIRST: RawFd = 3;

/// The limit of sockets, more than any unit has.
const MOST: RawFd = 1024;

/// The failure of taking inherited sockets.
#[derive(Debug)]
#[non_exhaustive]
pub enum InheritError {
    /// The process has taken the sockets before.
    TakenBefore,
    /// `LISTEN_PID` or `LISTEN_FDS` is not a number, or `LISTEN_FDNAMES` names more or fewer
    /// sockets.
    Malformed {
        /// The environment variable.
        variable: &'static str,
    },
    /// A descriptor is not a listening stream socket, TCP or Unix.
    NotListening {
        /// The file descriptor.
        descriptor: i32,
    },
    /// The system cannot describe a descriptor.
    Io {
        /// The file descriptor.
        descriptor: i32,
        /// The system's error.
        error: io::Error,
    },
}

impl fmt::Display for InheritError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TakenBefore => f.write_str("inherited sockets already taken"),
            Self::Malformed { variable } => write!(f, "invalid environment variable {variable}"),
            Self::NotListening { descriptor } => {
                write!(f, "inherited descriptor {descriptor} is not a listening socket")
            }
            Self::Io { descriptor, error } => {
                write!(f, "inherited descriptor {descriptor}: {error}")
            }
        }
    }
}

impl std::error::Error for InheritError {
    /// Returns the source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => error.source(),
            _ => None,
        }
    }
}

impl Endpoint {
    /// Takes the sockets that systemd passed to this process (`LISTEN_FDS`, `LISTEN_PID`,
    /// `LISTEN_FDNAMES`), TCP and Unix, in the unit's order. Returns an empty list if it passed
    /// none. A process can take them once. Their [names](Self::name) are the unit's
    /// `FileDescriptorName=`.
    ///
    /// ```no_run
    /// use websocket_listener::WebSocketListener;
    /// use websocket_listener::endpoint::Endpoint;
    ///
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// let inherited = Endpoint::inherited()?;
    /// let listener = if inherited.is_empty() {
    ///     WebSocketListener::bind("127.0.0.1:8006").await?
    /// } else {
    ///     WebSocketListener::bind(inherited).await?
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InheritError`], after which the sockets are closed.
    pub fn inherited() -> Result<Vec<Self>, InheritError> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        let count = count(variable("LISTEN_PID")?, variable("LISTEN_FDS")?)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let names = names(variable("LISTEN_FDNAMES")?, count)?;
        if TAKEN.swap(true, Ordering::AcqRel) {
            return Err(InheritError::TakenBefore);
        }
        let descriptors: Vec<_> = (FIRST..FIRST + count).map(take).collect();
        let mut endpoints = Vec::new();
        for (descriptor, name) in descriptors.into_iter().zip(names) {
            let number = descriptor.as_raw_fd();
            let place = place(descriptor)
                .map_err(|error| InheritError::Io { descriptor: number, error })?
                .ok_or(InheritError::NotListening { descriptor: number })?;
            endpoints.push(Self { name, ..Self::new(place) });
        }
        Ok(endpoints)
    }
}

fn variable(name: &'static str) -> Result<Option<String>, InheritError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(_) => Err(InheritError::Malformed { variable: name }),
    }
}

/// Returns the number of sockets; 0 if the variables are meant for another process.
fn count(pid: Option<String>, count: Option<String>) -> Result<RawFd, InheritError> {
    let (Some(pid), Some(count)) = (pid, count) else { return Ok(0) };
    let pid: u32 = pid.parse().map_err(|_| InheritError::Malformed { variable: "LISTEN_PID" })?;
    if pid != std::process::id() {
        return Ok(0);
    }
    let count = count.parse().ok().filter(|count| (0..=MOST).contains(count));
    count.ok_or(InheritError::Malformed { variable: "LISTEN_FDS" })
}

fn names(names: Option<String>, count: RawFd) -> Result<Vec<Option<String>>, InheritError> {
    let count = count as usize;
    let Some(names) = names else { return Ok(vec![None; count]) };
    let names: Vec<_> = names.split(':').map(|name| Some(name.to_owned())).collect();
    if names.len() == count {
        Ok(names)
    } else {
        Err(InheritError::Malformed { variable: "LISTEN_FDNAMES" })
    }
}

/// Takes a descriptor that was passed to this process.
fn take(descriptor: RawFd) -> OwnedFd {
    // SAFETY: by `LISTEN_PID` and `LISTEN_FDS`, the descriptor was passed to this process, and this
    // function is called once for each, before other code can know its number. No safe function
    // makes a socket of an inherited number.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

fn place(descriptor: OwnedFd) -> io::Result<Option<Place>> {
    if !listens(descriptor.as_fd())? {
        return Ok(None);
    }
    let socket = SockRef::from(&descriptor);
    socket.set_cloexec(true)?;
    Ok(match socket.domain()? {
        Domain::IPV4 | Domain::IPV6 => Some(Place::Tcp(descriptor.into())),
        Domain::UNIX => Some(Place::UnixListener(descriptor.into())),
        _ => None,
    })
}

fn listens(descriptor: BorrowedFd<'_>) -> io::Result<bool> {
    let socket = SockRef::from(&descriptor);
    Ok(socket.r#type()? == Type::STREAM && socket.is_listener()?)
}
