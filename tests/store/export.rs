//! Tables for other programs.

use super::lab::{Lab, folder};
use lbsim::observe::{Fold, Measure};
use lbsim::results::{Format, Rows, Store, export};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

const ALL: [(Format, Rows); 6] = [
    (Format::Csv, Rows::Replications),
    (Format::Csv, Rows::Points),
    (Format::Json, Rows::Replications),
    (Format::Json, Rows::Points),
    (Format::Parquet, Rows::Replications),
    (Format::Parquet, Rows::Points),
];

fn objects(store: &Store, rows: Rows) -> Vec<Value> {
    serde_json::from_slice(&export(store, Format::Json, rows).unwrap()).unwrap()
}

#[test]
fn the_order_of_writing_leaves_no_trace() {
    let lab = Lab::get();
    let (one, other) = (folder("order-1"), folder("order-2"));
    lab.store(&one, |_, _| true);
    let (_, writer) = Store::open(&other, &lab.plan, &Lab::provenance()).unwrap();
    for number in (0..Lab::REPLICATIONS as usize).rev() {
        (0..4).rev().for_each(|point| writer.put(point, &lab.records[point][number]).unwrap());
    }
    writer.finish().unwrap();
    let (one, other) = (Store::read(&one).unwrap(), Store::read(&other).unwrap());
    for (format, rows) in ALL {
        assert!(export(&one, format, rows).unwrap() == export(&other, format, rows).unwrap(), "{format:?} {rows:?}");
    }
}

#[test]
fn a_row_a_replication_holds_its_figures_exactly() {
    let lab = Lab::get();
    let dir = folder("replications");
    lab.store(&dir, |_, _| true);
    let store = Store::read(&dir).unwrap();
    let rows = objects(&store, Rows::Replications);
    assert_eq!(rows.len(), 20);
    for (place, row) in rows.iter().enumerate() {
        let (point, number) = (place / 5, place % 5);
        assert_eq!((row["point"].as_u64(), row["replication"].as_u64()), (Some(point as u64), Some(number as u64)));
        let mut fold = Fold::of(lab.plan.points[point].shape.clone());
        fold.add(&lab.records[point][number]);
        let figures = &fold.figures()[0];
        for measure in Measure::all() {
            // The factor of the same name has come first.
            let name = if measure.name() == "arrival_rate" { "arrival_rate_" } else { measure.name() };
            let expected = Some(measure.figure(figures)).filter(|figure| figure.is_finite());
            assert_eq!(row[name].as_f64().map(f64::to_bits), expected.map(f64::to_bits), "{name}");
        }
        let counts = ["arrived", "completed", "rejected", "unfinished"].map(|name| row[name].as_u64().unwrap());
        assert_eq!(counts, figures.counts);
    }
    assert_eq!(rows[7]["strategy"], "Random");
    assert_eq!(rows[7]["arrival_rate"], "90/s, \"rush\"");
    assert_eq!(rows[7]["arrival_rate_number"], 90.0);
    assert!(rows[7].get("strategy_number").is_none());
}

#[test]
fn a_row_a_point_holds_its_estimates() {
    let lab = Lab::get();
    let dir = folder("points");
    // One point has two replications, one none from number 0 on.
    lab.store(&dir, |point, number| match point {
        1 => number < 2 || number == 4,
        2 => number > 0,
        _ => true,
    });
    let store = Store::read(&dir).unwrap();
    let rows = objects(&store, Rows::Points);
    let replications: Vec<_> = rows.iter().map(|row| row["replications"].as_u64().unwrap()).collect();
    assert_eq!(replications, [5, 2, 0, 5]);
    for (point, row) in rows.iter().enumerate().filter(|(point, _)| *point != 2) {
        let summary = store.fold(point).unwrap().summary();
        for measure in Measure::all().filter(|measure| measure.name() != "arrival_rate") {
            let estimate = measure.estimate(&summary);
            let half_width = row[format!("{}_half_width", measure.name())].as_f64();
            assert_eq!((row[measure.name()].as_f64(), half_width), (estimate.value, estimate.half_width), "{}", measure.name());
            if !estimate.note.is_empty() {
                assert!(row["notes"].as_str().unwrap().contains(&format!("{}: {}", measure.name(), estimate.note)));
            }
        }
        assert_eq!(row["completed"].as_u64(), Some(summary.counts[1]));
        assert_ne!(row["convergence"], "");
    }
    assert_eq!((&rows[2]["mean_response"], &rows[2]["notes"]), (&Value::Null, &Value::from("no replication")));
}

#[test]
fn all_formats_hold_the_same() {
    let lab = Lab::get();
    let dir = folder("formats");
    lab.store(&dir, |point, number| point != 2 || number == 0);
    let store = Store::read(&dir).unwrap();
    for rows in [Rows::Replications, Rows::Points] {
        let expected = objects(&store, rows);
        let text = export(&store, Format::Csv, rows).unwrap();
        let mut csv = csv::Reader::from_reader(&text[..]);
        let names: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
        let cells: Vec<_> = csv.records().map(Result::unwrap).collect();
        assert_eq!((cells.len(), names.len()), (expected.len(), expected[0].as_object().unwrap().len()));
        for (cells, object) in cells.iter().zip(&expected) {
            for (name, cell) in names.iter().zip(cells) {
                match &object[name] {
                    Value::Null => assert_eq!(cell, "", "{name}"),
                    Value::String(text) => assert_eq!(cell, text, "{name}"),
                    number => assert_eq!(cell.parse::<f64>().ok(), number.as_f64(), "{name}"),
                }
            }
        }

        let bytes = export(&store, Format::Parquet, rows).unwrap();
        std::fs::write(dir.join("table.parquet"), bytes).unwrap();
        let file = SerializedFileReader::new(std::fs::File::open(dir.join("table.parquet")).unwrap()).unwrap();
        let fields = file.metadata().file_metadata().schema().get_fields();
        assert_eq!(fields.iter().map(|field| field.name()).collect::<Vec<_>>(), names);
        let mut number = 0;
        for (row, object) in file.get_row_iter(None).unwrap().zip(&expected) {
            for (name, field) in row.unwrap().get_column_iter() {
                match (field, &object[name]) {
                    (Field::Null, Value::Null) => {}
                    (Field::Str(cell), Value::String(text)) => assert_eq!(cell, text),
                    (Field::Long(cell), Value::Number(whole)) => assert_eq!(Some(*cell), whole.as_i64()),
                    (Field::Double(cell), Value::Number(number)) => assert_eq!(Some(*cell), number.as_f64()),
                    (field, value) => panic!("{name}: {field:?} and {value}"),
                }
            }
            number += 1;
        }
        assert_eq!(number, expected.len());
    }
}
