//! Views of dicts, and the iterators over them.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::set;
use super::support::*;
use crate::object::native::Payload;
use crate::object::table::HasTable;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, StepResult, Vm};
use std::cell::Cell;

/// Where an iteration over a dict is.
#[derive(Trace)]
pub struct Walk {
    /// The dict, or None at the end.
    dict: Slot,
    /// The table that the positions are in.
    table: Slot,
    /// Position of the next entry (backwards: one more than it).
    at: Cell<usize>,
    /// Length of the dict when the iteration began.
    len: Cell<usize>,
    /// Items still to come.
    left: Cell<usize>,
}

impl Walk {
    fn forwards(vm: &Vm, dict: Gc<'_, Dict>) -> Walk {
        Walk::from(vm, dict, 0)
    }

    fn backwards(vm: &Vm, dict: Gc<'_, Dict>) -> Walk {
        Walk::from(vm, dict, vm.table_used(&*dict))
    }

    fn from(_: &Vm, dict: Gc<'_, Dict>, at: usize) -> Walk {
        let len = dict.len.get();
        Walk {
            dict: Slot::new(dict.value().word()),
            table: Slot::new(dict.table_slot().word()),
            at: Cell::new(at),
            len: Cell::new(len),
            left: Cell::new(len),
        }
    }

    /// The next entry; `None` at the end.
    fn step<'gc>(
        &self,
        vm: &'gc Vm,
        reverse: bool,
    ) -> Result<Option<(Value<'gc>, Value<'gc>)>, Raised> {
        let Some(dict) = self.dict.get_as::<Dict>(vm) else { return Ok(None) };
        if dict.len.get() != self.len.get() {
            self.len.set(usize::MAX);
            raise!(vm, RuntimeError, "dictionary changed size during iteration");
        }
        if dict.table_slot().word() != self.table.word() {
            self.len.set(usize::MAX);
            raise!(vm, RuntimeError, "dictionary keys changed during iteration");
        }
        let used = vm.table_used(&*dict);
        let mut at = self.at.get();
        let found = loop {
            if reverse {
                if at == 0 {
                    break None;
                }
                at -= 1;
                if let Some((k, v, _)) = vm.table_entry(&*dict, at) {
                    break Some((k, v));
                }
            } else {
                if at >= used {
                    break None;
                }
                at += 1;
                if let Some((k, v, _)) = vm.table_entry(&*dict, at - 1) {
                    break Some((k, v));
                }
            }
        };
        self.at.set(at);
        if found.is_some() {
            if self.left.get() == 0 {
                self.len.set(usize::MAX);
                raise!(vm, RuntimeError, "dictionary keys changed during iteration");
            }
            self.left.set(self.left.get() - 1);
        }
        Ok(found)
    }
}

impl Walk {
    /// A list of what is still to come; the position stays.
    fn rest<'gc>(&self, vm: &'gc Vm, reverse: bool, what: u8) -> Result<Value<'gc>, Raised> {
        let ahead = Walk {
            dict: Slot::new(self.dict.word()),
            table: Slot::new(self.table.word()),
            at: self.at.clone(),
            len: self.len.clone(),
            left: self.left.clone(),
        };
        let mut items = Vec::new();
        while let Some(item) = ahead.step(vm, reverse)? {
            items.push(pick(vm, what, item));
        }
        Ok(vm.list(&items).value())
    }
}

/// Which part of an item is wanted.
fn pick<'gc>(vm: &'gc Vm, what: u8, (key, value): (Value<'gc>, Value<'gc>)) -> Value<'gc> {
    match what {
        0 => key,
        1 => value,
        _ => vm.tuple(&[key, value]).value(),
    }
}

