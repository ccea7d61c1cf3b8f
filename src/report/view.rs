//! What charts read off the findings: which series there are and how they look, conditions, figures with their intervals, and
//! what may be said of them.

use super::axis::with_half;
use super::canvas::Mark;
use super::style::{self, Colour};
use super::told::Told;
use super::words;
use crate::analysis::{Analysis, Comparison, Difference};
use crate::experiment::{Design, Plan, Scale};
use crate::observe::{Convergence, Measure};

/// The findings, and whose levels are the series.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The findings.
    pub analysis: &'a Analysis,
    /// The plan in them.
    pub plan: &'a Plan,
    /// The factor whose levels are told apart by colour; where there is none, there is one series.
    pub series: Option<usize>,
    told: Option<Told>,
}

/// How a series is told apart, the same in every chart of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its full name.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Its mark.
    pub mark: Mark,
}

/// A figure with its interval, in the unit of its metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The figure.
    pub value: f64,
    /// Half its 95 % interval, where there is one.
    pub half_width: Option<f64>,
}

impl Reading {
    /// The lower end of the interval, or the figure.
    #[must_use]
    pub fn low(self) -> f64 {
        self.value - self.half_width.unwrap_or(0.0)
    }

    /// The upper end of the interval, or the figure.
    #[must_use]
    pub fn high(self) -> f64 {
        self.value + self.half_width.unwrap_or(0.0)
    }

    /// Whether the interval lies apart from another; never where one has none.
    #[must_use]
    pub fn is_apart_from(self, other: Self) -> bool {
        self.half_width.is_some() && other.half_width.is_some() && (self.high() < other.low() || other.high() < self.low())
    }
}

impl<'a> View<'a> {
    /// The levels of the compared factor are the series, or those of the first factor made of names.
    #[must_use]
    pub fn new(analysis: &'a Analysis) -> Self {
        let plan = &analysis.plan;
        let compared = plan.compared.map(|compared| compared.factor);
        let series = compared.or_else(|| plan.factors.iter().position(|factor| factor.scale == Scale::Category));
        Self::of(analysis, series)
    }

    /// The same, but where nothing is compared and no factor is made of names, the first factor makes the series.
    #[must_use]
    pub fn by_level(analysis: &'a Analysis) -> Self {
        let view = Self::new(analysis);
        view.with_series(view.series.or(Some(0)).filter(|factor| *factor < view.plan.factors.len()))
    }

    /// The same findings with the levels of another factor as series.
    #[must_use]
    pub fn with_series(&self, series: Option<usize>) -> Self {
        if series == self.series { *self } else { Self::of(self.analysis, series) }
    }

    fn of(analysis: &'a Analysis, series: Option<usize>) -> Self {
        let view = Self { analysis, plan: &analysis.plan, series, told: None };
        Self { told: view.choose_told(), ..view }
    }

    /// The series told apart where there are more of them than colours, the best first. Nothing where all are.
    #[must_use]
    pub fn told(&self) -> Option<&[usize]> {
        self.told.as_ref().map(Told::series)
    }

    /// The metric asked for, or the first of the plan.
    #[must_use]
    pub fn metric(&self, asked: Option<Measure>) -> Option<Measure> {
        asked.or_else(|| self.plan.metrics.first().copied())
    }

    /// The series that a point belongs to.
    #[must_use]
    pub fn series_of(&self, point: usize) -> usize {
        self.series.map_or(0, |factor| self.plan.points[point].levels[factor])
    }

    /// How a series looks: by the place of its level, so that it is the same in every chart. Where there are more series than
    /// colours, those told apart have a colour, all others are grey.
    #[must_use]
    pub fn look(&self, series: usize) -> Series {
        let name = self.series_name(series);
        let place = self.told().map_or(Some(series), |told| told.iter().position(|one| *one == series));
        place.map_or_else(
            || Series { name: name.clone(), colour: style::MUTED, mark: Mark::Disc },
            |place| Series {
                name: name.clone(),
                colour: style::SERIES[place % style::SERIES.len()],
                mark: Mark::ALL[place % Mark::ALL.len()],
            },
        )
    }

    /// How many series there are.
    #[must_use]
    pub fn series_count(&self) -> usize {
        self.series.map_or(1, |factor| self.plan.factors[factor].levels.len())
    }

    /// Whether a series is told apart from the others by its colour, and by a label at its line.
    #[must_use]
    pub fn is_told(&self, series: usize) -> bool {
        self.told().is_none_or(|told| told.contains(&series))
    }

    fn series_name(&self, series: usize) -> String {
        let level = |factor: usize| {
            let factor = &self.plan.factors[factor];
            let label = &factor.levels.get(series)?.label;
            Some(if factor.scale == Scale::Category { label.clone() } else { level_name(&factor.name, label) })
        };
        self.series.and_then(level).unwrap_or_else(|| "all".into())
    }

