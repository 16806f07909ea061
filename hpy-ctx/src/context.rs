//! The state of HPy in one VM, and the two ways across the border: C calling the context, and the
//! VM calling C.
//!
//! The VM is borrowed mutably by whoever calls C; while C runs, the context's functions reach it
//! through the pointer that [`State::enter`] has put down. No value is held across either way.

use crate::abi::{HPy, HPyContextPtr};
use crate::debug::DebugState;
use crate::handle::HandleTable;
use crate::mode::Mode;
use crate::table::{Failure, HPyContext};
use crate::trace::TraceState;
use sidewinder_interpreter::builtins::{ClassId, memoryview};
use sidewinder_interpreter::object::{Slot, Tracer};
use sidewinder_interpreter::value::word;
use sidewinder_interpreter::vm::roots::ExtraRoots;
use sidewinder_interpreter::{Local, Raised, Ret, Value, Vm};
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::ffi::{CStr, c_char, c_void};

/// HPy's state in one VM.
pub struct State {
    /// The table that C is given; its `_private` is the address of this state.
    context: UnsafeCell<HPyContext>,
    /// The VM, as borrowed by the innermost function that called C.
    vm: Cell<*mut Vm>,
    /// The handles.
    pub handles: HandleTable,
    /// Values of `HPyGlobal`s, by number.
    pub globals: RefCell<Vec<Slot>>,
    /// Memory of C structs.
    pub(crate) pool: crate::pool::Pool,
    /// Bytes of C structs made (less those freed) that the collector has not been told of.
    pub unaccounted: Cell<isize>,
    /// Debug mode, once it is used.
    debug: OnceCell<DebugState>,
    /// Trace mode, once it is used.
    trace: OnceCell<TraceState>,
    /// Definitions made at run time, which live as long as the VM.
    kept: RefCell<Vec<Box<dyn Any>>>,
}

/// The state, owned by the VM's table of extensions.
#[derive(Default)]
struct Owner(Option<Box<State>>);

struct Roots(*const State);

impl ExtraRoots for Roots {
    fn trace(&mut self, tracer: &mut Tracer<'_>) {
        // SAFETY: the state lives as long as the VM.
        let state = unsafe { &*self.0 };
        state.handles.trace(tracer);
        for slot in state.globals.borrow().iter() {
            tracer.slot(slot);
        }
        if let Some(debug) = state.debug.get() {
            debug.trace(tracer);
        }
        if let Some(trace) = state.trace.get() {
            trace.visit(tracer);
        }
    }
}

impl State {
    /// The state of a VM, made at the first call.
    pub fn of(vm: &mut Vm) -> *const State {
        let found = vm.with_extension(|o: &mut Owner| o.0.as_deref().map(std::ptr::from_ref));
        if let Some(state) = found {
            return state;
        }
        let mut state = Box::new(State {
            context: UnsafeCell::new(HPyContext::new(std::ptr::null_mut())),
            vm: Cell::new(std::ptr::from_mut(vm)),
            handles: HandleTable::default(),
            globals: RefCell::default(),
            pool: Default::default(),
            unaccounted: Cell::new(0),
            debug: OnceCell::new(),
            trace: OnceCell::new(),
            kept: RefCell::default(),
        });
        let address = std::ptr::from_ref(&*state);
        let table = state.context.get_mut();
        table._private = address.cast_mut().cast();
        table.ctx_Dup = crate::handles::dup_directly;
        table.ctx_Close = crate::handles::close_directly;
        table.ctx_LeavePythonExecution = crate::handles::leave_python_execution;
        table.ctx_ReenterPythonExecution = crate::handles::reenter_python_execution;
        state.fill_handles(vm);
        vm.with_extension(|o: &mut Owner| {
            o.0 = Some(state);
        });
        vm.add_roots(Box::new(Roots(address)));
        address
    }

