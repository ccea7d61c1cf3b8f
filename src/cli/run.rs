//! `lbsim run`.

mod csv;
mod failures;
mod json;
mod sessions;
mod table;

use super::Format;
use super::failure::Failure;
use super::goals::{self, outcomes};
use super::output::print;
use super::precision::{self, target};
use super::source::{Opened, in_colour, open, overrides};
use super::threads::in_pool;
use crate::experiment;
use crate::model::{Model, OVERLOAD};
use crate::observe::{Fold, Measure, Summary, Verdict};
use crate::random::Seed;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Which model to simulate, and how.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The model file.
    model: PathBuf,
    /// Override one value: a path and what stands there, such as 'servers[0].count=8'. May be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// The seed of all randomness, in place of the model's.
    #[arg(long)]
    seed: Option<u64>,
    /// How many replications, in place of the model's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: Option<u32>,
    /// Simulate this one replication alone (they are numbered from 0): the same as among the others.
    #[arg(long, value_name = "NUMBER", conflicts_with = "replications", value_parser = clap::value_parser!(u32).range(0..100_000))]
    replication: Option<u32>,
    /// As many replications as make this 95 % interval, relative to its figure, as short as that: '1%' is of the mean response,
    /// 'p99 2%' of another metric. May be given several times. The number is looked at after 20 replications, 30, 45, 68 and so on.
    #[arg(long, value_name = "[METRIC ]ERROR", conflicts_with_all = ["replications", "replication"])]
    precision: Vec<String>,
    /// With --precision: never more replications than this.
    #[arg(long, value_name = "N", requires = "precision", default_value_t = experiment::MOST_REPLICATIONS)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=100_000))]
    most_replications: u32,
    /// How many threads; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    jobs: Option<u32>,
    /// How to print the results.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What was asked of a run besides its figures, and what came of it.
#[derive(Debug)]
struct Asked {
    goals: Vec<goals::Outcome>,
    precision: Option<precision::Outcome>,
}

/// Simulates the model and prints what came out. Goals that are not shown to be met are an answer of no.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let targets = arguments.precision.iter().map(|text| target(text)).collect::<Result<Vec<_>, _>>()?;
    let Opened { model, warnings, goals } = open(&arguments.model, &overrides(&arguments.set)?)?;
    anstream::eprint!("{}", warnings.render(in_colour()));
    let overloaded = warnings.has(OVERLOAD);
    let warnings: Vec<String> = warnings.diagnostics().iter().map(|warning| warning.sentence().to_owned()).collect();
    let (model, replications) = chosen(model, arguments)?;
    let name = arguments.model.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let started = Instant::now();
    let (fold, precision) = if targets.is_empty() {
        (in_pool(arguments.jobs, || simulate(&model, replications))??, None)
    } else {
        let (fold, outcome) = in_pool(arguments.jobs, || simulate_until_precise(&model, targets, arguments.most_replications))?;
        (fold, Some(outcome))
    };
    // One replication picked out of many is shown as it is.
    let summary = if arguments.replication.is_some() { fold.summary_unchecked() } else { fold.summary() };
    tell_speed(&summary, started.elapsed());
    let asked = Asked { goals: outcomes(goals, &summary), precision };
    match arguments.format {
        Format::Table => print(&table::table(&name, &model, &summary, overloaded, &asked)),
        Format::Json => print(&json::json(&name, &model, &summary, &warnings, &asked)),
        Format::Csv => print(&csv::csv(&summary, &asked.goals)),
    }?;
    if asked.goals.iter().all(|outcome| outcome.verdict == Verdict::Met) { Ok(()) } else { Err(Failure::No) }
}

/// The model with the seed and the replications that the arguments ask for.
fn chosen(model: Model, arguments: &Arguments) -> Result<(Model, Range<u32>), Failure> {
    let model = match arguments.seed {
        Some(seed) => model.with_seed(Seed(seed)),
        None => model,
    };
    let several = !arguments.precision.is_empty() || arguments.replications.unwrap_or(1) > 1;
    if model.replays() && (several || arguments.replication.unwrap_or(0) > 0) {
        return Err(Failure::input("a model that replays a log has one replication: its arrivals are what they were"));
    }
    Ok(match (arguments.replications, arguments.replication) {
        (_, Some(number)) => (model.with_replications(1), number..number + 1),
        (Some(number), _) => (model.with_replications(number), 0..number),
        _ => {
            let number = model.parts().run.replications();
            (model, 0..number)
        }
    })
}

fn simulate(model: &Model, replications: Range<u32>) -> Result<Fold, Failure> {
    let bar = progress(replications.len() as u64);
    let mut fold = Fold::new(model);
    let expected = replications.len();
    let mut done = 0;
    experiment::run(model, replications, |record| {
        fold.add(&record);
        bar.inc(1);
        done += 1;
    });
    bar.finish_and_clear();
    if done < expected {
        return Err(Failure::input("a replication ended before its time; please report this with the model"));
    }
    Ok(fold)
}

fn simulate_until_precise(model: &Model, targets: Vec<(Measure, f64)>, most: u32) -> (Fold, precision::Outcome) {
    let spinner = ProgressBar::new_spinner();
    let precise = experiment::run_until_precise(model, &targets, most, |record| {
        spinner.set_message(format!("{} replications", record.replication + 1));
    });
    spinner.finish_and_clear();
    let outcome = precision::Outcome::of(&precise, targets, most);
    (precise.fold, outcome)
}

/// A bar on standard error, if that is a terminal.
fn progress(replications: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} replications  eta {eta}");
    ProgressBar::new(replications).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Says on a terminal how fast it went; never in the results, whose bytes repeat.
fn tell_speed(summary: &Summary, took: Duration) {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() {
        let born: u64 = summary.replications.iter().map(|figures| figures.born).sum();
        let secs = took.as_secs_f64().max(1e-9);
        anstream::eprintln!("{born} requests in {secs:.2} s: {:.1} million a second", born as f64 / secs / 1e6);
    }
}
