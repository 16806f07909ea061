//! Printing exceptions with their tracebacks, in CPython's form.

use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::bytecode::{CodeUnit, Const, Position};
use crate::object::*;
use crate::value::Value;
use std::fmt::Write;
use std::sync::Arc;

impl Vm {
    /// The text that CPython prints for an uncaught exception: causes and contexts first.
    pub fn format_exception(&mut self, exception: Local) -> String {
        let mut out = String::new();
        self.format_chain(exception, &mut out, &mut Vec::new());
        out
    }

    fn format_chain(&mut self, exception: Local, out: &mut String, seen: &mut Vec<u64>) {
        let id = self.id(self.get(exception));
        seen.push(id);
        let Some(e) = self.get(exception).cast::<Exception>() else { return };
        let (cause, context) = (e.cause.get(self), e.context.get(self));
        let fresh = |vm: &Vm, v: Value<'_>, seen: &[u64]| !v.is_none() && !seen.contains(&vm.id(v));
        if fresh(self, cause, seen) {
            let cause = self.root(cause);
            self.format_chain(cause, out, seen);
            out.push_str(
                "\nThe above exception was the direct cause of the following exception:\n\n",
            );
        } else if !e.suppress_context.get() && fresh(self, context, seen) {
            let context = self.root(context);
            self.format_chain(context, out, seen);
            out.push_str(
                "\nDuring handling of the above exception, another exception occurred:\n\n",
            );
        }
        self.format_one(exception, out);
    }

    fn format_one(&mut self, exception: Local, out: &mut String) {
        let entries = self.traceback_entries(exception);
        if !entries.is_empty() {
            out.push_str("Traceback (most recent call last):\n");
        }
        let mut last: Option<(&TracebackLine, usize)> = None;
        let lines: Vec<TracebackLine> = entries;
        for line in &lines {
            let same = last.is_some_and(|(l, _)| l.same_place(line));
            let count = if same { last.map_or(1, |(_, n)| n + 1) } else { 1 };
            if !same {
                close_repeats(last, out);
            }
            if count <= 3 {
                line.write(out);
            }
            last = Some((line, count));
        }
        close_repeats(last, out);
        let is_syntax = self.has_class(self.get(exception), ClassId::SyntaxError);
        if is_syntax {
            crate::builtins::exceptions::format_syntax_error(self, exception, out);
        } else {
            let text = self.exception_line(exception);
            out.push_str(&text);
            out.push('\n');
        }
        self.format_notes(exception, out);
    }

    /// `module.Class: message`
    pub fn exception_line(&mut self, exception: Local) -> String {
        let class = self.class_of(self.get(exception));
        let mut name = self.class_qualname(class);
        let key = self.intern("__module__");
        if let Some(module) = self.class_lookup(class, key.value())
            && let Some(module) = module.as_str()
        {
            let module = self.str_text(module);
            if module != "builtins" && module != "__main__" {
                name = format!("{module}.{name}");
            }
        }
        match self.str_text_of(exception) {
            Ok(text) if text.is_empty() => name,
            Ok(text) => format!("{name}: {text}"),
            Err(raised) => {
                let _ = self.take_exception(raised);
                format!("{name}: <exception str() failed>")
            }
        }
    }

    fn format_notes(&mut self, exception: Local, out: &mut String) {
        let key = self.intern("__notes__").value();
        let Some(notes) = self.own_attr(self.get(exception), key) else { return };
        if let Some(list) = notes.cast::<List>() {
            let notes: Vec<Local> = self.list_items(list).map(|v| self.root(v)).collect();
            for note in notes {
                if let Ok(text) = self.str_text_of(note) {
                    let _ = writeln!(out, "{text}");
                }
            }
        }
    }

    /// The lines of an exception's traceback, outermost first.
    fn traceback_entries(&self, exception: Local) -> Vec<TracebackLine> {
        let mut lines = Vec::new();
        let mut at = self
            .get(exception)
            .cast::<Exception>()
            .and_then(|e| e.r().traceback.get_as::<Traceback>(self));
        while let Some(entry) = at {
            if let Some(function) = entry.func.get_as::<Function>(self) {
                // SAFETY: the function keeps its code's data alive.
                let unit = unsafe { &(*function.data.get()).unit };
                let position = unit.positions.get(entry.pc.get() as usize).copied();
                lines.push(TracebackLine {
                    filename: unit.filename.to_string(),
                    name: unit.qualname.to_string(),
                    position: position.unwrap_or_default(),
                });
            }
            at = entry.next.get_as(self);
        }
        lines
    }
}

/// Source texts that are in no file (`-c`, standard input, the prompt), by the unit compiled from
/// them.
#[derive(Default)]
struct Sources(Vec<(Arc<CodeUnit>, Arc<str>)>);

/// Whether `unit` is `root` or a block inside it.
fn is_within(root: &Arc<CodeUnit>, unit: &Arc<CodeUnit>) -> bool {
    Arc::ptr_eq(root, unit)
        || root.consts.iter().any(|c| match c {
            Const::Code(inner) => is_within(inner, unit),
            _ => false,
        })
}

