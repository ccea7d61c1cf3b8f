//! `lbsim validate`.

mod csv;
mod input;
mod json;
mod progress;
mod real_input;
mod real_table;
mod report;
mod table;

use super::failure::Failure;
use super::output::print;
use super::{Format, threads};
use crate::validation::{Budget, Terms, orders, try_case, try_real_case};
use input::Input;
use progress::Progress;
use report::{Outcome, RealOutcome, Report};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Only these cases, such as Q01 `T_trace_nginx_least_conn`; without them, all.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// A file of cases with exact answers (a JSON list) in place of the built-in ones; without --real, only these are tried.
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// A folder of cases measured at real load balancers in place of the built-in ones: cases/*.json and traces/*.csv, or the
    /// files themselves; without --cases, only these are tried.
    #[arg(long, value_name = "DIR")]
    real: Option<PathBuf>,
    /// How to print the comparison.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Other random numbers. Without it each case has numbers of its own that never change.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Most requests to simulate for one case, such as 4e8; not counting those of the warm-up.
    #[arg(long, value_name = "NUMBER", default_value_t = Budget::default().requests, value_parser = budget)]
    most_requests: f64,
    /// How many threads work at once; without it, one for each core. The results do not depend on it.
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<u32>,
}

const AFTER_HELP: &str = "A metric agrees when its exact value lies within the 99.9 % interval of at least 10 independent \
    replications, so about one right metric in a thousand fails by chance: try it with another --seed, then chance is gone \
    and a mistake is still there. The primary metric, marked *, must besides be known to 1 %: the half-width of its 95 % \
    interval.\n\nWhat real load balancers were measured to do must be done by the algorithms that follow them: sequences of servers exactly \
    (Envoy's from any of its starts), shares within 4.5 standard errors, the places of hashed keys exactly where the first hundred are right, latencies \
    on the same requests within 3 % at the mean, or 4 sd / sqrt(3) where an algorithm draws at random. A built-in case whose measurement is known to have been disturbed \
    disagrees as known: it is shown and counted as that, with the reason, and does not change the exit code. The cases of --real cannot say so of \
    themselves.\n\nExit codes: 0 all that was compared agrees, or disagrees as known; 1 something disagrees or is too imprecise; 2 the command line or \
    a case is wrong; 3 the output could not be written.";

fn budget(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number| (1e3..=1e15).contains(number)).ok_or_else(|| "not a number from 1e3 to 1e15".into())
}

/// Tries the cases one after the other, their replications in parallel, and prints what came of them.
pub fn validate(arguments: &Arguments) -> Result<(), Failure> {
    let input = Input::read(arguments.cases.as_deref(), arguments.real.as_deref(), &arguments.ids, arguments.seed)?;
    input.tell_faults();
    let report = threads::in_pool(arguments.jobs, || try_all(&input, arguments))??;
    match arguments.format {
        Format::Table => print(&table::end(&report))?,
        Format::Json => print(&json::document(&report))?,
        Format::Csv => {}
    }
    let counts = report.counts();
    if counts.disagree + counts.too_wide > 0 {
        return Err(Failure::No);
    }
    input.failure().map_or(Ok(()), Err)
}

/// Tries every case; tables and lines are printed as soon as a case is through.
fn try_all<'a>(input: &'a Input, arguments: &Arguments) -> Result<Report<'a>, Failure> {
    let terms = Terms { budget: Budget { requests: arguments.most_requests }, seed: arguments.seed };
    let mut progress = Progress::new(input.cases.len() + input.real_cases().count());
    let real_faults = &input.real.faults;
    let mut report = Report { terms, outcomes: Vec::new(), faults: &input.faults, real: Vec::new(), real_faults };
    progress.pause(|| match arguments.format {
        Format::Table if input.cases.is_empty() => Ok(()),
        Format::Table => print(&table::beginning()),
        Format::Csv => print(csv::HEADER),
        Format::Json => Ok(()),
    })?;
    for case in &input.cases {
        progress.begin(&case.id, &case.title);
        let outcome = Outcome { case, trial: try_case(case, terms, |done, goal| progress.replications(done, goal)) };
        progress.pause(|| match arguments.format {
            Format::Table => print(&table::of_case(&outcome)),
            Format::Csv => print(&csv::of_case(&outcome)),
            Format::Json => Ok(()),
        })?;
        report.outcomes.push(outcome);
    }
    try_real(input, arguments, &mut progress, &mut report)?;
    Ok(report)
}

/// Tries every measured case, and then the order of those that belong together.
fn try_real(input: &Input, arguments: &Arguments, progress: &mut Progress, report: &mut Report<'_>) -> Result<(), Failure> {
    let show = |outcome: &RealOutcome| match arguments.format {
        Format::Table => print(&real_table::of_case(outcome)),
        Format::Csv => print(&csv::of_real_case(outcome)),
        Format::Json => Ok(()),
    };
    if arguments.format == Format::Table && input.real_cases().count() > 0 {
        progress.pause(|| print(&real_table::beginning(!input.cases.is_empty())))?;
    }
    let mut loads = Vec::new();
    for case in input.real_cases() {
        progress.begin(&case.id, &case.algorithm);
        let tried = try_real_case(case, &input.real);
        loads.extend(tried.iter().filter_map(|(_, latencies)| Some((&*case.id, latencies.clone()?))));
        let outcome = RealOutcome::of_case(case, tried.map(|(trial, _)| trial));
        progress.pause(|| show(&outcome))?;
        report.real.push(outcome);
    }
    let loads: Vec<_> = loads.iter().map(|(id, latencies)| (*id, latencies)).collect();
    for order in orders(&loads) {
        let outcome = RealOutcome::of_order(order);
        progress.pause(|| show(&outcome))?;
        report.real.push(outcome);
    }
    Ok(())
}
