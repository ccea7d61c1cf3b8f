//! How many threads work.

use super::failure::Failure;

/// Runs `work` in a pool of `jobs` threads, or of one thread a core.
pub fn in_pool<T: Send>(jobs: Option<u32>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0) as usize).build();
    let pool = pool.map_err(|error| Failure::input(format!("the threads could not be started: {error}")))?;
    Ok(pool.install(work))
}
