//! What is wrong with the models of many points, told once.

use super::design::Layout;
use crate::model::{OVERLOAD, TOO_MANY_EVENTS};
use crate::notation::{Diagnostic, Findings, Place, Report, Severity, SourceText};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most points that are named.
const MOST_NAMED: usize = 4;
/// Kinds of problems with figures that differ from point to point, which does not make them other problems.
const DIFFERENT: [&str; 2] = [OVERLOAD, TOO_MANY_EVENTS];

/// Collects the reports of the points. The experiment file is source 0.
#[derive(Debug)]
pub(super) struct Gather {
    sources: Vec<Arc<SourceText>>,
    /// Which of them is the base model.
    base: u32,
    told: Vec<Told>,
    /// Where in `told` each is.
    known: BTreeMap<(Severity, String, Option<Place>), usize>,
}

/// Something that is wrong, and where.
#[derive(Debug)]
struct Told {
    diagnostic: Diagnostic,
    points: Vec<usize>,
    /// Whether it has nothing to do with the point.
    everywhere: bool,
}

impl Gather {
    /// Nothing so far. `model`: the file of the base model, if it has one.
    pub(super) fn new(file: &Arc<SourceText>, model: Option<Arc<SourceText>>) -> Self {
        let base = u32::from(model.is_some());
        let sources = std::iter::once(Arc::clone(file)).chain(model).collect();
        Self { sources, base, told: Vec::new(), known: BTreeMap::new() }
    }

    /// Adds what was found in the model of a point, or (without a point) in one that stands for all.
    pub(super) fn add(&mut self, report: Report, point: Option<usize>) {
        let (diagnostics, sources) = report.into_parts();
        let numbers: Vec<u32> = sources.iter().enumerate().map(|(number, source)| self.number(number, source)).collect();
        let moved = |place: Place| Place { source: numbers.get(place.source as usize).copied().unwrap_or_default(), ..place };
        for mut diagnostic in diagnostics {
            diagnostic.place = moved(diagnostic.place);
            diagnostic.related = diagnostic.related.map(|(place, what)| (moved(place), what));
            let differs = DIFFERENT.contains(&diagnostic.kind());
            let (words, place) =
                if differs { (diagnostic.kind(), None) } else { (diagnostic.sentence(), Some(diagnostic.place)) };
            let key = (diagnostic.severity(), words.to_owned(), place);
            let index = *self.known.entry(key).or_insert(self.told.len());
            if index == self.told.len() {
                self.told.push(Told { diagnostic, points: Vec::new(), everywhere: false });
            }
            let told = &mut self.told[index];
            told.everywhere |= point.is_none();
            if let Some(point) = point
                && told.points.last() != Some(&point)
            {
                told.points.push(point);
            }
        }
    }

    /// The number here of a source that a report of a model calls `number`: the model is its first.
    fn number(&mut self, number: usize, source: &Arc<SourceText>) -> u32 {
        if number == 0 {
            return self.base;
        }
        let known = self.sources.iter().position(|known| Arc::ptr_eq(known, source) || known == source);
        let known = known.unwrap_or_else(|| {
            self.sources.push(Arc::clone(source));
            self.sources.len() - 1
        });
        known as u32
    }

    /// Everything that was found, with what was found in the experiment itself.
    pub(super) fn into_report(self, findings: Findings, layout: Option<&Layout>) -> Report {
        for Told { diagnostic, points, everywhere } in self.told {
            let note = if everywhere { None } else { layout.and_then(|layout| note(layout, &diagnostic, &points)) };
            findings.keep(match note {
                Some(note) => diagnostic.with_advice(&note),
                None => diagnostic,
            });
        }
        findings.into_report(self.sources)
    }
}

/// At which points it is so, unless that is clear: at all of them, or at all that have the level it points to.
fn note(layout: &Layout, diagnostic: &Diagnostic, points: &[usize]) -> Option<String> {
    let all = layout.points.len();
    if points.len() == all || with_level_at(layout, diagnostic.place) == Some(points.len()) {
        return None;
    }
    let named: Vec<String> = points.iter().take(MOST_NAMED).map(|point| layout.label(*point)).collect();
    let more = if points.len() > MOST_NAMED { format!("; and {} more", points.len() - MOST_NAMED) } else { String::new() };
    let so = if DIFFERENT.contains(&diagnostic.kind()) { "so, with other figures," } else { "so" };
    Some(format!("{so} at {} of {all} points: {}{more}", points.len(), named.join("; ")))
}

/// How many points have the level that is written at that place of the experiment file.
fn with_level_at(layout: &Layout, place: Place) -> Option<usize> {
    let holds = |level: Place| place.source == 0 && level.start <= place.start && place.end <= level.end;
    layout.levels.iter().enumerate().find_map(|(factor, levels)| {
        let mut at = levels.iter().enumerate().filter(|(_, level)| holds(level.place));
        let (level, _) = at.next()?;
        // The levels of a range stand at the same place: then it is not clear.
        at.next().is_none().then(|| layout.points.iter().filter(|point| point[factor] == level).count())
    })
}

impl Layout {
    /// The levels of a point, for people.
    fn label(&self, point: usize) -> String {
        let level = |(factor, &level): (&super::Factor, &usize)| format!("{} {}", factor.name, factor.levels[level].label);
        self.factors.iter().zip(&self.points[point]).map(level).collect::<Vec<_>>().join(", ")
    }
}
