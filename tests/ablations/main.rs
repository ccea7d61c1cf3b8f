//! Each mechanism of failure, detection and recovery against the trivial alternative: a named metric moves by more than its interval,
//! to what a formula, or a measurement, says.
//!
//! Every figure must lie within its 99.9 % interval, or within the tolerance of its prediction where that is an approximation: of the 160 figures
//! one in seven runs of other seeds would see one outside by chance; the seeds are fixed.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod detection;
mod failures;
mod fronts;
mod persistence;
mod recovery;
mod storm;

use lbsim::experiment;
use lbsim::model::{NoFiles, Source, read};
use lbsim::observe::{Estimate, Fold, Measure};

/// A mechanism in a model, what stands in its place, and what both lead to.
pub struct Ablation<'a> {
    /// The model; `$` is the place of the mechanism.
    pub model: &'a str,
    /// With the mechanism, and what the metric is then.
    pub with: (&'static str, f64),
    /// Without it, and what the metric is then.
    pub without: (&'static str, f64),
    /// By name.
    pub metric: &'static str,
    /// How far from a prediction a figure may be, beyond its interval, as a fraction of it.
    pub tolerance: f64,
}

/// The 99.9 % interval of a metric of a model.
fn measured(text: &str, metric: &str) -> (f64, f64) {
    let model = match read(Source { name: "ablation.ron", text }, &[], &NoFiles) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}\n{text}"),
    };
    let mut fold = Fold::new(&model);
    experiment::run(&model, 0..model.parts().run.replications(), |record| fold.add(&record));
    let measure = Measure::named(metric).unwrap_or_else(|| panic!("no metric {metric}"));
    let Estimate { value, half_width, note } = fold.estimate(measure, 0.999);
    (value.unwrap_or_else(|| panic!("{metric}: {note}\n{text}")), half_width.unwrap_or(0.0))
}

impl Ablation<'_> {
    /// Both sides are as predicted, and apart.
    ///
    /// # Panics
    /// Where they are not.
    #[track_caller]
    pub fn holds(&self) {
        let sides = [self.with, self.without].map(|(words, predicted)| {
            let (value, half_width) = measured(&self.model.replace('$', words), self.metric);
            let allowed = half_width + self.tolerance * predicted.abs() + 1e-9;
            let off = (value - predicted).abs();
            assert!(off <= allowed, "{words:?}: {} is {value} +- {half_width}, predicted {predicted}", self.metric);
            (value, half_width)
        });
        let [(with, one), (without, other)] = sides;
        assert!((with - without).abs() > one + other, "{}: {with} +- {one} and {without} +- {other} do not differ", self.metric);
    }
}
