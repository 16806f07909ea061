//! The reader: lines to rows, by a machine with a state for each place in a line.

use super::dialect::{Dialect, Format, Quoting, dialect_of, ends_line};
use super::{State, error};
use crate::prelude::*;
use sidewinder_interpreter::builtins::float::parse_str;
use std::rc::Rc;

/// The rows of an iterable of lines.
#[derive(Trace)]
pub struct Reader {
    lines: Slot,
    dialect: Slot,
    #[trace(skip)]
    format: Rc<Format>,
    #[trace(skip)]
    line_num: Cell<u64>,
}

native_type!(
    Reader,
    READER,
    "_csv",
    "reader",
    "The rows of an iterable of lines.",
    ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    [NativeDef::method("__iter__($self, /)", itself, "Implement iter(self).")],
    [
        GetSetDef::new("dialect", dialect, "How fields are separated and quoted."),
        GetSetDef::new("line_num", line_num, "How many lines have been read.")
            .with_set(set_line_num),
    ],
    next: next_row
);

fn dialect(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Reader>(vm)?.dialect.get(vm)))
}

fn line_num(vm: &mut Vm, args: Args) -> NativeResult {
    let lines = args.payload::<Reader>(vm)?.line_num.get();
    Ok(vm.ret(vm.int_usize(lines as usize)))
}

fn set_line_num(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, AttributeError, "readonly attribute")
}

/// `reader(iterable, /, dialect=None, **options)`
pub fn reader(vm: &mut Vm, args: Args) -> NativeResult {
    let lines = vm.iter(args.local(0))?;
    let lines = vm.hold(lines);
    let dialect = dialect_of(vm, args.local(1), args.local(2))?;
    let vm = &*vm;
    let format = vm.get(dialect).payload::<Dialect>().map(|d| d.r().format.clone());
    let payload = Reader {
        lines: slot(vm.get(lines)),
        dialect: slot(vm.get(dialect)),
        format: format.expect("made above"),
        line_num: Cell::new(0),
    };
    Ok(vm.ret(vm.native(payload).value()))
}

/// What the reader is in the middle of.
#[derive(Clone, Copy, PartialEq)]
enum At {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapedInQuoted,
    /// Behind a quote within quotes: the end of the field, or half of a doubled one.
    QuoteInQuoted,
    /// Behind the end of the line, where nothing else may follow.
    EndLine,
    /// Behind an escaped end of line, which belongs to the field.
    AfterEscapedEnd,
}

/// A row under way.
struct Row {
    format: Rc<Format>,
    limit: i64,
    at: At,
    field: Vec<u32>,
    /// Whether the field began with a quote.
    quoted: bool,
    /// A list of the fields so far.
    fields: Local,
}

impl Row {
    /// The field is complete.
    fn save(&mut self, vm: &Vm) -> Result<(), Raised> {
        let quoting = self.format.quoting;
        let empty = self.field.is_empty();
        let bare = |modes: [Quoting; 2]| !self.quoted && modes.contains(&quoting);
        let text = vm.str_from_code_points(&self.field);
        let value = if empty && bare([Quoting::NotNull, Quoting::Strings]) {
            Value::NONE
        } else if !empty && bare([Quoting::NonNumeric, Quoting::Strings]) {
            vm.float(parse_str(vm, text)?)
        } else {
            text.value()
        };
        vm.list_push(vm.get(self.fields).cast().expect("a list"), value);
        self.field.clear();
        self.quoted = false;
        Ok(())
    }

    fn add(&mut self, vm: &Vm, c: u32) -> Result<(), Raised> {
        if self.field.len() as i64 >= self.limit {
            return Err(error(vm, format!("field larger than field limit ({})", self.limit)));
        }
        self.field.push(c);
        Ok(())
    }

    /// The state after a field that ends with `c`: a delimiter or the end of the line.
    fn end_field(&mut self, vm: &Vm, c: Option<u32>) -> Result<At, Raised> {
        self.save(vm)?;
        Ok(match c {
            None => At::StartRecord,
            Some(c) if ends_line(c) => At::EndLine,
            Some(_) => At::StartField,
        })
    }

    /// Takes one more character; `None` is the end of the line.
    fn step(&mut self, vm: &Vm, c: Option<u32>) -> Result<(), Raised> {
        self.at = self.next_state(vm, c)?;
        Ok(())
    }

