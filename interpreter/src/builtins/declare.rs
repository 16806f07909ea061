//! How builtin types are declared, and the list of those with a fixed number.

use super::exceptions;
use crate::object::{ClassFlags, Kind};
use crate::vm::native::{NativeDef, NativeFn, StepFn};

/// The declaration of a type written in Rust.
pub struct TypeDef {
    /// `__name__`
    pub name: &'static str,
    /// `__module__`
    pub module: &'static str,
    /// The base class, unless there is a `parent`.
    pub base: ClassId,
    /// The base class, if that has no number.
    pub parent: Option<&'static TypeDef>,
    /// Layout of the instances.
    pub kind: Kind,
    /// The docstring.
    pub doc: &'static str,
    /// [`ClassFlags`] bits.
    pub flags: u32,
    /// Methods, special ones included.
    pub methods: &'static [NativeDef],
    /// Iterators: the next item, or that there is none. Loops and native consumers call it as it
    /// is; the method `__next__` is made from it.
    pub next: Option<StepFn>,
    /// Computed attributes.
    pub getset: &'static [GetSetDef],
    /// `__match_args__`, if there are any.
    pub match_args: &'static [&'static str],
}

/// A computed attribute.
pub struct GetSetDef {
    /// Its name.
    pub name: &'static str,
    /// Argument 0 is the object.
    pub get: NativeFn,
    /// Argument 0 is the object, argument 1 the new value or UNBOUND to delete; `None`: read-only.
    pub set: Option<NativeFn>,
    /// The docstring.
    pub doc: &'static str,
    /// It shows a field as it is: the descriptor is a `member_descriptor`.
    pub member: bool,
    /// For attributes made at run time (HPy): whatever their maker needs.
    pub data: *const (),
}

// SAFETY: `data` is only read by its maker, who answers for the threads it is used from.
unsafe impl Sync for GetSetDef {}
// SAFETY: as above.
unsafe impl Send for GetSetDef {}

impl GetSetDef {
    /// A read-only attribute.
    pub const fn new(name: &'static str, get: NativeFn, doc: &'static str) -> Self {
        GetSetDef { name, get, set: None, doc, member: false, data: std::ptr::null() }
    }
    /// The same with a setter.
    pub const fn with_set(mut self, set: NativeFn) -> Self {
        self.set = Some(set);
        self
    }
    /// The same as a `member_descriptor`.
    pub const fn member(mut self) -> Self {
        self.member = true;
        self
    }
    /// What an attempt to set a read-only one is told.
    pub fn read_only(&self, owner: &str) -> String {
        if self.member {
            return "readonly attribute".into();
        }
        format!("attribute '{}' of '{owner}' objects is not writable", self.name)
    }
}

impl TypeDef {
    /// A type of module builtins with nothing in it: fill in the rest with `..TypeDef::new(..)`.
    pub const fn new(name: &'static str, kind: Kind) -> TypeDef {
        TypeDef {
            name,
            module: "builtins",
            base: ClassId::Object,
            parent: None,
            kind,
            doc: "",
            flags: 0,
            methods: &[],
            next: None,
            getset: &[],
            match_args: &[],
        }
    }
}

macro_rules! class_ids {
    ($( $name:ident $def:expr, )* ; exceptions $( $exc:ident $base:ident, )*) => {
        /// The classes the VM knows by number. The number is also the shape of their direct
        /// instances.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u32)]
        pub enum ClassId { Internal, $($name,)* $($exc,)* Count }

        impl ClassId {
            /// All of them by number (`Internal` stands for what is no Python object).
            pub const ALL: &'static [ClassId] =
                &[ClassId::Internal, $(ClassId::$name,)* $(ClassId::$exc,)*];

            /// The declaration.
            pub fn def(self) -> &'static TypeDef {
                match self {
                    $(ClassId::$name => &$def,)*
                    $(ClassId::$exc => {
                        static DEF: TypeDef = TypeDef {
                            base: ClassId::$base,
                            flags: ClassFlags::BASE | ClassFlags::HAS_DICT | ClassFlags::EXCEPTION,
                            methods: exceptions::methods(stringify!($exc)),
                            getset: exceptions::getset(stringify!($exc)),
                            doc: exceptions::doc(stringify!($exc)),
                            ..TypeDef::new(stringify!($exc), Kind::Exception)
                        };
                        &DEF
                    })*
                    ClassId::Internal | ClassId::Count => unreachable!("no class"),
                }
            }
        }
    };
}

