//! `lbsim check`.

use super::failure::Failure;
use super::output::print;
use super::source::{in_colour, open, overrides};
use std::path::PathBuf;

/// Which files to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Model files.
    #[arg(required = true)]
    models: Vec<PathBuf>,
    /// Override one value: a path and what stands there, such as 'servers[0].count=8'.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

/// Checks every file, and says of each what is wrong with it or that nothing is.
pub fn check(arguments: &Arguments) -> Result<(), Failure> {
    let overrides = overrides(&arguments.set)?;
    let mut mistakes = String::new();
    for path in &arguments.models {
        match open(path, &overrides) {
            Ok(checked) => {
                anstream::eprint!("{}", checked.warnings.render(in_colour()));
                print(&format!("{}: no mistakes\n", path.display()))?;
            }
            Err(Failure::Input(text)) => mistakes.push_str(&text),
            Err(other) => return Err(other),
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Failure::Input(mistakes)) }
}
