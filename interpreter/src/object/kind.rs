//! The closed list of object layouts.

use sidewinder_gc::Header;

macro_rules! kinds {
    ($( $(#[doc = $doc:literal])* $name:ident, )*) => {
        /// Which Rust layout an object has. Kept in the header, so that one byte tells a list (or
        /// an instance of a subclass of list) from a dict.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Kind { $( $(#[doc = $doc])* $name, )* }

        impl Kind {
            /// All kinds in numerical order.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),*];
        }
    };
}

kinds! {
    /// Never allocated; kind 0 in a header is a sign of damage.
    Invalid,
    /// A boxed float.
    Float,
    /// An int beyond 63 bits.
    BigInt,
    /// A complex number.
    Complex,
    /// A str.
    Str,
    /// A bytes object.
    Bytes,
    /// A bytearray.
    ByteArray,
    /// A tuple.
    Tuple,
    /// A list.
    List,
    /// Words behind a list, an instance or a cache: not a Python object.
    Array,
    /// Bytes behind a bytearray: not a Python object.
    Buffer,
    /// A dict.
    Dict,
    /// The table behind a dict or a set: not a Python object.
    Table,
    /// A set or frozenset.
    Set,
    /// A range.
    Range,
    /// A slice.
    Slice,
    /// A function written in Python.
    Function,
    /// A function or method written in Rust (or C).
    Builtin,
    /// A function bound to its first argument.
    BoundMethod,
    /// A code object.
    Code,
    /// A closure cell.
    Cell,
    /// A class.
    Class,
    /// A plain instance of a Python class.
    Instance,
    /// A module.
    Module,
    /// A generator, coroutine or async generator.
    Generator,
    /// An exception.
    Exception,
    /// A traceback entry.
    Traceback,
    /// A property.
    Property,
    /// A classmethod.
    ClassMethod,
    /// A staticmethod.
    StaticMethod,
    /// A `super` object.
    Super,
    /// A weak reference.
    WeakRef,
    /// A getter and setter in Rust: `getset_descriptor`.
    GetSet,
    /// A `__slots__` entry: `member_descriptor`.
    Member,
    /// A Rust payload, see [`native`](super::native).
    Native,
    /// An object whose payload is C memory outside the heap.
    Foreign,
}

impl Kind {
    /// The kind in a header.
    #[inline(always)]
    pub fn of(header: &Header) -> Kind {
        let raw = header.kind();
        debug_assert!((raw as usize) < Kind::ALL.len());
        // SAFETY: the interpreter writes only kinds of this enum into headers.
        unsafe { std::mem::transmute::<u8, Kind>(raw) }
    }
}
