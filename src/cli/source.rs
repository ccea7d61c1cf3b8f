//! Opens model files and the logs they name, and hands their contents down.

use super::failure::Failure;
use crate::model::{Checked, Files, Override, Source, read};
use anstream::ColorChoice;
use std::path::{Path, PathBuf};

/// The files beside a model file.
struct Beside {
    folder: PathBuf,
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(path);
        std::fs::read(&path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }
}

/// Reads and checks a model file, with some values overridden. All its mistakes at once are the failure.
pub fn open(path: &Path, overrides: &[Override]) -> Result<Checked, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::input(format!("`{name}` is not text in UTF-8: line {line} has a byte that cannot be read"))
    })?;
    let beside = Beside { folder: path.parent().unwrap_or(Path::new("")).to_path_buf() };
    read(Source { name: &name, text: &text }, overrides, &beside).map_err(|report| Failure::Input(report.render(in_colour())))
}

/// Reads the arguments of `--set`.
pub fn overrides(texts: &[String]) -> Result<Vec<Override>, Failure> {
    texts.iter().map(|text| Override::parse(text).map_err(|report| Failure::Input(report.render(in_colour())))).collect()
}

/// Whether standard error takes colours.
pub fn in_colour() -> bool {
    !matches!(anstream::AutoStream::choice(&std::io::stderr()), ColorChoice::Never)
}
