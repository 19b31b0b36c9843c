//! The end of a connection (RFC 6455 section 7).

use super::Rule;

pub(super) const ENDING: &[Rule] = &[
    (
        "7.1.1",
        "the stream ends cleanly: what was sent leaves, then the sending direction ends, and what still comes is read",
        "core/src/connection/ending.rs::wants",
        &[
            "core::io_close::a_close_from_here_is_answered_and_both_streams_end",
            "listener::faults::unflushed_bytes_leave_before_the_end",
            "behaviours::refusals::a_refused_peer_that_keeps_sending_can_read_the_answer",
        ],
    ),
    (
        "7.1.1",
        "a TLS session ends with the alert for it",
        "std-listener/src/connection/closing.rs::poll_shut_down",
        &["listener::tls::a_connection_ends_with_an_alert_of_tls"],
    ),
    (
        "7.1.1",
        "a server ends the stream at once, so that it ends it first",
        "core/src/connection/ending.rs::wants",
        &[
            "core::close_handshake::either_end_closes_cleanly_and_the_server_drops_its_transport_first",
        ],
    ),
    (
        "7.1.1",
        "a client waits for the server to end the stream",
        "core/src/connection/ending.rs::waits_for_server",
        &["core::io_close::a_client_ends_its_stream_after_the_server"],
    ),
    (
        "7.1.1",
        "a client ends the stream itself after a while",
        "core/src/connection/deadlines.rs::handle_timeout",
        &[
            "core::close_handshake::a_client_drops_its_transport_at_the_deadline_if_the_server_never_does",
        ],
    ),
    (
        "7.1.2",
        "closing begins with a Close frame that has the code and the reason given",
        "core/src/connection/control.rs::close",
        &[
            "listener::closing::the_close_frame_carries_code_and_reason",
            "core::closing::closing_without_a_code_sends_an_empty_frame",
        ],
    ),
    (
        "7.1.2",
        "with a Close frame both sent and received, the stream is ended",
        "core/src/connection/ending.rs::is_closed",
        &[
            "core::close_handshake::either_end_closes_cleanly_and_the_server_drops_its_transport_first",
        ],
    ),
    (
        "7.1.3",
        "with a Close frame sent or received, the connection is closing: only the other Close frame may follow",
        "core/src/connection/ending.rs::begin",
        &[
            "core::closing::nothing_but_the_answer_is_sent_after_the_peers_close_frame",
            "core::closing::messages_are_received_until_the_close_frame_of_the_peer_and_no_longer",
        ],
    ),
    (
        "7.1.4",
        "a connection whose closing handshake was completed has been closed cleanly",
        "core/src/close.rs::is_clean",
        &[
            "core::io_close::a_peer_that_sends_its_close_and_hangs_up_has_closed_cleanly",
            "core::close_handshake::a_transport_that_breaks_ends_both_with_1006",
        ],
    ),
    (
        "7.1.5",
        "the code of the connection is that of the peer's Close frame, 1005 without one, 1006 without a frame",
        "core/src/connection/ending.rs::reason",
        &[
            "core::closing::an_empty_close_frame_is_answered_with_an_empty_one_and_read_as_1005",
            "core::closing::the_end_of_the_stream_without_a_close_frame_is_1006",
        ],
    ),
    (
        "7.1.6",
        "the reason of the connection is that of the peer's Close frame",
        "core/src/connection/ending.rs::reason",
        &["core::closing::a_reason_of_123_bytes_is_read_whole"],
    ),
    (
        "7.1.7",
        "to fail an open connection, a Close frame with the fitting code is sent, and the stream ended",
        "core/src/connection/inbound.rs::fail_receiving",
        &[
            "core::close_handshake::a_refused_peer_is_told_and_dropped",
            "core::io_close::a_violation_is_answered_with_its_code_and_the_stream_ends_in_order",
            "behaviours::bad_frames::a_violation_is_refused_before_the_payload_has_come",
        ],
    ),
    (
        "7.1.7",
        "after a failure nothing of the peer is processed, not even a Close frame",
        "core/src/connection/inbound.rs::ignore",
        &["core::closing::a_refused_peer_is_not_heard_again_and_the_reason_is_1006_by_this_end"],
    ),
    (
        "7.1.7",
        "a client that fails the connection ends the stream",
        "core/src/connection/ending.rs::waits_for_server",
        &["core::ending::a_client_that_fails_the_connection_waits_for_no_server"],
    ),
    (
        "7.1.7",
        "a server logs that it failed a connection",
        "std-listener/src/connection/ending.rs::tear_down",
        &["spans::a_failed_connection_is_logged_with_its_fault"],
    ),
];

