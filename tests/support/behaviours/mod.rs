//! What every listener has to show, whatever it runs on: how it answers bad input, and what it does
//! for good peers.
//!
//! A behaviour is a function over a [`Target`](crate::target::Target) that panics if the target does
//! not show it. [`every_behaviour!`](crate::every_behaviour) makes a test of each.
#![allow(missing_docs, reason = "the names of the behaviours are sentences that say it all")]

pub mod bad_frames;
pub mod bad_text;
pub mod closing;
pub mod control;
pub mod deadlines;
pub mod echo;
pub mod opening;
pub mod refusals;
pub mod too_much;

/// Makes a `#[test]` of each behaviour, in modules named by their topic.
///
/// `patient` runs a behaviour against a target whose deadlines are far away, `hasty` against one
/// whose deadlines can be waited for. Each is a function over
/// `impl AsyncFnOnce(&SomeTarget)` that is in scope.
#[macro_export]
macro_rules! every_behaviour {
    (patient: $patient:ident, hasty: $hasty:ident $(,)?) => {
        $crate::behaviours_as_tests! { $patient, opening:
            a_good_request_is_answered_with_101,
            upgrade_and_connection_are_lists_in_any_case_and_order,
            header_names_have_no_case,
            a_content_length_of_zero_is_no_body,
            frames_in_the_same_segment_as_the_request_are_read,
            a_close_frame_in_the_same_segment_as_the_request_is_answered,
            a_request_that_comes_byte_by_byte_is_accepted,
            a_head_of_just_the_limits_is_accepted,
            offers_that_are_not_taken_up_do_no_harm,
        }
        $crate::behaviours_as_tests! { $patient, refusals:
            what_is_not_http_gets_400,
            a_tls_hello_gets_400_at_its_first_byte,
            http_1_0_gets_400,
            a_method_other_than_get_gets_405,
            the_refusal_of_head_has_no_body,
            a_request_without_exactly_one_host_gets_400,
            a_bad_key_gets_400,
            a_missing_or_wrong_upgrade_or_connection_gets_400,
            another_version_gets_426_with_the_one_spoken,
            one_byte_or_header_over_the_limit_gets_431,
            an_endless_header_line_gets_431_at_the_limit,
            folded_lines_bare_line_feeds_and_nul_get_400,
            a_body_on_the_upgrade_gets_400,
            malformed_subprotocols_and_extensions_get_400,
            a_refused_peer_that_keeps_sending_can_read_the_answer,
        }
        $crate::behaviours_as_tests! { $patient, echo:
            messages_of_every_size_come_back,
            fragments_come_back_as_one_message,
            control_frames_between_fragments_are_answered_at_once,
            many_messages_in_one_segment_come_back_in_order,
            frames_that_come_byte_by_byte_are_read,
            every_masking_key_is_taken_off,
            connections_do_not_hear_each_other,
        }
        $crate::behaviours_as_tests! { $patient, control:
            a_ping_of_any_length_is_answered_with_its_payload,
            ten_pings_get_ten_pongs_in_order,
            a_pong_that_nobody_asked_for_changes_nothing,
            thousands_of_pings_are_answered_in_order,
            a_ping_before_a_large_message_is_answered_before_its_echo,
        }
        $crate::behaviours_as_tests! { $patient, closing:
            a_close_is_answered_with_its_code,
            a_close_without_a_code_is_answered_without_one,
            a_close_with_the_longest_reason_is_answered,
            what_comes_after_a_close_is_ignored,
            messages_before_a_close_come_back_before_its_answer,
            a_close_inside_a_fragmented_message_is_answered,
            a_close_and_the_end_of_the_stream_at_once_are_answered,
            a_stream_that_just_ends_is_ended_without_a_close_frame,
            what_was_echoed_before_the_stream_just_ends_arrives,
            others_are_served_after_peers_have_vanished,
        }
        $crate::behaviours_as_tests! { $patient, bad_frames:
            an_unmasked_frame_fails_with_1002,
            reserved_bits_fail_with_1002,
            reserved_opcodes_fail_with_1002,
            fragmented_control_frames_fail_with_1002,
            control_frames_over_125_bytes_fail_with_1002,
            lengths_in_a_longer_form_than_needed_fail_with_1002,
            a_length_with_its_top_bit_set_fails_with_1002,
            fragments_out_of_order_fail_with_1002,
            close_codes_that_must_not_be_sent_fail_with_1002,
            a_close_frame_with_one_byte_fails_with_1002,
            a_violation_is_refused_before_the_payload_has_come,
            a_frame_cut_by_the_end_of_the_stream_is_not_answered,
        }
        $crate::behaviours_as_tests! { $patient, bad_text:
            a_message_that_is_not_utf8_fails_with_1007,
            text_that_ends_inside_a_character_fails_with_1007,
            bad_text_in_an_unfinished_message_fails_with_1007_at_once,
            bad_text_in_an_unfinished_frame_fails_with_1007_at_once,
            characters_cut_anywhere_are_put_together,
            a_close_reason_that_is_not_utf8_fails_with_1007,
        }
        $crate::behaviours_as_tests! { $patient, too_much:
            a_frame_over_the_message_limit_by_one_byte_fails_with_1009,
            fragments_over_the_message_limit_by_one_byte_fail_with_1009,
            a_message_of_just_the_limit_is_echoed,
            one_fragment_too_many_fails_with_1008,
            just_as_many_fragments_as_allowed_are_one_message,
            limits_hold_for_each_message_and_not_for_all_together,
        }
        $crate::behaviours_as_tests! { $hasty, deadlines:
            a_peer_that_says_nothing_gets_408_at_the_deadline,
            a_peer_that_sends_byte_after_byte_gets_408_at_the_deadline,
            a_silent_connection_is_pinged_and_stays_if_it_answers,
            a_peer_that_sends_anything_instead_of_pongs_stays,
            a_peer_that_is_gone_is_given_up_at_the_pong_deadline,
            a_peer_that_stops_reading_is_given_up_at_the_write_deadline,
            a_peer_that_sends_pings_and_never_reads_is_given_up,
        }
    };
}

/// Makes a test of each named behaviour of one topic.
#[doc(hidden)]
#[macro_export]
macro_rules! behaviours_as_tests {
    ($run:ident, $topic:ident: $($behaviour:ident),* $(,)?) => {
        mod $topic {
            $(
                #[test]
                fn $behaviour() {
                    super::$run(async |target| {
                        $crate::behaviours::$topic::$behaviour(target).await;
                    });
                }
            )*
        }
    };
}
