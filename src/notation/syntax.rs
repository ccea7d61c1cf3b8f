//! The tree of a model file: every value with its place, named structures with their names.
//!
//! The notation is RON as model files use it: structures `Name(field: value)`, lists, texts, numbers, flags, comments.
//! (Maps, characters, byte strings, ranges and attributes of RON have no use here and are refused by name.)

use super::diagnostic::{Place, Placing};
use super::lexer::{Lexer, Mistake, Token, TokenKind};
use std::borrow::Cow;

/// Deepest nesting of lists and structures.
pub const DEEPEST: usize = 64;
/// Longest source in bytes.
pub const LONGEST_SOURCE: usize = 1 << 20;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'t> {
    pub place: Place,
    pub value: Value<'t>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'t> {
    /// A number, as it was written.
    Number(&'t str),
    Text(Cow<'t, str>),
    Flag(bool),
    List(Vec<Node<'t>>),
    Group(Group<'t>),
}

/// A structure: `Name`, `Name(...)` or `(...)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'t> {
    pub name: Option<Word<'t>>,
    pub body: Body<'t>,
}

/// What stands between the parentheses of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'t> {
    /// Nothing, or there are no parentheses.
    Empty,
    Fields(Vec<Field<'t>>),
    Items(Vec<Node<'t>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'t> {
    pub name: Word<'t>,
    pub value: Node<'t>,
}

/// An identifier and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    pub text: &'t str,
    pub place: Place,
}

impl Node<'_> {
    /// Where to point when the value as a whole is meant: the name of a structure, the bracket of a list.
    pub fn head(&self) -> Place {
        match &self.value {
            Value::Group(Group { name: Some(name), .. }) => name.place,
            Value::Group(_) | Value::List(_) => Place { end: self.place.end.min(self.place.start + 1), ..self.place },
            _ => self.place,
        }
    }

    /// What it is, for a person: "the number 3", "a list".
    pub fn describe(&self) -> String {
        use super::problem::quoted;
        match &self.value {
            Value::Number(text) => super::problem::shortened(text),
            Value::Text(text) => format!("the text \"{}\"", super::problem::shortened(text)),
            Value::Flag(flag) => flag.to_string(),
            Value::List(_) => "a list".into(),
            Value::Group(Group { name: Some(name), .. }) => quoted(name.text),
            Value::Group(Group { name: None, .. }) => "a structure `( )`".into(),
        }
    }
}

/// The word that a source begins with, such as `Model`: what kind of file it is.
pub fn head(text: &str) -> Option<&str> {
    let first = Lexer::new(text, Placing::whole(0)).next().ok()?;
    (first.kind == TokenKind::Word).then_some(first.text)
}

/// Reads a whole text, which stands where `placing` says: one value and nothing after it.
pub fn parse(text: &str, placing: Placing) -> Result<Node<'_>, Mistake> {
    if text.len() > LONGEST_SOURCE {
        let sentence = format!("this is longer than {} KiB", LONGEST_SOURCE / 1024);
        return Err(Mistake::new(placing.place(0, 0), sentence, ""));
    }
    let mut parser = Parser { lexer: Lexer::new(text, placing), depth: 0 };
    let node = parser.value()?;
    let rest = parser.lexer.next()?;
    if rest.kind == TokenKind::End {
        return Ok(node);
    }
    Err(Mistake::new(rest.place, format!("expected the end, found {}", rest.describe()), "unexpected"))
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn value(&mut self) -> Result<Node<'t>, Mistake> {
        let token = self.lexer.next()?;
        let value = match token.kind {
            TokenKind::Number => Value::Number(token.text),
            TokenKind::Text(text) => Value::Text(text),
            TokenKind::Word if token.text == "true" => Value::Flag(true),
            TokenKind::Word if token.text == "false" => Value::Flag(false),
            TokenKind::Word => return self.named(Word { text: token.text, place: token.place }),
            TokenKind::Mark('(') => {
                let (body, end) = self.body(token.place)?;
                let place = Place { end: end.end, ..token.place };
                return Ok(Node { place, value: Value::Group(Group { name: None, body }) });
            }
            TokenKind::Mark('[') => {
                let (items, end) = self.items(token.place, ']')?;
                return Ok(Node { place: Place { end: end.end, ..token.place }, value: Value::List(items) });
            }
            TokenKind::End => {
                return Err(Mistake::new(token.place, "there is nothing here", "expected a value")
                    .with_help("a model begins with `Model(`"));
            }
            TokenKind::Mark(_) => {
                return Err(Mistake::new(
                    token.place,
                    format!("expected a value, found {}", token.describe()),
                    "expected a value",
                ));
            }
        };
        Ok(Node { place: token.place, value })
    }

    /// A value that begins with a name.
    fn named(&mut self, name: Word<'t>) -> Result<Node<'t>, Mistake> {
        // These names of RON stand alone.
        let alone = matches!(name.text, "None" | "inf" | "NaN");
        let (body, place) = match if alone { None } else { self.lexer.take('(')? } {
            Some(open) => {
                let (body, end) = self.body(open)?;
                (body, Place { end: end.end, ..name.place })
            }
            None => (Body::Empty, name.place),
        };
        Ok(Node { place, value: Value::Group(Group { name: Some(name), body }) })
    }

    /// What follows `(`, and the place of the `)`.
    fn body(&mut self, open: Place) -> Result<(Body<'t>, Place), Mistake> {
        if let Some(end) = self.lexer.take(')')? {
            return Ok((Body::Empty, end));
        }
        if self.lexer.field_is_next()? {
            let (fields, end) = self.fields(open)?;
            return Ok((Body::Fields(fields), end));
        }
        let (items, end) = self.items(open, ')')?;
        Ok((Body::Items(items), end))
    }

    fn fields(&mut self, open: Place) -> Result<(Vec<Field<'t>>, Place), Mistake> {
        self.deeper(open)?;
        let mut fields = Vec::new();
        loop {
            if let Some(end) = self.lexer.take(')')? {
                self.depth -= 1;
                return Ok((fields, end));
            }
            let token = self.lexer.next()?;
            if token.kind == TokenKind::End {
                return Err(never_closed(open, ')'));
            }
            let is_field = token.kind == TokenKind::Word && self.lexer.take(':')?.is_some();
            if !is_field {
                let sentence = format!("expected a field `name: value`, found {}", token.describe());
                return Err(Mistake::new(token.place, sentence, "expected a field").with_related(open, "in this structure"));
            }
            let value = self.value()?;
            fields.push(Field { name: Word { text: token.text, place: token.place }, value });
            if let Some(end) = self.comma_or_end(open, ')')? {
                self.depth -= 1;
                return Ok((fields, end));
            }
        }
    }

    fn items(&mut self, open: Place, close: char) -> Result<(Vec<Node<'t>>, Place), Mistake> {
        self.deeper(open)?;
        let mut items = Vec::new();
        loop {
            if let Some(end) = self.lexer.take(close)? {
                self.depth -= 1;
                return Ok((items, end));
            }
            if self.lexer.at_end()? {
                return Err(never_closed(open, close));
            }
            items.push(self.value()?);
            if let Some(end) = self.comma_or_end(open, close)? {
                self.depth -= 1;
                return Ok((items, end));
            }
        }
    }

    /// After a value: a comma (nothing is returned) or the end (its place).
    fn comma_or_end(&mut self, open: Place, close: char) -> Result<Option<Place>, Mistake> {
        let token = self.lexer.next()?;
        match token.kind {
            TokenKind::Mark(',') => Ok(None),
            TokenKind::Mark(mark) if mark == close => Ok(Some(token.place)),
            TokenKind::End => Err(never_closed(open, close)),
            _ => Err(missing_comma(&token, open, close)),
        }
    }

    fn deeper(&mut self, open: Place) -> Result<(), Mistake> {
        self.depth += 1;
        if self.depth <= DEEPEST {
            return Ok(());
        }
        Err(Mistake::new(open, format!("lists and structures are nested more than {DEEPEST} deep"), "too deep"))
    }
}

fn never_closed(open: Place, close: char) -> Mistake {
    let opened = if close == ')' { '(' } else { '[' };
    Mistake::new(open, format!("`{opened}` is never closed"), format!("no `{close}` follows"))
}

fn missing_comma(found: &Token<'_>, open: Place, close: char) -> Mistake {
    let sentence = format!("expected `,` or `{close}`, found {}", found.describe());
    let label = if matches!(found.kind, TokenKind::Mark(_)) { "unexpected" } else { "is a comma missing before this?" };
    Mistake::new(found.place, sentence, label).with_related(open, "opened here")
}
