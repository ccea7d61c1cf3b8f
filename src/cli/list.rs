//! `lbsim list`: what there is to use in a model.

use super::failure::Failure;
use super::output::{print, table, wrap};
use crate::balancing::{Algorithm, Product};
use crate::caching::{RuleHelp, rules};
use crate::model;
use crate::observe::{Measure, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS};
use crate::random::Distribution;
use crate::report::{CHARTS, Chart};
use clap::ValueEnum;
use std::fmt::Write;

/// What to list, and whether to show one entry in full.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to list.
    what: What,
    /// Show this one in full.
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Balancing algorithms.
    Algorithms,
    /// Load balancers that can be followed.
    Products,
    /// Distributions of demands, gaps and think times.
    Distributions,
    /// Orders of service.
    Disciplines,
    /// What goes wrong with servers.
    Faults,
    /// Which entries leave caches that are full.
    Evictions,
    /// What is measured.
    Metrics,
    /// Charts of a sweep.
    Charts,
}

/// One thing that can be listed.
struct Entry {
    name: &'static str,
    about: String,
    details: String,
}

/// Lists the entries, or shows one.
pub fn list(arguments: &Arguments) -> Result<(), Failure> {
    let entries = match arguments.what {
        What::Algorithms => algorithms(),
        What::Products => products(),
        What::Distributions => distributions(),
        What::Disciplines => disciplines(),
        What::Faults => faults(),
        What::Evictions => evictions(),
        What::Metrics => metrics(),
        What::Charts => charts(),
    };
    match &arguments.name {
        None => {
            print(&table(entries.iter().map(|entry| (entry.name, entry.about.as_str()))))?;
            if arguments.what == What::Metrics { print(&short_names()) } else { Ok(()) }
        }
        Some(name) => print(&full(&entries, name)?),
    }
}

fn charts() -> Vec<Entry> {
    let entry = |chart: &Chart| Entry {
        name: chart.name,
        about: chart.about.to_owned(),
        details: "Drawn wherever it applies, or where an experiment asks for it: `charts: [NAME, ...]`.\n".to_owned(),
    };
    CHARTS.iter().map(entry).collect()
}

fn full(entries: &[Entry], name: &str) -> Result<String, Failure> {
    let Some(entry) = entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) else {
        let closest = entries.iter().max_by(|a, b| {
            let alike = |entry: &&Entry| strsim::jaro_winkler(&entry.name.to_lowercase(), &name.to_lowercase());
            alike(a).total_cmp(&alike(b))
        });
        let hint = closest.map(|entry| format!("; did you mean `{}`?", entry.name)).unwrap_or_default();
        let of_products = called_by_products(name);
        let hint = if of_products.is_empty() { hint } else { format!("; {of_products}") };
        return Err(Failure::input(format!("there is nothing called `{name}` here{hint}")));
    };
    Ok(format!("{}: {}\n\n{}", entry.name, entry.about, entry.details))
}

/// Which algorithms have that name in models that name a product.
fn called_by_products(name: &str) -> String {
    let calls = |help: &crate::balancing::AlgorithmHelp| {
        let follows = help.follows.iter().find(|follows| follows.names.iter().any(|known| known.eq_ignore_ascii_case(name)))?;
        Some(format!("with `product: {}` it is `{}`", follows.product.name(), help.name))
    };
    Algorithm::help().iter().filter_map(calls).collect::<Vec<_>>().join(", ")
}

fn algorithms() -> Vec<Entry> {
    let entry = |help: crate::balancing::AlgorithmHelp| {
        let mut details = wrap(help.details);
        let _ = writeln!(details, "\ncost of a decision  {}", help.cost);
        for follows in help.follows {
            let _ = writeln!(details, "follows             {}, {}", follows.product, follows.calls_it);
        }
        let _ = writeln!(details, "\ngoes wrong\n  {}", wrap(help.goes_wrong).trim_end().replace('\n', "\n  "));
        let written: Vec<_> = help.parameters.iter().map(|p| format!("{}: {}", p.name, p.default)).collect();
        let example = if written.is_empty() { help.name.to_owned() } else { format!("{}({})", help.name, written.join(", ")) };
        if !written.is_empty() {
            details.push_str("\nparameters\n");
        }
        for p in &help.parameters {
            let _ = writeln!(details, "  {:<14} {}; {}, default {}", p.name, p.about, p.accepts, p.default);
        }
        let _ = write!(details, "\nin a model\n  balancer: (algorithm: {example})\n");
        Entry { name: help.name, about: help.about.to_owned(), details }
    };
    Algorithm::help().into_iter().map(entry).collect()
}

fn products() -> Vec<Entry> {
    let entry = |product: Product| {
        let mut details = String::from("algorithms, as a model may call them\n");
        let helps = Algorithm::help();
        for (help, follows) in helps.iter().filter_map(|help| Some((help, help.follows(product)?))) {
            let names = follows.names.join(", ");
            let _ = writeln!(details, "  {names:<35} {}, here {}", follows.calls_it, help.name);
        }
        let _ = write!(details, "\nin a model\n  balancer: (product: {}, algorithm: RoundRobin)\n", product.name());
        Entry { name: product.name(), about: format!("followed as {product}"), details }
    };
    Product::ALL.into_iter().map(entry).collect()
}

