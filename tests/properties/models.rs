//! Random models as text, made so that many things happen at the same instant: most times are multiples of 250 ms.

use lbsim::balancing::Algorithm;
use lbsim::model::{Files, Model, Source, read};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use std::fmt;

/// A model file; shown as it stands when a property fails.
#[derive(Clone)]
pub struct Text(pub String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// Requests in the first, second, third and fifth second: at 0.5, at 1.25 and 1.75, at 2.125 and so on.
const LOG: &str = "\
a - - [17/May/2015:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5
b - - [17/May/2015:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5
a - - [17/May/2015:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5
a - - [17/May/2015:10:00:02 +0000] \"GET / HTTP/1.1\" 200 5
b - - [17/May/2015:10:00:02 +0000] \"GET / HTTP/1.1\" 200 5
c - - [17/May/2015:10:00:02 +0000] \"GET / HTTP/1.1\" 200 5
c - - [17/May/2015:10:00:02 +0000] \"GET / HTTP/1.1\" 200 5
b - - [17/May/2015:10:00:04 +0000] \"GET / HTTP/1.1\" 200 5
";

struct Logs;

impl Files for Logs {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(LOG.into())
    }
}

/// The model in a text, which must be right.
#[track_caller]
pub fn model(text: &str) -> Model {
    match read(Source { name: "random.ron", text }, &[], &Logs) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}\n{text}"),
    }
}

/// The same cases every time; others, and more of them, by the environment variables `PROPTEST_RNG_SEED` and
/// `PROPTEST_CASES`.
pub fn config(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if matches!(config.rng_seed, RngSeed::Random) {
        config.rng_seed = RngSeed::Fixed(20_260);
    }
    config
}

/// What a random model may contain.
#[derive(Debug, Clone, Copy)]
pub struct Zoo {
    pub demands: &'static [&'static str],
    pub speeds: &'static [&'static str],
    pub disciplines: &'static [&'static str],
    pub capacities: bool,
    pub back_ends: bool,
    pub script: bool,
    pub closed: bool,
    pub replay: bool,
    /// Visitors, session persistence, caches.
    pub sessions: bool,
    /// Servers and back ends that go down.
    pub failures: bool,
    /// Names of algorithms; none given, all of them.
    pub algorithms: &'static [&'static str],
}

impl Zoo {
    /// All there is.
    pub const EVERYTHING: Self = Self {
        demands: &[
            "Constant(\"500ms\")",
            "Constant(\"250ms\")",
            "Discrete(values: [\"0s\", \"750ms\"], probs: [0.5, 0.5])",
            "Exponential(\"400ms\")",
            "Uniform(low: \"0s\", high: \"1s\")",
        ],
        speeds: &["1", "2", "0.5", "3"],
        disciplines: &["Fcfs", "Fcfs", "ProcessorSharing"],
        capacities: true,
        back_ends: true,
        script: true,
        closed: true,
        replay: true,
        sessions: true,
        failures: true,
        algorithms: &[],
    };
}

/// The entry of a table that a gene stands for; smaller genes for simpler entries, as that is the way of shrinking.
pub fn pick<T: Copy>(table: &[T], gene: u8) -> T {
    table[gene as usize % table.len()]
}

const GAPS: [&str; 6] = [
    "Renewal(gap: Constant(\"500ms\"))",
    "Renewal(gap: Constant(\"1s\"))",
    "Renewal(gap: Constant(\"250ms\"))",
    "Poisson(rate: \"2/s\")",
    "Renewal(gap: Discrete(values: [\"0s\", \"1s\"], probs: [0.5, 0.5]))",
    "Poisson(rate: \"5/s\")",
];
/// Never always zero: users who are refused and never think ask for ever.
const THINK_TIMES: [&str; 4] = [
    "Constant(\"500ms\")",
    "Constant(\"1s\")",
    "Exponential(\"600ms\")",
    "Discrete(values: [\"0s\", \"500ms\"], probs: [0.5, 0.5])",
];
const STEADY_RUNS: [&str; 5] = [
    "Steady(length: \"20s\", warm_up: \"5s\")",
    "Steady(length: \"20s\", warm_up: \"0s\")",
    "Steady(length: \"21.3s\", warm_up: \"7.1s\")",
    "Terminating(horizon: \"20s\")",
    "Terminating(horizon: \"13.77s\")",
];
const TERMINATING_RUNS: [&str; 2] = ["Terminating(horizon: \"20s\")", "Terminating(horizon: \"3.5s\")"];

type Genes = [u8; 6];

