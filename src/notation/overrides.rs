//! Overrides: `servers[0].count=8` changes one value of the tree before it is read.

use super::diagnostic::{Findings, Place, Placing, Report, SourceText};
use super::lexer::Mistake;
use super::problem::{Problem, names};
use super::syntax::{self, Body, Field, Group, Node, Value, Word};
use std::borrow::Cow;
use std::sync::Arc;

/// One value of a model, to be set by its path.
///
/// A path names fields and, in brackets, the entries of lists by number (from 0) or by name: `servers[0].count`,
/// `servers[old].speed`, `balancer.algorithm`, `clients[shoppers].demand.mean`. A field that was not written is added. The
/// value is written as in a model file; the quotes around a quantity may be left out, as in `20ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Who says so, for messages, such as `--set`.
    pub origin: String,
    /// Which value.
    pub path: String,
    /// The new value, as it would be written in the file.
    pub value: String,
    /// Where it was written, if not on the command line.
    written: Option<Written>,
}

/// Where an override stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    file: Arc<SourceText>,
    path: Place,
    value: Place,
}

impl Override {
    /// Sets the value at `path`.
    #[must_use]
    pub fn new(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self { origin: "--set".into(), path: path.into(), value: value.into(), written: None }
    }

    /// Names who asked for it, such as an option of the command line or the factor of an experiment.
    #[must_use]
    pub fn from_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// Reads `path=value`.
    ///
    /// # Errors
    /// Where there is no `=`.
    pub fn parse(text: &str) -> Result<Self, Report> {
        match text.split_once('=') {
            Some((path, value)) => Ok(Self::new(path, value)),
            None => Err(Report::of_one("--set", text, &Problem::OverrideWithoutValue, 0, text.len())),
        }
    }

    /// Says where in a file it was written, so that mistakes point there. A value that does not stand there word for word was
    /// made of what stands there.
    #[must_use]
    pub(crate) fn written_in(self, file: &Arc<SourceText>, path: Place, value: Place) -> Self {
        Self { written: Some(Written { file: Arc::clone(file), path, value }), ..self }
    }

    /// The same, but another value.
    #[must_use]
    pub(crate) fn with_value(self, value: String) -> Self {
        Self { value, ..self }
    }

    /// The text that mistakes point into: the file it was written in, or `path=value`.
    pub(crate) fn source(&self) -> Arc<SourceText> {
        match &self.written {
            Some(written) => Arc::clone(&written.file),
            None => SourceText::new(&self.origin, &format!("{}={}", self.path, self.value)),
        }
    }

    /// Where path and value stand, if the text that mistakes point into has this number.
    fn placing(&self, source: u32) -> (Placing, Placing) {
        let Some(Written { file, path, value }) = &self.written else {
            return (Placing::whole(source), Placing::From { source, offset: self.path.len() + 1 });
        };
        let of = |part: &str, place: &Place| Placing::of(part, Place { source, ..*place }, &file.text);
        (of(&self.path, path), of(&self.value, value))
    }
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step<'t> {
    Field(Word<'t>),
    /// An entry of a list: its number or its name.
    Entry(Word<'t>),
}

/// Changes the tree as the override says, whose [`Override::source`] is numbered `source`.
pub fn apply<'t>(tree: &mut Node<'t>, one: &'t Override, source: u32, findings: &Findings) {
    let (path, value) = one.placing(source);
    let value = value_of(&one.value, value);
    let steps = steps_of(&one.path, path);
    match (steps, value) {
        (Ok(steps), Ok(value)) => {
            if let Err(mistake) = set(tree, &steps, value) {
                mistake.report(findings);
            }
        }
        (steps, value) => {
            for mistake in [steps.err(), value.err()].into_iter().flatten() {
                mistake.report(findings);
            }
        }
    }
}

/// Which value of the tree a path leads to, step by step, the same whether an entry is named or numbered; nothing of a path that is
/// none. What does not stand in the tree goes by what the path calls it.
pub fn target(tree: &Node<'_>, path: &str) -> Option<Vec<String>> {
    let mut node = Some(tree);
    let mut target = Vec::new();
    for step in steps_of(path, Placing::whole(0)).ok()? {
        let value = node.map(|node| &node.value);
        node = match (step, value) {
            (Step::Field(word), Some(Value::Group(Group { body: Body::Fields(fields), .. }))) => {
                target.push(word.text.to_owned());
                fields.iter().find(|field| field.name.text == word.text).map(|field| &field.value)
            }
            (Step::Entry(word), Some(Value::List(list) | Value::Group(Group { body: Body::Items(list), .. }))) => {
                let wanted = word.text.trim_matches('"');
                let named = || list.iter().position(|entry| name_of(entry) == Some(wanted));
                let number = word.text.parse().ok().or_else(named);
                target.push(number.map_or_else(|| wanted.to_owned(), |number| number.to_string()));
                number.and_then(|number| list.get(number))
            }
            (Step::Field(word) | Step::Entry(word), _) => {
                target.push(word.text.to_owned());
                None
            }
        };
    }
    Some(target)
}

/// The value of an override; a quantity such as `20ms` may stand without quotes.
fn value_of(text: &str, placing: Placing) -> Result<Node<'_>, Mistake> {
    if text.trim().is_empty() {
        return Err(Mistake::new(placing.place(0, text.len()), "there is no value", "expected a value"));
    }
    let parsed = syntax::parse(text, placing);
    let bare = text.trim();
    let is_quantity = bare.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
        && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '+' | '-' | '%' | '/' | ' '));
    match parsed {
        Err(_) if is_quantity => {
            let start = text.len() - text.trim_start().len();
            Ok(Node { place: placing.place(start, start + bare.len()), value: Value::Text(Cow::Borrowed(bare)) })
        }
        parsed => parsed,
    }
}

