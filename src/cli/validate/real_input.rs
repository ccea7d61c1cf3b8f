//! The files of cases that were measured at real load balancers.

use crate::cli::failure::Failure;
use crate::validation::RealCases;
use std::path::{Path, PathBuf};

/// The cases of a folder: `cases/*.json` and `traces/*.csv`, or the files themselves.
pub fn read(folder: &Path) -> Result<RealCases, Failure> {
    let inner = |name: &str| Some(folder.join(name)).filter(|inner| inner.is_dir()).unwrap_or_else(|| folder.to_owned());
    let mut cases = RealCases::default();
    let files = files(&inner("cases"), "json")?;
    if files.is_empty() {
        return Err(Failure::input(format!("{} holds no case: a file such as cases/NAME.json", folder.display())));
    }
    for file in files {
        cases.add_case(&file.display().to_string(), &text(&file)?);
    }
    for file in self::files(&inner("traces"), "csv")? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        cases.add_recording(&name, &file.display().to_string(), &text(&file)?);
    }
    Ok(cases)
}

/// The files of a folder whose names end so, by name.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let fail = |error: std::io::Error| Failure::input(format!("{} cannot be read: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::input(format!("{} cannot be read: {error}", file.display())))
}
