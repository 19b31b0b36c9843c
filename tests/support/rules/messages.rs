//! Sending and receiving (RFC 6455 section 6), and text that is not UTF-8 (RFC 6455 section 8).

use super::Rule;

pub(super) const SENDING: &[Rule] = &[
    (
        "6.1",
        "a message is sent only while the connection is open; if it closes, the rest is not sent",
        "core/src/connection/outbound.rs::begin",
        &[
            "core::closing::nothing_is_sent_after_the_own_close_frame",
            "core::fragmentation::an_unfinished_outgoing_message_does_not_keep_the_connection_from_closing",
            "core::io_split::a_writer_that_waits_for_room_learns_of_the_peers_close",
        ],
    ),
    (
        "6.1",
        "data is sent in frames; data that is long, or not known as a whole, in several",
        "core/src/connection/outbound.rs::begin",
        &[
            "core::io_write::every_write_is_a_frame_and_the_last_one_ends_the_message",
            "core::io_echo::a_message_longer_than_the_room_goes_out_in_few_fragments",
        ],
    ),
    (
        "6.1",
        "the opcode of the first frame says what the data is",
        "core/src/connection/outbound.rs::begin",
        &["core::fragmentation::fragments_are_written_as_such"],
    ),
    (
        "6.1",
        "FIN is set in the last frame of a message",
        "core/src/connection/outbound.rs::begin",
        &["core::fragmentation::fragments_are_written_as_such"],
    ),
    (
        "6.1",
        "a client masks the frames of its messages",
        "core/src/connection/outbound.rs::begin",
        &["core::sending::a_client_masks_every_frame_and_a_server_none"],
    ),
    (
        "6.1",
        "an extension that both ends agreed on encodes the data before it is sent",
        "std-listener/src/extension/codec.rs::encode",
        &["listener::message_extension::only_encoded_messages_carry_the_bit_of_the_extension"],
    ),
    (
        "6.1",
        "the frames are sent over the transport, whole and in order",
        "core/src/io/sending.rs::poll_output",
        &[
            "core::any_operations::the_output_is_a_lawful_stream_of_whole_frames",
            "core::io_cancel::a_send_cut_between_frames_tears_none_of_them",
        ],
    ),
];

pub(super) const RECEIVING: &[Rule] = &[
    (
        "6.2",
        "what comes from the transport is read as frames, wherever it is cut",
        "core/src/connection/inbound.rs::read_frame",
        &[
            "core::any_split::any_split_of_any_stream_is_heard_as_the_same_messages_control_frames_and_error",
            "behaviours::echo::frames_that_come_byte_by_byte_are_read",
        ],
    ),
    (
        "6.2",
        "a control frame is handled as such",
        "core/src/connection/control.rs::end_control",
        &[
            "core::fragmentation::control_frames_between_fragments_are_heard_and_leave_the_message_alone",
        ],
    ),
    (
        "6.2",
        "a data frame begins or continues a message of the type that its opcode says",
        "core/src/connection/inbound.rs::begin_data",
        &["core::fragmentation::fragments_make_one_message_of_the_first_ones_kind"],
    ),
    (
        "6.2",
        "the payloads of all fragments make up the message",
        "core/src/connection/inbound.rs::take_data",
        &[
            "core::any_roundtrip::everything_sent_is_heard_with_any_cuts",
            "behaviours::echo::fragments_come_back_as_one_message",
        ],
    ),
    (
        "6.2",
        "the data frame after the last one of a message begins a new message",
        "core/src/connection/inbound.rs::begin_data",
        &[
            "core::utf8::a_character_cut_by_one_message_does_not_reach_into_the_next",
            "behaviours::echo::many_messages_in_one_segment_come_back_in_order",
        ],
    ),
    (
        "6.2",
        "a server unmasks what clients send",
        "core/src/connection/inbound.rs::take_payload",
        &[
            "core::framing::each_frame_is_unmasked_with_its_own_key_from_its_start",
            "behaviours::echo::every_masking_key_is_taken_off",
        ],
    ),
    (
        "6.2",
        "an extension that both ends agreed on decodes the data before the application gets it",
        "std-listener/src/extension/codec.rs::decode",
        &[
            "listener::message_extension::messages_of_every_size_pass_through_the_extension_in_both_directions",
        ],
    ),
    (
        "8.1",
        "text that is not UTF-8 fails the connection, with 1007, at the byte that makes it certain",
        "core/src/connection/inbound.rs::take_data",
        &[
            "core::utf8::bad_text_is_refused_by_its_first_invalid_byte_inside_an_unfinished_frame",
            "core::utf8::text_that_ends_inside_a_character_is_refused_at_its_end_and_not_before",
            "behaviours::bad_text::a_message_that_is_not_utf8_fails_with_1007",
        ],
    ),
    (
        "8.1",
        "a reason in a Close frame that is not UTF-8 fails the connection, with 1007",
        "core/src/connection/control.rs::check_received_close",
        &["core::utf8::a_close_reason_that_is_not_utf8_is_refused"],
    ),
    (
        "8.1",
        "a sender sends text that is UTF-8 as a whole, also where it writes bytes",
        "core/src/io/piece.rs::checked",
        &[
            "core::io_write::text_is_checked_across_writes_and_the_bad_bytes_are_not_sent",
            "listener::message_streams::a_chunk_that_is_not_text_is_refused_and_the_message_goes_on",
        ],
    ),
];
