//! `lbsim check`.

use super::failure::Failure;
use super::output::print;
use super::source::{holds_experiment, in_colour, open, open_experiment, overrides};
use crate::model::{Override, Report};
use std::path::{Path, PathBuf};

/// Which files to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Model files and experiment files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Override one value: a path and what stands there, such as 'servers[0].count=8'.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

/// Checks every file, and says of each what is wrong with it or that nothing is.
pub fn check(arguments: &Arguments) -> Result<(), Failure> {
    let overrides = overrides(&arguments.set)?;
    let mut mistakes = String::new();
    for path in &arguments.files {
        match warnings(path, &overrides) {
            Ok(warnings) => {
                anstream::eprint!("{}", warnings.render(in_colour()));
                print(&format!("{}: no mistakes\n", path.display()))?;
            }
            Err(Failure::Input(text)) => mistakes.push_str(&text),
            Err(other) => return Err(other),
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Failure::Input(mistakes)) }
}

/// What a file that is in order may still want to say.
fn warnings(path: &Path, overrides: &[Override]) -> Result<Report, Failure> {
    if !holds_experiment(path)? {
        return open(path, overrides).map(|checked| checked.warnings);
    }
    if !overrides.is_empty() {
        let name = path.display();
        return Err(Failure::input(format!("`{name}` is an experiment: in place of `--set` write `set: [...]` in it")));
    }
    open_experiment(path).map(|experiment| experiment.warnings)
}
