//! Printing: pipes that close without an error, columns of text.

use super::failure::Failure;
use std::fmt::Write as _;
use std::io::Write;

/// Writes to standard output, colours dropped where they are not wanted (no terminal, `NO_COLOR`).
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Who reads no further has read enough; what the command has to say by its exit code still holds.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The text as a cell of CSV: quoted where it must be (RFC 4180).
pub fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Two columns: names, and what they mean, wrapped.
pub fn table<'a>(rows: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let width = rows.clone().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (name, about) in rows {
        let lines = wrapped(about, LINE - width);
        for (number, line) in lines.iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            let _ = writeln!(text, "{name:<width$}{line}");
        }
    }
    text
}

/// The text in lines of readable length.
pub fn wrap(text: &str) -> String {
    wrapped(text, LINE).join("\n") + "\n"
}

/// Characters in a line of text.
const LINE: usize = 100;

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut()
            && (line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width)
        {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
