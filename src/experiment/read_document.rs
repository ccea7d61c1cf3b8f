//! Reads the fields of an experiment file.

use super::document::{Base, CompareText, ContrastText, DesignText, Document};
use super::plan::ChartChoice;
use super::{read_factors, read_stopping};
use crate::notation::{
    At, Body, Fields, Findings, Group, Known, Names, Node, Override, Placing, Problem, Slot, SourceText, Value, names, values,
};
use crate::observe::{GOAL_HELP, Goal, Measure};
use std::sync::Arc;

/// Longest sentence about an experiment, and longest path of a model file.
const LONGEST_TEXT: usize = 1_000;
/// Most fixed changes of the base model, metrics, goals, charts.
const MOST_ENTRIES: usize = 100;
/// The metrics of interest if none are written.
const DEFAULT_METRICS: [&str; 2] = ["mean_response", "response_p99"];
/// Most points of a design that counts them.
pub(super) const MOST_POINTS: u32 = 100_000;

/// The experiment that a tree describes, read from `file`; nothing if it describes none. `charts`: the kinds there are.
pub(super) fn document(
    tree: &Node<'_>,
    file: &Arc<SourceText>,
    charts: &[&'static str],
    findings: &Findings,
) -> Option<Document> {
    let slot = Slot { node: tree, field: "the experiment", entry: false, findings };
    let mut fields = Fields::open_as(slot, "Experiment", "the experiment".into())?;
    let about = fields.or("about", String::new(), values::prose(LONGEST_TEXT));
    let base = fields.required("model", "\"../models/first.ron\"", base);
    let set = fields.or("set", Vec::new(), |slot| changes(slot, file));
    let factors =
        fields.required("factors", "[Factor(name: ..., path: ..., values: [...])]", |slot| read_factors::factors(slot, file));
    let (factors, complete) = factors.unwrap_or_default();
    let design = match fields.slot("design") {
        Some(slot) => values::placed(design)(slot),
        None => Some(At::new(DesignText::Factorial, fields.head())),
    };
    let (replications, stopping) = read_stopping::stopping(&mut fields);
    let metrics = fields.optional("metrics", metrics).unwrap_or_else(default_metrics);
    let compare = fields.or("compare", CompareText::Default, |slot| compare(slot, file));
    let contrasts = fields.or("contrasts", Vec::new(), contrasts);
    let goals = fields.optional("expect", |slot| goals(slot, file));
    let charts = fields.or("charts", Vec::new(), |slot| chart_list(slot, charts));
    fields.finish();
    Some(Document {
        about,
        base,
        set,
        factors,
        complete,
        design,
        replications,
        stopping,
        metrics,
        compare,
        contrasts,
        goals,
        charts,
    })
}

/// A path, or the model itself.
fn base(slot: Slot<'_>) -> Option<Base> {
    match &slot.node.value {
        Value::Group(Group { name: Some(word), .. }) if word.text == "Model" => Some(Base::Inline(slot.node.place)),
        Value::Text(_) => values::text(LONGEST_TEXT)(slot).map(|path| Base::File(At::new(path, slot.node.place))),
        _ => {
            slot.expected("the path of a model file, or `Model(...)`");
            None
        }
    }
}

/// A list of changes `("path", value)`.
pub(super) fn changes(slot: Slot<'_>, file: &Arc<SourceText>) -> Option<Vec<Override>> {
    let nodes = values::entries(slot, "changes", MOST_ENTRIES)?;
    Some(nodes.iter().filter_map(|node| change(slot.entry(node), file)).collect())
}

fn change(slot: Slot<'_>, file: &Arc<SourceText>) -> Option<Override> {
    let Some([path, value]) = pair(slot) else {
        slot.expected("a pair `(\"path\", value)`, such as `(\"servers[0].count\", 4)`");
        return None;
    };
    set_to(&values::placed(values::text(LONGEST_TEXT))(slot.part(path))?, value, file)
}

/// The two values of a pair.
pub(super) fn pair(slot: Slot<'_>) -> Option<&[Node<'_>; 2]> {
    match slot.group()? {
        Group { name: None, body: Body::Items(items) } => items.as_slice().try_into().ok(),
        _ => None,
    }
}

/// The change that sets the value at `path` to what is written at `value`.
pub(super) fn set_to(path: &At<String>, value: &Node<'_>, file: &Arc<SourceText>) -> Option<Override> {
    let text = file.text.get(value.place.start as usize..value.place.end as usize)?;
    Some(Override::new(&path.value, text).written_in(file, path.place, value.place))
}

/// What a level is called whose value is written there: the value, without quotes and in one line.
pub(super) fn label(node: &Node<'_>, file: &SourceText) -> String {
    let written = match &node.value {
        Value::Text(text) => text,
        _ => file.text.get(node.place.start as usize..node.place.end as usize).unwrap_or_default(),
    };
    let plain = written.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.chars().filter(|c| !c.is_control()).collect()
}

fn design(slot: Slot<'_>) -> Option<DesignText> {
    const DESIGNS: [&str; 4] = ["Factorial", "Paired", "LatinHypercube", "Sobol"];
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected(names(&DESIGNS));
        return None;
    };
    if !DESIGNS.contains(&word.text) {
        values::unknown_kind(slot, "design", &DESIGNS, Known::Names(DESIGNS.to_vec()));
        return None;
    }
    let mut fields = Fields::of(slot, format!("`{}`", word.text))?;
    let mut points = || fields.required("points", "32", values::count(2..=MOST_POINTS));
    let design = match word.text {
        "Factorial" => Some(DesignText::Factorial),
        "Paired" => Some(DesignText::Paired),
        "LatinHypercube" => points().map(DesignText::LatinHypercube),
        _ => points().map(DesignText::Sobol),
    };
    fields.finish();
    design
}

