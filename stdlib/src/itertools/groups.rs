//! groupby and its groups.

use crate::prelude::*;

/// groupby
#[derive(Trace)]
pub struct GroupBy {
    iterator: Slot,
    /// None stands for the item itself.
    keyfunc: Slot,
    /// Key of the group given out last; UNBOUND before the first.
    target_key: Slot,
    /// Key and value of the item read last; UNBOUND when none is waiting.
    current_key: Slot,
    current_value: Slot,
    /// The group given out last: others have ended.
    group: Slot,
}
iterator_type!(
    GroupBy,
    GROUPBY,
    "itertools",
    "groupby",
    "groupby(iterable, key=None)\n--\n\nPairs of a key and an iterator over the items in a row that have it.",
    ClassFlags::BASE,
    groupby_next,
    [NativeDef::static_method("__new__($type, iterable, key=None)", groupby_new, "")]
);

/// A group of a groupby.
#[derive(Trace)]
pub struct Grouper {
    parent: Slot,
    key: Slot,
}
iterator_type!(
    Grouper,
    GROUPER,
    "itertools",
    "_grouper",
    "",
    0,
    grouper_next,
    [NativeDef::static_method("__new__($type, parent, tgtkey, /)", grouper_new, "")]
);

fn groupby_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &GROUPBY)?;
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let payload = GroupBy {
        iterator: slot(vm.value(iterator)),
        keyfunc: slot(args.opt(vm, 2).unwrap_or(Value::NONE)),
        target_key: unbound(),
        current_key: unbound(),
        current_value: unbound(),
        group: unbound(),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn groupby(vm: &Vm, l: Local) -> Gc<'_, Native<GroupBy>> {
    vm.get(l).payload().expect("the caller has checked that it is a groupby")
}

/// Reads the next item and its key; StopIteration at the end.
fn read(vm: &mut Vm, this: Local) -> Result<(), Raised> {
    vm.scope(|vm| {
        let iterator = vm.root(groupby(vm, this).iterator.get(vm));
        if !vm.next(iterator)? {
            return Err(stop(vm));
        }
        let item = vm.hold_result();
        let keyfunc = vm.root(groupby(vm, this).keyfunc.get(vm));
        let key = if vm.get(keyfunc).is_none() {
            item
        } else {
            let key = vm.call(keyfunc, &[item])?;
            vm.hold(key)
        };
        let g = groupby(vm, this);
        vm.write(g, |t| &t.current_key, vm.get(key));
        vm.write(g, |t| &t.current_value, vm.get(item));
        Ok(())
    })
}

fn groupby_next(vm: &mut Vm, args: Args) -> StepResult {
    args.payload::<GroupBy>(vm)?;
    let this = args.local(0);
    vm.write(groupby(vm, this), |t| &t.group, Value::UNBOUND);
    let (target, current) = (vm.empty_root(), vm.empty_root());
    // To the first item with another key than the last group's.
    loop {
        let g = groupby(vm, this);
        vm.set(target, g.target_key.get(vm));
        vm.set(current, g.current_key.get(vm));
        if !vm.get(current).is_unbound()
            && (vm.get(target).is_unbound() || !vm.scope(|vm| vm.eq(target, current))?)
        {
            break;
        }
        read(vm, this)?;
        vm.safepoint()?;
    }
    let vm = &*vm;
    let g = groupby(vm, this);
    let key = g.r().current_key.get(vm);
    vm.write(g, |t| &t.target_key, key);
    let group = vm.native(Grouper { parent: slot(g.value()), key: slot(key) }).value();
    vm.write(g, |t| &t.group, group);
    Ok(Some(vm.ret(vm.tuple(&[key, group]).value())))
}

fn grouper_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &GROUPER)?;
    let Some(parent) = args.get(vm, 1).payload::<GroupBy>() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "_grouper() argument 1 must be itertools.groupby, not {given}");
    };
    let payload = Grouper { parent: slot(parent.value()), key: slot(args.get(vm, 2)) };
    let group = vm.native_of_shape(shape, payload).value();
    vm.write(parent, |t| &t.group, group);
    Ok(vm.ret(group))
}

fn grouper_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Grouper>(vm)?;
    let (parent, key) = (vm.root(this.parent.get(vm)), vm.root(this.key.get(vm)));
    if !groupby(vm, parent).group.get(vm).is(args.get(vm, 0)) {
        return Ok(None);
    }
    if groupby(vm, parent).current_value.get(vm).is_unbound() {
        read(vm, parent)?;
    }
    let current = vm.root(groupby(vm, parent).current_key.get(vm));
    if !vm.eq(key, current)? {
        return Ok(None);
    }
    let vm = &*vm;
    let g = groupby(vm, parent);
    let value = g.r().current_value.get(vm);
    if value.is_unbound() {
        // A comparison has read on.
        return Ok(None);
    }
    vm.write(g, |t| &t.current_value, Value::UNBOUND);
    vm.write(g, |t| &t.current_key, Value::UNBOUND);
    Ok(Some(vm.ret(value)))
}
