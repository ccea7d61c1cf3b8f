//! nginx: by the address of the client.

use crate::balancing::nginx::{LOOKS, Peers, Ranges, first_usable};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{CountedFailures, Explanation, Follows, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};

/// The server in whose stretch of the total weight the hash of the client's network falls.
#[derive(Debug, Clone, Default)]
pub struct NginxIpHash {
    peers: Peers,
    ranges: Ranges,
}

impl NginxIpHash {
    /// The servers that a client comes upon, hash after hash; the group must have one.
    #[inline]
    fn walk(&self, request: &RequestView) -> impl Iterator<Item = ServerId> + '_ {
        let network = network(request);
        let hashes = std::iter::successors(Some(rehash(89, network)), move |hash| Some(rehash(*hash, network)));
        hashes.map(|hash| self.ranges.at(hash % self.ranges.total()))
    }

    /// The server found and how many hashes led elsewhere. The servers that a request has tried were found by hashes before;
    /// nginx goes on from there and does not count those.
    #[inline]
    fn find(&self, request: &RequestView, candidates: &Candidates<'_>) -> Option<(usize, ServerId)> {
        if self.peers.is_single() {
            return None;
        }
        let looks = LOOKS + candidates.excluded.len();
        first_usable(&self.peers, candidates, request.now, looks, self.walk(request))
    }
}

/// The first three octets of the client's address.
const fn network(request: &RequestView) -> [u8; 3] {
    let [a, b, c, _] = request.address.octets();
    [a, b, c]
}

/// The next hash after `hash`.
#[inline]
fn rehash(hash: u64, network: [u8; 3]) -> u64 {
    network.into_iter().fold(hash, |hash, octet| (hash * 113 + u64::from(octet)) % 6271)
}

impl Registered for NginxIpHash {
    const ABOUT: &'static str = "nginx's ip_hash: the clients of one /24 network go to one server";
    const DETAILS: &'static str = "As in ngx_http_upstream_ip_hash_module.c: from h = 89, h = (113 h + octet) mod 6271 over the first \
        three octets of the client's address; h mod the total weight is a point in the servers' stretches of weight. If its server \
        is out, full or tried already, h goes through the octets once more; after more than 20 such hashes smooth weighted round \
        robin chooses. The weight of a server that left stays in the total, as with `down` in a configuration, so the clients of the \
        others stay where they are. Failures as in NginxRoundRobin. Weights are rounded to whole numbers, at least 1.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::Nginx, calls_it: "ip_hash", names: &["IpHash"] }];
    const COST: &'static str = "O(log n) (nginx walks the list, O(n)); O(n) after 21 futile hashes";
    const GOES_WRONG: &'static str = "Few client networks, such as those behind one proxy, load few servers. A new server moves most \
        clients. There are 6271 hashes: where the total weight is larger, the last servers get nothing unless others are out.";
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { peers: Peers::from_parameters(parameters), ranges: Ranges::default() }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut again = self.clone();
        again.ranges.refresh(&again.peers);
        let [a, b, c] = network(request);
        let (hash, total) = (rehash(89, [a, b, c]), again.ranges.total().max(1));
        let point = format!("the hash of {a}.{b}.{c} is {hash}, point {} of the total weight {total}", hash % total);
        match again.find(request, candidates) {
            Some((0, _)) => Explanation::unscored(format!("{point}, which is its")),
            Some((misses, _)) => Explanation::unscored(format!(
                "{point}; the first hash that leads to a server it can go to is number {}",
                misses + 1
            )),
            None => self.peers.explain_turn(candidates, request.now, "more than 20 hashes were futile, so round robin: "),
        }
    }
}

impl Policy for NginxIpHash {
    fn reads(&self) -> Reads {
        Reads::SampledLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.peers.prepare(servers);
    }

    fn admit(&mut self, server: ServerId) {
        self.peers.admit(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.peers.reweigh(server, weight);
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.ranges.refresh(&self.peers);
        let found = self.find(request, candidates).map(|(_, server)| server);
        found.or_else(|| self.peers.turn(candidates, request.now)).map_or(Choice::Nobody, Choice::Server)
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
