//! The heap as the embedder sees it: the spaces put together.

use crate::blocks::{self, OldSpace};
use crate::cycle::Cycle;
use crate::large::{LARGE_THRESHOLD, LargeSpace};
use crate::memory;
use crate::model::Model;
use crate::nursery::Nursery;
use crate::remembered::Remembered;
use crate::stats::Stats;
use crate::trace::{Tracer, object};
use crate::weak::Registry;
use crate::{Header, Word};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The bit of the shared poll word that asks for a collection.
pub const POLL_GC: u32 = 1;

/// How a heap is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Bytes allocated between minor collections.
    pub nursery_bytes: usize,
    /// The most that live objects, garbage not yet collected and memory outside may take together.
    pub limit: Option<usize>,
    /// Every how many safepoints everything moves; `None` for ordinary running.
    pub stress: Option<u32>,
    /// Write a line to stderr for each collection.
    pub log: bool,
    /// A major collection is due when this many times the live bytes of the last one are in use...
    pub growth: f64,
    /// ...and this much more than the live bytes.
    pub floor: usize,
    /// Heaps with more bytes in use than this are marked in slices when a major collection is due; `usize::MAX`: never.
    pub slice_floor: usize,
    /// How many bytes of objects a slice visits, on top of some for each byte promoted by its minor collection.
    pub slice_bytes: usize,
    /// Addresses reserved for old objects (not memory). Less if the system refuses. `None`: by the memory there is.
    pub reserve: Option<usize>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            nursery_bytes: 4 << 20,
            limit: None,
            stress: None,
            log: false,
            growth: 1.8,
            floor: 8 << 20,
            slice_floor: 24 << 20,
            slice_bytes: 2 << 20,
            reserve: None,
        }
    }
}

/// What to collect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Collect {
    /// What is due: the nursery always, the old space when it has grown enough. In stress mode, everything moves at
    /// every nth call and the others do nothing unless the nursery is full.
    Auto,
    /// The nursery.
    Minor,
    /// Everything.
    Major,
    /// Everything, and all but large objects move to addresses not used lately; the old ones become unreadable.
    Stress,
}

/// The heap's limit would be passed, or the system has no memory left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeapFull;

impl std::fmt::Display for HeapFull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the heap is full")
    }
}

impl std::error::Error for HeapFull {}

/// A generational moving heap of the objects that `M` describes.
pub struct Heap<M: Model> {
    /// The next object's address, and where the nursery ends for now.
    pub(crate) top: Cell<usize>,
    pub(crate) end: Cell<usize>,
    pub(crate) remembered: RefCell<Remembered>,
    pub(crate) poll: Arc<AtomicU32>,
    pub(crate) nursery: Nursery,
    pub(crate) old: OldSpace,
    pub(crate) large: RefCell<LargeSpace>,
    pub(crate) registry: RefCell<Registry>,
    /// Bytes of old objects in blocks: live ones after the last major collection, and what was promoted since.
    pub(crate) old_bytes: usize,
    pub(crate) outside: Cell<usize>,
    /// Bytes of large objects and memory outside that came into being since the last collection.
    pub(crate) pressure: Cell<usize>,
    pub(crate) trigger: Cell<usize>,
    /// An allocation was refused: the next collection is a major one.
    pub(crate) refused: Cell<bool>,
    pub(crate) next_identity: Cell<u32>,
    pub(crate) limit: Cell<Option<usize>>,
    pub(crate) stress: Cell<Option<u32>>,
    pub(crate) stress_polls: Cell<u32>,
    pub(crate) log: Cell<bool>,
    pub(crate) automatic_major: Cell<bool>,
    pub(crate) growth: f64,
    pub(crate) floor: usize,
    /// Kept for its memory.
    pub(crate) stack: Vec<usize>,
    /// The major collection that marks in slices, if one does.
    pub(crate) cycle: Option<Cycle>,
    pub(crate) slice_floor: usize,
    pub(crate) slice_bytes: usize,
    pub(crate) stats: Stats,
    pub(crate) model: M,
}

