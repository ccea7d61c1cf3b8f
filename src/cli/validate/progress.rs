//! How far it is: one line on the error output, where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// The line that shows the case at work, how many there are, and its replications.
pub struct Progress {
    bar: ProgressBar,
    case: usize,
    cases: usize,
}

const LINE: &str = "{prefix}  {bar:20}  {pos}/{len} replications  {wide_msg}";

impl Progress {
    pub fn new(cases: usize) -> Self {
        let style = ProgressStyle::with_template(LINE).unwrap_or_else(|_| ProgressStyle::default_bar());
        // Draws nothing where the error output is no terminal.
        Self { bar: ProgressBar::new(1).with_style(style), case: 0, cases }
    }

    /// A case is begun.
    pub fn begin(&mut self, id: &str, title: &str) {
        self.case += 1;
        self.bar.set_prefix(format!("case {} of {}", self.case, self.cases));
        self.bar.set_message(super::table::printable(&format!("{id} {title}")));
        self.bar.set_position(0);
    }

    /// So many replications of it are done, of so many.
    pub fn replications(&self, done: u32, goal: u32) {
        self.bar.set_length(u64::from(goal));
        self.bar.set_position(u64::from(done));
    }

    /// Does something while the line is out of the way.
    pub fn pause<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
