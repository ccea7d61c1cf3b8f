//! What exists, for people to read.

/// A discipline, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisciplineHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// A kind of fault, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its parameters.
    pub parameters: &'static [FaultParameter],
    /// How a model may write it.
    pub example: &'static str,
}

/// A parameter of a kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultParameter {
    /// Its name in a model file.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The values that are accepted.
    pub accepts: &'static str,
    /// What it is when nothing is written; none = it must be written.
    pub default: Option<&'static str>,
}

const WORK: FaultParameter = FaultParameter {
    name: "work",
    about: "what becomes of the requests that the server holds: lost, served on after the repair from where service stopped, or \
        served after the repair from the beginning with the same demand",
    accepts: "Lost, Resumed or Restarted",
    default: Some("Lost"),
};

const PROBABILITY: FaultParameter = FaultParameter {
    name: "probability",
    about: "of each request on its own",
    accepts: "0 to 1, or a percentage such as \"30%\"",
    default: None,
};

const FAULTS: &[FaultHelp] = &[
    FaultHelp {
        name: "Crash",
        about: "the server is gone: connections are refused at once, health checks fail at once",
        parameters: &[WORK],
        example: "Crash(work: Lost)",
    },
    FaultHelp {
        name: "Silence",
        about: "the server accepts connections and answers nothing, health checks included, until somebody's patience ends",
        parameters: &[WORK],
        example: "Silence(work: Resumed)",
    },
    FaultHelp {
        name: "Slow",
        about: "service takes longer by a factor, health checks pass",
        parameters: &[FaultParameter {
            name: "factor",
            about: "service takes so many times as long",
            accepts: "0.001 to 1,000,000",
            default: None,
        }],
        example: "Slow(factor: 3)",
    },
    FaultHelp {
        name: "Errors",
        about: "some requests are answered by an error, health checks pass unless they ask for the service",
        parameters: &[
            PROBABILITY,
            FaultParameter {
                name: "after",
                about: "how long an error takes in place of the service",
                accepts: "a distribution of durations",
                default: Some("as long as the service"),
            },
        ],
        example: "Errors(probability: \"30%\", after: Constant(\"1ms\"))",
    },
    FaultHelp {
        name: "WrongAnswers",
        about: "some answers are wrong though they look right: no balancer notices but by checks that ask for the service",
        parameters: &[PROBABILITY],
        example: "WrongAnswers(probability: \"5%\")",
    },
    FaultHelp {
        name: "FailingChecks",
        about: "health checks are answered by an error, requests are served",
        parameters: &[],
        example: "FailingChecks",
    },
    FaultHelp {
        name: "Partition",
        about: "the server works on, but balancers and their health checks cannot reach it",
        parameters: &[FaultParameter {
            name: "refused",
            about: "whether attempts fail at once; otherwise they are met with silence",
            accepts: "true or false",
            default: Some("false"),
        }],
        example: "Partition(refused: true)",
    },
];

/// The kinds of faults, the default first.
#[must_use]
pub const fn faults() -> &'static [FaultHelp] {
    FAULTS
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
