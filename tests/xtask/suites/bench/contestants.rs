//! Whom the benchmark sets side by side.

/// A server.
#[derive(Clone, Copy)]
pub(super) struct Contestant {
    pub(super) name: &'static str,
    /// Whether it is somebody else's library.
    pub(super) is_peer: bool,
    /// Whether it sends bytes back without WebSocket.
    pub(super) is_raw: bool,
    /// Whether it passes messages on while they come in, in fragments: only for large ones.
    pub(super) streams: bool,
    /// Whether there is a program of this name, which sends messages back as they are.
    pub(super) echoes: bool,
    /// Whether there is a second program of it, for broadcasts.
    pub(super) broadcasts: bool,
    /// Whether the program of those over TLS has it.
    pub(super) over_tls: bool,
    /// Whether there is another program of it, which compresses.
    pub(super) compresses: bool,
    /// Whether that has context takeover.
    pub(super) takes_over: bool,
    /// Whether it can be told how many threads to have.
    pub(super) threads: bool,
}

const fn own(name: &'static str) -> Contestant {
    Contestant {
        name,
        is_peer: false,
        is_raw: false,
        streams: false,
        echoes: true,
        broadcasts: false,
        over_tls: false,
        compresses: false,
        takes_over: false,
        threads: false,
    }
}

/// One that every workload is for.
const fn first_class(name: &'static str) -> Contestant {
    Contestant { broadcasts: true, over_tls: true, threads: true, ..own(name) }
}

const fn peer(name: &'static str) -> Contestant {
    Contestant { is_peer: true, ..own(name) }
}

/// The same, with a program that compresses.
const fn compressing(contestant: Contestant) -> Contestant {
    Contestant { compresses: true, takes_over: true, ..contestant }
}

/// All of them. The first is what the others are compared with.
pub(super) const ALL: &[Contestant] = &[
    Contestant { is_raw: true, ..first_class("floor") },
    own("minimum"),
    compressing(first_class("ours")),
    Contestant { streams: true, ..own("ours-streams") },
    peer("fastwebsockets"),
    Contestant { over_tls: true, ..compressing(peer("sockudo-ws")) },
    Contestant { over_tls: true, ..peer("tokio-tungstenite") },
    Contestant { over_tls: true, ..peer("tokio-websockets") },
    Contestant { echoes: false, takes_over: false, ..compressing(peer("wtx")) },
    compressing(peer("yawc")),
];

/// The name of a contestant's second program.
pub(super) fn broadcaster(name: &str) -> String {
    format!("broadcast-{name}")
}

/// The name of a contestant's program that compresses.
pub(super) fn compressor(name: &str) -> String {
    format!("deflate-{name}")
}

/// The program of those over TLS.
pub(super) const OVER_TLS: &str = "tls";
