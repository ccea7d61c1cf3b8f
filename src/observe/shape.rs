//! The shape of a model: what must be known of it to make sense of its records, and to keep them when the model is gone.

use crate::model::{Model, PoolKind, RunPlan};
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// Names and sizes, and the plan of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How long was simulated, and how often.
    pub run: RunPlan,
    /// The classes of clients, by name.
    pub classes: Vec<String>,
    /// The pools, back ends last.
    pub pools: Vec<PoolShape>,
}

/// Name and size of a pool or back end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolShape {
    /// Its name.
    pub name: String,
    /// Whether servers call it.
    pub is_back_end: bool,
    /// Number of servers.
    pub servers: u32,
    /// Workers of each.
    pub workers: u32,
}

impl Shape {
    /// The shape of `model`.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let parts = model.parts();
        let pool = |pool: &crate::model::PoolSpec| PoolShape {
            name: pool.name.clone(),
            is_back_end: pool.kind == PoolKind::BackEnd,
            servers: pool.count,
            workers: pool.workers,
        };
        Self {
            run: parts.run,
            classes: parts.classes.iter().map(|class| class.name.clone()).collect(),
            pools: parts.pools.iter().map(pool).collect(),
        }
    }

    /// Length of the measured window.
    #[must_use]
    pub fn window(&self) -> Span {
        self.run.ends_at() - self.run.measured_from()
    }

    /// The name of each server, back ends last: that of its pool, and its number within if the pool has more than one.
    pub fn server_names(&self) -> impl Iterator<Item = String> + '_ {
        self.pools.iter().flat_map(|pool| {
            (1..=pool.servers).map(|number| if pool.servers == 1 { pool.name.clone() } else { format!("{} {number}", pool.name) })
        })
    }

    /// The workers of each server.
    pub fn workers(&self) -> impl Iterator<Item = u64> + '_ {
        self.pools.iter().flat_map(|pool| std::iter::repeat_n(u64::from(pool.workers), pool.servers as usize))
    }
}

impl PoolShape {
    /// Workers of all its servers together.
    #[must_use]
    pub fn all_workers(&self) -> u64 {
        u64::from(self.workers) * u64::from(self.servers)
    }
}
