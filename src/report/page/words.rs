//! What the page says of the experiment itself: how large it is, how it was designed, how to make it again.

use super::Origin;
use super::table::with_unit;
use crate::analysis::Analysis;
use crate::experiment::{Design, Plan, Stopping};
use crate::observe::written::{digits, grouped};

/// The text with each figure kept in one line with its sign: no break before `%` and beside `±`.
pub fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%").replace(" ± ", "\u{a0}±\u{a0}")
}

/// The experiment in one line: `12 points: 3 levels of strategy, 4 of load · 6 replications each · 7 310 422 requests`.
pub fn size(analysis: &Analysis) -> String {
    let plan = &analysis.plan;
    let number = |(index, factor): (usize, &crate::experiment::Factor)| match (factor.levels.len(), index) {
        (1, 0) => format!("1 level of {}", factor.name),
        (levels, 0) => format!("{levels} levels of {}", factor.name),
        (levels, _) => format!("{levels} of {}", factor.name),
    };
    let factors: Vec<String> = plan.factors.iter().enumerate().map(number).collect();
    let replications = analysis.points.iter().map(|point| point.summary.replications.len());
    let each = match (replications.clone().min().unwrap_or(0), replications.max().unwrap_or(0)) {
        (least, most) if least != most => format!("{least} to {most} replications each"),
        (_, 1) => "1 replication each".into(),
        (_, all) => format!("{all} replications each"),
    };
    let requests: u64 = analysis.points.iter().map(|point| point.summary.counts[1]).sum();
    let points = if plan.points.len() == 1 { "1 point".into() } else { format!("{} points", plan.points.len()) };
    format!("{points}: {} · {each} · {} requests", factors.join(", "), grouped(requests))
}

/// How the points were chosen and how often each was simulated, what it was made with.
pub fn making(plan: &Plan, origin: &Origin) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Design", design(plan.design).to_owned()),
        ("Replications", stopping(plan)),
        ("Seed", plan.seed.to_string()),
        ("Program", format!("lbsim {}, version {} of results", origin.lbsim_version, origin.results_version)),
        ("Machine", origin.machine.clone()),
    ];
    rows.extend(origin.date.clone().map(|date| ("Date", date)));
    rows.retain(|(_, text)| !text.is_empty());
    rows
}

fn design(design: Design) -> &'static str {
    match design {
        Design::Factorial => "full factorial: every level of each factor with every level of the others",
        Design::Paired => "paired lists: the first levels together, the second levels together, and so on",
        Design::LatinHypercube => "Latin hypercube (McKay, Beckman and Conover 1979)",
        Design::Sobol => "Sobol sequence (Sobol 1967)",
    }
}

/// How many replications the models ask for: `10`, or `1 to 6`.
fn fixed(plan: &Plan) -> String {
    let numbers = plan.points.iter().map(|point| point.shape.run.replications());
    match (numbers.clone().min().unwrap_or(0), numbers.max().unwrap_or(0)) {
        (least, most) if least != most => format!("{least} to {most}"),
        (_, all) => all.to_string(),
    }
}

fn stopping(plan: &Plan) -> String {
    let percent = |fraction: f64| format!("{} %", digits(fraction * 100.0, 3));
    match &plan.stopping {
        Stopping::Fixed => format!("{} of each point", fixed(plan)),
        Stopping::Precision { targets, most } => {
            let target =
                |(measure, part): &(crate::observe::Measure, f64)| format!("{} to ± {}", measure.title(), percent(*part));
            let targets: Vec<String> = targets.iter().map(target).collect();
            format!("as many as it takes to know {}, at most {most}", targets.join(" and "))
        }
        Stopping::Best { measure, smallest, probability, indifference, most } => {
            let which = if *smallest { "smallest" } else { "largest" };
            let within = if *indifference > 0.0 {
                format!(" (differences below {} do not matter)", with_unit(*measure, *indifference))
            } else {
                String::new()
            };
            format!(
                "as many as it takes to select the {which} {} with probability {}{within}, at most {most}",
                measure.title(),
                percent(*probability)
            )
        }
    }
}