macro_rules! dict_iterator {
    ($payload:ident, $def:ident, $name:literal, $what:literal, $reverse:literal, $next:ident, $hint:ident) => {
        /// An iterator over a dict.
        #[derive(Trace)]
        pub struct $payload {
            walk: Walk,
        }
        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
        }
        /// The type of such iterators.
        pub static $def: TypeDef = TypeDef {
            flags: ClassFlags::NO_NEW,
            methods: &[
                NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
                NativeDef::method("__length_hint__($self, /)", $hint, "Items left."),
                NativeDef::method(
                    "__reduce__($self, /)",
                    |vm, args| {
                        let vm = &*vm;
                        let walk = &args.payload::<$payload>(vm)?.r().walk;
                        let items = walk.rest(vm, $reverse, $what)?;
                        super::reduce::rest_reduced(vm, items, None)
                    },
                    "For pickling.",
                ),
            ],
            next: Some($next),
            ..TypeDef::new($name, Kind::Native)
        };
        fn $next(vm: &mut Vm, args: Args) -> StepResult {
            let vm = &*vm;
            let this = args.payload::<$payload>(vm)?;
            match this.walk.step(vm, $reverse)? {
                Some(item) => Ok(Some(vm.ret(pick(vm, $what, item)))),
                None => {
                    vm.write(this, |t| &t.walk.dict, Value::NONE);
                    Ok(None)
                }
            }
        }
        fn $hint(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let this = args.payload::<$payload>(vm)?;
            let done = this.walk.dict.get(vm).is_none();
            let left = if done { 0 } else { this.walk.left.get() };
            Ok(vm.ret(vm.int_usize(left)))
        }
    };
}

dict_iterator!(KeyIterator, KEY_ITERATOR, "dict_keyiterator", 0, false, key_next, key_hint);
dict_iterator!(
    ValueIterator,
    VALUE_ITERATOR,
    "dict_valueiterator",
    1,
    false,
    value_next,
    value_hint
);
dict_iterator!(ItemIterator, ITEM_ITERATOR, "dict_itemiterator", 2, false, item_next, item_hint);
dict_iterator!(
    RevKeyIterator,
    REV_KEY_ITERATOR,
    "dict_reversekeyiterator",
    0,
    true,
    rev_key_next,
    rev_key_hint
);
dict_iterator!(
    RevValueIterator,
    REV_VALUE_ITERATOR,
    "dict_reversevalueiterator",
    1,
    true,
    rev_value_next,
    rev_value_hint
);
dict_iterator!(
    RevItemIterator,
    REV_ITEM_ITERATOR,
    "dict_reverseitemiterator",
    2,
    true,
    rev_item_next,
    rev_item_hint
);

/// An iterator over the keys.
pub fn key_iterator<'gc>(vm: &'gc Vm, dict: Gc<'_, Dict>) -> Value<'gc> {
    vm.native(KeyIterator { walk: Walk::forwards(vm, dict) }).value()
}

/// An iterator over the keys, last one first.
pub fn reverse_key_iterator<'gc>(vm: &'gc Vm, dict: Gc<'_, Dict>) -> Value<'gc> {
    vm.native(RevKeyIterator { walk: Walk::backwards(vm, dict) }).value()
}

macro_rules! view {
    ($payload:ident, $def:ident, $name:literal, $make:ident, $iterator:ident, $reverse:ident,
     $iter:ident, $reversed:ident, $len:ident, $repr:ident, $mapping:ident, [$($more:expr),*]) => {
        /// A view of a dict.
        #[derive(Trace)]
        pub struct $payload {
            dict: Slot,
        }
        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
        }
        /// The type of such views.
        pub static $def: TypeDef = TypeDef {
            flags: ClassFlags::NO_NEW,
            methods: &[
                NativeDef::method("__iter__($self, /)", $iter, "Implement iter(self)."),
                NativeDef::method("__reversed__($self, /)", $reversed, "Last one first."),
                NativeDef::method("__len__($self, /)", $len, "Return len(self)."),
                NativeDef::method("__repr__($self, /)", $repr, "Return repr(self)."),
                $($more),*
            ],
            getset: &[GetSetDef::new("mapping", $mapping, "A read-only view of the dict.")],
            ..TypeDef::new($name, Kind::Native)
        };
        /// The method of dict that makes the view.
        pub fn $make(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let dict = args.this::<Dict>(vm)?;
            Ok(vm.ret(vm.native($payload { dict: Slot::new(dict.value().word()) }).value()))
        }
        fn $iter(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let dict = view_dict(vm, args)?;
            let iterator = vm.native($iterator { walk: Walk::forwards(vm, dict) });
            Ok(vm.ret(iterator.value()))
        }
        fn $reversed(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let dict = view_dict(vm, args)?;
            let iterator = vm.native($reverse { walk: Walk::backwards(vm, dict) });
            Ok(vm.ret(iterator.value()))
        }
        fn $len(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(vm.int_usize(view_dict(vm, args)?.len.get())))
        }
        fn $repr(vm: &mut Vm, args: Args) -> NativeResult {
            view_dict(vm, args)?;
            if !vm.repr_enter(args.local(0)) {
                let text = vm.str("...").value();
                return Ok(vm.ret(text));
            }
            let text = view_text(vm, args.local(0));
            vm.repr_leave(args.local(0));
            let text = vm.str(&format!("{}({})", $name, text?)).value();
            Ok(vm.ret(text))
        }
        fn $mapping(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let dict = view_dict(vm, args)?;
            Ok(vm.ret(super::mapping_proxy::proxy(vm, dict.value())))
        }
    };
}

