//! Verification of `websocket-listener`: the behaviours that every listener has to show, over TCP
//! and in memory, and what its interface promises.

mod accepting;
mod allocations;
mod answer_options;
mod any_stream;
mod attached;
mod babbling;
mod broadcast;
mod budget;
mod byte_stream;
mod cancel;
mod certificates;
mod closing;
mod connection_extension;
mod conversions;
mod cookies;
mod counted;
mod counters;
mod credentials;
mod deflate;
mod endpoints;
mod error_causes;
mod faults;
mod faulty;
mod fitful;
mod flat_memory;
mod flood;
mod folder;
mod full_streams;
mod hostile_openings;
mod http2;
mod http_hook;
mod http_types;
mod hyper_service;
mod idle_memory;
mod ids;
#[cfg(unix)]
mod inherited_sockets;
mod joining;
mod keepalive;
mod limits;
mod memory;
mod message_extension;
mod message_streams;
mod messages;
mod metrics;
mod origins;
mod outgoing;
mod own_transport;
mod pongs;
mod prepared_encoding;
mod proxies;
mod redirects;
mod requests;
mod retaining;
mod runs;
mod shutdown;
mod split;
mod standards;
mod subprotocols;
mod support;
mod taken_over;
mod targets;
mod terminal_values;
mod tls;
#[cfg(unix)]
mod unix_sockets;
mod writes;
mod wrong_use;

mod over_tcp {
    use crate::targets::{hasty_tcp, patient_tcp};

    websocket_listener_tests::every_behaviour!(patient: patient_tcp, hasty: hasty_tcp);
}

mod in_memory {
    use crate::targets::streaming;

    websocket_listener_tests::every_behaviour!(patient: streaming, hasty: streaming);
}

mod byte_by_byte {
    use crate::targets::fitful;

    websocket_listener_tests::every_behaviour!(patient: fitful, hasty: fitful);
}
