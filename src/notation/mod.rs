//! The notation of files: how models and experiments are written, and how their mistakes are told.
//!
//! A text becomes a tree whose every value knows its place (`lexer`, `syntax`). Single values of the tree can be set by their
//! path (`overrides`). What a file means is read from the tree field by field (`fields`, `values`, `names`); whatever is wrong
//! is laid into `diagnostic::Findings`, so that all mistakes are told at once. The words for the problems that any file can
//! have stand in `problem`; a room with problems of its own describes them by the same trait. How they look is decided in
//! `render`.

mod diagnostic;
mod fields;
mod lexer;
mod names;
mod numbers;
mod overrides;
mod problem;
mod render;
mod syntax;
pub(crate) mod values;

pub use diagnostic::{Diagnostic, Place, Report, Severity, Source};
pub use overrides::Override;

pub(crate) use diagnostic::{At, Findings, Placing, SourceText};
pub(crate) use fields::{Fields, Slot};
pub(crate) use names::Names;
pub(crate) use numbers::{number_of, whole_of};
pub(crate) use overrides::{apply, target};
pub(crate) use problem::{Describe, Known, Problem, grouped, names, quoted, shortened};
#[cfg(test)]
pub(crate) use syntax::LONGEST_SOURCE;
pub(crate) use syntax::{Body, Group, Node, Value, head, parse};
