//! Paired differences from the baseline: the forest plot.

use crate::analysis::{Analysis, Comparison};
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::with_half;
use crate::report::csv::{Csv, number};
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::style;
use crate::report::view::{Reading, View, is_apart_from_0, is_clear, joint_relative};
use crate::report::words::{measure_unit, replications, sentence, spread};

/// What it shows.
pub const ABOUT: &str = "each strategy against the baseline on the same customers, in each condition: the difference in percent \
    with an interval that holds for all of them together";

/// More rows than this go into another figure, condition by condition.
const MOST_ROWS: usize = 26;
/// No more figures than this.
const MOST_FIGURES: usize = 4;

/// Draws it for the metric asked for, or the first of the plan.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric) else { return Vec::new() };
    let of_metric: Vec<&Comparison> = analysis.comparisons.iter().filter(|comparison| comparison.measure == metric).collect();
    if of_metric.is_empty() || of_metric.iter().all(|comparison| comparison.difference.is_err()) {
        return Vec::new();
    }
    // Pages of whole conditions.
    let mut pages: Vec<Vec<(String, Vec<&Comparison>)>> = vec![Vec::new()];
    for points in view.conditions() {
        let points = view.sorted(&points, metric);
        let place = |comparison: &Comparison| points.iter().position(|point| *point == comparison.point);
        let mut here: Vec<&Comparison> = of_metric.iter().filter(|one| place(one).is_some()).copied().collect();
        here.sort_by_key(|comparison| place(comparison));
        let full = pages.last().map_or(0, |page| page.iter().map(|(_, rows)| rows.len() + 1).sum::<usize>());
        if full > 0 && full + here.len() + 1 > MOST_ROWS {
            pages.push(Vec::new());
        }
        if let (Some(page), Some(first)) = (pages.last_mut(), here.first()) {
            page.push((view.condition(first.point), here));
        }
    }
    let count = pages.len();
    let figure = |(place, page): (usize, &Vec<(String, Vec<&Comparison>)>)| {
        let forest = Forest { view, metric, page, all: &of_metric, place, pages: count };
        forest.figure()
    };
    spread(count, MOST_FIGURES).into_iter().map(|place| figure((place, &pages[place]))).collect()
}

struct Forest<'a> {
    view: View<'a>,
    metric: Measure,
    page: &'a [(String, Vec<&'a Comparison>)],
    all: &'a [&'a Comparison],
    place: usize,
    pages: usize,
}

