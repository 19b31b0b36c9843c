//! Frames (RFC 6455 section 5).

use super::Rule;

pub(super) const HEADERS: &[Rule] = &[
    (
        "5.1",
        "a client masks every frame that it sends, whatever the transport",
        "core/src/config.rs::mask",
        &["core::sending::a_client_masks_every_frame_and_a_server_none"],
    ),
    (
        "5.1",
        "a server masks no frame",
        "core/src/config.rs::mask",
        &["core::sending::a_client_masks_every_frame_and_a_server_none"],
    ),
    (
        "5.1",
        "a server closes the connection on a frame without a mask, with 1002",
        "core/src/frame/header.rs::decode",
        &[
            "core::framing::a_server_refuses_an_unmasked_frame_of_any_kind_with_its_second_byte",
            "behaviours::bad_frames::an_unmasked_frame_fails_with_1002",
        ],
    ),
    (
        "5.1",
        "a client closes the connection on a masked frame, with 1002",
        "core/src/frame/header.rs::decode",
        &["core::framing::a_client_refuses_a_masked_frame_of_any_kind_with_its_second_byte"],
    ),
    (
        "5.2",
        "reserved bits without an extension that owns them are not sent",
        "core/src/connection/outbound.rs::begin",
        &["core::sending::reserved_bits_that_were_not_negotiated_are_not_written"],
    ),
    (
        "5.2",
        "a reserved bit without an extension that owns it fails the connection",
        "core/src/frame/header.rs::decode",
        &[
            "core::framing::reserved_bits_are_refused_with_the_first_byte",
            "behaviours::bad_frames::reserved_bits_fail_with_1002",
        ],
    ),
    (
        "5.2",
        "an unknown opcode fails the connection",
        "core/src/frame/header.rs::decode",
        &[
            "core::framing::reserved_opcodes_are_refused_with_the_first_byte",
            "behaviours::bad_frames::reserved_opcodes_fail_with_1002",
        ],
    ),
    (
        "5.2",
        "a length is sent in its shortest form, in network byte order",
        "core/src/frame/header.rs::encode",
        &[
            "core::sending::headers_are_written_in_their_shortest_form",
            "core::differential::headers_are_the_same_bytes",
        ],
    ),
    (
        "5.2",
        "a length in a longer form than needed fails the connection",
        "core/src/frame/header.rs::decode",
        &[
            "core::framing::a_length_in_a_longer_form_than_needed_is_refused_with_its_last_byte",
            "behaviours::bad_frames::lengths_in_a_longer_form_than_needed_fail_with_1002",
        ],
    ),
    (
        "5.2",
        "the most significant bit of a length of 64 bits is 0",
        "core/src/frame/header.rs::decode",
        &[
            "core::framing::a_length_with_its_top_bit_set_is_refused_by_the_byte_of_that_bit",
            "behaviours::bad_frames::a_length_with_its_top_bit_set_fails_with_1002",
        ],
    ),
    (
        "5.3",
        "the key of a mask is unpredictable, from a strong source of randomness, and new for each frame",
        "std-listener/src/client/opening.rs::open",
        &["client::masks::no_mask_reveals_another"],
    ),
    (
        "5.3",
        "byte i of the payload is combined with byte i modulo 4 of the key",
        "core/src/frame/mask.rs::apply",
        &[
            "core::framing::each_frame_is_unmasked_with_its_own_key_from_its_start",
            "core::framing::the_examples_of_the_rfc_are_read",
            "behaviours::echo::every_masking_key_is_taken_off",
        ],
    ),
];

