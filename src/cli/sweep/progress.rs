//! How far a sweep has come, on a terminal.

use crate::experiment::{Plan, Progress, Stopping};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// What the bar shows.
const TEMPLATE: &str = "{prefix}  {bar:32} {pos}/{len} replications  {msg}";

/// A bar on standard error, if that is a terminal.
pub struct Bar {
    shown: ProgressBar,
    started: Instant,
}

impl Bar {
    /// The bar of a plan.
    pub fn new(plan: &Plan) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE);
        let shown = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        shown.set_prefix(heading(plan));
        Self { shown, started: Instant::now() }
    }

    /// Shows how far it has come, how fast, and how long it will take.
    pub fn tell(&self, now: Progress) {
        self.shown.set_length(now.asked);
        self.shown.set_position(now.done);
        let rate = now.requests / self.started.elapsed().as_secs_f64().max(1e-3);
        let left = now.requests_left.max(0.0) / rate.max(1.0);
        self.shown.set_message(format!("{left:.0} s left  {:.1} M requests/s", rate / 1e6));
    }

    /// Removes it.
    pub fn finish(&self) {
        self.shown.finish_and_clear();
    }
}

/// `strategies · 7 algorithms x 5 loads`.
pub fn heading(plan: &Plan) -> String {
    let factors: Vec<String> = plan.factors.iter().map(|factor| format!("{} {}", factor.levels.len(), factor.name)).collect();
    let by = if plan.design == crate::experiment::Design::Factorial { " × " } else { ", " };
    let replications = match (&plan.stopping, plan.points.first()) {
        (Stopping::Fixed, Some(point)) => format!(" × {} replications", point.shape.run.replications()),
        _ => String::new(),
    };
    format!("{} · {}{replications}", plan.name, factors.join(by))
}
