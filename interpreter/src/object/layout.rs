//! The fields of every layout.
//!
//! All structs are `repr(C)` and start with the header. Fields that the program changes are cells;
//! fields of type [`Slot`] hold values and are seen by the collector. Objects of variable size end
//! with their items, reached by methods.

use super::{Field, Gc, Header, Kind, Layout, Slot};
use crate::builtins::TypeDef;
use crate::value::Value;
use crate::vm::Vm;
use crate::vm::code::CodeData;
use crate::vm::native::NativeDef;
use std::cell::Cell;

macro_rules! layouts {
    ($($ty:ident)*) => { $(
        // SAFETY: repr(C), starts with a header, and the only layout of this kind.
        unsafe impl Layout for $ty {
            const KIND: Kind = Kind::$ty;
        }
    )* };
}

layouts! {
    Float BigInt Complex Str Bytes ByteArray Tuple List Array Buffer Dict Table Set Range Slice
    Function Builtin BoundMethod Code Cell_ Class Instance Module Generator Exception Traceback
    Property ClassMethod StaticMethod Super WeakRef GetSet Member
}

/// The layout named `Cell` would hide `std::cell::Cell`.
#[allow(non_upper_case_globals)]
impl Kind {
    const Cell_: Kind = Kind::Cell;
}

/// A boxed float.
#[repr(C)]
pub struct Float {
    /// Header.
    pub header: Header,
    /// The number.
    pub value: f64,
}

/// An int beyond 63 bits: sign and magnitude, least significant limb first, no leading zero limbs.
#[repr(C)]
pub struct BigInt {
    /// Header.
    pub header: Header,
    /// Number of limbs, negated for a negative number.
    pub signed_len: isize,
    limbs: [u64; 0],
}

impl BigInt {
    /// Size in bytes of an object with `n` limbs.
    pub const fn size(n: usize) -> usize {
        size_of::<BigInt>() + n * 8
    }
    /// The magnitude, least significant limb first.
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: the object was allocated with that many limbs behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.limbs.as_ptr(), self.signed_len.unsigned_abs()) }
    }
    /// Whether the number is negative.
    pub fn is_negative(&self) -> bool {
        self.signed_len < 0
    }
}

/// A complex number.
#[repr(C)]
pub struct Complex {
    /// Header.
    pub header: Header,
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// A str: code points of 1, 2 or 4 bytes by the widest one, as in PEP 393.
#[repr(C)]
pub struct Str {
    /// Header.
    pub header: Header,
    /// Cached hash; 0 means not computed yet.
    pub hash: Cell<u64>,
    /// Bits 0..3 width in bytes; bit 3 ASCII; bit 4 interned; bit 5 grown; from bit 8 the length in
    /// characters.
    pub meta: Cell<u64>,
    data: [u8; 0],
}

impl Str {
    /// `meta` bit: all characters are ASCII.
    pub const ASCII: u64 = 8;
    /// `meta` bit: the string is in the intern table.
    pub const INTERNED: u64 = 16;
    /// `meta` bit: the characters are at the start of a [`Buffer`], to which the word behind the
    /// fixed part points. See [`Vm::str_append`].
    pub const GROWN: u64 = 32;

