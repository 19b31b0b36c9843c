use super::*;

fn complete(header: &[u8]) -> Client {
    match parse(header) {
        Ok(Progress::Complete(client)) => client,
        other => panic!("{other:?}: {}", header.escape_ascii()),
    }
}

fn at(address: &str) -> Client {
    Client::At(address.parse().unwrap())
}

/// Version 2, with these addresses and what else there is.
fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE_2, &[0x20 | command, family], &length, rest].concat()
}

const TCP4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 2, 0xdd, 0xd5, 0x01, 0xbb];

fn samples() -> Vec<(Vec<u8>, Client)> {
    let mut tcp6 = [0; 36];
    tcp6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    (tcp6[15], tcp6[32], tcp6[33]) = (0x17, 0x12, 0x67);
    let with_more = [&TCP4[..], b"\x02\x00\x0bexample.com"].concat();
    let lines: [(&str, Client); 8] = [
        ("PROXY TCP4 192.0.2.1 198.51.100.2 56789 443\r\n", at("192.0.2.1:56789")),
        ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", at("0.0.0.0:0")),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", at("255.255.255.255:65535")),
        ("PROXY TCP6 2001:db8::17 ::1 4711 443\r\n", at("[2001:db8::17]:4711")),
        ("PROXY TCP6 :: :: 1 1\r\n", at("[::]:1")),
        (
            "PROXY TCP6 ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
            at("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
        ),
        ("PROXY UNKNOWN\r\n", Client::Peer),
        ("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", Client::Peer),
    ];
    let lines = lines.map(|(line, client)| {
        let longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        (line.replace("ffff:f...f:ffff", longest).into_bytes(), client)
    });
    let mut samples = Vec::from(lines);
    samples.extend([
        (version_2(1, 0x11, &TCP4), at("192.0.2.1:56789")),
        (version_2(1, 0x11, &with_more), at("192.0.2.1:56789")),
        (version_2(1, 0x21, &tcp6), at("[2001:db8::17]:4711")),
        (version_2(1, 0x31, &[1; 216]), Client::Unknown),
        (version_2(1, 0x00, &[]), Client::Peer),
        (version_2(0, 0x00, &[]), Client::Peer),
        (version_2(0, 0x11, b"whatever it says"), Client::Peer),
    ]);
    samples
}

#[test]
fn headers_of_both_versions_are_read() {
    for (header, client) in samples() {
        assert_eq!(complete(&header), client, "{}", header.escape_ascii());
    }
}

/// However little has come, it is never asked for more than belongs to the header.
#[test]
fn bytes_after_the_header_are_never_read() {
    for (header, client) in samples() {
        for length in 0..header.len() {
            let Ok(Progress::Incomplete { at_least }) = parse(&header[..length]) else {
                panic!("{} of {}", length, header.escape_ascii());
            };
            assert!((1..=header.len() - length).contains(&at_least));
        }
        let mut received = Vec::new();
        let mut reads = 0;
        while let Ok(Progress::Incomplete { at_least }) = parse(&received) {
            received.extend_from_slice(&header[received.len()..][..at_least]);
            reads += 1;
        }
        assert_eq!((received.len(), complete(&received)), (header.len(), client));
        assert!(reads <= 24, "{reads} reads for {}", header.escape_ascii());
    }
}

#[test]
fn input_that_is_not_a_header_is_malformed() {
    for header in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x16\x03\x01",
        b"PROXX",
        b"proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n",
        b"PROXY TCP5 1.1.1.1 1.1.1.1 1 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n",
        b"PROXY TCP4 1.1.1.1  1.1.1.1 1 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n",
        b"PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n",
        b"PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n",
        b"PROXY TCP4 ::1 ::1 10000 10000\r\n",
        b"PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n",
        b"PROXY UNKNOWNS\n",
        &[b"PROXY UNKNOWN ", &[b'a'; 93][..]].concat(),
        // Version 1, a command and a family that are none, and addresses that are cut off.
        &[SIGNATURE_2, b"\x11\x11\0\x0c", &TCP4[..]].concat(),
        &version_2(2, 0x11, &TCP4),
        &version_2(1, 0x41, &TCP4),
        &version_2(1, 0x12, &TCP4),
        &version_2(1, 0x11, &TCP4[..11]),
        &version_2(1, 0x21, &[0; 35]),
        &version_2(1, 0x31, &[0; 215]),
        &[SIGNATURE_2, b"\x21\x11\x10\x01"].concat(),
    ] {
        assert_eq!(parse(header), Err(Malformed), "{}", header.escape_ascii());
    }
}

/// The most that version 2 may carry.
#[test]
fn four_kibibytes_of_further_information_are_skipped() {
    let mut rest = TCP4.to_vec();
    rest.resize(LONGEST_REST, 0);
    assert_eq!(complete(&version_2(1, 0x11, &rest)), at("192.0.2.1:56789"));
}
