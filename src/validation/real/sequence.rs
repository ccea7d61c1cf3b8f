//! Sequences of choices without load, compared server by server.
//!
//! A load balancer that begins somewhere in its cycle, another place in each process, agrees where it would have done what was
//! measured from one of its starts. Where a clock plays a part of which only whole seconds count, the fraction of the second at
//! which the measurement began is not known: it agrees where it does from one of them.

use super::case::RealCase;
use super::desk::{Desk, all_traits, request_at};
use super::finding::{RealFinding, RealTrial};
use super::steps::Step;
use super::weights_of;
use super::words::Said;
use crate::balancing::{Algorithm, Answer, Key, ServerTraits};
use crate::units::{ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use serde_json::{Map, Value};

/// So many starts are tried.
const STARTS: u64 = 4_000;
/// So many fractions of a second are tried.
const FRACTIONS: u64 = 100;
/// From one request to the next where they follow each other.
const GAP: Span = Span::from_nanos(1_000_000);
/// A request that never comes to its server is given up after so many.
const MOST_REQUESTS: usize = 100_000;
/// How far the seconds may be off.
const SECONDS_OFF: f64 = 0.1;

/// `sequences_per_fresh_start`: each start's requests.
pub(super) fn fresh_starts(case: &RealCase) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let servers = all_traits(&weights_of(&mut model)?);
    let requests = model.count("requests", MOST_REQUESTS as u32)?.ok_or_else(|| Skip::new("the model has no `requests`"))?;
    for known in ["algorithm", "lb_threads", "load"] {
        model.get(known);
    }
    model.nothing_else()?;
    let measured = texts(&case.measured["sequences_per_fresh_start"])?;
    let mut findings: Vec<RealFinding> = Vec::new();
    for (start, sequence) in measured.iter().enumerate().filter(|(start, sequence)| !measured[..*start].contains(sequence)) {
        let of = measured.iter().filter(|other| *other == sequence).count();
        let simulated = any_start(&said, &servers, sequence.len().min(requests as usize), |played| played == *sequence);
        let what = if of == 1 { format!("sequence, start {start}") } else { format!("sequence, {of} starts") };
        findings.push(RealFinding::equal(what, sequence, &simulated));
    }
    Ok(RealTrial { findings, note: note_of(&said) })
}

/// What is played from a start that is `right`, or from the first one.
fn any_start(said: &Said, servers: &[ServerTraits], requests: usize, right: impl Fn(&str) -> bool) -> String {
    let sequences = starts(said).map(|start| idle_sequence(&said.algorithm, servers, start, requests));
    first_right(sequences, |sequence| right(sequence)).unwrap_or_default()
}

fn starts(said: &Said) -> std::ops::Range<u64> {
    0..if said.starts_anywhere { STARTS } else { 1 }
}

/// The first that is right; if none is, the first.
fn first_right<T>(mut all: impl Iterator<Item = T>, right: impl Fn(&T) -> bool) -> Option<T> {
    let first = all.next()?;
    if right(&first) { Some(first) } else { Some(all.find(right).unwrap_or(first)) }
}

fn note_of(said: &Said) -> Option<String> {
    said.starts_anywhere.then(|| "from any of its starts".into())
}

/// The servers of requests that follow each other while all is idle, from the start number `start`.
pub(super) fn idle_sequence(algorithm: &Algorithm, servers: &[ServerTraits], start: u64, requests: usize) -> String {
    let mut desk = Desk::new(algorithm, servers, start);
    let mut now = Time::ZERO;
    let mut serve = || {
        now = now + GAP;
        digit(desk.serve(&request_at(now)))
    };
    (0..requests).map(|_| serve()).collect()
}

/// A server as one character; `-` for none.
pub(super) fn digit(server: Option<ServerId>) -> char {
    server.and_then(|server| char::from_digit(server.0, 36)).unwrap_or('-')
}

/// `steps`: servers that leave, return, change their weight or refuse.
pub(super) fn steps(case: &RealCase) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let failures = match model.count("max_fails", 1_000_000)? {
        Some(number) => Some((number, Span::from_nanos_f64(model.number("fail_timeout_s")? * 1e9))),
        None => None,
    };
    let said = Said::with_failures(case, failures)?;
    let servers = all_traits(&weights_of(&mut model)?);
    let list = texts(model.need("steps")?)?;
    let steps: Vec<Step> = list.iter().map(|text| Step::read(text, servers.len())).collect::<Result<_, _>>()?;
    let retries = model.text_if_any("proxy_next_upstream")?;
    if retries.is_some_and(|retries| !retries.starts_with("error timeout")) {
        return Err(Skip::new("only `proxy_next_upstream error timeout` is understood"));
    }
    for known in ["algorithm", "load", "how"] {
        model.get(known);
    }
    model.nothing_else()?;
    let scene = Scene { said, servers, steps, retries: retries.is_some() };
    let mut findings = Vec::new();
    match case.measured.get("replications").and_then(Value::as_array) {
        Some(replications) => {
            for (number, measured) in replications.iter().enumerate() {
                findings.extend(scene.compare(measured, &format!(", replication {number}"))?);
            }
        }
        None => findings = scene.compare(&case.measured, "")?,
    }
    if findings.is_empty() {
        return Err(Skip::new("nothing was measured"));
    }
    let note =
        if failures.is_some() { Some("the clock begins at any fraction of a second".into()) } else { note_of(&scene.said) };
    Ok(RealTrial { findings, note })
}

