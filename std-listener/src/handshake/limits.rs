//! The limits of connections, in all and from one address, and of an address's requests.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use websocket_listener_core::Instant;

use super::refusal::Refusal;
use crate::rate::TokenBucket;
use crate::registry::clock;

/// The number of addresses without a connection that are remembered. A peer with more addresses is
/// not stopped by a limit for each.
const REMEMBERED: usize = 64 * 1024;

/// The least time between two sweeps, which forget the addresses that no limit holds back.
const PAUSE: Duration = Duration::from_secs(1);

/// The limits of a listener; no limit is the type's maximum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) connections_per_address: u32,
    pub(crate) requests_per_second: u32,
}

impl Limits {
    pub(crate) const NONE: Self = Self {
        connections: usize::MAX,
        connections_per_address: u32::MAX,
        requests_per_second: u32::MAX,
    };

    fn concern_addresses(&self) -> bool {
        self.connections_per_address != u32::MAX || self.requests_per_second != u32::MAX
    }
}

/// The remembered addresses, as far as limits apply.
pub(crate) struct Limiter {
    limits: Limits,
    present: Mutex<Present>,
}

#[derive(Default)]
struct Present {
    connections: usize,
    addresses: HashMap<Address, Record>,
    forgot: Option<Instant>,
}

/// One address for the limits: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Address {
    V4(u32),
    V6(u64),
}

/// The connections and requests of an address.
#[derive(Default)]
struct Record {
    connections: u32,
    /// The tokens of requests, one each, if their number is limited.
    requests: Option<TokenBucket>,
}

/// A connection's share of the limits, which a drop returns.
pub(crate) struct Seat {
    limiter: Arc<Limiter>,
    address: Option<Address>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, present: Mutex::default() })
    }

    /// Counts a request. Returns a `Seat` if it would open a connection and a limit is set.
    pub(crate) fn admit(
        self: &Arc<Self>,
        client: Option<SocketAddr>,
        opens: bool,
    ) -> Result<Option<Box<Seat>>, Refusal> {
        let limits = self.limits;
        if limits.connections == usize::MAX && !limits.concern_addresses() {
            return Ok(None);
        }
        let address = client.map(Address::of).filter(|_| limits.concern_addresses());
        let mut present = self.lock();
        if let Some(address) = address {
            present.ask(address, limits.requests_per_second)?;
        }
        if !opens {
            return Ok(None);
        }
        if present.connections >= limits.connections {
            return Err(Refusal::TooManyConnections);
        }
        if let Some(address) = address {
            let taken = present.addresses.get(&address).map_or(0, |record| record.connections);
            if taken >= limits.connections_per_address {
                return Err(Refusal::TooManyOfAddress { retry_after: 1 });
            }
            present.addresses.entry(address).or_default().connections += 1;
        }
        present.connections += 1;
        drop(present);
        Ok(Some(Box::new(Seat { limiter: self.clone(), address })))
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// Takes a token of the address, if one is left.
    fn ask(&mut self, address: Address, per_second: u32) -> Result<(), Refusal> {
        if per_second == u32::MAX {
            return Ok(());
        }
        let now = clock::now();
        if self.addresses.len() >= REMEMBERED && !self.addresses.contains_key(&address) {
            self.forget(now);
            if self.addresses.len() >= REMEMBERED {
                return Ok(());
            }
        }
        let record = self.addresses.entry(address).or_default();
        let requests = record.requests.get_or_insert(TokenBucket::new(now));
        if !requests.take(per_second, now) {
            return Err(Refusal::TooManyOfAddress { retry_after: 1 });
        }
        Ok(())
    }

    fn forget(&mut self, now: Instant) {
        if self.forgot.is_some_and(|forgot| now < forgot + PAUSE) {
            return;
        }
        self.forgot = Some(now);
        self.addresses.retain(|_, record| {
            record.connections > 0 || record.requests.is_some_and(|requests| !requests.is_full(now))
        });
    }
}

impl Address {
    fn of(addr: SocketAddr) -> Self {
        match addr.ip().to_canonical() {
            IpAddr::V4(addr) => Self::V4(addr.to_bits()),
            IpAddr::V6(addr) => Self::V6((addr.to_bits() >> 64) as u64),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut present = self.limiter.lock();
        present.connections -= 1;
        let Some(address) = self.address else { return };
        if let Some(record) = present.addresses.get_mut(&address) {
            record.connections -= 1;
            if record.connections == 0 && record.requests.is_none() {
                present.addresses.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(connections: u32, requests: u32) -> Limits {
        Limits {
            connections_per_address: connections,
            requests_per_second: requests,
            ..Limits::NONE
        }
    }

    fn from(text: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(text.parse().unwrap(), 1))
    }

    #[tokio::test(start_paused = true)]
    async fn an_ipv6_network_of_64_bits_is_one_address() {
        let limiter = Limiter::new(limits(1, u32::MAX));
        let first = limiter.admit(from("2001:db8:0:1::1"), true);
        assert!(matches!(first, Ok(Some(_))));
        assert!(limiter.admit(from("2001:db8:0:1:ffff::2"), true).is_err());
        let another = limiter.admit(from("2001:db8:0:2::1"), true);
        assert!(another.is_ok());
        let fourth = limiter.admit(from("192.0.2.1"), true);
        assert!(fourth.is_ok());
        assert!(limiter.admit(from("::ffff:192.0.2.1"), true).is_err());
        // Peers without an address, such as those of a Unix socket, do not share one.
        for _ in 0..3 {
            std::mem::forget(limiter.admit(None, true).map_err(drop).unwrap());
        }
        drop((first, another, fourth));
        assert!(limiter.lock().addresses.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_come_back_with_time() {
        let limiter = Limiter::new(limits(u32::MAX, 4));
        let ask = || limiter.admit(from("192.0.2.1"), false).is_ok();
        assert_eq!((0..9).filter(|_| ask()).count(), 4);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!((0..9).filter(|_| ask()).count(), 2);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..9).filter(|_| ask()).count(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_address_is_not_remembered() {
        let limiter = Limiter::new(limits(0, u32::MAX));
        for number in 0..1_000 {
            let address = SocketAddr::new(IpAddr::V4(number.into()), 1);
            assert!(limiter.admit(Some(address), true).is_err());
        }
        assert!(limiter.lock().addresses.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_addresses_does_not_grow_the_memory() {
        let limiter = Limiter::new(limits(u32::MAX, 4));
        for round in 0..3 {
            for number in 0..100_000 {
                let address = IpAddr::V4((round * 100_000 + number).into());
                assert!(limiter.admit(Some(SocketAddr::new(address, 1)), false).is_ok());
                assert!(limiter.lock().addresses.len() <= REMEMBERED);
            }
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        assert!(limiter.admit(from("2001:db8::1"), false).is_ok());
        assert_eq!(limiter.lock().addresses.len(), 1);
    }
}
