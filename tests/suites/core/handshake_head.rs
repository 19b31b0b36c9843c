//! The end of a head is found once, early, and within limits (RFC 9112 section 2, RFC 6585 section
//! 5).

use websocket_listener_core::handshake::{
    HeadError, HeadLimits, HeadScanner, MAX_HEAD_BYTES, MAX_HEADERS,
};

use crate::handshake_samples::{REQUIRED, head};

fn scan(bytes: &[u8]) -> Result<Option<usize>, HeadError> {
    HeadScanner::new(HeadLimits::DEFAULT).scan(bytes)
}

/// Feeds the scanner byte by byte; returns the number of bytes until it refuses, and the reason.
fn refused_at(bytes: &[u8]) -> Option<(usize, HeadError)> {
    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    (0..=bytes.len()).find_map(|end| scanner.scan(&bytes[..end]).err().map(|error| (end, error)))
}

/// A request of exactly `length` bytes.
fn head_of(length: usize) -> Vec<u8> {
    let mut bytes = b"GET / HTTP/1.1\r\nA: ".to_vec();
    bytes.resize(length - 4, b'a');
    bytes.extend(b"\r\n\r\n");
    bytes
}

#[test]
fn bytes_after_the_head_belong_to_the_next_protocol() {
    let request = head("GET /chat HTTP/1.1", &REQUIRED);
    let mut bytes = request.clone().into_bytes();
    bytes.extend(b"\x81\x85\r\n\r\n\x00");
    assert_eq!(scan(&bytes), Ok(Some(request.len())));
}

#[test]
fn a_head_without_headers_ends_at_its_empty_line() {
    assert_eq!(scan(b"GET / HTTP/1.1\r\n\r\n"), Ok(Some(18)));
}

#[test]
fn a_head_is_not_whole_before_its_last_byte() {
    let request = head("GET /chat HTTP/1.1", &REQUIRED);
    for end in 0..request.len() {
        assert_eq!(scan(&request.as_bytes()[..end]), Ok(None));
    }
}

#[test]
fn no_byte_is_looked_at_twice() {
    let request = head_of(HeadLimits::DEFAULT.bytes);
    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    let mut received = Vec::new();
    for (index, byte) in request.iter().enumerate() {
        received.push(*byte);
        let outcome = scanner.scan(&received);
        assert_eq!(scanner.scanned(), index + 1);
        assert_eq!(outcome, Ok((index + 1 == request.len()).then_some(request.len())));
        // Bytes it has seen may turn into anything: it does not notice.
        received[index] = 0;
    }
}

#[test]
fn the_outcome_is_final() {
    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\n\r\n"), Ok(Some(18)));
    assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\n\r\n\0\0\0"), Ok(Some(18)));

    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    assert_eq!(scanner.scan(b"\n"), Err(HeadError::NotHttp));
    assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\n\r\n"), Err(HeadError::NotHttp));
}

#[test]
fn a_buffer_shorter_than_the_scanned_part_is_not_progress() {
    let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
    assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\n"), Ok(None));
    assert_eq!(scanner.scan(b"GET"), Ok(None));
    assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\n\r\n"), Ok(Some(18)));
}

#[test]
fn a_head_of_exactly_the_limit_is_taken() {
    assert_eq!(scan(&head_of(8192)), Ok(Some(8192)));
}

#[test]
fn a_head_one_byte_over_the_limit_is_too_large() {
    let bytes = head_of(8193);
    assert_eq!(scan(&bytes), Err(HeadError::TooLarge));
    assert_eq!(refused_at(&bytes), Some((8192, HeadError::TooLarge)));
    assert_eq!(HeadError::TooLarge.status(), 431);
}

#[test]
fn frames_after_a_head_do_not_count_towards_its_limit() {
    let mut bytes = head_of(8192);
    bytes.extend([0x82; 4096]);
    assert_eq!(scan(&bytes), Ok(Some(8192)));
}

#[test]
fn a_never_ending_header_is_refused_at_the_limit() {
    let mut bytes = b"GET / HTTP/1.1\r\nCookie: ".to_vec();
    bytes.resize(1 << 20, b'a');
    assert_eq!(scan(&bytes), Err(HeadError::TooLarge));
}

