//! Printing exceptions with their tracebacks, in CPython's form.

use super::native::{Args, NativeResult, Raised};
use super::{Local, Vm, carets};
use crate::builtins::{ClassId, GetSetDef, TypeDef};
use crate::bytecode::{CodeUnit, Const, Position};
use crate::object::*;
use crate::value::Value;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

/// Of a group more exceptions than these are only counted.
const MAX_GROUP_WIDTH: usize = 15;
/// Groups nested deeper are not shown.
const MAX_GROUP_DEPTH: usize = 10;

/// Lines repeated more often than this are only counted.
const REPEATS: usize = 3;

/// How an exception is connected to the one printed after it.
#[derive(Clone, Copy)]
enum Link {
    Cause,
    Context,
}

impl Vm {
    /// The text that CPython prints for an uncaught exception: causes and contexts first.
    pub fn format_exception(&mut self, exception: Local) -> String {
        let mut out = String::new();
        let mut context = Context::default();
        self.scope(|vm| vm.format_chain(exception, &mut context, &mut out));
        out
    }

    fn format_chain(&mut self, exception: Local, context: &mut Context, out: &mut String) {
        // From the last exception back to the first: chains may be long, so there is no recursion.
        let mut chain: Vec<(Local, Option<Link>)> = vec![(exception, None)];
        let mut seen = HashSet::from([self.id(self.get(exception))]);
        loop {
            let vm = &*self;
            let at = chain[chain.len() - 1].0;
            let Some(e) = vm.get(at).cast::<Exception>() else { break };
            let fresh = |v: Value<'_>| !v.is_none() && !seen.contains(&vm.id(v));
            let (cause, earlier) = (e.r().cause.get(vm), e.r().context.get(vm));
            let next = if fresh(cause) {
                (cause, Link::Cause)
            } else if cause.is_none() && !e.suppress_context.get() && fresh(earlier) {
                (earlier, Link::Context)
            } else {
                break;
            };
            seen.insert(vm.id(next.0));
            chain.push((vm.root(next.0), Some(next.1)));
        }
        for (exception, link) in chain.into_iter().rev() {
            self.scope(|vm| vm.format_one(exception, context, out));
            let link = match link {
                Some(Link::Cause) => {
                    "\nThe above exception was the direct cause of the following exception:\n\n"
                }
                Some(Link::Context) => {
                    "\nDuring handling of the above exception, another exception occurred:\n\n"
                }
                None => continue,
            };
            context.emit(link, '|', out);
        }
    }

    fn format_one(&mut self, exception: Local, context: &mut Context, out: &mut String) {
        let parts = self.group_members(exception);
        let outermost = parts.is_some() && context.depth == 0;
        if outermost {
            context.depth = 1;
        }
        let entries = self.traceback_entries(exception);
        if !entries.is_empty() && parts.is_some() {
            let margin = if outermost { '+' } else { '|' };
            context.emit("Exception Group Traceback (most recent call last):\n", margin, out);
        } else if !entries.is_empty() {
            context.emit("Traceback (most recent call last):\n", '|', out);
        }
        let mut text = String::new();
        self.write_entries(&entries, &mut context.files, &mut text);
        if self.has_class(self.get(exception), ClassId::SyntaxError) {
            crate::builtins::exceptions::format_syntax_error(self, exception, &mut text);
        } else {
            text.push_str(&self.exception_line(exception));
            text.push('\n');
        }
        self.format_notes(exception, &mut text);
        context.emit(&text, '|', out);
        if let Some(parts) = parts {
            self.format_members(&parts, context, out);
        }
        if outermost {
            context.depth = 0;
        }
    }

    /// The exceptions in an exception group.
    fn group_members(&mut self, exception: Local) -> Option<Vec<Local>> {
        if !self.has_class(self.get(exception), ClassId::BaseExceptionGroup) {
            return None;
        }
        match self.getattr_opt(exception, "exceptions") {
            Ok(found) => {
                let members = self.value(found?).cast::<Tuple>()?;
                Some(members.r().items().iter().map(|s| self.root(s.get(self))).collect())
            }
            Err(raised) => {
                self.take_exception(raised);
                None
            }
        }
    }

