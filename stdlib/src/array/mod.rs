//! Module `array`: arrays of machine values.

#![forbid(unsafe_code)]

mod change;
mod item;
mod iterator;
mod object;
mod pickle;

use crate::prelude::*;

/// The module.
pub static ARRAY: ModuleDef = ModuleDef {
    name: "array",
    doc: "This module defines an object type which can efficiently represent\n\
          an array of basic values: characters, integers, floating-point\n\
          numbers.  Arrays are sequence types and behave very much like lists,\n\
          except that the type of objects stored in them is constrained.",
    functions: &[NativeDef::function(
        "_array_reconstructor(arraytype, typecode, mformat_code, items, /)",
        pickle::reconstruct,
        "Internal. Used for pickling support.",
    )],
    types: &[&object::ARRAY_TYPE],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let class = vm.root(vm.native_class(&object::ARRAY_TYPE).value());
    vm.module_set(module, "ArrayType", vm.get(class));
    vm.module_set(module, "typecodes", vm.str(item::TYPECODES).value());
    let abc = vm.import_module("collections.abc")?;
    let sequence = vm.getattr_str(abc, "MutableSequence")?;
    let sequence = vm.hold(sequence);
    let _ = vm.call_method(sequence, "register", &[class])?;
    Ok(())
}
