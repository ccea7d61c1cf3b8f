//! `lbsim sweep`.

mod dry;
mod keep;
pub(super) mod progress;

use super::failure::Failure;
use super::outputs;
use super::precision::target;
use super::source::{in_colour, open_experiment};
use super::stop;
use super::threads::in_pool;
use crate::experiment::{Experiment, MOST_REPLICATIONS, Shard, Stopping, Sweep};
use crate::results::{Provenance, Store};
use keep::Kept;
use std::path::PathBuf;
use std::str::FromStr;

/// Which experiment to run, and how.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The experiment file.
    experiment: PathBuf,
    /// The folder for the results; by default results/NAME.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many threads; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    jobs: Option<u32>,
    /// Do only part I of N, for N machines that share the work; `lbsim merge` puts the parts together.
    #[arg(long, value_name = "I/N")]
    shard: Option<Part>,
    /// Simulate until half the 95 % interval of a metric is so small a part of it, in place of what the experiment says: '1%' (of the
    /// mean response time) or 'p99 2%'. May be given several times.
    #[arg(long, value_name = "[METRIC ]ERROR")]
    precision: Vec<String>,
    /// No more replications of a point than this, with --precision.
    #[arg(long, value_name = "N", requires = "precision", default_value_t = MOST_REPLICATIONS, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    most_replications: u32,
    /// Show the points and the time it would take, and simulate nothing of it.
    #[arg(long)]
    dry_run: bool,
}

/// A part as people count: 1/4 to 4/4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    index: u32,
    of: u32,
}

impl FromStr for Part {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected I/N with I from 1 to N and N at most 1000, such as 2/4";
        let (index, of) = text.split_once('/').ok_or(EXPECTED)?;
        let (index, of) = (index.parse().map_err(|_| EXPECTED)?, of.parse().map_err(|_| EXPECTED)?);
        if (1..=1_000).contains(&of) && (1..=of).contains(&index) { Ok(Self { index, of }) } else { Err(EXPECTED) }
    }
}

impl Part {
    const fn shard(self) -> Shard {
        Shard { index: self.index - 1, of: self.of }
    }
}

impl Arguments {
    fn folder(&self, name: &str) -> PathBuf {
        let part = self.shard.map(|Part { index, of }| format!("-part-{index}-of-{of}")).unwrap_or_default();
        self.out.clone().unwrap_or_else(|| PathBuf::from("results").join(format!("{name}{part}")))
    }
}

/// Simulates the experiment, keeps the results, and reports.
pub fn sweep(arguments: &Arguments) -> Result<(), Failure> {
    let mut experiment = open_experiment(&arguments.experiment)?;
    if !arguments.precision.is_empty() {
        let targets = arguments.precision.iter().map(|text| target(text)).collect::<Result<Vec<_>, _>>()?;
        if experiment.models.iter().any(crate::model::Model::replays) {
            return Err(Failure::input("a model that replays a log has one replication: its precision cannot be chosen"));
        }
        experiment = experiment.with_precision(targets, arguments.most_replications);
    }
    anstream::eprint!("{}", experiment.warnings.render(in_colour()));
    if arguments.shard.is_some() && matches!(experiment.plan.stopping, Stopping::Best { .. }) {
        return Err(Failure::input(
            "--shard cannot be used where `best` is asked for: which replications are simulated depends on all of them",
        ));
    }
    let folder = arguments.folder(&experiment.plan.name);
    if arguments.dry_run {
        return dry::run(&experiment, &folder, arguments.shard.map(Part::shard), arguments.jobs);
    }
    outputs::refuse_to_overwrite(&folder)?;
    let (store, writer) = Store::open(&folder, &experiment.plan, &provenance())?;
    let kept = Kept::new(store, writer)?;
    let is_complete = simulate(&experiment, &kept, arguments)?;
    let store = kept.finish()?;
    match (is_complete, arguments.shard) {
        (false, _) => Err(Failure::Interrupted(format!(
            "stopped; what was simulated is kept in {}. The same command goes on from there.\n",
            folder.display()
        ))),
        (true, Some(Part { index, of })) => {
            anstream::eprintln!("part {index} of {of} is in {}; `lbsim merge` puts the parts together", folder.display());
            Ok(())
        }
        (true, None) => outputs::report(&store, &folder),
    }
}

/// Runs what is missing; whether nothing is missing now.
fn simulate(experiment: &Experiment, kept: &Kept, arguments: &Arguments) -> Result<bool, Failure> {
    let bar = progress::Bar::new(&experiment.plan);
    let shard = arguments.shard.map(Part::shard);
    let tell = |now| bar.tell(now);
    let sweep = Sweep { experiment, keeper: kept, shard, stop: stop::flag(), progress: &tell };
    let outcome = in_pool(arguments.jobs, || sweep.run())?.map_err(|why| Failure::Output(std::io::Error::other(why)))?;
    bar.finish();
    for (point, replications) in outcome.replications.iter().enumerate() {
        if let Some(replications) = replications {
            kept.decide(point, *replications)?;
        }
    }
    Ok(!outcome.is_stopped || outcome.replications.iter().all(Option::is_some))
}

/// The name of the processor, where the system tells it (Linux does).
fn processor() -> Option<String> {
    let facts = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let name = facts.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'))?.1.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// What made the results.
pub fn provenance() -> Provenance {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut facts = vec![
        ("system", std::env::consts::OS.to_owned()),
        ("architecture", std::env::consts::ARCH.to_owned()),
        ("processors", processors.to_string()),
    ];
    facts.extend(processor().map(|name| ("processor", name)));
    Provenance {
        lbsim: env!("CARGO_PKG_VERSION").to_owned(),
        results: crate::experiment::RESULTS_VERSION,
        machine: facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect(),
    }
}