class_ids! {
    Object super::object::TYPE,
    Type super::class::TYPE,
    Int super::int::TYPE,
    Bool super::int::BOOL,
    Float super::float::TYPE,
    Complex super::complex::TYPE,
    Str super::str::TYPE,
    Bytes super::bytes::TYPE,
    ByteArray super::bytearray::TYPE,
    Tuple super::tuple::TYPE,
    List super::list::TYPE,
    Dict super::dict::TYPE,
    Set super::set::TYPE,
    FrozenSet super::set::FROZENSET,
    Range super::range::TYPE,
    Slice super::slice::TYPE,
    NoneType super::singletons::NONE,
    EllipsisType super::singletons::ELLIPSIS,
    NotImplementedType super::singletons::NOT_IMPLEMENTED,
    Function super::function::TYPE,
    BuiltinFunction super::function::BUILTIN,
    MethodDescriptor super::function::METHOD_DESCRIPTOR,
    ClassMethodDescriptor super::function::CLASS_METHOD_DESCRIPTOR,
    WrapperDescriptor super::function::WRAPPER_DESCRIPTOR,
    MethodWrapper super::function::METHOD_WRAPPER,
    Method super::function::METHOD,
    Code super::code::CODE,
    Cell super::function::CELL,
    Generator super::generator::TYPE,
    Coroutine super::generator::COROUTINE,
    AsyncGenerator super::async_generator::ASYNC_GENERATOR,
    Module super::module::TYPE,
    Property super::descriptors::PROPERTY,
    ClassMethod super::descriptors::CLASS_METHOD,
    StaticMethod super::descriptors::STATIC_METHOD,
    GetSet super::descriptors::GETSET,
    Member super::descriptors::MEMBER,
    Super super::class::SUPER,
    Traceback super::exceptions::TRACEBACK,
    WeakRef super::weakref::TYPE,
    ;
    exceptions
    BaseException Object,
    BaseExceptionGroup BaseException,
    Exception BaseException,
    ArithmeticError Exception,
    AssertionError Exception,
    AttributeError Exception,
    BlockingIOError OSError,
    BrokenPipeError ConnectionError,
    BufferError Exception,
    BytesWarning Warning,
    ChildProcessError OSError,
    ConnectionAbortedError ConnectionError,
    ConnectionError OSError,
    ConnectionRefusedError ConnectionError,
    ConnectionResetError ConnectionError,
    DeprecationWarning Warning,
    EOFError Exception,
    EncodingWarning Warning,
    FileExistsError OSError,
    FileNotFoundError OSError,
    FloatingPointError ArithmeticError,
    FutureWarning Warning,
    GeneratorExit BaseException,
    ImportError Exception,
    ImportWarning Warning,
    IndentationError SyntaxError,
    IndexError LookupError,
    InterruptedError OSError,
    IsADirectoryError OSError,
    KeyError LookupError,
    KeyboardInterrupt BaseException,
    LookupError Exception,
    MemoryError Exception,
    ModuleNotFoundError ImportError,
    NameError Exception,
    NotADirectoryError OSError,
    NotImplementedError RuntimeError,
    OSError Exception,
    OverflowError ArithmeticError,
    PendingDeprecationWarning Warning,
    PermissionError OSError,
    ProcessLookupError OSError,
    PythonFinalizationError RuntimeError,
    RecursionError RuntimeError,
    ReferenceError Exception,
    ResourceWarning Warning,
    RuntimeError Exception,
    RuntimeWarning Warning,
    StopAsyncIteration Exception,
    StopIteration Exception,
    SyntaxError Exception,
    SyntaxWarning Warning,
    SystemError Exception,
    SystemExit BaseException,
    TabError IndentationError,
    TimeoutError OSError,
    TypeError Exception,
    UnboundLocalError NameError,
    UnicodeDecodeError UnicodeError,
    UnicodeEncodeError UnicodeError,
    UnicodeError ValueError,
    UnicodeTranslateError UnicodeError,
    UnicodeWarning Warning,
    UserWarning Warning,
    ValueError Exception,
    Warning Exception,
    ZeroDivisionError ArithmeticError,
}

/// Number of classes with a fixed number; shapes from here on belong to classes made at run time.
pub const CLASS_COUNT: u32 = ClassId::Count as u32;
