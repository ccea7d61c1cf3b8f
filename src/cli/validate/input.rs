//! Which cases are to be tried: the built-in ones or those of a file, all or some; and what is wrong with the file.

use super::real_input;
use crate::cli::failure::Failure;
use crate::validation::{Case, CaseFault, RealCase, RealCases, RealFault, builtin, read_cases, variants};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use std::fmt::Write;
use std::path::Path;

/// A line longer than this is not shown.
const MOST_SHOWN: usize = 4_096;
/// How wide a message is.
const WIDTH: usize = 100;
/// More faults than this are only counted.
const MOST_TOLD: usize = 20;

/// The cases to try, and what is wrong with others that were meant to be tried.
#[derive(Default)]
pub struct Input {
    pub cases: Vec<Case>,
    pub faults: Vec<CaseFault>,
    /// All measured cases, also those that are not asked for: what one needs another may tell.
    pub real: RealCases,
    /// The names of the cases to try; all where there is none.
    ids: Vec<String>,
    source: Source,
}

/// The text of a file and what it is called.
#[derive(Default)]
struct Source {
    name: String,
    text: String,
}

impl Input {
    /// The cases of the file and those of the folder called `ids`; without any, all of them. Where neither a file nor a folder is
    /// given, those that are built in.
    pub fn read(file: Option<&Path>, folder: Option<&Path>, ids: &[String], seed: Option<u64>) -> Result<Self, Failure> {
        let neither = file.is_none() && folder.is_none();
        let mut input = match file {
            Some(file) => Self::of_file(Source::read(file)?)?,
            None if neither => Self { cases: builtin().iter().flat_map(variants).collect(), ..Self::default() },
            None => Self::default(),
        };
        match folder {
            Some(folder) => input.real = real_input::read(folder)?,
            None if neither => input.real = RealCases::builtin(),
            None => {}
        }
        input.real.seed = seed.map_or(0, |seed| seed.wrapping_add(1));
        if !ids.is_empty() {
            input.keep(ids)?;
        }
        Ok(input)
    }

    fn of_file(source: Source) -> Result<Self, Failure> {
        let file = read_cases(&source.text).map_err(|fault| Failure::Input(source.drawn(&fault)))?;
        if file.cases.is_empty() && file.faults.is_empty() {
            return Err(Failure::input(format!("{} holds no case", source.name)));
        }
        let cases = file.cases.iter().flat_map(variants).collect();
        Ok(Self { cases, faults: file.faults, source, ..Self::default() })
    }

    /// Keeps the cases called `ids`, each of which must be there, if only as one that is wrong.
    fn keep(&mut self, ids: &[String]) -> Result<(), Failure> {
        let fault_is = |wanted: &String, fault: &CaseFault| fault.id.as_ref().is_some_and(|id| is(wanted, id));
        for wanted in ids {
            let there = self.names().any(|id| is(wanted, id));
            let wrong = self.faults.iter().any(|fault| fault_is(wanted, fault))
                || self.real.faults.iter().any(|fault| real_fault_is(wanted, fault));
            if !there && !wrong {
                return Err(self.unknown(wanted));
            }
        }
        self.cases.retain(|case| ids.iter().any(|wanted| is(wanted, &case.id)));
        self.faults.retain(|fault| ids.iter().any(|wanted| fault_is(wanted, fault)));
        self.real.faults.retain(|fault| ids.iter().any(|wanted| real_fault_is(wanted, fault)));
        self.ids = ids.to_vec();
        Ok(())
    }

    /// The measured cases to try.
    pub fn real_cases(&self) -> impl Iterator<Item = &RealCase> {
        self.real.cases.iter().filter(|case| self.ids.is_empty() || self.ids.iter().any(|wanted| is(wanted, &case.id)))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|case| &*case.id).chain(self.real.cases.iter().map(|case| &*case.id))
    }

    fn unknown(&self, wanted: &str) -> Failure {
        let near =
            |id: &str| (strsim::damerau_levenshtein(&id.to_ascii_lowercase(), &wanted.to_ascii_lowercase()), id.to_owned());
        let nearest = self.names().map(near).min().filter(|(distance, _)| *distance <= 1);
        let hint = nearest.map_or_else(String::new, |(_, id)| format!("; did you mean `{id}`?"));
        Failure::input(format!("there is no case `{wanted}`{hint}"))
    }

    /// Tells what is wrong with cases of the file.
    pub fn tell_faults(&self) {
        for fault in self.faults.iter().take(MOST_TOLD) {
            anstream::eprintln!("{}", self.source.drawn(fault));
        }
        if let Some(more) = self.faults.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            anstream::eprintln!("and {more} more\n");
        }
        for fault in &self.real.faults {
            anstream::eprintln!("error: {fault}");
        }
    }

    /// What is to be said at the end about the cases that are wrong, if some are.
    pub fn failure(&self) -> Option<Failure> {
        let (wrong, all) = (self.faults.len(), self.faults.len() + self.cases.len());
        let in_file =
            (wrong > 0).then(|| Failure::input(format!("{wrong} of {all} cases in {} could not be read", self.source.name)));
        let wrong = self.real.faults.len();
        in_file.or_else(|| (wrong > 0).then(|| Failure::input(format!("{wrong} of the measured files could not be read"))))
    }
}

/// Whether a case is meant, however its letters are written.
fn is(wanted: &str, id: &str) -> bool {
    wanted.eq_ignore_ascii_case(id)
}

/// Whether the file of a case that could not be read is called like it.
fn real_fault_is(wanted: &str, fault: &RealFault) -> bool {
    Path::new(&fault.file).file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(wanted))
}

impl Source {
    fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| Failure::input(format!("{name} cannot be read: {error}")))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
                Err(Failure::input(format!("{name}:{line}:{column}: the text is not UTF-8")))
            }
        }
    }

    /// The fault with its place and, where it is not too long, its line.
    fn drawn(&self, fault: &CaseFault) -> String {
        let message = match &fault.id {
            Some(id) => format!("case {id}: {}", fault.message),
            None => fault.message.clone(),
        };
        let title = Level::ERROR.primary_title(message);
        let line = self.text.lines().nth(fault.line - 1).unwrap_or("");
        let group = if line.len() > MOST_SHOWN {
            title.element(Origin::path(&*self.name).line(fault.line).char_column(fault.column))
        } else {
            let start = line.floor_char_boundary(fault.column - 1);
            let end = line.ceil_char_boundary((start + 1).min(line.len()));
            let mark = AnnotationKind::Primary.span(start..end);
            title.element(Snippet::source(line).line_start(fault.line).path(&*self.name).annotation(mark))
        };
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}", Renderer::styled().term_width(WIDTH).render(&[group]));
        text
    }
}
