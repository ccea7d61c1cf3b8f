//! nginx: by a key of the request.

use crate::balancing::nginx::{LOOKS, Peers, Ranges, Ring, first_usable};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{CountedFailures, Explanation, Follows, Key, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};
use crc32fast::Hasher;

/// The server to which the CRC-32 of the key leads: by stretches of weight, or on a ring.
#[derive(Debug, Clone, Default)]
pub struct NginxHash {
    key: Key,
    consistent: bool,
    peers: Peers,
    ranges: Ranges,
    ring: Ring,
}

/// Feeds a number in decimal digits.
fn feed_decimal(hasher: &mut Hasher, number: u32) {
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        hasher.update(&[b'0' + (number / unit % 10) as u8]);
        unit /= 10;
    }
}

impl NginxHash {
    fn refresh(&mut self) {
        if self.consistent {
            self.ring.refresh(&self.peers);
        } else {
            self.ranges.refresh(&self.peers);
        }
    }

    /// The servers that a key comes upon: the sum of its hashes so far is a point of the total weight. From the second on, the
    /// number of the attempt is hashed before the key.
    fn walk<'a>(&'a self, key: &'a [u8]) -> impl Iterator<Item = ServerId> + 'a {
        let mut sum = 0_u32;
        (0..).map(move |attempt| {
            let mut hasher = Hasher::new();
            if attempt > 0 {
                feed_decimal(&mut hasher, attempt);
            }
            hasher.update(key);
            sum = sum.wrapping_add((hasher.finalize() >> 16) & 0x7fff);
            self.ranges.at(u64::from(sum) % self.ranges.total())
        })
    }

    /// The server found and how many before it were of no use. Where nginx hashes anew it does not count the servers that a
    /// request has tried; on the ring it does.
    #[inline]
    fn find(&self, request: &RequestView, candidates: &Candidates<'_>) -> Option<(usize, ServerId)> {
        if self.peers.is_single() {
            return None;
        }
        let key = self.key.text(request);
        if self.consistent {
            let walk = self.ring.walk(crc32fast::hash(key.as_bytes()));
            return first_usable(&self.peers, candidates, request.now, LOOKS, walk);
        }
        let looks = LOOKS + candidates.excluded.len();
        first_usable(&self.peers, candidates, request.now, looks, self.walk(key.as_bytes()))
    }

    fn explain_found(&self, request: &RequestView, candidates: &Candidates<'_>) -> Explanation {
        let text = self.key.text(request);
        let key = String::from_utf8_lossy(text.as_bytes());
        let crc = crc32fast::hash(text.as_bytes());
        let (place, misses) = if self.consistent {
            (format!("the CRC-32 of {key} is {crc}"), "point on the ring from there on")
        } else {
            let (hash, total) = (crc >> 16 & 0x7fff, self.ranges.total().max(1));
            let point = u64::from(hash) % total;
            (format!("the hash of {key} is {hash}, point {point} of the total weight {total}"), "hash of the key")
        };
        match self.find(request, candidates) {
            Some((0, _)) if self.consistent => Explanation::unscored(format!("{place}, and the next point on the ring is its")),
            Some((0, _)) => Explanation::unscored(format!("{place}, which is its")),
            Some((number, _)) => Explanation::unscored(format!(
                "{place}; the first {misses} that leads to a server it can go to is number {}",
                number + 1
            )),
            None => self.peers.explain_turn(candidates, request.now, "more than 20 attempts were futile, so round robin: "),
        }
    }
}

impl Registered for NginxHash {
    const ABOUT: &'static str = "nginx's hash: requests with the same key go to the same server; optionally consistent";
    const DETAILS: &'static str = "As in ngx_http_upstream_hash_module.c. Plain: ((CRC-32 of the key) >> 16) and 0x7fff, mod the total \
        weight, is a point in the servers' stretches of weight; if its server is out, full or tried already, the hash of attempt \
        number and key is added, and so on. Consistent (ketama; Karger et al. 1997): each server has 160 points for each unit of \
        weight on a ring, the CRC-32 of its host, a zero, its port and its point before; the key goes to the first point at or after \
        its CRC-32, and on from there if that server cannot be used. After more than 20 futile attempts smooth weighted round robin \
        chooses. A server that left keeps its stretch or its points, as with `down` in a configuration. The ring is built at the first \
        choice after a change of weights: 8 bytes a point, 128 MB at 100,000 servers of weight 1; beyond 200 million points every \
        server gets fewer. Failures as in NginxRoundRobin. Weights are rounded to whole numbers, at least 1.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::Nginx, calls_it: "hash, hash ... consistent", names: &["Hash"] }];
    const COST: &'static str = "O(log n) (nginx walks the list of servers at each attempt, O(n)); O(n) after 21 futile attempts; \
        O(n log n) to build the ring after a change of weights";
    const GOES_WRONG: &'static str = "A popular key loads one server. Plain, a new server moves most keys, and a total weight above \
        32768 leaves the last servers nothing. Consistent, 160 points leave shares uneven by some 8 %, and a group where \
        neighbouring points are out falls back on round robin, which forgets keys.";
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self {
            key: Key::parameter(parameters),
            consistent: parameters.flag("consistent", "whether keys lie on a ring, so that few move when servers change", false),
            peers: Peers::from_parameters(parameters),
            ..Self::default()
        }
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        if self.consistent && self.ring.is_current(&self.peers) {
            return self.explain_found(request, candidates);
        }
        let mut again = self.clone();
        again.refresh();
        again.explain_found(request, candidates)
    }
}

impl Policy for NginxHash {
    fn reads(&self) -> Reads {
        Reads::SampledLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.peers.prepare(servers);
        self.ring.prepare(servers);
    }

    fn admit(&mut self, server: ServerId) {
        self.peers.admit(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.peers.reweigh(server, weight);
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.refresh();
        let Some((_, server)) = self.find(request, candidates) else {
            return self.peers.turn(candidates, request.now).map_or(Choice::Nobody, Choice::Server);
        };
        if self.consistent {
            self.peers.recover(server);
        }
        Choice::Server(server)
    }

    fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.peers.sent(server, request);
    }

    fn ended(&mut self, server: ServerId, answer: &Answer) {
        self.peers.ended(server, answer);
    }

    fn failures(&self, server: ServerId, now: Time) -> Option<CountedFailures> {
        self.peers.counted(server, now)
    }
}
