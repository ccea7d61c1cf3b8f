//! Charts, tables and the page: what people see of a sweep. Nothing here runs a simulation.

mod figure;
mod page;

pub use figure::Figure;
pub use page::{Origin, page};
