//! `lbsim export`.

use super::failure::Failure;
use super::outputs::write_whole;
use crate::results::{self, Format, Rows, Store};
use clap::ValueEnum;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// What to export, and how.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder with the results of a sweep.
    folder: PathBuf,
    /// For whom.
    #[arg(long, value_enum, default_value_t = Kind::Csv)]
    format: Kind,
    /// One row a replication, or one a point with intervals.
    #[arg(long, value_enum, default_value_t = Each::Replications)]
    rows: Each,
    /// The file to write; by default standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// For spreadsheets.
    Csv,
    /// For programs.
    Json,
    /// For data frames; it is no text, so it goes to a file or a pipe.
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Each {
    /// Every replication that counts, with all its figures.
    Replications,
    /// Every point, with values and half-widths.
    Points,
}

/// Writes the table.
pub fn export(arguments: &Arguments) -> Result<(), Failure> {
    let format = match arguments.format {
        Kind::Csv => Format::Csv,
        Kind::Json => Format::Json,
        Kind::Parquet => Format::Parquet,
    };
    let rows = match arguments.rows {
        Each::Replications => Rows::Replications,
        Each::Points => Rows::Points,
    };
    if format == Format::Parquet && arguments.to.is_none() && std::io::stdout().is_terminal() {
        return Err(Failure::input("Parquet is no text for a terminal: name a file by --to"));
    }
    let bytes = results::export(&Store::read(&arguments.folder)?, format, rows)?;
    match &arguments.to {
        Some(path) => write_whole(path, &bytes),
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes)?;
            Ok(out.flush()?)
        }
    }
}
