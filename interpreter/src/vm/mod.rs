//! The virtual machine.
//!
//! The rooting rule, which the borrow checker enforces: `&Vm` may allocate but never collects, so a
//! [`Value`] borrowed from it stays valid; whatever may run Python code or reach a safepoint takes
//! `&mut Vm`, and no value survives it unless it is in a root.

pub mod apart;
pub mod attr;
mod audit;
mod awaiting;
pub mod bind;
pub mod buffer;
mod caches;
pub mod call;
mod call_special;
mod carets;
pub mod class;
pub mod code;
pub mod compare;
pub mod construct;
pub mod errors;
mod flows;
pub mod frame;
pub mod garbage;
pub mod generator;
pub mod globals;
pub mod import;
pub mod inspect;
mod instantiate;
pub mod item;
pub mod iter;
pub mod monitoring;
pub mod mro;
pub mod native;
pub mod numeric;
pub mod operators;
pub mod outside;
mod own_attrs;
pub mod parker;
pub mod protocol;
pub mod roots;
pub mod run;
pub mod safepoint;
pub mod signature;
pub mod source;
pub mod special;
pub mod stack;
pub mod startup;
pub mod stdio;
pub mod strided;
mod suggest;
pub mod threads;
pub mod traceback;
mod tracing;
mod unwind;
mod warn;

pub use native::{
    Args, Binding, Local, NativeDef, NativeResult, Passing, Raised, Ret, StepFn, StepResult,
};
pub use special::Special;

use crate::object::model::Objects;
use frame::Frame;
use roots::Roots;
use sidewinder_gc::Heap;
use stack::Stack;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// Settings of a new VM.
#[derive(Clone, Debug)]
pub struct Config {
    /// The collector's settings.
    pub gc: sidewinder_gc::Config,
    /// Native stack that the thread using the VM may fill, in bytes, counted from where the VM is
    /// made.
    pub native_stack: usize,
    /// Seed of str and bytes hashes; `None` takes one from the system.
    pub hash_seed: Option<u64>,
    /// `sys.flags.optimize`
    pub optimize: u8,
    /// Code knows lines but not columns (`-X no_debug_ranges`).
    pub no_columns: bool,
    /// Development mode (`-X dev`): names of encodings and error handlers are checked.
    pub dev_mode: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            gc: Default::default(),
            native_stack: 1 << 20,
            hash_seed: None,
            optimize: 0,
            no_columns: false,
            dev_mode: false,
        }
    }
}

/// A Python interpreter: heap, stack, modules. Several can live in one process.
pub struct Vm {
    /// The heap.
    pub heap: Heap<Objects>,
    /// The value stack.
    pub(crate) stack: Stack,
    /// The frame on top; the sentinel when no Python function runs.
    pub(crate) top: *mut Frame,
    /// Frames must stay below this one: the recursion limit.
    pub(crate) frame_limit: *mut Frame,
    /// Everything else that keeps objects alive.
    pub(crate) roots: Roots,
    /// Work waiting for the next safepoint; bits are [`sidewinder_gc::POLL_GC`] and
    /// [`safepoint::POLL_SIGNAL`].
    pub(crate) poll: Arc<AtomicU32>,
    /// Changes whenever something that inline caches may have seen in a class changes.
    pub(crate) class_epoch: Cell<u32>,
    /// Changes whenever a class gets or loses a name that might be a special method's.
    pub(crate) special_epoch: Cell<u32>,
    /// Shared inline-cache facts.
    pub(crate) facts: caches::Facts,
    /// Source of dict versions for inline caches.
    pub(crate) dict_version: Cell<u64>,
    /// Lowest address the native stack may reach.
    pub(crate) native_floor: usize,
    /// The threads that take turns with this VM.
    pub(crate) threads: threads::Threads,
    /// Parsed signatures of native functions.
    pub(crate) signatures: signature::Signatures,
    /// Seed of str and bytes hashes.
    pub(crate) hash_seed: u64,
    /// How many running generators have been resumed while an exception was handled.
    pub(crate) hidden_handlers: Cell<u32>,
    /// The tools of `sys.monitoring`.
    pub(crate) monitoring: monitoring::Monitoring,
    /// The trace functions of the running thread.
    pub(crate) tracing: tracing::Tracing,
    /// Settings.
    pub config: Config,
    /// State of extensions of the VM (stdlib modules, hpy-ctx), by type.
    pub(crate) extensions: RefCell<HashMap<TypeId, Box<dyn Any>>>,
    /// Containers whose repr is running, so that cycles print as `[...]`.
    pub(crate) repr_guard: RefCell<HashSet<u32>>,
}

impl Vm {
    /// State that an extension of the VM keeps with it: made at the first call.
    pub fn with_extension<T: Any + Default, R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut all = self.extensions.borrow_mut();
        let state = all.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        f(state.downcast_mut().expect("stored under its own type"))
    }
}
