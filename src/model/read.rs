//! From text to model: parse, override, read, check.

use super::check::check;
use super::diagnostic::{Findings, Report, SourceText};
use super::document::{Document, Entries, Run};
use super::fields::{Fields, Slot};
use super::meant::Model;
use super::overrides::{self, Override};
use super::syntax::{self, Node};
use super::{Expectations, expectations, read_clients, read_run, read_servers, values};

/// Longest sentence about a model.
const LONGEST_ABOUT: usize = 1_000;
/// The seed if nothing is written.
const DEFAULT_SEED: u64 = 1;

/// A model file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its contents.
    pub text: &'a str,
}

/// Whoever opens the files that a model names (the logs to replay): this room opens none.
pub trait Files {
    /// The contents of the file that the model calls `path`; how that is resolved is up to the caller.
    ///
    /// # Errors
    /// Where it cannot be read: why, in a few words for a person.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// For models that may not name files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("no files can be read here".into())
    }
}

/// A model that can be run, and what its author may want to know.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The model.
    pub model: Model,
    /// Warnings; often none.
    pub warnings: Report,
}

/// Reads a model, with some of its values overridden.
///
/// # Errors
/// Where the text is no model: everything that is wrong with it at once, with places, and the warnings beside.
pub fn read(source: Source<'_>, overrides: &[Override], files: &dyn Files) -> Result<Checked, Report> {
    let texts: Vec<String> = overrides.iter().map(Override::text).collect();
    let findings = Findings::default();
    let document = tree(source, overrides, &texts, &findings).and_then(|tree| document(&tree, &findings));
    let parts = document.as_ref().map(|document| check(document, files, &findings));
    let own = SourceText { name: source.name.into(), text: source.text.into() };
    let others = overrides.iter().zip(texts).map(|(one, text)| SourceText { name: one.origin.clone(), text });
    let failed = findings.errors() > 0;
    let sources: Vec<SourceText> = std::iter::once(own).chain(others).collect();
    let report = findings.into_report(sources.clone());
    match (parts, document) {
        (Some(mut parts), Some(document)) if !failed => {
            parts.expectations = Expectations::new(document.expect, sources);
            Ok(Checked { model: Model::from_checked(parts), warnings: report })
        }
        _ => Err(report),
    }
}

/// The tree of the file, changed by the overrides; nothing if the file has no tree.
fn tree<'t>(source: Source<'t>, overrides: &[Override], texts: &'t [String], findings: &Findings) -> Option<Node<'t>> {
    let mut tree = match syntax::parse(source.text, 0, 0) {
        Ok(tree) => Some(tree),
        Err(mistake) => {
            mistake.report(findings);
            None
        }
    };
    for (number, (one, text)) in (1..).zip(overrides.iter().zip(texts)) {
        if let Some(tree) = &mut tree {
            overrides::apply(tree, one, text, number, findings);
        }
    }
    tree
}

/// The sentence about the model: it is shown on terminals, so that control characters other than the end of a line are refused.
fn about(slot: Slot<'_>) -> Option<String> {
    let text = values::text(LONGEST_ABOUT)(slot)?.replace("\r\n", "\n");
    if text.chars().any(|c| c.is_control() && c != '\n') {
        slot.refused("a text without control characters other than ends of lines");
        return None;
    }
    Some(text)
}

/// The fields of the model; nothing if it is none.
fn document(tree: &Node<'_>, findings: &Findings) -> Option<Document> {
    let slot = Slot { node: tree, field: "the model", entry: false, findings };
    let mut fields = Fields::open_as(slot, "Model", "the model".into())?;
    let about = fields.or("about", String::new(), about);
    let seed = fields.or("seed", DEFAULT_SEED, values::whole(0..=u64::MAX));
    let clients = fields.required("clients", "[Open(arrivals: ..., demand: ...)]", read_clients::classes);
    let balancers = read_servers::balancers(&mut fields);
    let servers = match fields.slot("servers") {
        Some(slot) => read_servers::pools(slot).unwrap_or_default(),
        None => read_servers::default_pools(fields.head()),
    };
    let back_ends = match fields.slot("back_ends") {
        Some(slot) => read_servers::back_ends(slot).unwrap_or_default(),
        None => Entries::of(Vec::new(), 0),
    };
    let script = fields.or("script", Vec::new(), read_run::script);
    let run = fields.or("run", Run::default_at(fields.head()), read_run::run);
    let expect = fields.or("expect", Vec::new(), expectations::expect);
    fields.finish();
    Some(Document { about, seed, clients: clients.unwrap_or_default(), balancers, servers, back_ends, script, run, expect })
}
