//! What the author expects of a run: texts that this room keeps with their places and does not understand, for it knows no
//! metrics.

use crate::notation::{At, Findings, Place, Problem, Report, Slot, SourceText, values};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Most entries of the list.
const MOST: usize = 64;
/// Longest text of an entry, in bytes.
const LONGEST: usize = 200;

/// Texts such as `p99 < 200ms`, each with the place where it was written.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Expectations {
    written: Vec<At<String>>,
    sources: Vec<Arc<SourceText>>,
}

/// Why one of the texts cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misunderstood {
    /// Which bytes of the text; an empty range stands for all of it.
    pub part: Range<usize>,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// A few words to stand beside the part.
    pub label: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Debug for Expectations {
    /// The texts alone: where they stand says nothing of what is expected.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.written.iter().map(|text| &text.value)).finish()
    }
}

impl Expectations {
    /// Texts that stand in no file: `origin` is who says so, such as `--until`.
    #[must_use]
    pub fn from_origin(origin: &str, texts: &[String]) -> Self {
        let written = (0..).zip(texts).map(|(source, text)| At::new(text.clone(), Place::new(source, 0, text.len())));
        let sources = texts.iter().map(|text| SourceText::new(origin, text));
        Self { written: written.collect(), sources: sources.collect() }
    }

    /// Texts and the sources that their places point into.
    pub(super) const fn new(written: Vec<At<String>>, sources: Vec<Arc<SourceText>>) -> Self {
        Self { written, sources }
    }

    /// Makes something of each text.
    ///
    /// # Errors
    /// Where `understand` fails: all of these texts at once, each with the very part that is wrong.
    pub fn read<T>(&self, understand: impl Fn(&str) -> Result<T, Misunderstood>) -> Result<Vec<T>, Report> {
        let findings = Findings::default();
        let mut understood = Vec::new();
        for text in &self.written {
            match understand(&text.value) {
                Ok(meaning) => understood.push(meaning),
                Err(Misunderstood { part, sentence, label, help }) => {
                    findings.add(&Problem::Syntax { sentence, label, help: Some(help) }, self.place(text, part));
                }
            }
        }
        if findings.errors() == 0 { Ok(understood) } else { Err(findings.into_report(self.sources.clone())) }
    }

    /// Where a part of a text stands; where the text was written with escapes, all of it.
    fn place(&self, text: &At<String>, part: Range<usize>) -> Place {
        let Place { source, start, end } = text.place;
        let written = self.sources.get(source as usize).and_then(|source| source.text.get(start as usize..end as usize));
        match written.and_then(|written| written.find(&text.value)) {
            Some(at) if !part.is_empty() => Place::new(source, start as usize + at + part.start, start as usize + at + part.end),
            _ => text.place,
        }
    }
}

/// Reads the list.
pub(super) fn expect(slot: Slot<'_>) -> Option<Vec<At<String>>> {
    let entry = values::placed(values::text(LONGEST));
    let nodes = values::entries(slot, "texts such as \"p99 < 200ms\"", MOST)?;
    Some(nodes.iter().filter_map(|node| entry(slot.entry(node))).collect())
}
