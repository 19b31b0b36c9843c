//! Known problems of other WebSocket libraries, and the tests that show that this one does not have
//! them.
//!
//! The rows come from the issue trackers of other libraries, from probing them, and from published
//! advisories. A test is named as `cargo test` names it: `listener::split::…` is in
//! `tests/suites/listener/split.rs`. One in `behaviours` is run against every listener.

/// A problem of another library, and the tests of it here.
pub type Lesson = (&'static str, &'static [&'static str]);

/// Problems that users report again and again, the most painful first.
pub const USERS: &[Lesson] = &[
    (
        "permessage-deflate is missing",
        &[
            "core::deflate_negotiation::the_offer_of_a_browser_is_accepted",
            "listener::deflate::messages::messages_of_every_size_arrive_in_both_directions_with_every_setting",
        ],
    ),
    (
        "a connection takes much memory, and more after a large message",
        &[
            "listener::idle_memory::an_idle_connection_holds_no_more_than_1_5_kib_before_and_after_messages",
            "listener::flat_memory::a_large_message_leaves_nothing_behind",
            "core::sending::a_connection_takes_no_more_than_432_bytes",
            "embassy::sizes::a_connection_takes_little_beside_its_rings",
        ],
    ),
    (
        "a future that is dropped loses bytes, or repeats them",
        &[
            "listener::cancel::accepting::no_connection_is_lost_or_given_out_twice",
            "listener::cancel::receiving::recv_dropped_once_at_each_place",
            "listener::cancel::sending::a_conversation_of_dropped_futures",
            "core::io_cancel::recv_goes_on_in_the_same_buffer",
            "embassy::cancelling::a_receive_dropped_at_any_wait_loses_nothing",
        ],
    ),
    (
        "a split connection sends no pongs, or deadlocks with both directions full",
        &[
            "listener::split::full_duplex_under_pressure_does_not_deadlock",
            "listener::split::pongs_go_out_when_only_the_reader_is_polled",
            "listener::split::pongs_go_out_while_the_writer_waits_for_room",
            "core::io_full::two_ends_that_send_at_once_through_tiny_rings_both_come_to_their_end",
        ],
    ),
    (
        "what a slow peer does not read piles up without a bound",
        &[
            "listener::messages::feed_waits_when_the_queue_is_full",
            "behaviours::deadlines::a_peer_that_stops_reading_is_given_up_at_the_write_deadline",
            "listener::broadcast::a_slow_connection_misses_the_newest_message_and_delays_no_other",
            "listener::broadcast::a_slow_connection_is_closed_with_1013_where_no_message_may_be_missing",
            "listener::broadcast::a_waiting_send_waits_under_every_policy",
        ],
    ),
    (
        "without a keepalive, dead peers stay for a day",
        &[
            "behaviours::deadlines::a_silent_peer_that_answers_its_pings_stays",
            "behaviours::deadlines::a_peer_that_is_gone_is_given_up_at_the_pong_deadline",
            "core::keepalive::the_defaults_match_the_documented_table",
            "listener::keepalive::a_ping_measures_the_latency",
        ],
    ),
    (
        "pings end connections that are alive",
        &[
            "behaviours::deadlines::a_peer_that_sends_anything_instead_of_pongs_stays",
            "listener::keepalive::a_ping_that_waits_behind_a_long_write_does_not_count",
            "listener::keepalive::a_busy_reader_does_not_count_against_the_peer",
            "core::keepalive::a_peer_is_pinged_and_not_given_up_at_once_after_a_jump_of_the_clock",
        ],
    ),
    (
        "a peer whose messages never pause keeps the other tasks of its thread waiting",
        &[
            "listener::budget::a_flood_of_tiny_messages_leaves_other_tasks_their_turn",
            "listener::budget::a_flood_of_tiny_messages_leaves_tasks_that_wait_for_a_socket_their_turn",
        ],
    ),
    (
        "in a task that has done much without waiting, streams say that there is nothing to do, and are believed",
        &[
            "listener::budget::messages_that_came_before_writing_failed_are_not_lost",
            "listener::budget::an_unread_pong_counts",
            "listener::budget::a_peer_that_takes_more_is_not_given_up",
        ],
    ),
    (
        "a clean close looks like an abrupt end, or hangs",
        &[
            "listener::closing::the_close_frame_carries_code_and_reason",
            "listener::terminal_values::a_clean_close_is_none_for_ever",
            "listener::terminal_values::an_abrupt_end_is_disconnected_for_ever",
            "listener::closing::a_peer_that_does_not_answer_is_waited_for_until_the_deadline",
        ],
    ),
    (
        "a violation gets no close code, or the connection stays in use",
        &[
            "core::io_close::a_violation_is_answered_with_its_code_and_the_stream_ends_in_order",
            "listener::terminal_values::a_violation_is_the_same_protocol_error_for_ever",
        ],
    ),
    (
        "no plain HTTP on the same port, no refusal with a body, no redirect, no taking over",
        &[
            "listener::http_hook::rejecting_and_redirecting_have_status_headers_and_body",
            "listener::http_hook::an_opening_handshake_can_be_taken_over",
            "embassy::http::a_page_is_served_again_and_again_on_the_same_port",
        ],
    ),
    (
        "a subprotocol is answered that was not offered",
        &[
            "listener::subprotocols::the_first_offered_subprotocol_in_the_order_of_the_listener_is_chosen",
            "listener::subprotocols::a_subprotocol_that_was_not_offered_is_never_answered",
            "listener::subprotocols::a_function_chooses_in_place_of_the_list",
        ],
    ),
    (
        "a graceful shutdown leaves WebSockets out",
        &[
            "listener::shutdown::connections::every_connection_is_closed_with_1001_and_counted",
            "listener::shutdown::connections::unused_connections_are_aborted_at_the_deadline",
            "listener::shutdown::notice::a_handler_that_waits_in_recv_can_say_a_last_word_before_1001",
            "listener::shutdown::notice::a_handler_that_is_busy_sending_gets_closed_from_its_next_send",
            "embassy::shutdown::every_connection_is_told_1001_and_waited_for",
        ],
    ),
    (
        "the limit of a message does not hold over its fragments",
        &[
            "behaviours::too_much::fragments_over_the_message_limit_by_one_byte_fail_with_1009",
            "behaviours::too_much::a_message_of_just_the_limit_is_echoed",
        ],
    ),
    (
        "every message is allocated, or cannot be received into the caller's own buffer",
        &[
            "listener::allocations::messages_of_up_to_a_kibibyte_come_and_go_without_an_allocation",
            "listener::allocations::a_large_message_is_read_into_the_callers_own_buffer_without_an_allocation",
            "core::io_echo::a_message_of_any_size_streams_through_a_small_ring_and_a_small_buffer",
            "embassy::cycles::messages_of_256_kib_pass_through_rings_of_512_bytes",
        ],
    ),
    (
        "a small message that is kept keeps the large buffer that it was read into",
        &["listener::flat_memory::messages_that_are_kept_hold_little_more_than_their_bytes"],
    ),
    (
        "large messages have to be in memory whole",
        &[
            "listener::message_streams::sixty_four_mebibytes_pass_through_as_a_stream",
            "listener::message_streams::a_message_is_available_before_its_end",
        ],
    ),
    (
        "pongs lie in the buffer, cannot be switched off, or are lost to the caller's own pongs and pings",
        &[
            "listener::split::pongs_go_out_when_only_the_reader_is_polled",
            "listener::pongs::without_automatic_pongs_only_the_application_answers",
            "listener::pongs::an_application_pong_and_an_automatic_one_do_not_replace_each_other",
            "core::pongs::an_application_pong_does_not_replace_an_automatic_one",
            "core::io_buffered::pongs_leave_without_a_flush",
            "core::keepalive::a_ping_of_the_caller_that_waits_is_not_replaced_by_one_of_our_own",
        ],
    ),
    (
        "a message for many is prepared or copied for each of them again, or waits for the slowest",
        &[
            "listener::broadcast::the_bytes_of_a_large_message_are_shared_by_all",
            "listener::message_extension::a_prepared_message_is_encoded_once_for_all",
            "listener::broadcast::a_broadcast_leaves_for_hundreds_at_once_without_a_receive",
        ],
    ),
    (
        "every message is flushed by itself, or copied to be written after its header",
        &[
            "listener::messages::fed_messages_leave_before_recv_waits",
            "listener::writes::all_fed_messages_leave_in_one_write_and_one_flush",
            "listener::writes::the_answers_to_messages_that_came_together_leave_together",
            "listener::writes::a_large_payload_leaves_without_a_copy_in_one_write_with_its_header",
        ],
    ),
    (
        "`Connection: keep-alive, Upgrade`, as Firefox sends it, is refused",
        &[
            "core::handshake_browsers::firefox_lists_keep_alive_before_upgrade",
            "behaviours::opening::upgrade_and_connection_are_lists_in_any_case_and_order",
        ],
    ),
    (
        "`Content-Length: 0`, as Flutter and small devices send it with the opening handshake, is refused",
        &[
            "core::handshake_browsers::dart_with_its_content_length_is_taken",
            "behaviours::opening::a_content_length_of_zero_means_no_body",
        ],
    ),
    (
        "bytes right after the opening handshake are lost or refused",
        &[
            "behaviours::opening::frames_in_the_same_segment_as_the_request_are_read",
            "listener::http_hook::a_stream_taken_over_begins_with_the_bytes_already_read",
            "core::io_buffered::bytes_after_the_handshake_are_the_first_frames",
        ],
    ),
    (
        "embedded servers hang when all slots are taken, or at a large request",
        &[
            "embassy::slots::a_peer_without_a_free_slot_is_refused_at_once_and_served_once_there_is_one",
            "embassy::slots::peers_that_drip_a_request_free_their_slots",
            "embassy::slots::a_request_larger_than_the_ring_is_431",
        ],
    ),
    (
        "the end of the TCP connection destroys what was sent before it",
        &[
            "behaviours::refusals::a_refused_peer_that_keeps_sending_can_read_the_answer",
            "listener::faults::unflushed_bytes_leave_before_the_end",
            "embassy::slots::a_dropped_connection_ends_after_its_sent_messages",
        ],
    ),
];

/// Faults found by probing other libraries.
pub const FAULTS: &[Lesson] = &[
    (
        "a key or a subprotocol that is too long panics",
        &[
            "core::handshake_server_rules::the_key_is_sixteen_bytes_in_base64",
            "core::handshake_lists::a_long_subprotocol_is_read_whole",
            "core::handshake_arbitrary::no_header_value_panics",
        ],
    ),
    (
        "frames of a client that are not masked are accepted",
        &["behaviours::bad_frames::an_unmasked_frame_fails_with_1002"],
    ),
    ("reserved bits are accepted", &["behaviours::bad_frames::reserved_bits_fail_with_1002"]),
    (
        "a close reason that is too long is sent",
        &["core::closing::a_reason_of_124_bytes_is_refused_to_the_caller_and_one_of_123_is_not"],
    ),
    (
        "a close frame that is too long is echoed",
        &["behaviours::bad_frames::control_frames_over_125_bytes_fail_with_1002"],
    ),
    (
        "control frames inside a fragmented message are refused",
        &["behaviours::echo::control_frames_between_fragments_are_answered_at_once"],
    ),
    (
        "a bad opening handshake gets no HTTP response",
        &[
            "behaviours::refusals::a_bad_key_gets_400",
            "behaviours::refusals::another_version_gets_426_with_the_one_spoken",
        ],
    ),
    (
        "`POST / HTTP/1.0` without a host, with a key of one letter, is upgraded",
        &["core::handshake_server_rules::post_http_1_0_without_host_and_with_key_x_is_refused"],
    ),
    (
        "a header without an end is read for as long as it comes",
        &["behaviours::refusals::an_endless_header_line_gets_431_at_the_limit"],
    ),
    (
        "text is not checked, or only once the message is whole",
        &[
            "behaviours::bad_text::a_message_that_is_not_utf8_fails_with_1007",
            "behaviours::bad_text::bad_text_in_an_unfinished_frame_fails_with_1007_at_once",
        ],
    ),
    (
        "a ping of 125 bytes is read wrongly",
        &["behaviours::control::a_ping_of_any_length_is_answered_with_its_payload"],
    ),
    (
        "the reason of a close frame is dropped",
        &["core::closing::a_reason_of_123_bytes_is_read_whole"],
    ),
    (
        "parameters of permessage-deflate are agreed to but ignored",
        &[
            "core::deflate_negotiation::each_accepted_parameter_is_answered",
            "listener::deflate::messages::no_message_refers_back_further_than_was_agreed",
        ],
    ),
    (
        "headers that the application adds are never written",
        &["listener::http_hook::accepting_adds_headers_and_cookies"],
    ),
    (
        "a timeout that never ends becomes a short one",
        &[
            "listener::accepting::the_extremes_of_every_option_are_harmless",
            "core::keepalive::a_deadline_at_the_end_of_the_clock_saturates",
        ],
    ),
];

/// Published advisories, and others of their kind.
pub const ADVISORIES: &[Lesson] = &[
    (
        "CVE-2023-43669: a head is parsed from its start again with every read",
        &["core::handshake_head::no_byte_is_looked_at_twice"],
    ),
    (
        "CVE-2022-35922, CVE-2020-27813, CVE-2020-13935: a declared length is allocated or truncated",
        &[
            "listener::flat_memory::a_large_announced_length_costs_nothing",
            "core::limits::lengths_beyond_32_and_64_bits_never_wrap_to_small_ones",
            "behaviours::bad_frames::a_length_with_its_top_bit_set_fails_with_1002",
        ],
    ),
    (
        "RUSTSEC-2020-0043: the outgoing buffer grows without a bound",
        &[
            "listener::messages::feed_waits_when_the_queue_is_full",
            "listener::flat_memory::pings_without_end_cost_one_queue",
        ],
    ),
    (
        "CVE-2026-48779: a message of endless empty fragments",
        &[
            "behaviours::too_much::a_fragment_over_the_limit_fails_with_1008",
            "listener::flat_memory::empty_fragments_without_end_cost_nothing",
        ],
    ),
    (
        "GHSA-3h5v-q93c-6h6q: too many headers crash the server",
        &[
            "core::handshake_head::the_sixty_fifth_header_is_refused_at_its_first_byte",
            "behaviours::refusals::a_byte_or_header_over_the_limit_gets_431",
        ],
    ),
    (
        "the limit of a message does not hold while it is inflated",
        &[
            "listener::deflate::rules::bombs_are_refused_at_the_limit",
            "listener::deflate::rules::the_limit_counts_uncompressed_bytes",
            "embassy::compression::a_bomb_is_refused_above_the_limit",
        ],
    ),
    (
        "CVE-2023-44487: work goes on for HTTP/2 streams that were reset, of which there may be any number",
        &["listener::http2::resets::a_hook_ends_with_the_stream_that_asked"],
    ),
    (
        "CVE-2026-45736: the payload of an outgoing control frame is not checked",
        &[
            "core::control_frames::a_ping_of_126_bytes_is_refused_to_the_caller_and_one_of_125_is_not",
            "core::closing::close_codes_that_must_not_be_on_the_wire_are_neither_accepted_nor_sent",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::{ADVISORIES, FAULTS, USERS};
    use crate::named::is_run;

    #[test]
    fn every_lesson_has_its_tests() {
        for (lesson, tests) in [USERS, FAULTS, ADVISORIES].concat() {
            assert!(!tests.is_empty(), "{lesson}");
            for test in tests {
                assert!(is_run(test), "{lesson}: there is no test {test}");
            }
        }
    }

    #[test]
    fn a_missing_test_is_noticed() {
        assert!(is_run("core::limits::the_default_limit_is_a_mebibyte"));
        assert!(!is_run("core::limits::no_such_test"));
        assert!(is_run("listener::http2::resets::a_hook_ends_with_the_stream_that_asked"));
        assert!(!is_run("listener::http2::no_such_module::no_such_test"));
        assert!(!is_run("listener::support::in_virtual_time"), "a function that is no test");
        assert!(is_run("behaviours::echo::messages_of_every_size_come_back"));
        assert!(!is_run("behaviours::echo::no_such_behaviour"));
    }
}
