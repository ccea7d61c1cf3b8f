//! The numbers behind a chart: tidy CSV, a row for each point drawn.

use super::view::Reading;

/// Rows under one line of names.
pub struct Csv {
    rows: csv::Writer<Vec<u8>>,
}

impl Csv {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        let mut table = Self { rows: csv::Writer::from_writer(Vec::new()) };
        table.row(columns.iter().map(|column| (*column).to_owned()));
        table
    }

    /// One row; it should have as many cells as there are columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // Writing to memory does not fail, and a row of another length is left out, which the tests see.
        let _ = self.rows.write_record(cells);
    }

    /// All of it as text.
    #[must_use]
    pub fn text(self) -> String {
        let bytes = self.rows.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// The cells value, low and high.
#[must_use]
pub fn cells(reading: Reading) -> [String; 3] {
    let end = |end: f64| reading.half_width.map_or_else(String::new, |_| number(end));
    [number(reading.value), end(reading.low()), end(reading.high())]
}

/// A number with all its digits, as short as it can be read back.
#[must_use]
pub fn number(number: f64) -> String {
    if number != 0.0 && !(1e-5..1e15).contains(&number.abs()) { format!("{number:e}") } else { number.to_string() }
}
