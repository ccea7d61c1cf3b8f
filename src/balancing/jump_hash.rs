//! Jump consistent hashing.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, Key, Rotation, mix};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The servers in rotation in order of number as the buckets of jump consistent hashing.
#[derive(Debug, Clone, Default)]
pub struct JumpHash {
    key: Key,
    rotation: Rotation,
}

/// How often the key is hashed anew before the next candidate by number is taken.
const ATTEMPTS: u64 = 64;

impl JumpHash {
    fn find(&self, key: u64, candidates: &Candidates<'_>) -> Option<ServerId> {
        let list = self.rotation.list();
        if list.is_empty() {
            return None;
        }
        let buckets = list.len() as u64;
        let mut tried = (0..ATTEMPTS).map(|attempt| list[jump(mix(key, attempt), buckets) as usize]);
        let found = tried.find(|&server| candidates.contains(server));
        found.or_else(|| list.iter().copied().find(|&server| candidates.contains(server)))
    }
}

/// The bucket of a key among `buckets`: from j buckets to j + 1, one of j + 1 keys moves, to the new one (Lamping and Veach
/// 2014, figure 1).
fn jump(mut key: u64, buckets: u64) -> u64 {
    let (mut bucket, mut next) = (0, 0);
    while next < buckets {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((bucket + 1) as f64 * (2_147_483_648.0 / ((key >> 33) + 1) as f64)) as u64;
    }
    bucket
}

impl Registered for JumpHash {
    const ABOUT: &'static str = "jump consistent hashing over the servers in order of number";
    const DETAILS: &'static str = "Lamping and Veach 2014: no table, and perfectly even shares; when a server is added at the end, only \
        the keys that it gets move. The buckets are the servers in rotation in order of number: when one in the middle leaves, \
        all after it change places, and about half of the keys move, more for one further in front. Weights are not used. A \
        key whose server is full or was tried already is hashed anew.";
    const COST: &'static str = "O(log n); O(n) when servers leave or return";
    const GOES_WRONG: &'static str = "When servers fail: made for storage that only grows at the end, it moves the keys of servers that \
        stayed, and again when the failed one returns.";
    const SHARES: Shares = Shares::Unpromised;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { key: Key::parameter(parameters), rotation: Rotation::default() }
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }

    fn explain(&self, request: &RequestView, _: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut now = self.clone();
        now.rotation.refresh();
        let (key, buckets) = (now.key.number(request), now.rotation.list().len() as u64);
        let bucket = jump(mix(key, 0), buckets);
        let found = now.rotation.list().get(bucket as usize);
        let place = found.map_or_else(|| "nobody".into(), |server| format!("server {}", server.0));
        Explanation::unscored(format!(
            "key {key} jumps to bucket {bucket} of {buckets}, {place}; where that is no candidate, the key is hashed anew until one is found"
        ))
    }
}

impl Policy for JumpHash {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.rotation = Rotation::new(servers);
    }

    fn admit(&mut self, server: ServerId) {
        self.rotation.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.rotation.withdraw(server);
    }

    /// A full server keeps its bucket.
    fn filled(&mut self, _: ServerId) {}

    fn freed(&mut self, _: ServerId) {}

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.rotation.refresh();
        self.find(self.key.number(request), candidates).map_or(Choice::Nobody, Choice::Server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balancing::stand::{Bench, item};

    /// The values that the Guava library holds its implementation to, for keys 0 to 19 and 100 buckets, and three more.
    #[test]
    fn agrees_with_published_values() {
        let golden = [0, 55, 62, 8, 45, 59, 86, 97, 82, 59, 73, 37, 17, 56, 86, 21, 90, 37, 38, 83];
        assert_eq!((0..20).map(|key| jump(key, 100)).collect::<Vec<u64>>(), golden);
        let keys = [10_863_919_174_838_991, 2_016_238_256_797_177_309, 1_673_758_223_894_951_030];
        assert_eq!(keys.map(|key| jump(key, 11)), [6, 3, 5]);
    }

    /// 20,000 keys over 8 servers: shares within 5 standard errors of 46.8; the last one leaves and only its keys move, the
    /// first one leaves and most keys move.
    #[test]
    fn keys_stay_when_the_last_leaves_and_not_when_the_first_does() {
        let mut bench = Bench::new("JumpHash", &[("key", 2)], &[1.0; 8], 1);
        let place = |bench: &mut Bench| (0..20_000).map(|key| bench.choose(&item(key), &[])).collect::<Vec<u32>>();
        let before = place(&mut bench);
        for server in 0..8 {
            assert!(before.iter().filter(|&&place| place == server).count().abs_diff(2_500) < 234);
        }
        let moved = |bench: &mut Bench, left: u32| {
            bench.withdraw(left);
            let after = place(bench);
            bench.admit(left);
            assert_eq!(place(bench), before);
            before.iter().zip(after).filter(|(before, after)| *before != after && **before != left).count()
        };
        assert_eq!(moved(&mut bench, 7), 0);
        assert!((1..20_000).contains(&moved(&mut bench, 4)));
        let first = moved(&mut bench, 0);
        assert!(first > 10_000, "{first}");
    }
}
