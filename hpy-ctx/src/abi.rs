//! The C types that cross the universal ABI, laid out as in HPy's headers.

use crate::table::HPyContext;
use std::ffi::{c_char, c_int, c_ulong, c_void};

/// A handle: an immediate value's own word, a slot of the handle table, a slot of the value stack,
/// or 0. See [`crate::handle`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct HPy(pub u64);

impl HPy {
    /// `HPy_NULL`
    pub const NULL: HPy = HPy(0);
    /// Whether this is `HPy_NULL`.
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.0 == 0
    }
}

/// A reference held in a C struct: the object's tagged word, which the collector rewrites.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyField(pub u64);

/// A reference held in a C global: the number of a slot that every VM has its own of.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyGlobal(pub u64);

/// A list being built: a handle.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyListBuilder(pub u64);

/// A tuple being built: a handle.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyTupleBuilder(pub u64);

/// Handles to be closed together: the address of a list of them.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyTracker(pub usize);

/// What `HPy_LeavePythonExecution` hands out.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct HPyThreadState(pub usize);

/// The context as C passes it.
pub type HPyContextPtr = *mut HPyContext;

/// A C function of some signature; null for none.
pub type CFunction = *const c_void;

/// `HPyFunc_visitproc`
pub type VisitProc = unsafe extern "C" fn(*mut HPyField, *mut c_void) -> c_int;
/// `HPyFunc_traverseproc`
pub type TraverseProc = unsafe extern "C" fn(*mut c_void, VisitProc, *mut c_void) -> c_int;
/// `HPyFunc_destroyfunc`
pub type DestroyFunc = unsafe extern "C" fn(*mut c_void);
/// `HPyFunc_getbufferproc`
pub type GetBuffer = unsafe extern "C" fn(*mut HPyContext, HPy, *mut HPy_buffer, c_int) -> c_int;
/// `HPyFunc_releasebufferproc`
pub type ReleaseBuffer = unsafe extern "C" fn(*mut HPyContext, HPy, *mut HPy_buffer);
/// `HPyFunc_keywords`
pub type KeywordsFunc = unsafe extern "C" fn(*mut HPyContext, HPy, *const HPy, usize, HPy) -> HPy;

/// Signatures of methods (`HPyFunc_Signature`; the others are known by their slots).
pub mod signature {
    use std::ffi::c_int;
    /// `HPyFunc_VARARGS`
    pub const VARARGS: c_int = 1;
    /// `HPyFunc_KEYWORDS`
    pub const KEYWORDS: c_int = 2;
    /// `HPyFunc_NOARGS`
    pub const NOARGS: c_int = 3;
    /// `HPyFunc_O`
    pub const O: c_int = 4;
}

/// `HPySlot`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HPySlot {
    /// Which one, see [`slot`].
    pub slot: c_int,
    /// The implementation.
    pub imp: CFunction,
    /// For CPython.
    pub cpy_trampoline: CFunction,
}

/// `HPyMeth`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HPyMeth {
    /// Its name.
    pub name: *const c_char,
    /// The implementation.
    pub imp: CFunction,
    /// For CPython.
    pub cpy_trampoline: CFunction,
    /// See [`signature`].
    pub signature: c_int,
    /// Docstring or null.
    pub doc: *const c_char,
}

/// `HPyMember`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HPyMember {
    /// Its name.
    pub name: *const c_char,
    /// The C type of the field.
    pub kind: c_int,
    /// Where in the struct.
    pub offset: isize,
    /// Whether Python may not set it.
    pub readonly: c_int,
    /// Docstring or null.
    pub doc: *const c_char,
}

/// `HPyGetSet`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HPyGetSet {
    /// Its name.
    pub name: *const c_char,
    /// The getter or null.
    pub getter: CFunction,
    /// The setter or null.
    pub setter: CFunction,
    /// For CPython.
    pub getter_cpy_trampoline: CFunction,
    /// For CPython.
    pub setter_cpy_trampoline: CFunction,
    /// Docstring or null.
    pub doc: *const c_char,
    /// Handed to both functions.
    pub closure: *mut c_void,
}

/// The several things an [`HPyDef`] can be.
#[derive(Clone, Copy)]
#[repr(C)]
pub union HPyDefUnion {
    /// Kind 1.
    pub slot: HPySlot,
    /// Kind 2.
    pub meth: HPyMeth,
    /// Kind 3.
    pub member: HPyMember,
    /// Kind 4.
    pub getset: HPyGetSet,
}

/// `HPyDef`
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HPyDef {
    /// Which member of the union is meant.
    pub kind: c_int,
    /// The definition.
    pub u: HPyDefUnion,
}

/// A definition, by kind.
pub enum Def {
    /// A slot of a type or module.
    Slot(HPySlot),
    /// A method or function.
    Meth(HPyMeth),
    /// A field of the C struct.
    Member(HPyMember),
    /// A computed attribute.
    GetSet(HPyGetSet),
    /// A kind that HPy 0.9 does not have.
    Unknown(c_int),
}

