//! What comes of comparing something that was measured with something that was simulated.

/// A comparison within a measured case.
#[derive(Debug, Clone, PartialEq)]
pub struct RealFinding {
    /// What was compared.
    pub what: String,
    /// As measured.
    pub measured: Figure,
    /// As simulated.
    pub simulated: Figure,
    /// How far they may be apart; empty where they must be equal, or are only shown.
    pub allowed: String,
    /// Whether they agree.
    pub verdict: RealVerdict,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// A sequence or a list.
    Text(String),
    /// None.
    Nothing,
}

/// What comes of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealVerdict {
    /// They agree.
    Agrees,
    /// They do not.
    Disagrees,
    /// Shown and not judged.
    Shown,
}

/// What came of a measured case.
#[derive(Debug, Clone, PartialEq)]
pub struct RealTrial {
    /// What was compared; at least one.
    pub findings: Vec<RealFinding>,
    /// How it was judged, where that is not plain.
    pub note: Option<String>,
}

impl RealTrial {
    /// Disagreement where something disagrees.
    #[must_use]
    pub fn verdict(&self) -> RealVerdict {
        let has = |verdict| self.findings.iter().any(|finding| finding.verdict == verdict);
        if has(RealVerdict::Disagrees) {
            RealVerdict::Disagrees
        } else if has(RealVerdict::Agrees) {
            RealVerdict::Agrees
        } else {
            RealVerdict::Shown
        }
    }
}

impl RealVerdict {
    /// Agreement, if so.
    #[must_use]
    pub const fn of(agrees: bool) -> Self {
        if agrees { Self::Agrees } else { Self::Disagrees }
    }
}

impl RealFinding {
    /// Texts that must be equal.
    pub(super) fn equal(what: impl Into<String>, measured: &str, simulated: &str) -> Self {
        Self {
            what: what.into(),
            measured: Figure::Text(measured.into()),
            simulated: Figure::Text(simulated.into()),
            allowed: String::new(),
            verdict: RealVerdict::of(measured == simulated),
        }
    }

    /// Numbers that may be so far apart, `allowed` in words.
    pub(super) fn near(what: impl Into<String>, measured: f64, simulated: f64, within: f64, allowed: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            measured: Figure::Number(measured),
            simulated: Figure::Number(simulated),
            allowed: allowed.into(),
            verdict: RealVerdict::of((measured - simulated).abs() <= within),
        }
    }

    /// Numbers that are only shown.
    pub(super) fn shown(what: impl Into<String>, measured: f64, simulated: f64) -> Self {
        Self { verdict: RealVerdict::Shown, ..Self::near(what, measured, simulated, 0.0, "") }
    }

    /// So many of so many, at least a fraction of which must be right.
    pub(super) fn right(what: impl Into<String>, right: usize, of: usize, least: f64) -> Self {
        let needed = (least * of as f64).ceil() as usize;
        Self {
            what: what.into(),
            measured: Figure::Number(of as f64),
            simulated: Figure::Number(right as f64),
            allowed: if needed == of { String::new() } else { format!("at least {needed}") },
            verdict: RealVerdict::of(right >= needed),
        }
    }
}
