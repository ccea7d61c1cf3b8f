//! The results folder: what is known of each point of a plan.

use super::writer::Target;
use super::{StoreError, Writer, schema};
use crate::experiment::{Plan, Stopping};
use crate::observe::{Fold, Record};
use crate::stats::codec::Codec;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who made the results: the caller knows, this room has no clock and asks no machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of the program.
    pub lbsim: String,
    /// The version of its results: the same model and seed give the same results as long as it is the same.
    pub results: u32,
    /// Facts about the machine by name, such as `processors`.
    pub machine: BTreeMap<String, String>,
}

/// The results of one plan in a folder. Points are named by their place in the plan; one that is not in it panics.
///
/// Records belong to models, by their fingerprint: points with the same fingerprint share them, and a new plan finds those of its
/// points that an older plan left.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    plan: Plan,
    provenance: Provenance,
    /// The model of each point, where it is known.
    models: Vec<Option<u32>>,
}

impl Store {
    /// Opens the folder `dir` to simulate `plan`, or makes it. Nobody else can until the store and its writer are dropped, not
    /// even after the process is killed.
    ///
    /// Where the folder holds another plan, the new one takes its place: records stay, those of points of the new plan are
    /// known, how many of them count is open again. Where it holds the same plan, its provenance stays what it was.
    ///
    /// # Errors
    /// Where the folder is in use, what is in it is damaged or no store of this format, or the system fails.
    pub fn open(dir: &Path, plan: &Plan, provenance: &Provenance) -> Result<(Self, Writer), StoreError> {
        if dir.exists() && !dir.is_dir() {
            return Err(StoreError::Failed { path: dir.to_path_buf(), detail: "it is no folder".into() });
        }
        std::fs::create_dir_all(dir).map_err(|error| StoreError::of_io(dir, &error))?;
        // Whatever is not ours is left as it is, without a lock beside it.
        if schema::path_in(dir).symlink_metadata().is_ok() {
            schema::recognise(&schema::path_in(dir))?;
        }
        let lock = Arc::new(schema::lock(dir)?);
        let path = schema::path_in(dir);
        let failed = |error: &rusqlite::Error| StoreError::of_database(&path, error);
        // A link that leads nowhere is there as well.
        if path.symlink_metadata().is_err() {
            schema::create(&path, |connection| adopt(connection, plan, provenance))?;
        }
        schema::recognise(&path)?;
        let mut connection = schema::connect(&path)?;
        schema::check(&connection, &path)?;
        let kept = manifest(&connection, &path, "plan")?;
        if kept != text_of(plan) {
            let change = connection.transaction().map_err(|error| failed(&error))?;
            adopt(&change, plan, provenance).and_then(|()| change.commit()).map_err(|error| failed(&error))?;
        }
        let store = Self::of(connection, path.clone())?;
        let writer = Writer::start(schema::connect(&path)?, &path, store.targets()?, lock)?;
        Ok((store, writer))
    }