/// A metric by its name.
pub(super) fn measure(slot: Slot<'_>) -> Option<Measure> {
    let name = values::name(slot)?;
    let measure = Measure::named(&name);
    if measure.is_none() {
        unknown_metric(&name, slot.node.head(), slot.findings);
    }
    measure
}

fn unknown_metric(name: &str, place: crate::notation::Place, findings: &Findings) {
    let count = Measure::all().count();
    let closest =
        findings.closest(name, Measure::all().map(Measure::name).chain(Measure::short_names().iter().map(|(short, _)| *short)));
    let known = Known::Listed { list: "metrics", count };
    findings.add(&Problem::UnknownKind { what: "metric", name: name.into(), closest, known }, place);
}

/// The metrics of interest if none are written.
pub(super) fn default_metrics() -> Vec<Measure> {
    DEFAULT_METRICS.into_iter().filter_map(Measure::named).collect()
}

fn metrics(slot: Slot<'_>) -> Option<Vec<Measure>> {
    let nodes = values::some_entries(slot, "metrics", "metric", MOST_ENTRIES)?;
    let mut metrics: Vec<Measure> = Vec::new();
    for node in nodes {
        let slot = slot.entry(node);
        let Some(metric) = measure(slot) else { continue };
        if metrics.contains(&metric) {
            slot.findings.add(&Problem::NamedTwice { name: metric.name().into() }, node.head());
        }
        metrics.push(metric);
    }
    Some(metrics)
}

fn compare(slot: Slot<'_>, file: &SourceText) -> Option<CompareText> {
    match slot.group() {
        Some(Group { name: Some(word), body: Body::Empty }) if word.text == "None" => return Some(CompareText::Nothing),
        Some(Group { name: None, .. }) => {}
        _ => {
            slot.expected("`(factor: \"...\", baseline: ...)` or `None`");
            return None;
        }
    }
    let mut fields = Fields::of(slot, "`compare`".into())?;
    let factor = fields.required("factor", "\"strategy\"", values::placed(values::name));
    let baseline = fields.slot("baseline").map(|slot| At::new(label(slot.node, file), slot.node.place));
    fields.finish();
    Some(CompareText::Factor(factor?, baseline))
}

fn contrasts(slot: Slot<'_>) -> Option<Vec<ContrastText>> {
    let nodes = values::entries(slot, "contrasts", MOST_ENTRIES)?;
    let contrasts: Vec<ContrastText> = nodes.iter().filter_map(|node| contrast(slot.entry(node))).collect();
    Names::new("contrasts", contrasts.iter().map(|contrast| &contrast.name), false, slot.findings);
    Some(contrasts)
}

fn contrast(slot: Slot<'_>) -> Option<ContrastText> {
    let mut fields = Fields::open(slot, "Contrast(name: \"gain by hits\", plus: [\"random\"], minus: [\"ideal\"])")?;
    let name = fields.required("name", "\"gain by hits\"", values::placed(values::name));
    let levels = || values::list("levels", MOST_ENTRIES, values::placed(values::text(LONGEST_TEXT)));
    let plus = fields.required("plus", "[\"random\"]", levels());
    let minus = fields.required("minus", "[\"ideal\"]", levels());
    fields.finish();
    Some(ContrastText { name: name?, plus: plus?, minus: minus? })
}

fn goals(slot: Slot<'_>, file: &SourceText) -> Option<Vec<Goal>> {
    let nodes = values::entries(slot, "goals", MOST_ENTRIES)?;
    Some(nodes.iter().filter_map(|node| goal(slot.entry(node), file)).collect())
}

fn goal(slot: Slot<'_>, file: &SourceText) -> Option<Goal> {
    let text = values::prose(LONGEST_TEXT)(slot)?;
    let invalid = match Goal::parse(&text) {
        Ok(goal) => return Some(goal),
        Err(invalid) => invalid,
    };
    let part = if invalid.part.is_empty() { 0..text.len() } else { invalid.part };
    let place = Placing::of(&text, slot.node.place, &file.text).place(part.start, part.end);
    let problem = Problem::Syntax { sentence: invalid.sentence, label: invalid.advice, help: Some(GOAL_HELP) };
    slot.findings.add(&problem, place);
    None
}

fn chart_list(slot: Slot<'_>, kinds: &[&'static str]) -> Option<Vec<ChartChoice>> {
    let nodes = values::entries(slot, "charts", MOST_ENTRIES)?;
    Some(nodes.iter().filter_map(|node| chart(slot.entry(node), kinds)).collect())
}

fn chart(slot: Slot<'_>, kinds: &[&'static str]) -> Option<ChartChoice> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected("the name of a chart");
        return None;
    };
    if !kinds.contains(&word.text) {
        values::unknown_kind(slot, "chart", kinds, Known::Names(kinds.to_vec()));
        return None;
    }
    let mut fields = Fields::of(slot, format!("`{}`", word.text))?;
    let metric = fields.optional("metric", measure);
    let against = fields.optional("against", measure);
    fields.finish();
    Some(ChartChoice { kind: word.text.into(), metric, against })
}
