//! Capsules: a C pointer with a name behind a Python object.

use crate::abi::{CapsuleDestructor, HPy, HPyCapsule_Destructor};
use crate::context::Cx;
use sidewinder_interpreter::builtins::TypeDef;
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::{ClassFlags, Gc, Kind, Trace, Tracer};
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};

/// The type of capsules.
pub static TYPE: TypeDef = TypeDef {
    module: "types",
    doc: "A pointer of a C extension, with a name.",
    flags: ClassFlags::NO_NEW,
    methods: &[NativeDef::method("__repr__($self, /)", repr, "")],
    ..TypeDef::new("PyCapsule", Kind::Native)
};

/// What a capsule holds.
pub struct Capsule {
    pointer: Cell<*mut c_void>,
    name: Cell<*const c_char>,
    context: Cell<*mut c_void>,
    destructor: Cell<Option<CapsuleDestructor>>,
}

// SAFETY: there are no values in it.
unsafe impl Trace for Capsule {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl Payload for Capsule {
    const TYPE: &'static TypeDef = &TYPE;
    const NEEDS_DROP: bool = true;
}

impl Drop for Capsule {
    fn drop(&mut self) {
        if let Some(destructor) = self.destructor.get() {
            // SAFETY: C gave the function for this; it has no context and so cannot run Python.
            unsafe { destructor(self.name.get(), self.pointer.get(), self.context.get()) };
        }
    }
}

/// A C string as an optional one.
///
/// # Safety
/// `p` is null or a terminated string that lives for `'a`.
unsafe fn text<'a>(p: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    if p.is_null() { None } else { Some(unsafe { CStr::from_ptr(p) }) }
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Capsule>(vm)?;
    // SAFETY: C keeps the name alive as long as the capsule.
    let name = match unsafe { text(this.name.get()) } {
        Some(name) => format!("\"{}\"", name.to_string_lossy()),
        None => "NULL".to_owned(),
    };
    let id = vm.id(this.value());
    Ok(vm.ret(vm.str(&format!("<capsule object {name} at {id:#x}>")).value()))
}

/// `HPyCapsule_New`
pub fn capsule_new(
    cx: &mut Cx<'_>,
    pointer: *mut c_void,
    utf8_name: *const c_char,
    destructor: *mut HPyCapsule_Destructor,
) -> Result<HPy, Raised> {
    cx.safepoint()?;
    if pointer.is_null() {
        return Err(cx.vm.value_error("HPyCapsule_New called with null pointer"));
    }
    let destructor = destructor_of(cx, destructor)?;
    let capsule = Capsule {
        pointer: Cell::new(pointer),
        name: Cell::new(utf8_name),
        context: Cell::new(std::ptr::null_mut()),
        destructor: Cell::new(destructor),
    };
    Ok(cx.open(cx.vm.native(capsule).value()))
}

fn destructor_of(
    cx: &Cx<'_>,
    destructor: *mut HPyCapsule_Destructor,
) -> Result<Option<CapsuleDestructor>, Raised> {
    // SAFETY: C passes null or a destructor's description.
    match unsafe { destructor.as_ref() } {
        None => Ok(None),
        Some(d) if d.imp.is_none() || d.cpy_trampoline.is_null() => {
            Err(cx.vm.value_error("Invalid HPyCapsule destructor"))
        }
        Some(d) => Ok(d.imp),
    }
}

fn capsule_of<'a>(cx: &'a Cx<'_>, h: HPy, doing: &str) -> Result<Gc<'a, Native<Capsule>>, Raised> {
    cx.get(h)
        .payload::<Capsule>()
        .ok_or_else(|| cx.vm.value_error(format!("{doing} called with invalid PyCapsule object")))
}

/// `HPyCapsule_GetPointer`, `GetName` and `GetContext`
pub fn capsule_get(
    cx: &mut Cx<'_>,
    capsule: HPy,
    key: c_int,
    utf8_name: *const c_char,
) -> Result<*mut c_void, Raised> {
    let doing = ["PyCapsule_GetPointer", "PyCapsule_GetName", "PyCapsule_GetContext"];
    let Some(doing) = doing.get(key as usize) else {
        return Err(cx.vm.value_error("Invalid operation: get HPyCapsule_key_Destructor"));
    };
    let this = capsule_of(cx, capsule, doing)?;
    match key {
        // SAFETY: both names are null or terminated strings.
        0 if unsafe { text(this.name.get()) != text(utf8_name) } => {
            Err(cx.vm.value_error("PyCapsule_GetPointer called with incorrect name"))
        }
        0 => Ok(this.pointer.get()),
        1 => Ok(this.name.get().cast_mut().cast()),
        _ => Ok(this.context.get()),
    }
}

/// `HPyCapsule_IsValid`
pub fn capsule_is_valid(
    cx: &mut Cx<'_>,
    capsule: HPy,
    utf8_name: *const c_char,
) -> Result<c_int, Raised> {
    let Some(this) = cx.get(capsule).payload::<Capsule>() else { return Ok(0) };
    // SAFETY: both names are null or terminated strings.
    Ok(unsafe { text(this.name.get()) == text(utf8_name) } as c_int)
}

/// `HPyCapsule_SetPointer`, `SetName`, `SetContext` and `SetDestructor`
pub fn capsule_set(
    cx: &mut Cx<'_>,
    capsule: HPy,
    key: c_int,
    value: *mut c_void,
) -> Result<c_int, Raised> {
    let doing = [
        "PyCapsule_SetPointer",
        "PyCapsule_SetName",
        "PyCapsule_SetContext",
        "PyCapsule_SetDestructor",
    ];
    let doing = doing.get(key as usize).copied().unwrap_or("HPyCapsule_Set");
    let this = capsule_of(cx, capsule, doing)?;
    match key {
        0 if value.is_null() => {
            return Err(cx.vm.value_error("PyCapsule_SetPointer called with null pointer"));
        }
        0 => this.pointer.set(value),
        1 => this.name.set(value.cast_const().cast()),
        2 => this.context.set(value),
        3 => this.destructor.set(destructor_of(cx, value.cast())?),
        _ => return Err(cx.vm.value_error("unknown key of a capsule")),
    }
    Ok(0)
}
