//! The kinds of charts: one file and one line each.

use super::Figure;
use crate::analysis::Analysis;
use crate::experiment::ChartChoice;

/// A kind of chart.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// Its name in experiment files.
    pub name: &'static str,
    /// What it shows, one sentence.
    pub about: &'static str,
    /// Draws it: one figure or several, or none where it does not apply.
    pub draw: fn(&Analysis, &ChartChoice) -> Vec<Figure>,
}

/// One line a chart: its file, its module, its name. The module has `ABOUT` and `draw`.
macro_rules! charts {
    ($($file:literal $module:ident $name:ident),+ $(,)?) => {
        $(#[path = $file] mod $module;)+

        /// All kinds, in the order in which a report shows them.
        pub const CHARTS: &[Chart] =
            &[$(Chart { name: stringify!($name), about: $module::ABOUT, draw: $module::draw }),+];
    };
}

charts! {
    "who_wins.rs" who_wins WhoWins,
    "overview.rs" overview Overview,
    "ranking.rs" ranking Ranking,
    "response_by_load.rs" response_by_load ResponseByLoad,
    "differences.rs" differences Differences,
    "contrasts.rs" contrasts Contrasts,
    "break_even.rs" break_even BreakEven,
    "latency_percentiles.rs" latency_percentiles LatencyPercentiles,
    "distribution.rs" distribution Distribution,
    "trade_off.rs" trade_off TradeOff,
    "imbalance.rs" imbalance Imbalance,
    "hit_ratio_by_age.rs" hit_ratio_by_age HitRatioByAge,
    "heat_map.rs" heat_map HeatMap,
    "map.rs" map Map,
    "effects.rs" effects Effects,
}

/// The figures of a sweep: of the charts its plan asks for, or of all that apply. A figure asked for twice comes once.
#[must_use]
pub fn figures(analysis: &Analysis) -> Vec<Figure> {
    let any = |chart: &Chart| ChartChoice { kind: chart.name.to_owned(), metric: None, against: None };
    let wanted = if analysis.plan.charts.is_empty() { CHARTS.iter().map(any).collect() } else { analysis.plan.charts.clone() };
    let mut figures: Vec<Figure> = Vec::new();
    for choice in &wanted {
        let drawn = CHARTS.iter().filter(|chart| chart.name == choice.kind).flat_map(|chart| (chart.draw)(analysis, choice));
        for figure in drawn {
            if figures.iter().all(|other| other.id != figure.id) {
                figures.push(figure);
            }
        }
    }
    figures
}

/// The names of all kinds of charts, as experiment files write them.
#[must_use]
pub fn chart_names() -> Vec<&'static str> {
    CHARTS.iter().map(|chart| chart.name).collect()
}
