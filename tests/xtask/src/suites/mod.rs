//! The suites. A line in [`ALL`] adds one.

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

use crate::install::Tool;
use crate::install::rust_target::Library::{Alloc, Core, Prebuilt, Std};
use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// One thing that `cargo xtask` can check.
pub(crate) struct Suite {
    /// What to type.
    pub(crate) name: &'static str,
    /// What it checks, in one line.
    pub(crate) about: &'static str,
    /// The tools that it runs with, besides Rust's compiler.
    pub(crate) tools: &'static [Tool],
    /// Whether `cargo xtask test` includes it.
    pub(crate) in_test: bool,
    /// Checks it.
    pub(crate) run: fn(&Workspace) -> Outcome,
}

/// A suite that `cargo xtask test` includes.
const fn suite(
    name: &'static str,
    about: &'static str,
    tools: &'static [Tool],
    run: fn(&Workspace) -> Outcome,
) -> Suite {
    Suite { name, about, tools, in_test: true, run }
}

/// A suite that `cargo xtask test` leaves out, because it takes long and finds no fault.
const fn apart(
    name: &'static str,
    about: &'static str,
    tools: &'static [Tool],
    run: fn(&Workspace) -> Outcome,
) -> Suite {
    Suite { in_test: false, ..suite(name, about, tools, run) }
}

const CURL: Tool = Tool::Program("curl", "curl");
const HAPROXY: Tool = Tool::Program("haproxy", "haproxy");
const NGINX: Tool = Tool::Program("nginx", "nginx");
const OPENSSL: Tool = Tool::Program("openssl", "openssl");
const PASST: Tool = Tool::Program("passt", "passt");
const QEMU_ARM: Tool = Tool::Program("qemu-system-arm", "qemu-system-arm");
const QEMU_RISCV: Tool = Tool::Program("qemu-system-riscv32", "qemu-system-misc");
const TASKSET: Tool = Tool::Program("taskset", "util-linux");
const VALGRIND: Tool = Tool::Program("valgrind", "valgrind");

/// The RP2040's instruction set, and the ESP32-C3's.
const ARM: Tool = Tool::Library("thumbv6m-none-eabi", Core);
const RISCV: Tool = Tool::Library("riscv32imc-unknown-none-elf", Core);
const RISCV_WITH_HEAP: Tool = Tool::Library("riscv32imc-unknown-none-elf", Alloc);
const WASM: Tool = Tool::Library("wasm32-unknown-unknown", Core);
const WASI: Tool = Tool::Library("wasm32-wasip1", Std);
const HOST_32: Tool = Tool::Library(embedded::HOST_32, Prebuilt);

