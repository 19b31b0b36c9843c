//! The opening handshake (RFC 6455 section 4).

use super::Rule;

pub(super) const CLIENT: &[Rule] = &[
    (
        "4.1",
        "with an invalid URL, no connection is opened",
        "std-listener/src/client/url.rs::parse",
        &["client::urls::a_bad_url_is_reported_before_any_connection_is_tried"],
    ),
    (
        "4.1",
        "a configured proxy is asked by CONNECT to open the way to host and port",
        "std-listener/src/client/proxy.rs::tunnel",
        &[
            "client::proxies::a_proxy_opens_the_way_to_the_server",
            "client::proxies::a_proxy_that_refuses_is_quoted",
        ],
    ),
    (
        "4.1",
        "without a transport, the connection fails",
        "std-listener/src/client/connecting.rs::reach",
        &[
            "client::hostile_servers::a_port_without_a_listener_refuses",
            "client::happy_eyeballs::the_error_says_how_the_last_address_failed",
        ],
    ),
    (
        "4.1",
        "a secure connection begins with a TLS handshake, after the proxy's answer and before any other byte",
        "std-listener/src/client/connecting.rs::secure",
        &[
            "client::tls::a_server_that_is_vouched_for_is_connected_to",
            "client::tls::tls_goes_through_a_proxy",
        ],
    ),
    (
        "4.1",
        "a TLS handshake that fails, such as for a bad certificate, fails the connection",
        "std-listener/src/client/tls.rs::connect",
        &["client::tls::a_certificate_that_does_not_fit_is_refused"],
    ),
    (
        "4.1",
        "the TLS handshake names the server (SNI)",
        "std-listener/src/client/tls.rs::connect",
        &["listener::tls::the_hook_sees_the_name_asked_for_and_the_protocol_agreed_on"],
    ),
    (
        "4.1",
        "the request is a valid HTTP request: headers cannot split it",
        "core/src/handshake/client_request.rs::check",
        &[
            "core::handshake_client::a_request_cannot_be_split",
            "core::handshake_client::a_request_cannot_contradict_itself",
        ],
    ),
    (
        "4.1",
        "the method is GET, and the version HTTP/1.1",
        "core/src/handshake/client_request.rs::write",
        &["core::handshake_client::the_request_meets_every_requirement_of_an_opening_handshake"],
    ),
    (
        "4.1",
        "the request's target is the resource name",
        "core/src/handshake/client_request.rs::check",
        &[
            "core::handshake_client::a_target_that_is_not_a_resource_name_is_not_sent",
            "client::urls::host_and_target_come_from_the_url",
        ],
    ),
    (
        "4.1",
        "Host names the server",
        "core/src/handshake/client_request.rs::check",
        &["core::handshake_client::an_invalid_host_is_not_sent"],
    ),
    (
        "4.1",
        "Host holds a port that is not the scheme's own",
        "std-listener/src/client/url.rs::host_header",
        &["client::urls::host_and_target_come_from_the_url"],
    ),
    (
        "4.1",
        "Upgrade holds `websocket`",
        "core/src/handshake/client_request.rs::write",
        &["core::handshake_client::the_request_meets_every_requirement_of_an_opening_handshake"],
    ),
    (
        "4.1",
        "Connection holds `Upgrade`",
        "core/src/handshake/client_request.rs::write",
        &["core::handshake_client::the_request_meets_every_requirement_of_an_opening_handshake"],
    ),
    (
        "4.1",
        "Sec-WebSocket-Key is a nonce of 16 bytes in base64",
        "core/src/handshake/key.rs::encode_key",
        &["core::handshake_client::the_request_meets_every_requirement_of_an_opening_handshake"],
    ),
    (
        "4.1",
        "the nonce is random, and new for each connection",
        "std-listener/src/client/opening.rs::open",
        &["client::opening::each_request_has_a_key_of_its_own"],
    ),
    (
        "4.1",
        "Sec-WebSocket-Version is 13",
        "core/src/handshake/client_request.rs::write",
        &["core::handshake_client::the_request_meets_every_requirement_of_an_opening_handshake"],
    ),
    (
        "4.1",
        "the subprotocols offered are tokens, none of them twice",
        "core/src/handshake/client_request.rs::check",
        &["core::handshake_client::subprotocols_that_are_not_unique_tokens_are_not_sent"],
    ),
    (
        "4.1",
        "the extensions offered follow the grammar",
        "core/src/handshake/client_request.rs::check",
        &["core::handshake_client::malformed_extensions_are_not_sent"],
    ),
    (
        "4.1",
        "after the request nothing is sent before the response has come",
        "std-listener/src/client/opening.rs::open",
        &["client::opening::nothing_follows_the_request_before_its_response"],
    ),
    (
        "4.1",
        "a status other than 101 is plain HTTP: no WebSocket is opened, a redirect may be followed",
        "core/src/handshake/verify.rs::verify",
        &[
            "core::handshake_client::another_status_is_plain_http",
            "client::opening::a_server_that_refuses_is_quoted",
            "client::redirects::every_kind_of_redirect_is_followed",
        ],
    ),
    (
        "4.1",
        "a response whose Upgrade is missing, or not `websocket` in any case, fails the connection",
        "core/src/handshake/verify.rs::verify",
        &["core::handshake_client::the_upgrade_is_websocket_alone"],
    ),
    (
        "4.1",
        "a response whose Connection does not list `Upgrade` in any case fails the connection",
        "core/src/handshake/verify.rs::verify",
        &["core::handshake_client::the_connection_lists_upgrade"],
    ),
    (
        "4.1",
        "a response whose Sec-WebSocket-Accept does not answer the key fails the connection",
        "core/src/handshake/verify.rs::verify",
        &[
            "core::handshake_client::the_accept_value_answers_our_key",
            "client::hostile_servers::a_wrong_accept_value_fails_the_connection",
        ],
    ),
    (
        "4.1",
        "a response with an extension that was not offered fails the connection",
        "core/src/handshake/verify.rs::verify",
        &["core::handshake_client::an_extension_that_was_not_offered_fails_the_connection"],
    ),
    (
        "4.1",
        "a response with a subprotocol that was not offered fails the connection",
        "core/src/handshake/verify.rs::verify",
        &[
            "core::handshake_client::a_subprotocol_that_was_not_offered_fails_the_connection",
            "listener::subprotocols::a_client_fails_a_connection_with_a_subprotocol_that_it_did_not_offer",
        ],
    ),
    (
        "4.1",
        "a response that breaks any other rule for the server's handshake fails the connection",
        "core/src/handshake/verify.rs::verify",
        &[
            "core::handshake_client::http_1_0_cannot_switch",
            "core::handshake_client::input_that_is_not_a_response_is_refused",
            "client::opening::an_answer_that_breaks_a_rule_fails_the_connection",
        ],
    ),
    (
        "4.1",
        "names of headers are compared in any case",
        "core/src/handshake/http/syntax.rs::is_name",
        &[
            "core::handshake_server_rules::header_names_are_compared_without_case",
            "behaviours::opening::header_names_have_no_case",
        ],
    ),
];