fn class(zoo: &Zoo, number: usize, [kind, gap, demand, balancer, users, _]: Genes, balancers: usize) -> String {
    let demand = pick(zoo.demands, demand);
    let kind = match kind % 8 {
        5 | 6 if zoo.sessions => format!("{}items: {}, {}", visitors(gap, users), 1 + users % 5, pick(&ADDRESSES, users)),
        1 | 5 if zoo.closed => format!("Closed(users: {}, think_time: {}, ", 1 + users % 6, pick(&THINK_TIMES, gap)),
        3 | 7 if zoo.replay => "Replay(log: \"access.log\", ".into(),
        _ => format!("Open(arrivals: {}, ", pick(&GAPS, gap)),
    };
    format!("{kind}name: \"c{number}\", demand: {demand}, balancer: \"b{}\"),", balancer as usize % balancers)
}

const ADDRESSES: [&str; 3] = ["", "addresses: 2, ", "addresses: Crowds(count: 3, clients: Pareto(shape: 1.5, scale: 2)), "];

/// Users on visits: ever new, or a few who come again.
fn visitors(gap: u8, users: u8) -> String {
    let (gap, think_time) = (pick(&GAPS, gap), pick(&THINK_TIMES, users));
    let who = match users % 3 {
        0 => format!("arrivals: {gap}"),
        1 => "users: 3, first: Constant(\"500ms\"), away: Constant(\"1s\")".into(),
        _ => "users: 4, first: Uniform(low: \"0s\", high: \"2s\"), away: None".into(),
    };
    let requests = pick(&["3", "Geometric(mean: 4)"], users / 8);
    format!("Visitors({who}, requests: {requests}, think_time: {think_time}, leaves_when_lost: {}, ", users / 4 % 2 == 1)
}

const PERSISTENCE: [&str; 6] = [
    "",
    "Cookie",
    "Table(key: Client, capacity: 3, expires: \"2s\")",
    "Cookie(when_down: Return)",
    "Table(key: Session, shared: false)",
    "Cookie(when_down: Insist)",
];

const CACHES: [&str; 6] = [
    "",
    "of: State, miss: Constant(\"250ms\")",
    "of: Item, capacity: 2, miss: Constant(\"500ms\")",
    "of: User, eviction: Sieve, capacity: 3, ttl: \"1s\", miss: Constant(\"250ms\")",
    "of: Session, miss: Constant(\"250ms\"), survives_crashes: true",
    "of: State, miss: Constant(\"250ms\"), replicas: 1",
];

/// Caches that call a back end for what they miss, or lie in one.
const CALLING_CACHES: [&str; 4] = [
    "of: Item, capacity: 2, coalesces: true, call: ",
    "of: Item, shared: true, coalesces: true, call: ",
    "of: Session, call: ",
    "of: State, miss: Constant(\"0s\"), shared: true, lookup: ",
];

/// A cache of a pool.
fn cache([first, second, ..]: Genes, back_ends: usize, demand: &str) -> String {
    if back_ends > 0 && first % 2 == 1 {
        let to = second as usize / 8 % back_ends;
        return format!(", cache: Cache({}(to: \"d{to}\", demand: {demand}))", pick(&CALLING_CACHES, second));
    }
    let plain = pick(&CACHES, second);
    if plain.is_empty() { String::new() } else { format!(", cache: Cache({plain})") }
}

/// All pools, or those that the bits name.
fn pools_of(bits: u8, pools: usize) -> String {
    let named: Vec<String> = (0..pools).filter(|pool| bits >> pool & 1 == 1).map(|pool| format!("\"p{pool}\"")).collect();
    if named.is_empty() { String::new() } else { format!("pools: [{}], ", named.join(", ")) }
}

fn balancer(zoo: &Zoo, number: usize, [algorithm, pools_bits, when_full, queue, d, last]: Genes, pools: usize) -> String {
    let names = if zoo.algorithms.is_empty() { Algorithm::NAMES } else { zoo.algorithms };
    let mut algorithm = pick(names, algorithm).to_string();
    if algorithm == "PowerOfD" && d % 3 > 0 {
        algorithm = format!("PowerOfD(d: {}, replacement: {})", 1 + d % 5, d % 2 == 0);
    }
    let when_full = pick(&["Reject", "Skip"], when_full);
    let queue = if zoo.capacities && queue % 3 == 1 { (queue / 3 % 4).to_string() } else { "None".into() };
    let pools = pools_of(pools_bits, pools);
    let bound = pick(&PERSISTENCE, last);
    let bound = if zoo.sessions && !bound.is_empty() { format!("persistence: {bound}, ") } else { String::new() };
    format!("(name: \"b{number}\", algorithm: {algorithm}, {pools}{bound}when_full: {when_full}, queue_capacity: {queue}),")
}