impl Vm {
    /// Keeps a source text for tracebacks.
    pub fn register_source(&self, unit: &Arc<CodeUnit>, text: &str) {
        let entry = (unit.clone(), text.into());
        self.with_extension(|sources: &mut Sources| sources.0.push(entry));
    }

    fn registered_source(&self, unit: &Arc<CodeUnit>) -> Option<Arc<str>> {
        self.with_extension(|sources: &mut Sources| {
            let found = sources.0.iter().rev().find(|(root, _)| is_within(root, unit));
            found.map(|(_, text)| text.clone())
        })
    }
}

/// One place in a traceback.
struct TracebackLine {
    filename: String,
    name: String,
    position: Position,
}

impl TracebackLine {
    fn same_place(&self, other: &TracebackLine) -> bool {
        self.filename == other.filename
            && self.position.line == other.position.line
            && self.name == other.name
    }

    fn write(&self, out: &mut String) {
        let line = self.position.line;
        // The name alone, as CPython shows it: the last part of the qualified name.
        let name = self.name.rsplit('.').next().unwrap_or(&self.name);
        let _ = writeln!(out, "  File \"{}\", line {line}, in {name}", self.filename);
        let Some(text) = source_line(&self.filename, line) else { return };
        let stripped = text.trim();
        if stripped.is_empty() {
            return;
        }
        let _ = writeln!(out, "    {stripped}");
        if let Some(marks) = self.carets(&text) {
            let _ = writeln!(out, "    {marks}");
        }
    }

    /// The line of `^` and `~` under the part of the source that raised; none when it is the whole
    /// line.
    fn carets(&self, text: &str) -> Option<String> {
        let p = self.position;
        let trimmed = text.trim_start();
        let indent = text.len() - trimmed.len();
        let line = trimmed.trim_end();
        let start = (p.col as usize).checked_sub(indent)?;
        let end = if p.end_line == p.line {
            (p.end_col as usize).checked_sub(indent)?
        } else {
            line.len()
        };
        if start >= end || end > line.len() {
            return None;
        }
        if !line.is_char_boundary(start) || !line.is_char_boundary(end) {
            return None;
        }
        let segment = &line[start..end];
        let before = line[..start].chars().count();
        let count = segment.chars().count();
        let whole = start == 0 && end == line.len();
        let marks = match anchors(segment) {
            Some((from, to)) => {
                let (from, to) = (segment[..from].chars().count(), segment[..to].chars().count());
                format!("{}{}{}", "~".repeat(from), "^".repeat(to - from), "~".repeat(count - to))
            }
            None if whole => return None,
            None => "^".repeat(count),
        };
        Some(format!("{}{marks}", " ".repeat(before)))
    }
}

/// Where inside the failing expression the point is: the operator of a binary operation, the
/// brackets of a call or subscript. Byte offsets.
fn anchors(segment: &str) -> Option<(usize, usize)> {
    use rustpython_ast::{Expr, Mod};
    use rustpython_text_size::Ranged;
    let source = format!("({segment}\n)");
    let options = rustpython_parser::ParseOptions::from(rustpython_parser::Mode::Expression);
    let parsed = rustpython_parser::parse(&source, options).ok()?;
    let Mod::Expression(module) = parsed.into_syntax() else { return None };
    let at = |offset: rustpython_text_size::TextSize| offset.to_usize() - 1;
    match *module.body {
        Expr::BinOp(op) => {
            let (from, to) = (at(op.left.range().end()), at(op.right.range().start()));
            let between = segment.get(from..to)?;
            let skipped = between.len() - between.trim_start_matches([' ', ')', '\\', '\n']).len();
            let symbol = &between[skipped..];
            let len = symbol.find([' ', '(', '\\', '\n']).unwrap_or(symbol.len());
            (len > 0).then_some((from + skipped, from + skipped + len))
        }
        Expr::Subscript(sub) => {
            let from = at(sub.value.range().end());
            let open = from + segment.get(from..)?.find('[')?;
            Some((open, segment.len()))
        }
        Expr::Call(call) => {
            let from = at(call.func.range().end());
            let open = from + segment.get(from..)?.find('(')?;
            Some((open, segment.len()))
        }
        _ => None,
    }
}

/// A line of a source file, without its line end.
pub fn source_line(filename: &str, line: u32) -> Option<String> {
    let text = std::fs::read(filename).ok()?;
    let text = String::from_utf8_lossy(&text);
    text.lines().nth((line as usize).checked_sub(1)?).map(str::to_owned)
}

fn close_repeats(last: Option<(&TracebackLine, usize)>, out: &mut String) {
    if let Some((_, count)) = last
        && count > 3
    {
        let more = count - 3;
        let plural = if more == 1 { "" } else { "s" };
        let _ = writeln!(out, "  [Previous line repeated {more} more time{plural}]");
    }
}