    fn format_members(&mut self, parts: &[Local], context: &mut Context, out: &mut String) {
        if context.depth > MAX_GROUP_DEPTH {
            context.emit(&format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"), '|', out);
            return;
        }
        let shown = parts.len().min(MAX_GROUP_WIDTH + 1);
        for (i, &part) in parts.iter().take(shown).enumerate() {
            let last = i + 1 == shown;
            if last {
                context.open = true;
            }
            let left_out = i == MAX_GROUP_WIDTH;
            let title = if left_out { "...".into() } else { (i + 1).to_string() };
            let start = if i == 0 { "+-" } else { "  " };
            let indent = context.indent();
            let _ = writeln!(out, "{indent}{start}+---------------- {title} ----------------");
            context.depth += 1;
            if left_out {
                let more = parts.len() - MAX_GROUP_WIDTH;
                let plural = if more == 1 { "" } else { "s" };
                context.emit(&format!("and {more} more exception{plural}\n"), '|', out);
            } else {
                self.scope(|vm| vm.format_chain(part, context, out));
            }
            if last && context.open {
                let _ = writeln!(out, "{}+------------------------------------", context.indent());
                context.open = false;
            }
            context.depth -= 1;
        }
    }

    fn write_entries(&self, entries: &[Entry], files: &mut Files, out: &mut String) {
        let mut last: Option<(&Entry, usize)> = None;
        for entry in entries {
            let count = match last {
                Some((before, count)) if before.same_place(entry) => count + 1,
                _ => {
                    close_repeats(last, out);
                    1
                }
            };
            if count <= REPEATS {
                self.write_entry(entry, files, out);
            }
            last = Some((entry, count));
        }
        close_repeats(last, out);
    }

    fn write_entry(&self, entry: &Entry, files: &mut Files, out: &mut String) {
        let (unit, position) = (&entry.unit, entry.position);
        let _ =
            writeln!(out, "  File \"{}\", line {}, in {}", unit.filename, position.line, unit.name);
        if let Some(text) = self.registered_source(unit) {
            carets::write_lines(&text, position, out);
        } else if let Some(text) = files.text(self, &unit.filename) {
            carets::write_lines(text, position, out);
        }
    }

    /// `module.Class: message`
    pub fn exception_line(&mut self, exception: Local) -> String {
        let name = {
            let class = self.class_of(self.get(exception));
            let name = self.class_qualname(class);
            let key = self.intern("__module__");
            match self.class_lookup(class, key.value()).and_then(|m| m.as_str()) {
                Some(module) => match &*self.str_text(module) {
                    "builtins" | "__main__" => name,
                    module => format!("{module}.{name}"),
                },
                None => name,
            }
        };
        let text = match self.str_text_of(exception) {
            Ok(text) => text,
            Err(raised) => {
                self.take_exception(raised);
                return format!("{name}: <exception str() failed>");
            }
        };
        let suggestion = self.suggestion(exception);
        if text.is_empty() && suggestion.is_empty() {
            return name;
        }
        format!("{name}: {text}{suggestion}")
    }

    fn format_notes(&mut self, exception: Local, out: &mut String) {
        let key = self.intern("__notes__").value();
        let Some(notes) = self.own_attr(self.get(exception), key) else { return };
        if let Some(list) = notes.cast::<List>() {
            let notes: Vec<Local> = self.list_items(list).map(|v| self.root(v)).collect();
            for note in notes {
                match self.str_text_of(note) {
                    Ok(text) => {
                        let _ = writeln!(out, "{text}");
                    }
                    Err(raised) => {
                        self.take_exception(raised);
                        out.push_str("<note str() failed>\n");
                    }
                }
            }
        } else if !notes.is_none() {
            let notes = self.root(notes);
            if let Ok(text) = self.repr_text(notes) {
                let _ = writeln!(out, "{text}");
            }
        }
    }

    /// The entries of an exception's traceback, outermost first.
    fn traceback_entries(&self, exception: Local) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut at = self
            .get(exception)
            .cast::<Exception>()
            .and_then(|e| e.r().traceback.get_as::<Traceback>(self));
        while let Some(entry) = at {
            if let Some(function) = entry.func.get_as::<Function>(self) {
                // SAFETY: the function keeps its code's data alive.
                let unit = unsafe { &(*function.data.get()).unit };
                let position = unit.positions.get(entry.pc.get() as usize).copied();
                let mut position = match entry.given.get() {
                    Some((_, line)) => {
                        let line = u32::try_from(line).unwrap_or(0);
                        Position { line, end_line: line, ..Default::default() }
                    }
                    None => position.unwrap_or_default(),
                };
                if self.config.no_columns {
                    (position.end_line, position.col, position.end_col) = (position.line, 0, 0);
                }
                entries.push(Entry { unit: unit.clone(), position });
            }
            at = entry.r().next.get_as(self);
        }
        entries
    }
}

/// One place in a traceback.
struct Entry {
    unit: Arc<CodeUnit>,
    position: Position,
}

impl Entry {
    fn same_place(&self, other: &Entry) -> bool {
        self.unit.filename == other.unit.filename
            && self.position.line == other.position.line
            && self.unit.name == other.unit.name
    }
}

