//! A generational, moving garbage collector for language runtimes. It knows no language.
//!
//! Objects are allocated by bumping a pointer in a nursery. A minor collection copies the survivors to an old space
//! of blocks and lines (Immix); a major collection marks that space, on big heaps in slices, and moves the objects of
//! sparse blocks. Large objects have memory of their own. The embedder describes its objects through [`Model`], names its roots through
//! [`Roots`], and calls [`Heap::collect`] at safepoints of its choice.
//!
//! # Why this is sound
//!
//! 1. *Mutation xor collection.* [`Heap::alloc`] and everything else that a running program needs takes `&Heap` and
//!    never collects, however full the nursery is. [`Heap::collect`] takes `&mut Heap`. An embedder that ties the
//!    lifetime of its raw pointers to a shared borrow of the heap has the borrow checker reject every pointer held
//!    across a collection.
//! 2. *Every pointer is known exactly.* A word is a pointer if its three low bits are zero and it is not zero. The
//!    collector learns of words through [`Model::trace`], [`Roots::trace`], weak slots, ephemerons and its own queues,
//!    and rewrites each in place. `Model` and [`Trace`] are unsafe traits: whoever implements them promises that no
//!    word is left out. The derive macro keeps that promise for structs.
//! 3. *A young object is found from the roots or from a logged object.* Stores of pointers into objects go with
//!    [`Heap::barrier`], which logs an old object at its first store after a collection. Objects that the collector
//!    promotes are visited at once. So after a minor collection no old object points to a young one. The same log
//!    tells a major collection that marks in slices what to visit again.
//! 4. *The dead are never touched.* Lists of weak references, finalizers and so on are walked while the old copies
//!    are still readable, and keep live addresses only. What dies without being in such a list is never visited.
//!
//! Stress mode (see [`Config::stress`]) puts all four to the test: at every safepoint everything moves to addresses
//! not used lately and the old ones become unreadable, so a stale pointer faults near its cause.
//!
//! # What the embedder has to keep to
//!
//! - The body of a new object is uninitialised: fill it before the next collection.
//! - Every store of a pointer into an object that may be old goes with a barrier, whatever the pointer points to.
//! - Words that are neither pointers to live objects nor immediates never lie in traced slots.
//! - [`Model::size`] never grows beyond what was allocated.
//!
//! # A collection
//!
//! ```text
//! collect(Auto)
//!   minor:  roots, queues and logged objects -> copy what is young -> weak, ephemerons, finalizers, outside (young)
//!   slice:  if a major collection is marking: logged objects again, then some of the mark stack
//!   major:  when due, or when the last slice emptied the mark stack:
//!           roots, queues -> mark, moving sparse blocks -> weak, ephemerons, finalizers, outside (old) -> sweep
//! ```
//!
//! Each module tells its own part: `nursery`, `minor`, `remembered`; `blocks`, `large`, `major`; `weak`; `census`;
//! `cycle` for what happens when.

mod blocks;
mod census;
mod cycle;
mod header;
mod heap;
mod large;
mod major;
mod memory;
mod minor;
mod model;
mod nursery;
mod phase;
mod remembered;
mod stats;
mod trace;
mod verify;
mod weak;

pub use census::Inspect;
pub use header::Header;
pub use heap::{Collect, Config, Heap, HeapFull, POLL_GC};
pub use large::LARGE_THRESHOLD;
pub use model::Model;
pub use stats::{Pauses, Stats};
pub use trace::{Roots, Slot, Trace, Tracer, Word, is_pointer};

/// Derives [`Trace`](trait@Trace) by tracing every field. `#[trace(skip)]` leaves a field out.
pub use sidewinder_gc_derive::Trace;
