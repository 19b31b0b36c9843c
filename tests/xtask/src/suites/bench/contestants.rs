//! The servers that the benchmark compares.

/// A server.
#[derive(Clone, Copy)]
pub(super) struct Contestant {
    pub(super) name: &'static str,
    /// Whether it is another library.
    pub(super) is_peer: bool,
    /// Whether it sends bytes back without WebSocket.
    pub(super) is_raw: bool,
    /// Whether it passes messages on in fragments while they come in; such servers are only
    /// measured with large messages.
    pub(super) streams: bool,
    /// Whether there is a program of this name, which echoes messages.
    pub(super) echoes: bool,
    /// Whether it has a second program, for broadcasts.
    pub(super) broadcasts: bool,
    /// Whether the program of the servers over TLS includes it.
    pub(super) over_tls: bool,
    /// Whether it has another program, which compresses.
    pub(super) compresses: bool,
    /// Whether that program supports context takeover.
    pub(super) takes_over: bool,
    /// Whether its number of threads can be set.
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

/// A contestant in every workload.
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

/// All contestants. The others are compared with the first.
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

/// The program of the servers over TLS.
pub(super) const OVER_TLS: &str = "tls";
