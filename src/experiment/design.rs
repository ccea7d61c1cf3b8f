//! Designs: which levels of the factors make a point together.

use super::document::{DesignText, Document, FactorText, LevelText, Levels};
use super::plan::{Design, Factor, Level, Scale};
use super::problem::ExperimentProblem;
use super::range::Range;
use super::read_document::MOST_POINTS;
use super::sobol;
use crate::notation::{At, Findings, Place};
use crate::random::{Role, Seed, Stream};

/// The points of an experiment, before any model is read.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) factors: Vec<Factor>,
    /// What each level of each factor sets, and where it is written.
    pub(super) levels: Vec<Vec<LevelText>>,
    pub(super) design: Design,
    /// The level of each factor, by point.
    pub(super) points: Vec<Vec<usize>>,
}

/// Lays out the points; nothing (and said why) where factors and design do not fit. `seed` is that of the base model.
pub(super) fn lay_out(document: &Document, seed: Seed, findings: &Findings) -> Option<Layout> {
    let At { value: design, place } = document.design.as_ref()?;
    let factors = &document.factors;
    if !document.complete || factors.is_empty() {
        return None;
    }
    let errors = findings.errors();
    let (design, levels, points) = match *design {
        DesignText::Factorial => {
            let levels = by_steps(factors, findings)?;
            let points = factorial(&levels, *place, findings)?;
            (Design::Factorial, levels, points)
        }
        DesignText::Paired => {
            let levels = by_steps(factors, findings)?;
            let points = paired(factors, &levels, *place, findings)?;
            (Design::Paired, levels, points)
        }
        DesignText::LatinHypercube(points) => {
            let shares = (0..factors.len()).map(|factor| latin(factor, points, seed)).collect();
            let (levels, points) = by_shares(factors, shares, "LatinHypercube", findings)?;
            (Design::LatinHypercube, levels, points)
        }
        DesignText::Sobol(points) => {
            let shares = (0..factors.len()).map(|factor| sobol::centred(factor, points)).collect();
            let (levels, points) = by_shares(factors, shares, "Sobol", findings)?;
            (Design::Sobol, levels, points)
        }
    };
    let factors = factors.iter().zip(&levels).map(|(factor, levels)| axis(factor, levels, findings)).collect();
    (findings.errors() == errors).then_some(Layout { factors, levels, design, points })
}

/// The levels of each factor where lists and steps say what they are.
fn by_steps(factors: &[FactorText], findings: &Findings) -> Option<Vec<Vec<LevelText>>> {
    let levels: Vec<Vec<LevelText>> = factors.iter().filter_map(|factor| steps(factor, findings)).collect();
    (levels.len() == factors.len()).then_some(levels)
}

/// The levels of one factor; nothing (and said why) if it has no steps, or two of them are the same.
pub(super) fn steps(factor: &FactorText, findings: &Findings) -> Option<Vec<LevelText>> {
    let range = match &factor.levels {
        Levels::Listed(levels) => return Some(levels.clone()),
        Levels::Range(range) => range,
    };
    let Some(steps) = range.steps else {
        findings.add(&ExperimentProblem::StepsNeeded, range.place);
        return None;
    };
    let last = f64::from(steps - 1);
    let levels: Vec<LevelText> = (0..steps).map(|step| range.at(f64::from(step) / last)).collect();
    if let Some(alike) = levels.windows(2).find(|pair| pair[0].level.label == pair[1].level.label) {
        findings.add(&ExperimentProblem::LevelsAlike { label: alike[0].level.label.clone() }, range.place);
        return None;
    }
    Some(levels)
}

/// Every level with every level of the others; the last factor changes fastest.
fn factorial(levels: &[Vec<LevelText>], place: Place, findings: &Findings) -> Option<Vec<Vec<usize>>> {
    let number = levels.iter().fold(1_u64, |product, levels| product.saturating_mul(levels.len() as u64));
    if number > u64::from(MOST_POINTS) {
        findings.add(&ExperimentProblem::TooManyPoints { points: number, most: u64::from(MOST_POINTS) }, place);
        return None;
    }
    let mut points = vec![Vec::new()];
    for levels in levels {
        let with_each = |point: Vec<usize>| (0..levels.len()).map(move |level| [&point[..], &[level]].concat());
        points = points.into_iter().flat_map(with_each).collect();
    }
    Some(points)
}

/// The first levels together, the second levels together, and so on.
fn paired(factors: &[FactorText], levels: &[Vec<LevelText>], place: Place, findings: &Findings) -> Option<Vec<Vec<usize>>> {
    let number = levels.first().map_or(0, Vec::len);
    if levels.iter().any(|levels| levels.len() != number) {
        let length = |(factor, levels): (&FactorText, &Vec<LevelText>)| format!("{}: {}", factor.name.value, levels.len());
        let lengths = factors.iter().zip(levels).map(length).collect();
        findings.add(&ExperimentProblem::UnequalLengths { lengths }, place);
        return None;
    }
    Some((0..number).map(|point| vec![point; levels.len()]).collect())
}

