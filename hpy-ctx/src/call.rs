//! Calls from Python into C: functions and methods of the four signatures.
//!
//! A C function becomes a native function with raw passing. Its arguments lie in the value stack,
//! and their handles say where, so a call opens and closes none.

use crate::abi::{CFunction, HPy, HPyContextPtr, HPyMeth, KeywordsFunc, signature};
use crate::context::{State, result_of};
use crate::handle;
use crate::mode::Mode;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Builtin, Class, Field, Gc};
use sidewinder_interpreter::vm::native::NativeFn;
use sidewinder_interpreter::vm::{Binding, Passing};
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Vm};
use std::ffi::{CStr, c_char};

/// What a native function made here knows of the C function behind it.
pub struct Record {
    /// The C function.
    pub imp: CFunction,
    /// HPy's state in the VM.
    pub state: *const State,
    /// The mode of the extension.
    pub mode: Mode,
}

/// `HPyFunc_noargs` and `HPyFunc_unaryfunc`
pub type Unary = unsafe extern "C" fn(HPyContextPtr, HPy) -> HPy;
/// `HPyFunc_o` and `HPyFunc_binaryfunc`
pub type Binary = unsafe extern "C" fn(HPyContextPtr, HPy, HPy) -> HPy;
type Varargs = unsafe extern "C" fn(HPyContextPtr, HPy, *const HPy, usize) -> HPy;

impl Record {
    /// The C function at its type.
    ///
    /// # Safety
    /// `F` is the function-pointer type that the definition's kind prescribes.
    #[inline(always)]
    pub unsafe fn function<F: Copy>(&self) -> F {
        const { assert!(size_of::<F>() == size_of::<CFunction>()) };
        // SAFETY: the caller's promise.
        unsafe { std::mem::transmute_copy(&self.imp) }
    }

    /// HPy's state.
    #[inline(always)]
    pub fn state<'a>(&self) -> &'a State {
        // SAFETY: the state lives as long as the VM, whose function is running.
        unsafe { &*self.state }
    }
}

/// The record of the running native function.
#[inline(always)]
pub fn record<'a>(vm: &Vm, args: Args) -> (&'a Record, Gc<'_, Builtin>) {
    let callee = args.callee(vm).expect("a native function is its own callee");
    // SAFETY: functions with this code are made by `define` alone, whose data is a record that
    // lives as long as the VM.
    (unsafe { &*callee.def.get().data.cast::<Record>() }, callee)
}

/// The definition of a native function around a C function.
pub fn define(
    state: &State,
    mode: Mode,
    name: &str,
    doc: *const c_char,
    binding: Binding,
    func: NativeFn,
    imp: CFunction,
) -> &'static NativeDef {
    let record: &'static Record = state.keep(Record { imp, state, mode });
    let (sig, doc) = signature_and_doc(name, doc);
    state.keep(NativeDef {
        sig: state.keep_text(sig),
        doc: state.keep_text(doc),
        func,
        binding,
        passing: Passing::Raw,
        data: std::ptr::from_ref(record).cast(),
    })
}

/// Splits a docstring that begins with a text signature: `name(a, b)\n--\n\n`.
pub fn signature_and_doc(name: &str, doc: *const c_char) -> (String, String) {
    if doc.is_null() {
        return (name.to_owned(), String::new());
    }
    // SAFETY: C gives terminated strings that live as long as the extension.
    let doc = unsafe { CStr::from_ptr(doc) }.to_string_lossy().into_owned();
    let signature = doc
        .strip_prefix(name)
        .filter(|rest| rest.starts_with('('))
        .and_then(|rest| rest.split_once(")\n--\n\n"));
    match signature {
        Some((sig, rest)) => (format!("{name}{sig})"), rest.to_owned()),
        None => (name.to_owned(), doc),
    }
}

