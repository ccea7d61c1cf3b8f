//! From an experiment file to an experiment: read it, read its model at every point, put the plan together.

use super::design::{self, Layout};
use super::document::{Base, CompareText, ContrastText, DesignText, Document, FactorText, LevelText, Levels};
use super::gather::Gather;
use super::plan::{Compared, Contrast, Design, Experiment, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping};
use super::problem::ExperimentProblem;
use super::read_document;
use crate::model::{self, Checked, Files, Model, Remembered};
use crate::notation::{self, At, Findings, Override, Place, Placing, Problem, Report, Source, SourceText, names};
use crate::observe::{self, Goal};
use crate::random::Seed;

/// Whoever opens the model file that an experiment names: this room opens none. As [`Files`] it opens the logs of a model that
/// is written within the experiment.
pub trait Library: Files {
    /// The model file that the experiment calls `path`; how that is resolved is up to the caller.
    ///
    /// # Errors
    /// Where it cannot be read: why, in a few words for a person.
    fn model(&self, path: &str) -> Result<ModelFile, String>;
}

/// A model file, and what opens the files it names.
pub struct ModelFile {
    /// Its name, for messages.
    pub name: String,
    /// Its contents.
    pub text: String,
    /// The files beside it.
    pub files: Box<dyn Files>,
}

/// The seed of designs whose model cannot be read: its mistakes are told, and nothing is made of it.
const NO_SEED: Seed = Seed(1);
/// Where the algorithm of a model stands that has one balancer.
const ALGORITHM: &str = "balancer.algorithm";

/// Reads an experiment called `name`, with the models of all its points. `charts` are the kinds of charts there are.
///
/// The base model must be a model as it stands, with the changes of `set`.
///
/// # Errors
/// Everything that is wrong with the experiment, its model and its points, at once and with places, and the warnings beside.
pub fn read(name: &str, source: Source<'_>, library: &dyn Library, charts: &[&'static str]) -> Result<Experiment, Report> {
    let file = SourceText::new(source.name, source.text);
    let findings = Findings::default();
    let document = match notation::parse(&file.text, Placing::whole(0)) {
        Ok(tree) => read_document::document(&tree, &file, charts, &findings),
        Err(mistake) => {
            mistake.report(&findings);
            None
        }
    };
    let Some(document) = document else { return Err(findings.into_report(vec![file])) };
    let opened = document.base.as_ref().and_then(|base| open(base, &file, library, &findings));
    let Some(opened) = opened else {
        let _ = design::lay_out(&document, NO_SEED, &findings);
        return Err(findings.into_report(vec![file]));
    };
    let base = BaseModel {
        source: Source { name: &opened.name, text: &opened.text },
        set: &document.set,
        files: Remembered::new(opened.files.as_deref().unwrap_or(library)),
    };
    let model = opened.files.is_some().then(|| SourceText::new(&opened.name, &opened.text));
    let plan_files = [Some(&file), model.as_ref()].into_iter().flatten();
    let plan_files = plan_files.map(|file| PlanFile { name: file.name.clone(), text: file.text.clone() }).collect();
    build(name, &document, &base, plan_files, Gather::new(&file, model), findings)
}

/// An experiment that compares algorithms on one model: a factor `algorithm`, the first level the baseline.
///
/// # Errors
/// Everything that is wrong with the model or with an algorithm.
pub fn of_algorithms(
    name: &str,
    source: Source<'_>,
    overrides: &[Override],
    algorithms: &[&str],
    files: &dyn Files,
) -> Result<Experiment, Report> {
    let file = SourceText::new("--algorithms", &algorithms.join(", "));
    let findings = Findings::default();
    let mut start = 0;
    let mut levels: Vec<LevelText> = Vec::new();
    for written in algorithms {
        let place = Place::new(0, start, start + written.len());
        start += written.len() + ", ".len();
        let label = written.trim().to_owned();
        if levels.iter().any(|level| level.level.label == label) {
            findings.add(&ExperimentProblem::Algorithm { name: label.clone() }, place);
        }
        let changes = vec![Override::new(ALGORITHM, *written).written_in(&file, place, place)];
        levels.push(LevelText { level: Level { label, number: None }, unit: "", changes, place });
    }
    let place = Place::new(0, 0, file.text.len());
    if levels.is_empty() {
        findings.add(&Problem::TooFew { field: "--algorithms".into(), what: "algorithm" }, place);
    }
    let at = |text: &str| At::new(text.to_owned(), place);
    let factor =
        FactorText { name: at("algorithm"), levels: Levels::Listed(levels), scale: Some(At::new(Scale::Category, place)), place };
    let document = Document {
        about: String::new(),
        base: None,
        set: overrides.to_vec(),
        factors: vec![factor],
        complete: true,
        design: Some(At::new(DesignText::Factorial, place)),
        replications: None,
        stopping: None,
        metrics: read_document::default_metrics(),
        compare: CompareText::Default,
        contrasts: Vec::new(),
        goals: None,
        charts: Vec::new(),
    };
    let base = BaseModel { source, set: &document.set, files: Remembered::new(files) };
    let plan_files = vec![PlanFile { name: source.name.into(), text: source.text.into() }];
    let gather = Gather::new(&file, Some(SourceText::new(source.name, source.text)));
    build(name, &document, &base, plan_files, gather, findings)
}

