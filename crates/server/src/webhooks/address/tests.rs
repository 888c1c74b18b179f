//! The tables of SEC-42: what must be refused in whatever spelling, and what must not be.

use super::*;

/// Spellings of addresses that are not public, as hosts of a URL.
const FORBIDDEN: &[&str] = &[
    // Loopback and "this host".
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0x0.0.0x1",
    "0.0.0.0",
    "0",
    "0x0",
    "0.1.2.3",
    "00.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "api.localhost",
    "127%2E0%2E0%2E1",
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    // Private, shared, link-local.
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "0xac100001",
    "192.168.0.1",
    "192.168.255.255",
    "3232235521",
    "0xc0a80001",
    "192.168.1",
    "0300.0250.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "1681915905",
    "169.254.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    // Metadata.
    "metadata",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata.goog",
    "metadata.azure.internal",
    "instance-data",
    "instance-data.ec2.internal",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    // Protocol assignments, documentation, benchmarking, relays.
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    // Multicast, reserved, broadcast.
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "250.1.2.3",
    "255.255.255.255",
    "4294967295",
    "0xffffffff",
    // IPv6: unspecified, loopback, mapped, compatible.
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:10.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:169.254.169.254]",
    "[0:0:0:0:0:ffff:a00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::8.8.8.8]",
    "[::ffff:0:8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    // IPv6: NAT64, 6to4, Teredo, discard, protocol assignments, documentation, SRv6.
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1:7f00:1::]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2002:808:808::1]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:1::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:30::1]",
    "[2001:db8::1]",
    "[2001:0db8:0:0::1]",
    "[3fff::1]",
    "[3fff:fff::1]",
    "[100::1]",
    "[100:0:0:1::1]",
    "[5f00::1]",
    // IPv6: unique local, link-local, site-local, multicast, and what nobody was given.
    "[fc00::1]",
    "[fd00::1]",
    "[fdff:ffff::1]",
    "[fe80::1]",
    "[fe80::1:2]",
    "[febf::1]",
    "[fec0::1]",
    "[feff::1]",
    "[ff01::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[4000::1]",
    "[8000::1]",
    "[e000::1]",
    "[200::1]",
];

/// What no URL parser may make an address of.
const UNREADABLE: &[&str] = &[
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "127.0.0.1.1.1.1",
    "0x7f.0x0.0x0.0x1.0x1",
    "256.256.256.256",
    "1.2.3.08",
    "0x100000000",
    "[::1",
    "[127.0.0.1]",
    "[::ffff:127.0.0.1.1]",
    "exa mple.com",
];

const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.9.9.9",
    "4.4.4.4",
    "11.0.0.1",
    "9.255.255.255",
    "12.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "128.1.2.3",
    "140.82.112.3",
    "151.101.1.69",
    "169.253.255.255",
    "169.255.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "172.217.16.142",
    "185.199.108.153",
    "191.255.255.255",
    "192.0.1.1",
    "192.0.3.1",
    "192.31.195.1",
    "192.31.197.1",
    "192.52.192.1",
    "192.88.98.1",
    "192.88.100.1",
    "192.167.255.255",
    "192.169.0.1",
    "192.175.47.1",
    "198.17.255.255",
    "198.20.0.1",
    "198.51.99.1",
    "198.51.101.1",
    "203.0.112.1",
    "203.0.114.1",
    "223.255.255.254",
    "168.63.129.15",
    "52.95.110.1",
    "1.0.0.1",
    "3.3.3.3",
    "134744072",
    "0x08080808",
    "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]",
    "[2620:fe::fe]",
    "[2a00:1450:4001:81b::200e]",
    "[2400:cb00::1]",
    "[2001:200::1]",
    "[2001:db7::1]",
    "[2001:db9::1]",
    "[2003::1]",
    "[2003:1::1]",
    "[3ffe::1]",
    "example.com",
];

fn networks(list: &[&str]) -> Networks {
    Networks::new(list.iter().map(|text| text.parse().unwrap()).collect())
}

#[test]
fn the_tables_are_as_long_as_promised() {
    assert!(FORBIDDEN.len() >= 120 && PUBLIC.len() >= 50, "{} {}", FORBIDDEN.len(), PUBLIC.len());
}

