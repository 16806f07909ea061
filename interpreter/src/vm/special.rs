//! Special methods by number, so that a class can keep those it has in a table.

use super::native::NativeFn;
use super::{Binding, Passing, Vm};
use crate::object::{Array, Builtin, Class, Construction, Field, Gc, Kind};
use crate::value::Value;

macro_rules! specials {
    ($($name:ident $text:literal,)*) => {
        /// A special method looked up on the type, not the instance.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Special { $($name,)* }

        impl Special {
            /// Their names by number.
            pub const NAMES: &'static [&'static str] = &[$($text),*];
        }
    };
}

specials! {
    Abs "__abs__", Add "__add__", AEnter "__aenter__", AExit "__aexit__", AIter "__aiter__",
    And "__and__", ANext "__anext__", Await "__await__", Bool "__bool__", Bytes "__bytes__",
    Call "__call__", Ceil "__ceil__", Complex "__complex__", Contains "__contains__",
    Del "__del__", DelAttr "__delattr__", Delete "__delete__", DelItem "__delitem__",
    Dir "__dir__", DivMod "__divmod__", Enter "__enter__", Eq "__eq__", Exit "__exit__",
    Float "__float__", Floor "__floor__", FloorDiv "__floordiv__", Format "__format__",
    Ge "__ge__", Get "__get__", GetAttr "__getattr__", GetAttribute "__getattribute__",
    GetItem "__getitem__", Gt "__gt__", Hash "__hash__", IAdd "__iadd__", IAnd "__iand__",
    IFloorDiv "__ifloordiv__", ILShift "__ilshift__", IMatMul "__imatmul__", IMod "__imod__",
    IMul "__imul__", Index "__index__", Init "__init__", InitSubclass "__init_subclass__",
    InstanceCheck "__instancecheck__", Int "__int__", Invert "__invert__", IOr "__ior__",
    IPow "__ipow__", IRShift "__irshift__", ISub "__isub__", Iter "__iter__",
    ITrueDiv "__itruediv__", IXor "__ixor__", Le "__le__", Len "__len__",
    LengthHint "__length_hint__", LShift "__lshift__", Lt "__lt__", MatMul "__matmul__",
    Missing "__missing__", Mod "__mod__", MroEntries "__mro_entries__", Mul "__mul__",
    Ne "__ne__", Neg "__neg__", New "__new__", Next "__next__", Or "__or__", Pos "__pos__",
    Pow "__pow__", Prepare "__prepare__", RAdd "__radd__", RAnd "__rand__",
    RDivMod "__rdivmod__", Repr "__repr__", Reversed "__reversed__", RFloorDiv "__rfloordiv__",
    RLShift "__rlshift__", RMatMul "__rmatmul__", RMod "__rmod__", RMul "__rmul__",
    ROr "__ror__", Round "__round__", RPow "__rpow__", RRShift "__rrshift__",
    RShift "__rshift__", RSub "__rsub__", RTrueDiv "__rtruediv__", RXor "__rxor__",
    Set "__set__", SetAttr "__setattr__", SetItem "__setitem__", SetName "__set_name__",
    Sizeof "__sizeof__", Str "__str__", Sub "__sub__", SubclassCheck "__subclasscheck__",
    TrueDiv "__truediv__", Trunc "__trunc__", Xor "__xor__", MatchArgs "__match_args__",
    ClassGetItem "__class_getitem__", Buffer "__buffer__",
}

/// Number of special methods.
pub const SPECIAL_COUNT: usize = Special::NAMES.len();

/// Whether a method found on a type is called with its object as the first argument; anything else
/// is bound first, or is called without the object.
#[inline]
pub fn takes_object(method: Value<'_>) -> bool {
    match method.kind() {
        Some(Kind::Function) => true,
        Some(Kind::Builtin) => {
            method.cast::<Builtin>().is_some_and(|b| b.binding == Binding::Method as u8)
        }
        _ => false,
    }
}

/// The code of a special method that takes its arguments as they are, its object first: of one
/// written in C.
#[inline(always)]
pub(super) fn raw_method(method: Value<'_>) -> Option<NativeFn> {
    let builtin = method.cast::<Builtin>()?;
    let def = builtin.def.get();
    (def.passing == Passing::Raw && builtin.binding == Binding::Method as u8).then_some(def.func)
}

impl Vm {
    /// The special method of a class, as found in its MRO (not bound), or `None`.
    #[inline]
    pub fn special<'gc>(&'gc self, class: Gc<'gc, Class>, which: Special) -> Option<Value<'gc>> {
        if class.specials_epoch.get() == self.special_epoch.get()
            && let Some(table) = class.specials.get_as::<Array>(self)
        {
            let found = table.item(self, which as usize);
            if !found.is_unbound() {
                // NotImplemented in the table stands for "looked up, not there".
                return (!found.is(Value::NOT_IMPLEMENTED)).then_some(found);
            }
        }
        self.special_slow(class, which)
    }

    /// As [`Vm::special`], for one that [`Class::construction`] says has been looked up; `None` when the
    /// classes have changed since.
    #[inline(always)]
    pub(crate) fn special_of_construction<'gc>(
        &'gc self,
        class: Gc<'gc, Class>,
        how: Construction,
    ) -> Option<Value<'gc>> {
        if class.specials_epoch.get() != self.special_epoch.get() || class.construction.get() != how
        {
            return None;
        }
        let which = if how == Construction::Init { Special::Init } else { Special::New };
        Some(class.specials.get_as::<Array>(self)?.item(self, which as usize))
    }

    #[cold]
    fn special_slow<'gc>(&'gc self, class: Gc<'gc, Class>, which: Special) -> Option<Value<'gc>> {
        if class.specials_epoch.get() != self.special_epoch.get()
            || class.specials.get(self).is_unbound()
        {
            let table = self.array_filled(SPECIAL_COUNT);
            self.write(class, |c| &c.specials, table.value());
            class.specials_epoch.set(self.special_epoch.get());
            class.construction.set(Construction::General);
        }
        let name = self.special_name(which);
        let found = self.class_lookup(class, name);
        let table = class.specials.get_as::<Array>(self).expect("made above");
        let entry = found.unwrap_or(Value::NOT_IMPLEMENTED);
        self.write(table, |t| &t.items()[which as usize], entry);
        found
    }

    /// The special method of a value's type.
    #[inline]
    pub fn special_of<'gc>(&'gc self, value: Value<'gc>, which: Special) -> Option<Value<'gc>> {
        self.special(self.class_of(value), which)
    }
}
