//! Functions written in Rust: how they are declared, how arguments reach them, what they return.
//!
//! A native function gets `&mut Vm` and a window of the value stack with its arguments. While it
//! only computes and allocates it works through a shared reborrow (`let vm = &*vm;`) and uses plain
//! [`Value`]s; what must live across a call that takes `&mut Vm` it names by [`Local`]s. Whatever it
//! roots is gone when it returns.

use super::Vm;
use crate::builtins::function::is_slot;
use crate::object::native::{Native, Payload};
use crate::object::{Builtin, Field, Gc, Layout};
use crate::value::Value;

/// A place in the VM's value stack: a root. It ends with the native function (or
/// [`Vm::scope`]) that made it; then it names some other value, never a dangling one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Local(pub(crate) u32);

/// Proof that a result is in the VM's result register. Made by [`Vm::ret`] and its kin.
#[must_use]
#[derive(Debug)]
pub struct Ret(pub(super) ());

/// An exception is set in the VM.
#[must_use]
#[derive(Debug)]
pub struct Raised(pub(super) ());

/// What a native function gives back.
pub type NativeResult = Result<Ret, Raised>;

/// What a step of an iterator gives back: `None` at the end.
pub type StepResult = Result<Option<Ret>, Raised>;

/// The step of an iterator written in Rust; argument 0 is the iterator. See
/// [`TypeDef::next`](crate::builtins::declare::TypeDef::next).
pub type StepFn = fn(&mut Vm, Args) -> StepResult;

/// A function written in Rust.
pub type NativeFn = fn(&mut Vm, Args) -> NativeResult;

/// How a native function binds when it is found in a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Binding {
    /// Not in a class, or never bound: a plain function.
    Function,
    /// To the instance; argument 0 is the receiver.
    Method,
    /// To the class; argument 0 is the class.
    ClassMethod,
    /// Not bound, but lives in a class (`__new__` gets the class as argument 0 explicitly).
    Static,
}

/// How arguments reach a native function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Passing {
    /// Bound by the signature: one slot for each parameter in the order of the signature (the
    /// receiver first), UNBOUND where an optional one was left out; `*args` is a tuple, `**kwargs`
    /// a dict.
    Bound,
    /// As they were given: positional ones, then values of keyword arguments; see
    /// [`Args::keyword_count`].
    Raw,
    /// As Bound. The function may switch tracing on: afterwards the caller looks if it is traced.
    Traces,
}

/// The declaration of a native function: one source for name, signature, documentation and code.
pub struct NativeDef {
    /// `name($self, a, b=1, /, *, c=None)`: CPython's text-signature notation. A first parameter
    /// with `$` is the receiver (`$module` is dropped: functions of modules get no receiver).
    pub sig: &'static str,
    /// The docstring.
    pub doc: &'static str,
    /// The code.
    pub func: NativeFn,
    /// How it binds.
    pub binding: Binding,
    /// How it gets its arguments.
    pub passing: Passing,
    /// For functions made at run time (HPy): whatever their maker needs.
    pub data: *const (),
}

// SAFETY: `data` is only read by its maker, who answers for the threads it is used from.
unsafe impl Sync for NativeDef {}
// SAFETY: as above.
unsafe impl Send for NativeDef {}

impl NativeDef {
    const fn new(sig: &'static str, doc: &'static str, func: NativeFn, binding: Binding) -> Self {
        let data = std::ptr::null();
        NativeDef { sig, doc, func, binding, passing: Passing::Bound, data }
    }
    /// A function of a module.
    pub const fn function(sig: &'static str, func: NativeFn, doc: &'static str) -> Self {
        Self::new(sig, doc, func, Binding::Function)
    }
    /// A method of a type; argument 0 is the receiver.
    pub const fn method(sig: &'static str, func: NativeFn, doc: &'static str) -> Self {
        Self::new(sig, doc, func, Binding::Method)
    }
    /// A class method; argument 0 is the class.
    pub const fn class_method(sig: &'static str, func: NativeFn, doc: &'static str) -> Self {
        Self::new(sig, doc, func, Binding::ClassMethod)
    }
    /// A static method (also `__new__`, whose argument 0 is the class).
    pub const fn static_method(sig: &'static str, func: NativeFn, doc: &'static str) -> Self {
        Self::new(sig, doc, func, Binding::Static)
    }
    /// The same, but with the arguments as given.
    pub const fn raw(mut self) -> Self {
        self.passing = Passing::Raw;
        self
    }
    /// The same for a function that may switch tracing on.
    pub const fn traces(mut self) -> Self {
        self.passing = Passing::Traces;
        self
    }
    /// The name: what stands before the parenthesis.
    pub fn name(&self) -> &'static str {
        let end = self.sig.bytes().position(|b| b == b'(');
        &self.sig[..end.unwrap_or(self.sig.len())]
    }
}

