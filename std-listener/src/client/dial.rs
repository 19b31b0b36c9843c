//! A TCP connection to one of several addresses: "happy eyeballs" (RFC 8305).

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, Sleep, sleep};

/// The time before the next address is tried in parallel (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of host names, which are not looked up.
pub(super) type Known = [(String, Vec<SocketAddr>)];

/// Returns the addresses of a host, in the order of the attempts.
pub(super) async fn resolve(host: &str, port: u16, known: &Known) -> io::Result<Vec<SocketAddr>> {
    let addresses = match known.iter().find(|(name, _)| name.eq_ignore_ascii_case(host)) {
        Some((_, addresses)) => addresses.clone(),
        None => lookup_host((host, port)).await?.collect(),
    };
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "name without address"));
    }
    Ok(interleaved(addresses))
}

/// Connects to the address that answers first. A dropped future closes all its sockets.
pub(super) fn connect(addresses: Vec<SocketAddr>) -> impl Future<Output = io::Result<TcpStream>> {
    Race {
        waiting: addresses.into(),
        running: Vec::new(),
        head_start: Box::pin(sleep(Duration::ZERO)),
        error: None,
    }
}

/// Alternates the address families of a sorted list, beginning with that of the first address
/// (RFC 8305 section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None; 2] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
}

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

struct Race {
    waiting: VecDeque<SocketAddr>,
    running: Vec<Attempt>,
    /// The delay after the latest attempt.
    head_start: Pin<Box<Sleep>>,
    error: Option<io::Error>,
}

impl Race {
    /// Waits for a connection, or until a further attempt is due (`None`).
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<Option<TcpStream>> {
        let mut failed = false;
        let mut index = 0;
        while let Some(attempt) = self.running.get_mut(index) {
            match attempt.as_mut().poll(cx) {
                Poll::Ready(Ok(stream)) => return Poll::Ready(Some(stream)),
                Poll::Ready(Err(error)) => {
                    drop(self.running.remove(index));
                    self.error = Some(error);
                    failed = true;
                }
                Poll::Pending => index += 1,
            }
        }
        if failed || self.running.is_empty() {
            return Poll::Ready(None);
        }
        self.head_start.as_mut().poll(cx).map(|()| None)
    }
}

impl Future for Race {
    type Output = io::Result<TcpStream>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        while let Poll::Ready(stream) = this.poll_running(cx) {
            if let Some(stream) = stream {
                // Messages are written whole, so waiting for more bytes only delays them.
                let _ = stream.set_nodelay(true);
                return Poll::Ready(Ok(stream));
            }
            match this.waiting.pop_front() {
                Some(address) => {
                    this.running.push(Box::pin(TcpStream::connect(address)));
                    this.head_start.as_mut().reset(Instant::now() + ATTEMPT_DELAY);
                }
                None if this.running.is_empty() => {
                    let error = this.error.take();
                    return Poll::Ready(Err(error.unwrap_or(io::ErrorKind::NotFound.into())));
                }
                None => return Poll::Pending,
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_families_take_turns() {
        let addresses = |list: &[&str]| {
            list.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>()
        };
        for (given, expected) in [
            (&["[::1]:1", "[::2]:1", "1.1.1.1:1"][..], &["[::1]:1", "1.1.1.1:1", "[::2]:1"][..]),
            (&["1.1.1.1:1", "[::1]:1", "[::2]:1"], &["1.1.1.1:1", "[::1]:1", "[::2]:1"]),
            (&["1.1.1.1:1", "1.1.1.2:1"], &["1.1.1.1:1", "1.1.1.2:1"]),
            (&[], &[]),
        ] {
            assert_eq!(interleaved(addresses(given)), addresses(expected));
        }
    }
}
