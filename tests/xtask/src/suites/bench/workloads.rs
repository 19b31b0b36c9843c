//! What a server has to do, and how the load generator's answer is evaluated.

use std::collections::BTreeMap;

use super::contestants::{Contestant, OVER_TLS, broadcaster, compressor};
use super::figures::{Kind, Row, Shown};
use crate::outcome::Failure;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Connections that compress.
const COMPRESSING: usize = 32;

/// Connections that leave a server mostly waiting.
pub(super) const FEW: usize = 8;

/// One thing that a server has to do.
#[derive(Clone, Copy)]
pub(super) enum Workload {
    Echo(Echo),
    /// The same over TLS.
    Tls(Echo),
    /// Compressed text at level 1, with context takeover in both directions or without.
    Deflate {
        bytes: usize,
        takeover: bool,
    },
    /// The same as `Echo` from a server with one thread, then from one with two, both on both
    /// processors. The load takes its part of one processor, so that messages per second would say
    /// more about the load: what can be compared is how many messages the server handles in a
    /// second of processor time.
    Threads(Echo),
    /// This many connections are being opened and upgraded at any time.
    Handshakes {
        connections: usize,
    },
    /// One of the connections sends a message, all get it, repeat.
    Broadcast {
        connections: usize,
        bytes: usize,
    },
    /// This many connections are opened, do little, do much, and go.
    Memory {
        connections: usize,
    },
}

/// Each of the connections sends this many messages of this many bytes in one write, waits for all
/// echoes, and repeats.
#[derive(Clone, Copy)]
pub(super) struct Echo {
    connections: usize,
    bytes: usize,
    depth: usize,
}

/// A server to start, and where.
pub(super) struct Run {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    /// Whether it may also run on the load's processor.
    pub(super) on_both: bool,
}

const fn closed_loop(connections: usize, bytes: usize) -> Workload {
    Workload::Echo(Echo { connections, bytes, depth: 1 })
}

const fn pipelined(bytes: usize, depth: usize) -> Workload {
    Workload::Echo(Echo { connections: 16, bytes, depth })
}

const fn over_tls(connections: usize, bytes: usize) -> Workload {
    Workload::Tls(Echo { connections, bytes, depth: 1 })
}

const fn compressed(bytes: usize, takeover: bool) -> Workload {
    Workload::Deflate { bytes, takeover }
}

const fn threads(connections: usize, bytes: usize, depth: usize) -> Workload {
    Workload::Threads(Echo { connections, bytes, depth })
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
    over_tls(32, 32),
    over_tls(32, 16 * KIB),
    compressed(KIB, true),
    compressed(KIB, false),
    compressed(16 * KIB, true),
    compressed(16 * KIB, false),
    threads(256, 32, 1),
    threads(16, 512, 64),
    broadcast(1, 128),
    broadcast(1, 4 * KIB),
    broadcast(10, 128),
    broadcast(10, 4 * KIB),
    broadcast(100, 128),
    broadcast(100, 4 * KIB),
    broadcast(1_000, 128),
    broadcast(1_000, 4 * KIB),
    broadcast(10_000, 128),
    broadcast(10_000, 4 * KIB),
    Workload::Memory { connections: 10_000 },
];

pub(super) const DEFLATE: &[Workload] = &[
    compressed(KIB, true),
    compressed(KIB, false),
    compressed(16 * KIB, true),
    compressed(16 * KIB, false),
];

pub(super) const QUICK: &[Workload] = &[
    closed_loop(32, 32),
    closed_loop(256, 32),
    closed_loop(32, 16 * KIB),
    closed_loop(8, MIB),
    pipelined(32, 64),
    pipelined(512, 64),
    Workload::Handshakes { connections: 16 },
    over_tls(32, 32),
    threads(16, 512, 64),
    broadcast(1_000, 128),
    Workload::Memory { connections: 2_000 },
];

impl Workload {
    pub(super) fn title(&self) -> String {
        match *self {
            Self::Echo(echo) => echo.title(),
            Self::Tls(echo) => format!("TLS, {}", echo.title()),
            Self::Threads(echo) => format!("1 and 2 threads, {}", echo.title()),
            Self::Deflate { bytes, takeover } => {
                let takeover = if takeover { "with" } else { "without" };
                format!("compressed, {}, {takeover} context takeover", size(bytes))
            }
            Self::Handshakes { connections } => format!("handshakes, {connections} at once"),
            Self::Broadcast { connections, bytes } => {
                format!("broadcast to {connections}, {}", size(bytes))
            }
            Self::Memory { connections } => format!("memory of {connections} connections"),
        }
    }

    /// The contestant's servers to measure one after the other; none if it is not for this.
    pub(super) fn runs(&self, contestant: &Contestant) -> Vec<Run> {
        let run = |program: String, arguments: &[&str]| Run {
            program,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            on_both: matches!(self, Self::Threads(_)),
        };
        let name = contestant.name;
        match self {
            Self::Broadcast { .. } if contestant.broadcasts => vec![run(broadcaster(name), &[])],
            Self::Tls(_) if contestant.over_tls => vec![run(OVER_TLS.to_owned(), &[name])],
            Self::Deflate { takeover, .. }
                if contestant.compresses && (contestant.takes_over || !takeover) =>
            {
                vec![run(compressor(name), &[])]
            }
            Self::Threads(_) if contestant.threads => {
                vec![run(name.to_owned(), &[]), run(name.to_owned(), &["--threads", "2"])]
            }
            Self::Echo(echo) if contestant.streams && !echo.is_worth_streaming() => Vec::new(),
            Self::Handshakes { .. } | Self::Memory { .. } if contestant.streams => Vec::new(),
            Self::Echo(_) | Self::Handshakes { .. } | Self::Memory { .. } if contestant.echoes => {
                vec![run(name.to_owned(), &[])]
            }
            _ => Vec::new(),
        }
    }

