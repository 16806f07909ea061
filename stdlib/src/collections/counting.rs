//! `_count_elements`: the loop of Counter.

use crate::prelude::*;
use sidewinder_interpreter::builtins::dict::dict_in;
use sidewinder_interpreter::object::table::Lookup;

/// Whether a class has dict's own methods for reading and writing items.
fn is_plain(vm: &Vm, mapping: Value<'_>) -> bool {
    if mapping.kind() != Some(Kind::Dict) {
        return false;
    }
    let (class, dict) = (vm.class_of(mapping), vm.class(ClassId::Dict));
    ["get", "__setitem__"].iter().all(|name| {
        let name = vm.intern(name).value();
        match (vm.class_lookup(class, name), vm.class_lookup(dict, name)) {
            (Some(own), Some(plain)) => own.is(plain),
            _ => false,
        }
    })
}

pub(super) fn count_elements(vm: &mut Vm, args: Args) -> NativeResult {
    let (mapping, iterable) = (args.local(0), args.local(1));
    let one = vm.root(Value::from_i32(1));
    if is_plain(vm, vm.get(mapping)) {
        vm.iterate(iterable, |vm, item| count_one(vm, mapping, item, one))?;
        return Ok(vm.none());
    }
    let get = vm.getattr_str(mapping, "get")?;
    let get = vm.hold(get);
    let zero = vm.root(Value::from_i32(0));
    vm.iterate(iterable, |vm, item| {
        let old = vm.call(get, &[item, zero])?;
        let old = vm.hold(old);
        let new = vm.binary(BinaryOp::Add, old, one)?;
        let new = vm.hold(new);
        vm.setitem(mapping, item, new)
    })?;
    Ok(vm.none())
}

fn count_one(vm: &mut Vm, mapping: Local, item: Local, one: Local) -> Result<(), Raised> {
    {
        let vm = &*vm;
        let dict = dict_in(vm, mapping);
        if let Some(hash) = vm.hash_leaf(vm.get(item)) {
            match vm.table_find(&*dict, vm.get(item), hash, None) {
                Lookup::Found(i) => {
                    if let Some(n) = vm.table_value(&*dict, i).as_small_int() {
                        vm.table_set_value(&*dict, i, vm.int(n + 1));
                        return Ok(());
                    }
                }
                Lookup::Missing => {
                    vm.table_add(dict, vm.get(item), hash, vm.get(one));
                    return Ok(());
                }
                Lookup::Ask(..) => {}
            }
        }
    }
    if vm.dict_get(mapping, item)? {
        let old = vm.hold_result();
        let new = vm.binary(BinaryOp::Add, old, one)?;
        let new = vm.hold(new);
        return vm.dict_set(mapping, item, new);
    }
    vm.dict_set(mapping, item, one)
}