/// What pools and back ends have in common.
fn station(zoo: &Zoo, [_, workers, speed, discipline, capacity, _]: Genes) -> String {
    let workers = 1 + workers % 3;
    let capacity = if zoo.capacities && capacity % 2 == 1 { (workers + capacity / 2 % 3).to_string() } else { "None".into() };
    let (speed, discipline) = (pick(zoo.speeds, speed), pick(zoo.disciplines, discipline));
    format!("workers: {workers}, speed: {speed}, discipline: {discipline}, capacity: {capacity}")
}

fn pool(zoo: &Zoo, number: usize, genes: Genes, back_ends: usize) -> String {
    let [count, limit, .., call] = genes;
    let cache = if zoo.sessions { cache(genes, back_ends, pick(zoo.demands, call / 8)) } else { String::new() };
    let to = (call / 2) as usize;
    let call = match back_ends {
        1.. if call % 2 == 1 => {
            format!(", call: (to: \"d{}\", demand: {})", to % back_ends, pick(zoo.demands, call / 4))
        }
        _ => String::new(),
    };
    let weight = 1 + number;
    let limit =
        if zoo.capacities && limit / 16 % 4 == 1 { format!("max_connections: {}, ", 1 + limit / 64) } else { String::new() };
    format!("(name: \"p{number}\", count: {}, weight: {weight}, {limit}{}{call}{cache}),", 1 + count % 3, station(zoo, genes))
}

const FAULTS: [&str; 6] = [
    "Crash",
    "Crash(work: Resumed)",
    "Crash(work: Restarted)",
    "Silence(work: Lost)",
    "Silence(work: Resumed)",
    "Slow(factor: 2)",
];

/// A change early enough for the run.
fn change(zoo: &Zoo, [at, kind, server, fault, whose, _]: Genes, servers: u32, back_ends: usize, run: &str) -> String {
    let instants = if run == TERMINATING_RUNS[1] { 14 } else { 40 };
    let (at, server) = (u32::from(at) % instants * 250, u32::from(server) % servers);
    if zoo.failures && kind % 4 >= 2 {
        let of_back_end = back_ends > 0 && whose % 2 == 1;
        let whom = if of_back_end { format!("\"d{}\"", whose as usize / 2 % back_ends) } else { server.to_string() };
        let lasting = u32::from(fault) / 8 % 8 * 250 + 250;
        return format!("(at: \"{at}ms\", fail: {whom}, fault: {}, lasting: \"{lasting}ms\"),", pick(&FAULTS, fault));
    }
    format!("(at: \"{at}ms\", {}: {server}),", pick(&["remove", "restore", "drain"], kind))
}

/// Any model of the zoo.
pub fn texts(zoo: Zoo) -> impl Strategy<Value = Text> {
    use proptest::collection::vec;
    let genes = any::<Genes>;
    let lists = (vec(genes(), 1..4), vec(genes(), 1..4), vec(genes(), 1..4), vec(genes(), 0..3), vec(genes(), 0..8));
    (lists, any::<u8>(), any::<u16>()).prop_map(move |((classes, balancers, pools, back_ends, changes), run, seed)| {
        let back_ends = if zoo.back_ends { back_ends } else { Vec::new() };
        let servers = pools.iter().map(|[count, ..]| 1 + u32::from(count % 3)).sum();
        let class = |(number, genes): (usize, &Genes)| class(&zoo, number, *genes, balancers.len());
        let classes_text: String = classes.iter().enumerate().map(class).collect();
        let balancer = |(number, genes): (usize, &Genes)| balancer(&zoo, number, *genes, pools.len());
        let balancers_text: String = balancers.iter().enumerate().map(balancer).collect();
        let pool = |(number, genes): (usize, &Genes)| pool(&zoo, number, *genes, back_ends.len());
        let pools_text: String = pools.iter().enumerate().map(pool).collect();
        let back_end = |(number, genes): (usize, &Genes)| format!("(name: \"d{number}\", {}),", station(&zoo, *genes));
        let back_ends_text: String = back_ends.iter().enumerate().map(back_end).collect();
        let run = pick(if classes_text.contains("Replay") { &TERMINATING_RUNS } else { &STEADY_RUNS[..] }, run);
        let script: String = changes.iter().filter(|_| zoo.script).map(|genes| change(&zoo, *genes, servers, back_ends.len(), run)).collect();
        Text(format!(
            "Model(\n  seed: {seed},\n  clients: [{classes_text}],\n  balancers: [{balancers_text}],\n  servers: [{pools_text}],\n  \
             back_ends: [{back_ends_text}],\n  script: [{script}],\n  run: {run},\n)\n"
        ))
    })
}
