//! What is wrong and where: mistakes and warnings as data. How they look is decided in `render`.

use super::problem::Describe;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Most diagnostics of each severity that are kept; the rest is only counted.
const MOST_KEPT: usize = 50;

/// A place in a source: bytes `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which source: 0 is the file that was read, the others follow.
    pub source: u32,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Place {
    /// The bytes `start` to `end` of a source; sources longer than 4 GiB do not get this far.
    pub(crate) fn new(source: u32, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end) }
    }
}

/// Where the bytes of a text stand.
#[derive(Debug, Clone, Copy)]
pub enum Placing {
    /// One after the other in a source.
    From {
        /// Which source.
        source: u32,
        /// Where the first byte stands in it.
        offset: usize,
    },
    /// Nowhere of their own: the text was made of what stands at this place.
    All(Place),
}

impl Placing {
    /// For the text of a whole source.
    pub const fn whole(source: u32) -> Self {
        Self::From { source, offset: 0 }
    }

    /// For `part`, which was read at `place` of a source with this text: as it stands there, in quotes, or made of it.
    pub fn of(part: &str, place: Place, text: &str) -> Self {
        let (source, start) = (place.source, place.start as usize);
        match text.get(start..place.end as usize) {
            Some(written) if written == part => Self::From { source, offset: start },
            Some(written) if written.len() == part.len() + 2 && written.get(1..=part.len()) == Some(part) => {
                Self::From { source, offset: start + 1 }
            }
            _ => Self::All(place),
        }
    }

    /// Where the bytes `start` to `end` stand.
    pub fn place(self, start: usize, end: usize) -> Place {
        match self {
            Self::From { source, offset } => Place::new(source, offset + start, offset + end),
            Self::All(place) => place,
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

impl<T> At<T> {
    pub const fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// A file, or what stands for one.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its contents.
    pub text: &'a str,
}

/// Whether something can be made of a file in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is no model (or whatever was to be read).
    Error,
    /// There is one, but it may not be what was meant.
    Warning,
}

/// One mistake or warning: what it is and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub(super) message: Message,
    /// Where.
    pub place: Place,
    /// Another place that belongs to it, and what it is, such as "first used here".
    pub related: Option<(Place, &'static str)>,
}

/// The words for a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) severity: Severity,
    pub(super) kind: String,
    pub(super) sentence: String,
    pub(super) label: Option<String>,
    pub(super) help: Option<String>,
}

impl Diagnostic {
    /// The words for a problem at a place.
    pub(crate) fn new(problem: &impl Describe, place: Place) -> Self {
        let message = Message {
            severity: problem.severity(),
            kind: format!("{problem:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().into(),
            sentence: problem.sentence(),
            label: problem.label(),
            help: problem.help(),
        };
        Self { message, place, related: None }
    }

    /// Whether a model can be run in spite of it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.message.severity
    }

    /// What kind of problem it is, in one word: the name of its variant.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.message.kind
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.message.sentence
    }

    /// The same, with more advice.
    #[must_use]
    pub(crate) fn with_advice(mut self, more: &str) -> Self {
        let help = self.message.help.take();
        self.message.help = Some(help.map_or_else(|| more.to_owned(), |help| format!("{help}\n{more}")));
        self
    }

    /// A few words to stand beside the place.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.message.label.as_deref()
    }

    /// What to do about it, where that is more than the sentence and the label say.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.message.help.as_deref()
    }
}

/// A text that places point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    pub name: String,
    pub text: String,
}

impl SourceText {
    /// A source to be shared.
    pub fn new(name: &str, text: &str) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// Everything that was found, in the order of the sources. Show it with [`Report::render`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many more there are than are kept.
    pub(super) omitted: usize,
    pub(super) sources: Vec<Arc<SourceText>>,
}

