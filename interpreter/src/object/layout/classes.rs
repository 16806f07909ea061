//! Classes, their instances, and the descriptors in their dicts.

use super::*;

/// A class.
#[repr(C)]
pub struct Class {
    /// Header; its shape's class is the metaclass.
    pub header: Header,
    /// `__name__`, a str.
    pub name: Slot,
    /// `__qualname__`, a str.
    pub qualname: Slot,
    /// `__bases__`, a tuple.
    pub bases: Slot,
    /// `__mro__`, a tuple.
    pub mro: Slot,
    /// The attributes, a dict.
    pub dict: Slot,
    /// The base that determines the layout of instances, or None (for object).
    pub base: Slot,
    /// Weak references to the direct subclasses, a list.
    pub subclasses: Slot,
    /// [`Array`] of special methods by [`Special`](crate::vm::special::Special), found in the MRO;
    /// UNBOUND when not built yet. Valid while `specials_epoch` is the VM's special epoch.
    pub specials: Slot,
    /// See `specials`.
    pub specials_epoch: Cell<u32>,
    /// What calling the class does; valid as long as `specials` is.
    pub construction: Cell<Construction>,
    /// Shape of new instances.
    pub shape: Cell<u32>,
    /// [`ClassFlags`] bits.
    pub flags: Cell<u32>,
    /// [`Kind`] of the instances.
    pub instance_kind: Cell<Kind>,
    /// Number of `__slots__` places, inherited ones included.
    pub slot_count: Cell<u16>,
    /// The declaration of a builtin class; null for a class made at run time.
    pub def: Cell<*const TypeDef>,
    /// For hpy-ctx: what it knows of a type made in C; inherited by subclasses.
    pub foreign: Cell<*const ()>,
}

/// What calling a class does, as far as it has been found out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Construction {
    /// Not looked at yet, or none of the common ways.
    General,
    /// A plain instance is made, and an `__init__` in Python called.
    Init,
    /// A `__new__` in native code that takes its arguments as they are is called, and that is all.
    New,
}

/// Bits of [`Class::flags`].
#[derive(Debug)]
pub struct ClassFlags;

impl ClassFlags {
    /// Made at run time: attributes may be set.
    pub const MUTABLE: u32 = 1;
    /// May be subclassed.
    pub const BASE: u32 = 2;
    /// Instances have a `__dict__`.
    pub const HAS_DICT: u32 = 4;
    /// Defines or inherits `__getattr__` or its own `__getattribute__`: attribute loads are hooked.
    pub const GETATTR_HOOK: u32 = 8;
    /// Defines or inherits its own `__setattr__` or `__delattr__`.
    pub const SETATTR_HOOK: u32 = 16;
    /// Defines or inherits `__del__`.
    pub const HAS_DEL: u32 = 32;
    /// Is a subclass of BaseException.
    pub const EXCEPTION: u32 = 64;
    /// Is a subclass of type.
    pub const TYPE: u32 = 128;
    /// Abstract methods are left: cannot be instantiated.
    pub const ABSTRACT: u32 = 256;
    /// Matches sequence patterns.
    pub const SEQUENCE: u32 = 512;
    /// Matches mapping patterns.
    pub const MAPPING: u32 = 1024;
    /// Its data attributes change: inline caches do not keep them.
    pub const VOLATILE: u32 = 4096;
    /// Instances of such a native class cannot be made by calling it.
    pub const NO_NEW: u32 = 2048;
    /// Instances of a builtin layout carry fields of their own behind it, see `Vm::extra_field`.
    pub const EXTRA: u32 = 8192;
    /// Instances can be referred to weakly: not said by the layout but by the class statement.
    pub const WEAKREF: u32 = 1 << 14;
    /// Messages name the class with its module, as CPython does for types made in C.
    pub const MODULE_IN_MESSAGES: u32 = 1 << 16;
    /// Made in C, but its instances have no C struct: it adds nothing to the layout.
    pub const STRUCTLESS: u32 = 1 << 17;
}

/// A plain instance. Attribute number `i` is in `inline[i]`, or past the shape's inline capacity
/// in the array `extra`; with a dictionary shape all are in the dict `extra`.
#[repr(C)]
pub struct Instance {
    /// Header; the shape says which attributes there are.
    pub header: Header,
    /// [`Array`] of attributes beyond the inline ones, the dict, or UNBOUND.
    pub extra: Slot,
    inline: [Slot; 0],
}

impl Instance {
    /// Size in bytes with room for `inline` attributes.
    pub const fn size(inline: usize) -> usize {
        size_of::<Instance>() + inline * 8
    }
    /// Place of inline attribute `i`, which the shape must say is inside the object.
    #[inline(always)]
    pub(crate) fn inline_ptr(&self, i: usize) -> *const Slot {
        self.inline.as_ptr().wrapping_add(i)
    }
}

/// A module.
#[repr(C)]
pub struct Module {
    /// Header.
    pub header: Header,
    /// The module's globals, a dict.
    pub dict: Slot,
    /// For hpy-ctx: module state; null when unused.
    pub state: Cell<*mut ()>,
}

/// A property.
#[repr(C)]
pub struct Property {
    /// Header.
    pub header: Header,
    /// `fget` or None.
    pub get: Slot,
    /// `fset` or None.
    pub set: Slot,
    /// `fdel` or None.
    pub delete: Slot,
    /// `__doc__`
    pub doc: Slot,
    /// `__name__`, or UNBOUND.
    pub name: Slot,
}

/// A classmethod.
#[repr(C)]
pub struct ClassMethod {
    /// Header.
    pub header: Header,
    /// What it wraps.
    pub func: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
}

/// A staticmethod.
#[repr(C)]
pub struct StaticMethod {
    /// Header.
    pub header: Header,
    /// What it wraps.
    pub func: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
}

/// A `super` object.
#[repr(C)]
pub struct Super {
    /// Header.
    pub header: Header,
    /// `__thisclass__`
    pub class: Slot,
    /// `__self__` or None.
    pub this: Slot,
    /// `__self_class__` or None.
    pub this_class: Slot,
}

/// A weak reference.
#[repr(C)]
pub struct WeakRef {
    /// Header.
    pub header: Header,
    /// The object, not kept alive; None once it is gone.
    pub target: Slot,
    /// Called with the reference when the object dies, or None.
    pub callback: Slot,
    /// Hash of the object, once asked for; [`WeakRef::UNHASHED`] before.
    pub hash: Cell<u64>,
}

impl WeakRef {
    /// Stands for a hash that nobody has asked for: -1, which is no object's.
    pub const UNHASHED: u64 = u64::MAX;
}

/// Getter and setter in Rust: `getset_descriptor`.
#[repr(C)]
pub struct GetSet {
    /// Header.
    pub header: Header,
    /// The declaration.
    pub def: Cell<&'static crate::builtins::GetSetDef>,
    /// The class it belongs to.
    pub owner: Slot,
}

/// A `__slots__` entry.
#[repr(C)]
pub struct Member {
    /// Header.
    pub header: Header,
    /// Its name.
    pub name: Slot,
    /// The class it belongs to.
    pub owner: Slot,
    /// Attribute number in instances.
    pub index: Cell<u32>,
}
