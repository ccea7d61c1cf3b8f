//! What came of all cases, for every way of printing it.

use crate::validation::{Case, CaseFault, Finding, Skip, Terms, Trial, Verdict};

/// What came of one case.
pub struct Outcome<'a> {
    pub case: &'a Case,
    /// The comparison, or why there is none.
    pub trial: Result<Trial, Skip>,
}

/// What came of all of them.
pub struct Report<'a> {
    pub terms: Terms,
    pub outcomes: Vec<Outcome<'a>>,
    pub faults: &'a [CaseFault],
}

/// How many cases came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    pub agree: usize,
    pub disagree: usize,
    pub too_wide: usize,
    pub not_compared: usize,
    pub skipped: usize,
    pub malformed: usize,
}

impl Report<'_> {
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { malformed: self.faults.len(), ..Counts::default() };
        for outcome in &self.outcomes {
            *match outcome.trial.as_ref().map(|trial| &trial.judgement.verdict) {
                Ok(Verdict::Agrees) => &mut counts.agree,
                Ok(Verdict::Disagrees) => &mut counts.disagree,
                Ok(Verdict::TooWide { .. }) => &mut counts.too_wide,
                Ok(Verdict::NotMeasured { .. }) => &mut counts.not_compared,
                Err(_) => &mut counts.skipped,
            } += 1;
        }
        counts
    }

    /// The cases of which a reason can be given, by reason, in the order of the first of each.
    pub fn grouped(&self, reason: impl Fn(&Outcome<'_>) -> Option<String>) -> Vec<(String, Vec<&str>)> {
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for outcome in &self.outcomes {
            let Some(reason) = reason(outcome) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push(&outcome.case.id),
                None => groups.push((reason, vec![&outcome.case.id])),
            }
        }
        groups
    }
}

impl Outcome<'_> {
    /// The verdict in one word.
    pub fn word(&self) -> &'static str {
        self.trial.as_ref().map_or("skipped", |trial| word(&trial.judgement.verdict))
    }

    /// Why it was skipped or not compared, or what is to be done.
    pub fn reason(&self) -> Option<String> {
        match &self.trial {
            Ok(trial) => reason(&trial.judgement.verdict),
            Err(skip) => Some(skip.reason.clone()),
        }
    }

    /// The metrics that were compared, or could not be.
    pub fn findings(&self) -> &[Finding] {
        self.trial.as_ref().map_or(&[], |trial| &trial.judgement.findings)
    }
}

/// A verdict in one word, for programs.
pub const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees => "disagrees",
        Verdict::TooWide { .. } => "too_wide",
        Verdict::NotMeasured { .. } => "not_compared",
    }
}

/// What there is to say about a verdict.
pub fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Agrees | Verdict::Disagrees => None,
        Verdict::TooWide { longer } => Some(format!("{longer:.1} times the requests are needed")),
        Verdict::NotMeasured { reason } => Some(reason.clone()),
    }
}
