//! Code objects.
//!
//! What they show of the bytecode is Sidewinder's own: instructions of eight bytes, registers
//! instead of a stack. `replace` changes what does not decide how the instructions run.

use super::declare::{GetSetDef, TypeDef};
use super::support::*;
use crate::bytecode::{CodeFlags, CodeUnit, Const};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::code::CodeData;
use crate::vm::{Args, NativeDef, NativeResult, Raised, Vm};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The type of code objects.
pub static CODE: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__repr__($self, /)", code_repr, "Return repr(self)."),
        NativeDef::method(
            "co_positions($self, /)",
            co_positions,
            "Line and column of each instruction.",
        ),
        NativeDef::method(
            "co_lines($self, /)",
            co_lines,
            "The stretches of instructions that come from one line each.",
        ),
        NativeDef::method(
            "co_branches($self, /)",
            co_branches,
            "The conditional jumps: where they are, go on and jump to.",
        ),
        NativeDef::method(
            "_varname_from_oparg($self, /, oparg)",
            varname_from_oparg,
            "The name of the variable in a register.",
        ),
        NativeDef::method(
            "replace($self, /, **changes)",
            replace,
            "A code object like this one except for the given attributes.",
        ),
        NativeDef::method("__replace__($self, /, **changes)", replace, "The same as replace()."),
        NativeDef::method("__eq__($self, value, /)", code_eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", code_hash, "Return hash(self)."),
    ],
    getset: &[
        GetSetDef::new("co_name", co_name, ""),
        GetSetDef::new("co_qualname", co_qualname, ""),
        GetSetDef::new("co_filename", co_filename, ""),
        GetSetDef::new("co_firstlineno", co_firstlineno, ""),
        GetSetDef::new("co_argcount", co_argcount, ""),
        GetSetDef::new("co_posonlyargcount", co_posonlyargcount, ""),
        GetSetDef::new("co_kwonlyargcount", co_kwonlyargcount, ""),
        GetSetDef::new("co_nlocals", co_nlocals, ""),
        GetSetDef::new("co_stacksize", co_stacksize, ""),
        GetSetDef::new("co_flags", co_flags, ""),
        GetSetDef::new("co_varnames", co_varnames, ""),
        GetSetDef::new("co_names", co_names, ""),
        GetSetDef::new("co_freevars", co_freevars, ""),
        GetSetDef::new("co_cellvars", co_cellvars, ""),
        GetSetDef::new("co_consts", co_consts, ""),
        GetSetDef::new("co_code", co_code, "The instructions as bytes, eight each."),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("code", Kind::Code)
};

fn data(vm: &Vm, args: Args) -> Result<&CodeData, Raised> {
    let code = args.this::<Code>(vm)?;
    // SAFETY: the code object keeps its data alive, and it lives while the VM is borrowed.
    Ok(unsafe { &*code.data.get() })
}

fn code_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let unit = &data(vm, args)?.unit;
    let text = format!(
        "<code object {} at {:#x}, file \"{}\", line {}>",
        unit.name,
        vm.id(args.get(vm, 0)),
        unit.filename,
        unit.first_line
    );
    ret_str(vm, &text)
}

fn co_positions(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let unit = &data(vm, args)?.unit;
    let all: Vec<Value<'_>> = unit
        .positions
        .iter()
        .flat_map(|p| {
            let [line, end_line, col, end_col] =
                [p.line, p.end_line, p.col, p.end_col].map(|n| vm.int(n.into()));
            let parts = match (p.line, vm.config.no_columns) {
                (0, _) => [Value::NONE; 4],
                (_, true) => [line, line, Value::NONE, Value::NONE],
                (_, false) => [line, end_line, col, end_col],
            };
            // One for each code unit: CPython's have two bytes, ours eight.
            [vm.tuple(&parts).value(); 4]
        })
        .collect();
    let list = vm.list(&all);
    Ok(vm.ret(super::iterators::list_iterator(vm, list)))
}

macro_rules! code_texts {
    ($($f:ident $field:ident),*) => { $(
        fn $f(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(vm.str(&data(vm, args)?.unit.$field).value()))
        }
    )* };
}
code_texts!(co_name name, co_qualname qualname, co_filename filename);

macro_rules! code_numbers {
    ($($f:ident $field:ident),*) => { $(
        fn $f(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(vm.int(data(vm, args)?.unit.$field as i64)))
        }
    )* };
}
code_numbers!(co_firstlineno first_line, co_argcount arg_count, co_posonlyargcount posonly_count,
    co_kwonlyargcount kwonly_count, co_stacksize register_count);

