//! A trace of requests with the server and the latency of each, replayed one by one.
//!
//! Choices are judged in the real state: requests end when they did, each is compared with what the algorithm would choose now,
//! and then counts at the server that was really used, so that one near-tie does not spoil what follows. The client wrote the
//! times down; between an arrival and an answer, the balancer is nearer to both by most of its own overhead. Whether an answer within
//! a fraction of that of an arrival was seen before it or after it, nobody knows: the balancer may have been in several states, and
//! each is followed as long as it decides as measured, those that have become equal once. Where none does, the choice is wrong, and all
//! are followed on.
//!
//! Where a server has a limit and requests wait in the balancer, the place of one that ends is taken by the one that really took it, which
//! is right if nobody has waited longer. Who comes while others wait, or while all are full, waits without a choice.
//!
//! Latencies are judged with the servers that were really used, where requests wait at the servers; where they wait in the balancer,
//! the simulator chooses.

use super::case::{RealCase, RealCases};
use super::desk::{Desk, all_traits, request_at};
use super::finding::{RealFinding, RealTrial};
use super::load::overhead_ms;
use super::words::Said;
use super::world::{Recorded, World};
use crate::balancing::{Algorithm, AlgorithmHelp, Answer, Key, Shares};
use crate::stats::order::quantile_linear;
use crate::units::{ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use std::collections::{BTreeSet, VecDeque};

/// So many starts are tried.
const STARTS: u64 = 64;
/// How far latencies may be off at the median, in milliseconds.
const NEAR_MS: f64 = 0.3;

/// A request as it was measured.
#[derive(Debug, Clone, Copy)]
struct Row {
    at: Time,
    demand_secs: f64,
    server: ServerId,
    latency: Span,
}

pub(super) fn replay(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let world = World::read(&mut model, said.max_connections)?;
    for known in ["algorithm", "requests", "note", "lb_threads"] {
        model.get(known);
    }
    let fresh = model.get("first_request_is_the_balancers_first").and_then(serde_json::Value::as_bool);
    if fresh != Some(true) {
        return Err(Skip::new("the balancer had served requests before the first one"));
    }
    model.nothing_else()?;
    let rows = rows(case, world.weights.len())?;
    let overhead = overhead_ms(case, all, said.max_connections.is_some(), "p50")?;
    let mut findings = Vec::new();
    if !said.draws {
        let right = right_choices(&said, &world, &rows, overhead);
        findings.push(RealFinding::right("choices, each in the real state", right, rows.len(), least_right(case, &said)));
    }
    findings.extend(latencies(&said, &world, &rows, overhead));
    Ok(RealTrial { findings, note: Some(format!("{overhead:.3} ms of overhead taken off, its median")) })
}

/// The share of choices that must be the same. Algorithms that read no load make none for which the state matters. With loads,
/// a request that ends within a fraction of a millisecond of an arrival may have been there or not, and nginx breaks
/// ties by a state that such a near-tie moves for good.
fn least_right(case: &RealCase, said: &Said) -> f64 {
    let in_turn = |help: &AlgorithmHelp| help.name == said.algorithm.name() && help.shares == Shares::InTurn;
    if said.max_connections.is_none() && Algorithm::help().iter().any(in_turn) {
        1.0
    } else if case.lb == "haproxy" && said.max_connections.is_none() {
        0.998
    } else {
        0.98
    }
}

fn rows(case: &RealCase, servers: usize) -> Result<Vec<Row>, Skip> {
    let columns = super::sequence::texts(&case.measured["columns"])?;
    let column = |name: &str| {
        columns.iter().position(|column| *column == name).ok_or_else(|| Skip::new(format!("the trace has no column `{name}`")))
    };
    let places = [column("arrival_us")?, column("demand_ms")?, column("server")?, column("latency_ms")?];
    let list = case.measured["rows"].as_array().ok_or_else(|| Skip::new("the trace has no `rows`"))?;
    let row = |(number, row): (usize, &serde_json::Value)| {
        let numbers = places.map(|place| row.get(place).and_then(serde_json::Value::as_f64).filter(|number| *number >= 0.0));
        let [Some(arrival), Some(demand), Some(server), Some(latency)] = numbers else {
            return Err(Skip::new(format!("row {number} of the trace is not understood")));
        };
        if server as usize >= servers {
            return Err(Skip::new(format!("row {number} of the trace: there is no server {server}")));
        }
        Ok(Row {
            at: Time::ZERO + Span::from_nanos_f64(arrival * 1e3),
            demand_secs: demand * 1e-3,
            server: ServerId(server as u32),
            latency: Span::from_nanos_f64(latency * 1e6),
        })
    };
    let rows = list.iter().enumerate().map(row).collect::<Result<Vec<Row>, Skip>>()?;
    if rows.is_empty() || !rows.is_sorted_by_key(|row| row.at) {
        return Err(Skip::new("the trace is empty or not in order of time"));
    }
    Ok(rows)
}

/// The part of the overhead by which the balancer sees an answer earlier, compared with arrivals, than its client does.
const SEEN_BEFORE: f64 = 0.6;
/// The part of it within which nobody knows what was first.
const UNSURE: f64 = 0.4;
/// At most so many states are followed.
const MOST_STATES: usize = 64;
/// Of at most so many answers nobody knows whether they were seen before an arrival.
const MOST_UNSURE: usize = 5;

/// How many choices are those that were measured, from the best of the starts.
fn right_choices(said: &Said, world: &World, rows: &[Row], overhead_ms: f64) -> usize {
    let starts = if said.starts_anywhere { STARTS } else { 1 };
    let part = |part: f64| Span::from_nanos_f64(overhead_ms * 1e6 * part);
    let seen = |row: &Row| Time::from_nanos((row.at + row.latency).as_nanos().saturating_sub(part(SEEN_BEFORE).as_nanos()));
    let trace = Trace { rows, seen: rows.iter().map(seen).collect(), unsure: part(UNSURE) };
    (0..starts).map(|start| trace.follow(State::new(said, world, start))).max().unwrap_or(0)
}

/// What was measured, and when the balancer saw the answers.
struct Trace<'a> {
    rows: &'a [Row],
    seen: Vec<Time>,
    unsure: Span,
}