view!(
    Keys,
    KEYS,
    "dict_keys",
    keys,
    KeyIterator,
    RevKeyIterator,
    keys_iter,
    keys_reversed,
    keys_len,
    keys_repr,
    keys_mapping,
    [
        NativeDef::method("__contains__($self, key, /)", keys_contains, "Return key in self."),
        NativeDef::method("__and__($self, value, /)", and, "Return self&value."),
        NativeDef::method("__rand__($self, value, /)", rand, "Return value&self."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__sub__($self, value, /)", sub, "Return self-value."),
        NativeDef::method("__rsub__($self, value, /)", rsub, "Return value-self."),
        NativeDef::method("__xor__($self, value, /)", xor, "Return self^value."),
        NativeDef::method("__rxor__($self, value, /)", rxor, "Return value^self."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
        NativeDef::method("isdisjoint($self, other, /)", isdisjoint, "Whether nothing is in both.")
    ]
);
view!(
    Values,
    VALUES,
    "dict_values",
    values,
    ValueIterator,
    RevValueIterator,
    values_iter,
    values_reversed,
    values_len,
    values_repr,
    values_mapping,
    []
);
view!(
    Items,
    ITEMS,
    "dict_items",
    items,
    ItemIterator,
    RevItemIterator,
    items_iter,
    items_reversed,
    items_len,
    items_repr,
    items_mapping,
    [
        NativeDef::method("__contains__($self, key, /)", items_contains, "Return key in self."),
        NativeDef::method("__and__($self, value, /)", and, "Return self&value."),
        NativeDef::method("__rand__($self, value, /)", rand, "Return value&self."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__sub__($self, value, /)", sub, "Return self-value."),
        NativeDef::method("__rsub__($self, value, /)", rsub, "Return value-self."),
        NativeDef::method("__xor__($self, value, /)", xor, "Return self^value."),
        NativeDef::method("__rxor__($self, value, /)", rxor, "Return value^self."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
        NativeDef::method("isdisjoint($self, other, /)", isdisjoint, "Whether nothing is in both.")
    ]
);

/// The dict behind a view of any kind.
fn view_dict(vm: &Vm, args: Args) -> Result<Gc<'_, Dict>, Raised> {
    dict_of_view(vm, args.get(vm, 0)).ok_or_else(|| args.wrong_receiver(vm))
}

fn dict_of_view<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Gc<'gc, Dict>> {
    if let Some(view) = v.payload::<Keys>() {
        return view.dict.get_as(vm);
    }
    if let Some(view) = v.payload::<Items>() {
        return view.dict.get_as(vm);
    }
    v.payload::<Values>()?.dict.get_as(vm)
}

/// The dict whose keys a view shows.
pub(super) fn dict_of_keys<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Gc<'gc, Dict>> {
    v.payload::<Keys>()?.dict.get_as::<Dict>(vm).filter(|d| vm.is_exact(d.value(), ClassId::Dict))
}

/// The items of a dict or a view as a list.
pub(crate) fn list_of<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Gc<'gc, List>> {
    let (dict, what) = if vm.is_exact(v, ClassId::Dict) {
        (v.cast::<Dict>()?, 0)
    } else {
        let what = if v.payload::<Keys>().is_some() {
            0
        } else if v.payload::<Values>().is_some() {
            1
        } else {
            2
        };
        (dict_of_view(vm, v)?, what)
    };
    let entries = (0..vm.table_used(&*dict)).filter_map(|i| vm.table_entry(&*dict, i));
    Some(vm.list_from(dict.len.get(), entries.map(|(k, v, _)| pick(vm, what, (k, v)))))
}

