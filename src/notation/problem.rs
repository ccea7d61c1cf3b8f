//! The problems that any file can have, and the words for them; how a room describes problems of its own.

use super::diagnostic::Severity;
use std::fmt::{self, Write};

/// What a kind of problem says about itself: an enum with a variant a kind, which knows the words.
pub trait Describe: fmt::Debug {
    /// Whether there is a result in spite of it.
    fn severity(&self) -> Severity {
        Severity::Error
    }

    /// What is wrong, in one sentence.
    fn sentence(&self) -> String;

    /// What stands beside the caret.
    fn label(&self) -> Option<String>;

    /// What to do about it, where that is more than the sentence and the label say.
    fn help(&self) -> Option<String>;
}

/// A problem that any file can have, with what one needs to know to describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    // How it is written.
    Syntax { sentence: String, label: String, help: Option<&'static str> },
    // Values and fields.
    Expected { field: String, expected: String, found: String, help: Option<String> },
    MissingField { owner: String, field: &'static str, example: &'static str },
    UnknownField { owner: String, field: String, closest: Option<String>, known: Vec<&'static str> },
    DuplicateField { owner: String, field: String },
    FieldNames { owner: String },
    UnknownKind { what: &'static str, name: String, closest: Option<String>, known: Known },
    TooMany { field: String, what: &'static str, found: u64, most: u64 },
    TooFew { field: String, what: &'static str },
    BothFields { one: &'static str, other: &'static str, advice: &'static str },
    NeitherField { owner: String, one: &'static str, other: &'static str, example: &'static str },
    // Overrides.
    OverrideWithoutValue,
    OverridePath { expected: &'static str },
    NoSuchEntry { list: String, entry: String, closest: Option<String>, has: String },
    NoFieldsIn { path: String, found: String },
    NoListIn { path: String, found: String },
    // Names and references.
    SameName { what: &'static str, name: String },
    UnknownName { what: &'static str, name: String, closest: Option<String>, known: String },
    NamedTwice { name: String },
}

/// Where a person finds the names that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Few enough to name them.
    Names(Vec<&'static str>),
    /// `lbsim list` shows them.
    Listed {
        /// What to list.
        list: &'static str,
        /// How many there are.
        count: usize,
    },
}

impl Describe for Problem {
    fn sentence(&self) -> String {
        match self {
            Self::Syntax { sentence, .. } => sentence.clone(),
            Self::Expected { field, expected, .. } => format!("{field} must be {expected}"),
            Self::MissingField { owner, field, .. } => format!("{owner} needs a field `{field}`"),
            Self::UnknownField { owner, field, .. } => format!("{owner} has no field {}", quoted(field)),
            Self::DuplicateField { owner, field } => format!("{} is given twice in {owner}", quoted(field)),
            Self::FieldNames { owner, .. } => format!("the values of {owner} need names, as in `name: value`"),
            Self::UnknownKind { what, name, .. } => format!("there is no {what} {}", quoted(name)),
            Self::TooMany { field, what, found, most } => {
                format!("`{field}` has {} {what}, but at most {} are allowed", grouped(*found), grouped(*most))
            }
            Self::TooFew { field, what } => format!("`{field}` needs at least one {what}"),
            Self::BothFields { one, other, .. } => format!("`{one}` and `{other}` exclude each other"),
            Self::NeitherField { owner, one, other, .. } => format!("{owner} needs `{one}` or `{other}`"),
            Self::OverrideWithoutValue => "an override has the form `path=value`".into(),
            Self::OverridePath { expected } => format!("this path cannot be followed: expected {expected}"),
            Self::NoSuchEntry { list, entry, .. } => format!("{} has no {}", place_name(list), quoted(entry)),
            Self::NoFieldsIn { path, found } => format!("{} is {found}: it has no fields", place_name(path)),
            Self::NoListIn { path, found } => format!("{} is {found}: it has no entries", place_name(path)),
            Self::SameName { what, name } => format!("two {what} are called {}", quoted(name)),
            Self::UnknownName { what, name, .. } => format!("there is no {what} called {}", quoted(name)),
            Self::NamedTwice { name } => format!("{} is named twice", quoted(name)),
        }
    }

    fn label(&self) -> Option<String> {
        let label = match self {
            Self::Syntax { label, .. } => label.clone(),
            Self::Expected { found, .. } if found.is_empty() => return None,
            Self::Expected { found, .. } => format!("this is {found}"),
            Self::MissingField { field, example, .. } => format!("add `{field}: {example}`"),
            Self::UnknownField { closest, .. } | Self::UnknownKind { closest, .. } | Self::UnknownName { closest, .. } => {
                match closest {
                    Some(closest) => format!("did you mean `{closest}`?"),
                    None => "unknown".into(),
                }
            }
            Self::NoSuchEntry { closest: Some(closest), .. } => format!("did you mean `{closest}`?"),
            Self::NoSuchEntry { has, .. } => has.clone(),
            Self::DuplicateField { .. } | Self::NamedTwice { .. } => "again here".into(),
            Self::FieldNames { .. } => "without a name".into(),
            Self::TooMany { most, .. } => format!("more than {}", grouped(*most)),
            Self::TooFew { .. } => "add one".into(),
            Self::BothFields { advice, .. } => (*advice).into(),
            Self::NeitherField { example, .. } => format!("such as `{example}`"),
            Self::OverrideWithoutValue => "there is no `=`".into(),
            Self::SameName { .. } => "second use of this name".into(),
            Self::OverridePath { .. } | Self::NoFieldsIn { .. } | Self::NoListIn { .. } => return None,
        };
        (!label.is_empty()).then_some(label)
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { help, .. } => (*help)?.into(),
            Self::Expected { help, .. } => help.clone()?,
            Self::UnknownField { owner, known, .. } if known.is_empty() => format!("{owner} has no fields"),
            Self::UnknownField { known, .. } => format!("the fields are {}", names(known)),
            Self::UnknownKind { known: Known::Names(known), .. } => format!("there is {}", names(known)),
            Self::UnknownKind { known: Known::Listed { list, count }, .. } => format!("`lbsim list {list}` shows all {count}"),
            Self::UnknownName { known, .. } if known.is_empty() => "the model names none".into(),
            Self::UnknownName { known, .. } => format!("there is {known}"),
            Self::NoSuchEntry { closest: Some(_), has, .. } => has.clone(),
            Self::OverrideWithoutValue => "for example `--set 'servers[0].count=8'`".into(),
            Self::OverridePath { .. } => "for example `servers[0].count` or `servers[old].speed` or `balancer.algorithm`".into(),
            _ => return None,
        })
    }
}

/// Text of the person in back quotes, cut and made printable.
pub fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

/// Text of the person, at most 40 characters of it, with no control characters.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut short = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == MOST {
            short.push_str("...");
            break;
        }
        if c.is_control() { short.extend(c.escape_debug()) } else { short.push(c) }
    }
    short
}

/// `a`, `b` and `c`; at most twenty of them.
pub fn names<T: AsRef<str>>(list: &[T]) -> String {
    const MOST: usize = 20;
    let mut text = String::new();
    let shown = list.len().min(MOST);
    for (index, name) in list.iter().take(shown).enumerate() {
        let last = index + 1 == shown && list.len() <= MOST;
        text.push_str(if index == 0 {
            ""
        } else if last {
            " and "
        } else {
            ", "
        });
        text.push_str(&quoted(name.as_ref()));
    }
    if list.len() > MOST {
        let _ = write!(text, " and {} more", list.len() - MOST);
    }
    text
}

/// A whole number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn place_name(path: &str) -> String {
    if path.is_empty() { "the model".into() } else { quoted(path) }
}