fn co_nlocals(vm: &mut Vm, args: Args) -> NativeResult {
    let n = data(vm, args)?.unit.varnames.len();
    let n = vm.int_usize(n);
    Ok(vm.ret(n))
}

fn co_flags(vm: &mut Vm, args: Args) -> NativeResult {
    // The bit that CPython does not know stays inside.
    let flags = data(vm, args)?.unit.flags.0 & !CodeFlags::NAMES;
    let flags = vm.int(flags as i64);
    Ok(vm.ret(flags))
}

fn names<'gc>(vm: &'gc Vm, names: &[Arc<str>]) -> Value<'gc> {
    vm.tuple_from(names.len(), names.iter().map(|n| vm.intern(n).value())).value()
}

/// Locals, as CPython orders them: positional, keyword-only, `*args`, `**kwargs`, the rest. Those
/// that live in cells and are no parameters are in `co_cellvars` alone.
fn co_varnames(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = data(vm, args)?;
    let unit = &data.unit;
    if unit.flags.has(CodeFlags::NAMES) {
        return Ok(vm.ret(vm.tuple(&[]).value()));
    }
    let params = data.parameter_count();
    let visible: Vec<_> = unit
        .varnames
        .iter()
        .enumerate()
        .filter(|(i, _)| *i < params || !unit.cell_registers.contains(&(*i as u16)))
        .map(|(_, name)| name.clone())
        .collect();
    Ok(vm.ret(names(vm, &visible)))
}

fn co_names(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let mut all: Vec<Arc<str>> = Vec::new();
    for site in &data(vm, args)?.unit.sites {
        if !all.contains(&site.name) {
            all.push(site.name.clone());
        }
    }
    Ok(vm.ret(names(vm, &all)))
}

fn co_freevars(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(names(vm, &data(vm, args)?.unit.freevars)))
}

fn co_cellvars(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let unit = &data(vm, args)?.unit;
    let cells: Vec<_> = unit
        .cell_registers
        .iter()
        .filter_map(|r| unit.varnames.get(*r as usize).cloned())
        .collect();
    Ok(vm.ret(names(vm, &cells)))
}

fn co_consts(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let consts = &data(vm, args)?.consts;
    Ok(vm.ret(vm.tuple_from(consts.len(), consts.iter().map(|s| s.get(vm))).value()))
}

/// The instructions as bytes: opcode, `x`, then the operands in little-endian order.
fn co_code(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.bytes(&code_bytes(&data(vm, args)?.unit)).value()))
}

fn code_bytes(unit: &CodeUnit) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(unit.instrs.len() * 8);
    for i in &unit.instrs {
        bytes.extend([i.op as u8, i.x]);
        for operand in [i.a, i.b, i.c] {
            bytes.extend(operand.to_le_bytes());
        }
    }
    bytes
}

fn co_lines(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let unit = &data(vm, args)?.unit;
    let positions = &unit.positions;
    // Entering the block, which takes no instruction, is on the line of its definition.
    let first = if unit.flags.has(CodeFlags::OPTIMIZED) { unit.first_line } else { 0 };
    let mut all = vec![vm.tuple(&[vm.int(0), vm.int(0), vm.int(first.into())]).value()];
    let mut start = 0;
    for chunk in positions.chunk_by(|a, b| a.line == b.line) {
        let end = start + chunk.len();
        let line = if chunk[0].line == 0 { Value::NONE } else { vm.int(chunk[0].line.into()) };
        let offsets = [vm.int_usize(start * 8), vm.int_usize(end * 8), line];
        all.push(vm.tuple(&offsets).value());
        start = end;
    }
    Ok(vm.ret(super::iterators::list_iterator(vm, vm.list(&all))))
}

fn co_branches(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let unit = &data(vm, args)?.unit;
    let branches = (0..unit.instrs.len()).filter_map(|at| Some((at, unit.branch(at)?)));
    let all: Vec<_> = branches
        .map(|(at, (left, right))| {
            vm.tuple(&[at, left, right].map(|place| vm.int_usize(place * 8))).value()
        })
        .collect();
    Ok(vm.ret(super::iterators::list_iterator(vm, vm.list(&all))))
}

fn varname_from_oparg(vm: &mut Vm, args: Args) -> NativeResult {
    let i = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let names = &data(vm, args)?.varnames;
    match usize::try_from(i).ok().and_then(|i| names.get(i)) {
        Some(name) => Ok(vm.ret(name.get(vm))),
        None => raise!(vm, IndexError, "tuple index out of range"),
    }
}

