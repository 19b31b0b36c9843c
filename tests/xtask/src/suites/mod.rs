//! The suites. One line in [`ALL`] adds one.

mod bench;
mod boards;
mod browser;
mod conformance;
mod conformance_client;
mod conformance_deflate;
mod embedded;
mod examples;
mod features;
mod firmware;
mod http2;
mod instructions;
mod memory;
mod no_panic;
mod package;
mod peers;
mod proxies;
mod qemu;
mod qemu_deflate;
mod readme;
mod size;
mod sources;
mod tls;
mod wasi;

use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// One thing that `cargo xtask` can check.
pub(crate) struct Suite {
    /// What to type.
    pub(crate) name: &'static str,
    /// What it checks, in one line.
    pub(crate) about: &'static str,
    /// Whether `cargo xtask test` includes it.
    pub(crate) in_test: bool,
    /// Checks it.
    pub(crate) run: fn(&Workspace) -> Outcome,
}

/// A suite that `cargo xtask test` includes.
const fn suite(name: &'static str, about: &'static str, run: fn(&Workspace) -> Outcome) -> Suite {
    Suite { name, about, in_test: true, run }
}

/// A suite that `cargo xtask test` leaves out, for it takes long and finds no fault.
const fn apart(name: &'static str, about: &'static str, run: fn(&Workspace) -> Outcome) -> Suite {
    Suite { in_test: false, ..suite(name, about, run) }
}

/// All suites, quick ones first.
pub(crate) const ALL: &[Suite] = &[
    suite("fmt", "the code is laid out as rustfmt does it", sources::fmt),
    suite("clippy", "no compiler or clippy warning in any target", sources::clippy),
    suite("features", "every cargo feature builds by itself", features::run),
    suite("docs", "the documentation builds without a warning", sources::docs),
    suite(
        "package",
        "what is published builds by itself, and has licence and README",
        package::run,
    ),
    suite(
        "readme",
        "the README's commands and first server, as a new user types them",
        readme::run,
    ),
    suite("host", "unit, integration and documentation tests of all packages", sources::host),
    suite(
        "embedded",
        "core builds for targets without an operating system, and passes its tests with 32 bits",
        embedded::run,
    ),
    suite(
        "no-panic",
        "core and the Embassy listener, linked for a Cortex-M0, hold no panic of their own",
        no_panic::run,
    ),
    suite("size", "flash and memory on boards, beside a bare TCP echo", size::run),
    suite(
        "instructions",
        "what the engine takes for frames and handshakes, beside the kept table",
        instructions::run,
    ),
    suite(
        "board-instructions",
        "the same on two boards in QEMU, beside two other libraries for boards",
        instructions::boards::run,
    ),
    suite(
        "conformance",
        "the Autobahn TestSuite against an echo on our listener",
        conformance::run,
    ),
    suite(
        "conformance-client",
        "the Autobahn TestSuite as a server of our client, over TLS too",
        conformance_client::run,
    ),
    suite(
        "conformance-deflate",
        "40 of Autobahn's cases of permessage-deflate against the deflate example",
        conformance_deflate::sample,
    ),
    suite(
        "conformance-client-deflate",
        "the same 40 with our client",
        conformance_deflate::client_sample,
    ),
    suite(
        "wasi",
        "core on standard input and output, under Node's WASI, against Autobahn",
        wasi::run,
    ),
    suite("examples", "each listener of the examples, and the client of them", examples::run),
    suite(
        "peers",
        "Python websockets and npm ws, as clients of ours and as servers of our clients",
        peers::run,
    ),
    suite(
        "proxies",
        "a listener behind nginx and HAProxy, which tell who the client is",
        proxies::run,
    ),
    suite("tls", "the tls example in Chromium, and against Autobahn", tls::run),
    suite("memory", "what connections cost in resident memory", memory::run),
    suite(
        "browser",
        "headless Chromium: the echo example's page, compression, the auth example's cookies",
        browser::run,
    ),
    suite("http2", "Python h2, curl and headless Chromium over HTTP/2", http2::run),
    suite("qemu", "the Embassy listener on two boards in QEMU, from outside", qemu::run),
    suite("firmware", "the firmware of boards that one can buy builds", firmware::run),
    apart(
        "boards",
        "a W5500-EVB-Pico in rp2040js; Autobahn's section 9 on a board in QEMU",
        boards::run,
    ),
    apart(
        "qemu-deflate",
        "permessage-deflate on the boards in QEMU, against Autobahn",
        qemu_deflate::run,
    ),
    apart(
        "bench-quick",
        "processor time and memory beside other libraries', roughly",
        bench::quick,
    ),
    apart(
        "conformance-deflate-full",
        "all 216 of Autobahn's cases of permessage-deflate, both ways, on PyPy",
        conformance_deflate::full,
    ),
    apart("bench", "processor time and memory beside other libraries'", bench::full),
    apart("bench-deflate", "the same of compressed messages, in more rounds", bench::deflate),
    apart("scale", "as many live connections as the machine holds", bench::scale),
];
