//! Tuples with named fields (`sys.version_info`, `sys.flags`, ...).

use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::native::NativeFn;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Value, Vm};

/// Reads field number `I`.
pub fn field<const I: usize>(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    let value = if I < tuple.len() { tuple.r().item(vm, I) } else { Value::NONE };
    Ok(vm.ret(value))
}

/// Declares a type of tuples with named fields.
#[macro_export]
macro_rules! struct_sequence {
    ($static:ident $module:literal $name:literal $doc:literal: $($index:literal $field:literal)*) => {
        #[doc = $doc]
        pub static $static: sidewinder_interpreter::builtins::TypeDef =
            sidewinder_interpreter::builtins::TypeDef {
                module: $module,
                base: sidewinder_interpreter::builtins::ClassId::Tuple,
                doc: $doc,
                flags: sidewinder_interpreter::object::ClassFlags::NO_NEW
                    | sidewinder_interpreter::object::ClassFlags::SEQUENCE,
                methods: $crate::structseq::METHODS,
                getset: &[$(sidewinder_interpreter::builtins::GetSetDef::new(
                    $field,
                    $crate::structseq::field::<$index>,
                    "",
                )),*],
                match_args: &[$($field),*],
                ..sidewinder_interpreter::builtins::TypeDef::new(
                    $name,
                    sidewinder_interpreter::object::Kind::Tuple,
                )
            };
    };
}

/// Declares a type of tuples with named fields that programs can make as well, and that may have
/// fields by name only (`hidden`). `$visible` is the length of the tuple.
#[macro_export]
macro_rules! open_struct_sequence {
    ($static:ident $module:literal $name:literal $doc:literal $visible:literal:
     $($index:literal $field:literal)* $(; hidden $($hidden:literal)*)?) => {
        #[doc = $doc]
        pub static $static: sidewinder_interpreter::builtins::TypeDef =
            sidewinder_interpreter::builtins::TypeDef {
                module: $module,
                base: sidewinder_interpreter::builtins::ClassId::Tuple,
                doc: $doc,
                flags: sidewinder_interpreter::object::ClassFlags::SEQUENCE
                    | sidewinder_interpreter::object::ClassFlags::EXTRA,
                methods: &[
                    sidewinder_interpreter::NativeDef::static_method(
                        "__new__($type, sequence, dict=None)",
                        $crate::structseq::make::<$visible>,
                        "Make one of a sequence.",
                    ),
                    sidewinder_interpreter::NativeDef::method(
                        "__repr__($self, /)",
                        $crate::structseq::repr,
                        "Return repr(self).",
                    ),
                    sidewinder_interpreter::NativeDef::method(
                        "__reduce__($self, /)",
                        $crate::structseq::reduce,
                        "For pickle.",
                    ),
                ],
                getset: &[
                    $(sidewinder_interpreter::builtins::GetSetDef::new(
                        $field,
                        $crate::structseq::field::<$index>,
                        "",
                    ),)*
                    $($(sidewinder_interpreter::builtins::GetSetDef::new(
                        $hidden,
                        $crate::structseq::hidden,
                        "",
                    ),)*)?
                ],
                ..sidewinder_interpreter::builtins::TypeDef::new(
                    $name,
                    sidewinder_interpreter::object::Kind::Tuple,
                )
            };
    };
}

/// The methods that all have.
pub static METHODS: &[NativeDef] =
    &[NativeDef::method("__repr__($self, /)", repr, "Return repr(self).")];

/// A new one.
pub fn new<'gc>(vm: &'gc Vm, def: &'static TypeDef, items: &[Value<'_>]) -> Gc<'gc, Tuple> {
    vm.tuple_of_shape(vm.native_shape(def), items.len(), items.iter().copied())
}

/// `module.name(field=value, ...)`
pub fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (name, fields, items): (String, &[GetSetDef], Vec<Local>) = {
        let vm = &*vm;
        let tuple = args.this::<Tuple>(vm)?;
        let class = vm.class_of(tuple.value());
        let def = declaration(class);
        let (name, fields) = match def {
            Some(def) => (format!("{}.{}", def.module, def.name), def.getset),
            None => (vm.class_name(class), &[][..]),
        };
        let items = tuple.r().items().iter().map(|s| vm.root(s.get(vm))).collect();
        (name, fields, items)
    };
    let mut parts = Vec::new();
    for (field, item) in fields.iter().zip(items) {
        parts.push(format!("{}={}", field.name, vm.repr_text(item)?));
    }
    let text = format!("{name}({})", parts.join(", "));
    Ok(vm.ret(vm.str(&text).value()))
}