/// The text of the base model, and what opens the files beside it if it is a file of its own.
struct Opened {
    name: String,
    text: String,
    files: Option<Box<dyn Files>>,
}

fn open(base: &Base, file: &SourceText, library: &dyn Library, findings: &Findings) -> Option<Opened> {
    match base {
        Base::File(path) => match library.model(&path.value) {
            Ok(ModelFile { name, text, files }) => Some(Opened { name, text, files: Some(files) }),
            Err(reason) => {
                let problem = ExperimentProblem::ModelFile { path: path.value.clone(), reason };
                findings.add(&problem, path.place);
                None
            }
        },
        Base::Inline(place) => {
            // What comes before it is blanked, so that places in the model are places in the file.
            let (start, end) = (place.start as usize, place.end as usize);
            let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
            let before = file.text.bytes().take(start).map(blank);
            let text = before.chain(file.text.get(start..end)?.chars()).collect();
            Some(Opened { name: file.name.clone(), text, files: None })
        }
    }
}

/// The model that is varied.
struct BaseModel<'a> {
    source: Source<'a>,
    /// Changes for all points.
    set: &'a [Override],
    files: Remembered<'a>,
}

impl BaseModel<'_> {
    /// The model with some more changes.
    fn with(&self, changes: impl IntoIterator<Item = Override>) -> Result<Checked, Report> {
        let overrides: Vec<Override> = self.set.iter().cloned().chain(changes).collect();
        model::read(self.source, &overrides, &self.files)
    }
}

/// Lays out the points, reads the model of each, and puts the plan together.
fn build(
    name: &str,
    document: &Document,
    base: &BaseModel<'_>,
    files: Vec<PlanFile>,
    mut gather: Gather,
    findings: Findings,
) -> Result<Experiment, Report> {
    let (seed, goals) = match base.with([]) {
        Ok(Checked { model, .. }) => (model.parts().seed, goals(document, &model, &mut gather)),
        Err(report) => {
            gather.add(report, None);
            (NO_SEED, Vec::new())
        }
    };
    set_once(document, base, &findings);
    let Some(layout) = design::lay_out(document, seed, &findings) else {
        read_alone(document, base, &mut gather);
        return Err(gather.into_report(findings, None));
    };
    let models = models(document, base, &layout, &mut gather);
    let compared = compared(document, &layout, &findings);
    let contrasts = contrasts(document, &layout, compared, &findings);
    let levels = compared.map(|compared| layout.factors[compared.factor].levels.len());
    check_stopping(document, levels, &models, &findings);
    let report = gather.into_report(findings, Some(&layout));
    if report.errors() > 0 {
        return Err(report);
    }
    let points = layout.points.into_iter().zip(&models).map(|(levels, model)| PlannedPoint::of(levels, model)).collect();
    let plan = Plan {
        name: name.into(),
        about: document.about.clone(),
        files,
        seed: seed.0,
        factors: layout.factors,
        design: layout.design,
        stopping: document.stopping.as_ref().map_or(Stopping::Fixed, |stopping| stopping.value.clone()),
        metrics: document.metrics.clone(),
        compared,
        contrasts,
        goals,
        charts: document.charts.clone(),
        points,
    };
    Ok(Experiment { plan, models, warnings: report })
}

/// The goals of the experiment, or where it says nothing of them, those of its model.
fn goals(document: &Document, model: &Model, gather: &mut Gather) -> Vec<Goal> {
    document.goals.clone().unwrap_or_else(|| {
        observe::goals(model).unwrap_or_else(|report| {
            gather.add(report, None);
            Vec::new()
        })
    })
}

/// Two factors may not set the same value, by whatever path, or one a part of what the other sets: one of them would do nothing.
fn set_once(document: &Document, base: &BaseModel<'_>, findings: &Findings) {
    let Ok(mut tree) = notation::parse(base.source.text, Placing::whole(0)) else { return };
    // What is wrong with these is told where the model is read.
    base.set.iter().for_each(|change| notation::apply(&mut tree, change, 0, &Findings::default()));
    let mut known: Vec<(&str, Vec<String>, usize)> = Vec::new();
    for (number, factor) in document.factors.iter().enumerate() {
        let mut paths: Vec<&str> = match &factor.levels {
            Levels::Listed(levels) => levels.iter().flat_map(|level| &level.changes).map(|change| &*change.path).collect(),
            Levels::Range(range) => vec![range.path()],
        };
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let Some(target) = notation::target(&tree, path) else { continue };
            let clashes = |other: &[String]| other.starts_with(&target) || target.starts_with(other);
            if let Some((other, ..)) = known.iter().find(|(_, other, of)| *of != number && clashes(other)) {
                findings.add(&ExperimentProblem::SetTwice { path: path.into(), other: (*other).into() }, factor.place);
            }
            known.push((path, target, number));
        }
    }
}

