//! From where on something pays: the contrasts of the plan along a factor made of numbers, and where they are 0.

use crate::analysis::{Analysis, BreakEven, ContrastResult, Zero};
use crate::experiment::{ChartChoice, Scale};
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::Reach;
use crate::report::canvas::Mark;
use crate::report::csv::{Csv, number};
use crate::report::lines::{Line, Lines, Shown};
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::style;
use crate::report::view::{Reading, View};
use crate::report::words::{measure_unit, replications, sentence};

/// What it shows.
pub const ABOUT: &str = "from where on something pays: each of the experiment's `contrasts` that changes its sign along a factor made of \
    numbers, and where it is 0, with its interval";

/// Draws it for the metric asked for, or the first of the plan: two figures of each contrast.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric) else { return Vec::new() };
    let all: Vec<&BreakEven> = analysis.break_evens.iter().filter(|one| one.measure == metric).collect();
    let draw = |runs: &[&BreakEven]| {
        let chart = BreakEvens { analysis, metric, runs };
        [Some(chart.curves()), (runs.len() > 1).then(|| chart.places())].into_iter().flatten().collect::<Vec<_>>()
    };
    all.chunk_by(|one, other| one.contrast == other.contrast).flat_map(draw).collect()
}

struct BreakEvens<'a> {
    analysis: &'a Analysis,
    metric: Measure,
    runs: &'a [&'a BreakEven],
}