    /// Size in bytes of an object whose characters take `data` bytes.
    pub const fn size(data: usize) -> usize {
        (size_of::<Str>() + data + 7) & !7
    }
    /// Size in bytes of this object.
    #[inline]
    pub(crate) fn own_size(&self) -> usize {
        match self.buffer() {
            // The word is counted as that of any object with one behind it.
            Some(_) => Str::size(0),
            None => Str::size(self.len() * self.width()),
        }
    }
    /// Where the characters are, if not behind the fixed part.
    #[inline(always)]
    pub(crate) fn buffer(&self) -> Option<&Slot> {
        // SAFETY: the bit says that a slot stands there.
        (self.meta.get() & Self::GROWN != 0).then(|| unsafe { &*self.data.as_ptr().cast() })
    }
    /// Length in characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.meta.get() >> 8) as usize
    }
    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Bytes per character: 1, 2 or 4.
    #[inline(always)]
    pub fn width(&self) -> usize {
        (self.meta.get() & 7) as usize
    }
    /// Whether all characters are ASCII.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.meta.get() & Self::ASCII != 0
    }
    /// Whether the string is in the intern table.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.meta.get() & Self::INTERNED != 0
    }
    /// The characters as stored: `len() * width()` bytes in native byte order.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        let start = match self.buffer() {
            None => self.data.as_ptr(),
            Some(buffer) => Buffer::start(buffer),
        };
        // SAFETY: that many bytes follow. Those of a buffer are not written any more once a str
        // has them: strs grow behind the last one's end only.
        unsafe { std::slice::from_raw_parts(start, self.len() * self.width()) }
    }
    /// Where the characters start; for filling a fresh object.
    pub(crate) fn data_ptr(&self) -> *mut u8 {
        self.data.as_ptr().cast_mut()
    }
}

/// A bytes object.
#[repr(C)]
pub struct Bytes {
    /// Header.
    pub header: Header,
    /// Cached hash; 0 means not computed yet.
    pub hash: Cell<u64>,
    len: usize,
    data: [u8; 0],
}

impl Bytes {
    /// Size in bytes of an object with `n` bytes of data.
    pub const fn size(n: usize) -> usize {
        (size_of::<Bytes>() + n + 7) & !7
    }
    /// The bytes.
    pub fn data(&self) -> &[u8] {
        // SAFETY: the object was allocated with that many bytes behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
    /// Fills in a fresh object.
    ///
    /// # Safety
    /// `this` has room for the data.
    pub(crate) unsafe fn init(this: *mut Bytes, data: &[u8]) {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*this).hash).write(Cell::new(0));
            (&raw mut (*this).len).write(data.len());
            let to = (&raw mut (*this).data).cast::<u8>();
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
        }
    }
}

/// A bytearray.
#[repr(C)]
pub struct ByteArray {
    /// Header.
    pub header: Header,
    /// Length in bytes.
    pub len: Cell<usize>,
    /// The [`Buffer`], or UNBOUND when empty.
    pub buffer: Slot,
    /// Whether its memory was ever lent: then how often it is now must be asked
    /// ([`Vm::bytearray_is_lent`]) before the size changes.
    pub exported: Cell<bool>,
}

/// Bytes behind a bytearray or a grown str.
#[repr(C)]
pub struct Buffer {
    /// Header.
    pub header: Header,
    /// Capacity in bytes.
    pub cap: usize,
    /// Of strs: how many bytes are taken. (A bytearray has its length itself.)
    pub used: Cell<usize>,
    data: [Cell<u8>; 0],
}

impl Buffer {
    /// The address of the first byte of the buffer that a slot points to.
    #[inline(always)]
    fn start(slot: &Slot) -> *const u8 {
        let buffer = std::ptr::with_exposed_provenance::<Buffer>(slot.word() as usize);
        // SAFETY: the slot of a live str, which points to a live buffer.
        unsafe { (&raw const (*buffer).data).cast() }
    }
    /// Size in bytes of a buffer of the given capacity.
    pub const fn size(cap: usize) -> usize {
        (size_of::<Buffer>() + cap + 7) & !7
    }
    /// The bytes, up to the capacity.
    pub fn data(&self) -> &[Cell<u8>] {
        // SAFETY: the object was allocated with that many bytes behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.cap) }
    }
}

/// A tuple.
#[repr(C)]
pub struct Tuple {
    /// Header.
    pub header: Header,
    len: usize,
    items: [Slot; 0],
}

/// Words behind a list, an instance or a cache.
#[repr(C)]
pub struct Array {
    /// Header.
    pub header: Header,
    len: usize,
    items: [Slot; 0],
}