/// All suites, quick ones first.
pub(crate) const ALL: &[Suite] = &[
    suite(
        "fmt",
        "the code is laid out as rustfmt does it",
        &[Tool::Component("fmt", "rustfmt")],
        sources::fmt,
    ),
    suite(
        "clippy",
        "no compiler or clippy warning in any target",
        &[Tool::Component("clippy", "clippy")],
        sources::clippy,
    ),
    suite(
        "features",
        "every cargo feature builds by itself",
        &[Tool::Component("clippy", "clippy")],
        features::run,
    ),
    suite("docs", "the documentation builds without a warning", &[], sources::docs),
    suite(
        "package",
        "what is published builds by itself, and has licence and README",
        &[],
        package::run,
    ),
    suite(
        "readme",
        "the README's commands and first server, as a new user types them",
        &[],
        readme::run,
    ),
    suite("host", "unit, integration and documentation tests of all packages", &[], sources::host),
    suite(
        "embedded",
        "core builds for targets without an operating system, and passes its tests with 32 bits",
        &[ARM, RISCV, WASM, WASI, HOST_32],
        embedded::run,
    ),
    suite(
        "no-panic",
        "core and the Embassy listener, linked for a Cortex-M0, hold no panic of their own",
        &[ARM],
        no_panic::run,
    ),
    suite(
        "size",
        "flash and memory on boards, beside a bare TCP echo",
        &[ARM, RISCV, QEMU_ARM],
        size::run,
    ),
    suite(
        "instructions",
        "instructions of the engine for frames and handshakes, beside the kept table",
        &[VALGRIND],
        instructions::run,
    ),
    suite(
        "board-instructions",
        "the same on two boards in QEMU, beside two other libraries for boards",
        &[ARM, RISCV, QEMU_ARM, QEMU_RISCV],
        instructions::boards::run,
    ),
    suite(
        "conformance",
        "the Autobahn TestSuite against an echo on our listener",
        &[Tool::Autobahn],
        conformance::run,
    ),
    suite(
        "conformance-client",
        "the Autobahn TestSuite as a server of our client, over TLS too",
        &[Tool::Autobahn, OPENSSL],
        conformance_client::run,
    ),
    suite(
        "conformance-deflate",
        "40 of Autobahn's cases of permessage-deflate against the deflate example",
        &[Tool::Autobahn],
        conformance_deflate::sample,
    ),
    suite(
        "conformance-client-deflate",
        "the same 40 with our client",
        &[Tool::Autobahn],
        conformance_deflate::client_sample,
    ),
    suite(
        "wasi",
        "core on standard input and output, under Node's WASI, against Autobahn",
        &[WASI, Tool::Node, Tool::Autobahn],
        wasi::run,
    ),
    suite(
        "examples",
        "each listener of the examples, and the client of them",
        &[OPENSSL],
        examples::run,
    ),
    suite(
        "peers",
        "Python websockets and npm ws, as clients of ours and as servers of our clients",
        &[Tool::Python, Tool::Node, OPENSSL],
        peers::run,
    ),
    suite(
        "proxies",
        "a listener behind nginx and HAProxy, which tell who the client is",
        &[Tool::Python, NGINX, HAPROXY, OPENSSL],
        proxies::run,
    ),
    suite(
        "tls",
        "the tls example in Chromium, and against Autobahn",
        &[Tool::Node, Tool::Chromium, Tool::Autobahn, OPENSSL],
        tls::run,
    ),
    suite("memory", "the resident memory of connections", &[], memory::run),
    suite(
        "browser",
        "headless Chromium: the echo example's page, compression, the auth example's cookies",
        &[Tool::Node, Tool::Chromium],
        browser::run,
    ),
    suite(
        "http2",
        "Python h2, curl and headless Chromium over HTTP/2",
        &[Tool::Python, CURL, Tool::Node, Tool::Chromium, OPENSSL],
        http2::run,
    ),
    suite(
        "qemu",
        "the Embassy listener on two boards in QEMU, from outside",
        &[ARM, RISCV, QEMU_ARM, QEMU_RISCV, Tool::Autobahn, Tool::Node, Tool::Chromium],
        qemu::run,
    ),
    suite(
        "firmware",
        "the firmware of boards that one can buy builds",
        &[ARM, RISCV_WITH_HEAP],
        firmware::run,
    ),
    apart(
        "boards",
        "a W5500-EVB-Pico in rp2040js; Autobahn's section 9 on a board in QEMU",
        &[ARM, RISCV, QEMU_RISCV, PASST, Tool::Node, Tool::Autobahn],
        boards::run,
    ),
    apart(
        "qemu-deflate",
        "permessage-deflate on the boards in QEMU, against Autobahn",
        &[
            ARM,
            RISCV,
            QEMU_ARM,
            QEMU_RISCV,
            Tool::Autobahn,
            Tool::Python,
            Tool::Node,
            Tool::Chromium,
        ],
        qemu_deflate::run,
    ),
    apart(
        "bench-quick",
        "processor time and memory beside other libraries', roughly",
        &[TASKSET],
        bench::quick,
    ),
    apart(
        "conformance-deflate-full",
        "all 216 of Autobahn's cases of permessage-deflate, both ways, on PyPy",
        &[Tool::AutobahnOnPypy],
        conformance_deflate::full,
    ),
    apart("bench", "processor time and memory beside other libraries'", &[TASKSET], bench::full),
    apart(
        "bench-deflate",
        "the same of compressed messages, in more rounds",
        &[TASKSET],
        bench::deflate,
    ),
    apart("scale", "as many live connections as the machine holds", &[TASKSET], bench::scale),
];