/// The definitions in a null-terminated array (which may be missing).
///
/// # Safety
/// `defines` is null or such an array of pointers to definitions.
pub unsafe fn definitions(defines: *const *const HPyDef) -> Vec<Def> {
    let mut all = Vec::new();
    if defines.is_null() {
        return all;
    }
    // SAFETY: the caller's promise; `kind` says which member of the union is valid.
    unsafe {
        let mut at = defines;
        while let Some(def) = (*at).as_ref() {
            all.push(match def.kind {
                1 => Def::Slot(def.u.slot),
                2 => Def::Meth(def.u.meth),
                3 => Def::Member(def.u.member),
                4 => Def::GetSet(def.u.getset),
                kind => Def::Unknown(kind),
            });
            at = at.add(1);
        }
    }
    all
}

/// `HPyModuleDef`
#[repr(C)]
pub struct HPyModuleDef {
    /// Docstring or null.
    pub doc: *const c_char,
    /// Size of the module state; must be 0 in HPy 0.9.
    pub size: isize,
    /// For CPython only.
    pub legacy_methods: *const c_void,
    /// Null-terminated array, or null.
    pub defines: *const *const HPyDef,
    /// Null-terminated array, or null.
    pub globals: *const *mut HPyGlobal,
}

/// `HPyType_Spec`
#[repr(C)]
pub struct HPyType_Spec {
    /// `module.Name`
    pub name: *const c_char,
    /// Size of the C struct.
    pub basicsize: c_int,
    /// Not supported by HPy 0.9.
    pub itemsize: c_int,
    /// See [`type_flags`].
    pub flags: c_ulong,
    /// See [`shape`].
    pub builtin_shape: c_int,
    /// For CPython only.
    pub legacy_slots: *const c_void,
    /// Null-terminated array, or null.
    pub defines: *const *const HPyDef,
    /// Docstring or null.
    pub doc: *const c_char,
}

/// `HPyType_SpecParam`
#[repr(C)]
pub struct HPyType_SpecParam {
    /// 1 a base, 2 a tuple of bases, 3 the metaclass; 0 ends the array.
    pub kind: c_int,
    /// The value.
    pub object: HPy,
}

/// `HPyCapsule_Destructor`
#[repr(C)]
pub struct HPyCapsule_Destructor {
    /// For CPython.
    pub cpy_trampoline: CFunction,
    /// Called with name, pointer and context.
    pub imp: Option<CapsuleDestructor>,
}

/// `HPyFunc_Capsule_Destructor`
pub type CapsuleDestructor = unsafe extern "C" fn(*const c_char, *mut c_void, *mut c_void);

/// `HPyCallFunction`
#[repr(C)]
pub struct HPyCallFunction {
    /// For CPython.
    pub cpy_trampoline: CFunction,
    /// The function.
    pub imp: Option<KeywordsFunc>,
}

/// `HPy_buffer`
#[derive(Debug)]
#[repr(C)]
pub struct HPy_buffer {
    /// The memory.
    pub buf: *mut c_void,
    /// The exporter: a handle of its own.
    pub obj: HPy,
    /// Number of bytes.
    pub len: isize,
    /// Size of an item.
    pub itemsize: isize,
    /// Whether the memory must not be written to.
    pub readonly: c_int,
    /// Number of dimensions.
    pub ndim: c_int,
    /// Format of an item, null for bytes.
    pub format: *mut c_char,
    /// Lengths of the dimensions, or null.
    pub shape: *mut isize,
    /// Bytes between items, or null.
    pub strides: *mut isize,
    /// For PIL-style arrays, or null.
    pub suboffsets: *mut isize,
    /// For the exporter.
    pub internal: *mut c_void,
}

/// Type flags that matter here.
pub mod type_flags {
    use std::ffi::c_ulong;
    /// May be subclassed.
    pub const BASETYPE: c_ulong = 1 << 10;
    /// Must have `tp_traverse`.
    pub const HAVE_GC: c_ulong = 1 << 14;
}

/// `HPyType_BuiltinShape`
pub mod shape {
    use std::ffi::c_int;
    /// For CPython only.
    pub const LEGACY: c_int = -1;
    /// `object`
    pub const OBJECT: c_int = 0;
    /// `type`
    pub const TYPE: c_int = 1;
    /// `int`
    pub const LONG: c_int = 2;
    /// `float`
    pub const FLOAT: c_int = 3;
    /// `str`
    pub const UNICODE: c_int = 4;
    /// `tuple`
    pub const TUPLE: c_int = 5;
    /// `list`
    pub const LIST: c_int = 6;
    /// `dict`, the last one; newer than HPy 0.9.
    pub const DICT: c_int = 7;

    /// The shape's name in C, without what all have in front.
    pub fn name(shape: c_int) -> &'static str {
        let names = ["Object", "Type", "Long", "Float", "Unicode", "Tuple", "List", "Dict"];
        usize::try_from(shape).ok().and_then(|i| names.get(i).copied()).unwrap_or("Legacy")
    }
}

/// `wchar_t` on Linux and macOS.
#[allow(non_camel_case_types)]
pub type wchar_t = i32;
