//! The source lines below a traceback entry, with `^` and `~` under what raised.
//!
//! The range of the instruction is marked with `^`. In a binary operation, a call or a subscript
//! the point of failure (operator, arguments, index) is marked with `^` and the rest with `~`.
//! Nothing is marked when that would say no more than the line itself.

use crate::bytecode::Position;
use rustpython_ast::{Expr, Mod, Stmt};
use rustpython_text_size::{Ranged, TextRange};
use std::fmt::Write;

/// A place in the shown lines: line from 0, column in characters.
type Place = (usize, usize);

/// Writes the lines of `position` in `text`, indented by four spaces, with marks.
pub(super) fn write_lines(text: &str, position: Position, out: &mut String) {
    let Some(first) = (position.line as usize).checked_sub(1) else { return };
    let count = (position.end_line.max(position.line) - position.line) as usize + 1;
    let original: Vec<&str> = text.lines().skip(first).take(count).collect();
    if original.iter().all(|l| l.trim().is_empty()) {
        return;
    }
    let lines = dedented(&original);
    if position.end_line == 0 || original.len() < count {
        let _ = writeln!(out, "    {}", lines[0].trim());
        return;
    }
    let column = |line: &str, bytes: u32| {
        let bytes = (bytes as usize).min(line.len());
        String::from_utf8_lossy(&line.as_bytes()[..bytes]).chars().count()
    };
    let removed = original[0].chars().count() - lines[0].chars().count();
    let last = lines.len() - 1;
    let start = column(original[0], position.col).saturating_sub(removed);
    let end = column(original[last], position.end_col).saturating_sub(removed);
    let marks = Marks::new(&lines, start, end);
    let mut shown: Option<usize> = None;
    for line in 0..lines.len() {
        if !marks.is_significant(line, last) {
            continue;
        }
        if let Some(before) = shown {
            match line - before {
                1 => {}
                2 => marks.write_line(&lines, line - 1, out),
                more => {
                    let _ = writeln!(out, "    ...<{} lines>...", more - 1);
                }
            }
        }
        marks.write_line(&lines, line, out);
        shown = Some(line);
    }
}

/// The lines without the indentation they share.
fn dedented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indent = |l: &str| l.len() - l.trim_start_matches([' ', '\t']).len();
    let full = lines.iter().filter(|l| !l.trim().is_empty());
    let common = full
        .fold(None, |common: Option<&str>, line| {
            let own = &line[..indent(line)];
            Some(match common {
                None => own,
                Some(common) => {
                    let same = common.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
                    &common[..same]
                }
            })
        })
        .unwrap_or("");
    lines.iter().map(|l| l.strip_prefix(common).unwrap_or("").trim_end_matches('\r')).collect()
}

/// What is marked.
struct Marks {
    start: usize,
    end: usize,
    /// Where the point of failure begins and ends.
    point: Option<(Place, Place)>,
    show: bool,
}

impl Marks {
    fn new(lines: &[&str], start: usize, end: usize) -> Marks {
        let last = lines.len() - 1;
        let segment = segment(lines, start, end);
        let point = point_of_failure(&segment).map(|(from, to)| {
            let shift = |(line, col): Place| (line, if line == 0 { col + start } else { col });
            (shift(from), shift(to))
        });
        let before: String = lines[0].chars().take(start).collect();
        let after: String = lines[last].chars().skip(end).collect();
        let partial = !before.trim().is_empty() || !after.trim().is_empty();
        let show = !says_nothing(lines, start, end) && (point.is_some() || partial);
        Marks { start, end, point, show }
    }

    /// Lines that are shown: the first, the last, and those around the point of failure.
    fn is_significant(&self, line: usize, last: usize) -> bool {
        let near = |place: Place| line + 1 >= place.0 && line <= place.0 + 1;
        line == 0 || line == last || self.point.is_some_and(|(from, to)| near(from) || near(to))
    }

    fn write_line(&self, lines: &[&str], line: usize, out: &mut String) {
        let text = lines[line];
        let _ = writeln!(out, "    {text}");
        if !self.show {
            return;
        }
        let mut marks = String::new();
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        let count = if line == lines.len() - 1 { self.end } else { text.chars().count() };
        for (col, c) in text.chars().enumerate().take(count) {
            let mark = if col < indent || (line == 0 && col < self.start) {
                ' '
            } else if let Some((from, to)) = self.point {
                let inside = (line, col) >= from && (line, col) < to;
                if inside { '^' } else { '~' }
            } else {
                '^'
            };
            marks.push(mark);
            if is_wide(c) {
                marks.push(mark);
            }
        }
        let _ = writeln!(out, "    {}", marks.trim_end());
    }
}