fn view_text(vm: &mut Vm, view: Local) -> Result<String, Raised> {
    let ret = vm.collect_list(view)?;
    let list = vm.hold(ret);
    vm.repr_text(list)
}

fn keys_contains(vm: &mut Vm, args: Args) -> NativeResult {
    let dict = vm.root(view_dict(vm, args)?.value());
    let found = vm.dict_get(dict, args.local(1))?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn items_contains(vm: &mut Vm, args: Args) -> NativeResult {
    let dict = vm.root(view_dict(vm, args)?.value());
    let pair = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() == 2);
    let Some(pair) = pair else { return Ok(vm.ret(Value::FALSE)) };
    let (key, value) = (vm.root(pair.item(vm, 0)), vm.root(pair.item(vm, 1)));
    if !vm.dict_get(dict, key)? {
        return Ok(vm.ret(Value::FALSE));
    }
    let found = vm.hold_result();
    let equal = vm.eq(found, value)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

/// A set of the items of any iterable.
fn as_set(vm: &mut Vm, v: Local) -> Result<Local, Raised> {
    set::collect(vm, v)
}

fn operate(vm: &mut Vm, op: BinaryOp, a: Local, b: Local) -> NativeResult {
    let (a, b) = (as_set(vm, a)?, as_set(vm, b)?);
    vm.binary(op, a, b)
}

fn and(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::And, args.local(0), args.local(1))
}
fn rand(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::And, args.local(1), args.local(0))
}
fn or(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Or, args.local(0), args.local(1))
}
fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Or, args.local(1), args.local(0))
}
fn sub(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Sub, args.local(0), args.local(1))
}
fn rsub(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Sub, args.local(1), args.local(0))
}
fn xor(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Xor, args.local(0), args.local(1))
}
fn rxor(vm: &mut Vm, args: Args) -> NativeResult {
    operate(vm, BinaryOp::Xor, args.local(1), args.local(0))
}

/// Whether the value is a set or a set-like view.
fn is_set_like(v: Value<'_>) -> bool {
    v.kind() == Some(Kind::Set) || v.payload::<Keys>().is_some() || v.payload::<Items>().is_some()
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    view_dict(vm, args)?;
    if !is_set_like(args.get(vm, 1)) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let (na, nb) = (vm.len(args.local(0))?, vm.len(args.local(1))?);
    let (inner, outer) = match op {
        CompareOp::Gt | CompareOp::Ge => (args.local(1), args.local(0)),
        _ => (args.local(0), args.local(1)),
    };
    let possible = match op {
        CompareOp::Eq | CompareOp::Ne => na == nb,
        CompareOp::Lt => na < nb,
        CompareOp::Le => na <= nb,
        CompareOp::Gt => na > nb,
        CompareOp::Ge => na >= nb,
    };
    let mut all = possible;
    if possible {
        let iterator = vm.iter(inner)?;
        let iterator = vm.hold(iterator);
        while vm.next(iterator)? {
            let inside = vm.scope(|vm| {
                let item = vm.hold_result();
                vm.contains(outer, item)
            })?;
            if !inside {
                all = false;
                break;
            }
        }
    }
    Ok(vm.ret(Value::from_bool(all != (op == CompareOp::Ne))))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}
fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}
fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Lt)
}
fn le(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Le)
}
fn gt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Gt)
}
fn ge(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ge)
}

fn isdisjoint(vm: &mut Vm, args: Args) -> NativeResult {
    view_dict(vm, args)?;
    let iterator = vm.iter(args.local(1))?;
    let iterator = vm.hold(iterator);
    while vm.next(iterator)? {
        let inside = vm.scope(|vm| {
            let item = vm.hold_result();
            vm.contains(args.local(0), item)
        })?;
        if inside {
            return Ok(vm.ret(Value::FALSE));
        }
    }
    Ok(vm.ret(Value::TRUE))
}