    /// Opens the folder `dir` to read what is there, also while another process writes.
    ///
    /// # Errors
    /// Where there are no results, they are damaged or of another format, or the system fails.
    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        let path = schema::path_in(dir);
        if path.symlink_metadata().is_err() {
            return Err(StoreError::Missing { dir: dir.to_path_buf() });
        }
        schema::recognise(&path)?;
        let connection = schema::connect_to_read(&path)?;
        schema::check(&connection, &path)?;
        Self::of(connection, path)
    }

    fn of(connection: Connection, path: PathBuf) -> Result<Self, StoreError> {
        let plan: Plan = parse(&manifest(&connection, &path, "plan")?, &path)?;
        let provenance = parse(&manifest(&connection, &path, "provenance")?, &path)?;
        let model = |fingerprint: &str| {
            connection
                .prepare_cached("SELECT id FROM models WHERE fingerprint = ?1")
                .and_then(|mut find| find.query_row([fingerprint], |row| row.get(0)).optional())
        };
        let models = plan.points.iter().map(|point| model(&point.fingerprint)).collect::<Result<_, _>>();
        let models = models.map_err(|error| StoreError::of_database(&path, &error))?;
        Ok(Self { connection, path, plan, provenance, models })
    }

    /// The plan whose results these are.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who began it.
    #[must_use]
    pub const fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The replications of a point that are stored, in ascending order.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn known(&self, point: usize) -> Result<Vec<u32>, StoreError> {
        let Some(model) = self.models[point] else { return Ok(Vec::new()) };
        let known = || {
            let mut find = self.connection.prepare_cached("SELECT id FROM records WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
            let ends = [schema::id(model, 0), schema::id(model, u32::MAX)];
            let numbers = find.query_map(ends, |row| row.get::<_, i64>(0).map(|id| id as u32))?;
            numbers.collect::<Result<_, _>>()
        };
        known().map_err(|error| self.failed(&error))
    }

    /// Hands those replications of a point that are stored to `sink`, in the order of their numbers.
    ///
    /// # Errors
    /// Where a record is damaged, or the database cannot be read. What was handed on before was right.
    pub fn records(&self, point: usize, replications: Range<u32>, mut sink: impl FnMut(Record)) -> Result<(), StoreError> {
        self.each(point, replications, |replication, data| {
            let mut rest = data;
            match Record::decode(&mut rest) {
                Some(record) if rest.is_empty() && record.replication == replication => {
                    sink(record);
                    Ok(())
                }
                _ => Err(self.damaged(point, replication)),
            }
        })
    }

    /// Hands the bytes of records to `sink`, checked.
    pub(super) fn each(
        &self,
        point: usize,
        replications: Range<u32>,
        mut sink: impl FnMut(u32, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(model) = self.models[point] else { return Ok(()) };
        let fingerprint = &self.plan.points[point].fingerprint;
        let failed = |error| self.failed(&error);
        let all = "SELECT id, crc, data FROM records WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut find = self.connection.prepare_cached(all).map_err(failed)?;
        let ends = [schema::id(model, replications.start), schema::id(model, replications.end)];
        let mut rows = find.query(ends).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let replication = row.get::<_, i64>(0).map_err(failed)? as u32;
            let data = row.get_ref(2).map_err(failed)?.as_blob();
            match (row.get::<_, u32>(1), data) {
                (Ok(kept), Ok(data)) if kept == schema::crc(fingerprint, data) => sink(replication, data)?,
                _ => return Err(self.damaged(point, replication)),
            }
        }
        Ok(())
    }

    /// How many replications of a point count, where that was decided.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn decided(&self, point: usize) -> Result<Option<u32>, StoreError> {
        let decided = || {
            let mut find = self.connection.prepare_cached("SELECT replications, crc FROM decisions WHERE point = ?1")?;
            find.query_row([point as i64], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))).optional()
        };
        match decided().map_err(|error| self.failed(&error))? {
            Some((replications, kept)) if kept != schema::crc_of_decision(point, replications) => {
                Err(StoreError::Damaged { path: self.path.clone(), detail: format!("the decision on point {point}") })
            }
            decided => Ok(decided.map(|(replications, _)| replications)),
        }
    }

    /// How many replications of a point count today: as many as were decided, or all that are wanted of a fixed number; but only
    /// those from number 0 on that are stored without a gap.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn counted(&self, point: usize) -> Result<u32, StoreError> {
        let fixed = match self.plan.stopping {
            Stopping::Fixed => self.plan.points[point].shape.run.replications(),
            Stopping::Precision { most, .. } | Stopping::Best { most, .. } => most,
        };
        let wanted = self.decided(point)?.unwrap_or(fixed);
        let known = self.known(point)?;
        Ok((0..wanted).zip(known).take_while(|(number, known)| number == known).count() as u32)
    }

    /// The replications of a point that count today, folded.
    ///
    /// # Errors
    /// Where a record is damaged, or the database cannot be read.
    pub fn fold(&self, point: usize) -> Result<Fold, StoreError> {
        let mut fold = Fold::of(self.plan.points[point].shape.clone());
        self.records(point, 0..self.counted(point)?, |record| fold.add(&record))?;
        Ok(fold)
    }

    /// Where the records of each point go.
    fn targets(&self) -> Result<Vec<Target>, StoreError> {
        let target = |(point, model): (usize, &Option<u32>)| {
            let fingerprint = self.plan.points[point].fingerprint.clone();
            Some(Target { model: (*model)?, fingerprint, label: self.plan.label(point) })
        };
        let damaged = || StoreError::Damaged { path: self.path.clone(), detail: "a model of the plan is missing".into() };
        self.models.iter().enumerate().map(target).collect::<Option<_>>().ok_or_else(damaged)
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of_database(&self.path, error)
    }

    fn damaged(&self, point: usize, replication: u32) -> StoreError {
        let detail = format!("replication {replication} of {}", self.plan.label(point));
        StoreError::Damaged { path: self.path.clone(), detail }
    }
}

/// Makes `plan` the plan of the folder.
fn adopt(connection: &Connection, plan: &Plan, provenance: &Provenance) -> Result<(), rusqlite::Error> {
    for (key, value) in [("plan", text_of(plan)), ("provenance", text_of(provenance))] {
        let row = (key, &value, crc32fast::hash(value.as_bytes()));
        connection.execute("INSERT OR REPLACE INTO manifest (key, value, crc) VALUES (?1, ?2, ?3)", row)?;
    }
    connection.execute("DELETE FROM decisions", [])?;
    for point in &plan.points {
        connection.execute("INSERT OR IGNORE INTO models (fingerprint) VALUES (?1)", [&point.fingerprint])?;
    }
    Ok(())
}

/// The JSON of plain data, which cannot fail: its maps have names for keys.
fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str, path: &Path) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged { path: path.to_path_buf(), detail: format!("the manifest: {error}") })
}

fn manifest(connection: &Connection, path: &Path, key: &str) -> Result<String, StoreError> {
    let row = connection.query_row("SELECT value, crc FROM manifest WHERE key = ?1", [key], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
    });
    match row {
        Ok((value, crc)) if crc == crc32fast::hash(value.as_bytes()) => Ok(value),
        Ok(_) => Err(StoreError::Damaged { path: path.to_path_buf(), detail: format!("the manifest: {key}") }),
        Err(error) => Err(StoreError::of_database(path, &error)),
    }
}