/// The arguments of a native function: a window of the value stack.
///
/// Two fields and no more, so that it travels in two registers.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    /// Slot of the first argument; above it the number of arguments.
    window: u64,
    keywords: u32,
}

impl Args {
    /// `len` arguments from slot `base` on, of which the last `keywords` are keyword arguments.
    #[inline(always)]
    pub(crate) fn new(base: u32, len: u32, keywords: u32) -> Args {
        Args { window: base as u64 | (len as u64) << 32, keywords }
    }
    /// Slot of the first argument; the callee is in the one before.
    #[inline(always)]
    pub(crate) fn base(self) -> u32 {
        self.window as u32
    }
    /// Number of slots: parameters when bound by the signature, else arguments as given.
    #[inline(always)]
    pub fn len(self) -> usize {
        (self.window >> 32) as usize
    }
    /// Whether there are none.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// Raw passing: how many of the arguments, the last ones, are keyword arguments. Their names
    /// are a tuple in the slot after the last argument ([`Args::keyword_names`]).
    #[inline(always)]
    pub fn keyword_count(self) -> usize {
        self.keywords as usize
    }
    /// Raw passing: the tuple of keyword names (UNBOUND when there are none).
    pub fn keyword_names(self, vm: &Vm) -> Value<'_> {
        if self.keywords == 0 { Value::UNBOUND } else { vm.get(self.local(self.len())) }
    }
    /// An argument; UNBOUND when it was left out.
    #[inline(always)]
    pub fn get(self, vm: &Vm, i: usize) -> Value<'_> {
        debug_assert!(i < self.len());
        vm.get(self.local(i))
    }
    /// An argument, or `None` when it was left out.
    #[inline(always)]
    pub fn opt(self, vm: &Vm, i: usize) -> Option<Value<'_>> {
        self.get(vm, i).bound()
    }
    /// An argument, or `None` when it was left out or is Python's None.
    pub fn not_none(self, vm: &Vm, i: usize) -> Option<Value<'_>> {
        self.opt(vm, i).filter(|v| !v.is_none())
    }
    /// An argument as a root.
    #[inline(always)]
    pub fn local(self, i: usize) -> Local {
        Local(self.base() + i as u32)
    }
    /// The running native function itself.
    #[inline(always)]
    pub fn callee(self, vm: &Vm) -> Option<Gc<'_, Builtin>> {
        vm.get(Local(self.base() - 1)).cast()
    }
    /// The receiver (argument 0) as layout `T`; TypeError in CPython's words otherwise.
    #[inline(always)]
    pub fn this<T: Layout>(self, vm: &Vm) -> Result<Gc<'_, T>, Raised> {
        match self.get(vm, 0).cast::<T>() {
            Some(this) => Ok(this),
            None => Err(self.wrong_receiver(vm)),
        }
    }
    /// The receiver's payload; TypeError in CPython's words otherwise.
    pub fn payload<T: Payload>(self, vm: &Vm) -> Result<Gc<'_, Native<T>>, Raised> {
        match self.get(vm, 0).payload::<T>() {
            Some(this) => Ok(this),
            None => Err(self.wrong_receiver(vm)),
        }
    }
    /// `descriptor 'append' for 'list' objects doesn't apply to a 'int' object`
    #[cold]
    pub fn wrong_receiver(self, vm: &Vm) -> Raised {
        let given = vm.type_name(self.get(vm, 0));
        let (name, owner) = match self.callee(vm) {
            Some(callee) => (callee.def.get().name(), callee.owner.get(vm)),
            None => ("?", Value::NONE),
        };
        let owner = owner.as_class().map_or("object".into(), |c| vm.class_name(c));
        // Some of CPython's types have these two as plain methods.
        if is_slot(name) && !matches!(name, "__contains__" | "__getitem__") {
            return vm.type_error(format!(
                "descriptor '{name}' requires a '{owner}' object but received a '{given}'"
            ));
        }
        vm.type_error(format!(
            "descriptor '{name}' for '{owner}' objects doesn't apply to a '{given}' object"
        ))
    }
}
