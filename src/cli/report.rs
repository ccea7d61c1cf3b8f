//! `lbsim report`.

use super::failure::Failure;
use super::outputs;
use crate::results::Store;
use std::path::PathBuf;

/// Whose report to make again.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder with the results of a sweep.
    folder: PathBuf,
}

/// Makes page, charts and summary again from what is stored; nothing is simulated.
pub fn report(arguments: &Arguments) -> Result<(), Failure> {
    outputs::report(&Store::read(&arguments.folder)?, &arguments.folder)
}
