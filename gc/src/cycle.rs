//! When to collect, and the steps of a collection.

use crate::Word;
use crate::blocks::{BLOCK, Evacuate};
use crate::census::Census;
use crate::heap::{Collect, Heap, POLL_GC};
use crate::major::Major;
use crate::minor::Minor;
use crate::model::Model;
use crate::phase::Phase;
use crate::trace::{Roots, object};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Free blocks whose memory goes back to the system at one collection.
const TRIM: usize = 64;

/// Bytes of objects that a slice visits for each byte promoted: more than one, or the marker would never catch up.
const SLICE_PER_PROMOTED: usize = 3;

/// A major collection that marks in slices, between two of them.
#[derive(Default)]
pub(crate) struct Cycle {
    /// Marked, not yet visited.
    grey: Vec<usize>,
    /// Long arrays marked, and from which address on they have not been visited.
    long: Vec<(usize, usize)>,
    /// Bytes of objects in blocks visited so far.
    live: usize,
    /// Bytes of objects promoted since it began, which count as live, though many will have died.
    promoted: usize,
}

/// What a collection did to the old space.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Nothing,
    Slice,
    Major,
}

impl<M: Model> Heap<M> {
    /// Collects. Every pointer held anywhere but in the heap, the roots and the queues is stale afterwards.
    pub fn collect(&mut self, kind: Collect, roots: &mut dyn Roots) {
        self.collect_with(kind, roots, None);
    }

    /// `census` is for collections that are to be major ones.
    pub(crate) fn collect_with(
        &mut self,
        kind: Collect,
        roots: &mut dyn Roots,
        census: Option<&mut Census<'_, M>>,
    ) {
        let mut kind = kind;
        if kind == Collect::Auto
            && let Some(every) = self.stress.get()
        {
            let polls = self.stress_polls.get() + 1;
            self.stress_polls.set(polls % every.max(1));
            if polls >= every {
                kind = Collect::Stress;
            } else if !self.due() {
                return;
            }
        }
        let start = Instant::now();
        let before = self.used();
        self.stats.peak = self.stats.peak.max(before);
        let promoted = self.minor(roots, kind == Collect::Stress);
        let done = match kind {
            Collect::Minor => Done::Nothing,
            Collect::Auto => self.advance(roots, promoted),
            Collect::Major => self.major(roots, Evacuate::Sparse, census),
            Collect::Stress => {
                self.stats.stress += 1;
                self.major(roots, Evacuate::All, None)
            }
        };
        // A program that asks for a full collection can wait; otherwise memory goes back bit by bit.
        let most = if kind == Collect::Major { usize::MAX } else { TRIM };
        self.old.trim(self.trigger.get().saturating_sub(self.used()), most);
        let pause = start.elapsed();
        match done {
            Done::Major => self.stats.major.record(pause),
            Done::Slice | Done::Nothing => self.stats.minor.record(pause),
        }
        self.pressure.set(0);
        if self.stress.get().is_none() {
            self.poll.fetch_and(!POLL_GC, Ordering::Relaxed);
        } else {
            self.poll_gc();
        }
        if self.log.get() {
            self.log_collection(kind, done, pause, before, promoted);
        }
    }

    /// Collects the nursery. Returns how many bytes were promoted.
    fn minor(&mut self, roots: &mut dyn Roots, stress: bool) -> usize {
        let young = self.top.get() - self.nursery.base();
        self.stats.allocated += young + self.large.get_mut().young_bytes;
        let mut cycle = self.cycle.take();
        let mut none = Vec::new();
        let mut minor = Minor {
            model: &self.model,
            old: &mut self.old,
            stack: std::mem::take(&mut self.stack),
            grey: cycle.as_mut().map_or(&mut none, |cycle| &mut cycle.grey),
            copied: 0,
            objects: 0,
        };
        let registry = self.registry.get_mut();
        let remembered = self.remembered.get_mut();
        minor.with_tracer(|t| roots.trace(t));
        registry.reach_pending(&mut minor);
        // SAFETY: whether a remembered object is alive nobody knows, but it has not been freed since it was logged.
        minor.with_tracer(|t| unsafe { remembered.trace(&self.model, t, |_| true) });
        minor.drain();
        registry.process(&self.model, &mut minor, true);
        let promoted = minor.copied;
        self.stack = minor.stack;
        if let Some(cycle) = cycle {
            let before = cycle.promoted;
            let mut major = resume(&self.model, &mut self.old, cycle);
            // SAFETY: as above.
            unsafe { major.revisit(remembered) }
            self.cycle = Some(Cycle { promoted: before + promoted, ..pause(major) });
        }
        // SAFETY: as above.
        unsafe { remembered.clear() }
        self.stats.promoted += promoted;
        self.stats.copied += promoted;
        self.old_bytes += promoted;
        self.large.get_mut().sweep_young();
        if stress {
            self.nursery.wander(self.top.get());
        } else {
            self.nursery.reset(self.end.get());
        }
        self.top.set(self.nursery.base());
        self.end.set(self.nursery.target_end());
        promoted
    }

    /// After a minor collection: begins a major one when it is due, or takes it a slice further.
    fn advance(&mut self, roots: &mut dyn Roots, promoted: usize) -> Done {
        let Some(cycle) = self.cycle.take() else {
            if !self.major_due() {
                return Done::Nothing;
            }
            if self.must_finish() || self.used() <= self.slice_floor || self.fragmented() {
                return self.major(roots, Evacuate::Sparse, None);
            }
            return self.begin_slices(roots);
        };
        if self.must_finish() {
            return self.finish(roots, cycle, None);
        }
        let since = cycle.promoted;
        let mut major = resume(&self.model, &mut self.old, cycle);
        major.drain_some(self.slice_bytes + SLICE_PER_PROMOTED * promoted);
        let cycle = Cycle { promoted: since, ..pause(major) };
        if cycle.grey.is_empty() && cycle.long.is_empty() {
            return self.finish(roots, cycle, None);
        }
        self.stats.slices += 1;
        self.cycle = Some(cycle);
        Done::Slice
    }