pub(super) const FRAGMENTS: &[Rule] = &[
    (
        "5.4",
        "the first frame of a message has its opcode, the others 0, and the last one FIN",
        "core/src/connection/outbound.rs::begin",
        &["core::fragmentation::fragments_are_written_as_such"],
    ),
    (
        "5.4",
        "fragments of one message are not interleaved with those of another",
        "core/src/connection/outbound.rs::begin",
        &[
            "core::fragmentation::a_message_cannot_begin_inside_another_or_continue_without_a_beginning",
        ],
    ),
    (
        "5.4",
        "a message inside an unfinished one, and a continuation without a message, fail the connection",
        "core/src/connection/inbound.rs::begin_data",
        &[
            "core::fragmentation::a_new_message_inside_an_unfinished_one_is_refused",
            "core::fragmentation::a_continuation_without_a_message_is_refused",
            "behaviours::bad_frames::fragments_out_of_order_fail_with_1002",
        ],
    ),
    (
        "5.4",
        "fragments are delivered in the order in which they were sent",
        "core/src/connection/inbound.rs::take_data",
        &[
            "core::any_split::any_split_of_any_stream_is_heard_as_the_same_messages_control_frames_and_error",
            "behaviours::echo::fragments_come_back_as_one_message",
        ],
    ),
    (
        "5.4",
        "both ends receive messages in one frame and in several",
        "core/src/connection/inbound.rs::begin_data",
        &[
            "core::fragmentation::fragments_make_one_message_of_the_first_ones_kind",
            "core::fragmentation::empty_fragments_are_fragments",
        ],
    ),
    (
        "5.4",
        "control frames amid a fragmented message are handled",
        "core/src/connection/control.rs::end_control",
        &[
            "core::fragmentation::control_frames_between_fragments_are_heard_and_leave_the_message_alone",
            "behaviours::echo::control_frames_between_fragments_are_answered_at_once",
        ],
    ),
    (
        "5.4",
        "all fragments of a message are of the type that the first one says",
        "core/src/connection/inbound.rs::begin_data",
        &["core::fragmentation::fragments_make_one_message_of_the_first_ones_kind"],
    ),
];

