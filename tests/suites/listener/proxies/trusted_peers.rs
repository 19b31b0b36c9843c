//! Which peers are believed.

use websocket_listener::proxy::TrustedPeers;

fn contains(networks: &[&str], address: &str) -> bool {
    TrustedPeers::new(networks).unwrap().contains(Some(address.parse().unwrap()))
}

#[test]
fn a_network_has_its_first_and_its_last_address_and_no_other() {
    for (network, inside, outside) in [
        ("10.0.0.0/8", ["10.0.0.0:1", "10.255.255.255:1"], ["9.255.255.255:1", "11.0.0.0:1"]),
        ("192.0.2.4/30", ["192.0.2.4:1", "192.0.2.7:1"], ["192.0.2.3:1", "192.0.2.8:1"]),
        ("192.0.2.4", ["192.0.2.4:1", "192.0.2.4:2"], ["192.0.2.3:1", "192.0.2.5:1"]),
        ("2001:db8::/32", ["[2001:db8::]:1", "[2001:db8:f::1]:1"], ["[2001:db9::]:1", "1.1.1.1:1"]),
        ("::1", ["[::1]:1", "[::1]:2"], ["[::2]:1", "0.0.0.1:1"]),
    ] {
        assert!(inside.iter().all(|address| contains(&[network], address)), "{network}");
        assert!(!outside.iter().any(|address| contains(&[network], address)), "{network}");
    }
}

#[test]
fn a_network_of_a_whole_family_excludes_the_other_family() {
    assert!(contains(&["0.0.0.0/0"], "192.0.2.1:1") && !contains(&["0.0.0.0/0"], "[::1]:1"));
    assert!(contains(&["::/0"], "[2001:db8::1]:1") && !contains(&["::/0"], "192.0.2.1:1"));
}

/// The form of a peer's address on a socket that accepts both families.
#[test]
fn an_ipv4_peer_on_an_ipv6_socket_is_an_ipv4_peer() {
    assert!(contains(&["10.0.0.0/8"], "[::ffff:10.1.2.3]:1"));
    assert!(!contains(&["10.0.0.0/8"], "[::ffff:11.1.2.3]:1"));
    // Also where it is what is trusted.
    for address in ["10.1.2.3:1", "[::ffff:10.1.2.3]:1"] {
        assert!(
            contains(&["::ffff:10.1.2.3"], address) && contains(&["::ffff:10.0.0.0/104"], address)
        );
        assert!(!contains(&["::ffff:10.1.2.4"], address) && !contains(&["::/0"], address));
    }
}

#[test]
fn peers_without_an_address_are_trusted_only_on_request() {
    assert!(!TrustedPeers::default().contains(None));
    assert!(!TrustedPeers::new(["0.0.0.0/0", "::/0"]).unwrap().contains(None));
    assert!(TrustedPeers::new(["unix:"]).unwrap().contains(None));
}

#[test]
fn an_invalid_network_is_refused() {
    for text in [
        "",
        "localhost",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0/8",
        "10.0.0.0/8/8",
        "[::1]",
        "/8",
        "10.0.0.1/8",
        "2001:db8::1/32",
    ] {
        let error = TrustedPeers::new([text]).unwrap_err();
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
}
