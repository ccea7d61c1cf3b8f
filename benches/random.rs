//! The cost of a random number, in nanoseconds: `cargo bench --bench random`.
//!
//! Each line: one sample at a time, samples by the block, and the same distribution of the crate `rand_distr` on the same
//! generator. Each figure is the median of several runs that take turns, so that a busy moment of the machine hits all alike.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use lbsim::random::{Distribution, Role, Seed, Stream, StreamKey};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

const SAMPLES: u64 = 1 << 16;
const RUNS: usize = 151;

/// One way to draw numbers; its answer is a sum that keeps the compiler from leaving the work out.
type Way = Box<dyn FnMut() -> f64>;

/// A distribution and its like in `rand_distr`, where there is one.
type Pair = (Distribution, Option<Way>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:<32}{:>8}{:>8}{:>12}", "ns per sample", "single", "block", "rand_distr");
    for (name, ways) in raw() {
        print_line(name, ways);
    }
    for (distribution, other) in distributions()? {
        let name = distribution.to_string();
        let mut ways = vec![Some(single(distribution.clone())), Some(block(distribution))];
        ways.push(other);
        print_line(&name, ways);
    }
    Ok(())
}

/// The methods of a stream.
fn raw() -> Vec<(&'static str, Vec<Option<Way>>)> {
    let key = StreamKey::new(Seed(1), 0, Role::Think, 7);
    vec![
        ("64 bits", vec![Some(stream_way(|stream| stream.bits() as f64))]),
        ("uniform", vec![Some(stream_way(Stream::uniform))]),
        ("below 1000", vec![Some(stream_way(|stream| f64::from(stream.below(1000))))]),
        ("exponential", vec![Some(stream_way(Stream::exponential)), None, Some(foreign(rand_distr::Exp1))]),
        ("normal", vec![Some(stream_way(Stream::normal)), None, Some(foreign(rand_distr::StandardNormal))]),
        (
            "a keyed stream, 1 exponential",
            vec![Some(numbered(|n| Stream::keyed(black_box(Seed(1)), 0, Role::Think, 7, n).exponential()))],
        ),
        ("the same from its StreamKey", vec![Some(numbered(move |n| black_box(key).item(n).exponential()))]),
    ]
}

/// The distributions, each with its like in `rand_distr` where there is one.
fn distributions() -> Result<Vec<Pair>, Box<dyn std::error::Error>> {
    Ok(vec![
        (Distribution::constant(2.0)?, None),
        (Distribution::uniform(1.0, 3.0)?, Some(foreign(rand_distr::Uniform::new(1.0, 3.0)?))),
        (Distribution::exponential(2.0)?, Some(foreign(rand_distr::Exp::new(0.5)?))),
        (Distribution::erlang(2, 2.0)?, Some(foreign(rand_distr::Gamma::new(2.0, 1.0)?))),
        (Distribution::erlang(3, 2.0)?, Some(foreign(rand_distr::Gamma::new(3.0, 2.0 / 3.0)?))),
        (Distribution::erlang(4, 2.0)?, Some(foreign(rand_distr::Gamma::new(4.0, 0.5)?))),
        (Distribution::erlang(100, 2.0)?, Some(foreign(rand_distr::Gamma::new(100.0, 0.02)?))),
        (Distribution::gamma(2.5, 2.0)?, Some(foreign(rand_distr::Gamma::new(2.5, 0.8)?))),
        (Distribution::gamma(0.5, 2.0)?, Some(foreign(rand_distr::Gamma::new(0.5, 4.0)?))),
        (Distribution::hyperexponential(&[0.9, 0.1], &[0.5, 5.5])?, None),
        (Distribution::log_normal(2.0, 1.5)?, Some(foreign(rand_distr::LogNormal::from_mean_cv(2.0, 1.5)?))),
        (Distribution::weibull(0.7, 1.0)?, Some(foreign(rand_distr::Weibull::new(1.0, 0.7)?))),
        (Distribution::pareto(1.5, 1.0)?, Some(foreign(rand_distr::Pareto::new(1.0, 1.5)?))),
        (Distribution::bounded_pareto(1.5, 1.0, 1000.0)?, None),
        (Distribution::discrete(&[1.0, 2.0, 4.0], &[0.5, 0.3, 0.2])?, None),
    ])
}

fn stream_way(draw: impl Fn(&mut Stream) -> f64 + 'static) -> Way {
    let mut stream = Stream::new(Seed(1), 0, Role::Demand, 0);
    Box::new(move || (0..SAMPLES).map(|_| draw(&mut stream)).sum())
}

fn numbered(draw: impl Fn(u64) -> f64 + 'static) -> Way {
    Box::new(move || (0..SAMPLES).map(&draw).sum())
}

fn foreign(distribution: impl rand_distr::Distribution<f64> + 'static) -> Way {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(1);
    Box::new(move || (0..SAMPLES).map(|_| distribution.sample(&mut generator)).sum())
}

/// One sample at a time, of a kind that the compiler cannot foresee.
fn single(distribution: Distribution) -> Way {
    let mut stream = Stream::new(Seed(1), 0, Role::Demand, 0);
    Box::new(move || {
        let distribution = black_box(&distribution);
        (0..SAMPLES).map(|_| distribution.sample(&mut stream)).sum()
    })
}

fn block(distribution: Distribution) -> Way {
    let mut stream = Stream::new(Seed(1), 0, Role::Demand, 0);
    let mut block = [0.0; 256];
    Box::new(move || {
        let blocks = SAMPLES / block.len() as u64;
        let sums = (0..blocks).map(|_| {
            distribution.sample_into(&mut stream, black_box(&mut block));
            block[0] + block[255]
        });
        sums.sum()
    })
}

/// Runs the ways in turn and prints the median of each.
fn print_line(name: &str, mut ways: Vec<Option<Way>>) {
    let mut times = vec![Vec::with_capacity(RUNS); ways.len()];
    for _ in 0..RUNS {
        for (way, times) in ways.iter_mut().zip(&mut times) {
            if let Some(way) = way {
                let start = Instant::now();
                black_box(way());
                times.push(start.elapsed().as_nanos() as f64 / SAMPLES as f64);
            }
        }
    }
    let mut line = format!("{:<32}", name.split(", mean").next().unwrap_or(name));
    for (times, width) in times.iter_mut().zip([8, 8, 12]) {
        times.sort_by(f64::total_cmp);
        let median = times.get(RUNS / 2).map_or(String::new(), |time| format!("{time:.2}"));
        let _ = write!(line, "{median:>width$}");
    }
    println!("{line}");
}
