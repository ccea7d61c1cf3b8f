//! Decision by decision against 1,500 recorded ones.

use super::Bench;
use crate::units::Time;

/// A client of nginx wrote these down, but nginx decides by when it sees an answer itself: about 250 us before its client does
/// (the median of what nginx adds to a request is 312 us), give or take 50 us. An answer within those 50 us of an arrival may
/// have been seen before or after it.
const SEEN_BEFORE_US: u64 = 250;
const UNSURE_US: u64 = 50;

/// A recorded request: when it arrived, who got it, when nginx saw the answer.
struct Row {
    arrival_us: u64,
    server: u32,
    seen_us: u64,
}

fn rows() -> Vec<Row> {
    let text = include_str!("../../../../tests/data/nginx_least_conn_trace.csv");
    let row = |line: &str| {
        let mut numbers = line.split(',').map(|number| number.parse::<u64>().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        let (arrival_us, server, latency_us) = (next(), next() as u32, next());
        Row { arrival_us, server, seen_us: arrival_us + latency_us - SEEN_BEFORE_US }
    };
    text.lines().skip(1).map(row).collect()
}

/// A state that nginx may have been in, and the recorded requests that were in flight in it.
#[derive(Clone)]
struct State {
    bench: Bench,
    in_flight: Vec<usize>,
}

impl State {
    /// The answer to recorded request `place` is seen.
    fn end(mut self, rows: &[Row], place: usize) -> Self {
        self.in_flight.retain(|other| *other != place);
        self.bench.ended(rows[place].server, Time::ZERO, false);
        self
    }

    fn seen_for_sure(&self, rows: &[Row], now: u64) -> Option<usize> {
        self.in_flight.iter().copied().find(|place| rows[*place].seen_us + UNSURE_US < now)
    }

    fn unsure(&self, rows: &[Row], now: u64) -> Vec<usize> {
        self.in_flight.iter().copied().filter(|place| rows[*place].seen_us <= now + UNSURE_US).collect()
    }
}

/// Measured as `T_trace_nginx_least_conn`. The current weights are not on record, so each state that nginx may have been in is
/// followed for as long as it decides as recorded.
#[test]
fn least_conn_decides_as_recorded() {
    let rows = rows();
    assert_eq!(rows.len(), 1500);
    let mut states = vec![State { bench: Bench::new("NginxLeastConn", &[], &[1.0; 4]), in_flight: Vec::new() }];
    let mut unsure_decisions = 0;
    for (place, row) in rows.iter().enumerate() {
        let mut possible: Vec<State> = Vec::new();
        let mut unsure = false;
        for mut state in std::mem::take(&mut states) {
            while let Some(ended) = state.seen_for_sure(&rows, row.arrival_us) {
                state = state.end(&rows, ended);
            }
            state.bench.at_us(row.arrival_us);
            let mut orders = vec![state.clone()];
            for ended in state.unsure(&rows, row.arrival_us) {
                unsure = true;
                let seen: Vec<State> = orders.iter().cloned().map(|state| state.end(&rows, ended)).collect();
                orders.extend(seen);
            }
            for mut order in orders {
                if order.bench.choose(&[]) == Some(row.server) {
                    order.bench.sent(row.server);
                    order.in_flight.push(place);
                    possible.push(order);
                }
            }
        }
        unsure_decisions += u32::from(unsure);
        assert!(!possible.is_empty() && possible.len() <= 64, "{} states after request {place}", possible.len());
        states = possible;
    }
    assert!(unsure_decisions < 40, "{unsure_decisions} of 1500 decisions depend on who was first within {UNSURE_US} us");
}