impl Report {
    /// The mistakes and warnings, at most 50 of each.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether there is a problem of that kind.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.kind() == kind)
    }

    /// How many mistakes are kept (warnings are not mistakes).
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).count()
    }

    /// Name of the source, line and column (both from 1, the column in characters) where `place` begins.
    #[must_use]
    pub fn locate(&self, place: Place) -> Option<(&str, usize, usize)> {
        let source = self.sources.get(place.source as usize)?;
        let before = source.text.get(..place.start as usize)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((&source.name, before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }

    /// The mistakes and warnings that are kept, and the sources that their places point into.
    pub(crate) fn into_parts(self) -> (Vec<Diagnostic>, Vec<Arc<SourceText>>) {
        (self.diagnostics, self.sources)
    }

    /// A report of one mistake in a text of its own.
    pub(crate) fn of_one(name: &str, text: &str, problem: &impl Describe, start: usize, end: usize) -> Self {
        let findings = Findings::default();
        findings.keep(Diagnostic::new(problem, Place::new(0, start, end)));
        findings.into_report(vec![SourceText::new(name, text)])
    }
}

impl std::error::Error for Report {}

/// Where decoders and checks lay down what they find, so that one mistake does not hide the next.
#[derive(Debug, Default)]
pub struct Findings {
    kept: RefCell<Vec<Diagnostic>>,
    errors: Cell<usize>,
    warnings: Cell<usize>,
}

impl Findings {
    /// Notes a problem.
    pub fn add(&self, problem: &impl Describe, place: Place) {
        self.note(problem.severity(), || Diagnostic::new(problem, place));
    }

    /// Notes a problem that has a second place.
    pub fn add_related(&self, problem: &impl Describe, place: Place, related: Place, what: &'static str) {
        let with = || Diagnostic { related: Some((related, what)), ..Diagnostic::new(problem, place) };
        self.note(problem.severity(), with);
    }

    /// Notes a problem that has its words.
    pub fn keep(&self, diagnostic: Diagnostic) {
        self.note(diagnostic.severity(), || diagnostic);
    }

    fn note(&self, severity: Severity, diagnostic: impl FnOnce() -> Diagnostic) {
        let counter = match severity {
            Severity::Error => &self.errors,
            Severity::Warning => &self.warnings,
        };
        if counter.get() < MOST_KEPT {
            self.kept.borrow_mut().push(diagnostic());
        }
        counter.set(counter.get() + 1);
    }

    /// How many mistakes there are so far.
    pub const fn errors(&self) -> usize {
        self.errors.get()
    }

    /// The one of `options` that `written` is likely to mean. Gives up once so much is wrong that nobody reads on.
    pub fn closest<'o>(&self, written: &str, options: impl IntoIterator<Item = &'o str>) -> Option<String> {
        if self.errors() >= MOST_KEPT { None } else { closest(written, options) }
    }

    /// Everything found, in order of place.
    pub fn into_report(self, sources: Vec<Arc<SourceText>>) -> Report {
        let mut diagnostics = self.kept.into_inner();
        diagnostics.sort_by_key(|diagnostic| diagnostic.place);
        let omitted = self.errors.get() + self.warnings.get() - diagnostics.len();
        Report { diagnostics, omitted, sources }
    }
}

/// The option nearest to what was written, if it is near: a few letters off, other case, or cut short.
pub fn closest<'o>(written: &str, options: impl IntoIterator<Item = &'o str>) -> Option<String> {
    const LONGEST: usize = 64;
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let wanted = plain(written);
    let length = wanted.chars().count();
    let distance = |option: &str| {
        let option = plain(option);
        let allowed = (length.max(option.chars().count()) / 3).max(1);
        let begins = wanted.len() >= 3 && option.starts_with(&wanted);
        if begins {
            return Some(1);
        }
        // Lengths that differ by more cannot be near: most of a long list is told apart by this alone.
        if length.abs_diff(option.chars().count()) > allowed {
            return None;
        }
        Some(strsim::damerau_levenshtein(&wanted, &option)).filter(|distance| *distance <= allowed)
    };
    let near = options.into_iter().filter(|option| option.len() <= LONGEST);
    let near = near.filter_map(|option| distance(option).map(|distance| (distance, option)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, option)| option.to_string())
}
