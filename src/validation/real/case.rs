//! What was measured at a real load balancer, as it is written.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A measured case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealCase {
    /// Its name, such as `A_seq_nginx_smooth_wrr_w511`.
    pub id: String,
    /// The load balancer in small letters: `nginx`, `haproxy`, `envoy`.
    pub lb: String,
    /// Its version.
    pub version: String,
    /// What its configuration calls the algorithm, or says in all; empty where the case says nothing.
    pub algorithm: String,
    /// Everything else that is needed to repeat it.
    pub(super) model: Value,
    /// What came out.
    pub(super) measured: Value,
    /// Why it is known to disagree, in a sentence, where the measurement itself is known to be off. Only a built-in case says so.
    pub known_disagreement: Option<String>,
}

/// Why a case could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealFault {
    /// Its file.
    pub file: String,
    /// What is wrong, and where.
    pub message: String,
}

/// Measured cases, the requests that some of them were measured with, and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct RealCases {
    /// The cases, by name.
    pub cases: Vec<RealCase>,
    /// Arrival and demand of requests in seconds, by the name of the recording, such as `homog_rho70_seed1000`.
    pub(super) recordings: BTreeMap<String, Vec<(f64, f64)>>,
    /// What could not be read.
    pub faults: Vec<RealFault>,
    /// The root of all that is drawn.
    pub seed: u64,
}

#[derive(Deserialize)]
struct Written {
    case: String,
    lb: String,
    version: String,
    model: Value,
    measured: Value,
    known_disagreement: Option<String>,
}

impl RealCase {
    fn of(written: Written) -> Result<Self, String> {
        let Written { case: id, lb, version, model, measured, known_disagreement } = written;
        if !model.is_object() || !measured.is_object() {
            return Err(format!("case {id}: `model` and `measured` must be objects"));
        }
        let named =
            ["algorithm", "config", "persistence"].into_iter().find_map(|name| model.get(name)?.as_str()).unwrap_or_default();
        let algorithm = named.trim_end_matches(';').to_owned();
        Ok(Self { id, lb: lb.to_ascii_lowercase(), version, algorithm, model, measured, known_disagreement })
    }
}

impl RealCases {
    /// Reads the text of a file that holds one case. That it is known to disagree is not for a file to say.
    pub fn add_case(&mut self, file: &str, text: &str) {
        let read = serde_json::from_str::<Written>(text).map_err(|error| error.to_string());
        let read = read.and_then(RealCase::of).and_then(|case| {
            let twice = self.cases.iter().any(|known| known.id.eq_ignore_ascii_case(&case.id));
            if twice { Err(format!("there is another case {}", case.id)) } else { Ok(case) }
        });
        match read {
            Ok(case) => {
                let case = RealCase { known_disagreement: None, ..case };
                let place = self.cases.partition_point(|known| known.id < case.id);
                self.cases.insert(place, case);
            }
            Err(message) => self.faults.push(RealFault { file: file.into(), message }),
        }
    }

    /// Reads the text of a recording: a table with the columns `arrival_s` and `demand_s`.
    pub fn add_recording(&mut self, name: &str, file: &str, text: &str) {
        match recording(text) {
            Ok(rows) => drop(self.recordings.insert(name.into(), rows)),
            Err(message) => self.faults.push(RealFault { file: file.into(), message }),
        }
    }

    /// The cases that come with the program; see the head of this module on where they are from.
    #[must_use]
    pub fn builtin() -> Self {
        let written: Result<Vec<Written>, _> = serde_json::from_str(include_str!("builtin_cases.json"));
        debug_assert!(written.is_ok(), "the built-in cases are well formed");
        let cases = written.unwrap_or_default().into_iter().filter_map(|written| RealCase::of(written).ok()).collect();
        Self { cases, ..Self::default() }
    }
}

fn recording(text: &str) -> Result<Vec<(f64, f64)>, String> {
    let mut lines = text.lines();
    if lines.next().map(str::trim) != Some("arrival_s,demand_s") {
        return Err("line 1: expected the heading arrival_s,demand_s".into());
    }
    let mut rows: Vec<(f64, f64)> = Vec::new();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.trim().is_empty()) {
        let numbers = line.split_once(',').and_then(|(arrival, demand)| Some((number_of(arrival)?, number_of(demand)?)));
        let row = numbers.ok_or_else(|| format!("line {number}: expected two numbers of seconds, such as 0.015021,0.0221627"))?;
        if rows.last().is_some_and(|last| last.0 > row.0) {
            return Err(format!("line {number}: the arrivals are not in order of time"));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A finite number that is not negative.
fn number_of(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

impl fmt::Display for RealFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for RealFault {}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"case": "A", "lb": "nginx", "version": "1.22.1", "model": {"algorithm": "least_conn;"}, "measured": {}}"#;

    #[test]
    fn what_is_wrong_is_told_by_file_and_place() {
        let mut cases = RealCases::default();
        for (file, text) in [
            ("good.json", GOOD.to_owned()),
            ("again.json", GOOD.to_owned()),
            ("cut.json", GOOD[..60].to_owned()),
            ("nameless.json", GOOD.replace("\"case\"", "\"name\"")),
            ("list.json", GOOD.replace("{}", "[]")),
        ] {
            cases.add_case(file, &text);
        }
        cases.add_recording("x", "x.csv", "a,b\n1,2\n");
        cases.add_recording("x", "x.csv", "arrival_s,demand_s\n1,2\n0.5,2\n");
        cases.add_recording("x", "x.csv", "arrival_s,demand_s\n1,x\n");
        assert_eq!((cases.cases.len(), &*cases.cases[0].algorithm), (1, "least_conn"));
        let told: Vec<String> = cases.faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        again.json: there is another case A
        cut.json: EOF while parsing an object at line 1 column 60
        nameless.json: missing field `case` at line 1 column 104
        list.json: case A: `model` and `measured` must be objects
        x.csv: line 1: expected the heading arrival_s,demand_s
        x.csv: line 3: the arrivals are not in order of time
        x.csv: line 2: expected two numbers of seconds, such as 0.015021,0.0221627
        ");
    }
}
