//! From text to model: parse, override, read, check.

use super::check::check;
use super::document::{Document, Entries, Run};
use super::meant::Model;
use super::{Expectations, Trace, expectations, read_balancers, read_clients, read_faults, read_run, read_servers};
use crate::notation::{self, Fields, Findings, Node, Override, Placing, Report, Slot, Source, SourceText, values};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest sentence about a model.
const LONGEST_ABOUT: usize = 1_000;
/// The seed if nothing is written.
const DEFAULT_SEED: u64 = 1;

/// Whoever opens the files that a model names (the logs to replay): this room opens none.
pub trait Files {
    /// The contents of the file that the model calls `path`; how that is resolved is up to the caller.
    ///
    /// # Errors
    /// Where it cannot be read: why, in a few words for a person.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The workload recorded in that file. Whoever reads many models of the same log may keep it.
    ///
    /// # Errors
    /// Where it cannot be read, or is no log: why, in a few words for a person.
    fn log(&self, path: &str) -> Result<Arc<Trace>, String> {
        Trace::parse(&self.read(path)?).map(Arc::new).map_err(|error| error.to_string())
    }
}

/// For models that may not name files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("no files can be read here".into())
    }
}

/// The same files, with every log read only once: for whoever reads many models.
pub struct Remembered<'a> {
    files: &'a dyn Files,
    logs: RefCell<BTreeMap<String, Result<Arc<Trace>, String>>>,
}

impl<'a> Remembered<'a> {
    /// Nothing is read so far.
    #[must_use]
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, logs: RefCell::default() }
    }
}

impl Files for Remembered<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.read(path)
    }

    fn log(&self, path: &str) -> Result<Arc<Trace>, String> {
        self.logs.borrow_mut().entry(path.into()).or_insert_with(|| self.files.log(path)).clone()
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
    let mut sources = vec![SourceText::new(source.name, source.text)];
    let numbers: Vec<u32> = overrides.iter().map(|one| number_of(one.source(), &mut sources)).collect();
    let findings = Findings::default();
    let document = tree(source, overrides, &numbers, &findings).and_then(|tree| document(&tree, &findings));
    let parts = document.as_ref().map(|document| check(document, files, &findings));
    let failed = findings.errors() > 0;
    let report = findings.into_report(sources.clone());
    match (parts, document) {
        (Some(mut parts), Some(document)) if !failed => {
            parts.expectations = Expectations::new(document.expect, sources);
            Ok(Checked { model: Model::from_checked(parts), warnings: report })
        }
        _ => Err(report),
    }
}

/// The number of a source; several overrides may stand in the same file.
fn number_of(source: Arc<SourceText>, sources: &mut Vec<Arc<SourceText>>) -> u32 {
    let known = sources.iter().position(|known| Arc::ptr_eq(known, &source));
    let number = known.unwrap_or_else(|| {
        sources.push(source);
        sources.len() - 1
    });
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The tree of the file, changed by the overrides, whose sources have these numbers; nothing if the file has no tree.
fn tree<'t>(source: Source<'t>, overrides: &'t [Override], numbers: &[u32], findings: &Findings) -> Option<Node<'t>> {
    let mut tree = match notation::parse(source.text, Placing::whole(0)) {
        Ok(tree) => tree,
        Err(mistake) => {
            mistake.report(findings);
            return None;
        }
    };
    for (one, number) in overrides.iter().zip(numbers) {
        notation::apply(&mut tree, one, *number, findings);
    }
    Some(tree)
}

/// The fields of the model; nothing if it is none.
fn document(tree: &Node<'_>, findings: &Findings) -> Option<Document> {
    let slot = Slot { node: tree, field: "the model", entry: false, findings };
    let mut fields = Fields::open_as(slot, "Model", "the model".into())?;
    let about = fields.or("about", String::new(), values::prose(LONGEST_ABOUT));
    let seed = fields.or("seed", DEFAULT_SEED, values::whole(0..=u64::MAX));
    let clients = fields.required("clients", "[Open(arrivals: ..., demand: ...)]", read_clients::classes);
    let balancers = read_balancers::balancers(&mut fields);
    let servers = match fields.slot("servers") {
        Some(slot) => read_servers::pools(slot).unwrap_or_default(),
        None => read_servers::default_pools(fields.head()),
    };
    let back_ends = match fields.slot("back_ends") {
        Some(slot) => read_servers::back_ends(slot).unwrap_or_default(),
        None => Entries::of(Vec::new(), 0),
    };
    let zones = fields.or("zones", Entries::of(Vec::new(), 0), read_faults::zones);
    let needed = fields.optional("needed", values::placed(values::count(1..=read_servers::MOST_SERVERS)));
    let script = fields.or("script", Vec::new(), read_run::script);
    let run = fields.or("run", Run::default_at(fields.head()), read_run::run);
    let expect = fields.or("expect", Vec::new(), expectations::expect);
    fields.finish();
    let clients = clients.unwrap_or_default();
    Some(Document { about, seed, clients, balancers, servers, back_ends, zones, needed, script, run, expect })
}