pub(super) const CONTROL: &[Rule] = &[
    (
        "5.5",
        "a control frame of more than 125 bytes fails the connection",
        "core/src/frame/header.rs::decode",
        &[
            "core::control_frames::a_control_frame_of_more_than_125_bytes_is_refused_with_its_second_byte",
            "behaviours::bad_frames::control_frames_over_125_bytes_fail_with_1002",
        ],
    ),
    (
        "5.5",
        "a ping of more than 125 bytes is not sent",
        "core/src/connection/control.rs::ping",
        &[
            "core::control_frames::a_ping_of_126_bytes_is_refused_to_the_caller_and_one_of_125_is_not",
        ],
    ),
    (
        "5.5",
        "a pong of more than 125 bytes is not sent",
        "core/src/connection/control.rs::pong",
        &["core::pongs::a_pong_too_long_or_too_late_is_refused_and_any_other_waits_for_room"],
    ),
    (
        "5.5",
        "a fragmented control frame fails the connection, and none is sent",
        "core/src/frame/header.rs::decode",
        &[
            "core::control_frames::a_fragmented_control_frame_is_refused_with_its_first_byte",
            "behaviours::bad_frames::fragmented_control_frames_fail_with_1002",
            "core::any_operations::the_output_is_a_lawful_stream_of_whole_frames",
        ],
    ),
    (
        "5.5.1",
        "the body of a Close frame begins with a code of two bytes: one byte alone fails the connection",
        "core/src/connection/control.rs::check_received_close",
        &[
            "core::closing::a_close_frame_with_one_byte_is_refused",
            "behaviours::bad_frames::a_close_frame_with_one_byte_fails_with_1002",
        ],
    ),
    (
        "5.5.1",
        "the reason in a Close frame is UTF-8",
        "core/src/connection/control.rs::check_received_close",
        &[
            "core::utf8::a_close_reason_that_is_not_utf8_is_refused",
            "behaviours::bad_text::a_close_reason_that_is_not_utf8_fails_with_1007",
        ],
    ),
    (
        "5.5.1",
        "the reason in a Close frame has at most 123 bytes",
        "core/src/connection/control.rs::check_close",
        &["core::closing::a_reason_of_124_bytes_is_refused_to_the_caller_and_one_of_123_is_not"],
    ),
    (
        "5.5.1",
        "a client masks its Close frame",
        "core/src/connection/control.rs::write",
        &["core::sending::a_client_masks_every_frame_and_a_server_none"],
    ),
    (
        "5.5.1",
        "no data frame is sent after a Close frame",
        "core/src/connection/outbound.rs::begin",
        &[
            "core::closing::nothing_is_sent_after_the_own_close_frame",
            "core::closing::nothing_but_the_answer_is_sent_after_the_peers_close_frame",
        ],
    ),
    (
        "5.5.1",
        "a Close frame is answered with one that has its code, as soon as the frame under way has been sent",
        "core/src/connection/control.rs::queue_close_echo",
        &[
            "core::closing::a_received_close_frame_is_answered_with_its_code",
            "core::closing::an_empty_close_frame_is_answered_with_an_empty_one_and_read_as_1005",
            "behaviours::closing::a_close_is_answered_with_its_code",
        ],
    ),
    (
        "5.5.1",
        "a Close frame that answers the own one gets no answer",
        "core/src/connection/control.rs::queue_close_echo",
        &[
            "core::closing::a_close_frame_that_crosses_the_own_one_completes_the_handshake",
            "core::close_handshake::both_ends_close_at_once_and_each_reads_the_reason_of_its_peer",
        ],
    ),
    (
        "5.5.1",
        "with a Close frame both sent and received, the connection is closed",
        "core/src/connection/ending.rs::is_closed",
        &[
            "core::close_handshake::either_end_closes_cleanly_and_the_server_drops_its_transport_first",
            "core::io_close::a_close_from_here_is_answered_and_both_streams_end",
        ],
    ),
    (
        "5.5.2",
        "a ping is answered with a pong, as soon as the frame under way has been sent",
        "core/src/connection/control.rs::end_control",
        &[
            "core::control_frames::a_ping_of_any_length_is_answered_with_its_payload",
            "core::io_control::the_pong_goes_out_before_the_frames_of_the_next_send",
            "behaviours::control::a_ping_before_a_large_message_is_answered_before_its_echo",
        ],
    ),
    (
        "5.5.2",
        "after a Close frame no ping is answered",
        "core/src/connection/control.rs::has_pong",
        &["core::control_frames::no_pong_is_sent_after_a_close_frame_was_received"],
    ),
    (
        "5.5.3",
        "a pong has the payload of its ping",
        "core/src/connection/control.rs::next",
        &[
            "core::control_frames::a_ping_of_any_length_is_answered_with_its_payload",
            "behaviours::control::a_ping_of_any_length_is_answered_with_its_payload",
        ],
    ),
    (
        "5.5.3",
        "of several pings at least the newest is answered",
        "core/src/connection/control.rs::begin",
        &[
            "core::control_frames::only_the_newest_unanswered_ping_is_answered",
            "core::control_frames::a_ping_that_is_still_coming_in_is_not_answered_with_parts_of_another",
            "behaviours::control::thousands_of_pings_are_answered_in_order",
        ],
    ),
    (
        "5.5.3",
        "an unsolicited pong gets no answer",
        "core/src/connection/control.rs::end_control",
        &[
            "core::control_frames::an_unsolicited_pong_is_heard_and_changes_nothing",
            "behaviours::control::an_unsolicited_pong_changes_nothing",
        ],
    ),
    (
        "5.6",
        "a text message is UTF-8 as a whole, wherever it is cut",
        "core/src/connection/inbound.rs::take_data",
        &[
            "core::utf8::good_text_is_accepted_with_characters_cut_anywhere_by_frames_and_input",
            "behaviours::bad_text::characters_cut_anywhere_are_put_together",
        ],
    ),
    (
        "5.6",
        "a binary message holds any bytes",
        "core/src/connection/inbound.rs::take_data",
        &["core::utf8::binary_messages_and_pings_hold_any_bytes"],
    ),
    (
        "5.8",
        "an extension acts only where both ends agreed on it",
        "std-listener/src/extension/negotiation.rs::answer",
        &[
            "listener::message_extension::ends_without_a_common_extension_use_none",
            "listener::message_extension::the_bit_of_the_extension_elsewhere_and_other_bits_are_refused",
        ],
    ),
];