fn close_repeats(last: Option<(&Entry, usize)>, out: &mut String) {
    if let Some((_, count)) = last
        && count > REPEATS
    {
        let more = count - REPEATS;
        let plural = if more == 1 { "" } else { "s" };
        let _ = writeln!(out, "  [Previous line repeated {more} more time{plural}]");
    }
}

/// Where in the report of exception groups the writing is.
#[derive(Default)]
struct Context {
    files: Files,
    /// How many groups are around; 0 outside groups.
    depth: usize,
    /// The line that closes the innermost group is still to be written.
    open: bool,
}

impl Context {
    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    /// Writes lines, inside groups with a margin.
    fn emit(&self, text: &str, margin: char, out: &mut String) {
        if self.depth == 0 {
            out.push_str(text);
            return;
        }
        for line in text.split_inclusive('\n') {
            let _ = write!(out, "{}{margin} {line}", self.indent());
        }
    }
}

/// Source files, read once for each report.
#[derive(Default)]
struct Files(HashMap<Arc<str>, Option<String>>);

impl Files {
    fn text(&mut self, vm: &Vm, name: &Arc<str>) -> Option<&str> {
        let text = self.0.entry(name.clone()).or_insert_with(|| {
            let reader = vm.with_extension(|reader: &mut SourceReader| reader.0);
            if let Some(text) = reader.and_then(|reader| reader(name)) {
                return Some(text);
            }
            // Names like `<string>` stand for no file.
            if name.starts_with('<') && name.ends_with('>') {
                return None;
            }
            let bytes = std::fs::read(&**name).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        });
        text.as_deref()
    }
}

/// See [`Vm::set_source_reader`].
#[derive(Default)]
struct SourceReader(Option<fn(&str) -> Option<String>>);

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
    /// Sets what finds source texts, by the names of their files, that are not in the file system.
    pub fn set_source_reader(&self, reader: fn(&str) -> Option<String>) {
        self.with_extension(|old: &mut SourceReader| old.0 = Some(reader));
    }

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

/// What `sys.unraisablehook` gets.
pub static UNRAISABLE: TypeDef = TypeDef {
    module: "sys",
    base: ClassId::Tuple,
    doc: "What is known about an exception that nobody can catch.",
    flags: ClassFlags::NO_NEW,
    getset: &[
        GetSetDef::new("exc_type", item::<0>, "Its class."),
        GetSetDef::new("exc_value", item::<1>, "The exception."),
        GetSetDef::new("exc_traceback", item::<2>, "Its traceback."),
        GetSetDef::new("err_msg", item::<3>, "What was being done, or None."),
        GetSetDef::new("object", item::<4>, "What it was done to, or None."),
    ],
    ..TypeDef::new("UnraisableHookArgs", Kind::Tuple)
};

fn item<const I: usize>(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Tuple>(vm)?.r().item(vm, I)))
}

impl Vm {
    /// Reports an exception that nobody can catch, to `sys.unraisablehook`.
    pub fn unraisable(&mut self, raised: Raised, source: Local) {
        let exception = self.take_exception(raised);
        self.call_unraisable_hook(exception, None, source);
    }

    /// The same; the report says what was being done to `source`.
    pub fn unraisable_while(&mut self, raised: Raised, doing: &str, source: Local) {
        let exception = self.take_exception(raised);
        let what = self.repr_text(source).unwrap_or_else(|raised| {
            self.take_exception(raised);
            "<object repr() failed>".into()
        });
        let none = self.root(Value::NONE);
        self.call_unraisable_hook(exception, Some(&format!("{doing} {what}")), none);
    }

    fn call_unraisable_hook(&mut self, exception: Local, message: Option<&str>, source: Local) {
        self.scope(|vm| {
            let hook = vm.sys_get("unraisablehook").filter(|h| !h.is_none());
            let Some(hook) = hook.map(|h| vm.root(h)) else {
                let report = vm.format_exception(exception);
                let message = message.unwrap_or("Exception ignored");
                vm.write_stderr(&format!("{message}:\n{report}"));
                return;
            };
            let arguments = {
                let vm = &*vm;
                let value = vm.get(exception);
                let traceback =
                    value.cast::<Exception>().map_or(Value::NONE, |e| e.r().traceback.get(vm));
                let items = [
                    vm.class_of(value).value(),
                    value,
                    traceback,
                    message.map_or(Value::NONE, |m| vm.str(m).value()),
                    vm.get(source),
                ];
                let shape = vm.native_shape(&UNRAISABLE);
                vm.root(vm.tuple_of_shape(shape, items.len(), items).value())
            };
            if let Err(raised) = vm.call(hook, &[arguments]) {
                let failed = vm.take_exception(raised);
                let report = vm.format_exception(failed);
                vm.write_stderr(&format!("Exception ignored in sys.unraisablehook:\n{report}"));
            }
        });
    }
}
