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
pub(super) const DISCIPLINE_NAMES: &[&str] = &[DISCIPLINES[0].name, DISCIPLINES[1].name];

const DISCIPLINES: &[DisciplineHelp] = &[
    DisciplineHelp {
        name: "Fcfs",
        about: "first come, first served: each worker serves one request to its end, the others wait",
    },
    DisciplineHelp {
        name: "ProcessorSharing",
        about: "all requests present are served at once, each by one worker or, if they outnumber the workers, by an \
            equal share; a request that waits for a back end takes no share meanwhile",
    },
];

/// The disciplines, the default first.
#[must_use]
pub const fn disciplines() -> &'static [DisciplineHelp] {
    DISCIPLINES
}
