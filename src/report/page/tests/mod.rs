//! Tests of the page: its structure, and how it fares in a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod browser;
mod structure;

use super::{Origin, page};
use crate::analysis::Analysis;
use crate::analysis::sample::sample;
use crate::experiment::PlanFile;
use crate::observe::Convergence;
use crate::report::figures;

/// A name that would be a script if anything forgot to escape it.
const HOSTILE: &str = "<script>alert(\"1\")</script> & 'more'";

/// The small experiment with all that a page has to cope with: a hostile name, a point that has not converged, a comparison
/// that failed.
fn findings() -> Analysis {
    let mut analysis = sample();
    analysis.plan.files.insert(0, PlanFile { name: HOSTILE.into(), text: format!("// {HOSTILE}\nExperiment()\n") });
    analysis.plan.factors[1].levels[3].label = HOSTILE.into();
    let summary = &mut analysis.points[3].summary;
    summary.convergence = Convergence::NotConverged { needed_secs: 7200.0 };
    for estimate in summary.total.iter_mut().chain(&mut summary.system) {
        (estimate.value, estimate.half_width, estimate.note) = (None, None, "not converged".into());
    }
    analysis.comparisons[1].difference = Err("the point has not converged".into());
    analysis
}

fn origin() -> Origin {
    Origin {
        lbsim_version: "0.1.0".into(),
        results_version: 1,
        machine: "x86_64, 2 cores, Linux".into(),
        command: "lbsim sweep experiments/strategies.ron".into(),
        csv_folder: Some("numbers".into()),
        ..Origin::default()
    }
}

fn sample_page() -> String {
    let analysis = findings();
    page(&analysis, &figures(&analysis), &origin()).unwrap()
}
