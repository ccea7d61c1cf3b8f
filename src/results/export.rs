//! Tables for other programs: CSV, JSON, Parquet.

use super::table::{Cells, Table};
use super::{Store, StoreError, columnar};
use serde_json::{Map, Value};
use std::path::Path;

/// In which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180) with one line of names; what is missing is empty.
    Csv,
    /// A list of objects, one a line; what is missing is null.
    Json,
    /// Apache Parquet; what is missing is null.
    Parquet,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A replication that counts: the point, its levels, the requests counted, and the figure of each metric.
    Replications,
    /// A point: its levels, how many replications count, the requests counted in all of them, and the estimate of each metric
    /// with half the length of its 95 % interval.
    Points,
}

/// The results that count as a file in the format. Rows come in the order of the plan, and of a point by number, and floats are
/// written so that they read back exactly: the bytes depend on the plan and its results alone.
///
/// # Errors
/// Where a record is damaged, or the database cannot be read.
pub fn export(store: &Store, format: Format, rows: Rows) -> Result<Vec<u8>, StoreError> {
    let table = match rows {
        Rows::Replications => Table::of_replications(store)?,
        Rows::Points => Table::of_points(store)?,
    };
    let failed = |detail| StoreError::Failed { path: Path::new("export").to_path_buf(), detail };
    match format {
        Format::Csv => csv(&table).map_err(|error| failed(error.to_string())),
        Format::Json => Ok(json(&table)),
        Format::Parquet => columnar::parquet(&table).map_err(|error| failed(error.to_string())),
    }
}

fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| &column.name))?;
    for row in 0..table.len() {
        writer.write_record(table.columns.iter().map(|column| match &column.cells {
            Cells::Text(cells) => cells[row].clone(),
            Cells::Whole(cells) => cells[row].to_string(),
            Cells::Number(cells) => cells[row].map(|number| number.to_string()).unwrap_or_default(),
        }))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn json(table: &Table) -> Vec<u8> {
    let object = |row: usize| -> Value {
        let value = |cells: &Cells| match cells {
            Cells::Text(cells) => Value::from(cells[row].as_str()),
            Cells::Whole(cells) => Value::from(cells[row]),
            Cells::Number(cells) => Value::from(cells[row]),
        };
        Value::Object(table.columns.iter().map(|column| (column.name.clone(), value(&column.cells))).collect::<Map<_, _>>())
    };
    let lines: Vec<String> = (0..table.len()).map(|row| object(row).to_string()).collect();
    format!("[\n{}\n]\n", lines.join(",\n")).into_bytes()
}
