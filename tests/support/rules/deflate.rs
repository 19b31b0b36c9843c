//! permessage-deflate (RFC 7692): framing, negotiation, and the data of messages.

use super::Rule;

pub(super) const FRAMING: &[Rule] = &[
    (
        "6",
        "RSV1 is set on the first frame of a compressed message, and on no other frame",
        "core/src/connection/outbound.rs::begin",
        &[
            "core::sending::reserved_bits_are_written_on_the_first_frame_only",
            "listener::deflate::messages::control_frames_between_compressed_fragments_are_not_compressed",
        ],
    ),
    (
        "6",
        "RSV1 on a control frame fails the connection",
        "core/src/frame/header.rs::decode",
        &[
            "core::deflate_io::rsv1_is_refused_anywhere_but_on_a_first_frame",
            "listener::deflate::rules::the_bit_on_a_continuation_or_a_control_frame_is_refused",
        ],
    ),
    (
        "6",
        "RSV1 on a continuation fails the connection",
        "core/src/connection/inbound.rs::begin_data",
        &[
            "core::deflate_io::rsv1_is_refused_anywhere_but_on_a_first_frame",
            "listener::deflate::rules::the_bit_on_a_continuation_or_a_control_frame_is_refused",
        ],
    ),
    (
        "6.1",
        "some messages may be sent uncompressed, without RSV1",
        "core/src/io/compression/deflation.rs::compresses",
        &[
            "core::deflate_io::compressed_and_uncompressed_messages_come_in_any_order",
            "listener::deflate::messages::some_messages_are_sent_uncompressed",
        ],
    ),
    (
        "6.2",
        "a message with RSV1 is decompressed, one without is taken as it is",
        "core/src/io/compression/inflation.rs::begin",
        &[
            "core::deflate_io::compressed_and_uncompressed_messages_come_in_any_order",
            "listener::deflate::messages::uncompressed_messages_between_compressed_ones_are_read",
        ],
    ),
];

pub(super) const NEGOTIATION: &[Rule] = &[
    (
        "7.1",
        "an offer with an unknown parameter, a bad value or a parameter twice is declined",
        "core/src/permessage_deflate/parameters.rs::read",
        &[
            "core::deflate_negotiation::invalid_offers_are_declined",
            "listener::deflate::rules::offers_are_answered_one_by_one",
        ],
    ),
    (
        "7.1",
        "an offer that the server cannot support is declined",
        "core/src/permessage_deflate/settings.rs::accept",
        &[
            "core::deflate_negotiation::a_client_that_would_use_too_large_a_window_is_declined",
            "core::deflate_negotiation::a_window_that_this_end_cannot_compress_with_is_declined",
            "embassy::compression::the_listener_agrees_only_on_windows_that_fit_its_memory",
        ],
    ),
    (
        "7.1",
        "the first offer that can be accepted is, and the others are not answered",
        "core/src/permessage_deflate/settings.rs::select",
        &["core::deflate_negotiation::the_first_offer_that_can_be_accepted_is_selected"],
    ),
    (
        "7.1",
        "an answer with an unknown parameter, a bad value or a parameter twice fails the connection",
        "core/src/permessage_deflate/parameters.rs::read",
        &["core::deflate_negotiation::a_client_refuses_parameters_that_it_did_not_offer"],
    ),
    (
        "7.1",
        "an answer that the client cannot support fails the connection",
        "core/src/permessage_deflate/settings.rs::verify_answer",
        &[
            "core::deflate_negotiation::a_client_refuses_parameters_that_it_did_not_offer",
            "listener::message_extension::a_client_refuses_an_extension_that_it_did_not_offer",
        ],
    ),
    (
        "7.1.1",
        "the parameters for context takeover have no value",
        "core/src/permessage_deflate/parameters.rs::set",
        &["core::deflate_negotiation::invalid_offers_are_declined"],
    ),
    (
        "7.1.1.1",
        "an offer with server_no_context_takeover is accepted with the same parameter",
        "core/src/permessage_deflate/agreement.rs::answer",
        &["core::deflate_negotiation::each_accepted_parameter_is_answered"],
    ),
    (
        "7.1.1.1",
        "a client that offered server_no_context_takeover refuses an answer without",
        "core/src/permessage_deflate/settings.rs::verify_answer",
        &["core::deflate_negotiation::a_client_refuses_parameters_that_it_did_not_offer"],
    ),
    (
        "7.1.1.2",
        "a client keeps to client_no_context_takeover in the answer, offered or not",
        "core/src/permessage_deflate/settings.rs::verify_answer",
        &[
            "core::deflate_negotiation::both_ends_agree",
            "core::deflate_negotiation::a_client_accepts_an_answer_to_its_offer",
        ],
    ),
    (
        "7.1.2.1",
        "window bits are a decimal number from 8 to 15 without leading zeros",
        "core/src/permessage_deflate/window_bits.rs::parse",
        &["core::deflate_negotiation::only_window_bits_from_8_to_15_are_accepted"],
    ),
    (
        "7.1.2.1",
        "an offer with server_max_window_bits is accepted with the same value or a smaller one",
        "core/src/permessage_deflate/agreement.rs::answer",
        &[
            "core::deflate_negotiation::each_accepted_parameter_is_answered",
            "core::deflate_negotiation::the_smaller_window_of_both_ends_is_used",
        ],
    ),
    (
        "7.1.2.1",
        "a client refuses an answer with a larger server_max_window_bits than it offered, or without",
        "core/src/permessage_deflate/settings.rs::verify_answer",
        &["core::deflate_negotiation::a_client_refuses_parameters_that_it_did_not_offer"],
    ),
    (
        "7.1.2.2",
        "without client_max_window_bits in the offer, there is none in the answer",
        "core/src/permessage_deflate/agreement.rs::answer",
        &["core::deflate_negotiation::each_accepted_parameter_is_answered"],
    ),
    (
        "7.1.2.2",
        "client_max_window_bits is answered with the value offered or a smaller one",
        "core/src/permessage_deflate/settings.rs::accept",
        &["core::deflate_negotiation::the_smaller_window_of_both_ends_is_used"],
    ),
    (
        "7.1.2.2",
        "a client refuses client_max_window_bits without a value, or above what it offered",
        "core/src/permessage_deflate/settings.rs::verify_answer",
        &["core::deflate_negotiation::a_client_refuses_parameters_that_it_did_not_offer"],
    ),
];