impl BreakEvens<'_> {
    fn contrast(&self) -> &str {
        &self.analysis.plan.contrasts[self.runs[0].contrast].name
    }

    fn factor(&self) -> &crate::experiment::Factor {
        &self.analysis.plan.factors[self.runs[0].factor]
    }

    fn id(&self, what: &str) -> String {
        format!("break-even-{}-{what}-{}", self.metric.name(), self.runs[0].contrast + 1)
    }

    fn results(&self) -> Vec<(&BreakEven, &ContrastResult)> {
        let of = |run: &BreakEven, point: usize| {
            let of_contrast = self.analysis.contrasts.iter().filter(|result| result.contrast == run.contrast);
            of_contrast.filter(|result| result.measure == self.metric).find(|result| result.condition == point)
        };
        let results =
            self.runs.iter().flat_map(|run| run.conditions.iter().filter_map(move |point| Some((*run, of(run, *point)?))));
        results.collect()
    }

    fn level(&self, run: &BreakEven, point: usize) -> f64 {
        let plan = &self.analysis.plan;
        plan.factors[run.factor].levels[plan.points[point].levels[run.factor]].number.unwrap_or(f64::NAN)
    }

    fn line(&self, place: usize, run: &BreakEven) -> Line {
        let at = |(of, result): (&BreakEven, &ContrastResult)| {
            let reading = result.amount.as_ref().ok().map(|(value, half)| Reading { value: *value, half_width: Some(*half) });
            (of.conditions == run.conditions).then(|| (self.level(run, result.condition), reading))
        };
        Line {
            name: run.condition(&self.analysis.plan),
            colour: style::SERIES[place % style::SERIES.len()],
            mark: Some(Mark::ALL[place % Mark::ALL.len()]),
            shows_points: true,
            is_joined: true,
            is_behind: false,
            points: self.results().into_iter().filter_map(at).collect(),
        }
    }

    /// The contrast along the factor, a line a condition, and 0.
    fn curves(&self) -> Figure {
        let mut lines: Vec<Line> = self.runs.iter().enumerate().map(|(place, run)| self.line(place, run)).collect();
        let mut ends: Vec<f64> = lines.iter().flat_map(|line| &line.points).map(|(level, _)| *level).collect();
        ends.sort_by(f64::total_cmp);
        let zero = Reading { value: 0.0, half_width: None };
        let ends = ends.first().into_iter().chain(ends.last()).map(|end| (*end, Some(zero))).collect();
        lines.push(Line {
            name: String::new(),
            colour: style::INK,
            mark: None,
            shows_points: false,
            is_joined: true,
            is_behind: false,
            points: ends,
        });
        let factor = self.factor();
        let reach = if factor.scale == Scale::Log { Reach::ExactlyLog } else { Reach::Linear };
        let chart = Lines {
            lines,
            across: Shown { name: factor.name.clone(), unit: factor.unit.clone(), reach, ticks: Vec::new() },
            up: Shown {
                name: format!("{}, in {}", self.contrast(), self.metric.title()),
                unit: measure_unit(self.metric).into(),
                reach: Reach::Linear,
                ticks: Vec::new(),
            },
            is_listed: false,
        };
        let cut = if chart.is_cut() { " The widest intervals are cut off at the upper edge." } else { "" };
        Figure {
            id: self.id("curves"),
            title: self.title(),
            caption: format!(
                "{} in {}, replication by replication on the same customers, over {}; bands are 95 % intervals. Where a line passes through 0, the two sides are even.{cut}",
                sentence(self.contrast()),
                self.metric.title(),
                replications(self.results().iter().map(|(_, result)| result.replications)),
            ),
            alt: format!("Lines of {} along {}, one a condition. {}.", self.contrast(), factor.name, self.said()),
            csv: self.curves_csv(),
            svg: chart.svg(),
        }
    }

    /// The levels at which it is 0, by condition.
    fn places(&self) -> Figure {
        let row = |(place, run): (usize, &&BreakEven)| {
            let look = (style::SERIES[place % style::SERIES.len()], Mark::ALL[place % Mark::ALL.len()]);
            let cell = match run.zero {
                Zero::At { level, half_width, .. } => {
                    Cell::Dot(Reading { value: level, half_width: Some(half_width) }, look.0, look.1)
                }
                _ => Cell::Words(run.place(&self.analysis.plan)),
            };
            Row { label: run.condition(&self.analysis.plan), cells: vec![cell] }
        };
        let factor = self.factor();
        let name = format!("{} at which {} is 0", factor.name, self.contrast());
        let chart = Rows {
            panels: vec![Panel { name, unit: factor.unit.clone() }],
            rows: self.runs.iter().enumerate().map(row).collect(),
            sides: None,
        };
        Figure {
            id: self.id("places"),
            title: self.title(),
            caption: format!(
                "The {} at which {} in {} is 0, taken as straight between the levels simulated. Bars are 95 % intervals by the jackknife over {}; \
                 they hold chance alone, not the error of the straight line.",
                factor.name,
                self.contrast(),
                self.metric.title(),
                replications(self.results().iter().map(|(_, result)| result.replications)),
            ),
            alt: format!("Where {} is 0. {}.", self.contrast(), self.said()),
            csv: self.places_csv(),
            svg: chart.svg(),
        }
    }

    fn title(&self) -> String {
        let plan = &self.analysis.plan;
        let known = |run: &&&BreakEven| matches!(run.zero, Zero::At { .. });
        let level = |run: &BreakEven| if let Zero::At { level, .. } = run.zero { level } else { f64::NAN };
        let mut known: Vec<&BreakEven> = self.runs.iter().filter(known).copied().collect();
        known.sort_by(|one, other| level(one).total_cmp(&level(other)));
        let at = |run: &BreakEven| {
            let condition = run.condition(plan);
            let with = if condition.is_empty() { condition } else { format!(" ({condition})") };
            format!("{}{with}", run.place(plan))
        };
        let what = format!("{} breaks even at {}", self.contrast(), self.factor().name);
        match &known[..] {
            [] => sentence(&format!("{}: no break-even is shown", self.contrast())),
            [only] => sentence(&format!("{what} {}", at(only))),
            [first, .., last] => sentence(&format!("{what} {} to {}", at(first), at(last))),
        }
    }

    fn said(&self) -> String {
        let plan = &self.analysis.plan;
        let say = |run: &&BreakEven| {
            let condition = run.condition(plan);
            if condition.is_empty() { run.place(plan) } else { format!("{condition}: {}", run.place(plan)) }
        };
        self.runs.iter().map(say).collect::<Vec<_>>().join("; ")
    }

    fn curves_csv(&self) -> String {
        let mut csv = Csv::new(&["contrast", "condition", "factor", "level", "metric", "value", "low", "high", "unit"]);
        for (run, result) in self.results() {
            let mut cells = vec![self.contrast().to_owned(), run.condition(&self.analysis.plan), self.factor().name.clone()];
            cells.extend([number(self.level(run, result.condition)), self.metric.name().to_owned()]);
            match &result.amount {
                Ok((value, half)) => cells.extend([number(*value), number(value - half), number(value + half)]),
                Err(_) => cells.extend([String::new(), String::new(), String::new()]),
            }
            cells.push(self.metric.unit().to_owned());
            csv.row(cells);
        }
        csv.text()
    }

    fn places_csv(&self) -> String {
        let mut csv =
            Csv::new(&["contrast", "condition", "metric", "factor", "value", "low", "high", "unit", "verdict", "between"]);
        for run in self.runs {
            let cells = [self.contrast(), &run.condition(&self.analysis.plan), self.metric.name(), &self.factor().name];
            let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            match run.zero {
                Zero::At { level, half_width, .. } => {
                    cells.extend([number(level), number(level - half_width), number(level + half_width)]);
                }
                _ => cells.extend([String::new(), String::new(), String::new()]),
            }
            let between = run.between(&self.analysis.plan);
            cells.extend([self.factor().unit.clone(), run.place(&self.analysis.plan), between.trim().to_owned()]);
            csv.row(cells);
        }
        csv.text()
    }
}