macro_rules! items {
    ($ty:ident) => {
        impl $ty {
            /// Size in bytes of an object with `n` items.
            pub const fn size(n: usize) -> usize {
                size_of::<$ty>() + n * 8
            }
            /// Number of items.
            #[inline(always)]
            pub fn len(&self) -> usize {
                self.len
            }
            /// Whether there are no items.
            pub fn is_empty(&self) -> bool {
                self.len == 0
            }
            /// The items.
            #[inline(always)]
            pub fn items(&self) -> &[Slot] {
                // SAFETY: the object was allocated with that many items behind its fixed part.
                unsafe { std::slice::from_raw_parts(self.items.as_ptr(), self.len) }
            }
            /// An item.
            #[inline(always)]
            pub fn item<'gc>(&self, vm: &'gc Vm, i: usize) -> Value<'gc> {
                self.items()[i].get(vm)
            }
            /// Sets the length of a fresh object whose items follow.
            ///
            /// # Safety
            /// `this` was allocated for `len` items; all are written before the next collection.
            pub(crate) unsafe fn init_len(this: *mut $ty, len: usize) -> *mut u64 {
                // SAFETY: the caller's promise.
                unsafe {
                    (&raw mut (*this).len).write(len);
                    (&raw mut (*this).items).cast()
                }
            }
        }
    };
}
items!(Tuple);
items!(Array);

/// A list.
#[repr(C)]
pub struct List {
    /// Header.
    pub header: Header,
    /// Number of items; at most the length of the array.
    pub len: Cell<usize>,
    /// The [`Array`], or UNBOUND when there is none. Array items at and above `len` are UNBOUND.
    pub array: Slot,
}

/// A dict. See [`crate::builtins::dict`] for the operations.
#[repr(C)]
pub struct Dict {
    /// Header.
    pub header: Header,
    /// Number of items.
    pub len: Cell<usize>,
    /// 0, or a number that inline caches compare: it changes whenever the set of keys or their
    /// places change (never when only a value is replaced).
    pub version: Cell<u64>,
    /// The [`Table`], or UNBOUND when empty.
    pub table: Slot,
}

/// A set or frozenset.
#[repr(C)]
pub struct Set {
    /// Header.
    pub header: Header,
    /// Number of items.
    pub len: Cell<usize>,
    /// Cached hash of a frozenset; 0 means not computed yet.
    pub hash: Cell<u64>,
    /// The [`Table`] (values unused), or UNBOUND when empty.
    pub table: Slot,
}

/// An insertion-ordered hash table: a dense array of entries and, behind it, an open-addressed
/// index of entry numbers (of 1, 2 or 4 bytes by capacity).
#[repr(C)]
pub struct Table {
    /// Header.
    pub header: Header,
    /// The index has `1 << log2_slots` slots; entries are at most two thirds of that.
    pub log2_slots: u32,
    /// Entries used so far, deleted ones (key UNBOUND) included.
    pub used: Cell<u32>,
    entries: [Entry; 0],
}

/// One entry of a [`Table`].
#[repr(C)]
pub struct Entry {
    /// Hash of the key.
    pub hash: Cell<u64>,
    /// The key, or UNBOUND when the entry was deleted.
    pub key: Slot,
    /// The value; in a set UNBOUND.
    pub value: Slot,
}