/// A state that the balancer may have been in.
#[derive(Debug, Clone)]
struct State {
    desk: Desk,
    /// Requests at each server.
    present: Vec<u32>,
    most: u32,
    /// What is at the servers, by number.
    running: Vec<usize>,
    /// Requests that wait in the balancer.
    waiting: VecDeque<usize>,
    /// Choices that were not as measured.
    wrong: usize,
}

impl State {
    fn new(said: &Said, world: &World, start: u64) -> Self {
        Self {
            desk: Desk::new(&said.algorithm, &all_traits(&world.weights), start),
            present: vec![0; world.weights.len()],
            most: world.max_connections.unwrap_or(u32::MAX),
            running: Vec::new(),
            waiting: VecDeque::new(),
            wrong: 0,
        }
    }

    fn has_room(&self, server: ServerId) -> bool {
        self.present[server.index()] < self.most
    }
}

impl Trace<'_> {
    /// The most choices that a state which may have been has right.
    fn follow(&self, first: State) -> usize {
        let mut states = vec![first];
        for (number, row) in self.rows.iter().enumerate() {
            states = states.into_iter().flat_map(|state| self.possible(state, row.at)).collect();
            states.iter_mut().for_each(|state| self.arrive(state, number));
            // What is right cannot be compared: one state may have sent on somebody whom another still lets wait.
            keep_best(&mut states);
            states.truncate(MOST_STATES);
        }
        states.iter_mut().for_each(|state| self.end_until(state, Time::NEVER));
        let fewest = states.iter().map(|state| state.wrong + state.waiting.len()).min().unwrap_or(usize::MAX);
        self.rows.len().saturating_sub(fewest)
    }

    /// The states at an arrival: every answer that is seen for sure, and some of the others.
    fn possible(&self, mut state: State, now: Time) -> Vec<State> {
        self.end_until(&mut state, Time::from_nanos(now.as_nanos().saturating_sub(self.unsure.as_nanos())));
        let near = |number: &&usize| self.seen[**number] <= now + self.unsure;
        let mut unsure: Vec<usize> = state.running.iter().filter(near).copied().collect();
        unsure.sort_by_key(|number| self.seen[*number]);
        let mut states = vec![state];
        for number in unsure.into_iter().take(MOST_UNSURE) {
            let mut ended = states.clone();
            ended.iter_mut().for_each(|state| self.end(state, number));
            states.append(&mut ended);
        }
        states
    }

    /// A new request; where others wait already, it waits behind them and the algorithm is not asked.
    fn arrive(&self, state: &mut State, number: usize) {
        let Row { at, server, .. } = self.rows[number];
        let chosen = if state.waiting.is_empty() { state.desk.choose(&request_at(at), &[]) } else { None };
        let has_room = state.has_room(server);
        state.wrong += usize::from(has_room && chosen != Some(server) || !has_room && chosen.is_some());
        if has_room {
            self.send(state, number, at);
        } else {
            state.waiting.push_back(number);
        }
    }

    /// Ends what was seen by `until`, in order of time.
    fn end_until(&self, state: &mut State, until: Time) {
        while let Some(first) = state.running.iter().copied().min_by_key(|number| (self.seen[*number], *number)) {
            if self.seen[first] > until {
                return;
            }
            self.end(state, first);
        }
    }

    /// A request ends; who really took its place does so, and should have waited longest.
    fn end(&self, state: &mut State, number: usize) {
        let Row { server, at, .. } = self.rows[number];
        let end = self.seen[number];
        state.running.retain(|other| *other != number);
        state.present[server.index()] -= 1;
        state.desk.ended(server, &Answer { now: end, since: at, failed: false });
        if !state.waiting.is_empty() && state.has_room(server) {
            let next = state.waiting.iter().position(|waiting| self.rows[*waiting].server == server);
            state.wrong += usize::from(next != Some(0));
            if let Some(next) = next.and_then(|next| state.waiting.remove(next)) {
                self.send(state, next, end);
            }
        }
        if state.has_room(server) {
            state.desk.freed(server);
        }
    }

    /// Request `number` goes to the server where it really went.
    fn send(&self, state: &mut State, number: usize, now: Time) {
        let server = self.rows[number].server;
        state.present[server.index()] += 1;
        state.desk.sent(server, &request_at(now));
        if !state.has_room(server) {
            state.desk.filled(server);
        }
        let place = state.running.partition_point(|other| *other < number);
        state.running.insert(place, number);
    }
}