fn distributions() -> Vec<Entry> {
    let entry = |help: crate::random::DistributionHelp| {
        let mut details = String::from("parameters\n");
        for p in help.parameters {
            let unit = if p.amount { "with a unit, such as \"20ms\"; " } else { "" };
            let _ = writeln!(details, "  {:<14} {}; {unit}{}", p.name, p.about, p.accepts);
        }
        let _ = write!(details, "\nmean                              {}\n", help.mean);
        let _ = writeln!(details, "squared coefficient of variation  {}", help.scv);
        let _ = writeln!(details, "source                            {}", help.source);
        Entry { name: help.name, about: help.when.to_owned(), details }
    };
    Distribution::help().into_iter().map(entry).collect()
}

fn disciplines() -> Vec<Entry> {
    let entry = |help: &model::DisciplineHelp| Entry {
        name: help.name,
        about: help.about.to_owned(),
        details: format!("in a model\n  servers: [Pool(discipline: {})]\n", help.name),
    };
    model::disciplines().iter().map(entry).collect()
}

fn faults() -> Vec<Entry> {
    let entry = |help: &model::FaultHelp| {
        let mut details = String::from(if help.parameters.is_empty() { "" } else { "parameters\n" });
        for p in help.parameters {
            let default = p.default.map_or_else(|| "must be written".to_owned(), |default| format!("default {default}"));
            let lines = wrap(&format!("{}; {}; {default}", p.about, p.accepts));
            let _ = writeln!(details, "  {:<14} {}", p.name, lines.trim_end().replace('\n', &format!("\n{:17}", "")));
        }
        let space = if details.is_empty() { "" } else { "\n" };
        let _ = write!(
            details,
            "{space}in a model\n  servers: [Pool(failures: Failures(time_to_failure: Exponential(\"1h\"), time_to_repair: Exponential(\"1min\"), \
             fault: {}))]\n  script: [(at: \"10s\", fail: 0, lasting: \"20s\", fault: {})]\n",
            help.example, help.example
        );
        Entry { name: help.name, about: help.about.to_owned(), details }
    };
    model::faults().iter().map(entry).collect()
}

fn evictions() -> Vec<Entry> {
    let entry = |help: RuleHelp| {
        let mut details = wrap(help.details);
        let _ = writeln!(details, "\ncost of a request  {}", help.cost);
        let written: Vec<_> = help.parameters.iter().map(|p| format!("{}: {}", p.name, p.default)).collect();
        let example = if written.is_empty() { help.name.to_owned() } else { format!("{}({})", help.name, written.join(", ")) };
        if !written.is_empty() {
            details.push_str("\nparameters\n");
        }
        for p in &help.parameters {
            let _ = writeln!(details, "  {:<14} {}; {}, default {}", p.name, p.about, p.accepts, p.default);
        }
        let cache = format!("Cache(of: Item, capacity: 10000, eviction: {example}, miss: Exponential(\"30ms\"))");
        let _ = write!(details, "\nin a model\n  servers: [Pool(cache: {cache})]\n");
        Entry { name: help.name, about: help.about.to_owned(), details }
    };
    rules().into_iter().map(entry).collect()
}

/// What goals may say for short.
fn short_names() -> String {
    let names: Vec<String> = Measure::short_names().iter().map(|(short, long)| format!("{short} ({long})")).collect();
    let about =
        "Goals (`expect: [\"p99 < 200ms\", \"utilization < 80%\"]`) name all but those of single servers, some for short:";
    let lines = wrap(&format!("{about} {}.", names.join(", ")));
    format!("\n  {}\n", lines.trim_end().replace('\n', "\n  "))
}

/// How a goal names a metric, and an example of one.
fn in_goals(name: &str) -> String {
    let short = Measure::short_names().iter().find(|(_, long)| *long == name).map(|(short, _)| *short);
    let limit = match (name, Measure::named(name).map_or("", Measure::unit)) {
        ("max_over_mean_utilization" | "window_max_over_mean_utilization", _) => "< 1.2",
        ("jain_index_utilization" | "window_jain_index_utilization", _) => "> 0.95",
        (_, "s") => "< 200ms",
        (_, "1/s") => "> 300/s",
        (_, "") => "< 80%",
        _ => "< 12.5",
    };
    let alias = short.map(|short| format!("short     {short}\n")).unwrap_or_default();
    format!("{alias}\nas a goal\n  expect: [\"{} {limit}\"]\n", short.unwrap_or(name))
}

fn metrics() -> Vec<Entry> {
    let requests = REQUEST_METRICS.iter().map(|metric| {
        let unit = if metric.unit.is_empty() { "a fraction" } else { metric.unit };
        let details = format!("unit      {unit}\nshown     per class and in total\n{}", in_goals(metric.name));
        Entry { name: metric.name, about: metric.about.to_owned(), details }
    });
    let system = SYSTEM_METRICS.iter().map(|metric| Entry {
        name: metric.name,
        about: metric.about.to_owned(),
        details: {
            let unit = if metric.unit.is_empty() { "a number" } else { metric.unit };
            format!("unit      {unit}\nshown     for all servers together, back ends excluded\n{}", in_goals(metric.name))
        },
    });
    let server =
        SERVER_METRICS.iter().filter(|metric| SYSTEM_METRICS.iter().all(|other| other.name != metric.name)).map(|metric| Entry {
            name: metric.name,
            about: metric.about.to_owned(),
            details: "shown     per server and pool\n".into(),
        });
    requests.chain(system).chain(server).collect()
}