pub(super) const SERVER: &[Rule] = &[
    (
        "4.2.1",
        "a request that breaks a rule is answered with an HTTP error, such as 400",
        "core/src/handshake/upgrade_error.rs::status",
        &[
            "core::handshake_answers::every_error_becomes_an_answer_in_one_line",
            "core::handshake_server_rules::every_refusal_says_why_in_one_line",
        ],
    ),
    (
        "4.2.1",
        "the method is GET",
        "core/src/handshake/upgrade.rs::read",
        &[
            "core::handshake_server_rules::the_method_is_get",
            "behaviours::refusals::a_method_other_than_get_gets_405",
        ],
    ),
    (
        "4.2.1",
        "the version is HTTP/1.1 or higher",
        "core/src/handshake/upgrade.rs::read",
        &[
            "core::handshake_server_rules::http_1_0_is_refused",
            "behaviours::refusals::http_1_0_gets_400",
        ],
    ),
    (
        "4.2.1",
        "the request's target is a resource name, or a URI that holds one",
        "core/src/handshake/upgrade.rs::check_target",
        &["core::handshake_server_rules::the_target_names_a_resource"],
    ),
    (
        "4.2.1",
        "Host names the server, once",
        "core/src/handshake/opening_fields.rs::check_upgrade",
        &[
            "core::handshake_server_rules::exactly_one_valid_host_is_needed",
            "behaviours::refusals::a_request_without_exactly_one_host_gets_400",
        ],
    ),
    (
        "4.2.1",
        "Upgrade lists `websocket` in any case",
        "core/src/handshake/opening_fields.rs::check_upgrade",
        &[
            "core::handshake_server_rules::upgrade_lists_websocket_in_any_case",
            "behaviours::refusals::a_missing_or_wrong_upgrade_or_connection_gets_400",
        ],
    ),
    (
        "4.2.1",
        "Connection lists `Upgrade` in any case",
        "core/src/handshake/opening_fields.rs::check",
        &[
            "core::handshake_server_rules::connection_lists_upgrade_in_any_case_and_order",
            "behaviours::refusals::a_missing_or_wrong_upgrade_or_connection_gets_400",
        ],
    ),
    (
        "4.2.1",
        "Sec-WebSocket-Key is 16 bytes in base64, once",
        "core/src/handshake/key.rs::read_key",
        &[
            "core::handshake_server_rules::the_key_is_sixteen_bytes_in_base64",
            "core::handshake_server_rules::the_key_stands_once",
            "behaviours::refusals::a_bad_key_gets_400",
        ],
    ),
    (
        "4.2.1",
        "Sec-WebSocket-Version is 13",
        "core/src/handshake/opening_fields.rs::check_websocket",
        &[
            "core::handshake_server_rules::the_version_is_13",
            "core::handshake_server_rules::the_version_stands_once",
        ],
    ),
    (
        "4.2.1",
        "Sec-WebSocket-Protocol lists tokens, in the client's order of preference",
        "core/src/handshake/request.rs::subprotocols",
        &[
            "core::handshake_lists::subprotocols_keep_the_clients_order_over_several_lines",
            "core::handshake_lists::a_subprotocol_that_is_not_a_token_is_refused",
        ],
    ),
    (
        "4.2.1",
        "Sec-WebSocket-Extensions lists extensions, in the client's order of preference",
        "core/src/handshake/request.rs::extensions",
        &["core::handshake_lists::extensions_are_read_with_their_parameters"],
    ),
    (
        "4.2.1",
        "unknown headers are ignored",
        "core/src/handshake/opening_fields.rs::note",
        &[
            "core::handshake_server_rules::unknown_headers_are_ignored",
            "behaviours::opening::offers_that_are_not_taken_up_do_no_harm",
        ],
    ),
    (
        "4.2.2",
        "a secure connection begins with a TLS handshake, and ends if that fails",
        "std-listener/src/listener/layers.rs::secure",
        &[
            "listener::tls::messages_of_any_size_pass_in_both_directions",
            "listener::tls::input_that_is_neither_http_nor_tls_gets_an_alert",
        ],
    ),
    (
        "4.2.2",
        "an origin that the server does not accept is answered with 403",
        "std-listener/src/http/origin.rs::check",
        &[
            "listener::origins::only_listed_origins_are_allowed",
            "listener::origins::other_origins_get_403_and_the_application_is_not_asked",
        ],
    ),
    (
        "4.2.2",
        "the subprotocol answered is one of those offered; none at all has no header",
        "core/src/handshake/subprotocol.rs::select_subprotocol",
        &[
            "core::handshake_lists::the_first_supported_subprotocol_that_was_offered_is_chosen",
            "listener::subprotocols::a_subprotocol_that_was_not_offered_is_never_answered",
        ],
    ),
    (
        "4.2.2",
        "the extensions answered are among those offered",
        "std-listener/src/extension/negotiation.rs::answer",
        &[
            "listener::message_extension::ends_without_a_common_extension_use_none",
            "listener::deflate::rules::offers_are_answered_one_by_one",
        ],
    ),
    (
        "4.2.2",
        "an acceptance has status 101, `Upgrade: websocket` and `Connection: Upgrade`",
        "core/src/handshake/accept.rs::write",
        &[
            "core::handshake_answers::the_sample_is_answered_with_101",
            "behaviours::opening::a_good_request_is_answered_with_101",
        ],
    ),
    (
        "4.2.2",
        "Sec-WebSocket-Accept is the base64 of the SHA-1 of the key and the GUID",
        "core/src/handshake/key.rs::accept_value",
        &["core::handshake_server_rules::the_sample_handshake_has_the_sample_accept_value"],
    ),
    (
        "4.2.2",
        "the acceptance holds the chosen subprotocol and the chosen extensions",
        "core/src/handshake/accept.rs::write",
        &[
            "core::handshake_answers::subprotocol_extensions_and_headers_are_written",
            "core::handshake_answers::an_acceptance_cannot_contradict_itself",
        ],
    ),
    (
        "4.2.2",
        "the bytes after the request are the first frames",
        "core/src/handshake/http/scanner.rs::scan",
        &[
            "core::handshake_head::bytes_after_the_head_belong_to_the_next_protocol",
            "behaviours::opening::frames_in_the_same_segment_as_the_request_are_read",
        ],
    ),
    (
        "4.4",
        "another version is answered with 426 and the versions that the server supports",
        "core/src/handshake/plain_response.rs::refusal",
        &[
            "core::handshake_answers::another_version_is_answered_with_ours",
            "behaviours::refusals::another_version_gets_426_with_the_one_spoken",
            "listener::standards::an_unknown_version_is_answered_with_the_known_ones",
        ],
    ),
];
