//! The model: what a person describes in a file, checked and meant.
//!
//! [`read()`] takes the text of a model file through these stages, each in a file of its own:
//! `lexer` and `syntax` (a tree with places) - `overrides` (changes in the tree) - `read_*` with `fields`, `values` and
//! `distribution` (the model as written, `document`) - `check*` (the model as meant, [`Model`]). Each stage lays what is wrong
//! into `diagnostic::Findings` and goes on, so that all mistakes are told at once. All sentences stand in `problem`; how
//! they look is decided in `render`.

mod check;
mod check_load;
mod check_run;
mod check_script;
mod diagnostic;
mod distribution;
mod document;
mod expectations;
mod fields;
mod lexer;
mod lists;
mod meant;
mod names;
mod numbers;
mod overrides;
mod problem;
mod read;
mod read_clients;
mod read_run;
mod read_servers;
mod render;
mod syntax;
#[cfg(test)]
mod tests;
mod trace;
mod values;

pub use diagnostic::{Diagnostic, Place, Report, Severity};
pub use expectations::{Expectations, Misunderstood};
pub use lists::{DisciplineHelp, disciplines};
pub use meant::{
    Arrivals, BalancerSpec, Call, Change, ChangeKind, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec, RunPlan,
    WhenFull,
};
pub use overrides::Override;
pub use read::{Checked, Files, NoFiles, Source, read};
pub use trace::{LineFault, MalformedLine, MalformedLines, Trace, TraceArrival, TraceError};