pub(super) const CAUSES: &[Rule] = &[
    (
        "7.2.1",
        "a client whose opening handshake fails ends the stream",
        "std-listener/src/client/opening.rs::open",
        &["client::opening::an_answer_that_breaks_a_rule_fails_the_connection"],
    ),
    (
        "7.2.1",
        "a transport that is lost fails the connection",
        "core/src/connection/ending.rs::end_of_input",
        &[
            "core::io_close::a_stream_that_ends_without_a_close_is_a_lost_connection",
            "listener::terminal_values::an_abrupt_end_is_disconnected_for_ever",
        ],
    ),
    (
        "7.2.2",
        "a server that aborts an opening handshake ends the stream, after its answer",
        "std-listener/src/http/linger.rs::close",
        &[
            "behaviours::refusals::a_refused_peer_that_keeps_sending_can_read_the_answer",
            "listener::any_stream::both_a_refused_peer_and_the_caller_are_told",
        ],
    ),
    (
        "7.3",
        "a server that goes down closes its connections with 1001",
        "std-listener/src/connection/closing.rs::start_close",
        &[
            "listener::shutdown::connections::every_connection_is_closed_with_1001_and_counted",
            "embassy::shutdown::every_connection_is_told_1001_and_waited_for",
        ],
    ),
    (
        "7.4.1",
        "a violation of the protocol is told with 1002, bad text with 1007, a message that is too big with 1009",
        "core/src/error.rs::close_code",
        &[
            "behaviours::bad_frames::reserved_bits_fail_with_1002",
            "behaviours::bad_text::a_message_that_is_not_utf8_fails_with_1007",
            "behaviours::too_much::a_frame_over_the_message_limit_by_one_byte_fails_with_1009",
        ],
    ),
    (
        "7.4.1",
        "1004, 1005, 1006 and 1015 are not sent",
        "core/src/close.rs::is_sendable",
        &["core::closing::close_codes_that_must_not_be_on_the_wire_are_neither_accepted_nor_sent"],
    ),
    (
        "7.4.1",
        "1004, 1005, 1006 and 1015 fail the connection",
        "core/src/connection/control.rs::check_received_close",
        &[
            "core::closing::close_codes_that_must_not_be_on_the_wire_are_neither_accepted_nor_sent",
            "behaviours::bad_frames::close_codes_that_must_not_be_sent_fail_with_1002",
        ],
    ),
    (
        "7.4.2",
        "codes below 1000, and those of 1000 to 2999 that are not registered, are neither sent nor accepted; \
         3000 to 4999 are",
        "core/src/close.rs::is_sendable",
        &[
            "core::closing::close_codes_that_must_not_be_on_the_wire_are_neither_accepted_nor_sent",
            "behaviours::bad_frames::close_codes_that_must_not_be_sent_fail_with_1002",
            "behaviours::closing::a_close_is_answered_with_its_code",
        ],
    ),
];

/// The rules that only the application can keep, and how.
pub(super) const LEFT_TO_THE_APPLICATION: &[(&str, &str, &str)] = &[
    (
        "4.1",
        "a client opens one connection to a host at a time",
        "each call of `Client::connect` opens one, and knows of no other client of the host",
    ),
    (
        "7.2.3",
        "a client that connects again waits a random time first, and longer after each failure",
        "a client connects once; the documentation of `Client` shows such a loop",
    ),
    (
        "7.3",
        "a client closes a connection only for a reason",
        "a connection is closed by `close`, by a failure, or by dropping it",
    ),
];