    /// Opens the handles that are always open.
    fn fill_handles(&mut self, vm: &Vm) {
        let open = |value: Value<'_>| self.handles.open(value.word());
        // SAFETY: nobody else has the context yet.
        let context = unsafe { &mut *self.context.get() };
        for (name, handle) in context.handles() {
            let name = &name[2..];
            *handle = match name {
                "None" => open(Value::NONE),
                "True" => open(Value::TRUE),
                "False" => open(Value::FALSE),
                "NotImplemented" => open(Value::NOT_IMPLEMENTED),
                "Ellipsis" => open(Value::ELLIPSIS),
                "Builtins" => open(vm.builtins().value()),
                "CapsuleType" => open(vm.native_class(&crate::capsule::TYPE).value()),
                "MemoryViewType" => open(vm.native_class(&memoryview::TYPE).value()),
                _ => {
                    let class = match name.strip_suffix("Type") {
                        Some("BaseObject") => Some(ClassId::Object),
                        Some("Type") => Some(ClassId::Type),
                        Some("Bool") => Some(ClassId::Bool),
                        Some("Long") => Some(ClassId::Int),
                        Some("Float") => Some(ClassId::Float),
                        Some("Unicode") => Some(ClassId::Str),
                        Some("Tuple") => Some(ClassId::Tuple),
                        Some("List") => Some(ClassId::List),
                        Some("Dict") => Some(ClassId::Dict),
                        Some("Complex") => Some(ClassId::Complex),
                        Some("Bytes") => Some(ClassId::Bytes),
                        Some("Slice") => Some(ClassId::Slice),
                        _ => {
                            let all = ClassId::ALL[1..].iter();
                            all.copied().find(|id| id.def().name == name)
                        }
                    };
                    class.map_or(HPy::NULL, |id| open(vm.class(id).value()))
                }
            };
            debug_assert!(!handle.is_null(), "no handle for {name}");
        }
        self.handles.make_permanent();
    }

    /// The context for C.
    #[inline(always)]
    pub fn context(&self) -> HPyContextPtr {
        self.context.get()
    }

    /// Notes where the VM is to be found; returns where it was before.
    #[inline(always)]
    pub(crate) fn replace_vm(&self, vm: *mut Vm) -> *mut Vm {
        self.vm.replace(vm)
    }

    /// The VM, as borrowed by the innermost function that called C.
    pub(crate) fn vm_pointer(&self) -> *mut Vm {
        self.vm.get()
    }

    pub(crate) fn debug_cell(&self) -> &OnceCell<DebugState> {
        &self.debug
    }

    pub(crate) fn trace_cell(&self) -> &OnceCell<TraceState> {
        &self.trace
    }

    /// Keeps a definition as long as the VM, where it is.
    pub fn keep<T: Any>(&self, what: T) -> &'static mut T {
        let mut kept = Box::new(what);
        let place = std::ptr::from_mut(&mut *kept);
        self.kept.borrow_mut().push(kept);
        // SAFETY: the box is dropped with the state, after the heap and all who know the place.
        unsafe { &mut *place }
    }

    /// Keeps text as long as the VM.
    pub fn keep_text(&self, text: String) -> &'static str {
        self.keep(text.into_boxed_str())
    }
}

/// A context function at work: the VM and HPy's state in it.
pub struct Cx<'a> {
    /// The VM.
    pub vm: &'a mut Vm,
    /// HPy's state in it.
    pub state: &'a State,
    /// The mode of the extension that called.
    pub mode: Mode,
}

