//! A table as a Parquet file: text as UTF-8, whole numbers of 64 bits, doubles that may be null.

use super::table::{Cells, Column, Table};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::sync::Arc;

/// The file.
pub(super) fn parquet(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let fields = table.columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    let schema = Arc::new(Type::group_type_builder("results").with_fields(fields).build()?);
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, properties)?;
    let mut rows = file.next_row_group()?;
    for column in &table.columns {
        if let Some(mut writer) = rows.next_column()? {
            write(&column.cells, &mut writer)?;
            writer.close()?;
        }
    }
    rows.close()?;
    file.close()?;
    Ok(bytes)
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, repetition, logical) = match column.cells {
        Cells::Text(_) => (Physical::BYTE_ARRAY, Repetition::REQUIRED, Some(LogicalType::String)),
        Cells::Whole(_) => (Physical::INT64, Repetition::REQUIRED, None),
        Cells::Number(_) => (Physical::DOUBLE, Repetition::OPTIONAL, None),
    };
    Type::primitive_type_builder(&column.name, physical).with_repetition(repetition).with_logical_type(logical).build()
}

fn write(cells: &Cells, writer: &mut SerializedColumnWriter<'_>) -> Result<usize, ParquetError> {
    match cells {
        Cells::Text(cells) => {
            let texts: Vec<ByteArray> = cells.iter().map(|text| text.as_str().into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)
        }
        Cells::Whole(cells) => {
            let numbers: Vec<i64> = cells.iter().map(|&number| i64::try_from(number).unwrap_or(i64::MAX)).collect();
            writer.typed::<Int64Type>().write_batch(&numbers, None, None)
        }
        Cells::Number(cells) => {
            let present: Vec<i16> = cells.iter().map(|number| i16::from(number.is_some())).collect();
            let numbers: Vec<f64> = cells.iter().flatten().copied().collect();
            writer.typed::<DoubleType>().write_batch(&numbers, Some(&present), None)
        }
    }
}
