//! The definitions of `stats` and the closed forms of `theory` against the shared list of exactly solvable cases.

mod case;
mod closed_forms;
mod coverage;
mod statistics;
