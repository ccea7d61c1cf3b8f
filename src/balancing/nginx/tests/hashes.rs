//! Where keys go: 10 servers and 10,000 keys, measured as `B_nginx_ip_hash` and `B_nginx_hash_arg_consistent`.

use super::Bench;
use crate::units::Address;
use std::collections::BTreeSet;

type Written = &'static [(&'static str, u64)];

/// The key is what is asked for: "key-0" and so on.
const CONSISTENT: Written = &[("key", 2), ("consistent", 1)];
const PLAIN: Written = &[("key", 2)];

/// The Mersenne Twister (Matsumoto and Nishimura 1998, MT19937) with Python's way to seed it and to draw below a bound: the client
/// addresses of the measured cases were made by `random.Random(42)`.
struct Python {
    state: Vec<u32>,
    next: usize,
}

impl Python {
    fn seeded(key: u32) -> Self {
        let mut state = vec![19_650_218_u32];
        for i in 1..624_u32 {
            let last = state[i as usize - 1];
            state.push((last ^ last >> 30).wrapping_mul(1_812_433_253).wrapping_add(i));
        }
        let mut place = 0;
        let mut mix = |factor: u32, added: &dyn Fn(usize) -> u32| {
            let last = state[place];
            place = if place == 623 { 1 } else { place + 1 };
            state[place] = (state[place] ^ (last ^ last >> 30).wrapping_mul(factor)).wrapping_add(added(place));
        };
        (0..624).for_each(|_| mix(1_664_525, &|_| key));
        (0..623).for_each(|_| mix(1_566_083_941, &|place| (place as u32).wrapping_neg()));
        state[0] = 1 << 31;
        Self { state, next: 624 }
    }

    fn word(&mut self) -> u32 {
        if self.next == 624 {
            for i in 0..624 {
                let y = self.state[i] & 1 << 31 | self.state[(i + 1) % 624] & !(1 << 31);
                self.state[i] = self.state[(i + 397) % 624] ^ y >> 1 ^ if y % 2 == 1 { 0x9908_B0DF } else { 0 };
            }
            self.next = 0;
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C_5680;
        y ^= y << 15 & 0xEFC6_0000;
        y ^ y >> 18
    }

    fn between(&mut self, low: u32, high: u32) -> u8 {
        let below = high - low + 1;
        loop {
            let drawn = self.word() >> below.leading_zeros();
            if drawn < below {
                return (low + drawn) as u8;
            }
        }
    }
}

/// 10,000 different ones.
fn addresses() -> Vec<Address> {
    let mut python = Python::seeded(42);
    let (mut seen, mut addresses) = (BTreeSet::new(), Vec::new());
    while addresses.len() < 10_000 {
        let address = Address::new([127, python.between(1, 254), python.between(0, 255), python.between(1, 254)], 0);
        if seen.insert(address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Where each of 10,000 keys goes, and each of 10,000 addresses.
fn places(bench: &mut Bench) -> Vec<u32> {
    let place = |(item, address)| {
        (bench.request.item, bench.request.address) = (item, address);
        bench.choose(&[]).expect("a server")
    };
    (0..).zip(addresses()).map(place).collect()
}

fn counts(places: &[u32], servers: u32) -> Vec<usize> {
    (0..servers).map(|server| places.iter().filter(|place| **place == server).count()).collect()
}

fn first_100(places: &[u32]) -> String {
    places[..100].iter().map(u32::to_string).collect()
}

/// Ten servers, without those that are not in the configuration.
fn without(name: &str, written: Written, missing: &[u32], servers: usize) -> Bench {
    let mut bench = Bench::new(name, written, &vec![1.0; servers]);
    bench.eligible = crate::balancing::ServerSet::empty(servers);
    let traits = super::measured_servers(&vec![1.0; servers]);
    crate::balancing::Policy::prepare(&mut bench.algorithm, &traits, &mut bench.stream);
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