    fn begin_slices(&mut self, roots: &mut dyn Roots) -> Done {
        self.old.wander = false;
        self.large.get_mut().clear_marks();
        self.old.begin_mark(Evacuate::None);
        let mut major = resume(&self.model, &mut self.old, Cycle::default());
        major.with_tracer(|t| roots.trace(t));
        major.drain_some(self.slice_bytes);
        self.cycle = Some(pause(major));
        self.stats.slices += 1;
        Done::Slice
    }

    /// A major collection in one go. One that was marking in slices is abandoned.
    fn major(
        &mut self,
        roots: &mut dyn Roots,
        evacuate: Evacuate,
        census: Option<&mut Census<'_, M>>,
    ) -> Done {
        let stress = evacuate == Evacuate::All;
        self.cycle = None;
        self.old.wander = stress;
        self.large.get_mut().poison = stress;
        self.large.get_mut().clear_marks();
        self.old.begin_mark(evacuate);
        let grey = std::mem::take(&mut self.stack);
        self.finish(roots, Cycle { grey, ..Cycle::default() }, census)
    }

    /// The last, or only, pause of a major collection.
    fn finish(
        &mut self,
        roots: &mut dyn Roots,
        cycle: Cycle,
        census: Option<&mut Census<'_, M>>,
    ) -> Done {
        let promoted = cycle.promoted;
        let mut major = resume(&self.model, &mut self.old, cycle);
        let registry = self.registry.get_mut();
        major.with_tracer(|t| roots.trace(t));
        registry.reach_pending(&mut major);
        major.drain();
        if let Some(census) = census {
            census.take(&mut major, self.large.get_mut());
        }
        registry.process(&self.model, &mut major, false);
        // SAFETY: `resolve` takes what the contract of `marked` says.
        unsafe {
            self.model.marked(&|word| major.resolve(object(word)).map(|obj| obj.addr() as Word));
        }
        self.stats.moved += major.copied;
        self.stats.copied += major.copied;
        let cycle = pause(major);
        self.old_bytes = cycle.live;
        self.stack = cycle.grey;
        self.old.sweep();
        self.large.get_mut().sweep_old();
        self.stats.live = self.used();
        self.refused.set(false);
        self.set_trigger(promoted);
        Done::Major
    }

    /// Whether a collection would be worth its while, polls of stress mode aside.
    fn due(&self) -> bool {
        self.top.get() >= self.nursery.target_end()
            || self.pressure.get() > self.pressure_limit()
            || self.major_due()
    }

    pub(crate) fn major_due(&self) -> bool {
        (self.automatic_major.get() && self.used() > self.trigger.get()) || self.starved()
    }

    /// Whether the limit calls for a major collection.
    pub(crate) fn starved(&self) -> bool {
        self.refused.get() || self.limit.get().is_some_and(|limit| self.used() > limit)
    }

    /// Whether a major collection cannot take its time.
    fn must_finish(&self) -> bool {
        self.starved() || self.used() / 2 > self.trigger.get()
    }

    /// Whether the blocks have so many holes that a major collection should move objects.
    fn fragmented(&self) -> bool {
        self.old.blocks_in_use() * BLOCK / 3 > self.old_bytes + self.slice_floor
    }

    /// Bytes of large objects and memory outside after which a collection is asked for.
    pub(crate) fn pressure_limit(&self) -> usize {
        (4 * self.nursery.target()).max(self.stats.live / 4)
    }

    /// Sets when the next major collection is due; `doubtful` are bytes that count as used but are likely garbage.
    pub(crate) fn set_trigger(&self, doubtful: usize) {
        let live = self.used();
        let grown = (live.saturating_sub(doubtful) as f64 * self.growth) as usize;
        let mut trigger = grown.max(live.saturating_add(self.floor));
        if let Some(limit) = self.limit.get() {
            // Collect before the limit is reached, but not ever more often as the live bytes get near to it.
            trigger = trigger.min(live + limit.saturating_sub(live) / 2);
        }
        self.trigger.set(trigger);
    }

    #[cold]
    fn log_collection(
        &self,
        kind: Collect,
        done: Done,
        pause: Duration,
        before: usize,
        promoted: usize,
    ) {
        let mib = |bytes: usize| bytes as f64 / (1 << 20) as f64;
        let what = match done {
            Done::Nothing => "minor",
            Done::Slice => "minor with a slice",
            Done::Major if kind == Collect::Stress => "stress",
            Done::Major => "major",
        };
        eprintln!(
            "[gc] {} {what}: {:.3} ms, {:.2} -> {:.2} MiB, promoted {:.2} MiB, blocks {:.2} MiB, next major at {:.1} MiB",
            self.stats.collections(),
            pause.as_secs_f64() * 1e3,
            mib(before),
            mib(self.used()),
            mib(promoted),
            mib(self.old.blocks_in_use() * BLOCK),
            mib(self.trigger.get()),
        );
    }
}

fn resume<'h, M: Model>(
    model: &'h M,
    old: &'h mut crate::blocks::OldSpace,
    cycle: Cycle,
) -> Major<'h, M> {
    let Cycle { grey: stack, long, live, .. } = cycle;
    Major { model, old, stack, long, copied: 0, live, objects: 0 }
}

fn pause<M: Model>(major: Major<'_, M>) -> Cycle {
    Cycle { grey: major.stack, long: major.long, live: major.live, promoted: 0 }
}
