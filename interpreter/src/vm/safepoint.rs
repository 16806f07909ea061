//! Safepoints: collections, callbacks and finalizers that wait for one, signals.

use super::native::Raised;
use super::{Local, Special, Vm};
use crate::builtins::ClassId;
use crate::bytecode::liveness::Liveness;
use crate::bytecode::{CodeFlags, CodeUnit, Op};
use crate::object::*;
use crate::value::{Value, word};
use sidewinder_gc::{Collect, POLL_GC, Tracer};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Poll bit: Ctrl-C was pressed.
pub const POLL_SIGNAL: u32 = 2;
/// Poll bit: another thread wants its turn.
pub(super) const POLL_SWITCH: u32 = 4;

/// See [`Vm::set_signal_hook`].
pub type OnSignal = fn(&mut Vm) -> Result<(), Raised>;

#[derive(Default)]
struct SignalHook(Option<OnSignal>);

impl Vm {
    /// The word whose bits ask for a safepoint; a signal handler or another thread may set
    /// [`POLL_SIGNAL`].
    pub fn poll_flag(&self) -> Arc<AtomicU32> {
        self.poll.clone()
    }

    /// Whether Ctrl-C was pressed and no safepoint has seen it yet: for loops that hold values and
    /// must end before they can reach one.
    #[inline]
    pub fn interrupt_pending(&self) -> bool {
        self.poll.load(Ordering::Relaxed) & POLL_SIGNAL != 0
    }

    /// A place where everything may move. Called by the loop and by native loops that run long.
    #[inline]
    pub fn safepoint(&mut self) -> Result<(), Raised> {
        if self.poll.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        self.safepoint_slow()
    }

    #[cold]
    fn safepoint_slow(&mut self) -> Result<(), Raised> {
        if self.poll.load(Ordering::Relaxed) & POLL_GC != 0 {
            self.collect(Collect::Auto);
            self.run_pending();
            if self.heap.over_limit() {
                return Err(self.memory_error());
            }
        }
        if self.poll.fetch_and(!POLL_SWITCH, Ordering::Relaxed) & POLL_SWITCH != 0 {
            self.yield_turn();
        }
        if self.poll.fetch_and(!POLL_SIGNAL, Ordering::Relaxed) & POLL_SIGNAL != 0 {
            if !self.is_main_thread() {
                self.keep_signal();
                return Ok(());
            }
            if let Some(hook) = self.with_extension(|hook: &mut SignalHook| hook.0) {
                return hook(self);
            }
            return Err(self.raise_args(ClassId::KeyboardInterrupt, &[]));
        }
        Ok(())
    }

    /// Sets what the main thread does at a safepoint after a signal; without a hook it raises
    /// KeyboardInterrupt.
    pub fn set_signal_hook(&self, hook: OnSignal) {
        self.with_extension(|old: &mut SignalHook| old.0 = Some(hook));
    }

    /// Collects now, then runs callbacks and finalizers.
    pub fn collect_now(&mut self) {
        self.clear_dead_slots();
        if self.heap.has_finalizers() {
            // Young objects that wait for their finalizers would keep what they refer to for one more
            // collection.
            self.collect(Collect::Minor);
            self.run_pending();
        }
        self.collect(Collect::Major);
        self.run_pending();
    }

    /// Clears stack slots that hold values of temporaries no longer in use. They would only keep
    /// objects alive a little longer, but who collects on purpose wants to see what is garbage.
    fn clear_dead_slots(&mut self) {
        // SAFETY: the result of an earlier call is not looked at any more; roots need no barrier.
        unsafe { self.roots.result.set_word(word::NONE) };
        let depth = self.stack.depth(self.top);
        let end = self.stack.end.get();
        let mut live: Vec<(u32, u32)> = Vec::new();
        self.clear_dead_temporaries();
        for k in 0..=depth {
            // SAFETY: frames up to the top one are filled in; their pc is saved during a call.
            let (from, to, roots) = unsafe {
                let frame = &*self.stack.frame_at(k);
                let next = (k < depth).then(|| {
                    self.stack.index((*self.stack.frame_at(k + 1)).base).saturating_sub(2)
                });
                let roots = (frame.end, next.unwrap_or(end));
                if frame.code.is_null() {
                    (0, 0, roots)
                } else {
                    let base = self.stack.index(frame.base);
                    let full = base + (*frame.code).register_count;
                    let call = *frame.pc.sub(1);
                    let used = match call.op {
                        Op::Call
                        | Op::CallMethod
                        | Op::CallFunction
                        | Op::CallMethodFunction
                        | Op::CallNative
                        | Op::CallLen
                        | Op::CallMethodNative
                        | Op::CallClass => base + call.b as u32 + 2 + call.c as u32,
                        _ => full,
                    };
                    (base.saturating_sub(2), used.min(full), roots)
                }
            };
            live.push((from, to));
            live.push(roots);
        }
        live.sort_unstable();
        let mut at = 0;
        for (from, to) in live {
            for i in at..from.min(end) {
                // SAFETY: a slot in use.
                unsafe { self.stack.at(i).write(word::UNBOUND) };
            }
            at = at.max(to);
        }
        for i in at..end {
            // SAFETY: a slot in use.
            unsafe { self.stack.at(i).write(word::UNBOUND) };
        }
    }

