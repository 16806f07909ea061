//! Functions of module builtins about text and numbers.

use super::ClassId;
use super::bytes_methods::buffer;
use super::int::{int_divmod, int_pow_mod};
use super::int_text::is_exact_int;
use crate::raise;
use crate::value::Value;
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("repr(obj, /)", repr, "The canonical string of an object."),
    NativeDef::function("ascii(obj, /)", ascii, "As repr, with non-ASCII characters escaped."),
    NativeDef::function("chr(i, /)", chr, "The string of one character with this code point."),
    NativeDef::function("ord(character, /)", ord, "The code point of a string of one character."),
    NativeDef::function("bin(number, /)", bin, "An integer in binary."),
    NativeDef::function("oct(number, /)", oct, "An integer in octal."),
    NativeDef::function("hex(number, /)", hex, "An integer in hexadecimal."),
    NativeDef::function("format(value, format_spec='', /)", format, "type(value).__format__()"),
    NativeDef::function("round(number, ndigits=None)", round, "Round to some decimal digits."),
    NativeDef::function("abs(number, /)", abs, "The absolute value."),
    NativeDef::function("divmod(x, y, /)", divmod, "The tuple (x//y, x%y)."),
    NativeDef::function("pow(base, exp, mod=None)", pow, "base**exp, or base**exp % mod."),
    NativeDef::function("hash(obj, /)", hash, "The hash of an object."),
];

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    vm.repr(args.local(0))
}

fn ascii(vm: &mut Vm, args: Args) -> NativeResult {
    vm.ascii(args.local(0))
}

fn chr(vm: &mut Vm, args: Args) -> NativeResult {
    let ret = vm.index(args.local(0))?;
    let c = vm.as_i64(vm.value(ret)).and_then(|i| u32::try_from(i).ok());
    match c.filter(|c| *c < 0x110000) {
        Some(c) => Ok(vm.ret(vm.str_from_char(c).value())),
        None => raise!(vm, ValueError, "chr() arg not in range(0x110000)"),
    }
}

fn ord(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.get(vm, 0);
    let n = if let Some(s) = v.as_str() {
        if s.len() == 1 {
            return Ok(vm.ret(Value::from_i32(s.char_at(0) as i32)));
        }
        s.len()
    } else if let Some(data) = buffer(vm, v) {
        if let [b] = data[..] {
            return Ok(vm.ret(Value::from_i32(b as i32)));
        }
        data.len()
    } else {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "ord() expected string of length 1, but {given} found");
    };
    raise!(vm, TypeError, "ord() expected a character, but string of length {n} found")
}

fn in_base(vm: &mut Vm, args: Args, radix: u32) -> NativeResult {
    let ret = vm.index(args.local(0))?;
    let int = vm.hold(ret);
    let text = vm.int_with_prefix(int, radix)?;
    Ok(vm.ret(vm.str_from_latin1(text.as_bytes()).value()))
}

fn bin(vm: &mut Vm, args: Args) -> NativeResult {
    in_base(vm, args, 2)
}

fn oct(vm: &mut Vm, args: Args) -> NativeResult {
    in_base(vm, args, 8)
}

fn hex(vm: &mut Vm, args: Args) -> NativeResult {
    in_base(vm, args, 16)
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    let spec = match args.opt_local(vm, 1) {
        Some(spec) if vm.get(spec).as_str().is_none() => {
            let given = vm.type_name(vm.get(spec));
            raise!(vm, TypeError, "format() argument 2 must be str, not {given}");
        }
        Some(spec) => spec,
        None => vm.root(vm.str("").value()),
    };
    vm.format(args.local(0), spec)
}