/// What is done, and to whom.
struct Scene {
    said: Said,
    servers: Vec<ServerTraits>,
    steps: Vec<Step>,
    /// Whether a refused request tries another server.
    retries: bool,
}

/// What came of it.
#[derive(Debug, Default)]
struct Played {
    /// The servers that answered, by step of requests.
    sequences: Vec<String>,
    /// The servers tried by each request while one refuses.
    tries: Vec<String>,
    /// From the refusal to the first answer after it.
    seconds: Option<f64>,
}

impl Scene {
    fn compare(&self, measured: &Value, of: &str) -> Result<Vec<RealFinding>, Skip> {
        let measured = measured.as_object().ok_or_else(|| Skip::new("what was measured is not an object"))?;
        let fractions = if self.steps.iter().any(|step| matches!(step, Step::Refuses(_))) { FRACTIONS } else { 1 };
        let plays = starts(&self.said).flat_map(|start| (0..fractions).map(move |fraction| (start, fraction)));
        let findings = plays.map(|(start, fraction)| findings(&self.play(start, fraction), measured, of));
        let right = |findings: &Result<Vec<RealFinding>, Skip>| {
            findings
                .as_ref()
                .map_or(true, |findings| findings.iter().all(|finding| finding.verdict != super::RealVerdict::Disagrees))
        };
        first_right(findings, right).unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Plays the steps from one of the starts, the clock beginning at a fraction of a second.
    fn play(&self, start: u64, fraction: u64) -> Played {
        let mut player = Player {
            desk: Desk::new(&self.said.algorithm, &self.servers, start),
            now: Time::from_nanos(1_000_000_000 * 100 + fraction * (1_000_000_000 / FRACTIONS)),
            retries: self.retries,
            refusing: None,
        };
        let (mut played, mut refused_at) = (Played::default(), None);
        for step in &self.steps {
            match *step {
                Step::Requests(number) => {
                    let tries: Vec<Vec<ServerId>> = (0..number).map(|_| player.request(GAP)).collect();
                    played.sequences.push(tries.iter().map(|tries| player.answered(tries)).collect());
                    if player.refusing.is_some() {
                        played.tries.extend(tries.iter().map(|tries| listed(tries)));
                    }
                }
                Step::Leaves(server) => player.desk.withdraw(server),
                Step::Returns(server) => player.desk.admit(server),
                Step::Weighs(server, weight) => player.desk.reweigh(server, weight),
                Step::Refuses(server) => {
                    player.refusing = Some(server);
                    refused_at = Some(player.now);
                }
                Step::Accepts(_) => player.refusing = None,
                Step::Until(server, gap_ms) => {
                    let gap = Span::from_nanos_f64(gap_ms * 1e6);
                    let answered = (0..MOST_REQUESTS).any(|_| player.request(gap).last() == Some(&server));
                    played.seconds = refused_at.filter(|_| answered).map(|at| player.now.since(at).as_secs());
                }
            }
        }
        played
    }
}

/// Compares the pieces that were measured, in their order, with the steps that are requests.
fn findings(played: &Played, measured: &Map<String, Value>, of: &str) -> Result<Vec<RealFinding>, Skip> {
    let mut sequences = played.sequences.iter();
    let mut findings = Vec::new();
    for (name, value) in measured {
        if let Some(text) = value.as_str() {
            let simulated = sequences.next().ok_or_else(|| Skip::new(format!("no step belongs to `{name}`")))?;
            // What could not be measured is empty.
            if !text.is_empty() {
                findings.push(RealFinding::equal(format!("{name}{of}"), text, simulated));
            }
        } else if name.starts_with("tries") {
            findings.push(RealFinding::equal(format!("{name}{of}"), &texts(value)?.join(" "), &played.tries.join(" ")));
        } else if name.starts_with("seconds") {
            let seconds = value.as_f64().zip(played.seconds).ok_or_else(|| Skip::new(format!("no step belongs to `{name}`")))?;
            let what = format!("{name}{of}");
            findings.push(RealFinding::near(what, seconds.0, seconds.1, SECONDS_OFF, format!("\u{b1} {SECONDS_OFF}")));
        }
    }
    Ok(findings)
}

fn listed(tries: &[ServerId]) -> String {
    tries.iter().map(|server| server.0.to_string()).collect::<Vec<_>>().join(",")
}

struct Player {
    desk: Desk,
    now: Time,
    retries: bool,
    /// The server that refuses connections.
    refusing: Option<ServerId>,
}

impl Player {
    /// A request, `gap` after the one before: the servers it tries, the last of which answers unless it refuses too.
    fn request(&mut self, gap: Span) -> Vec<ServerId> {
        self.now = self.now + gap;
        let (request, mut tried) = (request_at(self.now), Vec::new());
        loop {
            let Some(server) = self.desk.choose(&request, &tried) else { return tried };
            let failed = self.refusing == Some(server);
            tried.push(server);
            self.desk.sent(server, &request);
            self.desk.ended(server, &Answer { now: self.now, since: self.now, failed });
            if !failed || !self.retries {
                return tried;
            }
        }
    }

    fn answered(&self, tries: &[ServerId]) -> char {
        digit(tries.last().copied().filter(|server| self.refusing != Some(*server)))
    }
}

/// A list of texts.
pub(super) fn texts(value: &Value) -> Result<Vec<&str>, Skip> {
    let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts.ok_or_else(|| Skip::new("a list of texts is expected"))
}
