//! methodcaller.

use crate::prelude::*;

/// Calls a method of its operand.
#[derive(Trace)]
pub struct MethodCaller {
    name: Slot,
    /// A tuple.
    args: Slot,
    /// A dict, or UNBOUND when there are no keyword arguments.
    keywords: Slot,
}
native_type!(
    MethodCaller,
    METHODCALLER,
    "operator",
    "methodcaller",
    "methodcaller(name, /, *args, **kwargs)\n--\n\n\
     Return a callable object that calls the given method on its operand.\n\n\
     After f = methodcaller('name', 'date', foo=1), the call f(r) returns r.name('date', foo=1).",
    0,
    [
        NativeDef::static_method("__new__($type, name, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__call__($self, obj, /)", call, "Call self as a function.").raw(),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", reduce, "Return state information for pickling."),
    ],
    []
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &METHODCALLER)?;
    let count = args.len() - args.keyword_count();
    if count < 2 {
        raise!(vm, TypeError, "methodcaller needs at least one argument, the method name");
    }
    let Some(name) = args.get(vm, 1).as_str() else {
        raise!(vm, TypeError, "method name must be a string");
    };
    let positional = vm.tuple_from(count - 2, (2..count).map(|i| args.get(vm, i)));
    let payload = MethodCaller {
        name: slot(name.value()),
        args: slot(positional.value()),
        keywords: slot(vm.get(keyword_dict(vm, args))),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<MethodCaller>(vm)?;
    let name = vm.root(this.name.get(vm));
    let (given, keywords) = (vm.root(this.args.get(vm)), vm.root(this.keywords.get(vm)));
    positional(vm, args, "methodcaller", 1, 1)?;
    let method = vm.getattr(args.local(1), name)?;
    let method = vm.hold(method);
    vm.call_args(method, given, keywords)
}

/// The arguments as they are written in a call.
fn shown(vm: &mut Vm, this: Local) -> Result<String, Raised> {
    let caller = vm.get(this).payload::<MethodCaller>().expect("checked");
    let name = vm.root(caller.name.get(vm));
    let (given, keywords) = (vm.root(caller.args.get(vm)), vm.root(caller.keywords.get(vm)));
    let mut parts = vec![vm.repr_text(name)?];
    for i in 0..seq_len(vm.get(given)) {
        let item = vm.root(seq_item(vm, vm.get(given), i).expect("inside"));
        parts.push(vm.repr_text(item)?);
    }
    parts.extend(keyword_texts(vm, keywords)?);
    Ok(parts.join(", "))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<MethodCaller>(vm)?;
    let this = args.local(0);
    if !vm.repr_enter(this) {
        return ret_str(vm, "operator.methodcaller(...)");
    }
    let text = vm.scope(|vm| shown(vm, this));
    vm.repr_leave(this);
    ret_str(vm, &format!("operator.methodcaller({})", text?))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<MethodCaller>(vm)?;
    let (name, given) = (vm.root(this.name.get(vm)), vm.root(this.args.get(vm)));
    let keywords = vm.root(this.keywords.get(vm));
    let class = vm.root(vm.class_of(args.get(vm, 0)).value());
    if vm.get(keywords).is_unbound() {
        let vm = &*vm;
        let given: Gc<'_, Tuple> = vm.get(given).cast().expect("a tuple");
        let all = std::iter::once(vm.get(name)).chain((0..given.len()).map(|i| given.item(vm, i)));
        let all = vm.tuple_from(given.len() + 1, all);
        return Ok(vm.ret(vm.tuple(&[vm.get(class), all.value()]).value()));
    }
    // The keyword arguments travel in a partial of the class.
    let functools = vm.import_module("functools")?;
    let partial = vm.getattr_str(functools, "partial")?;
    let partial = vm.hold(partial);
    let partial = vm.call_kw(partial, &[class, name], keywords)?;
    let partial = vm.hold(partial);
    Ok(vm.ret(vm.tuple(&[vm.get(partial), vm.get(given)]).value()))
}
