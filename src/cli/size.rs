//! `lbsim size`.

mod report;
mod values;

use super::Format;
use super::failure::Failure;
use super::output::print;
use super::source::{ModelFile, mistakes, overrides};
use super::threads::in_pool;
use crate::experiment::{Answer, Candidate, SizeQuestion, size};
use crate::model::{Checked, Expectations, OVERLOAD, Override, Report};
use crate::observe::{Goal, goals, goals_of};
use crate::random::Seed;
use crate::units::Probability;
use indicatif::ProgressBar;
use std::path::PathBuf;
use std::time::Duration;
use values::Values;

/// What to size, and until when.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub struct Arguments {
    /// The model file.
    model: PathBuf,
    /// The value to vary, by its path as in --set, such as 'servers[0].count'.
    #[arg(long, value_name = "PATH")]
    vary: String,
    /// A goal, such as 'p99 < 200ms' or 'utilization < 80%'; all of them must be met where there are several. By default those
    /// that the model expects.
    #[arg(long, value_name = "GOAL")]
    until: Vec<String>,
    /// The smallest value to try, with its unit if it has one.
    #[arg(long, value_name = "VALUE", default_value = "1")]
    from: String,
    /// The largest value to try; by default the search goes up in doubling steps until the goal is met.
    #[arg(long, value_name = "VALUE")]
    to: Option<String>,
    /// From one value to the next: a whole number for counts, or such as 0.25 for a speed.
    #[arg(long, value_name = "VALUE", default_value = "1")]
    step: String,
    /// The probability with which all that is said is right, at least.
    #[arg(long, default_value = "95%")]
    confidence: String,
    /// Simulate no value more often than this.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    most_replications: u32,
    /// Override one value: a path and what stands there. May be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// The seed of all randomness, in place of the model's.
    #[arg(long)]
    seed: Option<u64>,
    /// How many threads; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    jobs: Option<u32>,
    /// How to print the results.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const ABOUT: &str = "It takes for granted that a larger value never makes it worse, and says so where it sees the opposite. Every value \
    is simulated under the same seed until its intervals lie on one side of the limits; the probability of error is divided over \
    all values and looks. Values that are offered more work than they can do, or whose runs do not converge, do not meet a goal. \
    Exit code 1: no value was found.";

/// All that a report needs to know of the question.
struct Asked {
    name: String,
    vary: String,
    seed: u64,
    confidence: f64,
    values: Values,
    question: SizeQuestion,
    /// Whether the first value is known to be the smallest that makes a model.
    first_is_least: bool,
}

/// Searches the smallest value that meets the goals and prints the way to it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = ModelFile::read(&arguments.model)?;
    let step = Some(&*arguments.step).filter(|step| *step != "1");
    let values = Values::new(&arguments.from, arguments.to.as_deref(), step).map_err(Failure::input)?;
    let set = overrides(&arguments.set)?;
    let candidate = |value: &str| candidate(&file, &set, arguments, value);
    let first = candidate(&values.text(0)).map_err(|report| mistakes(&report))?.model;
    if first.replays() {
        return Err(Failure::input("a model that replays a log has one replication, from which no confidence can be had"));
    }
    let goals =
        if arguments.until.is_empty() { goals(&first) } else { until(&arguments.until) }.map_err(|report| mistakes(&report))?;
    if goals.is_empty() {
        return Err(Failure::input("there is no goal: give one by --until 'p99 < 200ms', or by `expect` in the model"));
    }
    let confidence = confidence(&arguments.confidence)?;
    let question = SizeQuestion { goals, confidence, last: values.last, most_replications: arguments.most_replications };
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(100));
    let row = |number| {
        let value = values.text(number);
        spinner.set_message(format!("{}={value}", arguments.vary));
        candidate(&value)
    };
    let found = in_pool(arguments.jobs, || size(&question, row))?;
    spinner.finish_and_clear();
    let found = found.map_err(|report| mistakes(&report))?;
    let asked = Asked {
        name: arguments.model.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        vary: arguments.vary.clone(),
        seed: first.parts().seed.0,
        confidence,
        first_is_least: values.below().is_some_and(|below| below.iter().all(|value| candidate(value).is_err())),
        values,
        question,
    };
    print(&match arguments.format {
        Format::Table => report::table(&asked, &found),
        Format::Json => report::json(&asked, &found),
        Format::Csv => report::csv(&asked, &found),
    })?;
    let answered = match found.answer {
        Answer::Smallest(_) | Answer::Sufficient(_) => true,
        Answer::First => asked.first_is_least,
        Answer::None(_) => false,
    };
    if answered { Ok(()) } else { Err(Failure::No) }
}

/// The model with that value.
fn candidate(file: &ModelFile, set: &[Override], arguments: &Arguments, value: &str) -> Result<Candidate, Report> {
    let mut all = set.to_vec();
    all.push(Override::new(&arguments.vary, value).from_origin("--vary"));
    let Checked { model, warnings } = file.check(&all)?;
    let model = match arguments.seed {
        Some(seed) => model.with_seed(Seed(seed)),
        None => model,
    };
    Ok(Candidate { model, overloaded: warnings.has(OVERLOAD) })
}

fn until(texts: &[String]) -> Result<Vec<Goal>, Report> {
    goals_of(&Expectations::from_origin("--until", texts))
}

fn confidence(text: &str) -> Result<f64, Failure> {
    match text.parse::<Probability>() {
        Ok(confidence) if (0.5..1.0).contains(&confidence.value()) => Ok(confidence.value()),
        _ => Err(Failure::input(format!(
            "--confidence must be a probability such as `95%`, from 50% to below 100%; this is `{}`",
            text.escape_debug()
        ))),
    }
}