/// Keeps the states with the fewest wrong choices, one of those that are equal.
fn keep_best(states: &mut Vec<State>) {
    let fewest = states.iter().map(|state| state.wrong).min().unwrap_or(0);
    states.retain(|state| state.wrong == fewest);
    if states.len() > 1 {
        let mut known = BTreeSet::new();
        states.retain(|state| known.insert(format!("{state:?}")));
    }
}

/// Latencies request by request.
fn latencies(said: &Said, world: &World, rows: &[Row], overhead_ms: f64) -> Option<RealFinding> {
    let requests: Vec<(f64, f64)> = rows.iter().map(|row| (row.at.as_secs(), row.demand_secs)).collect();
    let taken = if said.max_connections.is_some() {
        world.run(&requests, 0, said.algorithm.clone(), &said.algorithm)
    } else {
        let recorded = Recorded { servers: rows.iter().map(|row| row.server).collect(), next: 0 };
        world.run(&requests, 0, recorded, &said.algorithm)
    };
    let off = |(row, taken): (&Row, &Option<Span>)| {
        Some(((row.latency.as_nanos() as f64 - (*taken)?.as_nanos() as f64) * 1e-6 - overhead_ms).abs())
    };
    let off: Option<Vec<f64>> = rows.iter().zip(&taken).map(off).collect();
    let mut finding = RealFinding::near("median difference of latencies, ms", 0.0, quantile_linear(&off?, 0.5)?, NEAR_MS, "");
    finding.measured = super::Figure::Nothing;
    finding.allowed = format!("at most {NEAR_MS}");
    Some(finding)
}