/// Reads a field that the tuple does not hold.
pub fn hidden(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    let name = args.descriptor(vm).map_or("", |d| d.def.get().name);
    let def = declaration(vm.class_of(tuple.value()));
    let at = def.and_then(|def| hidden_names(def).position(|n| n == name)).unwrap_or(0);
    let found = vm.extra_field(tuple.value(), at).bound();
    Ok(vm.ret(found.unwrap_or(Value::NONE)))
}

/// A new one with fields beyond the tuple, in the order of the declaration.
pub fn with_hidden<'gc>(
    vm: &'gc Vm,
    def: &'static TypeDef,
    items: &[Value<'_>],
    hidden: &[Value<'_>],
) -> Gc<'gc, Tuple> {
    let new = self::new(vm, def, items);
    for (i, value) in hidden.iter().enumerate() {
        vm.set_extra_field(new.value(), i, *value);
    }
    new
}

/// `__new__` of an open type whose tuples have `VISIBLE` items.
pub fn make<const VISIBLE: usize>(vm: &mut Vm, args: Args) -> NativeResult {
    let items = vm.collect_list(args.local(1))?;
    let items = vm.hold(items);
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let items: Vec<Value<'_>> =
        vm.get(items).cast::<List>().map(|l| vm.list_items(l).collect()).unwrap_or_default();
    let def = declaration(class);
    let Some(def) = def else { return Err(vm.type_error("not a struct sequence type")) };
    let names: Vec<&str> = hidden_names(def).collect();
    let (name, given) = (format!("{}.{}", def.module, def.name), items.len());
    let most = VISIBLE + names.len();
    if given < VISIBLE || given > most {
        let (bound, word) = if given < VISIBLE { (VISIBLE, "at least") } else { (most, "at most") };
        let least =
            if names.is_empty() { format!("a {VISIBLE}") } else { format!("an {word} {bound}") };
        return Err(
            vm.type_error(format!("{name}() takes {least}-sequence ({given}-sequence given)"))
        );
    }
    let tuple = vm.tuple_of_shape(class.shape.get(), VISIBLE, items[..VISIBLE].iter().copied());
    let more = args.not_none(vm, 2).and_then(|v| v.cast::<Dict>());
    for (i, name) in names.into_iter().enumerate() {
        let value = items.get(VISIBLE + i).copied();
        let value = value.or_else(|| vm.dict_get_str(more?, vm.intern(name)));
        // Times as integers stand in for times as floats that were not given.
        let plain = || def.getset.iter().position(|g| g.name == name);
        let fallback = || plain().filter(|&at| at < VISIBLE).map(|at| tuple.r().item(vm, at));
        let value = value.or_else(fallback).unwrap_or(Value::NONE);
        vm.set_extra_field(tuple.value(), i, value);
    }
    Ok(vm.ret(tuple.value()))
}

/// `__reduce__`
pub fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    let class = vm.class_of(tuple.value());
    let items = vm.tuple_from(tuple.len(), tuple.r().items().iter().map(|s| s.get(vm)));
    let dict = vm.dict();
    if let Some(def) = declaration(class) {
        for (i, name) in hidden_names(def).enumerate() {
            let value = vm.extra_field(tuple.value(), i).bound();
            vm.dict_set_str(dict, vm.intern(name), value.unwrap_or(Value::NONE));
        }
    }
    let parts = vm.tuple(&[items.value(), dict.value()]);
    Ok(vm.ret(vm.tuple(&[class.value(), parts.value()]).value()))
}

fn hidden_names(def: &'static TypeDef) -> impl Iterator<Item = &'static str> {
    let is_hidden = |g: &&GetSetDef| std::ptr::fn_addr_eq(g.get, hidden as NativeFn);
    def.getset.iter().filter(is_hidden).map(|g| g.name)
}

/// Sets the attributes that tell the numbers of fields.
pub fn finish(vm: &Vm, def: &'static TypeDef, visible: usize) {
    let class = vm.native_class(def);
    let Some(dict) = class.dict.get_as::<Dict>(vm) else { return };
    let all = visible + hidden_names(def).count();
    let named = def.getset.len() - hidden_names(def).count();
    for (name, n) in [
        ("n_sequence_fields", visible),
        ("n_fields", all),
        ("n_unnamed_fields", visible.saturating_sub(named)),
    ] {
        vm.dict_set_str(dict, vm.intern(name), vm.int_usize(n));
    }
    let fields: Vec<Value<'_>> =
        def.getset.iter().take(named).map(|g| vm.intern(g.name).value()).collect();
    vm.dict_set_str(dict, vm.intern("__match_args__"), vm.tuple(&fields).value());
    vm.class_filled(class);
}

/// The declaration a class was made from.
fn declaration(class: Gc<'_, Class>) -> Option<&'static TypeDef> {
    let def = class.def.get();
    if def.is_null() {
        return None;
    }
    // SAFETY: classes keep the address of a static declaration, or null.
    Some(unsafe { &*def })
}
