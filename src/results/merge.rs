//! The folders of several machines become one.

use super::{Store, StoreError, schema};
use crate::experiment::{Plan, Stopping};
use std::path::{Path, PathBuf};

/// What a merge has brought together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Records read from the folders; those that several hold count for each.
    pub records: u64,
    /// What is still to be simulated.
    pub missing: Vec<Missing>,
}

/// A point that is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its place in the plan.
    pub point: usize,
    /// The replications that are known to be missing.
    pub replications: Vec<u32>,
    /// Whether how many count is not yet decided, so that more may be.
    pub is_open: bool,
}

/// Copies the results of the folders `from`, such as the shards of a sweep, into the folder `into`, which is made where it is not there.
/// All must be of one plan. A merge that was broken off is simply begun again.
///
/// # Errors
/// Where a folder holds no results, or damaged ones, or those of another plan; where two hold the same replication with
/// different results, or different decisions on a point; where `into` is in use or cannot be written.
pub fn merge(from: &[PathBuf], into: &Path) -> Result<Merged, StoreError> {
    let mut dirs: Vec<&Path> = from.iter().map(PathBuf::as_path).collect();
    let goes_on = schema::path_in(into).symlink_metadata().is_ok();
    if goes_on {
        dirs.insert(0, into);
    }
    let stores = dirs.iter().map(|dir| Store::read(dir)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = stores.first() else { return Err(StoreError::Missing { dir: into.to_path_buf() }) };
    for (store, dir) in stores.iter().zip(&dirs) {
        if let Some(difference) = difference(first.plan(), store.plan()) {
            return Err(StoreError::OtherPlan { dir: dirs[0].to_path_buf(), other: dir.to_path_buf(), difference });
        }
    }
    let decisions = decisions(&stores, &dirs)?;
    let (_, writer) = Store::open(into, first.plan(), first.provenance())?;
    let mut records = 0;
    for store in stores.iter().skip(usize::from(goes_on)) {
        for point in 0..first.plan().points.len() {
            store.each(point, 0..u32::MAX, |replication, data| {
                records += 1;
                writer.put_bytes(point, replication, data.to_vec())
            })?;
        }
    }
    for (point, decision) in decisions.into_iter().enumerate() {
        decision.map_or(Ok(()), |replications| writer.decide(point, replications))?;
    }
    writer.finish()?;
    Ok(Merged { records, missing: Store::read(into)?.missing()? })
}

/// What was decided on each point, the same wherever it was.
fn decisions(stores: &[Store], dirs: &[&Path]) -> Result<Vec<Option<u32>>, StoreError> {
    let plan = stores[0].plan();
    let mut decisions: Vec<Option<(u32, &Path)>> = vec![None; plan.points.len()];
    for (store, dir) in stores.iter().zip(dirs) {
        for (point, decision) in decisions.iter_mut().enumerate() {
            match (store.decided(point)?, *decision) {
                (Some(here), Some((there, other))) if here != there => {
                    let label = plan.label(point);
                    let difference = format!("of {label} {there} replications count in one, {here} in the other");
                    return Err(StoreError::OtherPlan { dir: other.to_path_buf(), other: dir.to_path_buf(), difference });
                }
                (Some(here), None) => *decision = Some((here, dir)),
                _ => {}
            }
        }
    }
    Ok(decisions.into_iter().map(|decision| decision.map(|(replications, _)| replications)).collect())
}

/// What sets two plans apart; nothing where they ask the same. Names of files may differ.
fn difference(one: &Plan, other: &Plan) -> Option<String> {
    let texts = |plan: &Plan| plan.files.iter().map(|file| file.text.clone()).collect::<Vec<_>>();
    if let Some(at) = (0..one.points.len().min(other.points.len())).find(|&at| {
        one.points[at].fingerprint != other.points[at].fingerprint && one.points[at].levels == other.points[at].levels
    }) {
        let why = if one.seed == other.seed { "the model or the version of the program" } else { "the seed" };
        return Some(format!("the results of {} differ in {why}", one.label(at)));
    }
    match () {
        () if one.seed != other.seed => Some(format!("the seeds are {} and {}", one.seed, other.seed)),
        () if one.factors != other.factors || one.design != other.design => Some("the factors differ".into()),
        () if one.points != other.points => Some(format!("the points differ ({} and {})", one.points.len(), other.points.len())),
        () if one.stopping != other.stopping => Some("how many replications are asked for differs".into()),
        () if texts(one) != texts(other) => Some("the files of the experiment differ".into()),
        () if Plan { files: Vec::new(), ..one.clone() } != (Plan { files: Vec::new(), ..other.clone() }) => {
            Some("the metrics, comparisons, goals, charts or names differ".into())
        }
        () => None,
    }
}

impl Store {
    /// The points that are not complete.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn missing(&self) -> Result<Vec<Missing>, StoreError> {
        let mut missing = Vec::new();
        for (point, planned) in self.plan().points.iter().enumerate() {
            let decided = self.decided(point)?;
            let is_open = decided.is_none() && self.plan().stopping != Stopping::Fixed;
            let known = self.known(point)?;
            let stored = known.last().map_or(0, |last| last + 1);
            let wanted = decided.unwrap_or_else(|| if is_open { stored } else { planned.shape.run.replications() });
            let replications: Vec<u32> = (0..wanted).filter(|number| known.binary_search(number).is_err()).collect();
            if is_open || !replications.is_empty() {
                missing.push(Missing { point, replications, is_open });
            }
        }
        Ok(missing)
    }
}