impl Table {
    /// Entries that fit a table with `1 << log2_slots` index slots.
    pub const fn capacity(log2_slots: u32) -> usize {
        (1usize << log2_slots) * 2 / 3
    }
    /// Bytes of one index slot.
    pub const fn index_width(log2_slots: u32) -> usize {
        match log2_slots {
            0..=7 => 1,
            8..=15 => 2,
            _ => 4,
        }
    }
    /// Size in bytes of the whole object.
    pub const fn size(log2_slots: u32) -> usize {
        let index = Self::index_bytes(log2_slots);
        (size_of::<Table>() + Self::capacity(log2_slots) * size_of::<Entry>() + index + 7) & !7
    }
    /// Bytes of the whole index.
    pub const fn index_bytes(log2_slots: u32) -> usize {
        Self::index_width(log2_slots) << log2_slots
    }
    /// The size of a table for that many entries.
    pub fn log2_for(entries: usize) -> u32 {
        (3..).find(|log2| Self::capacity(*log2) >= entries).unwrap_or(u32::MAX)
    }
    /// The entries used so far.
    #[inline(always)]
    pub fn entries(&self) -> &[Entry] {
        // SAFETY: the object was allocated for `capacity` entries, the first `used` are filled in.
        unsafe { std::slice::from_raw_parts(self.entries.as_ptr(), self.used.get() as usize) }
    }
    /// Where entry number `i` is, used or not (`i` below the capacity).
    #[inline(always)]
    pub(crate) fn entry_ptr(&self, i: usize) -> *mut Entry {
        debug_assert!(i < Self::capacity(self.log2_slots));
        self.entries.as_ptr().cast_mut().wrapping_add(i)
    }
    /// Start of the index.
    #[inline(always)]
    pub(crate) fn index_ptr(&self) -> *mut u8 {
        self.entries.as_ptr().cast_mut().wrapping_add(Self::capacity(self.log2_slots)).cast()
    }
}

/// A range.
#[repr(C)]
pub struct Range {
    /// Header.
    pub header: Header,
    /// First number (an int of any size, like the other two).
    pub start: Slot,
    /// End, exclusive.
    pub stop: Slot,
    /// Step, not zero.
    pub step: Slot,
}

/// A slice.
#[repr(C)]
pub struct Slice {
    /// Header.
    pub header: Header,
    /// `start`
    pub start: Slot,
    /// `stop`
    pub stop: Slot,
    /// `step`
    pub step: Slot,
}

/// A function written in Python.
#[repr(C)]
pub struct Function {
    /// Header.
    pub header: Header,
    /// The [`Code`].
    pub code: Slot,
    /// The module's globals, a dict.
    pub globals: Slot,
    /// Tuple of default values, or UNBOUND.
    pub defaults: Slot,
    /// Dict of keyword-only defaults, or UNBOUND.
    pub kwdefaults: Slot,
    /// Tuple of cells, or UNBOUND.
    pub closure: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// `__doc__`
    pub doc: Slot,
    /// `__module__`
    pub module: Slot,
    /// `__annotate__` function, annotations dict, or UNBOUND.
    pub annotate: Slot,
    /// `__type_params__`, a tuple, or UNBOUND for an empty one.
    pub type_params: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
    /// The code's data, which does not move.
    pub data: Cell<*const CodeData>,
}

/// A function or method written in Rust or C.
#[repr(C)]
pub struct Builtin {
    /// Header. The class tells apart functions and the kinds of method descriptor.
    pub header: Header,
    /// Name, signature, documentation and code. Never freed while the object lives.
    pub def: Cell<&'static NativeDef>,
    /// The class it is a method of, or the module's name, or UNBOUND.
    pub owner: Slot,
    /// For HPy functions: the module they were made for; else UNBOUND.
    pub this: Slot,
    /// Fewest and most arguments (receiver included) of a plain positional call.
    pub min_args: u16,
    /// See `min_args`. `u16::MAX` when arguments must be bound by the signature.
    pub max_args: u16,
    /// Slots of a bound call (parameters of all kinds); those not given are UNBOUND.
    pub slots: u16,
    /// How the function binds when found in a class, see [`crate::vm::native::Binding`].
    pub binding: u8,
}

impl Builtin {
    /// Whether that many positional arguments need no binding.
    #[inline(always)]
    pub fn takes_plainly(&self, count: u32) -> bool {
        let (min, max) = (self.min_args as u32, self.max_args as u32);
        count >= min && count <= max && max != u16::MAX as u32
    }
}

/// A function bound to its first argument.
#[repr(C)]
pub struct BoundMethod {
    /// Header.
    pub header: Header,
    /// `__func__`
    pub func: Slot,
    /// `__self__`
    pub this: Slot,
}