pub(super) const DATA: &[Rule] = &[
    (
        "7.2.1",
        "the payload is compressed by DEFLATE, flushed to a whole byte, and sent without the last 00 00 ff ff",
        "core/src/deflate/deflater.rs::deflate",
        &[
            "core::deflate_zlib::zlib_inflates_our_deflated_data",
            "core::deflate_vectors::an_empty_message",
        ],
    ),
    (
        "7.2.1",
        "the same from the Tokio crate's codec",
        "std-listener/src/deflate/deflater.rs::deflate",
        &[
            "listener::deflate::messages::the_server_sends_the_example_of_the_rfc",
            "listener::deflate::messages::messages_of_every_size_arrive_in_both_directions_with_every_setting",
        ],
    ),
    (
        "7.2.1",
        "a sender refers back no further than the window agreed on",
        "core/src/deflate/deflater.rs::find",
        &[
            "core::deflate_zlib::our_deflated_data_is_inflated_within_the_smaller_window",
            "listener::deflate::messages::no_message_refers_back_further_than_was_agreed",
        ],
    ),
    (
        "7.2.1",
        "without context takeover each message is compressed from an empty window",
        "core/src/deflate/deflater.rs::reset",
        &[
            "core::deflate_vectors::a_second_message_has_an_empty_window_without_takeover",
            "listener::deflate::messages::a_message_refers_to_earlier_ones_only_with_context_takeover",
        ],
    ),
    (
        "7.2.2",
        "00 00 ff ff is put after the payload, and the whole decompressed",
        "core/src/deflate/inflater.rs::inflate",
        &[
            "core::deflate_zlib::data_deflated_by_zlib_is_inflated",
            "core::deflate_vectors::a_message_of_one_block",
        ],
    ),
    (
        "7.2.2",
        "the same from the Tokio crate's codec",
        "std-listener/src/deflate/inflater.rs::inflate",
        &["listener::deflate::messages::the_examples_of_the_rfc_are_read"],
    ),
    (
        "7.2.2",
        "with context takeover a message may refer to earlier ones",
        "core/src/deflate/inflater.rs::begin_message",
        &[
            "core::deflate_vectors::a_second_message_shares_the_window",
            "core::deflate_io::a_skipped_message_stays_in_the_window",
        ],
    ),
    (
        "7.2.3.4",
        "a block with BFINAL does not end the message: another stream may follow",
        "core/src/deflate/inflater.rs::end_block",
        &[
            "core::deflate_vectors::a_block_that_is_the_last_of_its_stream",
            "listener::deflate::messages::final_blocks_may_stand_anywhere",
        ],
    ),
];

pub(super) const EXTENSIONS: &[Rule] = &[
    (
        "9.1",
        "a request whose Sec-WebSocket-Extensions violates the grammar is refused",
        "core/src/handshake/opening_fields.rs::note",
        &[
            "core::handshake_lists::malformed_extensions_are_refused",
            "behaviours::refusals::malformed_subprotocols_and_extensions_get_400",
        ],
    ),
    (
        "9.1",
        "a response whose Sec-WebSocket-Extensions violates the grammar fails the connection",
        "core/src/handshake/verify.rs::verify",
        &["core::handshake_client::an_extension_that_was_not_offered_fails_the_connection"],
    ),
    (
        "9.1",
        "a quoted value is a token once its quotes are removed",
        "core/src/handshake/extension.rs::parse_param",
        &[
            "core::handshake_lists::extensions_are_read_with_their_parameters",
            "core::handshake_lists::an_escaped_value_is_legal_and_declined",
        ],
    ),
];
