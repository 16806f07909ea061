//! `str.format` and `str.format_map`: replacement fields.

use super::ClassId;
use super::int_text::decimal;
use super::str::this;
use super::text::{TextBuilder, code_points};
use super::unicode::decimal_value;
use crate::object::{Dict, Tuple};
use crate::raise;
use crate::vm::{Args, Local, NativeResult, Raised, Vm};

/// How fields are numbered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Undecided,
    Automatic,
    Manual,
}

/// Where fields take their values from.
struct Source {
    /// Tuple of positional arguments; none for `format_map`.
    positional: Option<Local>,
    /// Keyword arguments or the mapping; may be UNBOUND.
    named: Local,
    numbering: Numbering,
    next: usize,
}

/// One replacement field, as ranges of the template.
pub struct FieldText {
    /// What stands before the conversion and the spec.
    pub name: (usize, usize),
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// What stands after `:`.
    pub spec: (usize, usize),
    /// The spec has fields of its own.
    nested: bool,
    /// First character after the field.
    pub end: usize,
}

const OPEN: u32 = '{' as u32;
const CLOSE: u32 = '}' as u32;

pub(super) fn format(vm: &mut Vm, args: Args) -> NativeResult {
    let template: Vec<u32> = code_points(this(vm, args)?.r());
    let mut source = Source {
        positional: Some(args.local(1)),
        named: args.local(2),
        numbering: Numbering::Undecided,
        next: 0,
    };
    let mut out = TextBuilder::with_capacity(template.len() + 16);
    expand(vm, &template, &mut source, 2, &mut out)?;
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn format_map(vm: &mut Vm, args: Args) -> NativeResult {
    let template: Vec<u32> = code_points(this(vm, args)?.r());
    let mut source =
        Source { positional: None, named: args.local(1), numbering: Numbering::Undecided, next: 0 };
    let mut out = TextBuilder::with_capacity(template.len() + 16);
    expand(vm, &template, &mut source, 2, &mut out)?;
    Ok(vm.ret(out.finish(vm).value()))
}

/// Appends a template with its fields filled in. `depth`: how deep fields may still nest.
fn expand(
    vm: &mut Vm,
    template: &[u32],
    source: &mut Source,
    depth: u32,
    out: &mut TextBuilder,
) -> Result<(), Raised> {
    if depth == 0 {
        raise!(vm, ValueError, "Max string recursion exceeded");
    }
    let mut at = 0;
    while at < template.len() {
        let c = template[at];
        if c != OPEN && c != CLOSE {
            let rest = &template[at..];
            let n = rest.iter().position(|c| *c == OPEN || *c == CLOSE).unwrap_or(rest.len());
            out.push_chars(&rest[..n]);
            at += n;
            continue;
        }
        at += 1;
        if template.get(at) == Some(&c) {
            out.push(c);
            at += 1;
            continue;
        }
        if c == CLOSE {
            raise!(vm, ValueError, "Single '}}' encountered in format string");
        }
        if at == template.len() {
            raise!(vm, ValueError, "Single '{{' encountered in format string");
        }
        let field = parse_field(vm, template, at)?;
        at = field.end;
        vm.scope(|vm| fill(vm, template, &field, source, depth, out))?;
    }
    Ok(())
}

/// Parses a replacement field; `start` is just after its `{`.
pub fn parse_field(vm: &Vm, template: &[u32], start: usize) -> Result<FieldText, Raised> {
    let is = |at: usize, c: char| template.get(at) == Some(&(c as u32));
    let mut at = start;
    let mut bracket = false;
    while at < template.len() {
        match char::from_u32(template[at]) {
            Some('{') if !bracket => raise!(vm, ValueError, "unexpected '{{' in field name"),
            Some('[') => bracket = true,
            Some(']') => bracket = false,
            Some('}' | ':' | '!') if !bracket => break,
            _ => {}
        }
        at += 1;
    }
    let name = (start, at);
    if at == template.len() {
        raise!(vm, ValueError, "expected '}}' before end of string");
    }
    let mut conversion = None;
    if is(at, '!') {
        at += 1;
        let Some(&c) = template.get(at) else {
            raise!(vm, ValueError, "end of string while looking for conversion specifier");
        };
        conversion = Some(c);
        at += 1;
        if at == template.len() {
            raise!(vm, ValueError, "unmatched '{{' in format spec");
        }
        if !is(at, ':') && !is(at, '}') {
            raise!(vm, ValueError, "expected ':' after conversion specifier");
        }
    }
    if is(at, '}') {
        return Ok(FieldText { name, conversion, spec: (at, at), nested: false, end: at + 1 });
    }
    at += 1;
    let spec_start = at;
    let (mut level, mut nested) = (1, false);
    while at < template.len() {
        if template[at] == OPEN {
            nested = true;
            level += 1;
        } else if template[at] == CLOSE {
            level -= 1;
            if level == 0 {
                let spec = (spec_start, at);
                return Ok(FieldText { name, conversion, spec, nested, end: at + 1 });
            }
        }
        at += 1;
    }
    raise!(vm, ValueError, "unmatched '{{' in format spec")
}

fn fill(
    vm: &mut Vm,
    template: &[u32],
    field: &FieldText,
    source: &mut Source,
    depth: u32,
    out: &mut TextBuilder,
) -> Result<(), Raised> {
    let value = look_up(vm, &template[field.name.0..field.name.1], source)?;
    let value = match field.conversion {
        None => value,
        Some(c) => {
            let ret = match char::from_u32(c) {
                Some('r') => vm.repr(value)?,
                Some('s') => vm.str_of(value)?,
                Some('a') => vm.ascii(value)?,
                _ => {
                    let shown = match c {
                        33..127 => (c as u8 as char).to_string(),
                        _ => format!("\\x{c:x}"),
                    };
                    raise!(vm, ValueError, "Unknown conversion specifier {shown}");
                }
            };
            vm.hold(ret)
        }
    };
    let text = &template[field.spec.0..field.spec.1];
    if text.is_empty() {
        if let Some(i) = vm.get(value).as_small_int() {
            out.push_ascii(decimal(i, &mut [0; 20]));
            return Ok(());
        }
        if vm.is_exact(vm.get(value), ClassId::Str)
            && let Some(s) = vm.get(value).as_str()
        {
            out.push_text(s.r());
            return Ok(());
        }
    }
    let spec = if field.nested {
        let mut inner = TextBuilder::new();
        expand(vm, text, source, depth - 1, &mut inner)?;
        vm.root(inner.finish(vm).value())
    } else {
        vm.root(vm.str_from_code_points(text).value())
    };
    let ret = vm.format(value, spec)?;
    if let Some(s) = vm.value(ret).as_str() {
        out.push_text(s.r());
    }
    Ok(())
}

/// The number that text is, if it is one.
fn number(vm: &Vm, text: &[u32]) -> Result<Option<usize>, Raised> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut n = 0usize;
    for c in text {
        let Some(d) = decimal_value(*c) else { return Ok(None) };
        let next = n.checked_mul(10).and_then(|n| n.checked_add(d as usize));
        match next.filter(|n| *n <= isize::MAX as usize) {
            Some(next) => n = next,
            None => raise!(vm, ValueError, "Too many decimal digits in format string"),
        }
    }
    Ok(Some(n))
}