/// Runs a context function that C has called.
///
/// # Safety
/// `ctx` is the universal context, and the VM is suspended in [`State::enter`] (or has just called
/// [`State::of`]) on this thread.
#[inline(always)]
pub unsafe fn run<R: Failure>(
    ctx: *mut HPyContext,
    f: impl FnOnce(&mut Cx<'_>) -> Result<R, Raised>,
) -> R {
    // SAFETY: the caller's promise.
    unsafe { run_as(ctx, Mode::Universal, f) }
}

/// As [`run`], for an extension loaded in some mode.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
pub unsafe fn run_as<R: Failure>(
    ctx: *mut HPyContext,
    mode: Mode,
    f: impl FnOnce(&mut Cx<'_>) -> Result<R, Raised>,
) -> R {
    // SAFETY: the caller's promise: the state lives as long as the VM, and whoever borrowed the VM
    // is suspended.
    let (state, vm) = unsafe {
        let state = &*(*ctx)._private.cast::<State>().cast_const();
        (state, &mut *state.vm.get())
    };
    vm.scope(|vm| f(&mut Cx { vm, state, mode }).unwrap_or(R::FAILURE))
}

impl Cx<'_> {
    /// What a handle names.
    #[inline(always)]
    pub fn get(&self, h: HPy) -> Value<'_> {
        // SAFETY: the table and the stack are roots: their words are values for as long as the VM
        // is not borrowed mutably.
        unsafe { Value::from_word(self.state.handles.word(self.vm, h)) }
    }

    /// What a handle names, as a root.
    #[inline(always)]
    pub fn local(&self, h: HPy) -> Local {
        self.vm.root(self.get(h))
    }

    /// As [`Cx::local`], with the unbound marker for `HPy_NULL`.
    pub fn local_opt(&self, h: HPy) -> Local {
        if h.is_null() { self.vm.empty_root() } else { self.local(h) }
    }

    /// A new handle.
    #[inline(always)]
    pub fn open(&self, value: Value<'_>) -> HPy {
        self.state.handles.open(value.word())
    }

    /// A new handle of a result.
    #[inline(always)]
    pub fn open_ret(&self, ret: Ret) -> HPy {
        self.open(self.vm.value(ret))
    }

    /// Every function that allocates starts with this, so that loops in C collect as loops in
    /// Python do.
    #[inline(always)]
    pub fn safepoint(&mut self) -> Result<(), Raised> {
        self.vm.safepoint()
    }

    /// UTF-8 text from C; UnicodeDecodeError when it is not.
    pub(crate) fn utf8<'t>(&self, p: *const c_char) -> Result<&'t str, Raised> {
        if p.is_null() {
            return Err(self.vm.raise(ClassId::SystemError, "a null pointer where text belongs"));
        }
        // SAFETY: C passes a terminated string that lives for the call.
        let bytes = unsafe { CStr::from_ptr(p) }.to_bytes();
        self.decode_utf8(bytes)
    }

    /// As [`Cx::utf8`], from bytes.
    pub fn decode_utf8<'t>(&self, bytes: &'t [u8]) -> Result<&'t str, Raised> {
        std::str::from_utf8(bytes).map_err(|error| {
            let vm = &*self.vm;
            let start = error.valid_up_to();
            let (len, reason) = match error.error_len() {
                None => (bytes.len() - start, "unexpected end of data"),
                Some(n) if matches!(bytes[start], 0xC2..=0xF4) => (n, "invalid continuation byte"),
                Some(n) => (n, "invalid start byte"),
            };
            vm.raise_args(
                ClassId::UnicodeDecodeError,
                &[
                    vm.str("utf-8").value(),
                    vm.bytes(bytes).value(),
                    vm.int_usize(start),
                    vm.int_usize(start + len),
                    vm.str(reason).value(),
                ],
            )
        })
    }

    /// A class from a handle; TypeError otherwise.
    pub fn class_local(&self, h: HPy, message: &str) -> Result<Local, Raised> {
        match self.get(h).as_class() {
            Some(class) => Ok(self.vm.root(class.value())),
            None => Err(self.vm.type_error(message)),
        }
    }
}

/// The value in a handle that C returns, which is closed; `Err` for `HPy_NULL`, after making sure
/// that an exception is set.
#[inline(always)]
pub fn result_of(
    vm: &mut Vm,
    state: &State,
    h: HPy,
    what: impl FnOnce(&mut Vm) -> String,
) -> Result<Ret, Raised> {
    if h.is_null() {
        vm.pending()?;
        return Err(no_exception(vm, what));
    }
    let w = state.handles.take(vm, h);
    // SAFETY: a handle's word is a value; nothing has collected since it was read.
    let ret = vm.ret(unsafe { Value::from_word(w) });
    match vm.pending() {
        Ok(()) => Ok(ret),
        Err(raised) => Err(stray_exception(vm, raised, what)),
    }
}

/// For a C function that returned an error code: the exception that should be set.
pub fn failed(vm: &mut Vm, what: impl FnOnce(&mut Vm) -> String) -> Raised {
    match vm.pending() {
        Err(raised) => raised,
        Ok(()) => no_exception(vm, what),
    }
}

#[cold]
fn no_exception(vm: &mut Vm, what: impl FnOnce(&mut Vm) -> String) -> Raised {
    let what = what(vm);
    vm.raise(ClassId::SystemError, format!("{what} returned NULL without setting an exception"))
}

#[cold]
fn stray_exception(vm: &mut Vm, raised: Raised, what: impl FnOnce(&mut Vm) -> String) -> Raised {
    let stray = vm.take_exception(raised);
    let what = what(vm);
    let raised =
        vm.raise(ClassId::SystemError, format!("{what} returned a result with an exception set"));
    if let Some(new) = vm.current_exception() {
        vm.write(new, |e| &e.cause, vm.get(stray));
        vm.write(new, |e| &e.context, vm.get(stray));
        new.suppress_context.set(true);
    }
    raised
}

/// An `HPyGlobal`'s slot that no VM has stored to.
pub const NO_VALUE: u64 = word::UNBOUND;

/// The pointer that `HPy_AsStruct` functions and the like give for nothing.
pub const NOTHING: *mut c_void = std::ptr::null_mut();