/// Whether two blocks are the same code, wherever it comes from.
fn same(a: &CodeUnit, b: &CodeUnit) -> bool {
    a.name == b.name
        && a.first_line == b.first_line
        && a.flags == b.flags
        && (a.arg_count, a.posonly_count, a.kwonly_count)
            == (b.arg_count, b.posonly_count, b.kwonly_count)
        && a.instrs == b.instrs
        && a.positions == b.positions
        && a.handlers == b.handlers
        && (&a.varnames, &a.cell_registers, &a.freevars)
            == (&b.varnames, &b.cell_registers, &b.freevars)
        && a.sites == b.sites
        && a.consts.len() == b.consts.len()
        && a.consts.iter().zip(&b.consts).all(|(a, b)| same_const(a, b))
}

/// Whether two constants are alike to the last bit: 0.0 and -0.0 differ, so do 1 and True.
fn same_const(a: &Const, b: &Const) -> bool {
    let all = |a: &[Const], b: &[Const]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_const(a, b))
    };
    match (a, b) {
        (Const::Float(a), Const::Float(b)) => a.to_bits() == b.to_bits(),
        (Const::Complex(a, b), Const::Complex(c, d)) => {
            (a.to_bits(), b.to_bits()) == (c.to_bits(), d.to_bits())
        }
        (Const::Tuple(a), Const::Tuple(b)) | (Const::FrozenSet(a), Const::FrozenSet(b)) => {
            all(a, b)
        }
        (Const::Code(a), Const::Code(b)) => same(a, b),
        _ => a == b,
    }
}

fn code_eq(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = data(vm, args)?;
    let Some(other) = args.get(vm, 1).cast::<Code>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    // SAFETY: the code object keeps its data alive, and it lives while the VM is borrowed.
    let other = unsafe { &*other.data.get() };
    Ok(vm.ret(Value::from_bool(same(&this.unit, &other.unit))))
}

fn code_hash(vm: &mut Vm, args: Args) -> NativeResult {
    let unit = &data(vm, args)?.unit;
    let mut hasher = DefaultHasher::new();
    (&unit.name, unit.first_line, unit.arg_count, unit.flags.0, &unit.varnames).hash(&mut hasher);
    code_bytes(unit).hash(&mut hasher);
    let hash = hasher.finish();
    ret_hash(vm, hash)
}

/// Flags that say how the instructions are laid out and run.
const FIXED_FLAGS: u32 = CodeFlags::OPTIMIZED
    | CodeFlags::NEWLOCALS
    | CodeFlags::VARARGS
    | CodeFlags::VARKEYWORDS
    | CodeFlags::GENERATOR
    | CodeFlags::COROUTINE
    | CodeFlags::ASYNC_GENERATOR
    | CodeFlags::NAMES;

/// A text for `replace`.
fn text(vm: &Vm, name: &str, value: Value<'_>) -> Result<Arc<str>, Raised> {
    match value.as_str() {
        Some(s) => Ok(vm.str_text(s).into()),
        None => {
            let given = vm.type_name(value);
            raise!(vm, TypeError, "replace() argument '{name}' must be str, not {given}")
        }
    }
}

/// A number for `replace`.
fn number(vm: &Vm, value: Value<'_>) -> Result<u32, Raised> {
    match vm.as_i64(value) {
        Some(n) => match u32::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) => raise!(vm, ValueError, "code: number out of range"),
        },
        None => {
            let given = vm.type_name(value);
            raise!(vm, TypeError, "'{given}' object cannot be interpreted as an integer")
        }
    }
}

