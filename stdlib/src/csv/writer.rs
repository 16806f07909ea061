//! The writer: rows to lines.

use super::dialect::{Dialect, Format, Quoting, dialect_of, ends_line};
use super::error;
use crate::prelude::*;
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use std::rc::Rc;

/// Writes rows to a file.
#[derive(Trace)]
pub struct Writer {
    /// The file's method `write`.
    write: Slot,
    dialect: Slot,
    #[trace(skip)]
    format: Rc<Format>,
}

native_type!(
    Writer,
    WRITER,
    "_csv",
    "writer",
    "Writes rows to a file.",
    ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::method(
            "writerow($self, row, /)",
            |vm, args| write_row(vm, args, args.local(1)),
            "Write a row: an iterable of fields.",
        ),
        NativeDef::method(
            "writerows($self, rows, /)",
            write_rows,
            "Write all rows of an iterable."
        ),
    ],
    [GetSetDef::new("dialect", dialect, "How fields are separated and quoted.")]
);

fn dialect(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Writer>(vm)?.dialect.get(vm)))
}

/// `writer(file, /, dialect=None, **options)`
pub fn writer(vm: &mut Vm, args: Args) -> NativeResult {
    let dialect = dialect_of(vm, args.local(1), args.local(2))?;
    let write = vm.getattr_opt(args.local(0), "write")?.map(|ret| vm.hold(ret));
    let Some(write) = write.filter(|write| is_callable(vm, vm.get(*write))) else {
        return Err(vm.type_error("argument 1 must have a \"write\" method"));
    };
    let vm = &*vm;
    let format = vm.get(dialect).payload::<Dialect>().map(|d| d.r().format.clone());
    let payload = Writer {
        write: slot(vm.get(write)),
        dialect: slot(vm.get(dialect)),
        format: format.expect("made above"),
    };
    Ok(vm.ret(vm.native(payload).value()))
}

fn write_rows(vm: &mut Vm, args: Args) -> NativeResult {
    vm.iterate(args.local(1), |vm, row| write_row(vm, args, row).map(|_| ()))?;
    Ok(vm.none())
}

fn write_row(vm: &mut Vm, args: Args, row: Local) -> NativeResult {
    let this = args.payload::<Writer>(vm)?;
    let (write, format) = (vm.root(this.write.get(vm)), this.r().format.clone());
    let fields = match vm.iter(row) {
        Ok(ret) => vm.hold(ret),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            let given = vm.type_name(vm.get(row));
            return Err(error(vm, format!("iterable expected, not {given}")));
        }
    };
    let fields = vm.collect_list(fields)?;
    let fields = vm.hold(fields);
    let count = vm.len(fields)?;
    let mut line = Vec::new();
    for i in 0..count {
        if i > 0 {
            line.push(format.delimiter);
        }
        vm.scope(|vm| {
            let field = vm.root(seq_item(vm, vm.get(fields), i).unwrap_or(Value::NONE));
            write_field(vm, &format, field, count == 1, &mut line)
        })?;
    }
    line.extend_from_slice(&format.terminator);
    let line = vm.root(vm.str_from_code_points(&line).value());
    vm.call(write, &[line])
}

/// Whether a field counts as a number.
fn is_number(vm: &Vm, field: Value<'_>) -> bool {
    if vm.has_class(field, ClassId::Int) || vm.has_class(field, ClassId::Float) {
        return true;
    }
    let class = vm.class_of(field);
    vm.has_class(field, ClassId::Complex)
        || ["__float__", "__int__", "__index__"]
            .iter()
            .any(|name| vm.class_lookup(class, vm.intern(name).value()).is_some())
}

/// Appends a field as it is written; `alone` when it is the only one of its row.
fn write_field(
    vm: &mut Vm,
    format: &Format,
    field: Local,
    alone: bool,
    line: &mut Vec<u32>,
) -> Result<(), Raised> {
    let value = vm.get(field);
    let (is_none, is_str) = (value.is_none(), value.as_str().is_some());
    let mut quoted = match format.quoting {
        Quoting::All => true,
        Quoting::NonNumeric => !is_number(vm, value),
        Quoting::Strings => is_str,
        Quoting::NotNull => !is_none,
        Quoting::Minimal | Quoting::None => false,
    };
    let text = if is_str || is_none { field } else { vm.str_of(field).map(|ret| vm.hold(ret))? };
    let vm = &*vm;
    let text = vm.get(text).as_str();
    let characters = || text.iter().flat_map(|text| text.r().chars());
    let start = line.len();
    for c in characters() {
        if format.is_plain(c) {
            line.push(c);
            continue;
        }
        let (is_quote, is_escape) = (Some(c) == format.quote, Some(c) == format.escape);
        let special = is_quote
            || is_escape
            || c == format.delimiter
            || ends_line(c)
            || format.terminator.contains(&c);
        if special {
            let escaped = if format.quoting == Quoting::None {
                true
            } else if is_quote {
                if format.double_quote {
                    line.push(c);
                    quoted = true;
                }
                !format.double_quote
            } else {
                quoted |= !is_escape;
                is_escape
            };
            if escaped {
                let Some(escape) = format.escape else {
                    return Err(error(vm, "need to escape, but no escapechar set"));
                };
                line.push(escape);
            }
        }
        line.push(c);
    }
    let may_quote = format.quoting != Quoting::None;
    let spaces = format.delimiter == u32::from(' ') && format.skip_space;
    let empty = characters().next().is_none();
    if empty && !quoted && (alone || spaces) {
        let bare = matches!(format.quoting, Quoting::Strings | Quoting::NotNull);
        if !may_quote || is_none && bare {
            return Err(error(
                vm,
                if spaces {
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true"
                } else {
                    "single empty field record must be quoted"
                },
            ));
        }
        quoted = true;
    }
    quoted |= spaces && may_quote && characters().next() == Some(' '.into());
    if quoted && let Some(quote) = format.quote {
        line.insert(start, quote);
        line.push(quote);
    }
    Ok(())
}
