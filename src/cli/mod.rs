//! The command line: one file a subcommand. The terminal lives here and nowhere else.

mod check;
mod compare;
mod explain;
mod export;
mod failure;
mod goals;
mod list;
mod merge;
mod output;
mod outputs;
mod precision;
mod report;
mod run;
mod size;
mod source;
mod stop;
mod sweep;
mod threads;
mod validate;

use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Simulates load-balanced clusters: which strategy, how many servers, how fast, how even.
#[derive(Debug, Parser)]
#[command(name = "lbsim", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 the answer is no (a goal is missed or not shown \
    to be met, no size was found, a validation case disagrees); 2 the command line or a file is \
    wrong, or cannot be read; 3 the output could not be written; 130 stopped by Ctrl-C: what was done is kept.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate one model and show what came out.
    Run(run::Arguments),
    /// Run an experiment: many models, one question; keeps the results and makes charts and a page of them.
    Sweep(sweep::Arguments),
    /// Compare strategies on one model, without an experiment file.
    Compare(compare::Arguments),
    /// Find the smallest value (how many servers, how fast) that meets a goal.
    Size(size::Arguments),
    /// Make page and charts of a sweep again from its results.
    Report(report::Arguments),
    /// Export the results of a sweep as CSV, JSON or Parquet.
    Export(export::Arguments),
    /// Put together the parts of a sweep that several machines shared.
    Merge(merge::Arguments),
    /// Show the decisions of a model's balancers one by one, with the reasons.
    Explain(explain::Arguments),
    /// Check model and experiment files without running them.
    Check(check::Arguments),
    /// Show what there is to use in a model, with documentation.
    List(list::Arguments),
    /// Hold the simulator against exact results of queueing theory.
    Validate(validate::Arguments),
}

/// How to print results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: one document; the same bytes whenever model, seed and version are the same.
    Json,
    /// For spreadsheets: one line a figure.
    Csv,
}

/// Reads the command line, does what it says, and answers with the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Size(arguments) => size::run(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::List(arguments) => list::list(&arguments),
        Command::Validate(arguments) => validate::validate(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
