//! Which measures of a model have no valid interval, because their variance is infinite.

use super::Answer;
use super::law::Law;
use serde_json::Value;

/// How heavy the tails of a model are: the least power of a Pareto distribution, where there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tails {
    service: Option<f64>,
    arrivals: Option<f64>,
    /// Whether all servers share their processor, so that nobody waits behind a long request.
    shared: bool,
}

impl Tails {
    pub fn of(model: &Value) -> Self {
        let tail = |field| model.get(field).and_then(heaviest_tail);
        let servers = model.get("servers").and_then(Value::as_array);
        let shares = |server: &Value| server.get("discipline").and_then(Value::as_str) == Some("ps");
        let shared = servers.is_some_and(|servers| servers.iter().all(shares));
        Self { service: tail("servers"), arrivals: tail("arrivals"), shared }
    }

    /// The power that leaves the answer without a finite variance, and the power that it would take.
    pub fn too_heavy_for(self, answer: Answer) -> Option<(f64, f64)> {
        let needed = moment_needed(answer, self.shared);
        let heavy = |tail: Option<f64>, needed| tail.filter(|tail| *tail <= needed).map(|tail| (tail, needed));
        heavy(self.service, needed).or(heavy(self.arrivals, 2.0))
    }
}

/// In order of arrival, the variance of a wait takes the third moment of the service time, and that of the square of a
/// wait the fifth; where the processor is shared, the second and the fourth. Fractions of time or of requests take the
/// second, that of a busy period.
const fn moment_needed(answer: Answer, shared: bool) -> f64 {
    let means = if shared { 2.0 } else { 3.0 };
    match answer {
        Answer::StdResponse | Answer::StdWait => means + 2.0,
        Answer::MeanResponse
        | Answer::ServerMeanResponse(_)
        | Answer::MeanWait
        | Answer::MeanSlowdown
        | Answer::MeanInSystem
        | Answer::MeanInSystemPerServer
        | Answer::MeanInQueue => means,
        _ => 2.0,
    }
}

/// The least power of a Pareto distribution anywhere in a part of a model.
fn heaviest_tail(model: &Value) -> Option<f64> {
    let own = if model.get("dist").is_some() { Law::read("a distribution", model).ok().and_then(|law| law.tail()) } else { None };
    let inner: Vec<&Value> = match model {
        Value::Array(values) => values.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    inner.into_iter().filter_map(heaviest_tail).chain(own).reduce(f64::min)
}
