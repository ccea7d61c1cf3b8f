//! On how many threads a command works.

use super::failure::Failure;

/// More threads than this are a slip of the keyboard.
const MOST_THREADS: u32 = 1_024;

/// Does `work` in a pool of `jobs` threads, of one for each core where nothing is said.
pub fn in_pool<R: Send>(jobs: Option<u32>, work: impl FnOnce() -> R + Send) -> Result<R, Failure> {
    if jobs.is_some_and(|jobs| !(1..=MOST_THREADS).contains(&jobs)) {
        return Err(Failure::input(format!("--jobs must be from 1 to {MOST_THREADS}: it is how many threads work at once")));
    }
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0) as usize).build();
    let threads = threads.map_err(|error| Failure::input(format!("the threads could not be started: {error}")))?;
    Ok(threads.install(work))
}
