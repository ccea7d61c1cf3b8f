//! How often each server is chosen, and where in its cycle a load balancer begins.

use super::case::RealCase;
use super::desk::{Desk, all_traits, request_at};
use super::finding::{Figure, RealFinding, RealTrial, RealVerdict};
use super::sequence::idle_sequence;
use super::weights_of;
use super::words::Said;
use crate::balancing::Key;
use crate::units::Time;
use crate::validation::Skip;
use crate::validation::fields::Fields;
use serde_json::Value;
use statrs::function::gamma::checked_gamma_ur;

/// Standard errors that a share may be off: of some hundred shares, less than one in a thousand times.
const ERRORS: f64 = 4.5;
/// So many times the requests that were measured are simulated.
const TIMES: u32 = 50;
/// So many starts are simulated.
const STARTS: u64 = 20_000;
/// A right start fails with this probability.
const LEVEL: f64 = 0.001;

/// `shares` of requests that follow each other, all idle.
pub(super) fn shares(case: &RealCase, seed: u64) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let servers = all_traits(&weights_of(&mut model)?);
    let requests = model.count("requests", 100_000_000)?.ok_or_else(|| Skip::new("the model has no `requests`"))?;
    for known in ["algorithm", "load"] {
        model.get(known);
    }
    model.nothing_else()?;
    let measured = Fields::of("the measurement", &case.measured)?.numbers("shares")?;
    if measured.len() != servers.len() {
        return Err(Skip::new("there is not a share for each server"));
    }
    let simulated = u64::from(requests) * u64::from(TIMES);
    let mut counts = vec![0_u64; servers.len()];
    let mut desk = Desk::new(&said.algorithm, &servers, seed);
    for _ in 0..simulated {
        if let Some(server) = desk.serve(&request_at(Time::ZERO)) {
            counts[server.index()] += 1;
        }
    }
    let finding = |(server, (measured, count)): (usize, (&f64, &u64))| {
        let share = *count as f64 / simulated as f64;
        let error = (share * (1.0 - share) * (1.0 / f64::from(requests) + 1.0 / simulated as f64)).sqrt();
        let within = ERRORS * error + 5e-5;
        RealFinding::near(format!("share of server {server}"), *measured, share, within, format!("\u{b1} {within:.4}"))
    };
    Ok(RealTrial { findings: measured.iter().zip(&counts).enumerate().map(finding).collect(), note: None })
}

/// `offset_counts`: where in one cycle each process began.
pub(super) fn offsets(case: &RealCase, seed: u64) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let servers = all_traits(&weights_of(&mut model)?);
    for known in ["algorithm", "starts"] {
        model.get(known);
    }
    model.nothing_else()?;
    let cycle = case.measured["canonical_cycle"].as_str().filter(|cycle| !cycle.is_empty());
    let cycle = cycle.ok_or_else(|| Skip::new("the measurement has no `canonical_cycle`"))?;
    let counts = case.measured["offset_counts"].as_object().ok_or_else(|| Skip::new("`offset_counts` is not an object"))?;
    let count = |offset: usize| counts.get(&offset.to_string()).and_then(Value::as_f64).unwrap_or(0.0);
    let measured: Vec<f64> = (0..cycle.len()).map(count).collect();
    let all: f64 = counts.values().filter_map(Value::as_f64).sum();
    let twice = cycle.repeat(2);
    let (mut simulated, mut strange) = (vec![0.0; cycle.len()], 0);
    for start in 0..STARTS {
        match twice.find(&idle_sequence(&said.algorithm, &servers, seed.wrapping_mul(STARTS).wrapping_add(start), cycle.len())) {
            Some(offset) => simulated[offset % cycle.len()] += 1.0,
            None => strange += 1,
        }
    }
    let rotations = RealFinding::right(
        "starts that are rotations of the cycle, measured",
        measured.iter().sum::<f64>() as usize,
        all as usize,
        1.0,
    );
    let simulated_rotations =
        RealFinding::right("starts that are rotations of the cycle, simulated", STARTS as usize - strange, STARTS as usize, 1.0);
    let probability = same_law(&measured, &simulated);
    let law = RealFinding {
        what: "starts by offset (of the simulated, per measured one)".into(),
        measured: Figure::Text(listed(&measured)),
        simulated: Figure::Text(listed(&simulated.iter().map(|count| count * all / STARTS as f64).collect::<Vec<_>>())),
        allowed: format!("chi-square: p = {probability:.3}, at least {LEVEL}"),
        verdict: RealVerdict::of(probability >= LEVEL),
    };
    Ok(RealTrial { findings: vec![rotations, simulated_rotations, law], note: None })
}

fn listed(counts: &[f64]) -> String {
    counts.iter().map(|count| format!("{}", (count * 10.0).round() / 10.0)).collect::<Vec<_>>().join(" ")
}

/// The probability of a chi-square at least as large if both samples have one law (Pearson's test of homogeneity).
fn same_law(one: &[f64], other: &[f64]) -> f64 {
    let (of_one, of_other): (f64, f64) = (one.iter().sum(), other.iter().sum());
    let (mut square, mut classes) = (0.0, 0);
    for (a, b) in one.iter().zip(other).filter(|(a, b)| *a + *b > 0.0) {
        let share = (a + b) / (of_one + of_other);
        square += (a - of_one * share).powi(2) / (of_one * share) + (b - of_other * share).powi(2) / (of_other * share);
        classes += 1;
    }
    if classes < 2 || square <= 0.0 {
        return 1.0;
    }
    checked_gamma_ur(f64::from(classes - 1) / 2.0, square / 2.0).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_of_homogeneity_is_that_of_the_books() {
        assert_eq!(same_law(&[10.0; 4], &[5000.0; 4]), 1.0);
        // Chi-square is 8, with one degree of freedom.
        let p = same_law(&[60.0, 40.0], &[40.0, 60.0]);
        assert!((p - 0.004_677_734_981).abs() < 1e-9, "{p}");
        assert!(same_law(&[30.0, 5.0, 5.0], &[5000.0; 3]) < LEVEL);
    }
}
