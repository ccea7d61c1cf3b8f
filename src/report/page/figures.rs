//! The charts as they stand in the page.

use super::encode::csv_link;
use super::table::{Cell, Column, Table};
use super::words::unbroken;
use crate::observe::written::digits;
use crate::report::Figure;
use serde::Serialize;

/// More rows of numbers than this are not shown under a chart; the link has them all.
const ROWS: usize = 60;

/// A chart of the page.
#[derive(Debug, Serialize)]
pub struct Chart {
    id: String,
    title: String,
    caption: String,
    svg: String,
    csv_link: String,
    numbers: Option<Table>,
    /// Rows of numbers that are not shown.
    hidden_rows: usize,
}

impl Chart {
    /// The chart of a figure.
    pub fn of(figure: &Figure) -> Self {
        let (numbers, hidden_rows) = numbers(figure);
        Self {
            id: figure.id.clone(),
            title: unbroken(&figure.title),
            caption: unbroken(&figure.caption),
            svg: inline(figure),
            csv_link: csv_link(&figure.csv),
            numbers,
            hidden_rows,
        }
    }
}

/// The picture without what belongs to a file (declaration, document type), one picture for a screen reader, with its text.
fn inline(figure: &Figure) -> String {
    let picture = figure.svg.find("<svg").map_or("", |start| &figure.svg[start + 4..]);
    let alt = figure.alt.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<svg role=\"img\" aria-label=\"{alt}\"{}", picture.trim_end())
}

/// The first rows of the numbers behind a chart, to five digits, and how many are left out.
fn numbers(figure: &Figure) -> (Option<Table>, usize) {
    let mut reader = csv::Reader::from_reader(figure.csv.as_bytes());
    let Ok(headings) = reader.headers().cloned() else { return (None, 0) };
    let records: Vec<csv::StringRecord> = reader.records().filter_map(Result::ok).collect();
    let is_number = |column: usize| {
        let mut cells = records.iter().filter_map(|record| record.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.parse::<f64>().is_ok())
    };
    let column = |(index, name): (usize, &str)| if is_number(index) { Column::number(name, "") } else { Column::words(name) };
    let cell = |text: &str| match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Cell { key: value.to_string(), ..Cell::words(short(text, value)) },
        _ => Cell::words(text),
    };
    let table = Table {
        id: format!("{}-numbers", figure.id),
        caption: format!("Numbers: {}", figure.title),
        columns: headings.iter().enumerate().map(column).collect(),
        rows: records.iter().take(ROWS).map(|record| record.iter().map(cell).collect()).collect(),
    };
    (Some(table).filter(|table| !table.rows.is_empty()), records.len().saturating_sub(ROWS))
}

/// A long number to five digits, a short one as it is.
fn short(text: &str, value: f64) -> String {
    if text.len() <= 7 { text.into() } else { digits(value, 5) }
}