#[test]
fn limits_above_the_hard_maximum_are_capped() {
    let limits = HeadLimits { bytes: usize::MAX, headers: usize::MAX };
    let scan = |bytes: &[u8]| HeadScanner::new(limits).scan(bytes);
    assert_eq!(scan(&head_of(MAX_HEAD_BYTES)), Ok(Some(MAX_HEAD_BYTES)));
    assert_eq!(scan(&head_of(MAX_HEAD_BYTES + 1)), Err(HeadError::TooLarge));
    let headers = |count| head("GET / HTTP/1.1", &vec![("A", "a"); count]);
    assert!(scan(headers(MAX_HEADERS).as_bytes()).is_ok());
    assert_eq!(scan(headers(MAX_HEADERS + 1).as_bytes()), Err(HeadError::TooManyHeaders));
}

#[test]
fn a_limit_of_nothing_refuses_everything() {
    let mut scanner = HeadScanner::new(HeadLimits { bytes: 0, headers: 0 });
    assert_eq!(scanner.scan(b""), Err(HeadError::TooLarge));
}

#[test]
fn sixty_four_headers_are_taken() {
    let bytes = head("GET / HTTP/1.1", &[("A", "a"); 64]);
    assert_eq!(scan(bytes.as_bytes()), Ok(Some(bytes.len())));
}

#[test]
fn the_sixty_fifth_header_is_refused_at_its_first_byte() {
    let taken = head("GET / HTTP/1.1", &[("A", "a"); 64]);
    let bytes = head("GET / HTTP/1.1", &[("A", "a"); 65]);
    assert_eq!(refused_at(bytes.as_bytes()), Some((taken.len() - 1, HeadError::TooManyHeaders)));
    assert_eq!(HeadError::TooManyHeaders.status(), 431);
}

#[test]
fn a_tls_hello_is_refused_at_its_first_byte() {
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    assert_eq!(refused_at(hello), Some((1, HeadError::NotHttp)));
}

#[test]
fn a_first_byte_that_starts_no_method_is_refused() {
    for byte in
        (0..=255_u8).filter(|byte| b"\r\n\t \0\"(),/:;<=>?@[\\]{}\x7f\x80\xff".contains(byte))
    {
        assert_eq!(refused_at(&[byte]), Some((1, HeadError::NotHttp)), "{byte}");
    }
}

#[test]
fn a_line_feed_without_carriage_return_is_refused_on_arrival() {
    for bytes in ["GET / HTTP/1.1\nHost: a", "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\r\n\n"]
    {
        let at = bytes.match_indices('\n').find(|(at, _)| !bytes[..*at].ends_with('\r')).unwrap().0;
        assert_eq!(refused_at(bytes.as_bytes()), Some((at + 1, HeadError::BareLineFeed)));
    }
}

#[test]
fn a_carriage_return_without_line_feed_is_refused_at_the_next_byte() {
    let fault = HeadError::BareCarriageReturn;
    assert_eq!(refused_at(b"GET / HTTP/1.1\rHost: a"), Some((16, fault)));
    assert_eq!(refused_at(b"GET / HTTP/1.1\r\n\rHost: a"), Some((18, fault)));
    assert_eq!(refused_at(b"GET / HTTP/1.1\r\r\n"), Some((16, fault)));
}

#[test]
fn control_bytes_are_refused_on_arrival() {
    for byte in (0..=0x1f).chain([0x7f]).filter(|byte| !b"\t\r\n".contains(byte)) {
        let in_line = [b"GET /", &[byte][..], b" HTTP/1.1\r\n"].concat();
        assert_eq!(refused_at(&in_line), Some((6, HeadError::ControlByte)));
        let first_of_line = [b"GET / HTTP/1.1\r\n", &[byte][..], b"a: b\r\n"].concat();
        assert_eq!(refused_at(&first_of_line), Some((17, HeadError::ControlByte)));
    }
}

/// RFC 9112 section 5.2.
#[test]
fn a_folded_header_line_is_refused_on_arrival() {
    for fold in [" ", "\t"] {
        let bytes = format!("GET / HTTP/1.1\r\nA: b\r\n{fold}c\r\n\r\n");
        let fault = HeadError::FoldedLine;
        assert_eq!(refused_at(bytes.as_bytes()), Some((23, fault)));
        assert_eq!(fault.status(), 400);
    }
}

#[test]
fn tabs_and_bytes_above_ascii_are_taken_in_values() {
    assert_eq!(scan(b"GET / HTTP/1.1\r\nA:\tb\xc3\xa9\xff\r\n\r\n"), Ok(Some(27)));
}

#[test]
fn a_scanner_stays_small() {
    assert!(size_of::<HeadScanner>() <= 12);
}