/// The native function for a C function of a method's signature.
pub fn method_function(meth: &HPyMeth, in_class: bool) -> Option<NativeFn> {
    Some(match (meth.signature, in_class) {
        (signature::NOARGS, false) => noargs::<false>,
        (signature::NOARGS, true) => noargs::<true>,
        (signature::O, false) => onearg::<false>,
        (signature::O, true) => onearg::<true>,
        (signature::VARARGS, false) => varargs::<false>,
        (signature::VARARGS, true) => varargs::<true>,
        (signature::KEYWORDS, false) => keywords::<false>,
        (signature::KEYWORDS, true) => keywords::<true>,
        _ => return None,
    })
}

/// Makes sure that the receiver is an instance of the class that the function was made for: C
/// takes that for granted.
#[inline(always)]
pub fn check_receiver(vm: &Vm, args: Args, callee: Gc<'_, Builtin>) -> Result<(), Raised> {
    if args.is_empty() {
        return Err(no_receiver(vm, callee));
    }
    let class = vm.class_of(args.get(vm, 0));
    if class.value().word() == callee.owner.word() {
        return Ok(());
    }
    check_subclass(vm, args, class, callee)
}

#[cold]
fn no_receiver(vm: &Vm, callee: Gc<'_, Builtin>) -> Raised {
    let name = qualified_name(vm, callee);
    vm.type_error(format!("unbound method {name}() needs an argument"))
}

#[inline(never)]
fn check_subclass(
    vm: &Vm,
    args: Args,
    class: Gc<'_, Class>,
    callee: Gc<'_, Builtin>,
) -> Result<(), Raised> {
    match callee.owner.get_as::<Class>(vm) {
        Some(owner) if vm.is_subclass(class, owner) => Ok(()),
        _ => Err(args.wrong_receiver(vm)),
    }
}

/// The name in messages about arguments: `module.function` or `Class.method`.
fn qualified_name(vm: &Vm, callee: Gc<'_, Builtin>) -> String {
    let name = callee.def.get().name();
    let owner = callee.owner.get(vm);
    match owner.as_class() {
        Some(class) => format!("{}.{name}", vm.class_qualname(class)),
        None if owner.as_str().is_some() => format!("{}.{name}", vm.text_of(owner)),
        None => name.to_owned(),
    }
}

/// The function's repr, for messages about what C did.
pub fn shown(vm: &mut Vm, args: Args) -> String {
    let callee = vm.get(sidewinder_interpreter::Local::from_slot(args.local(0).slot() - 1));
    let callee = vm.root(callee);
    match vm.repr_text(callee) {
        Ok(shown) => shown,
        Err(raised) => {
            vm.take_exception(raised);
            "<a C function>".into()
        }
    }
}

/// The record and the receiver's handle. A module's function gets the module.
#[inline(always)]
fn begin<'a, const METHOD: bool>(vm: &Vm, args: Args) -> Result<(&'a Record, HPy), Raised> {
    let (record, callee) = record(vm, args);
    if METHOD {
        check_receiver(vm, args, callee)?;
        Ok((record, arg(args, 0)))
    } else {
        let module = vm.root(callee.this.get(vm));
        Ok((record, handle::of_stack_slot(module.slot())))
    }
}

/// The handle of an argument.
#[inline(always)]
pub fn arg(args: Args, i: usize) -> HPy {
    handle::of_stack_slot(args.local(i).slot())
}

/// The handles of the arguments from number `first` on, while `f` runs.
#[inline(always)]
pub fn with_handles<R>(args: Args, first: usize, f: impl FnOnce(&mut [HPy]) -> R) -> R {
    const FEW: usize = 8;
    let n = args.len() - first;
    let slot = args.local(first).slot();
    let handle = |i: usize| handle::of_stack_slot(slot + i as u32);
    if n <= FEW {
        let mut few = [HPy::NULL; FEW];
        few.iter_mut().enumerate().take(n).for_each(|(i, place)| *place = handle(i));
        f(&mut few[..n])
    } else {
        f(&mut (0..n).map(handle).collect::<Vec<HPy>>())
    }
}

#[cold]
fn wrong_count(vm: &Vm, args: Args, method: bool, takes: &str) -> Raised {
    let (_, callee) = record(vm, args);
    let name = qualified_name(vm, callee);
    if args.keyword_count() > 0 {
        return vm.type_error(format!("{name}() takes no keyword arguments"));
    }
    let given = args.len() - method as usize;
    vm.type_error(format!("{name}() takes {takes} ({given} given)"))
}

