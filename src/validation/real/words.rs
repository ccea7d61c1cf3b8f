//! What the configuration of a real load balancer calls an algorithm, as one of ours.

use super::case::RealCase;
use crate::balancing::{Algorithm, Key};
use crate::units::{Parameters, Span};
use crate::validation::Skip;
use std::ops::RangeInclusive;

/// An algorithm as a configuration says it, understood.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub algorithm: Algorithm,
    /// Whether its choices are drawn at random; where only its start is, it is not.
    pub draws: bool,
    /// Whether it begins anywhere in its cycle, another place in each process.
    pub starts_anywhere: bool,
    /// Most requests at a server.
    pub max_connections: Option<u32>,
}

impl Said {
    /// The algorithm of `case`, which hashes `key` if it hashes anything.
    pub fn of(case: &RealCase, key: Key) -> Result<Self, Skip> {
        Self::read(&case.lb, &case.algorithm, key, None)
    }

    /// The algorithm that the load balancer `lb` calls `text`, of an nginx with what takes a server out.
    pub fn of_failover(lb: &str, text: &str, failures: Option<(u32, Span)>) -> Result<Self, Skip> {
        Self::read(lb, text, Key::Client, failures)
    }

    /// The same of an nginx that takes a server out for a while after so many failures, if so.
    pub fn with_failures(case: &RealCase, failures: Option<(u32, Span)>) -> Result<Self, Skip> {
        Self::read(&case.lb, &case.algorithm, Key::Client, failures)
    }

    fn read(lb: &str, text: &str, key: Key, failures: Option<(u32, Span)>) -> Result<Self, Skip> {
        let (named, max_connections) = Named::read(lb, text, key)?;
        named.with_failures(failures).build(lb, max_connections)
    }
}

/// The name of an algorithm of ours and its parameters, where they are not the defaults.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: &'static str,
    parameters: Vec<(&'static str, Given)>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Number(u64),
    Word(&'static str),
    Flag(bool),
    Duration(Span),
}

fn named(name: &'static str) -> Named {
    Named { name, parameters: Vec::new() }
}

impl Named {
    /// The algorithm that the load balancer `lb` calls `text`, and the most requests at a server.
    fn read(lb: &str, text: &str, key: Key) -> Result<(Self, Option<u32>), Skip> {
        let mut words = Words::of(text);
        let named = match lb {
            "nginx" => nginx(&mut words, key),
            "haproxy" => haproxy(&mut words, key),
            "envoy" => envoy(&mut words, key),
            _ => return Err(Skip::new(format!("the load balancer `{lb}` is not known"))),
        };
        let max_connections = words.number_after("maxconn").or_else(|| words.number_after("max_conns"));
        if words.take("maxqueue") {
            return Err(Skip::new("`maxqueue`, a limit on what waits for one server, is not modelled"));
        }
        for filler in ["per", "server", "queue", "in", "the", "lb"] {
            words.take(filler);
        }
        match (named, words.rest()) {
            (Some(named), None) => Ok((named, max_connections)),
            (_, Some(word)) => Err(Skip::new(format!("the algorithm `{text}` of {lb} is not understood: `{word}`"))),
            (None, None) => Err(Skip::new(format!("the algorithm `{text}` of {lb} is not understood"))),
        }
    }

    fn with(mut self, parameter: &'static str, value: Given) -> Self {
        self.parameters.push((parameter, value));
        self
    }

    fn with_failures(self, failures: Option<(u32, Span)>) -> Self {
        match failures {
            Some((number, out)) => {
                self.with("max_fails", Given::Number(number.into())).with("fail_timeout", Given::Duration(out))
            }
            None => self,
        }
    }

    fn with_number(self, parameter: &'static str, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.with(parameter, Given::Number(number)),
            None => self,
        }
    }

    fn build(self, lb: &str, max_connections: Option<u32>) -> Result<Said, Skip> {
        let mut answers = Answers { given: self.parameters, wrong: None };
        let algorithm = Algorithm::named(self.name, &mut answers)
            .ok_or_else(|| Skip::new(format!("the algorithm {} is not built yet", self.name)))?;
        if let Some(wrong) = answers.wrong.or_else(|| answers.given.first().map(|(parameter, _)| *parameter)) {
            return Err(Skip::new(format!("{} cannot do what `{wrong}` asks of it", self.name)));
        }
        let draws = matches!(self.name, "Random" | "NginxRandom" | "HaproxyRandom" | "EnvoyLeastRequest");
        Ok(Said { algorithm, draws, starts_anywhere: lb == "envoy", max_connections })
    }
}

fn key_word(key: Key) -> Given {
    Given::Word(match key {
        Key::Client => "Client",
        Key::Session => "Session",
        Key::Item => "Item",
    })
}

