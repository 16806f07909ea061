//! Codecs by a table: a str of 256 characters, or a mapping of numbers.

use super::engine::{Step, ask, decode, decoded, encode, encoded, text_arg};
use super::errors_arg;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::text::TextBuilder;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("charmap_build(map, /)", build, "An encoding table of a decoding table."),
    NativeDef::function("charmap_encode(str, errors=None, mapping=None, /)", charmap_encode, ""),
    NativeDef::function("charmap_decode(data, errors=None, mapping=None, /)", charmap_decode, ""),
];

fn build(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let table = args.str(vm, 0)?;
    let dict = vm.dict();
    for (i, c) in table.r().chars().enumerate() {
        let (key, value) = (vm.int(c.into()), vm.int_usize(i));
        if c != 0xFFFE
            && let Some(hash) = vm.hash_leaf(key)
        {
            vm.dict_set_leaf(dict, key, hash, value);
        }
    }
    Ok(vm.ret(dict.value()))
}

const UNDEFINED: &str = "character maps to <undefined>";

/// `mapping[key]`; None when there is no such key.
fn mapped(vm: &mut Vm, mapping: Local, key: i64) -> Result<Local, Raised> {
    let key = vm.root(vm.int(key));
    if vm.is_exact(vm.get(mapping), ClassId::Dict) {
        let found = vm.dict_get(mapping, key)?;
        return Ok(if found { vm.hold_result() } else { vm.root(Value::NONE) });
    }
    match vm.getitem(mapping, key) {
        Ok(ret) => Ok(vm.hold(ret)),
        Err(raised) => {
            vm.catch(raised, ClassId::LookupError)?;
            Ok(vm.root(Value::NONE))
        }
    }
}

fn charmap_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let (text, length) = text_arg(vm, args, 0)?;
    let errors = errors_arg(vm, args, 1)?;
    let mapping = args.not_none(vm, 2).map(|_| args.local(2));
    let mut out = Vec::new();
    encode(vm, "charmap", text, &errors, &mut out, |vm, c, out| {
        let Some(mapping) = mapping else {
            return Ok(if c < 256 {
                out.push(c as u8);
                Ok(())
            } else {
                Err("ordinal not in range(256)")
            });
        };
        vm.scope(|vm| {
            let found = mapped(vm, mapping, c.into())?;
            let vm = &*vm;
            let value = vm.get(found);
            if value.is_none() {
                return Ok(Err(UNDEFINED));
            }
            if let Some(n) = vm.as_i64(value) {
                if !(0..256).contains(&n) {
                    raise!(vm, TypeError, "character mapping must be in range(256)");
                }
                out.push(n as u8);
                return Ok(Ok(()));
            }
            let Some(bytes) = value.cast::<Bytes>() else {
                let given = vm.type_name(value);
                raise!(
                    vm,
                    TypeError,
                    "character mapping must return integer, bytes or None, not {given}"
                );
            };
            out.extend_from_slice(bytes.r().data());
            Ok(Ok(()))
        })
    })?;
    encoded(vm, &out, length)
}

fn charmap_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let errors = errors_arg(vm, args, 1)?;
    let Some(mapping) = args.not_none(vm, 2) else {
        let text = vm.root(vm.str_from_latin1(&data).value());
        return decoded(vm, text, data.len());
    };
    if let Some(table) = mapping.as_str() {
        let table: Vec<u32> = table.r().chars().collect();
        let (text, used) = decode(vm, "charmap", &data, &errors, true, |data, at| {
            match table.get(data[at] as usize) {
                Some(&c) if c != 0xFFFE => Step::Char(c, 1),
                _ => Step::Bad(1, UNDEFINED),
            }
        })?;
        return decoded(vm, text, used);
    }
    let mapping = args.local(2);
    let object = vm.root(vm.bytes(&data).value());
    let mut out = TextBuilder::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        at = vm.scope(|vm| {
            let found = mapped(vm, mapping, data[at].into())?;
            let value = vm.get(found);
            if let Some(n) = vm.as_i64(value) {
                if !(0..0x11_0000).contains(&n) {
                    raise!(vm, TypeError, "character mapping must be in range(0x110000)");
                }
                if n != 0xFFFE {
                    out.push(n as u32);
                    return Ok(at + 1);
                }
            } else if let Some(s) = value.as_str() {
                if !(s.len() == 1 && s.char_at(0) == 0xFFFE) {
                    out.push_text(s.r());
                    return Ok(at + 1);
                }
            } else if !value.is_none() {
                raise!(vm, TypeError, "character mapping must return integer, None or str");
            }
            let class = ClassId::UnicodeDecodeError;
            let range = (at, at + 1);
            let (text, next) = ask(vm, &errors, class, "charmap", object, range, UNDEFINED)?;
            if let Some(text) = vm.get(text).as_str() {
                out.push_text(text.r());
            }
            Ok(next)
        })?;
    }
    let text = out.finish(vm);
    let text = vm.root(text.value());
    decoded(vm, text, data.len())
}