impl<M: Model> Heap<M> {
    /// A heap without objects. `poll` gets [`POLL_GC`] set when a collection is wanted.
    pub fn new(model: M, config: Config, poll: Arc<AtomicU32>) -> Self {
        let reserve = config.reserve.unwrap_or_else(default_reserve);
        let (old, young) = blocks::reserve(reserve);
        let target = match config.limit {
            Some(limit) => config.nursery_bytes.min(limit / 4),
            None => config.nursery_bytes,
        };
        let nursery = Nursery::new(young, target);
        let heap = Heap {
            top: Cell::new(nursery.base()),
            end: Cell::new(nursery.target_end()),
            remembered: RefCell::default(),
            poll,
            nursery,
            old,
            large: RefCell::default(),
            registry: RefCell::default(),
            old_bytes: 0,
            outside: Cell::new(0),
            pressure: Cell::new(0),
            trigger: Cell::new(0),
            refused: Cell::new(false),
            next_identity: Cell::new(1),
            limit: Cell::new(config.limit),
            stress: Cell::new(None),
            stress_polls: Cell::new(0),
            log: Cell::new(config.log),
            automatic_major: Cell::new(true),
            growth: config.growth,
            floor: config.floor,
            stack: Vec::new(),
            cycle: None,
            slice_floor: config.slice_floor,
            slice_bytes: config.slice_bytes,
            stats: Stats::default(),
            model,
        };
        heap.set_trigger(0);
        heap.set_stress(config.stress);
        heap
    }