/// `code.replace`
///
/// # Errors
/// NotImplementedError for a change of the instructions or of what they are laid out for.
fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let old = &data(vm, args)?.unit;
    let mut unit = CodeUnit::clone(old);
    let changes = args.opt(vm, 1).and_then(|v| v.cast::<Dict>());
    let changes = changes.map(|d| vm.table_items(d.r())).unwrap_or_default();
    for (key, value) in changes {
        let name = vm.text_of(key);
        match name.as_str() {
            "co_name" => unit.name = text(vm, &name, value)?,
            "co_qualname" => unit.qualname = text(vm, &name, value)?,
            "co_filename" => unit.filename = text(vm, &name, value)?,
            "co_firstlineno" => unit.first_line = number(vm, value)?,
            "co_flags" => {
                let new = number(vm, value)? | old.flags.0 & CodeFlags::NAMES;
                if (new ^ old.flags.0) & FIXED_FLAGS != 0 {
                    raise!(
                        vm,
                        NotImplementedError,
                        "not yet: replace() of how arguments are taken"
                    );
                }
                unit.flags = CodeFlags(new);
            }
            "co_argcount" | "co_posonlyargcount" | "co_kwonlyargcount" | "co_stacksize"
            | "co_nlocals" => {
                let now = match name.as_str() {
                    "co_argcount" => u32::from(unit.arg_count),
                    "co_posonlyargcount" => u32::from(unit.posonly_count),
                    "co_kwonlyargcount" => u32::from(unit.kwonly_count),
                    "co_nlocals" => unit.varnames.len() as u32,
                    _ => u32::from(unit.register_count),
                };
                if number(vm, value)? != now {
                    raise!(vm, NotImplementedError, "not yet: replace() of {name}");
                }
            }
            "co_code" => {
                let same = value.cast::<Bytes>().is_some_and(|b| b.data() == code_bytes(old));
                if !same {
                    raise!(vm, NotImplementedError, "not yet: replace() of the instructions");
                }
            }
            "co_consts" | "co_names" | "co_varnames" | "co_freevars" | "co_cellvars" => {
                let Some(new) = value.cast::<Tuple>() else {
                    let given = vm.type_name(value);
                    raise!(vm, TypeError, "replace() argument '{name}' must be tuple, not {given}")
                };
                if !replace_names(vm, &mut unit, &name, new) {
                    raise!(vm, NotImplementedError, "not yet: replace() of {name}");
                }
            }
            _ => {
                raise!(vm, TypeError, "replace() got an unexpected keyword argument '{name}'")
            }
        }
    }
    Ok(vm.ret(vm.code(Arc::new(unit)).value()))
}

/// Replaces names or constants by as many others; false if that cannot be.
fn replace_names(vm: &Vm, unit: &mut CodeUnit, which: &str, new: Gc<'_, Tuple>) -> bool {
    let items: Vec<Value<'_>> = new.items().iter().map(|s| s.get(vm)).collect();
    if which == "co_consts" {
        let consts: Option<Vec<Const>> = items.iter().map(|v| constant_of(vm, *v)).collect();
        return match consts {
            Some(consts) if consts.len() == unit.consts.len() => {
                unit.consts = consts;
                true
            }
            _ => false,
        };
    }
    let names: Option<Vec<Arc<str>>> =
        items.iter().map(|v| v.as_str().map(|s| vm.str_text(s).into())).collect();
    let Some(names) = names else { return false };
    match which {
        "co_freevars" if names.len() == unit.freevars.len() => unit.freevars = names,
        "co_varnames" if unit.cell_registers.is_empty() && names.len() == unit.varnames.len() => {
            unit.varnames = names;
        }
        "co_names" => {
            let mut own: Vec<Arc<str>> = Vec::new();
            for site in &unit.sites {
                if !own.contains(&site.name) {
                    own.push(site.name.clone());
                }
            }
            if own.len() != names.len() {
                return false;
            }
            for site in &mut unit.sites {
                let i = own.iter().position(|n| *n == site.name).expect("collected above");
                site.name = names[i].clone();
            }
        }
        "co_cellvars" => {
            let own = unit.cell_registers.iter().filter_map(|r| unit.varnames.get(*r as usize));
            return own.eq(names.iter());
        }
        _ => return false,
    }
    true
}

/// A value as a constant of a code block.
fn constant_of(vm: &Vm, v: Value<'_>) -> Option<Const> {
    Some(if v.is_none() {
        Const::None
    } else if v.is_bool() {
        Const::Bool(v.is(Value::TRUE))
    } else if v.is(Value::ELLIPSIS) {
        Const::Ellipsis
    } else if let Some(i) = vm.as_i64(v) {
        Const::Int(i)
    } else if let Some(f) = vm.as_f64(v) {
        Const::Float(f)
    } else if let Some(s) = v.as_str() {
        Const::Str(vm.str_text(s).into())
    } else if let Some(b) = v.cast::<Bytes>() {
        Const::Bytes(b.data().into())
    } else if let Some(t) = v.cast::<Tuple>() {
        Const::Tuple(t.items().iter().map(|s| constant_of(vm, s.get(vm))).collect::<Option<_>>()?)
    } else {
        // SAFETY: the code object keeps its data alive, and it lives while the VM is borrowed.
        Const::Code(unsafe { &*v.cast::<Code>()?.data.get() }.unit.clone())
    })
}
