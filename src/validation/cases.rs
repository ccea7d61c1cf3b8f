//! The format of a case with a known answer, and how a file of cases is read.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// A case with a known answer. Times are in seconds, rates per second.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Case {
    /// Its short name, such as `Q01`.
    pub id: String,
    /// What it is about, such as `queues`.
    pub family: String,
    /// One line for a person.
    pub title: String,
    /// How far the answer can be trusted.
    pub exactness: Exactness,
    /// What is to be simulated, in words that belong to no simulator.
    pub model: serde_json::Value,
    /// The answer: metrics by name.
    pub exact: BTreeMap<String, ExactValue>,
    /// Features that not every simulator has.
    #[serde(default)]
    pub requires: Vec<String>,
    /// How closely to compare.
    pub tolerance: Tolerance,
    /// How the answer was computed.
    #[serde(default)]
    pub method: String,
    /// Where the answer is from.
    #[serde(default)]
    pub source: String,
    /// What else to know.
    #[serde(default)]
    pub notes: String,
}

/// How far an answer can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exactness {
    /// Exact for this model.
    Exact,
    /// An approximation with a known bias.
    Approximation,
    /// The limit of growing systems, with a known distance.
    Asymptotic,
    /// A computation, not a simulation.
    Definition,
    /// Only a bound.
    Bound,
}

/// The answer for one metric.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ExactValue {
    /// A number.
    One(f64),
    /// A number per server, station or the like.
    Each(Vec<f64>),
    /// Something else, which is not compared.
    Other(serde_json::Value),
}

/// How closely to compare.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Tolerance {
    /// The metric whose interval must be narrow.
    pub primary_metric: String,
    /// Relative error or bias of the answer itself.
    #[serde(default)]
    pub numeric_error_of_exact: f64,
    /// How much work gives the primary metric a 95 % interval of 1 % half-width.
    #[serde(default)]
    pub amount_for_1pct_ci: Option<f64>,
    /// How much work gives the unavailability a 95 % interval of 5 % half-width.
    #[serde(default)]
    pub amount_for_5pct_ci_of_unavailability: Option<f64>,
    /// What that work is counted in.
    #[serde(default)]
    pub amount_unit: String,
    /// Advice for a person.
    #[serde(default)]
    pub guidance: String,
}

/// One number that a case expects.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The name of the metric; of a list, with the place: `server_utilization[2]`.
    pub metric: String,
    /// Its value.
    pub value: f64,
}

impl Case {
    /// The numbers that the case expects, by name.
    #[must_use]
    pub fn expected(&self) -> Vec<Expected> {
        let mut all = Vec::new();
        for (metric, value) in &self.exact {
            match value {
                ExactValue::One(value) => all.push(Expected { metric: metric.clone(), value: *value }),
                ExactValue::Each(values) => {
                    let member = |(place, &value)| Expected { metric: format!("{metric}[{place}]"), value };
                    all.extend(values.iter().enumerate().map(member));
                }
                ExactValue::Other(_) => {}
            }
        }
        all
    }
}

/// The cases of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaseFile {
    /// Those that could be read, in the order of the file.
    pub cases: Vec<Case>,
    /// What is wrong with the others.
    pub faults: Vec<CaseFault>,
}

/// What is wrong with a file of cases, or with one case in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFault {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// The case, where its name could be read.
    pub id: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// Reads a file of cases: a JSON list. A case that is wrong does not hide the others.
///
/// # Errors
/// Where the text is no JSON list.
pub fn read_cases(text: &str) -> Result<CaseFile, CaseFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| CaseFault {
        line: error.line().max(1),
        column: error.column().max(1),
        id: None,
        message: message_of(&error),
    })?;
    let mut file = CaseFile::default();
    for raw in raw {
        match serde_json::from_str(raw.get()) {
            Ok(case) => file.cases.push(case),
            Err(error) => file.faults.push(locate(text, raw.get(), &error)),
        }
    }
    Ok(file)
}

/// The place in the whole file of an error in the text of one case.
fn locate(file: &str, case: &str, error: &serde_json::Error) -> CaseFault {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    // The text of a case is a slice of the file: the distance of their beginnings is its place.
    let start = (case.as_ptr().addr() - file.as_ptr().addr()).min(file.len());
    let before = &file.as_bytes()[..start];
    let lines = before.iter().filter(|&&byte| byte == b'\n').count();
    let indent = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    // An error about the whole case has no place of its own: then it is where the case begins.
    let (line, column) = (error.line().max(1), error.column().max(1));
    CaseFault {
        line: lines + line,
        column: if line == 1 { indent + column } else { column },
        id: serde_json::from_str(case).ok().map(|named: Named| named.id),
        message: message_of(error),
    }
}

/// The message without the place that `serde_json` appends to it.
fn message_of(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].into(),
        None => message,
    }
}

impl fmt::Display for CaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if let Some(id) = &self.id {
            write!(f, "case {id}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CaseFault {}

/// The cases that come with the program: queues, load balancing, availability, caches and the loads of servers.
#[must_use]
pub fn builtin() -> Vec<Case> {
    let file = read_cases(include_str!("builtin_cases.json"));
    debug_assert!(file.as_ref().is_ok_and(|file| file.faults.is_empty()), "the built-in cases are well formed");
    file.unwrap_or_default().cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_cases_are_well_formed() {
        let file = read_cases(include_str!("builtin_cases.json")).unwrap();
        assert_eq!((file.cases.len(), file.faults), (80, vec![]));
    }

    #[test]
    fn lists_are_expected_number_by_number() {
        let case = builtin().into_iter().find(|case| case.id == "L04").unwrap();
        let names: Vec<String> = case.expected().into_iter().map(|expected| expected.metric).collect();
        assert_eq!(
            names,
            [
                "jain_index_utilization",
                "mean_response",
                "server_mean_response[0]",
                "server_mean_response[1]",
                "server_utilization[0]",
                "server_utilization[1]"
            ]
        );
    }

    const GOOD: &str = r#"{"id": "G", "family": "queues", "title": "", "exactness": "exact", "model": {},
        "exact": {"x": 1, "y": [1, 2], "z": "?"}, "tolerance": {"primary_metric": "x"}, "new": 1}"#;

    #[test]
    fn a_bad_case_is_named_by_its_place_and_does_not_hide_the_others() {
        let bad = GOOD.replace("\"G\"", "\"B\"").replace("\"exact\", \"model\"", "\"guess\", \"model\"");
        let nameless = GOOD.replace("\"id\"", "\"name\"");
        let file = read_cases(&format!("[\n  {bad},\n  {GOOD}, 7,\n\n {nameless}]")).unwrap();
        assert_eq!(file.cases.len(), 1);
        let faults: Vec<String> = file.faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(faults.join("\n"), @r#"
        line 2, column 67: case B: unknown variant `guess`, expected one of `exact`, `approximation`, `asymptotic`, `definition`, `bound`
        line 5, column 100: invalid type: integer `7`, expected struct Case
        line 8, column 97: missing field `id`
        "#);
    }

    #[test]
    fn a_file_that_is_no_list_is_an_error() {
        let messages: Vec<String> =
            ["", "{}", "[{]", "[1, 2"].iter().map(|text| read_cases(text).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(messages.join("\n"), @r#"
        line 1, column 1: EOF while parsing a value
        line 1, column 1: invalid type: map, expected a sequence
        line 1, column 3: key must be a string
        line 1, column 5: EOF while parsing a list
        "#);
    }
}