/// The object that a field's name stands for.
fn look_up(vm: &mut Vm, name: &[u32], source: &mut Source) -> Result<Local, Raised> {
    let is = |c: u32, d: char| c == d as u32;
    let first = name.iter().position(|c| is(*c, '.') || is(*c, '[')).unwrap_or(name.len());
    let mut value = first_value(vm, &name[..first], source)?;
    let mut at = first;
    while at < name.len() {
        if is(name[at], '.') {
            let start = at + 1;
            at = name[start..]
                .iter()
                .position(|c| is(*c, '.') || is(*c, '['))
                .map_or(name.len(), |n| start + n);
            if start == at {
                raise!(vm, ValueError, "Empty attribute in format string");
            }
            let attribute = vm.str_from_code_points(&name[start..at]);
            let attribute = vm.root(vm.intern_str(attribute).value());
            let ret = vm.getattr(value, attribute)?;
            value = vm.hold(ret);
        } else if is(name[at], '[') {
            let start = at + 1;
            let Some(n) = name[start..].iter().position(|c| is(*c, ']')) else {
                raise!(vm, ValueError, "Missing ']' in format string");
            };
            let key = &name[start..start + n];
            if key.is_empty() {
                raise!(vm, ValueError, "Empty attribute in format string");
            }
            at = start + n + 1;
            let key = match number(vm, key)? {
                Some(i) => vm.root(vm.int_usize(i)),
                None => vm.root(vm.str_from_code_points(key).value()),
            };
            let ret = vm.getitem(value, key)?;
            value = vm.hold(ret);
        } else {
            raise!(vm, ValueError, "Only '.' or '[' may follow ']' in format field specifier");
        }
    }
    Ok(value)
}

fn first_value(vm: &mut Vm, name: &[u32], source: &mut Source) -> Result<Local, Raised> {
    let index = if name.is_empty() {
        if source.numbering == Numbering::Manual {
            raise!(
                vm,
                ValueError,
                "cannot switch from manual field specification to automatic field numbering"
            );
        }
        source.numbering = Numbering::Automatic;
        source.next += 1;
        Some(source.next - 1)
    } else {
        let index = number(vm, name)?;
        if index.is_some() {
            if source.numbering == Numbering::Automatic {
                raise!(
                    vm,
                    ValueError,
                    "cannot switch from automatic field numbering to manual field specification"
                );
            }
            source.numbering = Numbering::Manual;
        }
        index
    };
    if let Some(index) = index {
        let Some(positional) = source.positional else {
            raise!(vm, ValueError, "Format string contains positional fields");
        };
        let vm = &*vm;
        let item = vm
            .get(positional)
            .cast::<Tuple>()
            .filter(|tuple| index < tuple.len())
            .map(|tuple| tuple.item(vm, index));
        return match item {
            Some(item) => Ok(vm.root(item)),
            None => raise!(
                vm,
                IndexError,
                "Replacement index {index} out of range for positional args tuple"
            ),
        };
    }
    let key = vm.root(vm.str_from_code_points(name).value());
    let named = vm.get(source.named);
    if source.positional.is_some() {
        let found = named.cast::<Dict>().and_then(|dict| {
            let key = vm.get(key).as_str()?;
            vm.dict_get_str(dict, key)
        });
        return match found {
            Some(value) => Ok(vm.root(value)),
            None => Err(vm.key_error(vm.get(key))),
        };
    }
    let ret = vm.getitem(source.named, key)?;
    Ok(vm.hold(ret))
}
