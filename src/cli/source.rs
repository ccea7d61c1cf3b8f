//! Opens model files and the logs they name, and hands their contents down.

use super::failure::Failure;
use crate::model::{Checked, Files, Model, Override, Report, Source, read};
use crate::observe::{Goal, goals};
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
        let (name, text) = text_of(path)?;
        Ok(Self { name, text, beside: Beside { folder: path.parent().unwrap_or(Path::new("")).to_path_buf() } })
    }

    /// The model it holds, with some values overridden.
    pub fn check(&self, overrides: &[Override]) -> Result<Checked, Report> {
        read(Source { name: &self.name, text: &self.text }, overrides, &self.beside)
    }
}

/// The name of a model file and its contents.
fn text_of(path: &Path) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    let bytes =
        read_up_to(path, MOST_MODEL_BYTES).map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::input(format!("`{name}` is not text in UTF-8: line {line} has a byte that cannot be read"))
    })?;
    Ok((name, text))
}

/// Reads the arguments of `--set`.
pub fn overrides(texts: &[String]) -> Result<Vec<Override>, Failure> {
    texts.iter().map(|text| Override::parse(text).map_err(|report| mistakes(&report))).collect()
}

/// Whether standard error takes colours.
pub fn in_colour() -> bool {
    !matches!(anstream::AutoStream::choice(&std::io::stderr()), ColorChoice::Never)
}