    /// The model.
    #[inline(always)]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The model.
    #[inline(always)]
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.model
    }

    /// Allocates an object of `bytes` bytes, header included, a multiple of 8. Never collects. The header is written;
    /// the body is uninitialised, and the caller fills it before anything can collect.
    ///
    /// A program that runs out of memory here ends: use [`Heap::try_alloc`] for sizes that come from outside.
    #[inline(always)]
    pub fn alloc(&self, kind: u8, shape: u32, bytes: usize) -> NonNull<Header> {
        debug_assert!(bytes >= 8 && bytes.is_multiple_of(8));
        let top = self.top.get();
        if bytes <= LARGE_THRESHOLD && bytes <= self.end.get() - top {
            self.top.set(top + bytes);
            // SAFETY: the nursery is usable up to `end` and free from `top` on; `top` is not zero.
            return unsafe { new_object(top, kind, shape) };
        }
        self.alloc_slow(kind, shape, bytes)
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&self, kind: u8, shape: u32, bytes: usize) -> NonNull<Header> {
        match self.alloc_new(kind, shape, bytes) {
            Some(obj) => obj,
            None => memory::out_of_memory(bytes),
        }
    }

    fn alloc_new(&self, kind: u8, shape: u32, bytes: usize) -> Option<NonNull<Header>> {
        if bytes > LARGE_THRESHOLD {
            let address = self.large.borrow_mut().alloc(bytes)?;
            // SAFETY: fresh memory of that size.
            let obj = unsafe { new_object(address, kind, shape) };
            // SAFETY: the object was just made.
            unsafe { obj.as_ref().set_flag(Header::LARGE) };
            self.add_pressure(bytes);
            return Some(obj);
        }
        self.poll_gc();
        self.end.set(self.nursery.extend(self.end.get())?);
        let top = self.top.get();
        self.top.set(top + bytes);
        // SAFETY: the nursery has grown by more than the longest object that gets here.
        Some(unsafe { new_object(top, kind, shape) })
    }

    /// As [`Heap::alloc`], for sizes that come from the program.
    ///
    /// # Errors
    ///
    /// [`HeapFull`] when the limit would be passed or the system has no memory. A collection may make room: one is
    /// asked for at the next safepoint.
    pub fn try_alloc(
        &self,
        kind: u8,
        shape: u32,
        bytes: usize,
    ) -> Result<NonNull<Header>, HeapFull> {
        let fits = match self.limit.get() {
            Some(limit) => self.used().checked_add(bytes).is_some_and(|used| used <= limit),
            None => bytes <= isize::MAX as usize,
        };
        if !fits {
            self.refused.set(true);
            self.poll_gc();
            return Err(HeapFull);
        }
        if bytes <= LARGE_THRESHOLD {
            return Ok(self.alloc(kind, shape, bytes));
        }
        self.alloc_new(kind, shape, bytes).ok_or(HeapFull)
    }

    /// Before or after a pointer is stored into `obj`, and before anything can collect: makes sure that the collector
    /// looks at the object again. It does not matter what the pointer points to: where the store leads from an old
    /// object to another, a major collection that marks in slices has to know.
    #[inline(always)]
    pub fn barrier(&self, obj: NonNull<Header>) {
        // SAFETY: `obj` is an object of this heap.
        if unsafe { obj.as_ref().is_unlogged() } {
            self.remember(obj);
        }
    }

    /// As [`Heap::barrier`], for a store into the word at `slot` of `obj`. Where `obj` is a large array the next
    /// collection then visits only the neighbourhood of the slot.
    #[inline(always)]
    pub fn barrier_at(&self, obj: NonNull<Header>, slot: *const Word) {
        // SAFETY: `obj` is an object of this heap.
        if unsafe { obj.as_ref().is_unlogged() } {
            self.remember_at(obj, slot);
        }
    }

    #[cold]
    #[inline(never)]
    fn remember(&self, obj: NonNull<Header>) {
        // SAFETY: `obj` is an object of this heap.
        self.remembered.borrow_mut().add(unsafe { obj.as_ref() });
    }

    #[cold]
    #[inline(never)]
    fn remember_at(&self, obj: NonNull<Header>, slot: *const Word) {
        // SAFETY: `obj` is an object of this heap.
        self.remembered.borrow_mut().add_at(unsafe { obj.as_ref() }, slot.addr());
    }

    fn add_pressure(&self, bytes: usize) {
        self.pressure.set(self.pressure.get().saturating_add(bytes));
        // A collection that marks in slices takes its next one when the nursery is full.
        let due = if self.cycle.is_some() { self.starved() } else { self.major_due() };
        if due || self.pressure.get() > self.pressure_limit() {
            self.poll_gc();
        }
    }

    #[inline]
    pub(crate) fn poll_gc(&self) {
        self.poll.fetch_or(POLL_GC, Ordering::Relaxed);
    }

    /// Bytes in use: young and old objects, garbage not yet collected, memory outside.
    pub fn used(&self) -> usize {
        (self.top.get() - self.nursery.base())
            + self.old_bytes
            + self.large.borrow().bytes
            + self.outside.get()
    }

    /// Whether [`POLL_GC`] is set.
    pub fn wants_collection(&self) -> bool {
        self.poll.load(Ordering::Relaxed) & POLL_GC != 0
    }

    /// After a collection: whether the heap is still over its limit.
    pub fn over_limit(&self) -> bool {
        self.limit.get().is_some_and(|limit| self.used() > limit)
    }

    /// A number that no other object of this heap has, kept in the header from the first time on. (After four
    /// thousand million objects have asked, numbers are given out again.)
    pub fn identity(&self, obj: NonNull<Header>) -> u32 {
        // SAFETY: `obj` is an object of this heap.
        let header = unsafe { obj.as_ref() };
        if header.identity_raw() == 0 {
            let identity = self.next_identity.get();
            self.next_identity.set(identity.wrapping_add(1).max(1));
            header.set_identity(identity);
        }
        header.identity_raw()
    }

    /// How many collections there have been: what was noted by address is worthless once the number has changed.
    pub fn collections(&self) -> u64 {
        self.stats.collections()
    }

    /// From now on the object's weak slot is cleared when its target dies. The slot is set before; where it changes
    /// later, register the object again.
    pub fn register_weak(&self, obj: NonNull<Header>) {
        self.registry.borrow_mut().weak.add(obj.as_ptr().expose_provenance());
    }

    /// Calls `f` with every weak object registered, those included that are no longer referred to but not yet
    /// collected.
    pub fn for_each_weak(&self, f: &mut dyn FnMut(NonNull<Header>)) {
        let registry = self.registry.borrow();
        for address in registry.weak.addresses() {
            if let Some(obj) = NonNull::new(std::ptr::with_exposed_provenance_mut(address)) {
                f(obj);
            }
        }
    }

    /// From now on the object's pairs are ephemerons. Stores into it need the barrier, as any do.
    pub fn register_ephemeron(&self, obj: NonNull<Header>) {
        self.registry.borrow_mut().ephemerons.add(obj.as_ptr().expose_provenance());
    }

    /// The object is queued, once, when it dies, and lives until it dies again.
    pub fn register_finalizer(&self, obj: NonNull<Header>) {
        self.registry.borrow_mut().finalizers.add(obj.as_ptr().expose_provenance());
    }

    /// Queues every object that has a finalizer as if it had died: for the end of a program.
    pub fn queue_all_finalizers(&mut self) {
        self.registry.borrow_mut().queue_all_finalizers();
    }

    /// Whether any object alive (or not yet known to be dead) has a finalizer.
    pub fn has_finalizers(&self) -> bool {
        !self.registry.borrow().finalizers.is_empty()
    }

    /// [`Model::drop_outside`] is called for the object when it dies, or with the heap.
    pub fn register_outside(&self, obj: NonNull<Header>) {
        self.registry.borrow_mut().outside.add(obj.as_ptr().expose_provenance());
    }

    /// A weak object whose target died, youngest first.
    pub fn pop_cleared_weak(&mut self) -> Option<NonNull<Header>> {
        NonNull::new(object(self.registry.get_mut().cleared.pop_back()?))
    }

    /// A dead object whose finalizer is to run, oldest first.
    pub fn pop_finalizable(&mut self) -> Option<NonNull<Header>> {
        NonNull::new(object(self.registry.get_mut().finalizable.pop_front()?))
    }

    /// Whether either queue holds something.
    pub fn has_pending(&self) -> bool {
        let registry = self.registry.borrow();
        !registry.cleared.is_empty() || !registry.finalizable.is_empty()
    }

    /// Memory outside the heap that objects own came (or went).
    pub fn account_outside(&self, delta: isize) {
        self.outside.set(self.outside.get().saturating_add_signed(delta));
        if delta > 0 {
            self.add_pressure(delta as usize);
        }
    }

    /// Sets the limit.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.set(limit);
        self.set_trigger(0);
        if self.major_due() {
            self.poll_gc();
        }
    }

    /// The limit.
    pub fn limit(&self) -> Option<usize> {
        self.limit.get()
    }

    /// Turns stress mode on (every how many safepoints) or off.
    pub fn set_stress(&self, stress: Option<u32>) {
        self.stress.set(stress);
        self.stress_polls.set(0);
        if stress.is_some() {
            self.poll_gc();
        }
    }

    /// Every how many safepoints everything moves.
    pub fn stress(&self) -> Option<u32> {
        self.stress.get()
    }

    /// Turns the log on or off.
    pub fn set_log(&self, log: bool) {
        self.log.set(log);
    }

    /// Whether major collections start by themselves. Minor ones always do, and so does a major one that the limit
    /// calls for.
    pub fn set_automatic_major(&self, on: bool) {
        self.automatic_major.set(on);
    }

    /// Whether major collections start by themselves.
    pub fn automatic_major(&self) -> bool {
        self.automatic_major.get()
    }

    /// Figures since the heap was made.
    pub fn stats(&self) -> Stats {
        let large = self.large.borrow();
        let young = self.top.get() - self.nursery.base();
        Stats {
            allocated: self.stats.allocated + young + large.young_bytes,
            used: self.used(),
            outside: self.outside.get(),
            large: large.bytes,
            blocks: self.old.blocks_in_use() * blocks::BLOCK,
            peak: self.stats.peak.max(self.used()),
            trigger: self.trigger.get(),
            ..self.stats.clone()
        }
    }

    /// Calls `f` with everything that the object strongly refers to, slot by slot.
    pub fn for_each_reference(&self, obj: NonNull<Header>, f: &mut dyn FnMut(NonNull<Header>)) {
        let mut visit = |slot: *mut Word| {
            // SAFETY: tracers are given slots that hold pointers.
            f(unsafe { NonNull::new_unchecked(object(*slot)) });
        };
        let mut visit: &mut dyn FnMut(*mut Word) = &mut visit;
        // SAFETY: `obj` is an object of this heap, and there is no collection under way.
        unsafe { self.model.trace(obj.as_ptr(), &mut Tracer::visitor(&mut visit)) }
    }

    /// Calls `f` with every object, in no particular order. After a collection, when the nursery is empty: young
    /// objects outside the large object space are left out. Objects that died since the last major collection are
    /// among them.
    pub fn for_each_object(&self, f: &mut dyn FnMut(NonNull<Header>)) {
        let mut f = |obj: *mut Header| f(NonNull::new(obj).expect("objects have addresses"));
        self.old.for_each(&mut f);
        self.large.borrow().for_each(&mut f);
    }

    /// Where the young objects are, large ones aside.
    pub(crate) fn young_range(&self) -> (usize, usize) {
        (self.nursery.base(), self.top.get())
    }

    /// Whether the address is that of an object not yet promoted.
    pub(crate) fn is_young(&self, address: usize) -> bool {
        if self.nursery.region().contains(&address) {
            return (self.nursery.base()..self.top.get()).contains(&address);
        }
        // SAFETY: large objects are allocated as long as they are listed.
        self.large.borrow().is_listed(address) && unsafe { !(*object(address as u64)).is_old() }
    }
}

impl<M: Model> Drop for Heap<M> {
    fn drop(&mut self) {
        self.registry.get_mut().drop_all(&self.model);
    }
}

/// # Safety
///
/// `address` is that of fresh memory with room for the object, not zero, a multiple of 8.
#[inline(always)]
unsafe fn new_object(address: usize, kind: u8, shape: u32) -> NonNull<Header> {
    let obj = object(address as u64);
    // SAFETY: as the caller vouches.
    unsafe {
        obj.write(Header::new(kind, shape));
        NonNull::new_unchecked(obj)
    }
}

/// Addresses for four times the memory of the machine; addresses cost nothing.
fn default_reserve() -> usize {
    if cfg!(miri) {
        return 8 << 20;
    }
    // SAFETY: no preconditions.
    let pages = unsafe { libc::sysconf(libc::_SC_PHYS_PAGES) };
    let memory = (pages.max(0) as usize).saturating_mul(memory::page());
    memory.saturating_mul(4).clamp(16 << 30, 4 << 40)
}
