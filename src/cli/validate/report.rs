//! What came of all cases, for every way of printing it.

use crate::validation::{
    Case, CaseFault, Finding, Order, RealCase, RealFault, RealTrial, RealVerdict, Skip, Terms, Trial, Verdict,
};

/// What came of one case.
pub struct Outcome<'a> {
    pub case: &'a Case,
    /// The comparison, or why there is none.
    pub trial: Result<Trial, Skip>,
}

/// The verdict on a measured case that disagrees for a reason that is known.
pub const AS_KNOWN: &str = "disagrees_as_known";

/// What came of all of them.
pub struct Report<'a> {
    pub terms: Terms,
    pub outcomes: Vec<Outcome<'a>>,
    pub faults: &'a [CaseFault],
    pub real: Vec<RealOutcome>,
    pub real_faults: &'a [RealFault],
}

/// What came of one measured case.
pub struct RealOutcome {
    pub id: String,
    /// The load balancer and its version.
    pub product: String,
    pub algorithm: String,
    /// The comparison, or why there is none.
    pub trial: Result<RealTrial, Skip>,
    /// Why it is known to disagree, if so.
    known: Option<String>,
}

impl RealOutcome {
    pub fn of_case(case: &RealCase, trial: Result<RealTrial, Skip>) -> Self {
        let product = if case.lb == case.version { case.lb.clone() } else { format!("{} {}", case.lb, case.version) };
        let known = case.known_disagreement.clone();
        Self { id: case.id.clone(), product, algorithm: case.algorithm.clone(), trial, known }
    }

    /// The order of the cases of one scenario, like a case of its own.
    pub fn of_order(order: Order) -> Self {
        let trial = Ok(RealTrial { findings: order.findings, note: None });
        let id = format!("order_{}", order.scenario);
        Self { id, product: "all".into(), algorithm: "by mean latency".into(), trial, known: None }
    }

    /// The verdict in one word.
    pub fn word(&self) -> &'static str {
        match &self.trial {
            Ok(_) if self.known_disagreement().is_some() => AS_KNOWN,
            Ok(trial) => real_word(trial.verdict()),
            Err(_) => "skipped",
        }
    }

    /// Why it was skipped, how it was judged, and why it is known to disagree, if it does.
    pub fn reason(&self) -> Option<String> {
        let said = match &self.trial {
            Ok(trial) => trial.note.as_ref(),
            Err(skip) => Some(&skip.reason),
        };
        let parts: Vec<&str> = said.map(String::as_str).into_iter().chain(self.known_disagreement()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Why it disagrees, where it does and that is known.
    fn known_disagreement(&self) -> Option<&str> {
        let disagrees = self.trial.as_ref().is_ok_and(|trial| trial.verdict() == RealVerdict::Disagrees);
        self.known.as_deref().filter(|_| disagrees)
    }
}

/// A verdict in one word, for programs.
pub const fn real_word(verdict: RealVerdict) -> &'static str {
    match verdict {
        RealVerdict::Agrees => "agrees",
        RealVerdict::Disagrees => "disagrees",
        RealVerdict::Shown => "not_compared",
    }
}

/// How many cases came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    pub agree: usize,
    pub disagree: usize,
    /// Measured cases that disagree for a reason that is known.
    pub disagree_as_known: usize,
    pub too_wide: usize,
    pub not_compared: usize,
    pub skipped: usize,
    pub malformed: usize,
}

impl Report<'_> {
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { malformed: self.faults.len() + self.real_faults.len(), ..Counts::default() };
        for outcome in &self.outcomes {
            *match outcome.trial.as_ref().map(|trial| &trial.judgement.verdict) {
                Ok(Verdict::Agrees) => &mut counts.agree,
                Ok(Verdict::Disagrees) => &mut counts.disagree,
                Ok(Verdict::TooWide { .. }) => &mut counts.too_wide,
                Ok(Verdict::NotMeasured { .. }) => &mut counts.not_compared,
                Err(_) => &mut counts.skipped,
            } += 1;
        }
        for outcome in &self.real {
            *match outcome.trial.as_ref().map(RealTrial::verdict) {
                Ok(RealVerdict::Agrees) => &mut counts.agree,
                Ok(RealVerdict::Disagrees) if outcome.known.is_some() => &mut counts.disagree_as_known,
                Ok(RealVerdict::Disagrees) => &mut counts.disagree,
                Ok(RealVerdict::Shown) => &mut counts.not_compared,
                Err(_) => &mut counts.skipped,
            } += 1;
        }
        counts
    }

    /// The cases with a verdict, by what is to be said of it, in the order of the first of each.
    pub fn grouped(&self, verdict: &str) -> Vec<(String, Vec<&str>)> {
        let theory = self.outcomes.iter().map(|outcome| (&*outcome.case.id, outcome.word(), outcome.reason()));
        let real = self.real.iter().map(|outcome| (&*outcome.id, outcome.word(), outcome.reason()));
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for (case, _, reason) in theory.chain(real).filter(|(_, word, _)| *word == verdict) {
            let reason = reason.unwrap_or_default();
            match groups.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push(case),
                None => groups.push((reason, vec![case])),
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
