//! Where there are more series than colours: which of them are told apart, and in which order all of them stand.

use super::csv::{Csv, cells};
use super::view::View;
use super::{style, words};
use crate::observe::Measure;

/// This many are told apart: what the eye can hold, and a page of maps.
pub const TOLD: usize = 6;

/// The series told apart, the best first.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    series: [usize; TOLD],
    count: usize,
}

impl Told {
    /// The first of these.
    fn of(chosen: impl Iterator<Item = usize>) -> Self {
        let mut told = Self { series: [0; TOLD], count: 0 };
        for (place, series) in told.series.iter_mut().zip(chosen) {
            *place = series;
            told.count += 1;
        }
        told
    }

    /// Their numbers.
    pub fn series(&self) -> &[usize] {
        &self.series[..self.count]
    }
}

impl View<'_> {
    /// Which series are told apart: by their place in the order of the metric that leads the first, the last and some evenly spread
    /// between, and the baseline. Nothing where all are.
    pub(super) fn choose_told(&self) -> Option<Told> {
        if self.series_count() <= style::SERIES.len() {
            return None;
        }
        let order = self.order(&self.conditions(), self.plan.lead());
        let baseline = self.plan.compared.filter(|compared| Some(compared.factor) == self.series).map(|found| found.baseline);
        let rest: Vec<usize> = order.iter().copied().filter(|series| Some(*series) != baseline).collect();
        let most = TOLD - usize::from(baseline.is_some());
        let chosen: Vec<usize> = words::spread(rest.len(), most).into_iter().map(|place| rest[place]).chain(baseline).collect();
        Some(Told::of(order.into_iter().filter(|series| chosen.contains(series))))
    }

    /// What a caption says of the series that are not told apart; nothing where all are.
    #[must_use]
    pub fn untold(&self) -> String {
        let baseline = if self.plan.compared.is_some() { "the baseline and, " } else { "" };
        let factor = self.series.map_or("level", |factor| &self.plan.factors[factor].name);
        self.told().map_or_else(String::new, |told| {
            format!(
                " In colour {} of {} levels of {factor}: {baseline}by mean rank, the first, the last and some evenly spread between; the \
                 others are grey.",
                told.len(),
                self.series_count()
            )
        })
    }

    /// The series from the best to the worst by their mean rank over those conditions; what has no figure comes last there.
    #[must_use]
    pub fn order(&self, conditions: &[Vec<usize>], measure: Measure) -> Vec<usize> {
        let mut ranks = vec![0_usize; self.series_count()];
        for points in conditions {
            let bad = |point: &usize| {
                let value = self.reading(*point, measure).map_or(f64::INFINITY, |reading| reading.value);
                if measure.smaller_is_better() || value == f64::INFINITY { value } else { -value }
            };
            let all: Vec<f64> = points.iter().map(bad).collect();
            for (point, own) in points.iter().zip(&all) {
                ranks[self.series_of(*point)] += all.iter().filter(|other| *other < own).count();
            }
        }
        let mut order: Vec<usize> = (0..ranks.len()).collect();
        order.sort_by_key(|series| ranks[*series]);
        order
    }

    /// Points in the order of [`Self::order`] where there are more series than colours, as they stand where there are fewer.
    #[must_use]
    pub fn sorted(&self, points: &[usize], measure: Measure) -> Vec<usize> {
        let mut points = points.to_vec();
        if self.told().is_some() {
            let order = self.order(&[points.clone()], measure);
            points.sort_by_key(|point| order.iter().position(|series| *series == self.series_of(*point)));
        }
        points
    }

    /// A table of all series in that order: in each of these conditions, where the point is found, its figure with the interval.
    #[must_use]
    pub fn ranked(&self, order: &[usize], conditions: &[Vec<usize>], measure: Measure) -> String {
        let mut csv = Csv::new(&["place", "series", "condition", "metric", "value", "low", "high", "unit"]);
        for (place, series) in order.iter().enumerate() {
            let own = |points: &Vec<usize>| points.iter().copied().find(|point| self.series_of(*point) == *series);
            for point in conditions.iter().filter_map(own) {
                let [value, low, high] = self.reading(point, measure).map_or_else(Default::default, cells);
                let (name, condition) = (self.name(point), self.condition(point));
                let (metric, unit) = (measure.name().into(), measure.unit().into());
                csv.row([(place + 1).to_string(), name, condition, metric, value, low, high, unit]);
            }
        }
        csv.text()
    }
}
