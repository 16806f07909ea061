//! `_string`: the parser of format strings, for string.Formatter.

#![forbid(unsafe_code)]

use crate::prelude::*;
use sidewinder_interpreter::builtins::str_format::parse_field;
use sidewinder_interpreter::builtins::text::code_points;
use sidewinder_interpreter::builtins::unicode::decimal_value;

/// The module.
pub static STRING: ModuleDef = ModuleDef {
    name: "_string",
    doc: "string helper module",
    functions: &[
        NativeDef::function(
            "formatter_parser(format_string, /)",
            formatter_parser,
            "parse the argument as a format string",
        ),
        NativeDef::function(
            "formatter_field_name_split(field_name, /)",
            field_name_split,
            "split the argument as a field name",
        ),
    ],
    types: &[],
    exec: None,
};

/// Over the pieces of a format string.
#[derive(Trace)]
pub struct FormatterIterator {
    template: Slot,
    at: Cell<usize>,
}
iterator_type!(
    FormatterIterator,
    FORMATTER_ITERATOR,
    "_string",
    "formatteriterator",
    "",
    ClassFlags::NO_NEW,
    next_piece,
    []
);

/// Over the attributes and indices of a field name.
#[derive(Trace)]
pub struct FieldNameIterator {
    name: Slot,
    at: Cell<usize>,
}
iterator_type!(
    FieldNameIterator,
    FIELD_NAME_ITERATOR,
    "_string",
    "fieldnameiterator",
    "",
    ClassFlags::NO_NEW,
    next_accessor,
    []
);

fn formatter_parser(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(template) = args.get(vm, 0).as_str() else {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "expected str, got {given}");
    };
    let payload = FormatterIterator { template: slot(template.value()), at: Cell::new(0) };
    Ok(vm.ret(vm.native(payload).value()))
}

fn next_piece(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<FormatterIterator>(vm)?;
    let source: Gc<'_, Str> = this.template.get_as(vm).expect("a str");
    let template = code_points(source.r());
    let start = this.at.get();
    if start >= template.len() {
        return Ok(None);
    }
    let brace = |c: u32| c == '{' as u32 || c == '}' as u32;
    let at = template[start..].iter().position(|c| brace(*c)).map_or(template.len(), |n| start + n);
    let literal_to = |end: usize| vm.str_from_code_points(&template[start..end]).value();
    let plain = |literal: Value<'_>, next: usize| {
        this.at.set(next);
        let none = Value::NONE;
        Ok(Some(vm.ret(vm.tuple(&[literal, none, none, none]).value())))
    };
    if at == template.len() {
        return plain(literal_to(at), at);
    }
    let c = template[at];
    if template.get(at + 1) == Some(&c) {
        // A doubled brace ends the piece and is its last character.
        return plain(literal_to(at + 1), at + 2);
    }
    if c == '}' as u32 {
        raise!(vm, ValueError, "Single '}}' encountered in format string");
    }
    if at + 1 == template.len() {
        raise!(vm, ValueError, "Single '{{' encountered in format string");
    }
    let field = parse_field(vm, &template, at + 1)?;
    this.at.set(field.end);
    let text = |(a, b): (usize, usize)| vm.str_from_code_points(&template[a..b]).value();
    let conversion = match field.conversion {
        Some(c) => vm.str_from_char(c).value(),
        None => Value::NONE,
    };
    let parts = [literal_to(at), text(field.name), text(field.spec), conversion];
    Ok(Some(vm.ret(vm.tuple(&parts).value())))
}

/// The number that text is, or the text.
fn key<'gc>(vm: &'gc Vm, text: &[u32]) -> Result<Value<'gc>, Raised> {
    let mut n = 0i64;
    let mut digits = !text.is_empty();
    for c in text {
        let Some(d) = decimal_value(*c) else {
            digits = false;
            break;
        };
        match n.checked_mul(10).and_then(|n| n.checked_add(d as i64)) {
            Some(next) => n = next,
            None => raise!(vm, ValueError, "Too many decimal digits in format string"),
        }
    }
    Ok(if digits { vm.int(n) } else { vm.str_from_code_points(text).value() })
}

fn is_accessor(c: &u32) -> bool {
    *c == '.' as u32 || *c == '[' as u32
}

fn field_name_split(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(name) = args.get(vm, 0).as_str() else {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "expected str, got {given}");
    };
    let text = code_points(name.r());
    let end = text.iter().position(is_accessor).unwrap_or(text.len());
    let first = key(vm, &text[..end])?;
    let rest = FieldNameIterator { name: slot(name.value()), at: Cell::new(end) };
    Ok(vm.ret(vm.tuple(&[first, vm.native(rest).value()]).value()))
}

fn next_accessor(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<FieldNameIterator>(vm)?;
    let source: Gc<'_, Str> = this.name.get_as(vm).expect("a str");
    let text = code_points(source.r());
    let at = this.at.get();
    if at >= text.len() {
        return Ok(None);
    }
    let attribute = text[at] == '.' as u32;
    if !is_accessor(&text[at]) {
        raise!(vm, ValueError, "Only '.' or '[' may follow ']' in format field specifier");
    }
    let start = at + 1;
    let item = if attribute {
        let end = text[start..].iter().position(is_accessor).map_or(text.len(), |n| start + n);
        this.at.set(end);
        &text[start..end]
    } else {
        let Some(n) = text[start..].iter().position(|c| *c == ']' as u32) else {
            raise!(vm, ValueError, "Missing ']' in format string");
        };
        this.at.set(start + n + 1);
        &text[start..start + n]
    };
    if item.is_empty() {
        raise!(vm, ValueError, "Empty attribute in format string");
    }
    let item = if attribute { vm.str_from_code_points(item).value() } else { key(vm, item)? };
    Ok(Some(vm.ret(vm.tuple(&[Value::from_bool(attribute), item]).value())))
}
