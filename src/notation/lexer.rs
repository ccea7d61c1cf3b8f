//! Tokens of a model file, with their places.

use super::diagnostic::{Findings, Place, Placing};
use super::numbers::number_of;
use super::problem::{Problem, quoted, shortened};
use std::borrow::Cow;

/// Why a source cannot be read, and where.
#[derive(Debug)]
pub struct Mistake {
    problem: Box<Problem>,
    place: Place,
    related: Option<(Place, &'static str)>,
}

impl Mistake {
    pub fn new(place: Place, sentence: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(Problem::Syntax { sentence: sentence.into(), label: label.into(), help: None }, place)
    }

    pub fn of(problem: Problem, place: Place) -> Self {
        Self { problem: Box::new(problem), place, related: None }
    }

    pub fn with_help(mut self, advice: &'static str) -> Self {
        if let Problem::Syntax { help, .. } = &mut *self.problem {
            *help = Some(advice);
        }
        self
    }

    /// Lays the mistake down with the others.
    pub fn report(self, findings: &Findings) {
        match self.related {
            Some((related, what)) => findings.add_related(&*self.problem, self.place, related, what),
            None => findings.add(&*self.problem, self.place),
        }
    }

    pub fn with_related(mut self, place: Place, what: &'static str) -> Self {
        self.related = Some((place, what));
        self
    }
}

/// A token and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    pub kind: TokenKind<'t>,
    pub text: &'t str,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind<'t> {
    /// One of `( ) [ ] , :`.
    Mark(char),
    /// An identifier.
    Word,
    /// A number, checked to be one.
    Number,
    /// A text, with its escapes resolved.
    Text(Cow<'t, str>),
    /// The end of the source.
    End,
}

impl Token<'_> {
    /// For a person to read.
    pub fn describe(&self) -> String {
        match &self.kind {
            TokenKind::Mark(mark) => format!("`{mark}`"),
            TokenKind::Word | TokenKind::Number => quoted(self.text),
            TokenKind::Text(text) => format!("\"{}\"", shortened(text)),
            TokenKind::End => "the end".into(),
        }
    }
}

/// Cuts a source into tokens.
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
    placing: Placing,
}

/// What RON counts as white space.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