    /// The load generator's arguments.
    pub(super) fn arguments(&self) -> Vec<String> {
        let words = match self {
            Self::Echo(echo) | Self::Threads(echo) => echo.words(),
            Self::Tls(echo) => format!("--tls {}", echo.words()),
            Self::Deflate { bytes, takeover } => {
                format!("deflate {COMPRESSING} {bytes} {}", u8::from(*takeover))
            }
            Self::Handshakes { connections } => format!("handshakes {connections}"),
            Self::Broadcast { connections, bytes } => format!("broadcast {connections} {bytes}"),
            Self::Memory { connections } => format!("memory {connections}"),
        };
        words.split(' ').map(str::to_owned).collect()
    }

    /// How often it is measured in this round, if workloads with few connections are measured this
    /// often. Memory does not depend on the machine's mood; where both ends mostly sleep and wake
    /// each other, much does.
    pub(super) const fn times(&self, round: usize, few: usize) -> usize {
        match self {
            Self::Memory { .. } if round == 0 => 1,
            Self::Memory { .. } => 0,
            Self::Echo(Echo { connections: ..=FEW, depth: 1, .. }) => few,
            _ => 1,
        }
    }

    /// The rows of the table that it fills.
    pub(super) fn rows(&self) -> Vec<Row> {
        let ratio = |title, unit| Row::new(self.kind(), title, unit, Shown::Ratio);
        let value = |title, unit| Row::new(self.kind(), title, unit, Shown::Value);
        match self {
            Self::Echo(_) | Self::Tls(_) => vec![ratio(self.title(), "us a message")],
            Self::Threads(echo) => {
                let title = |threads| format!("{threads}, {}", echo.title());
                vec![
                    ratio(title("1 thread"), "us a message"),
                    ratio(title("2 threads"), "us a message"),
                    value(title("2 threads against 1"), "messages per processor second"),
                ]
            }
            // The floor has no part in it.
            Self::Deflate { .. } => {
                vec![value(self.title(), "us a message"), value(self.title(), "bytes on the wire")]
            }
            Self::Handshakes { .. } | Self::Broadcast { .. } => {
                vec![ratio(self.title(), "us each")]
            }
            Self::Memory { connections } => vec![
                value(format!("{connections} idle connections"), "KiB each"),
                value("after 1 MiB on 100 of them".to_owned(), "KiB each"),
                value("after all have gone".to_owned(), "KiB in all"),
            ],
        }
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::Echo(Echo { depth: 1, .. }) => Kind::Echo,
            Self::Echo(_) => Kind::Pipelined,
            Self::Tls(_) => Kind::Tls,
            Self::Deflate { .. } => Kind::Deflate,
            Self::Threads(_) => Kind::Threads,
            Self::Handshakes { .. } => Kind::Handshakes,
            Self::Broadcast { .. } => Kind::Broadcast,
            Self::Memory { .. } => Kind::Memory,
        }
    }

    /// A value for each row, from what the load generator printed for each run.
    pub(super) fn values(&self, answers: &[String]) -> Result<Vec<f64>, Failure> {
        let values = answers.iter().map(|answer| self.measured(answer));
        let mut values = values.collect::<Result<Vec<_>, _>>()?.concat();
        if let (Self::Threads(_), &[one, two]) = (self, values.as_slice()) {
            values.push(one / two);
        }
        Ok(values)
    }

    fn measured(&self, answer: &str) -> Result<Vec<f64>, Failure> {
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
        let each = match number("count")? {
            0 => return Err(Failure::failed("nothing was done within the window")),
            count => number("processor_ns")? as f64 / 1_000.0 / count as f64,
        };
        Ok(match self {
            Self::Deflate { .. } => vec![each, number("wire_bytes_each")? as f64],
            _ => vec![each],
        })
    }
}

impl Echo {
    fn title(&self) -> String {
        let Self { connections, bytes, depth } = *self;
        let connections = match connections {
            1 => "1 connection".to_owned(),
            _ => format!("{connections} connections"),
        };
        match depth {
            1 => format!("{connections}, {}", size(bytes)),
            _ => format!("{connections}, {}, {depth} in flight", size(bytes)),
        }
    }

    /// Whether a message is too large to be held as a whole without need.
    const fn is_worth_streaming(&self) -> bool {
        self.bytes >= 64 * KIB && self.depth == 1
    }

    fn words(&self) -> String {
        format!("echo {} {} {}", self.connections, self.bytes, self.depth)
    }
}

/// A number of bytes, written as one would say it.
fn size(bytes: usize) -> String {
    match bytes {
        MIB.. => format!("{} MiB", bytes / MIB),
        KIB.. => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} B"),
    }
}
