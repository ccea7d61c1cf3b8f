//! Whether algorithms stand in the same order as they were measured, on the same requests.
//!
//! Two are compared where what was measured differs for sure: where the mean of their differences, seed by seed, exceeds three
//! standard deviations of these differences, and also 3 % of the smaller latency, since three seeds may by chance differ by
//! nearly the same and overheads are known no better.

use super::finding::{RealFinding, RealVerdict};
use super::load::Latencies;
use crate::stats::sample::{mean, sd};

/// Standard deviations that make a difference.
const DEVIATIONS: f64 = 3.0;
/// The share of the smaller latency that makes one.
const SHARE: f64 = 0.03;

/// The order of the cases of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The scenario, such as `homog_rho70`.
    pub scenario: String,
    /// How many pairs were compared and agree, and each pair that does not.
    pub findings: Vec<RealFinding>,
}

/// The orders of all scenarios with at least two of the cases `loads`, each with its name.
#[must_use]
pub fn orders(loads: &[(&str, &Latencies)]) -> Vec<Order> {
    let mut scenarios: Vec<&str> = loads.iter().map(|(_, latencies)| &*latencies.scenario).collect();
    scenarios.sort_unstable();
    scenarios.dedup();
    let of = |scenario: &&str| {
        let cases: Vec<_> = loads.iter().filter(|(_, latencies)| latencies.scenario == **scenario).copied().collect();
        Some(Order { scenario: (*scenario).into(), findings: order(&cases)? })
    };
    scenarios.iter().filter_map(of).collect()
}

fn order(cases: &[(&str, &Latencies)]) -> Option<Vec<RealFinding>> {
    let pairs = cases.iter().enumerate().flat_map(|(number, one)| cases[number + 1..].iter().map(move |other| (one, other)));
    let (mut compared, mut findings) = (0, Vec::new());
    for ((one, a), (other, b)) in pairs {
        let Some(measured) = difference(a, b) else { continue };
        let simulated = mean(&differences(&a.simulated, &b.simulated))?;
        compared += 1;
        if measured * simulated <= 0.0 {
            findings.push(RealFinding {
                verdict: RealVerdict::Disagrees,
                ..RealFinding::shown(format!("{one} less {other}, ms"), measured, simulated)
            });
        }
    }
    let all = RealFinding::right("pairs in the same order", compared - findings.len(), compared, 1.0);
    findings.insert(0, all);
    (compared > 0).then_some(findings)
}

/// The mean difference, if it is one for sure.
fn difference(a: &Latencies, b: &Latencies) -> Option<f64> {
    let each = differences(&a.measured, &b.measured);
    let (mean_difference, spread) = (mean(&each)?, sd(&each)?);
    let smaller = mean(&a.measured)?.min(mean(&b.measured)?);
    let least = (DEVIATIONS * spread).max(SHARE * smaller);
    (mean_difference.abs() > least).then_some(mean_difference)
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(measured: [f64; 3], simulated: f64) -> Latencies {
        Latencies { scenario: "s".into(), measured: measured.into(), simulated: vec![simulated; 3] }
    }

    #[test]
    fn only_sure_differences_are_compared_and_a_wrong_order_is_named() {
        let (fast, near, slow) =
            (latencies([10.0, 11.0, 12.0], 11.0), latencies([10.1, 11.1, 12.1], 9.0), latencies([20.0, 21.0, 22.5], 10.0));
        let orders = orders(&[("fast", &fast), ("near", &near), ("slow", &slow)]);
        let told: Vec<String> =
            orders[0].findings.iter().map(|finding| format!("{} {:?}", finding.what, finding.verdict)).collect();
        assert_eq!(told, ["pairs in the same order Disagrees", "fast less slow, ms Disagrees"]);
    }
}