fn begins_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str, placing: Placing) -> Self {
        // Some editors begin a file with a byte order mark.
        let at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Self { text, at, placing }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn place(&self, start: usize, end: usize) -> Place {
        self.placing.place(start, end)
    }

    /// The next character and its place, for a mistake.
    fn here(&self) -> Place {
        self.place(self.at, self.at + self.rest().chars().next().map_or(0, char::len_utf8))
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        self.at += self.rest().find(|c| !wanted(c)).unwrap_or(self.rest().len());
    }

    fn skip_space(&mut self) -> Result<(), Mistake> {
        loop {
            self.skip_while(is_space);
            if self.rest().starts_with("//") {
                self.skip_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                self.skip_block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), Mistake> {
        let open = self.place(self.at, self.at + 2);
        let mut depth = 0_usize;
        loop {
            self.skip_while(|c| c != '/' && c != '*');
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if rest.is_empty() {
                return Err(Mistake::new(open, "this comment is never closed", "no `*/` follows"));
            } else {
                self.at += 1;
            }
        }
    }

    /// Whether only white space is left.
    pub fn at_end(&mut self) -> Result<bool, Mistake> {
        self.skip_space()?;
        Ok(self.rest().is_empty())
    }

    /// Takes `mark` if it is next.
    pub fn take(&mut self, mark: char) -> Result<Option<Place>, Mistake> {
        self.skip_space()?;
        if !self.rest().starts_with(mark) {
            return Ok(None);
        }
        let place = self.here();
        self.at += mark.len_utf8();
        Ok(Some(place))
    }

    /// Whether `name:` is next.
    pub fn field_is_next(&mut self) -> Result<bool, Mistake> {
        self.skip_space()?;
        let start = self.at;
        let is_word = self.rest().starts_with(begins_word);
        self.skip_while(continues_word);
        let is_field = is_word && self.take(':')?.is_some();
        self.at = start;
        Ok(is_field)
    }

    /// The next token.
    pub fn next(&mut self) -> Result<Token<'t>, Mistake> {
        self.skip_space()?;
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token { kind: TokenKind::End, text: "", place: self.place(start, start) });
        };
        let kind = match first {
            '(' | ')' | '[' | ']' | ',' | ':' => {
                self.at += 1;
                TokenKind::Mark(first)
            }
            '"' => TokenKind::Text(self.escaped_text()?),
            'r' if raw_text_follows(self.rest()) => TokenKind::Text(Cow::Borrowed(self.raw_text()?)),
            'b' if self.rest()[1..].starts_with(['"', '\''])
                || self.rest().starts_with("br\"")
                || self.rest().starts_with("br#") =>
            {
                return Err(self.unused("bytes"));
            }
            '0'..='9' | '+' | '-' | '.' => {
                self.number()?;
                TokenKind::Number
            }
            first if begins_word(first) => {
                self.skip_while(continues_word);
                if &self.text[start..self.at] == "r" && self.rest().starts_with('#') {
                    return Err(self.unused("raw identifiers"));
                }
                TokenKind::Word
            }
            '{' | '}' => return Err(self.unused("maps `{ }`").with_help("structures are written `( )`, lists `[ ]`")),
            '#' => return Err(self.unused("attributes `#`")),
            '\'' => return Err(self.unused("characters in single quotes").with_help("texts stand in double quotes")),
            '=' => return Err(self.unused("equals signs").with_help("fields are written `name: value`")),
            _ => {
                let sentence = format!("this character means nothing here: `{}`", first.escape_debug());
                return Err(Mistake::new(self.here(), sentence, "unexpected"));
            }
        };
        Ok(Token { kind, text: &self.text[start..self.at], place: self.place(start, self.at) })
    }

    fn unused(&self, what: &str) -> Mistake {
        Mistake::new(self.here(), format!("model files use no {what}"), "unexpected")
    }

    /// Digits with a sign, a base, a point or an exponent.
    fn number(&mut self) -> Result<(), Mistake> {
        let start = self.at;
        if self.rest().starts_with(['+', '-']) {
            self.at += 1;
        }
        let special = ["inf", "NaN"].into_iter().find(|word| self.rest().starts_with(word));
        let based = ["0x", "0o", "0b"].into_iter().any(|base| self.rest().starts_with(base));
        if let Some(word) = special {
            self.at += word.len();
        } else if based {
            self.at += 2;
            self.skip_while(|c| c.is_ascii_hexdigit() || c == '_');
        } else {
            let mut last = ' ';
            for c in self.rest().chars() {
                let sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E');
                if !(c.is_ascii_digit() || matches!(c, 'e' | 'E' | '.' | '_') || sign) {
                    break;
                }
                last = c;
                self.at += 1;
            }
        }
        let written = &self.text[start..self.at];
        let rest = self.rest();
        let unit = rest.starts_with(|c| continues_word(c) || c == '%')
            || (rest.starts_with('/') && !rest.starts_with("//") && !rest.starts_with("/*"));
        if unit {
            self.skip_while(|c| continues_word(c) || matches!(c, '%' | '/' | '.'));
            let all = &self.text[start..self.at];
            let sentence = format!("a number with a unit is written as a text, but this is {}", quoted(all));
            return Err(Mistake::new(self.place(start, self.at), sentence, format!("write \"{}\"", shortened(all))));
        }
        if written.contains("..") {
            return Err(self.unused("ranges `..`"));
        }
        if number_of(written).is_none() {
            let sentence = format!("{} is not a number", quoted(written));
            return Err(Mistake::new(self.place(start, self.at), sentence, "expected a number"));
        }
        Ok(())
    }

    fn raw_text(&mut self) -> Result<&'t str, Mistake> {
        let start = self.at;
        self.at += 1;
        self.skip_while(|c| c == '#');
        let hashes = &self.text[start + 1..self.at];
        let begin = self.at + 1;
        let close = format!("\"{hashes}");
        let Some(length) = self.text[begin..].find(&close) else { return Err(self.text_without_end(start)) };
        self.at = begin + length + close.len();
        Ok(&self.text[begin..begin + length])
    }

    fn text_without_end(&self, start: usize) -> Mistake {
        Mistake::new(self.place(start, start + 1), "this text is never closed", "no closing `\"` follows")
    }

    fn escaped_text(&mut self) -> Result<Cow<'t, str>, Mistake> {
        let start = self.at;
        let begin = start + 1;
        let mut resolved = String::new();
        self.at = begin;
        loop {
            let from = self.at;
            self.skip_while(|c| c != '"' && c != '\\');
            let piece = &self.text[from..self.at];
            match self.rest().chars().next() {
                None => return Err(self.text_without_end(start)),
                Some('"') => {
                    self.at += 1;
                    if from == begin {
                        return Ok(Cow::Borrowed(piece));
                    }
                    resolved.push_str(piece);
                    return Ok(Cow::Owned(resolved));
                }
                Some(_) => {
                    resolved.push_str(piece);
                    let escape = self.at;
                    self.at += 1;
                    match self.escape() {
                        Some(c) => resolved.extend(c),
                        None => {
                            let place = self.place(escape, self.at);
                            return Err(Mistake::new(
                                place,
                                "this escape is unknown",
                                "expected \\n, \\t, \\\", \\\\ or \\u{...}",
                            )
                            .with_help("a backslash itself is written twice"));
                        }
                    }
                }
            }
        }
    }

    /// What follows a backslash: a character, or nothing where a line is continued. None: it is no escape.
    #[expect(clippy::option_option, reason = "no escape, an escape for nothing and an escape for a character are three answers")]
    fn escape(&mut self) -> Option<Option<char>> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        let simple = match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            '\\' | '"' | '\'' => c,
            '\r' if self.rest().starts_with('\n') => return Some(self.continued_line()),
            '\n' => return Some(self.continued_line()),
            'x' => return self.code(2).filter(char::is_ascii).map(Some),
            'u' => {
                self.at += usize::from(self.rest().starts_with('{'));
                let digits =
                    self.rest().find('}').filter(|digits| (1..=6).contains(digits) && self.text[..self.at].ends_with('{'))?;
                let c = self.code(digits)?;
                self.at += 1;
                return Some(Some(c));
            }
            _ => return None,
        };
        Some(Some(simple))
    }

    fn continued_line(&mut self) -> Option<char> {
        self.skip_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        None
    }

    /// A character given by `digits` hexadecimal digits.
    fn code(&mut self, digits: usize) -> Option<char> {
        let written = self.rest().get(..digits)?;
        let valid = written.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = if valid { u32::from_str_radix(written, 16).ok()? } else { return None };
        self.at += digits;
        char::from_u32(code)
    }
}

fn raw_text_follows(rest: &str) -> bool {
    rest[1..].trim_start_matches('#').starts_with('"')
}