    /// The name of the series of a point.
    #[must_use]
    pub fn name(&self, point: usize) -> String {
        self.series_name(self.series_of(point))
    }

    /// The points in groups that agree in those factors, each group in the order of the series; the groups in the order of the
    /// points.
    #[must_use]
    pub fn groups(&self, factors: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let agree = |a: usize, b: usize| {
            factors.iter().all(|factor| self.plan.points[a].levels[*factor] == self.plan.points[b].levels[*factor])
        };
        for point in 0..self.plan.points.len().min(self.analysis.points.len()) {
            match groups.iter_mut().find(|group| agree(group[0], point)) {
                Some(group) => group.push(point),
                None => groups.push(vec![point]),
            }
        }
        groups.iter_mut().for_each(|group| group.sort_by_key(|point| self.series_of(*point)));
        groups
    }

    /// The factors that make no series.
    #[must_use]
    pub fn others(&self) -> Vec<usize> {
        (0..self.plan.factors.len()).filter(|factor| Some(*factor) != self.series).collect()
    }

    /// Of the factors that make no series the one that lies across: the first made of numbers, or the first.
    #[must_use]
    pub fn across(&self) -> Option<usize> {
        let others = self.others();
        others
            .iter()
            .copied()
            .find(|factor| self.plan.factors[*factor].scale != Scale::Category)
            .or_else(|| others.first().copied())
    }

    /// The conditions: the points that agree in all but the series.
    #[must_use]
    pub fn conditions(&self) -> Vec<Vec<usize>> {
        self.groups(&self.others())
    }

    /// The levels of a point in those factors: `load 320/s, servers 4`.
    #[must_use]
    pub fn levels(&self, point: usize, factors: &[usize]) -> String {
        let level = |factor: &usize| {
            let (factor, level) = (&self.plan.factors[*factor], self.plan.points[point].levels[*factor]);
            level_name(&factor.name, &factor.levels[level].label)
        };
        factors.iter().map(level).collect::<Vec<_>>().join(", ")
    }

    /// The condition of a point; empty where there is only one.
    #[must_use]
    pub fn condition(&self, point: usize) -> String {
        self.levels(point, &self.others())
    }

    /// ` at load 320/s`, or nothing where there is only one condition.
    #[must_use]
    pub fn at_condition(&self, point: usize) -> String {
        let condition = self.condition(point);
        if condition.is_empty() { condition } else { format!(" at {condition}") }
    }

    /// The figure of a point, where there is one.
    #[must_use]
    pub fn reading(&self, point: usize, measure: Measure) -> Option<Reading> {
        let estimate = measure.estimate(&self.analysis.points[point].summary);
        let value = estimate.value.filter(|value| value.is_finite())?;
        Some(Reading { value, half_width: estimate.half_width.filter(|half| half.is_finite()) })
    }

    /// Why a point has no figure.
    #[must_use]
    pub fn reason(&self, point: usize, measure: Measure) -> String {
        let note = &measure.estimate(&self.analysis.points[point].summary).note;
        if note.is_empty() { "no figure".into() } else { note.clone() }
    }

    /// Whether the runs of a point have forgotten their start, as far as is known.
    #[must_use]
    pub fn has_converged(&self, point: usize) -> bool {
        !matches!(self.analysis.points[point].summary.convergence, Convergence::NotConverged { .. })
    }

    /// How many replications stand behind points.
    #[must_use]
    pub fn replications(&self, points: impl Iterator<Item = usize>) -> String {
        words::replications(points.map(|point| self.analysis.points[point].summary.replications.len()))
    }

    /// What the caption says of intervals: `Bands are 95 % intervals over 6 replications`.
    #[must_use]
    pub fn intervals(&self, drawn: &str, points: &[usize], measure: Measure) -> String {
        let replications = self.replications(points.iter().copied());
        let has_one = |point: &usize| self.reading(*point, measure).is_some_and(|reading| reading.half_width.is_some());
        if points.iter().any(has_one) {
            format!("{drawn} are 95 % intervals over {replications}")
        } else {
            format!("Over {replications}, without intervals")
        }
    }

    /// The difference shown that speaks most for a level among those points, or most against one: in words.
    #[must_use]
    pub fn difference_shown(&self, measure: Measure, points: &[usize]) -> Option<String> {
        let of_these = |comparison: &&Comparison| comparison.measure == measure && points.contains(&comparison.point);
        let shown = self.analysis.comparisons.iter().filter(of_these).filter_map(|comparison| {
            let difference = comparison.difference.as_ref().ok().filter(|difference| is_clear(difference))?;
            Some((comparison, difference))
        });
        let good = |difference: &Difference| if measure.smaller_is_better() { -difference.mean } else { difference.mean };
        let (comparison, difference) = shown.max_by(|a, b| good(a.1).total_cmp(&good(b.1)))?;
        let (a, b) = (self.name(comparison.point), self.name(comparison.baseline));
        let how = if difference.mean < 0.0 { "lower" } else { "higher" };
        let size = match difference.relative.filter(|relative| is_apart_from_0(*relative)) {
            Some((relative, half)) => with_half("fraction", libm::fabs(relative), Some(half)),
            None => with_half(words::measure_unit(measure), libm::fabs(difference.mean), Some(difference.half_width)),
        };
        Some(format!("{} is {size} {how} with {a} than with {b}", measure.title()))
    }