#[test]
fn sec_42_no_spelling_of_an_address_that_is_not_public_passes() {
    for host in FORBIDDEN {
        for url in [format!("https://{host}/hook"), format!("https://{host}:8443/hook"), format!("http://{host}/")] {
            assert!(check(&url, &Networks::default()).is_err(), "{url}");
        }
        // Other networks being allowed changes nothing.
        let refused = check(&format!("https://{host}/"), &networks(&["10.9.9.9/32"]));
        assert_eq!(refused, Err(Refusal::Forbidden), "{host}");
    }
    for host in UNREADABLE {
        assert!(check(&format!("https://{host}/hook"), &Networks::default()).is_err(), "{host}");
    }
}

#[test]
fn sec_42_public_addresses_are_not_blocked() {
    for host in PUBLIC {
        let url = format!("https://{host}/hook?a=b");
        assert!(check(&url, &Networks::default()).is_ok(), "{url}");
        assert_eq!(check(&format!("http://{host}/"), &Networks::default()), Err(Refusal::NotHttps), "{host}");
    }
    for name in ["app.example.com", "metadata.example.com", "localhost.example.com", "xn--mnchen-3ya.example"] {
        assert!(check(&format!("https://{name}/"), &Networks::default()).is_ok(), "{name}");
    }
}

#[test]
fn sec_42_only_plain_https_urls() {
    let refused = |text: &str| check(text, &Networks::default()).unwrap_err();
    for text in [
        "",
        "app.example.com/hook",
        "/hook",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "https://",
    ] {
        assert_eq!(refused(text), Refusal::NotUrl, "{text}");
    }
    assert_eq!(refused("https://user@example.com/"), Refusal::UserInfo);
    assert_eq!(refused("https://user:secret@example.com/"), Refusal::UserInfo);
    assert_eq!(refused("https://:secret@example.com/"), Refusal::UserInfo);
    assert_eq!(refused("https://8.8.8.8@127.0.0.1/"), Refusal::UserInfo);
    assert_eq!(refused(&format!("https://example.com/{}", "a".repeat(2048))), Refusal::TooLong);
    assert_eq!(refused("https:\\\\127.0.0.1\\"), Refusal::Forbidden, "the parser takes backslashes for slashes");
}

#[test]
fn sec_42_the_operator_allows_networks_and_plain_http_in_them() {
    let allowed = networks(&["127.0.0.0/8", "10.1.0.0/16", "fd12:3456::/32", "8.8.8.8"]);
    for url in [
        "http://127.0.0.1:8080/",
        "https://127.9.9.9/",
        "http://10.1.2.3/",
        "http://[fd12:3456::1]/",
        "http://8.8.8.8/",
        "http://localhost:3000/",
        "http://receiver.internal/",
        "https://8.8.4.4/",
    ] {
        assert!(check(url, &allowed).is_ok(), "{url}");
    }
    for url in
        ["http://10.2.0.1/", "https://10.2.0.1/", "https://192.168.0.1/", "http://8.8.4.4/", "https://[fd12:3457::1]/"]
    {
        assert!(check(url, &allowed).is_err(), "{url}");
    }
}

#[test]
fn sec_42_link_local_and_metadata_open_only_when_named_exactly() {
    let wide = networks(&["0.0.0.0/0", "::/0", "169.254.0.0/16", "fe80::/10", "100.64.0.0/10"]);
    for ip in [
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
    ] {
        let ip: IpAddr = ip.parse().unwrap();
        assert!(!may_connect(ip, true, &wide) && !may_connect(ip, false, &wide), "{ip}");
    }
    assert!(may_connect("10.0.0.1".parse().unwrap(), false, &wide));
    assert!(may_connect("::ffff:10.0.0.1".parse().unwrap(), false, &wide), "the canonical form counts");
    let exact = networks(&["169.254.169.254/32", "fe80::1"]);
    for (ip, expected) in [("169.254.169.254", true), ("169.254.169.253", false), ("fe80::1", true), ("fe80::2", false)]
    {
        assert_eq!(may_connect(ip.parse().unwrap(), true, &exact), expected, "{ip}");
    }
}

#[test]
fn networks_are_read_strictly() {
    for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "example.com", "10.0.0.0/8/8"] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
    let everything: Network = "0.0.0.0/0".parse().unwrap();
    assert!(everything.holds("255.255.255.255".parse().unwrap()) && !everything.holds("::1".parse().unwrap()));
}