/// A Latin hypercube in one dimension (M. D. `McKay`, R. J. Beckman and W. J. Conover 1979, "A comparison of three methods for selecting
/// values of input variables in the analysis of output from a computer code", Technometrics 21): each of `points` equal parts
/// holds one point, at a random place, and the parts are taken in random order.
fn latin(factor: usize, points: u32, seed: Seed) -> Vec<f64> {
    let mut stream = Stream::new(seed, 0, Role::Design, factor as u32);
    let mut parts: Vec<u32> = (0..points).collect();
    // Fisher and Yates's shuffle.
    for last in (1..points).rev() {
        parts.swap(last as usize, stream.below(last + 1) as usize);
    }
    parts.into_iter().map(|part| (f64::from(part) + stream.uniform()) / f64::from(points)).collect()
}

/// Levels and points from the place of each point in each range, a share from 0 to 1. Points that fall on the same number
/// share a level; the levels are in rising order.
#[expect(clippy::type_complexity, reason = "the levels by factor, and the levels by point")]
fn by_shares(
    factors: &[FactorText],
    shares: Vec<Vec<f64>>,
    design: &'static str,
    findings: &Findings,
) -> Option<(Vec<Vec<LevelText>>, Vec<Vec<usize>>)> {
    let ranges: Vec<&Range> = factors.iter().filter_map(|factor| range(factor, design, findings)).collect();
    if ranges.len() < factors.len() {
        return None;
    }
    let mut points = vec![Vec::with_capacity(factors.len()); shares.first().map_or(0, Vec::len)];
    let mut all = Vec::new();
    for (range, shares) in ranges.into_iter().zip(shares) {
        let of_points: Vec<LevelText> = shares.into_iter().map(|share| range.containing(share)).collect();
        let key = |level: &LevelText| level.level.number.unwrap_or_default();
        let mut levels = of_points.clone();
        levels.sort_by(|one, other| key(one).total_cmp(&key(other)));
        levels.dedup_by(|one, other| one.level.label == other.level.label);
        for (point, level) in points.iter_mut().zip(&of_points) {
            point.push(levels.partition_point(|other| key(other) < key(level)));
        }
        all.push(levels);
    }
    Some((all, points))
}

/// The range of a factor in a design that counts points.
fn range<'d>(factor: &'d FactorText, design: &'static str, findings: &Findings) -> Option<&'d Range> {
    match &factor.levels {
        Levels::Range(range) if range.steps.is_some() => {
            findings.add(&ExperimentProblem::StepsUnused { design }, range.place);
            None
        }
        Levels::Range(range) => Some(range),
        Levels::Listed(_) => {
            findings.add(&ExperimentProblem::NoRange { factor: factor.name.value.clone(), design }, factor.place);
            None
        }
    }
}

/// The factor as an axis: numbers where every level has one, in one unit.
fn axis(factor: &FactorText, levels: &[LevelText], findings: &Findings) -> Factor {
    let unit = levels.first().map_or("", |level| level.unit);
    let without = levels.iter().find(|level| level.level.number.is_none() || level.unit != unit);
    let is_log = matches!(&factor.levels, Levels::Range(range) if range.log);
    let suits = match without {
        Some(_) => Scale::Category,
        None if is_log => Scale::Log,
        None => Scale::Linear,
    };
    let scale = factor.scale.as_ref().map_or(suits, |scale| scale.value);
    let place = factor.scale.as_ref().map_or(factor.place, |scale| scale.place);
    if let (Scale::Linear | Scale::Log, Some(level)) = (scale, without) {
        findings.add(&ExperimentProblem::ScaleWithoutNumbers { level: level.level.label.clone() }, place);
    }
    if scale == Scale::Log && levels.iter().any(|level| level.level.number.is_some_and(|number| number <= 0.0)) {
        findings.add(&ExperimentProblem::LogOfZero, place);
    }
    let numbered = |level: &LevelText| match without {
        Some(_) => Level { label: level.level.label.clone(), number: None },
        None => level.level.clone(),
    };
    let unit = if without.is_none() { unit.to_owned() } else { String::new() };
    Factor { name: factor.name.value.clone(), unit, scale, levels: levels.iter().map(numbered).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_hypercube_has_one_point_in_every_part() {
        for factor in 0..3 {
            let mut parts: Vec<u32> = latin(factor, 50, Seed(7)).iter().map(|share| (share * 50.0) as u32).collect();
            assert!(!parts.is_sorted(), "the parts are taken in random order");
            parts.sort_unstable();
            assert_eq!(parts, (0..50).collect::<Vec<_>>());
        }
        assert_ne!(latin(0, 50, Seed(7)), latin(1, 50, Seed(7)));
        assert_ne!(latin(0, 50, Seed(7)), latin(0, 50, Seed(8)));
        assert_eq!(latin(0, 50, Seed(7)), latin(0, 50, Seed(7)));
    }
}
