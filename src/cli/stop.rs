//! Ctrl-C: what has begun is finished and kept, no more is begun.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);
static LISTENING: OnceLock<()> = OnceLock::new();

/// Set once somebody asked to stop. From the first call on, the first Ctrl-C (or a request to terminate) sets it; the second ends the
/// program at once.
pub fn flag() -> &'static AtomicBool {
    LISTENING.get_or_init(|| {
        let listen = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                // The store is whole at every moment.
                #[allow(clippy::exit, reason = "somebody insists")]
                std::process::exit(130);
            }
            anstream::eprintln!("\nstopping after the replications that have begun; again to stop at once");
        });
        // Without a handler, Ctrl-C ends the program at once, and the store still keeps what is done.
        drop(listen);
    });
    &STOP
}