fn nginx(words: &mut Words, key: Key) -> Option<Named> {
    if words.take("least_conn_idle") {
        return Some(named("NginxLeastConn"));
    }
    if words.take("random") {
        let two = words.take("two");
        words.take("least_conn");
        return Some(named("NginxRandom").with("two", Given::Flag(two)));
    }
    if words.take("least_conn") {
        return Some(named("NginxLeastConn"));
    }
    if words.take("ip_hash") {
        return Some(named("NginxIpHash"));
    }
    if words.take("hash") {
        words.take_if(|word| word.starts_with('$'));
        let consistent = words.take("consistent");
        words.take("ketama");
        return Some(named("NginxHash").with("key", key_word(key)).with("consistent", Given::Flag(consistent)));
    }
    let known = ["default", "smooth", "weighted", "round", "robin", "wrr", "smooth_wrr", "round_robin"];
    let said = known.into_iter().filter(|word| words.take(word)).count() > 0;
    said.then(|| named("NginxRoundRobin"))
}

fn haproxy(words: &mut Words, key: Key) -> Option<Named> {
    words.take("balance");
    if words.take("roundrobin") {
        return Some(named("HaproxyRoundRobin"));
    }
    if words.take("static-rr") || words.take("static_rr") {
        return Some(named("HaproxyStaticRr"));
    }
    if words.take("leastconn") || words.take("leastconn_idle") {
        return Some(named("HaproxyLeastconn"));
    }
    if let Some(draws) = words.number_after("random") {
        return Some(named("HaproxyRandom").with("draws", Given::Number(draws.into())));
    }
    if words.take("random") {
        return Some(named("HaproxyRandom"));
    }
    let hashes = words.take("source") || words.take("hash") || words.take("uri") || {
        let header = words.take("hdr");
        header && words.take_if(|_| true)
    };
    hashes.then(|| haproxy_hash(words, key))
}

/// The rest of a line about hashing: `hash-type METHOD FUNCTION MODIFIER`.
fn haproxy_hash(words: &mut Words, key: Key) -> Named {
    words.take("hash-type");
    let mut hash = named("HaproxyHash").with("key", key_word(key));
    if words.take("consistent") {
        hash = hash.with("hash_type", Given::Word("Consistent"));
    } else if words.take("map-based") {
        hash = hash.with("hash_type", Given::Word("MapBased"));
    }
    for function in ["sdbm", "djb2", "wt6", "crc32", "none"] {
        if words.take(function) {
            hash = hash.with("function", Given::Word(function));
        }
    }
    if words.take("avalanche") {
        hash = hash.with("avalanche", Given::Flag(true));
    }
    let factor = words.number_after("hash-balance-factor");
    hash.with_number("balance_factor", factor.map(u64::from))
}

fn envoy(words: &mut Words, key: Key) -> Option<Named> {
    if words.take("round_robin") {
        return Some(named("EnvoyRoundRobin"));
    }
    if words.take("least_request") {
        let choices = words.number_after("choice_count");
        words.take("selection_method");
        let request = named("EnvoyLeastRequest").with_number("choice_count", choices.map(u64::from));
        let full = words.take("full_scan");
        return Some(if full { request.with("selection", Given::Word("FullScan")) } else { request });
    }
    if words.take("random") {
        return Some(named("Random"));
    }
    for (word, name) in [("ring_hash", "EnvoyRingHash"), ("maglev", "EnvoyMaglev")] {
        if words.take(word) {
            let smallest = words.number_after("minimum_ring_size").map(u64::from);
            let table = words.number_after("table_size").map(u64::from);
            for filler in ["on", "the", "source", "address", "default", "header", "x-key", "cookie"] {
                words.take(filler);
            }
            words.take("the");
            let hash = named(name).with("key", key_word(key)).with_number("min_ring_size", smallest);
            return Some(hash.with_number("table_size", table));
        }
    }
    None
}

/// The words of a text in small letters; those that were understood are taken out.
struct Words(Vec<String>);

impl Words {
    fn of(text: &str) -> Self {
        let parts = text.split(|character: char| !(character.is_ascii_alphanumeric() || "_-$.".contains(character)));
        Self(parts.filter(|part| !part.is_empty()).map(str::to_ascii_lowercase).collect())
    }

    /// Takes `word` out; whether it was there.
    fn take(&mut self, word: &str) -> bool {
        let place = self.0.iter().position(|known| known == word);
        place.map(|place| self.0.remove(place)).is_some()
    }

    /// Takes the first word out if it is as asked.
    fn take_if(&mut self, is: impl Fn(&str) -> bool) -> bool {
        let first = self.0.first().is_some_and(|word| is(word));
        first.then(|| self.0.remove(0)).is_some()
    }

    /// Takes `word` out with the number after it.
    fn number_after(&mut self, word: &str) -> Option<u32> {
        let place = self.0.iter().position(|known| known == word)?;
        let number = self.0.get(place + 1)?.parse().ok()?;
        self.0.drain(place..place + 2);
        Some(number)
    }

    /// A word that is left.
    fn rest(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }
}

/// Answers an algorithm that asks for its parameters; what was answered is taken out.
struct Answers {
    given: Vec<(&'static str, Given)>,
    /// A parameter that was given a value it cannot have.
    wrong: Option<&'static str>,
}

impl Answers {
    fn take(&mut self, name: &'static str) -> Option<Given> {
        let place = self.given.iter().position(|(given, _)| *given == name)?;
        Some(self.given.remove(place).1)
    }

