//! Charts, tables and the page: what people see of a sweep. Nothing here runs a simulation.

mod figure;

pub use figure::Figure;
