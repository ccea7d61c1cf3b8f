//! `lbsim merge`.

use super::failure::Failure;
use super::outputs;
use crate::results::{Store, merge as merge_stores};
use std::path::PathBuf;

/// Which parts to put together, and where.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folders of the parts.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// The folder for the whole.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// More points than this are counted instead.
const NAMED: usize = 10;

/// `replications 3, 7, 11, ...`.
fn numbers(replications: &[u32]) -> String {
    let named: Vec<String> = replications.iter().take(NAMED).map(u32::to_string).collect();
    let more = if replications.len() > NAMED { ", ..." } else { "" };
    format!("replications {}{more}", named.join(", "))
}

/// Puts the results of several machines together, and reports once nothing is missing.
pub fn merge(arguments: &Arguments) -> Result<(), Failure> {
    outputs::refuse_to_overwrite(&arguments.out)?;
    let merged = merge_stores(&arguments.folders, &arguments.out)?;
    let store = Store::read(&arguments.out)?;
    if merged.missing.is_empty() {
        return outputs::report(&store, &arguments.out);
    }
    anstream::eprintln!("the parts are together in {}, but something is missing:", arguments.out.display());
    for missing in merged.missing.iter().take(NAMED) {
        let what =
            if missing.is_open { "how many replications count is open".to_owned() } else { numbers(&missing.replications) };
        anstream::eprintln!("  {}: {what}", store.plan().label(missing.point));
    }
    if merged.missing.len() > NAMED {
        anstream::eprintln!("  and {} more points", merged.missing.len() - NAMED);
    }
    Err(Failure::No)
}