    fn or_wrong<T>(&mut self, name: &'static str, answer: Option<T>, default: T) -> T {
        if answer.is_none() {
            self.wrong = Some(name);
        }
        answer.unwrap_or(default)
    }
}

impl Parameters for Answers {
    fn integer(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(given) = self.take(name) else { return default };
        let number = if let Given::Number(number) = given { Some(number) } else { None };
        self.or_wrong(name, number.filter(|number| range.contains(number)), default)
    }

    fn real(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<f64>, default: f64) -> f64 {
        let Some(given) = self.take(name) else { return default };
        let number = if let Given::Number(number) = given { Some(number as f64) } else { None };
        self.or_wrong(name, number.filter(|number| range.contains(number)), default)
    }

    fn span(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<Span>, default: Span) -> Span {
        let Some(given) = self.take(name) else { return default };
        let span = if let Given::Duration(span) = given { Some(span) } else { None };
        self.or_wrong(name, span.filter(|span| range.contains(span)), default)
    }

    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        let Some(given) = self.take(name) else { return default };
        let flag = if let Given::Flag(flag) = given { Some(flag) } else { None };
        self.or_wrong(name, flag, default)
    }

    fn choice(&mut self, name: &'static str, _: &'static str, options: &'static [&'static str], default: usize) -> usize {
        let Some(given) = self.take(name) else { return default };
        let word = if let Given::Word(word) = given { word } else { "" };
        let place = options.iter().position(|option| option.eq_ignore_ascii_case(word));
        self.or_wrong(name, place, default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_understood_or_the_word_is_named() {
        let told = [
            ("nginx", "default (smooth weighted round robin)"),
            ("nginx", "smooth wrr"),
            ("nginx", "least_conn"),
            ("nginx", "random two least_conn"),
            ("nginx", "random"),
            ("nginx", "ip_hash"),
            ("nginx", "hash $arg_k consistent (ketama)"),
            ("nginx", "hash $remote_addr"),
            ("nginx", "least_time header"),
            ("haproxy", "balance roundrobin, maxconn 1 per server (queue in the LB)"),
            ("haproxy", "static_rr"),
            ("haproxy", "leastconn"),
            ("haproxy", "random(3)"),
            ("haproxy", "balance hdr(X-Key), hash-type consistent sdbm avalanche"),
            ("haproxy", "balance source, hash-type map-based"),
            ("haproxy", "balance first"),
            ("envoy", "ROUND_ROBIN"),
            ("envoy", "LEAST_REQUEST choice_count 3"),
            ("envoy", "least_request selection_method FULL_SCAN"),
            ("envoy", "RING_HASH (minimum_ring_size 1024, the default)"),
            ("envoy", "RING_HASH on the source address"),
            ("envoy", "MAGLEV"),
            ("envoy", "RANDOM"),
            ("traefik", "wrr"),
        ]
        .map(|(lb, text)| match Named::read(lb, text, Key::Item) {
            Ok((Named { name, parameters }, most)) => {
                let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
                let most = most.map_or_else(String::new, |most| format!(", at most {most}"));
                format!("{text} -> {name}({}){most}", parameters.join(", "))
            }
            Err(skip) => skip.reason,
        });
        insta::assert_snapshot!(told.join("\n"), @r#"
        default (smooth weighted round robin) -> NginxRoundRobin()
        smooth wrr -> NginxRoundRobin()
        least_conn -> NginxLeastConn()
        random two least_conn -> NginxRandom(two: Flag(true))
        random -> NginxRandom(two: Flag(false))
        ip_hash -> NginxIpHash()
        hash $arg_k consistent (ketama) -> NginxHash(key: Word("Item"), consistent: Flag(true))
        hash $remote_addr -> NginxHash(key: Word("Item"), consistent: Flag(false))
        the algorithm `least_time header` of nginx is not understood: `least_time`
        balance roundrobin, maxconn 1 per server (queue in the LB) -> HaproxyRoundRobin(), at most 1
        static_rr -> HaproxyStaticRr()
        leastconn -> HaproxyLeastconn()
        random(3) -> HaproxyRandom(draws: Number(3))
        balance hdr(X-Key), hash-type consistent sdbm avalanche -> HaproxyHash(key: Word("Item"), hash_type: Word("Consistent"), function: Word("sdbm"), avalanche: Flag(true))
        balance source, hash-type map-based -> HaproxyHash(key: Word("Item"), hash_type: Word("MapBased"))
        the algorithm `balance first` of haproxy is not understood: `first`
        ROUND_ROBIN -> EnvoyRoundRobin()
        LEAST_REQUEST choice_count 3 -> EnvoyLeastRequest(choice_count: Number(3))
        least_request selection_method FULL_SCAN -> EnvoyLeastRequest(selection: Word("FullScan"))
        RING_HASH (minimum_ring_size 1024, the default) -> EnvoyRingHash(key: Word("Item"), min_ring_size: Number(1024))
        RING_HASH on the source address -> EnvoyRingHash(key: Word("Item"))
        MAGLEV -> EnvoyMaglev(key: Word("Item"))
        RANDOM -> Random()
        the load balancer `traefik` is not known
        "#);
    }
}
