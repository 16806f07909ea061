//! attrgetter and itemgetter.

use crate::prelude::*;

/// Fetches attributes.
#[derive(Trace)]
pub struct AttrGetter {
    /// A tuple of dotted names, as they were given.
    names: Slot,
    /// A tuple of tuples: the parts of each name.
    paths: Slot,
}
native_type!(
    AttrGetter,
    ATTRGETTER,
    "operator",
    "attrgetter",
    "attrgetter(attr, /, *attrs)\n--\n\n\
     Return a callable object that fetches the given attribute(s) from its operand.\n\n\
     After f = attrgetter('name'), the call f(r) returns r.name. Names may be dotted; with several\n\
     names the result is a tuple.",
    0,
    [
        NativeDef::static_method("__new__($type, attr, /, *attrs)", new_attrgetter, "").raw(),
        NativeDef::method("__call__($self, obj, /)", get_attributes, "Call self as a function.")
            .raw(),
        NativeDef::method(
            "__repr__($self, /)",
            |vm, args| {
                let names = vm.root(args.payload::<AttrGetter>(vm)?.names.get(vm));
                repr(vm, args.local(0), names)
            },
            "Return repr(self)."
        ),
        NativeDef::method(
            "__reduce__($self, /)",
            |vm, args| {
                let vm = &*vm;
                reduce(vm, args, args.payload::<AttrGetter>(vm)?.r().names.get(vm))
            },
            "Return state information for pickling."
        ),
    ],
    []
);

/// Fetches items.
#[derive(Trace)]
pub struct ItemGetter {
    /// A tuple.
    keys: Slot,
}
native_type!(
    ItemGetter,
    ITEMGETTER,
    "operator",
    "itemgetter",
    "itemgetter(item, /, *items)\n--\n\n\
     Return a callable object that fetches the given item(s) from its operand.\n\n\
     After f = itemgetter(2), the call f(r) returns r[2]; with several items the result is a tuple.",
    0,
    [
        NativeDef::static_method("__new__($type, item, /, *items)", new_itemgetter, "").raw(),
        NativeDef::method("__call__($self, obj, /)", get_items, "Call self as a function.").raw(),
        NativeDef::method(
            "__repr__($self, /)",
            |vm, args| {
                let keys = vm.root(args.payload::<ItemGetter>(vm)?.keys.get(vm));
                repr(vm, args.local(0), keys)
            },
            "Return repr(self)."
        ),
        NativeDef::method(
            "__reduce__($self, /)",
            |vm, args| {
                let vm = &*vm;
                reduce(vm, args, args.payload::<ItemGetter>(vm)?.r().keys.get(vm))
            },
            "Return state information for pickling."
        ),
    ],
    []
);

/// The shape of a new getter and a tuple of its arguments, of which there must be one at least.
fn given<'gc>(
    vm: &'gc Vm,
    args: Args,
    def: &'static TypeDef,
) -> Result<(u32, Gc<'gc, Tuple>), Raised> {
    let max = if args.len() > 1 { usize::MAX } else { 1 };
    let (shape, count) = plain_new(vm, args, def, 1, max)?;
    Ok((shape, vm.tuple_from(count, (1..=count).map(|i| args.get(vm, i)))))
}

fn new_attrgetter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (shape, names) = given(vm, args, &ATTRGETTER)?;
    let mut paths = Vec::with_capacity(names.len());
    for i in 0..names.len() {
        let Some(name) = names.item(vm, i).as_str() else {
            raise!(vm, TypeError, "attribute name must be a string");
        };
        let text = vm.str_text(name);
        let parts: Vec<_> = if text.contains('.') {
            text.split('.').map(|part| vm.intern(part).value()).collect()
        } else {
            vec![name.value()]
        };
        paths.push(vm.tuple(&parts).value());
    }
    let payload = AttrGetter { names: slot(names.value()), paths: slot(vm.tuple(&paths).value()) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn new_itemgetter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (shape, keys) = given(vm, args, &ITEMGETTER)?;
    Ok(vm.ret(vm.native_of_shape(shape, ItemGetter { keys: slot(keys.value()) }).value()))
}

/// One result as it is, several as a tuple: what `fetch` finds for the items of `of`.
fn each(vm: &mut Vm, of: Local, fetch: impl Fn(&mut Vm, Local) -> NativeResult) -> NativeResult {
    let count = seq_len(vm.get(of));
    let results = vm.root(vm.tuple_from(count, (0..count).map(|_| Value::NONE)).value());
    let item = vm.empty_root();
    for i in 0..count {
        vm.set(item, seq_item(vm, vm.get(of), i).expect("inside"));
        let found = vm.scope(|vm| fetch(vm, item))?;
        if count == 1 {
            return Ok(found);
        }
        let vm = &*vm;
        let results: Gc<'_, Tuple> = vm.get(results).cast().expect("a tuple");
        vm.write(results, |t| &t.items()[i], vm.value(found));
    }
    Ok(vm.ret(vm.get(results)))
}

fn get_attributes(vm: &mut Vm, args: Args) -> NativeResult {
    let paths = vm.root(args.payload::<AttrGetter>(vm)?.paths.get(vm));
    positional(vm, args, "attrgetter", 1, 1)?;
    each(vm, paths, |vm, path| {
        let object = vm.root(args.get(vm, 1));
        let name = vm.empty_root();
        for i in 0..seq_len(vm.get(path)) {
            vm.set(name, seq_item(vm, vm.get(path), i).expect("inside"));
            let found = vm.getattr(object, name)?;
            vm.set(object, vm.value(found));
        }
        Ok(vm.ret(vm.get(object)))
    })
}

fn get_items(vm: &mut Vm, args: Args) -> NativeResult {
    let keys = vm.root(args.payload::<ItemGetter>(vm)?.keys.get(vm));
    positional(vm, args, "itemgetter", 1, 1)?;
    each(vm, keys, |vm, key| vm.getitem(args.local(1), key))
}

fn repr(vm: &mut Vm, this: Local, items: Local) -> NativeResult {
    let name = format!("operator.{}", vm.type_name(vm.get(this)));
    let cycle = format!("{name}(...)");
    container_repr(vm, this, &format!("{name}("), ")", &cycle, |vm, i| {
        seq_item(vm, vm.get(items), i)
    })
}

fn reduce<'gc>(vm: &'gc Vm, args: Args, given: Value<'gc>) -> NativeResult {
    let class = vm.class_of(args.get(vm, 0)).value();
    Ok(vm.ret(vm.tuple(&[class, given]).value()))
}