/// The model of every point; fewer where mistakes were found.
fn models(document: &Document, base: &BaseModel<'_>, layout: &Layout, gather: &mut Gather) -> Vec<Model> {
    let mut models = Vec::with_capacity(layout.points.len());
    for (number, point) in layout.points.iter().enumerate() {
        let changes = point.iter().zip(&layout.levels).flat_map(|(level, levels)| levels[*level].changes.iter().cloned());
        match base.with(changes) {
            Ok(Checked { model, warnings }) => {
                gather.add(warnings, Some(number));
                models.push(match &document.replications {
                    Some(At { value, .. }) => model.with_replications(*value),
                    None => model,
                });
            }
            Err(report) => gather.add(report, Some(number)),
        }
    }
    models
}

/// Reads the model with each level alone, where the points cannot be laid out: mistakes in levels are told all the same.
fn read_alone(document: &Document, base: &BaseModel<'_>, gather: &mut Gather) {
    for factor in &document.factors {
        let levels = design::steps(factor, &Findings::default());
        for level in levels.unwrap_or_default() {
            if let Err(report) = base.with(level.changes) {
                gather.add(report, None);
            }
        }
    }
}

/// Which levels are compared: those that are asked for, or those of the first factor whose levels are names.
fn compared(document: &Document, layout: &Layout, findings: &Findings) -> Option<Compared> {
    let (name, baseline) = match &document.compare {
        CompareText::Nothing => return None,
        CompareText::Factor(name, baseline) => (name, baseline),
        CompareText::Default => {
            // Where all factors change together, a difference has no single cause.
            let alone = layout.design == Design::Factorial || layout.factors.len() == 1;
            let of_names = |factor: &super::Factor| factor.scale == Scale::Category && factor.levels.len() > 1;
            let factor = layout.factors.iter().position(of_names).filter(|_| alone)?;
            return Some(Compared { factor, baseline: 0 });
        }
    };
    let factors: Vec<&str> = layout.factors.iter().map(|factor| &*factor.name).collect();
    let factor = position("factor", name, &factors, findings)?;
    let levels: Vec<&str> = layout.factors[factor].levels.iter().map(|level| &*level.label).collect();
    let baseline = match baseline {
        Some(label) => position("level", label, &levels, findings)?,
        None => 0,
    };
    if layout.design != Design::Factorial && layout.factors.len() > 1 {
        findings.add(&ExperimentProblem::ChangeTogether, name.place);
        return None;
    }
    Some(Compared { factor, baseline })
}

/// Where a name stands among those there are.
fn position(what: &'static str, name: &At<String>, known: &[&str], findings: &Findings) -> Option<usize> {
    let position = known.iter().position(|known| *known == name.value);
    if position.is_none() {
        let closest = findings.closest(&name.value, known.iter().copied());
        let problem = Problem::UnknownName { what, name: name.value.clone(), closest, known: names(known) };
        findings.add(&problem, name.place);
    }
    position
}

/// The levels of the compared factor that contrasts name.
fn contrasts(document: &Document, layout: &Layout, compared: Option<Compared>, findings: &Findings) -> Vec<Contrast> {
    let Some(compared) = compared else {
        if let Some(first) = document.contrasts.first() {
            findings.add(&ExperimentProblem::NothingToContrast, first.name.place);
        }
        return Vec::new();
    };
    let labels: Vec<&str> = layout.factors[compared.factor].levels.iter().map(|level| &*level.label).collect();
    let find = |names: &[At<String>]| -> Vec<usize> {
        names.iter().filter_map(|name| position("level", name, &labels, findings)).collect()
    };
    let contrast =
        |text: &ContrastText| Contrast { name: text.name.value.clone(), plus: find(&text.plus), minus: find(&text.minus) };
    document.contrasts.iter().map(contrast).collect()
}

/// The best needs something to choose from, among so many compared levels, and a log happened once.
fn check_stopping(document: &Document, levels: Option<usize>, models: &[Model], findings: &Findings) {
    let stopping = document.stopping.as_ref();
    if let Some(At { value: Stopping::Best { probability, .. }, place }) = stopping {
        match levels {
            None if matches!(document.compare, CompareText::Factor(..)) => {}
            None => findings.add(&ExperimentProblem::NothingCompared, *place),
            // What the procedure of selection asks of one level or more.
            Some(levels) if levels > 1 && *probability <= 1.0 / levels as f64 => {
                findings.add(&ExperimentProblem::Guessed { levels }, *place);
            }
            Some(_) => {}
        }
    }
    let several = document.replications.as_ref().filter(|number| number.value > 1).map(|number| number.place);
    if let (Some(place), true) = (several.or(stopping.map(|rule| rule.place)), models.iter().any(Model::replays)) {
        findings.add(&ExperimentProblem::ReplayedTwice, place);
    }
}
