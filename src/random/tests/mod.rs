//! Tests of the whole room: what is pinned, what is exact, what is random in the right way.
//!
//! Statistical tests have a fixed seed, so they always give the same answer; [`ALPHA`] is the chance that one of them would
//! refuse a right sampler under another seed. There are about 50: together they would with a chance below 0.001.

mod exact;
mod fit;
mod moments;
mod pinned;
mod refusals;
mod streams;

use super::{Distribution, InvalidDistribution, Role, Seed, Stream};

/// The significance of each statistical test.
const ALPHA: f64 = 1e-5;

/// A stream of the tests.
fn stream(index: u32) -> Stream {
    Stream::new(Seed(20_260_101), 0, Role::Demand, index)
}

/// Every kind, with parameters on each side of every fork in its sampler.
fn examples() -> Result<Vec<Distribution>, InvalidDistribution> {
    let mut all = continuous()?;
    all.push(Distribution::constant(2.5)?);
    all.push(Distribution::discrete(&[1.0, 0.0, 4.0, 2.0], &[0.5, 0.125, 0.125, 0.25])?);
    Ok(all)
}

/// The kinds with a density.
fn continuous() -> Result<Vec<Distribution>, InvalidDistribution> {
    Ok(vec![
        Distribution::uniform(0.0, 1.0)?,
        Distribution::uniform(3.0, 5.0)?,
        Distribution::exponential(2.0)?,
        Distribution::erlang(1, 2.0)?,
        Distribution::erlang(3, 2.0)?,
        Distribution::erlang(4, 2.0)?,
        Distribution::erlang(10_000, 2.0)?,
        Distribution::gamma(0.05, 2.0)?,
        Distribution::gamma(0.5, 2.0)?,
        Distribution::gamma(1.0, 2.0)?,
        Distribution::gamma(2.5, 2.0)?,
        Distribution::hyperexponential(&[0.9, 0.1], &[0.5, 5.5])?,
        Distribution::hyperexponential(&[0.2, 0.3, 0.5], &[100.0, 1.0, 0.01])?,
        Distribution::log_normal(2.0, 0.5)?,
        Distribution::log_normal(2.0, 3.0)?,
        Distribution::weibull(0.5, 1.0)?,
        Distribution::weibull(3.0, 2.0)?,
        Distribution::weibull_with_mean(0.7, 2.0)?,
        Distribution::pareto(1.5, 1.0)?,
        Distribution::pareto(5.0, 3.0)?,
        Distribution::bounded_pareto(1.5, 1.0, 1000.0)?,
        Distribution::bounded_pareto(1.0, 1.0, 1.1)?,
        Distribution::bounded_pareto(2.0, 1.0, 50.0)?,
    ])
}