fn round(vm: &mut Vm, args: Args) -> NativeResult {
    let number = args.local(0);
    let digits = args.not_none(vm, 1).map(|_| args.local(1));
    let ret = match digits {
        Some(digits) => vm.call_special(number, Special::Round, &[digits])?,
        None => vm.call_special(number, Special::Round, &[])?,
    };
    match ret {
        Some(ret) => Ok(ret),
        None => {
            let given = vm.type_name(vm.get(number));
            raise!(vm, TypeError, "type {given} doesn't define __round__ method")
        }
    }
}

fn abs(vm: &mut Vm, args: Args) -> NativeResult {
    vm.unary(Special::Abs, args.local(0))
}

/// Calls `__op__` and `__rop__` as the operator does: the right operand goes first when its class
/// is a subclass that overrides the method. `None` when neither answers.
fn two_sided(
    vm: &mut Vm,
    (forward, reflected): (Special, Special),
    x: Local,
    y: Local,
) -> Result<Option<crate::vm::Ret>, Raised> {
    let (cx, cy) = (vm.class_of(vm.get(x)), vm.class_of(vm.get(y)));
    let same = cx == cy;
    let overrides = || {
        let (a, b) = (vm.special(cx, reflected), vm.special(cy, reflected));
        b.is_some() && a.map(|v| v.word()) != b.map(|v| v.word())
    };
    let right_first = !same && vm.is_subclass(cy, cx) && overrides();
    let order = match (same, right_first) {
        (true, _) => vec![(forward, x, y)],
        (false, true) => vec![(reflected, y, x), (forward, x, y)],
        (false, false) => vec![(forward, x, y), (reflected, y, x)],
    };
    for (which, a, b) in order {
        if let Some(ret) = vm.call_special(a, which, &[b])? {
            let result = vm.value(ret);
            if !result.is(Value::NOT_IMPLEMENTED) {
                return Ok(Some(vm.ret(result)));
            }
        }
    }
    Ok(None)
}

fn divmod(vm: &mut Vm, args: Args) -> NativeResult {
    let (x, y) = (args.local(0), args.local(1));
    if is_exact_int(vm, vm.get(x))
        && is_exact_int(vm, vm.get(y))
        && let Some(pair) = int_divmod(vm, x, y)?
    {
        return Ok(pair);
    }
    match two_sided(vm, (Special::DivMod, Special::RDivMod), x, y)? {
        Some(ret) => Ok(ret),
        None => {
            let (x, y) = (vm.type_name(vm.get(x)), vm.type_name(vm.get(y)));
            raise!(vm, TypeError, "unsupported operand type(s) for divmod(): '{x}' and '{y}'")
        }
    }
}

fn pow(vm: &mut Vm, args: Args) -> NativeResult {
    let (x, y) = (args.local(0), args.local(1));
    if args.not_none(vm, 2).is_none() {
        return vm.binary(BinaryOp::Pow, x, y);
    }
    let m = args.local(2);
    let plain = |vm: &Vm, v: Local| vm.is_exact(vm.get(v), ClassId::Int) || vm.get(v).is_bool();
    if plain(vm, x)
        && plain(vm, y)
        && plain(vm, m)
        && let Some(result) = int_pow_mod(vm, x, y, m)?
    {
        return Ok(result);
    }
    for (which, operands) in [(Special::Pow, [x, y, m]), (Special::RPow, [y, x, m])] {
        if let Some(ret) = vm.call_special(operands[0], which, &operands[1..])? {
            let result = vm.value(ret);
            if !result.is(Value::NOT_IMPLEMENTED) {
                return Ok(vm.ret(result));
            }
        }
    }
    let real = |v: Local| vm.as_f64(vm.get(v)).is_some() || vm.is_int(vm.get(v));
    if real(x) && real(y) && real(m) {
        raise!(vm, TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    }
    let [x, y, m] = [x, y, m].map(|v| vm.type_name(vm.get(v)));
    raise!(vm, TypeError, "unsupported operand type(s) for ** or pow(): '{x}', '{y}', '{m}'")
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let hash = vm.hash(args.local(0))?;
    Ok(vm.ret(vm.int(hash as i64)))
}
