//! `_tuplegetter`: the attributes of named tuples. The module `_collections` has the type; it is here
//! because loading an attribute knows it.

use super::declare::{GetSetDef, TypeDef};
use super::support::*;
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, NativeDef, NativeResult, Vm};
use std::cell::Cell;

/// A descriptor that reads one item of a tuple.
#[derive(Trace)]
pub struct TupleGetter {
    index: Cell<usize>,
    doc: Slot,
}

impl Payload for TupleGetter {
    const TYPE: &'static TypeDef = &TUPLEGETTER;
}

/// The type of [`TupleGetter`].
pub static TUPLEGETTER: TypeDef = TypeDef {
    module: "_collections",
    methods: &[
        NativeDef::static_method("__new__($type, index, doc, /)", new, ""),
        NativeDef::method("__get__($self, instance, owner=None, /)", get, "The item."),
        NativeDef::method("__set__($self, instance, value, /)", set, "Fails."),
        NativeDef::method("__delete__($self, instance, /)", set, "Fails."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", reduce, ""),
    ],
    getset: &[GetSetDef::new("__doc__", get_doc, "The documentation.").with_set(set_doc)],
    ..TypeDef::new("_tuplegetter", Kind::Native)
};

impl TupleGetter {
    /// The place of the item it reads.
    pub fn index(&self) -> usize {
        self.index.get()
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &TUPLEGETTER)?;
    let index = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let payload =
        TupleGetter { index: Cell::new(index as usize), doc: Slot::new(args.get(vm, 2).word()) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TupleGetter>(vm)?;
    let object = args.get(vm, 1);
    if object.is_none() {
        return Ok(vm.ret(this.value()));
    }
    let index = this.index.get();
    let Some(tuple) = object.cast::<Tuple>() else {
        let given = vm.type_name(object);
        raise!(
            vm,
            TypeError,
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{given}' object"
        );
    };
    if index >= tuple.len() {
        raise!(vm, IndexError, "tuple index out of range");
    }
    Ok(vm.ret(tuple.item(vm, index)))
}

fn set(vm: &mut Vm, args: Args) -> NativeResult {
    let delete = args.len() == 2;
    let what = if delete { "delete" } else { "set" };
    raise!(vm, AttributeError, "can't {what} attribute")
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<TupleGetter>(vm)?;
    let (index, doc) = (this.index.get(), vm.root(this.doc.get(vm)));
    let doc = vm.repr_text(doc)?;
    ret_str(vm, &format!("_tuplegetter({index}, {doc})"))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TupleGetter>(vm)?;
    let class = vm.class_of(this.value()).value();
    let parts = vm.tuple(&[vm.int_usize(this.index.get()), this.r().doc.get(vm)]);
    Ok(vm.ret(vm.tuple(&[class, parts.value()]).value()))
}

fn get_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let doc = args.payload::<TupleGetter>(vm)?.r().doc.get(vm);
    Ok(vm.ret(doc))
}

fn set_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TupleGetter>(vm)?;
    vm.write(this, |t| &t.doc, args.opt(vm, 1).unwrap_or(Value::NONE));
    Ok(vm.none())
}
