//! defaultdict: a dict with one more field, the factory of missing values.

use crate::prelude::*;
use sidewinder_interpreter::builtins::dict;

/// The type defaultdict.
pub static DEFAULTDICT: TypeDef = TypeDef {
    module: "collections",
    base: ClassId::Dict,
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nA missing key is added with the value that default_factory() returns.",
    flags: ClassFlags::BASE
        | ClassFlags::MAPPING
        | ClassFlags::EXTRA
        | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Initialize self.").raw(),
        NativeDef::method(
            "__missing__($self, key, /)",
            missing,
            "Called for a key that is not there: adds default_factory(), or KeyError without one.",
        ),
        NativeDef::method("copy($self, /)", copy, "A shallow copy."),
        NativeDef::method("__copy__($self, /)", copy, "A shallow copy."),
        NativeDef::method("__reduce__($self, /)", reduce, "Helper for pickle."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585",
        ),
    ],
    getset: &[GetSetDef::new(
        "default_factory",
        get_factory,
        "Factory for default value called by __missing__().",
    )
    .with_set(set_factory)],
    ..TypeDef::new("defaultdict", Kind::Dict)
};

fn factory<'gc>(vm: &'gc Vm, dict: Value<'gc>) -> Value<'gc> {
    vm.extra_field(dict, 0).bound().unwrap_or(Value::NONE)
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let given = args.len() - args.keyword_count() - 1;
    if given > 0 {
        let f = vm.get(args.local(1));
        if !f.is_none() && vm.special_of(f, Special::Call).is_none() {
            raise!(vm, TypeError, "first argument must be callable or None");
        }
        vm.set_extra_field(args.get(vm, 0), 0, f);
    } else {
        vm.set_extra_field(args.get(vm, 0), 0, Value::NONE);
    }
    if given > 2 {
        raise!(vm, TypeError, "dict expected at most 1 argument, got {}", given - 1);
    }
    if given == 2 {
        dict::update_any(vm, args.local(0), args.local(2))?;
    }
    for (name, place) in keywords(vm, args) {
        let vm = &*vm;
        vm.dict_set_str(args.this::<Dict>(vm)?, vm.intern(&name), vm.get(place));
    }
    Ok(vm.none())
}

fn missing(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let factory = vm.root(factory(vm, args.get(vm, 0)));
    if vm.get(factory).is_none() {
        return Err(vm.key_error(args.get(vm, 1)));
    }
    let value = vm.call(factory, &[])?;
    let value = vm.hold(value);
    vm.setitem(args.local(0), args.local(1), value)?;
    Ok(vm.ret(vm.get(value)))
}

/// `type(self)(default_factory, other)`
fn like(vm: &mut Vm, this: Local, items: Local) -> NativeResult {
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let factory = vm.root(factory(vm, vm.get(this)));
    vm.call(class, &[factory, items])
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    like(vm, args.local(0), args.local(0))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let items = vm.call_method(args.local(0), "items", &[])?;
    let items = vm.hold(items);
    let iterator = vm.iter(items)?;
    let vm = &*vm;
    let this = args.get(vm, 0);
    let f = factory(vm, this);
    let inner = if f.is_none() { vm.tuple(&[]) } else { vm.tuple(&[f]) };
    let class = vm.class_of(this).value();
    let none = Value::NONE;
    Ok(vm.ret(vm.tuple(&[class, inner.value(), none, none, vm.value(iterator)]).value()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let base = vm.class(ClassId::Dict);
    let base = vm.special(base, Special::Repr).expect("dict has one");
    let base = vm.root(base);
    let f = vm.root(factory(vm, args.get(vm, 0)));
    let inner = vm.call(base, &[args.local(0)])?;
    let inner = vm.text_of(vm.value(inner));
    let name = vm.class_name(vm.class_of(args.get(vm, 0)));
    let f = if vm.repr_enter(f) {
        let text = vm.repr_text(f);
        vm.repr_leave(f);
        text?
    } else {
        "...".into()
    };
    ret_str(vm, &format!("{name}({f}, {inner})"))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 0, 1)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 1, 0)
}

fn merged(vm: &mut Vm, args: Args, first: usize, second: usize) -> NativeResult {
    args.this::<Dict>(vm)?;
    if args.get(vm, 1).kind() != Some(Kind::Dict) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let new = like(vm, args.local(0), args.local(first))?;
    let new = vm.hold(new);
    if vm.get(new).kind() != Some(Kind::Dict) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    dict::update_any(vm, new, args.local(second))?;
    Ok(vm.ret(vm.get(new)))
}

fn get_factory(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let vm = &*vm;
    Ok(vm.ret(factory(vm, args.get(vm, 0))))
}

fn set_factory(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let vm = &*vm;
    vm.set_extra_field(args.get(vm, 0), 0, args.opt(vm, 1).unwrap_or(Value::NONE));
    Ok(vm.none())
}
