//! Charts, tables and the page: what people see of a sweep. Nothing here runs a simulation.

mod axis;
mod canvas;
mod charts;
mod csv;
mod figure;
mod labels;
mod lines;
mod page;
mod png;
mod rows;
pub mod style;
#[cfg(test)]
mod tests;
mod told;
mod view;
mod words;

pub use charts::{CHARTS, Chart, chart_names, figures};
pub use figure::Figure;
pub use page::{Origin, page};
pub use png::{NoPicture, png};
