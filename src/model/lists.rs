//! What exists, for people to read.

/// A discipline, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisciplineHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// The names of the disciplines, in the order of [`disciplines`].
pub(super) const DISCIPLINE_NAMES: &[&str] = &["Fcfs", "ProcessorSharing"];

const ABOUT: [&str; 2] = [
    "first come, first served: each worker serves one request to its end, the others wait",
    "all requests present are served at once, each at the speed of one worker or, if they outnumber the workers, an equal share",
];

/// The disciplines, the default first.
pub fn disciplines() -> impl Iterator<Item = DisciplineHelp> {
    DISCIPLINE_NAMES.iter().zip(ABOUT).map(|(name, about)| DisciplineHelp { name, about })
}
