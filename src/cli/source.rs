//! Opens model files, experiment files and the logs they name, and hands their contents down.

use super::failure::Failure;
use crate::experiment::{self, Experiment, Library};
use crate::model::{Checked, Files, Model, Override, Report, Source, read};
use crate::notation;
use crate::observe::{Goal, goals};
use crate::report::chart_names;
use anstream::ColorChoice;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The files beside a model file.
struct Beside {
    folder: PathBuf,
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(path);
        read_up_to(&path, MOST_LOG_BYTES).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }
}

impl Beside {
    fn of(path: &Path) -> Self {
        Self { folder: path.parent().unwrap_or(Path::new("")).to_path_buf() }
    }
}

impl Library for Beside {
    fn model(&self, path: &str) -> Result<experiment::ModelFile, String> {
        let path = self.folder.join(path);
        let shown = path.display();
        let bytes = read_up_to(&path, MOST_MODEL_BYTES).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{shown}` is not text in UTF-8"))?;
        Ok(experiment::ModelFile { name: shown.to_string(), text, files: Box::new(Self::of(&path)) })
    }
}

/// The largest model file that is read; the check accepts less, and says so.
const MOST_MODEL_BYTES: u64 = 4 << 20;
/// The largest log that is read.
const MOST_LOG_BYTES: u64 = 4 << 30;

/// The contents of a file of at most `most` bytes.
fn read_up_to(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::new(ErrorKind::FileTooLarge, format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// A model and what was found in it.
#[derive(Debug)]
pub struct Opened {
    pub model: Model,
    pub warnings: Report,
    /// What it expects of a run.
    pub goals: Vec<Goal>,
}

/// A model file that has been read, to be checked with one set of overrides or another.
pub struct ModelFile {
    name: String,
    text: String,
    beside: Beside,
}

/// Reads and checks a model file, with some values overridden. All its mistakes at once are the failure.
pub fn open(path: &Path, overrides: &[Override]) -> Result<Opened, Failure> {
    let Checked { model, warnings } = ModelFile::read(path)?.check(overrides).map_err(|report| mistakes(&report))?;
    let goals = goals(&model).map_err(|report| mistakes(&report))?;
    Ok(Opened { model, warnings, goals })
}

/// All mistakes of a report as a failure.
pub fn mistakes(report: &Report) -> Failure {
    Failure::Input(report.render(in_colour()))
}

impl ModelFile {
    /// Reads the file, and nothing into it yet.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = text_of(path)?;
        if is_experiment(&text) {
            return Err(Failure::input(format!("`{}` is an experiment: use `lbsim sweep`", path.display())));
        }
        Ok(Self { name: path.display().to_string(), text, beside: Beside::of(path) })
    }

    /// The model it holds, with some values overridden.
    pub fn check(&self, overrides: &[Override]) -> Result<Checked, Report> {
        read(self.source(), overrides, &self.beside)
    }

    fn source(&self) -> Source<'_> {
        Source { name: &self.name, text: &self.text }
    }
}

/// The contents of a model or experiment file.
fn text_of(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let bytes =
        read_up_to(path, MOST_MODEL_BYTES).map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::input(format!("`{name}` is not text in UTF-8: line {line} has a byte that cannot be read"))
    })
}

/// Whether a file holds an experiment; what is neither that nor a model counts as a model.
pub fn holds_experiment(path: &Path) -> Result<bool, Failure> {
    Ok(is_experiment(&text_of(path)?))
}

/// Reads and checks an experiment file and the models of all its points. All mistakes at once are the failure.
pub fn open_experiment(path: &Path) -> Result<Experiment, Failure> {
    let text = text_of(path)?;
    if notation::head(&text) == Some("Model") {
        return Err(Failure::input(format!("`{}` is a model: use `lbsim run`", path.display())));
    }
    let name = path.display().to_string();
    let source = Source { name: &name, text: &text };
    experiment::read(&stem(path), source, &Beside::of(path), &chart_names()).map_err(|report| mistakes(&report))
}

/// Reads a model to be simulated with each of the algorithms.
pub fn open_comparison(path: &Path, algorithms: &[String], set: &[String]) -> Result<Experiment, Failure> {
    let file = ModelFile::read(path)?;
    let algorithms: Vec<&str> = algorithms.iter().map(String::as_str).collect();
    let experiment = experiment::of_algorithms(&stem(path), file.source(), &overrides(set)?, &algorithms, &file.beside);
    experiment.map_err(|report| mistakes(&report))
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_experiment(text: &str) -> bool {
    notation::head(text) == Some("Experiment")
}

/// Reads the arguments of `--set`.
pub fn overrides(texts: &[String]) -> Result<Vec<Override>, Failure> {
    texts.iter().map(|text| Override::parse(text).map_err(|report| mistakes(&report))).collect()
}

/// Whether standard error takes colours.
pub fn in_colour() -> bool {
    !matches!(anstream::AutoStream::choice(&std::io::stderr()), ColorChoice::Never)
}
