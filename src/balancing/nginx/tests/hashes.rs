//! Where keys go: 10 servers and 10,000 keys, measured as `B_nginx_ip_hash` and `B_nginx_hash_arg_consistent`.

use super::Bench;
use crate::balancing::RequestView;
use crate::balancing::stand::{self, Given, clients};
use crate::units::Address;

/// The key is what is asked for: "key-0" and so on.
const CONSISTENT: Given<'_> = &[("key", 2), ("consistent", 1)];
const PLAIN: Given<'_> = &[("key", 2)];

/// Where each of 10,000 keys goes, and each of 10,000 addresses.
fn places(bench: &mut Bench) -> Vec<u32> {
    let place = |(item, client): (u32, RequestView)| {
        bench.request = RequestView { item, ..client };
        bench.choose(&[]).expect("a server")
    };
    (0..).zip(clients()).map(place).collect()
}

fn counts(places: &[u32], servers: u32) -> Vec<usize> {
    (0..servers).map(|server| places.iter().filter(|place| **place == server).count()).collect()
}

fn first_100(places: &[u32]) -> String {
    places[..100].iter().map(u32::to_string).collect()
}

/// Ten servers, without those that are not in the configuration.
fn without(name: &str, written: Given<'_>, missing: &[u32], servers: usize) -> Bench {
    let mut bench = Bench::new(name, written, &vec![1.0; servers]);
    bench.eligible = crate::balancing::ServerSet::empty(servers);
    let traits = stand::servers(&vec![1.0; servers]);
    let stand: &mut stand::Bench = &mut bench;
    crate::balancing::Policy::prepare(&mut stand.algorithm, &traits, &mut stand.stream);
    (0..servers as u32).filter(|server| !missing.contains(server)).for_each(|server| bench.admit(server));
    bench
}

/// How many of the keys moved.
fn moved(before: &[u32], after: &[u32]) -> usize {
    before.iter().zip(after).filter(|(before, after)| before != after).count()
}

/// Where the keys of server 4 went.
fn heirs(before: &[u32], after: &[u32]) -> Vec<usize> {
    let inherited: Vec<u32> = before.iter().zip(after).filter(|(before, _)| **before == 4).map(|(_, after)| *after).collect();
    counts(&inherited, 10)
}

#[test]
fn consistent_hashing_as_measured() {
    let base = places(&mut Bench::new("NginxHash", CONSISTENT, &[1.0; 10]));
    let expected = "1174071307850938353154231045401955873686853542099932300440393773820940636800304044942062711648235244";
    assert_eq!(first_100(&base), expected);
    assert_eq!(counts(&base, 10), [1004, 1124, 1068, 905, 983, 1031, 1180, 922, 866, 917]);
    let removed = places(&mut without("NginxHash", CONSISTENT, &[4], 10));
    let mut down = Bench::new("NginxHash", CONSISTENT, &[1.0; 10]);
    down.withdraw(4);
    for after in [removed, places(&mut down)] {
        assert_eq!(counts(&after, 10), [1188, 1207, 1138, 1039, 0, 1140, 1279, 1071, 960, 978]);
        assert_eq!(heirs(&base, &after), [184, 83, 70, 134, 0, 109, 99, 149, 94, 61]);
        assert_eq!(moved(&base, &after), 983);
    }
    let added = places(&mut Bench::new("NginxHash", CONSISTENT, &[1.0; 11]));
    assert_eq!(counts(&added, 11), [950, 1008, 1007, 796, 874, 952, 1046, 865, 818, 828, 856]);
    assert_eq!(moved(&base, &added), 856);
}

#[test]
fn ip_hash_as_measured() {
    let base = places(&mut Bench::new("NginxIpHash", &[], &[1.0; 10]));
    let expected = "6644121658899650550354330744923299856926143610551885903680662208071185887416290690330942310459134642";
    assert_eq!(first_100(&base), expected);
    assert_eq!(counts(&base, 10), [971, 989, 1006, 977, 945, 1025, 1060, 959, 1035, 1033]);
    let removed = places(&mut without("NginxIpHash", &[], &[4], 10));
    assert_eq!(counts(&removed, 10), [1094, 1099, 1121, 1147, 0, 1122, 1068, 1130, 1126, 1093]);
    assert_eq!(heirs(&base, &removed), [103, 116, 117, 107, 0, 107, 106, 104, 86, 99]);
    assert_eq!(moved(&base, &removed), 8980);
    let added = places(&mut Bench::new("NginxIpHash", &[], &[1.0; 11]));
    assert_eq!(counts(&added, 11), [908, 964, 897, 920, 916, 931, 893, 828, 938, 871, 934]);
    assert_eq!(moved(&base, &added), 9058);
    let mut down = Bench::new("NginxIpHash", &[], &[1.0; 10]);
    down.withdraw(4);
    let down = places(&mut down);
    assert_eq!(counts(&down, 10), [1081, 1076, 1093, 1066, 0, 1149, 1179, 1061, 1150, 1145]);
    assert_eq!(heirs(&base, &down), [110, 87, 87, 89, 0, 124, 119, 102, 115, 112]);
}

#[test]
fn a_network_of_clients_has_one_server() {
    let mut bench = Bench::new("NginxIpHash", &[], &[1.0; 10]);
    let places: Vec<Option<u32>> = (1..255)
        .map(|last| {
            bench.request.address = Address::new([127, 9, 8, last], 0);
            bench.choose(&[])
        })
        .collect();
    assert!(places.iter().all(|place| *place == places[0]));
}

/// The check value of CRC-32 is 0xCBF43926 for "123456789" (Williams 1993).
#[test]
fn plain_hashing_adds_the_hash_of_attempt_and_key() {
    assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    let of = |text: &str| u64::from((crc32fast::hash(text.as_bytes()) >> 16) & 0x7FFF);
    let weights = [3.0, 1.0, 2.0];
    let at = |point: u64| [0, 0, 0, 1, 2, 2][(point % 6) as usize];
    for item in 0..200 {
        let mut bench = Bench::new("NginxHash", PLAIN, &weights);
        bench.request.item = item;
        let mut sum = of(&format!("key-{item}"));
        let first = at(sum);
        assert_eq!(bench.choose(&[]), Some(first));
        let mut attempt = 0;
        while at(sum) == first && attempt <= 20 {
            attempt += 1;
            sum += of(&format!("{attempt}key-{item}"));
        }
        assert_eq!(bench.choose(&[first]), Some(at(sum)), "tried, key-{item}");
        bench.withdraw(first);
        assert_eq!(bench.choose(&[]), Some(at(sum)), "down, key-{item}");
    }
}

/// With 1 server of 40 left, 21 hashes or points mostly miss it, and round robin finds it.
#[test]
fn futile_attempts_end_in_round_robin() {
    for (name, written) in [("NginxIpHash", &[][..]), ("NginxHash", PLAIN), ("NginxHash", CONSISTENT)] {
        let mut bench = Bench::new(name, written, &[1.0; 40]);
        (0..39).for_each(|server| bench.withdraw(server));
        assert_eq!(bench.choose(&[]), Some(39), "{name}");
        assert_eq!(bench.choose(&[39]), None, "{name}");
    }
}

#[test]
fn keys_follow_the_weights() {
    for (written, tolerance) in [(PLAIN, 150), (CONSISTENT, 600)] {
        let shares = counts(&places(&mut Bench::new("NginxHash", written, &[6.0, 3.0, 1.0])), 3);
        let off = shares.iter().zip([6000, 3000, 1000]).map(|(share, expected)| share.abs_diff(expected)).max();
        assert!(off < Some(tolerance), "{shares:?}");
    }
}
