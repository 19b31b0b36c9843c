//! A link between two network stacks: it delays, and may lose, reorder and double packets.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_time::{Duration, Instant};

/// The fate of packets. Chances are in thousandths.
#[derive(Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) delay: Duration,
    /// Up to this much more: packets overtake each other.
    pub(crate) jitter: Duration,
    pub(crate) lost: u32,
    pub(crate) doubled: u32,
}

impl Weather {
    pub(crate) const FINE: Self = Self {
        delay: Duration::from_micros(200),
        jitter: Duration::from_ticks(0),
        lost: 0,
        doubled: 0,
    };
    /// Nothing arrives.
    pub(crate) const CUT: Self = Self { lost: 1000, ..Self::FINE };
    /// 5 % are lost, a tenth is overtaken, some come twice.
    pub(crate) const FOUL: Self = Self {
        delay: Duration::from_millis(5),
        jitter: Duration::from_millis(8),
        lost: 50,
        doubled: 20,
    };
}

/// Packets on their way, by when they arrive.
#[derive(Default)]
struct Lane {
    packets: BTreeMap<(Instant, u64), Vec<u8>>,
    sent: u64,
    receiver: Option<Waker>,
}

/// Steers a link while it is in use.
#[derive(Clone)]
pub(crate) struct Link {
    /// Of the packets from the first end, and to it.
    weather: Rc<[Cell<Weather>; 2]>,
}

impl Link {
    pub(crate) fn set(&self, weather: Weather) {
        self.weather.iter().for_each(|cell| cell.set(weather));
    }

    /// Of what the first end sends.
    pub(crate) fn set_from_first(&self, weather: Weather) {
        self.weather[0].set(weather);
    }
}

/// One end of a link.
pub(crate) struct End {
    from: Rc<RefCell<Lane>>,
    to: Rc<RefCell<Lane>>,
    link: Link,
    index: usize,
    random: u64,
}

/// A link and its two ends.
pub(crate) fn link(weather: Weather, seed: u64) -> (Link, End, End) {
    let link = Link { weather: Rc::new([Cell::new(weather), Cell::new(weather)]) };
    let lanes = [Rc::new(RefCell::new(Lane::default())), Rc::new(RefCell::new(Lane::default()))];
    let end = |index: usize| End {
        from: Rc::clone(&lanes[1 - index]),
        to: Rc::clone(&lanes[index]),
        link: link.clone(),
        index,
        random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index as u64 + 1),
    };
    let ends = (end(0), end(1));
    (link, ends.0, ends.1)
}

impl End {
    fn chance(&mut self, thousandths: u32) -> bool {
        self.below(1000) < u64::from(thousandths)
    }

    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit.max(1)
    }

    fn send(&mut self, packet: &[u8]) {
        let weather = self.link.weather[self.index].get();
        let copies = if self.chance(weather.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            if self.chance(weather.lost) {
                continue;
            }
            let jitter = self.below(weather.jitter.as_ticks() + 1);
            let due = Instant::now() + weather.delay + Duration::from_ticks(jitter);
            let mut lane = self.to.borrow_mut();
            lane.sent += 1;
            let sent = lane.sent;
            lane.packets.insert((due, sent), packet.to_vec());
            if let Some(receiver) = lane.receiver.take() {
                receiver.wake();
            }
        }
    }
}

impl Driver for End {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received, Sending<'_>)> {
        let mut lane = self.from.borrow_mut();
        lane.receiver = Some(cx.waker().clone());
        let first = lane.packets.first_entry()?;
        let due = first.key().0;
        if due > Instant::now() {
            embassy_time_driver::schedule_wake(due.as_ticks(), cx.waker());
            return None;
        }
        let packet = first.remove();
        drop(lane);
        Some((Received(packet), Sending(self)))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Sending<'_>> {
        Some(Sending(self))
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1500;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ip
    }
}

pub(crate) struct Received(Vec<u8>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, f: F) -> R {
        f(&mut self.0)
    }
}

pub(crate) struct Sending<'a>(&'a mut End);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut packet = vec![0; length];
        let result = f(&mut packet);
        self.0.send(&packet);
        result
    }
}
