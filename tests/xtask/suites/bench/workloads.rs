//! What is asked of a server, and what is made of the load generator's answer.

use std::collections::BTreeMap;

use super::contestants::{Contestant, broadcaster};
use super::figures::{Row, Shown};
use crate::outcome::Failure;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// One thing to ask of a server.
#[derive(Clone, Copy)]
pub(super) enum Workload {
    /// Each of the connections sends so many messages of so many bytes in one write, waits for all
    /// echoes, repeats.
    Echo { connections: usize, bytes: usize, depth: usize },
    /// As many connections as this are being opened and upgraded at any time.
    Handshakes { connections: usize },
    /// One of the connections sends a message, all get it, repeat.
    Broadcast { connections: usize, bytes: usize },
    /// As many connections as this are opened, do little, do much, and go.
    Memory { connections: usize },
}

const fn closed_loop(connections: usize, bytes: usize) -> Workload {
    Workload::Echo { connections, bytes, depth: 1 }
}

const fn pipelined(bytes: usize, depth: usize) -> Workload {
    Workload::Echo { connections: 16, bytes, depth }
}

const fn broadcast(connections: usize, bytes: usize) -> Workload {
    Workload::Broadcast { connections, bytes }
}

pub(super) const FULL: &[Workload] = &[
    closed_loop(1, 32),
    closed_loop(32, 32),
    closed_loop(256, 32),
    closed_loop(32, KIB),
    closed_loop(256, KIB),
    closed_loop(1, 16 * KIB),
    closed_loop(32, 16 * KIB),
    closed_loop(32, 64 * KIB),
    closed_loop(1, MIB),
    closed_loop(8, MIB),
    pipelined(32, 16),
    pipelined(32, 64),
    pipelined(512, 16),
    pipelined(512, 64),
    Workload::Handshakes { connections: 16 },
    broadcast(1_000, 128),
    broadcast(1_000, 4 * KIB),
    broadcast(10_000, 128),
    broadcast(10_000, 4 * KIB),
    Workload::Memory { connections: 10_000 },
];

pub(super) const QUICK: &[Workload] = &[
    closed_loop(32, 32),
    closed_loop(256, 32),
    closed_loop(32, 16 * KIB),
    closed_loop(8, MIB),
    pipelined(32, 64),
    pipelined(512, 64),
    Workload::Handshakes { connections: 16 },
    broadcast(1_000, 128),
    Workload::Memory { connections: 2_000 },
];

impl Workload {
    pub(super) fn title(&self) -> String {
        match *self {
            Self::Echo { connections: 1, bytes, depth: 1 } => {
                format!("1 connection, {}", size(bytes))
            }
            Self::Echo { connections, bytes, depth: 1 } => {
                format!("{connections} connections, {}", size(bytes))
            }
            Self::Echo { connections, bytes, depth } => {
                format!("{connections} connections, {}, {depth} in flight", size(bytes))
            }
            Self::Handshakes { connections } => format!("handshakes, {connections} at once"),
            Self::Broadcast { connections, bytes } => {
                format!("broadcast to {connections}, {}", size(bytes))
            }
            Self::Memory { connections } => format!("memory of {connections} connections"),
        }
    }

    /// The name of the contestant's program for it, if there is one.
    pub(super) fn program(&self, contestant: &Contestant) -> Option<String> {
        match self {
            Self::Broadcast { .. } => contestant.broadcasts.then(|| broadcaster(contestant.name)),
            _ => Some(contestant.name.to_owned()),
        }
    }

    /// What the load generator is told.
    pub(super) fn arguments(&self) -> Vec<String> {
        let words = match self {
            Self::Echo { connections, bytes, depth } => {
                format!("echo {connections} {bytes} {depth}")
            }
            Self::Handshakes { connections } => format!("handshakes {connections}"),
            Self::Broadcast { connections, bytes } => format!("broadcast {connections} {bytes}"),
            Self::Memory { connections } => format!("memory {connections}"),
        };
        words.split(' ').map(str::to_owned).collect()
    }

    /// Of so many rounds, those in which it is measured. Memory does not depend on the machine's
    /// mood.
    pub(super) const fn rounds(&self, all: usize) -> usize {
        match self {
            Self::Memory { .. } => 1,
            _ => all,
        }
    }

    /// The rows of the table that it fills.
    pub(super) fn rows(&self) -> Vec<Row> {
        match self {
            Self::Echo { .. } => vec![Row::new(self.title(), "us a message", Shown::Ratio)],
            Self::Handshakes { .. } | Self::Broadcast { .. } => {
                vec![Row::new(self.title(), "us each", Shown::Ratio)]
            }
            Self::Memory { connections } => vec![
                Row::new(format!("{connections} idle connections"), "KiB each", Shown::Value),
                Row::new("after 1 MiB on 100 of them".to_owned(), "KiB each", Shown::Value),
                Row::new("after all have gone".to_owned(), "KiB in all", Shown::Value),
            ],
        }
    }

    /// A value for each row, from the names and numbers that the load generator printed.
    pub(super) fn values(&self, answer: &str) -> Result<Vec<f64>, Failure> {
        if let Some(reason) = answer.strip_prefix("failed: ") {
            return Err(Failure::failed(reason.trim()));
        }
        let numbers: BTreeMap<&str, u64> = answer
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
            .collect();
        let number = |name| {
            let number = numbers.get(name).copied();
            number.ok_or_else(|| Failure::failed(format!("the load told no `{name}`: {answer}")))
        };
        if let Self::Memory { .. } = self {
            let kibibytes = |name| Ok(number(name)? as f64 / 1024.0);
            return ["idle_bytes_each", "after_big_bytes_each", "left_bytes"]
                .map(kibibytes)
                .into_iter()
                .collect();
        }
        match number("count")? {
            0 => Err(Failure::failed("nothing was done within the window")),
            count => Ok(vec![number("processor_ns")? as f64 / 1_000.0 / count as f64]),
        }
    }
}

/// A number of bytes as one says it.
fn size(bytes: usize) -> String {
    match bytes {
        MIB.. => format!("{} MiB", bytes / MIB),
        KIB.. => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} B"),
    }
}