    /// Clears the registers of running frames that are temporaries nothing reads any more.
    fn clear_dead_temporaries(&mut self) {
        let mut known: HashMap<*const CodeUnit, Liveness> = HashMap::new();
        let depth = self.stack.depth(self.top);
        for k in 1..=depth {
            // SAFETY: frames up to the top one are filled in; their pc is saved during a call, and
            // their registers are slots in use.
            unsafe {
                let frame = &*self.stack.frame_at(k);
                if frame.code.is_null() {
                    continue;
                }
                // The next frame has its window, with two slots before it, among the registers of
                // this one.
                let until = match k < depth {
                    true => self.stack.index((*self.stack.frame_at(k + 1)).base).saturating_sub(2),
                    false => self.stack.end.get(),
                };
                let until = until.saturating_sub(self.stack.index(frame.base));
                let unit = &*(*frame.code).unit;
                let next = frame.pc.offset_from((*frame.code).start()) as usize;
                let Some(at) = next.checked_sub(1) else { continue };
                // The second word of an instruction stands behind it.
                let second = unit.instrs[at].op == Op::Ext;
                let at = if second { at - 1 } else { at };
                let liveness =
                    known.entry(std::ptr::from_ref(unit)).or_insert_with(|| Liveness::of(unit));
                let call = unit.instrs[at];
                // The window of a call belongs to what is called.
                let (live, end) = match call.op {
                    Op::Call | Op::CallMethod => (liveness.after_call(unit, at), call.b),
                    _ => (liveness.during(unit, at), unit.register_count),
                };
                let free = unit.free_base..unit.free_base + unit.freevars.len() as u16;
                // The variables of a comprehension are temporaries too, though they have names.
                let named = |r: u16| {
                    unit.varnames.get(usize::from(r)).is_some_and(|name| !name.starts_with('.'))
                };
                // Register 0 of a module or class body is its namespace.
                let first = u16::from(unit.flags.has(CodeFlags::NAMES));
                let end = u32::from(end).min(until) as u16;
                for r in (first..end).filter(|r| !free.contains(r) && !named(*r)) {
                    if live[usize::from(r) / 64] >> (r % 64) & 1 == 0 {
                        frame.base.add(usize::from(r)).write(word::UNBOUND);
                    }
                }
            }
        }
    }

    /// Collects the nursery only.
    pub fn collect_minor(&mut self) {
        self.collect(Collect::Minor);
        self.run_pending();
    }

    fn collect(&mut self, kind: Collect) {
        self.facts.clear();
        let (words, count) = self.stack.words();
        let Vm { heap, roots, threads, tracing, class_epoch, .. } = self;
        let model: *const model::Objects = heap.model();
        heap.model().class_epoch.set(class_epoch.get());
        let free = heap.model().shapes.free_count();
        heap.collect(kind, &mut |tracer: &mut Tracer<'_>| {
            tracer.words(words, count);
            roots.trace(tracer);
            threads.trace(tracer);
            tracing.trace(tracer);
            // SAFETY: the model is not moved or changed by a collection; its shapes are cells.
            unsafe { (*model).shapes.trace(tracer) };
        });
        if self.shapes().free_count() != free {
            // Caches guarded by the shapes of dead classes must not take new ones for them.
            self.class_changed();
        }
    }

    /// Runs callbacks of weak references and `__del__` methods that collections have queued.
    pub fn run_pending(&mut self) {
        if !self.heap.has_pending() {
            return;
        }
        self.scope(|vm| {
            // The state of an exception in flight must survive.
            let exception = vm.root(vm.roots.exception.get(vm));
            let handled = vm.root(vm.roots.handled.get(vm));
            let result = vm.root(vm.roots.result.get(vm));
            // SAFETY: registers of the VM are roots.
            unsafe { vm.roots.exception.set_word(Value::UNBOUND.word()) };
            while let Some(weak) = vm.heap.pop_cleared_weak() {
                vm.scope(|vm| {
                    // SAFETY: a live object of the heap, which has just been handed over.
                    let weak = unsafe { Gc::<WeakRef>::from_raw(weak.cast()) };
                    // SAFETY: as above.
                    let weak = unsafe { Value::from_word(weak.value().word()) };
                    let weak: Local = vm.root(weak);
                    let w: Gc<'_, WeakRef> = vm.get(weak).cast().expect("a weak reference");
                    let callback = vm.root(w.callback.get(vm));
                    if let Err(raised) = vm.call(callback, &[weak]) {
                        vm.unraisable_while(
                            raised,
                            "Exception ignored while calling weakref callback",
                            callback,
                        );
                    }
                });
            }
            while let Some(obj) = vm.heap.pop_finalizable() {
                vm.scope(|vm| {
                    // SAFETY: as above.
                    let obj = unsafe { Value::from_word(obj.as_ptr().expose_provenance() as u64) };
                    let obj = vm.root(obj);
                    if vm.get(obj).kind() == Some(Kind::Generator) {
                        return vm.finalize_generator(obj);
                    }
                    let method = vm.special_of(vm.get(obj), Special::Del);
                    let Some(method) = method.map(|m| vm.root(m)) else { return };
                    if let Err(raised) = vm.call_unbound(method, obj, &[]) {
                        vm.unraisable_while(
                            raised,
                            "Exception ignored while calling deallocator",
                            method,
                        );
                    }
                });
            }
            // SAFETY: registers of the VM are roots.
            unsafe {
                vm.roots.exception.set_word(vm.get(exception).word());
                vm.roots.handled.set_word(vm.get(handled).word());
                vm.roots.result.set_word(vm.get(result).word());
            }
        });
    }
}
