//! A metric by its name, whether it is one of requests or of the servers together.

use super::metric::{REQUEST_METRICS, SYSTEM_METRICS};
use super::{Estimate, Figures, Summary};
use serde::{Deserialize, Serialize};

/// A metric of a whole run: an entry of [`REQUEST_METRICS`] (all classes together) or of [`SYSTEM_METRICS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Measure {
    /// Of requests, by its place in the table.
    Request(usize),
    /// Of the servers together, by its place in the table.
    System(usize),
}

/// Short names: what people say, and the metric they mean.
const SHORT: [(&str, &str); 9] = [
    ("mean", "mean_response"),
    ("p50", "response_p50"),
    ("p90", "response_p90"),
    ("p95", "response_p95"),
    ("p99", "response_p99"),
    ("p99.9", "response_p99_9"),
    ("p99.99", "response_p99_99"),
    ("rejected", "rejected_fraction"),
    ("imbalance", "cv_utilization"),
];

impl Measure {
    /// The metric of that name, or of that short name (`mean`, `p50` to `p99.99`, `rejected`, `imbalance`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| *long);
        let request = REQUEST_METRICS.iter().position(|metric| metric.name == name).map(Self::Request);
        request.or_else(|| SYSTEM_METRICS.iter().position(|metric| metric.name == name).map(Self::System))
    }

    /// All there are, in the order of the tables.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..REQUEST_METRICS.len()).map(Self::Request).chain((0..SYSTEM_METRICS.len()).map(Self::System))
    }

    /// The short names, each with the name it stands for.
    #[must_use]
    pub const fn short_names() -> &'static [(&'static str, &'static str)] {
        &SHORT
    }

    /// Its name in output and goals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request(index) => REQUEST_METRICS[index].name,
            Self::System(index) => SYSTEM_METRICS[index].name,
        }
    }

    /// Its name in a sentence: `mean response time`, `p99.9 response time`, `throughput`.
    #[must_use]
    pub fn title(self) -> String {
        let percentile = |rest: &str, time: &str| format!("{} {time}", rest.replace('_', "."));
        match self.name() {
            "mean_response" => "mean response time".into(),
            "mean_wait" => "mean waiting time".into(),
            "std_response" => "standard deviation of the response time".into(),
            "std_wait" => "standard deviation of the waiting time".into(),
            "p_wait" => "fraction that waits".into(),
            "cv_utilization" => "CV of utilization".into(),
            "window_cv_utilization" => "CV of utilization in short windows".into(),
            name => match (name.strip_prefix("response_"), name.strip_prefix("wait_")) {
                (Some(rest), _) => percentile(rest, "response time"),
                (_, Some(rest)) => percentile(rest, "waiting time"),
                _ => name.replace('_', " "),
            },
        }
    }

    /// Its unit: `s`, `1/s`, `requests`, or empty for a fraction or an index.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Request(index) => REQUEST_METRICS[index].unit,
            Self::System(index) => SYSTEM_METRICS[index].unit,
        }
    }

    /// What it is, one sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Request(index) => REQUEST_METRICS[index].about,
            Self::System(index) => SYSTEM_METRICS[index].about,
        }
    }

    /// Whether small is good; of throughput, of Jain's index and of what says how much is up or answered large is.
    #[must_use]
    pub fn smaller_is_better(self) -> bool {
        let name = self.name();
        let large = ["throughput", "availability", "mean_up", "mean_uptime", "time_to_first_outage", "completed_fraction"];
        !large.contains(&name) && !name.contains("jain_index") && !name.contains("hit_ratio")
    }

    /// Its estimate in a summary.
    #[must_use]
    pub fn estimate(self, summary: &Summary) -> &Estimate {
        match self {
            Self::Request(index) => &summary.total[index],
            Self::System(index) => &summary.system[index],
        }
    }

    /// Its figure in one replication, in its unit; not a number where it is not defined.
    #[must_use]
    pub fn figure(self, figures: &Figures) -> f64 {
        match self {
            Self::Request(index) => figures.total[index],
            Self::System(index) => figures.system[index],
        }
    }
}

impl From<Measure> for &'static str {
    fn from(measure: Measure) -> Self {
        measure.name()
    }
}

impl TryFrom<String> for Measure {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| format!("there is no metric `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_by_its_name_and_every_short_name_means_one() {
        for measure in Measure::all() {
            assert_eq!(Measure::named(measure.name()), Some(measure));
        }
        for (short, long) in Measure::short_names() {
            assert_eq!(Measure::named(short).map(Measure::name), Some(*long));
        }
        assert_eq!(Measure::named("p98"), None);
        let title = |name| Measure::named(name).map(Measure::title);
        assert_eq!(title("p99.9").as_deref(), Some("p99.9 response time"));
        assert_eq!(title("p_wait").as_deref(), Some("fraction that waits"));
    }
}
