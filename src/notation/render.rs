//! How a report looks: every diagnostic with its line, a caret under the place, and what to do about it.

use super::diagnostic::{Diagnostic, Place, Report, Severity, SourceText};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Lines around a place are cut to this many bytes, lest a huge line be drawn.
const MOST_SHOWN: usize = 4_096;

impl Report {
    /// The report as text, one block per diagnostic, with a blank line between; with colours for a terminal if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for diagnostic in &self.diagnostics {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&renderer.render(&[self.group(diagnostic)]));
        }
        if self.omitted > 0 {
            let more = Level::NOTE.secondary_title(format!("{} more like these are not shown", self.omitted));
            text.push_str("\n\n");
            text.push_str(&renderer.render(&[Group::with_title(more)]));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic) -> Group<'a> {
        let level = match diagnostic.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let label = diagnostic.label().map(str::to_owned);
        let mut group = Group::with_title(level.primary_title(diagnostic.sentence()));
        let mut marks = vec![Mark { place: diagnostic.place, kind: AnnotationKind::Primary, label }];
        if let Some((place, what)) = diagnostic.related {
            marks.push(Mark { place, kind: AnnotationKind::Context, label: Some(what.to_string()) });
        }
        for snippet in self.snippets(marks) {
            group = group.element(snippet);
        }
        match diagnostic.help() {
            Some(help) => group.element(Level::HELP.message(help)),
            None => group,
        }
    }

    /// The places in as few pieces of source as will do: one if they are near each other.
    fn snippets<'a>(&'a self, marks: Vec<Mark>) -> Vec<Element<'a>> {
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        for mark in marks {
            let Some(source) = self.sources.get(mark.place.source as usize) else { continue };
            let (lines, span) = window(&source.text, mark.place);
            match pieces.last_mut() {
                Some(piece) if std::ptr::eq(piece.source, Arc::as_ptr(source)) && piece.joined(&lines).len() <= MOST_SHOWN => {
                    piece.lines = piece.joined(&lines);
                    piece.marks.push((span, mark));
                }
                _ => pieces.push(Piece { source, lines, marks: vec![(span, mark)] }),
            }
        }
        pieces.into_iter().flat_map(|piece| self.draw(piece)).collect()
    }

    fn draw<'a>(&'a self, piece: Piece<'a>) -> Vec<Element<'a>> {
        let Piece { source, lines, marks } = piece;
        if lines.len() > MOST_SHOWN {
            // A line that no terminal can show: say where it is, and what the caret would have said.
            return marks.into_iter().flat_map(|(_, mark)| self.named_only(mark)).collect();
        }
        let number = source.text[..lines.start].matches('\n').count() + 1;
        let mut snippet = Snippet::source(&source.text[lines.clone()]).line_start(number).path(&*source.name);
        for (span, mark) in marks {
            let annotation = mark.kind.span(span.start - lines.start..span.end - lines.start);
            snippet = snippet.annotation(annotation.label(mark.label));
        }
        vec![snippet.into()]
    }

    fn named_only(&self, mark: Mark) -> Vec<Element<'_>> {
        let Some((name, line, column)) = self.locate(mark.place) else { return Vec::new() };
        let mut elements = vec![Origin::path(name).line(line).char_column(column).into()];
        elements.extend(mark.label.map(|label| Level::NOTE.message(label).into()));
        elements
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// A place and what is said about it.
struct Mark {
    place: Place,
    kind: AnnotationKind,
    label: Option<String>,
}

/// Lines of a source and the marks on them.
struct Piece<'a> {
    source: &'a SourceText,
    lines: Range<usize>,
    marks: Vec<(Range<usize>, Mark)>,
}

impl Piece<'_> {
    fn joined(&self, lines: &Range<usize>) -> Range<usize> {
        self.lines.start.min(lines.start)..self.lines.end.max(lines.end)
    }
}

/// The line on which `place` begins, and the part of the place that is on it.
fn window(text: &str, place: Place) -> (Range<usize>, Range<usize>) {
    let on_border =
        |offset: u32| (0..=(offset as usize).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (start, end) = (on_border(place.start), on_border(place.end));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let visible_end = line_start + text[line_start..line_end].trim_end().len();
    let end = end.clamp(start, visible_end.max(start));
    (line_start..line_end, start..end)
}