/// The part of the lines from `start` on the first to `end` on the last.
fn segment(lines: &[&str], start: usize, end: usize) -> String {
    let last = lines.len() - 1;
    let parts: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let end = if i == last { end } else { usize::MAX };
            let start = if i == 0 { start } else { 0 };
            line.chars().take(end).skip(start).collect()
        })
        .collect();
    parts.join("\n")
}

/// `return f(...)` and `x = f(...)` as a whole line: marks would only repeat it.
fn says_nothing(lines: &[&str], start: usize, end: usize) -> bool {
    let text = lines.join("\n");
    let options = rustpython_parser::ParseOptions::from(rustpython_parser::Mode::Module);
    let parsed = match rustpython_parser::parse(&text, options.clone()) {
        Ok(parsed) => parsed,
        // A `return` is no error inside the function it stands in.
        Err(_) => return false,
    };
    let Mod::Module(module) = parsed.into_syntax() else { return false };
    let value = match module.body.first() {
        Some(Stmt::Return(statement)) => match statement.value.as_deref() {
            Some(value @ Expr::Call(call)) if call.func.is_name_expr() => value,
            _ => return false,
        },
        Some(Stmt::Assign(statement))
            if statement.value.is_call_expr()
                && matches!(&*statement.targets, [target] if target.is_name_expr()) =>
        {
            &*statement.value
        }
        _ => return false,
    };
    let range = value.range();
    let (from, to) = (place(&text, range.start().to_usize()), place(&text, range.end().to_usize()));
    from == (0, start) && to == (lines.len() - 1, end)
}

/// Line and column of a byte offset.
fn place(text: &str, offset: usize) -> Place {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count())
}

/// Where inside the failing expression the point is.
fn point_of_failure(segment: &str) -> Option<(Place, Place)> {
    let source = format!("(\n{segment}\n)");
    let options = rustpython_parser::ParseOptions::from(rustpython_parser::Mode::Expression);
    let parsed = rustpython_parser::parse(&source, options).ok()?;
    let Mod::Expression(module) = parsed.into_syntax() else { return None };
    let end_of = |range: TextRange| range.end().to_usize();
    // Two bytes were put before the segment.
    let here = |offset: usize| place(segment, offset.saturating_sub(2));
    let opening = |from: usize, bracket: char| {
        let found = source[from..].find(bracket)?;
        Some(from + found)
    };
    match &*module.body {
        Expr::BinOp(op) => {
            let from = end_of(op.left.range());
            let to = op.right.range().start().to_usize();
            let between = source.get(from..to)?;
            let skipped = between.find(|c: char| !c.is_whitespace() && c != ')' && c != '\\')?;
            let symbol = &between[skipped..];
            let mut chars = symbol.chars();
            chars.next()?;
            let two = chars.next().is_some_and(|c| !c.is_whitespace() && c != '(' && c != '\\');
            let at = from + skipped;
            Some((here(at), here(at + 1 + two as usize)))
        }
        Expr::Subscript(sub) => {
            let open = opening(end_of(sub.value.range()), '[')?;
            Some((here(open), here(end_of(sub.range()))))
        }
        Expr::Call(call) => {
            let open = opening(end_of(call.func.range()), '(')?;
            Some((here(open), here(end_of(call.range()))))
        }
        _ => None,
    }
}

/// Whether a terminal shows the character two columns wide.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF | 0xA960..=0xA97C | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: u32, col: u32, end_line: u32, end_col: u32) -> String {
        let mut out = String::new();
        write_lines(text, Position { line, end_line, col, end_col }, &mut out);
        out
    }

    #[test]
    fn points_of_failure() {
        assert_eq!(shown("x = a + b", 1, 4, 1, 9), "    x = a + b\n        ~~^~~\n");
        assert_eq!(shown("  f(1)", 1, 2, 1, 6), "    f(1)\n    ~^^^\n");
        assert_eq!(shown("a['k'] = 1", 1, 0, 1, 6), "    a['k'] = 1\n    ~^^^^^\n");
        assert_eq!(shown("raise E", 1, 0, 1, 7), "    raise E\n");
        assert_eq!(shown("x = f(1)", 1, 4, 1, 8), "    x = f(1)\n");
        assert_eq!(shown("print(é.y)", 1, 6, 1, 10), "    print(é.y)\n          ^^^\n");
    }

    #[test]
    fn several_lines() {
        // The lines next to the brackets are shown, a longer gap between them is not.
        let text = "f(\n    1,\n    2,\n    3,\n    4,\n    5,\n)";
        let shown = shown(text, 1, 0, 7, 1);
        let marks: Vec<&str> = shown.lines().collect();
        assert_eq!(marks[..4], ["    f(", "    ~^", "        1,", "        ^^"]);
        assert_eq!(marks[4], "    ...<3 lines>...");
        assert_eq!(marks[marks.len() - 2..], ["    )", "    ^"]);
    }
}