impl Forest<'_> {
    /// Whether differences are shown in percent of the baseline: unless there is one that has no such figure.
    fn is_relative(&self) -> bool {
        self.all
            .iter()
            .filter_map(|comparison| comparison.difference.as_ref().ok())
            .all(|difference| joint_relative(difference).is_some())
    }

    fn reading(&self, comparison: &Comparison) -> Result<Reading, String> {
        let difference = comparison.difference.as_ref().map_err(Clone::clone)?;
        let (value, half) = match joint_relative(difference).filter(|_| self.is_relative()) {
            Some(relative) => relative,
            None => (difference.mean, difference.joint_half_width),
        };
        Ok(Reading { value, half_width: Some(half) })
    }

    fn row(&self, comparison: &Comparison) -> Row {
        let series = self.view.series_of(comparison.point);
        let look = self.view.look(series);
        let is_shown = comparison.difference.as_ref().is_ok_and(|difference| difference.is_shown);
        let colour = match (is_shown, self.view.is_told(series)) {
            (false, _) => style::MUTED,
            (true, true) => look.colour,
            (true, false) => style::INK,
        };
        let cell = self.reading(comparison).map_or_else(Cell::Words, |reading| Cell::Dot(reading, colour, look.mark));
        Row { label: look.name, cells: vec![cell] }
    }

    fn figure(&self) -> Figure {
        let mut rows = Vec::new();
        for (condition, comparisons) in self.page {
            if !condition.is_empty() {
                rows.push(Row { label: condition.clone(), cells: Vec::new() });
            }
            rows.extend(comparisons.iter().map(|comparison| self.row(comparison)));
        }
        let baseline = self.all.first().map_or_else(String::new, |comparison| self.view.name(comparison.baseline));
        let (name, unit) = (self.metric.title(), if self.is_relative() { "fraction" } else { measure_unit(self.metric) });
        let less = self.metric.smaller_is_better();
        let sides = if less { ("better", "worse") } else { ("worse", "better") };
        let chart = Rows {
            panels: vec![Panel { name: format!("{name} against {baseline}"), unit: unit.into() }],
            rows,
            sides: Some((format!("← {}", sides.0), format!("{} →", sides.1))),
        };
        let suffix = if self.pages > 1 { format!("-{}", self.place + 1) } else { String::new() };
        Figure {
            id: format!("differences-{}{suffix}", self.metric.name()),
            title: self.title(&baseline),
            caption: self.caption(&baseline),
            alt: self.alt(&baseline),
            csv: self.csv(),
            svg: chart.svg(),
        }
    }

    /// The comparisons of this figure.
    fn here(&self) -> impl Iterator<Item = &Comparison> {
        self.page.iter().flat_map(|(_, rows)| rows.iter().copied())
    }

    fn title(&self, baseline: &str) -> String {
        let name = self.metric.title();
        let differences: Vec<_> = self.here().filter_map(|comparison| comparison.difference.as_ref().ok()).collect();
        let shown = differences.iter().filter(|difference| difference.is_shown).count();
        let all = differences.len();
        let points: Vec<usize> = self.here().map(|comparison| comparison.point).collect();
        match (shown, self.view.difference_shown(self.metric, &points)) {
            (0, _) => format!("No difference in {name} from {baseline} is shown, of {all} compared"),
            (_, Some(best)) if all == 1 => sentence(&best),
            (_, _) if shown == all => format!("All {all} differences in {name} from {baseline} are shown{}", self.extremes()),
            _ => format!("{shown} of {all} differences in {name} from {baseline} are shown{}", self.extremes()),
        }
    }

    /// A difference with its own interval, where that does not hold 0.
    fn own(&self, comparison: &Comparison) -> Option<Reading> {
        let difference = comparison.difference.as_ref().ok().filter(|difference| is_clear(difference))?;
        let absolute = (difference.mean, difference.half_width);
        let own = if self.is_relative() { difference.relative? } else { absolute };
        is_apart_from_0(own).then_some(Reading { value: own.0, half_width: Some(own.1) })
    }

    /// The largest differences shown, down and up.
    fn extremes(&self) -> String {
        let readings = || self.here().filter_map(|comparison| self.own(comparison));
        let by_value = |a: &Reading, b: &Reading| a.value.total_cmp(&b.value);
        let low = readings().min_by(by_value).filter(|reading| reading.value < 0.0).map(|reading| self.show(reading));
        let high = readings().max_by(by_value).filter(|reading| reading.value > 0.0).map(|reading| self.show(reading));
        match (low, high) {
            (Some(low), Some(high)) => format!(", from {low} to +{high}"),
            (Some(low), None) => format!(", down to {low}"),
            (None, Some(high)) => format!(", up to +{high}"),
            (None, None) => String::new(),
        }
    }

    fn show(&self, reading: Reading) -> String {
        let unit = if self.is_relative() { "fraction" } else { measure_unit(self.metric) };
        with_half(unit, reading.value, reading.half_width)
    }

    fn caption(&self, baseline: &str) -> String {
        let pairs =
            self.all.iter().filter_map(|comparison| comparison.difference.as_ref().ok()).map(|difference| difference.pairs);
        let mut caption = format!(
            "Paired differences in {} from {baseline} on the same customers, over {}. The 95 % intervals hold for all {} together (Bonferroni); \
            in grey what is not shown by Holm's procedure, which may show what a joint interval does not. The title has a difference's own \
            interval.",
            self.metric.title(),
            replications(pairs),
            self.all.len(),
        );
        if self.pages > 1 {
            let drawn = if self.pages > MOST_FIGURES { format!(", of which {MOST_FIGURES} are drawn") } else { String::new() };
            caption += &format!(" Part {} of {}{drawn}.", self.place + 1, self.pages);
        }
        caption
    }

    fn alt(&self, baseline: &str) -> String {
        let say = |condition: &str, comparison: &Comparison| {
            let at = if condition.is_empty() { String::new() } else { format!(" at {condition}") };
            let words = match self.reading(comparison) {
                Ok(reading) => {
                    let how = if comparison.difference.as_ref().is_ok_and(|difference| difference.is_shown) {
                        ""
                    } else {
                        ", not shown"
                    };
                    format!("{}{how}", self.show(reading))
                }
                Err(reason) => reason,
            };
            format!("{}{at}: {words}", self.view.name(comparison.point))
        };
        let all: Vec<String> = self
            .page
            .iter()
            .flat_map(|(condition, rows)| rows.iter().map(move |comparison| say(condition, comparison)))
            .collect();
        format!("Differences in {} from {baseline}, with intervals that hold together. {}.", self.metric.title(), all.join("; "))
    }

    fn csv(&self) -> String {
        let columns = [
            "series",
            "condition",
            "baseline",
            "metric",
            "value",
            "low",
            "high",
            "unit",
            "relative",
            "relative_low",
            "relative_high",
            "p_value",
            "is_shown",
            "pairs",
        ];
        let mut csv = Csv::new(&columns);
        for (condition, comparison) in self.page.iter().flat_map(|(condition, rows)| rows.iter().map(move |row| (condition, row)))
        {
            let name = |point| self.view.name(point);
            let mut cells =
                vec![name(comparison.point), condition.clone(), name(comparison.baseline), self.metric.name().to_owned()];
            if let Ok(difference) = &comparison.difference {
                let (mean, half) = (difference.mean, difference.joint_half_width);
                cells.extend([number(mean), number(mean - half), number(mean + half), self.metric.unit().to_owned()]);
                let relative =
                    joint_relative(difference).map(|(relative, half)| [relative, relative - half, relative + half].map(number));
                cells.extend(relative.unwrap_or_default());
                cells.extend([number(difference.p_value), difference.is_shown.to_string(), difference.pairs.to_string()]);
            }
            cells.resize(columns.len(), String::new());
            csv.row(cells);
        }
        csv.text()
    }
}
