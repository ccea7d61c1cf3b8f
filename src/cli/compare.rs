//! `lbsim compare`.

mod csv;
mod json;

use super::Format;
use super::failure::Failure;
use super::output::print;
use super::source::{in_colour, open_comparison};
use super::sweep::progress::Bar;
use super::threads::in_pool;
use super::{outputs, stop};
use crate::analysis::analyse;
use crate::experiment::{Memory, Sweep};
use csv::csv;
use json::json;
use std::path::PathBuf;

/// Which strategies to compare, and on what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The model file.
    model: PathBuf,
    /// The algorithms, the baseline first, as written in a model: 'RoundRobin,PowerOfD(d: 3)'.
    #[arg(long, value_name = "A,B,...")]
    algorithms: String,
    /// Override one value of the model: a path and what stands there. May be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// The seed of all randomness, in place of the model's.
    #[arg(long)]
    seed: Option<u64>,
    /// How many replications, in place of the model's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: Option<u32>,
    /// How many threads; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    jobs: Option<u32>,
    /// How to print the results.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Simulates the model with each algorithm on the same customers, and says how they differ.
pub fn compare(arguments: &Arguments) -> Result<(), Failure> {
    let mut set = arguments.set.clone();
    set.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    set.extend(arguments.replications.map(|number| format!("run.replications={number}")));
    let experiment = open_comparison(&arguments.model, &algorithms(&arguments.algorithms), &set)?;
    anstream::eprint!("{}", experiment.warnings.render(in_colour()));
    let memory = Memory::default();
    let bar = Bar::new(&experiment.plan);
    let tell = |now| bar.tell(now);
    let sweep = Sweep { experiment: &experiment, keeper: &memory, shard: None, stop: stop::flag(), progress: &tell };
    let outcome = in_pool(arguments.jobs, || sweep.run())?.map_err(Failure::input)?;
    bar.finish();
    if outcome.is_stopped {
        return Err(Failure::Interrupted("stopped; a comparison is not kept\n".into()));
    }
    let folds = memory.folds(&experiment.plan, &outcome.replications);
    let analysis = analyse(experiment.plan, &folds, &[]);
    match arguments.format {
        Format::Table => print(&outputs::findings(&analysis)),
        Format::Json => print(&json(&analysis)),
        Format::Csv => print(&csv(&analysis)?),
    }
}

/// The algorithms of a list: commas within parentheses are theirs.
fn algorithms(list: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut names = vec![String::new()];
    for letter in list.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match names.last_mut() {
            Some(name) if letter != ',' || depth > 0 => name.push(letter),
            _ => names.push(String::new()),
        }
    }
    names.into_iter().map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::algorithms;

    #[test]
    fn commas_within_parentheses_belong_to_the_algorithm() {
        assert_eq!(algorithms("RoundRobin, PowerOfD(d: 3, x: 1),Random"), ["RoundRobin", "PowerOfD(d: 3, x: 1)", "Random"]);
        assert_eq!(algorithms("RoundRobin"), ["RoundRobin"]);
    }
}