fn noargs<const METHOD: bool>(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, this) = begin::<METHOD>(vm, args)?;
    if args.len() != METHOD as usize || args.keyword_count() != 0 {
        return Err(wrong_count(vm, args, METHOD, "no arguments"));
    }
    // SAFETY: the signature is NOARGS.
    let f: Unary = unsafe { record.function() };
    let state = record.state();
    // SAFETY: C is called as it wants to be.
    let h = state.enter(vm, record.mode, |b| unsafe { b.result(f(b.ctx, b.pass(this))) });
    result_of(vm, state, h, |vm| shown(vm, args))
}

fn onearg<const METHOD: bool>(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, this) = begin::<METHOD>(vm, args)?;
    if args.len() != METHOD as usize + 1 || args.keyword_count() != 0 {
        return Err(wrong_count(vm, args, METHOD, "exactly one argument"));
    }
    // SAFETY: the signature is O.
    let f: Binary = unsafe { record.function() };
    let state = record.state();
    // SAFETY: C is called as it wants to be.
    let h = state.enter(vm, record.mode, |b| unsafe {
        b.result(f(b.ctx, b.pass(this), b.arg(args, METHOD as usize)))
    });
    result_of(vm, state, h, |vm| shown(vm, args))
}

fn varargs<const METHOD: bool>(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, this) = begin::<METHOD>(vm, args)?;
    if args.keyword_count() != 0 {
        return Err(wrong_count(vm, args, METHOD, ""));
    }
    // SAFETY: the signature is VARARGS.
    let f: Varargs = unsafe { record.function() };
    let state = record.state();
    let first = METHOD as usize;
    let h = with_handles(args, first, |handles| {
        // SAFETY: C is called as it wants to be.
        state.enter(vm, record.mode, |b| unsafe {
            let n = handles.len();
            b.result(f(b.ctx, b.pass(this), b.pass_all(handles), n))
        })
    });
    result_of(vm, state, h, |vm| shown(vm, args))
}

fn keywords<const METHOD: bool>(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, this) = begin::<METHOD>(vm, args)?;
    // SAFETY: the signature is KEYWORDS.
    let f: KeywordsFunc = unsafe { record.function() };
    call_keywords(vm, record, f, this, args, METHOD as usize)
}

/// Calls a C function with positional arguments, keyword values and the tuple of their names.
pub fn call_keywords(
    vm: &mut Vm,
    record: &Record,
    f: KeywordsFunc,
    this: HPy,
    args: Args,
    first: usize,
) -> NativeResult {
    let positional = args.len() - args.keyword_count() - first;
    let names = match args.keyword_count() {
        0 => HPy::NULL,
        // The names lie behind the last argument.
        _ => arg(args, args.len()),
    };
    let state = record.state();
    let h = with_handles(args, first, |handles| {
        // SAFETY: C is called as it wants to be.
        state.enter(vm, record.mode, |b| unsafe {
            let (this, handles) = (b.pass(this), b.pass_all(handles));
            b.result(f(b.ctx, this, handles, positional, b.pass(names)))
        })
    });
    result_of(vm, state, h, |vm| shown(vm, args))
}

/// The keyword arguments as a dict in the value stack: its handle, or `HPy_NULL` without any.
pub fn keyword_dict(vm: &Vm, args: Args) -> HPy {
    use sidewinder_interpreter::object::Tuple;
    let count = args.keyword_count();
    let Some(names) = args.keyword_names(vm).cast::<Tuple>() else { return HPy::NULL };
    let dict = vm.dict();
    for i in 0..count {
        if let Some(name) = names.item(vm, i).as_str() {
            vm.dict_set_str(dict, name, args.get(vm, args.len() - count + i));
        }
    }
    handle::of_stack_slot(vm.root(dict.value()).slot())
}

/// Puts a method or function of C into a dict.
pub fn unsupported_signature(vm: &Vm) -> Raised {
    vm.raise(ClassId::ValueError, "Unsupported HPyMeth signature")
}
