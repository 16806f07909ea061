//! The module `_opcode`: what the library's `opcode` asks about CPython's instructions. Sidewinder
//! has none of them.

use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm, raise};

/// The declaration.
pub static OPCODE: ModuleDef = ModuleDef {
    name: "_opcode",
    doc: "About CPython's instructions, of which there are none here.",
    functions: &[
        NativeDef::function("stack_effect(opcode, oparg=None, /, *, jump=None)", refuse, ""),
        NativeDef::function("is_valid(opcode)", no, ""),
        NativeDef::function("has_arg(opcode)", no, ""),
        NativeDef::function("has_const(opcode)", no, ""),
        NativeDef::function("has_name(opcode)", no, ""),
        NativeDef::function("has_jump(opcode)", no, ""),
        NativeDef::function("has_free(opcode)", no, ""),
        NativeDef::function("has_local(opcode)", no, ""),
        NativeDef::function("has_exc(opcode)", no, ""),
        NativeDef::function("get_nb_ops()", empty, ""),
        NativeDef::function("get_intrinsic1_descs()", empty, ""),
        NativeDef::function("get_intrinsic2_descs()", empty, ""),
        NativeDef::function("get_special_method_names()", empty, ""),
        NativeDef::function("get_specialization_stats()", none, ""),
        NativeDef::function("get_executor(*, code, offset)", no_executor, ""),
    ],
    types: &[],
    exec: None,
};

fn no(vm: &mut Vm, args: Args) -> NativeResult {
    vm.index_i64(args.local(0))?;
    Ok(vm.ret(Value::FALSE))
}

fn empty(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.list(&[]).value()))
}

fn none(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn refuse(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, ValueError, "invalid opcode or oparg")
}

fn no_executor(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, RuntimeError, "Executors are not available in this build")
}