fn steps_of(path: &str, placing: Placing) -> Result<Vec<Step<'_>>, Mistake> {
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let rest = &path[at..];
        let entry = rest.starts_with('[');
        let begin = at + usize::from(entry || (rest.starts_with('.') && !steps.is_empty()));
        let is_end = |c: char| if entry { c == ']' } else { matches!(c, '.' | '[' | ']') };
        let length = path[begin..].find(is_end).unwrap_or(path.len() - begin);
        let written = &path[begin..begin + length];
        let text = written.trim();
        let start = begin + (written.len() - written.trim_start().len());
        let word = Word { text, place: placing.place(start, start + text.len()) };
        let closed = !entry || path[begin + length..].starts_with(']');
        if text.is_empty() || !closed {
            let expected = if entry { "a number or a name and `]`" } else { "the name of a field" };
            let end = path[begin..].chars().next().map_or(begin, |c| begin + c.len_utf8());
            return Err(Mistake::of(Problem::OverridePath { expected }, placing.place(begin.min(path.len()), end)));
        }
        steps.push(if entry { Step::Entry(word) } else { Step::Field(word) });
        at = begin + length + usize::from(entry);
        if at == path.len() {
            return Ok(steps);
        }
        if !path[at..].starts_with(['.', '[']) {
            let end = path[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            return Err(Mistake::of(Problem::OverridePath { expected: "`.` or `[`" }, placing.place(at, end)));
        }
    }
}

/// Follows the steps and puts the value at their end.
fn set<'t>(tree: &mut Node<'t>, steps: &[Step<'t>], value: Node<'t>) -> Result<(), Mistake> {
    let mut node = tree;
    let mut walked = String::new();
    for step in steps {
        node = match step {
            Step::Field(word) => field(node, *word, &walked)?,
            Step::Entry(word) => entry(node, *word, &walked)?,
        };
        match step {
            Step::Field(word) if walked.is_empty() => walked.push_str(word.text),
            Step::Field(word) => walked.extend([".", word.text]),
            Step::Entry(word) => walked.extend(["[", word.text, "]"]),
        }
    }
    *node = value;
    Ok(())
}

/// The field called `word`, which is added if need be.
fn field<'n, 't>(node: &'n mut Node<'t>, word: Word<'t>, path: &str) -> Result<&'n mut Node<'t>, Mistake> {
    let found = node.describe();
    let Value::Group(Group { body, .. }) = &mut node.value else {
        return Err(Mistake::of(Problem::NoFieldsIn { path: path.into(), found }, word.place));
    };
    match body {
        Body::Empty => *body = Body::Fields(Vec::new()),
        // `Exponential("20ms")`: its only value gives way to one with a name.
        Body::Items(items) if items.len() == 1 => *body = Body::Fields(Vec::new()),
        Body::Items(_) => {
            return Err(Mistake::of(
                Problem::NoFieldsIn { path: path.into(), found: "written without field names".into() },
                word.place,
            ));
        }
        Body::Fields(_) => {}
    }
    let Body::Fields(fields) = body else {
        return Err(Mistake::of(Problem::NoFieldsIn { path: path.into(), found }, word.place));
    };
    let known = fields.iter().position(|field| field.name.text == word.text);
    let position = match known {
        Some(position) => position,
        None => {
            fields.push(Field { name: word, value: nothing_at(word.place) });
            fields.len() - 1
        }
    };
    Ok(&mut fields[position].value)
}

/// The entry of a list with that number or name.
fn entry<'n, 't>(node: &'n mut Node<'t>, word: Word<'t>, path: &str) -> Result<&'n mut Node<'t>, Mistake> {
    let found = node.describe();
    // The first entry of a list that was not written: the list is made up, as fields are.
    if word.text == "0" && matches!(&node.value, Value::Group(Group { name: None, body: Body::Empty })) {
        node.value = Value::List(vec![nothing_at(word.place)]);
    }
    let (Value::List(list) | Value::Group(Group { body: Body::Items(list), .. })) = &mut node.value else {
        return Err(Mistake::of(Problem::NoListIn { path: path.into(), found }, word.place));
    };
    let wanted = word.text.trim_matches('"');
    let position = match word.text.parse::<usize>() {
        Ok(number) => Some(number).filter(|number| *number < list.len()),
        Err(_) => list.iter().position(|entry| name_of(entry) == Some(wanted)),
    };
    let Some(position) = position else {
        let problem = if word.text.parse::<usize>().is_ok() {
            let has = match list.len() {
                0 => "the list is empty".into(),
                1 => "its only entry is 0".into(),
                length => format!("its entries are 0 to {}", length - 1),
            };
            Problem::NoSuchEntry { list: path.into(), entry: word.text.into(), closest: None, has }
        } else {
            let known: Vec<&str> = list.iter().filter_map(name_of).collect();
            let closest = super::diagnostic::closest(wanted, known.iter().copied());
            let has = if known.is_empty() { "no entry has a name".into() } else { format!("there is {}", names(&known)) };
            Problem::NoSuchEntry { list: path.into(), entry: wanted.into(), closest, has }
        };
        return Err(Mistake::of(problem, word.place));
    };
    Ok(&mut list[position])
}

/// An empty structure, to be filled.
const fn nothing_at<'t>(place: Place) -> Node<'t> {
    Node { place, value: Value::Group(Group { name: None, body: Body::Empty }) }
}

/// The name that an entry of a list gives itself.
fn name_of<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let Value::Group(Group { body: Body::Fields(fields), .. }) = &node.value else { return None };
    let named = fields.iter().find(|field| field.name.text == "name")?;
    match &named.value.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