/// A code object. Its data is outside the heap, so that the running code does not move.
#[repr(C)]
pub struct Code {
    /// Header.
    pub header: Header,
    /// Owned; freed when the object dies.
    pub data: Cell<*const CodeData>,
}

/// A closure cell.
#[repr(C)]
pub struct Cell_ {
    /// Header.
    pub header: Header,
    /// The contents, or UNBOUND.
    pub contents: Slot,
}

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

/// A generator or coroutine: the window of a suspended frame.
#[repr(C)]
pub struct Generator {
    /// Header.
    pub header: Header,
    /// The function whose body it runs.
    pub func: Slot,
    /// The exception handled inside while suspended, or None.
    pub handled: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// Async generators: the hook that finalizes them; coroutines: `cr_origin`. None if there is none.
    pub extra: Slot,
    /// Its frame object, once somebody has asked for it, or UNBOUND.
    pub frame: Slot,
    /// Next instruction, as an index.
    pub pc: Cell<u32>,
    /// See [`GenState`].
    pub state: Cell<GenState>,
    /// Async generators: one of its awaitables is under way.
    pub stepping: Cell<bool>,
    /// Async generators: closed, or ended.
    pub closed: Cell<bool>,
    /// Async generators: the hook for the first iteration has been called.
    pub hooked: Cell<bool>,
    len: u32,
    registers: [Slot; 0],
}

/// What a generator is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GenState {
    /// Not started.
    Created,
    /// Waiting at a yield.
    Suspended,
    /// On the stack.
    Running,
    /// Returned or raised.
    Finished,
}

impl Generator {
    /// Size in bytes with `n` registers.
    pub const fn size(n: usize) -> usize {
        size_of::<Generator>() + n * 8
    }
    /// The saved registers.
    pub fn registers(&self) -> &[Slot] {
        // SAFETY: the object was allocated with that many registers behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.registers.as_ptr(), self.len as usize) }
    }
    /// Sets the number of registers of a fresh object and says where they are.
    ///
    /// # Safety
    /// `this` was allocated for `len` registers; all are written before the next collection.
    pub(crate) unsafe fn init_len(this: *mut Generator, len: usize) -> *mut u64 {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*this).len).write(len as u32);
            (&raw mut (*this).registers).cast()
        }
    }
}

/// An exception.
#[repr(C)]
pub struct Exception {
    /// Header.
    pub header: Header,
    /// `args`, a tuple.
    pub args: Slot,
    /// `__traceback__` or None.
    pub traceback: Slot,
    /// `__context__` or None.
    pub context: Slot,
    /// `__cause__` or None.
    pub cause: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
    /// What the class itself adds: one value (StopIteration, SystemExit), an [`Array`] of fields
    /// (OSError, SyntaxError, ...), or UNBOUND.
    pub extra: Slot,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
}

/// One entry of a traceback: innermost last.
#[repr(C)]
pub struct Traceback {
    /// Header.
    pub header: Header,
    /// `tb_next` or None.
    pub next: Slot,
    /// The function that was running.
    pub func: Slot,
    /// The entry of the caller's frame, or UNBOUND if the exception did not get there.
    pub outer: Slot,
    /// The frame object; an array of the frame's registers if the exception has left it; or UNBOUND.
    pub frame: Slot,
    /// Index of the instruction that raised.
    pub pc: Cell<u32>,
    /// Index of the instruction at which the exception left the frame, when it has.
    pub left_at: Cell<u32>,
    /// Number of the frame in the stack, from 1.
    pub depth: Cell<u32>,
    /// `tb_lasti` and `tb_lineno` of one that Python code has made.
    pub given: Cell<Option<(i32, i32)>>,
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

impl<'gc> Value<'gc> {
    /// As a str.
    #[inline(always)]
    pub fn as_str(self) -> Option<Gc<'gc, Str>> {
        self.cast()
    }
    /// As a class.
    #[inline(always)]
    pub fn as_class(self) -> Option<Gc<'gc, Class>> {
        self.cast()
    }
}
