//! The command line of the load generator.

use std::error::Error;
use std::time::Duration;

use crate::server::{Protocol, Server};

/// The work to do with the server.
#[derive(Clone, Copy)]
pub(crate) enum Workload {
    Echo { connections: usize, bytes: usize, depth: usize },
    Handshakes { connections: usize },
    Broadcast { connections: usize, bytes: usize },
    Deflate { connections: usize, bytes: usize, takeover: bool },
    Memory { connections: usize },
    Scale { connections: usize },
}

pub(crate) struct Arguments {
    pub(crate) server: Server,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    pub(crate) workload: Workload,
}

impl Arguments {
    pub(crate) fn parse() -> Result<Self, Box<dyn Error>> {
        use lexopt::prelude::*;

        let (mut address, mut process, mut protocol) = (None, None, Protocol::WebSocket);
        let mut tls = false;
        let (mut warm_up, mut window) = (0.3, 1.0);
        let mut words = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("address") => address = Some(parser.value()?.parse()?),
                Long("process") => process = Some(parser.value()?.parse()?),
                Long("raw") => protocol = Protocol::Raw,
                Long("fragments") => protocol = Protocol::Fragments,
                Long("tls") => tls = true,
                Long("warm-up") => warm_up = parser.value()?.parse()?,
                Long("window") => window = parser.value()?.parse()?,
                Value(word) => words.push(word.string()?),
                _ => return Err(argument.unexpected().into()),
            }
        }
        Ok(Self {
            server: Server {
                address: address.ok_or("--address is missing")?,
                process: process.ok_or("--process is missing")?,
                protocol,
                tls,
            },
            warm_up: Duration::try_from_secs_f64(warm_up)?,
            window: Duration::try_from_secs_f64(window)?,
            workload: workload(&words)?,
        })
    }
}

fn workload(words: &[String]) -> Result<Workload, Box<dyn Error>> {
    let (name, numbers) = words.split_first().ok_or("name a workload")?;
    let numbers = numbers.iter().map(|word| word.parse()).collect::<Result<Vec<usize>, _>>()?;
    match (name.as_str(), numbers.as_slice()) {
        ("echo", &[connections, bytes, depth]) => Ok(Workload::Echo { connections, bytes, depth }),
        ("handshakes", &[connections]) => Ok(Workload::Handshakes { connections }),
        ("broadcast", &[connections, bytes]) => Ok(Workload::Broadcast { connections, bytes }),
        ("deflate", &[connections, bytes, takeover @ (0 | 1)]) => {
            Ok(Workload::Deflate { connections, bytes, takeover: takeover == 1 })
        }
        ("memory", &[connections]) => Ok(Workload::Memory { connections }),
        ("scale", &[connections]) => Ok(Workload::Scale { connections }),
        _ => Err(format!("not a workload: {}", words.join(" ")).into()),
    }
}
