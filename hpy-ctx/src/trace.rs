//! Trace mode: calls of context functions are counted and timed, and shown to Python.

use crate::abi::HPyContextPtr;
use crate::context::State;
use crate::debug::set_hook;
use crate::table::HPyContext;
use sidewinder_interpreter::object::{Slot, Tracer};
use sidewinder_interpreter::value::word;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm};
use std::cell::{Cell, UnsafeCell};
use std::time::{Duration, Instant};

/// `hpy.universal._trace`
pub static TRACE: ModuleDef = ModuleDef {
    name: "hpy.universal._trace",
    doc: "HPy's trace mode",
    functions: &[
        NativeDef::function(
            "get_durations()",
            get_durations,
            "Nanoseconds spent in each context function.",
        ),
        NativeDef::function(
            "get_call_counts()",
            get_call_counts,
            "How often each context function was called.",
        ),
        NativeDef::function(
            "set_trace_functions(on_enter=<unrepresentable>, on_exit=<unrepresentable>)",
            set_trace_functions,
            "What to call with the name of each context function, before and after it.",
        ),
        NativeDef::function("get_frequency()", get_frequency, "Resolution of the clock in Hertz."),
    ],
    types: &[],
    exec: None,
};

/// What is known of one context function.
#[derive(Default)]
struct Figures {
    calls: Cell<u64>,
    time: Cell<Duration>,
}

/// The state of trace mode in one VM.
pub struct TraceState {
    context: Box<UnsafeCell<HPyContext>>,
    state: *const State,
    /// By the number of the member in the context.
    figures: Vec<Figures>,
    on_enter: Slot,
    on_exit: Slot,
}

/// The number of a context's member, from its offset.
pub const fn number(offset: usize) -> usize {
    offset / size_of::<usize>()
}

impl State {
    /// The state of trace mode, made at the first call.
    pub fn trace(&self) -> &TraceState {
        self.trace_cell().get_or_init(|| {
            let mut context = Box::new(UnsafeCell::new(HPyContext::trace(
                std::ptr::from_ref(self).cast_mut().cast(),
            )));
            // SAFETY: the universal context is complete, and nobody changes it.
            let constants = unsafe { (*self.context()).handles() };
            for ((_, place), (_, h)) in context.get_mut().handles().into_iter().zip(constants) {
                *place = *h;
            }
            let members = number(size_of::<HPyContext>());
            TraceState {
                context,
                state: self,
                figures: (0..members).map(|_| Figures::default()).collect(),
                on_enter: Slot::new(word::UNBOUND),
                on_exit: Slot::new(word::UNBOUND),
            }
        })
    }
}

impl TraceState {
    /// The context for C.
    pub fn context(&self) -> HPyContextPtr {
        self.context.get()
    }

    /// Visits what is kept alive.
    pub fn visit(&self, tracer: &mut Tracer<'_>) {
        tracer.slot(&self.on_enter);
        tracer.slot(&self.on_exit);
    }

    fn show(&self, hook: &Slot, function: usize) {
        if hook.word() == word::UNBOUND {
            return;
        }
        // SAFETY: C is calling, so the VM is suspended; the hook is a root.
        unsafe {
            let vm = &mut *(*self.state).vm_pointer();
            vm.scope(|vm| {
                let pending = vm.pending().err().map(|raised| vm.take_exception(raised));
                let hook = vm.root(Value::from_word(hook.word()));
                let name = vm.root(vm.intern(name_of(function)).value());
                if let Err(raised) = vm.call(hook, &[name]) {
                    vm.unraisable(raised, hook);
                }
                if let Some(pending) = pending {
                    let _ = vm.set_exception_as_is(vm.get(pending));
                }
            });
        }
    }
}

fn name_of(function: usize) -> &'static str {
    let found = HPyContext::LAYOUT.iter().find(|(_, offset)| number(*offset) == function);
    found.map_or("?", |(name, _)| name)
}

/// Runs a context function that C has called in trace mode.
///
/// # Safety
/// `ctx` is the trace context, and the VM is suspended in [`State::enter`] on this thread.
pub unsafe fn run<R>(
    ctx: *mut HPyContext,
    function: usize,
    f: impl FnOnce(*mut HPyContext) -> R,
) -> R {
    // SAFETY: the caller's promise; the state lives as long as the VM.
    let state = unsafe { &*(*ctx)._private.cast::<State>() };
    let trace = state.trace();
    let figures = &trace.figures[function];
    figures.calls.set(figures.calls.get() + 1);
    trace.show(&trace.on_enter, function);
    let start = Instant::now();
    let result = f(state.context());
    figures.time.set(figures.time.get() + start.elapsed());
    trace.show(&trace.on_exit, function);
    result
}

fn trace<'a>(vm: &mut Vm) -> &'a TraceState {
    // SAFETY: the state lives as long as the VM.
    unsafe { &*State::of(vm) }.trace()
}

/// A dict of a figure of every context function.
fn all(vm: &mut Vm, figure: fn(&Figures) -> u64) -> NativeResult {
    let trace = trace(vm);
    let vm = &*vm;
    let dict = vm.dict();
    for (name, offset) in HPyContext::LAYOUT.iter().filter(|(name, _)| name.starts_with("ctx_")) {
        let value = vm.int(figure(&trace.figures[number(*offset)]) as i64);
        vm.dict_set_str(dict, vm.intern(name), value);
    }
    Ok(vm.ret(dict.value()))
}

fn get_durations(vm: &mut Vm, _: Args) -> NativeResult {
    all(vm, |f| f.time.get().as_nanos() as u64)
}

fn get_call_counts(vm: &mut Vm, _: Args) -> NativeResult {
    all(vm, |f| f.calls.get())
}

fn set_trace_functions(vm: &mut Vm, args: Args) -> NativeResult {
    let trace = trace(vm);
    for (i, hook) in [&trace.on_enter, &trace.on_exit].into_iter().enumerate() {
        if args.opt(vm, i).is_some() {
            set_hook(vm, args, i, hook)?;
        }
    }
    Ok(vm.none())
}

fn get_frequency(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.int(1_000_000_000)))
}