    /// Whether one replication stands behind points and no interval, so that nothing is known of chance: what is seen in it,
    /// the least first.
    #[must_use]
    pub fn in_one_replication(&self, measure: Measure, readings: &[(usize, Reading)]) -> Option<String> {
        let is_alone = |(point, reading): &(usize, Reading)| {
            reading.half_width.is_none() && self.analysis.points[*point].summary.replications.len() == 1
        };
        let say = |(point, reading): &(usize, Reading)| {
            format!("{} with {}", with_half(words::measure_unit(measure), reading.value, None), self.name(*point))
        };
        let (first, last) = (readings.first()?, readings.last()?);
        let at = self.at_condition(first.0);
        (first.0 != last.0 && readings.iter().all(is_alone))
            .then(|| format!("In one replication{at}: {} {}, {}", measure.title(), say(first), say(last)))
    }

    /// Whether the points fill the space of the factors, so that two of them differ in all factors.
    #[must_use]
    pub fn fills_space(&self) -> bool {
        matches!(self.plan.design, Design::LatinHypercube | Design::Sobol)
    }

    /// The conditions where all has converged, or as much as anywhere; none where the points fill the space of the factors, since
    /// one of them stands for nothing.
    #[must_use]
    pub fn converged(&self) -> Vec<Vec<usize>> {
        if self.fills_space() {
            return Vec::new();
        }
        let conditions = self.conditions();
        let converged = |points: &Vec<usize>| points.iter().filter(|point| self.has_converged(**point)).count();
        let most = conditions.iter().map(converged).max().unwrap_or(0);
        conditions.into_iter().filter(|points| converged(points) == most && most > 0).collect()
    }

    /// The conditions worth a figure of their own: of those where all has converged the busiest, at most `most`. Where it is not
    /// known which is, some evenly spread.
    #[must_use]
    pub fn busiest(&self, most: usize) -> Vec<Vec<usize>> {
        let conditions = self.converged();
        let load =
            |points: &Vec<usize>| points.iter().filter_map(|point| self.plan.points[*point].offered_load).max_by(f64::total_cmp);
        let highest = conditions.iter().filter_map(load).max_by(f64::total_cmp);
        let busy: Vec<_> = conditions.iter().filter(|points| load(points) == highest).collect();
        words::spread(busy.len(), most).into_iter().map(|place| busy[place].clone()).collect()
    }

    /// Which of all conditions a figure shows: a sentence for its caption, or nothing where there is only one.
    #[must_use]
    pub fn of_conditions(&self, point: usize) -> String {
        let count = self.conditions().len();
        if count < 2 { String::new() } else { format!(" One of {count} conditions: {}.", self.condition(point)) }
    }

    /// Whether those points were compared on a metric, and no difference among them is shown.
    #[must_use]
    pub fn shows_no_difference(&self, measure: Measure, points: &[usize]) -> bool {
        let is_here = |comparison: &&Comparison| comparison.measure == measure && points.contains(&comparison.point);
        let mut judged = self
            .analysis
            .comparisons
            .iter()
            .filter(is_here)
            .filter_map(|comparison| comparison.difference.as_ref().ok())
            .peekable();
        judged.peek().is_some() && judged.all(|difference| !difference.is_shown)
    }
}

/// A level with the name of its factor, unless it says it itself: `load 320/s`, `16 servers`.
#[must_use]
pub fn level_name(factor: &str, label: &str) -> String {
    if label.contains(factor) { label.to_owned() } else { format!("{factor} {label}") }
}

/// Whether a difference may be claimed in words: it is shown, and its own interval does not hold 0.
#[must_use]
pub fn is_clear(difference: &Difference) -> bool {
    difference.is_shown && is_apart_from_0((difference.mean, difference.half_width))
}

/// Whether the interval, a middle and its half width, does not hold 0.
#[must_use]
pub fn is_apart_from_0((middle, half): (f64, f64)) -> bool {
    libm::fabs(middle) > half
}

/// The relative difference, and half the interval that holds together with all others of the metric.
#[must_use]
pub fn joint_relative(difference: &Difference) -> Option<(f64, f64)> {
    let (relative, half) = difference.relative.filter(|(relative, half)| relative.is_finite() && half.is_finite())?;
    let wider = if difference.half_width > 0.0 { difference.joint_half_width / difference.half_width } else { 1.0 };
    Some((relative, half * wider))
}