    fn next_state(&mut self, vm: &Vm, c: Option<u32>) -> Result<At, Raised> {
        let ends = c.is_none_or(ends_line);
        let quotes = self.format.quoting != Quoting::None;
        let is_quote = quotes && c.is_some() && c == self.format.quote;
        let is_escape = c.is_some() && c == self.format.escape;
        let is_delimiter = c == Some(self.format.delimiter);
        let character = c.unwrap_or('\n'.into());
        match self.at {
            At::StartRecord if c.is_none() => Ok(At::StartRecord),
            At::StartRecord if ends => Ok(At::EndLine),
            At::StartRecord | At::StartField => {
                if ends || is_delimiter && !is_quote && !is_escape && !self.skips(c) {
                    return self.end_field(vm, c);
                }
                if is_quote {
                    self.quoted = true;
                    return Ok(At::InQuoted);
                }
                if is_escape {
                    return Ok(At::Escaped);
                }
                if self.skips(c) {
                    return Ok(At::StartField);
                }
                self.add(vm, character)?;
                Ok(At::InField)
            }
            At::Escaped => {
                self.add(vm, character)?;
                Ok(if c.is_some() && ends { At::AfterEscapedEnd } else { At::InField })
            }
            At::AfterEscapedEnd if c.is_none() => Ok(At::AfterEscapedEnd),
            At::InField | At::AfterEscapedEnd => {
                if ends || is_delimiter {
                    return self.end_field(vm, c);
                }
                if is_escape {
                    return Ok(At::Escaped);
                }
                self.add(vm, character)?;
                Ok(At::InField)
            }
            At::InQuoted if c.is_none() => Ok(At::InQuoted),
            At::InQuoted if is_escape => Ok(At::EscapedInQuoted),
            At::InQuoted if is_quote => {
                Ok(if self.format.double_quote { At::QuoteInQuoted } else { At::InField })
            }
            At::InQuoted | At::EscapedInQuoted => {
                self.add(vm, character)?;
                Ok(At::InQuoted)
            }
            At::QuoteInQuoted if is_quote => {
                self.add(vm, character)?;
                Ok(At::InQuoted)
            }
            At::QuoteInQuoted if ends || is_delimiter => self.end_field(vm, c),
            At::QuoteInQuoted if self.format.strict => {
                let text = |c: u32| vm.str_text(vm.str_from_char(c)).into_owned();
                let (delimiter, quote) =
                    (text(self.format.delimiter), self.format.quote.map_or(String::new(), text));
                Err(error(vm, format!("'{delimiter}' expected after '{quote}'")))
            }
            At::QuoteInQuoted => {
                self.add(vm, character)?;
                Ok(At::InField)
            }
            At::EndLine if c.is_none() => Ok(At::StartRecord),
            At::EndLine if ends => Ok(At::EndLine),
            At::EndLine => Err(error(
                vm,
                "new-line character seen in unquoted field - do you need to open the file with \
                 newline=''?",
            )),
        }
    }

    /// Whether this is a space in front of a field that is no part of it.
    fn skips(&self, c: Option<u32>) -> bool {
        self.format.skip_space && c == Some(' '.into())
    }

    /// Takes a whole line.
    fn line(&mut self, vm: &Vm, line: Gc<'_, Str>) -> Result<(), Raised> {
        for c in line.r().chars() {
            // Most characters neither begin nor end anything.
            if self.format.is_plain(c) {
                match self.at {
                    At::InField | At::InQuoted => {
                        self.add(vm, c)?;
                        continue;
                    }
                    At::StartField | At::StartRecord if !self.skips(Some(c)) => {
                        self.add(vm, c)?;
                        self.at = At::InField;
                        continue;
                    }
                    _ => {}
                }
            }
            self.step(vm, Some(c))?;
        }
        self.step(vm, None)
    }
}

fn next_row(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Reader>(vm)?;
    let lines = vm.root(this.lines.get(vm));
    let mut row = Row {
        format: this.r().format.clone(),
        limit: vm.with_extension(|state: &mut State| state.limit),
        at: At::StartRecord,
        field: Vec::new(),
        quoted: false,
        fields: vm.root(vm.list(&[]).value()),
    };
    loop {
        if !vm.next(lines)? {
            if row.field.is_empty() && row.at != At::InQuoted {
                return Ok(None);
            }
            if row.format.strict {
                return Err(error(vm, "unexpected end of data"));
            }
            row.save(vm)?;
            break;
        }
        let vm = &*vm;
        let Some(line) = vm.result().as_str() else {
            let given = vm.type_name(vm.result());
            let message = format!(
                "iterator should return strings, not {given} (the file should be opened in text mode)"
            );
            return Err(error(vm, message));
        };
        args.payload::<Reader>(vm)?.line_num.update(|n| n + 1);
        row.line(vm, line)?;
        if row.at == At::StartRecord {
            break;
        }
    }
    Ok(Some(vm.ret(vm.get(row.fields))))
}
