//! Results as tables: one row a replication, or one row a point, always in the order of the plan.

use super::{Store, StoreError};
use crate::experiment::{Level, Plan};
use crate::observe::{Convergence, Measure, Summary};

/// A table: columns of equal length, each with a name of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cells {
    Text(Vec<String>),
    Whole(Vec<u64>),
    /// A number that is missing is nothing; none is infinite.
    Number(Vec<Option<f64>>),
}

/// What goes into a cell.
enum Cell {
    Text(String),
    Whole(u64),
    Number(Option<f64>),
}

impl Table {
    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| match &column.cells {
            Cells::Text(cells) => cells.len(),
            Cells::Whole(cells) => cells.len(),
            Cells::Number(cells) => cells.len(),
        })
    }

    /// The figures of every replication that counts.
    pub(super) fn of_replications(store: &Store) -> Result<Self, StoreError> {
        let mut table = Self::begin(store.plan());
        table.add_columns(std::iter::once(&"replication").chain(COUNTS), || Cells::Whole(Vec::new()));
        table.add_columns(Measure::all().map(Measure::name), || Cells::Number(Vec::new()));
        for point in 0..store.plan().points.len() {
            for figures in store.fold(point)?.figures() {
                let mut row = place(store.plan(), point);
                row.push(Cell::Whole(figures.replication.into()));
                row.extend(figures.counts.map(Cell::Whole));
                row.extend(Measure::all().map(|measure| number(Some(measure.figure(figures)))));
                table.push(row);
            }
        }
        Ok(table)
    }

    /// The estimates of every point, each with half the length of its interval.
    pub(super) fn of_points(store: &Store) -> Result<Self, StoreError> {
        let mut table = Self::begin(store.plan());
        table.add_columns(std::iter::once(&"replications").chain(COUNTS), || Cells::Whole(Vec::new()));
        for measure in Measure::all() {
            let names = [measure.name().to_owned(), format!("{}_half_width", measure.name())];
            table.add_columns(names, || Cells::Number(Vec::new()));
        }
        table.add_columns(["convergence", "notes"], || Cells::Text(Vec::new()));
        for point in 0..store.plan().points.len() {
            let fold = store.fold(point)?;
            let replications = fold.figures().len();
            let mut row = place(store.plan(), point);
            row.push(Cell::Whole(replications as u64));
            if replications > 0 {
                let convergence = fold.convergence();
                row.extend(estimates(&fold.summary(), &convergence));
            } else {
                row.extend(COUNTS.iter().map(|_| Cell::Whole(0)));
                row.extend(Measure::all().flat_map(|_| [number(None), number(None)]));
                row.extend([Cell::Text("unknown".into()), Cell::Text("no replication".into())]);
            }
            table.push(row);
        }
        Ok(table)
    }

    /// The columns that say which point a row is about: its number, then the level of each factor by its label, and by its number
    /// where it has one.
    fn begin(plan: &Plan) -> Self {
        let mut table = Self { columns: Vec::new() };
        table.add_columns(["point"], || Cells::Whole(Vec::new()));
        for factor in &plan.factors {
            table.add_columns([&factor.name], || Cells::Text(Vec::new()));
            if has_numbers(&factor.levels) {
                table.add_columns([format!("{}_number", factor.name)], || Cells::Number(Vec::new()));
            }
        }
        table
    }

    /// Adds empty columns. A name that is taken, as by a factor that is called like a metric, gets a tail.
    fn add_columns(&mut self, names: impl IntoIterator<Item = impl ToString>, cells: impl Fn() -> Cells) {
        for name in names {
            let mut name = name.to_string();
            while self.columns.iter().any(|column| column.name == name) {
                name.push('_');
            }
            self.columns.push(Column { name, cells: cells() });
        }
    }

    fn push(&mut self, row: Vec<Cell>) {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            match (&mut column.cells, cell) {
                (Cells::Text(cells), Cell::Text(cell)) => cells.push(cell),
                (Cells::Whole(cells), Cell::Whole(cell)) => cells.push(cell),
                (Cells::Number(cells), Cell::Number(cell)) => cells.push(cell),
                // A row is made in the order of the columns.
                _ => {}
            }
        }
    }
}

/// The requests of the measured window, in the words of the other outputs.
const COUNTS: &[&str] = &["arrived", "completed", "rejected", "unfinished"];

fn has_numbers(levels: &[Level]) -> bool {
    levels.iter().any(|level| level.number.is_some())
}

fn place(plan: &Plan, point: usize) -> Vec<Cell> {
    let mut row = vec![Cell::Whole(point as u64)];
    for (factor, &level) in plan.factors.iter().zip(&plan.points[point].levels) {
        let Level { label, number: value } = &factor.levels[level];
        row.push(Cell::Text(label.clone()));
        if has_numbers(&factor.levels) {
            row.push(number(*value));
        }
    }
    row
}

fn number(value: Option<f64>) -> Cell {
    Cell::Number(value.filter(|value| value.is_finite()))
}

fn estimates(summary: &Summary, convergence: &Convergence) -> Vec<Cell> {
    let mut row: Vec<Cell> = summary.counts.map(Cell::Whole).into();
    let mut notes = Vec::new();
    for measure in Measure::all() {
        let estimate = measure.estimate(summary);
        row.extend([number(estimate.value), number(estimate.half_width)]);
        if !estimate.note.is_empty() {
            notes.push(format!("{}: {}", measure.name(), estimate.note));
        }
    }
    let verdict = match convergence {
        Convergence::NotAsked => "not asked",
        Convergence::Converged => "converged",
        Convergence::NotConverged { .. } => "not converged",
        Convergence::Unknown => "unknown",
    };
    row.extend([Cell::Text(verdict.into()), Cell::Text(notes.join("; "))]);
    row
}
