//! The server under load, and what Linux tells about its process.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The protocol that the server speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// It sends back what it gets.
    Raw,
    /// WebSocket, each message in the frames it was sent in.
    WebSocket,
    /// WebSocket, messages in fragments of any length.
    Fragments,
}

/// The server under load.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) process: u32,
    pub(crate) protocol: Protocol,
    /// Whether over TLS.
    pub(crate) tls: bool,
}

impl Server {
    /// The time that its threads have been running, in the kernel too.
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += number(text.split(' ').next())?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(1024 * number(line.and_then(|line| line.trim().strip_suffix(" kB")))?)
    }
}

fn number(text: Option<&str>) -> io::Result<u64> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| io::Error::other("unreadable /proc"))
}
