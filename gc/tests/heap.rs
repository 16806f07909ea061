//! What the heap promises, one promise at a time.

mod toy;

use sidewinder_gc::{
    Collect, Config, Header, Heap, HeapFull, LARGE_THRESHOLD, POLL_GC, Tracer, is_pointer,
};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use toy::*;

const FULL: [Collect; 2] = [Collect::Major, Collect::Stress];

#[test]
fn survivors_move_once_and_then_stay() {
    let mut world = World::small();
    let child = world.node(2, &[int(7)]);
    let node = world.node(1, &[child.word(), int(5), child.word()]);
    let root = world.root(node);
    assert!(!node.header().is_old());
    world.collect(Collect::Minor);
    let moved = world.get(root);
    assert_ne!(moved, node);
    assert!(moved.header().is_old() && moved.header().is_unlogged());
    assert_eq!((moved.id(), moved.get(1)), (1, int(5)));
    assert_eq!(moved.get(0), moved.get(2));
    assert_eq!(Obj::of(moved.get(0)).get(0), int(7));
    world.collect(Collect::Minor);
    world.collect(Collect::Major);
    assert_eq!(world.get(root), moved);
}

#[test]
fn barrier_finds_young_objects_in_old_ones() {
    let mut world = World::small();
    let node = world.node(1, &[int(0), int(0)]);
    let root = world.root(node);
    world.collect(Collect::Minor);
    let old = world.get(root);
    let young = world.node(2, &[]);
    world.set(old, 0, young.word());
    assert!(!old.header().is_unlogged(), "logged once");
    let young = world.node(3, &[]);
    world.set(old, 1, young.word());
    world.collect(Collect::Minor);
    let old = world.get(root);
    assert!(old.header().is_unlogged(), "and again after a collection");
    assert_eq!(Obj::of(old.get(0)).id(), 2);
    assert_eq!(Obj::of(old.get(1)).id(), 3);
}

#[test]
fn long_arrays_are_logged_by_card() {
    let mut world = World::small();
    let len = 20_000;
    let array = world.node(1, &vec![int(0); len]);
    let root = world.root(array);
    world.collect(Collect::Minor);
    let array = world.get(root);
    for i in [0, 1, 77, 9_999, len - 1] {
        let young = world.node(100 + i as u64, &[]);
        world.set(array, i, young.word());
    }
    assert!(array.header().is_unlogged(), "the array is not logged as a whole");
    world.collect(Collect::Minor);
    for i in [0, 1, 77, 9_999, len - 1] {
        assert_eq!(Obj::of(array.get(i)).id(), 100 + i as u64);
    }
    // All over the place: more cards than are kept.
    for k in 0..len {
        let i = k * 7919 % len;
        let young = world.node(i as u64, &[]);
        world.set(array, i, young.word());
    }
    assert!(!array.header().is_unlogged());
    world.collect(Collect::Minor);
    assert!(array.header().is_unlogged());
    for i in 0..len {
        assert_eq!(Obj::of(array.get(i)).id(), i as u64);
    }
}

#[test]
fn large_objects_stay_and_die_young_or_old() {
    for kind in FULL {
        let mut world = World::small();
        let words = LARGE_THRESHOLD / 8;
        let child = world.node(2, &[]);
        let kept = world.node(1, &vec![child.word(); words]);
        assert!(kept.header().flag(Header::LARGE));
        world.node(3, &vec![int(0); words]);
        world.leaf(4, 10 * words);
        assert!(world.heap.stats().large > 12 * LARGE_THRESHOLD);
        let root = world.root(kept);
        world.collect(Collect::Minor);
        assert_eq!(world.get(root), kept);
        assert_eq!(Obj::of(kept.get(words - 1)).id(), 2);
        assert!(world.heap.stats().large < 2 * LARGE_THRESHOLD, "the young dead are gone");
        world.collect(kind);
        assert_eq!(world.get(root), kept);
        assert_eq!(Obj::of(kept.get(words - 1)).id(), 2);
        world.roots.clear();
        world.collect(Collect::Minor);
        assert_ne!(world.heap.stats().large, 0, "an old object outlives a minor collection");
        world.collect(kind);
        assert_eq!(world.heap.stats().large, 0);
    }
}

#[test]
fn identity_is_stable() {
    let mut world = World::small();
    let (a, b) = (world.node(1, &[]), world.node(2, &[]));
    let (first, second) = (world.heap.identity(a.0), world.heap.identity(b.0));
    assert_ne!(first, second);
    assert_ne!(first, 0);
    let (a, b) = (world.root(a), world.root(b));
    for kind in [Collect::Minor, Collect::Major, Collect::Stress, Collect::Stress] {
        world.collect(kind);
        assert_eq!(world.heap.identity(world.get(a).0), first);
        assert_eq!(world.heap.identity(world.get(b).0), second);
    }
    assert_eq!(world.get(a).header().kind(), NODE);
}

#[test]
fn weak_references_die_with_their_targets() {
    for kind in [Collect::Minor, Collect::Major, Collect::Stress] {
        let mut world = World::small();
        let (kept, lost) = (world.node(1, &[]), world.node(2, &[]));
        world.root(kept);
        for (i, target) in [kept, lost].into_iter().enumerate() {
            let quiet = world.weak(10 + i as u64, target.word(), false);
            let loud = world.weak(20 + i as u64, target.word(), true);
            world.root(quiet);
            world.root(loud);
        }
        // Dead itself: no callback.
        world.weak(30, lost.word(), true);
        world.collect(kind);
        let targets: Vec<_> = (1..5).map(|i| world.get(i).get(0)).collect();
        assert_eq!(targets, [world.roots[0], world.roots[0], DEAD, DEAD]);
        let called = world.heap.pop_cleared_weak().map(|obj| Obj(obj).id());
        assert_eq!(called, Some(21));
        assert_eq!(world.heap.pop_cleared_weak(), None);
        // An old one whose target dies old.
        world.roots.remove(0);
        world.collect(Collect::Major);
        assert_eq!(world.get(0).get(0), DEAD);
        assert!(world.heap.has_pending());
    }
}

#[test]
fn a_table_outside_follows_what_lives() {
    for kind in FULL {
        let mut world = World::small();
        let (kept, lost) = (world.node(1, &[]), world.node(2, &[]));
        let roots = [world.root(kept), world.root(lost)];
        world.collect(Collect::Minor);
        let table = roots.map(|root| world.get(root).word());
        world.heap.model().table.borrow_mut().extend(table);
        world.roots.pop();
        world.collect(kind);
        let table = world.heap.model().table.borrow().clone();
        assert_eq!(table, [world.roots[0], DEAD]);
    }
}

#[test]
fn an_inspected_collection_shows_the_dead_and_keeps_some() {
    let mut world = World::small();
    let kept = world.node(1, &[]);
    world.root(kept);
    let old = world.node(2, &[int(0)]);
    let root = world.root(old);
    world.collect(Collect::Minor);
    let old = world.roots[root];
    world.roots.truncate(root);
    // Garbage old, young and large, some of it in a cycle.
    let young = world.node(3, &[old, int(0)]);
    world.set(young, 1, young.word());
    world.node(4, &vec![int(0); 5000]);
    let mut shown = Vec::new();
    let mut roots = std::mem::take(&mut world.roots);
    let saved = world.heap.collect_inspected(
        &mut |t: &mut Tracer<'_>| roots.iter_mut().for_each(|word| t.word(word)),
        &mut |_, dead| {
            let dead: Vec<Obj> = dead.iter().map(|obj| Obj(NonNull::new(*obj).unwrap())).collect();
            shown = dead.iter().map(|obj| obj.id()).collect();
            dead.iter().filter(|obj| obj.id() == 3).map(|obj| obj.word()).collect()
        },
    );
    shown.sort_unstable();
    assert_eq!(shown, [2, 3, 4]);
    let saved = Obj::of(saved[0]);
    assert_eq!((saved.id(), saved.get(1)), (3, saved.word()));
    assert_eq!(Obj::of(saved.get(0)).id(), 2, "what a kept one refers to is kept");
}

#[test]
fn old_weak_object_with_a_new_target() {
    let mut world = World::small();
    let first = world.node(1, &[]);
    let weak = world.weak(2, first.word(), false);
    world.root(weak);
    world.collect(Collect::Minor);
    assert_eq!(world.get(0).get(0), DEAD);
    let second = world.node(3, &[]);
    world.root(second);
    world.set(world.get(0), 0, second.word());
    world.heap.register_weak(world.get(0).0);
    world.collect(Collect::Minor);
    assert_eq!(world.get(0).get(0), world.roots[1]);
    world.collect(Collect::Stress);
    assert_eq!(world.get(0).get(0), world.roots[1]);
}

#[test]
fn ephemeron_chains_and_cycles() {
    for kind in [Collect::Minor, Collect::Major, Collect::Stress] {
        let mut world = World::small();
        // Each key is reachable only through the value before it, and the pairs are in the worst order.
        let keys: Vec<Obj> = (0..50).map(|i| world.node(i, &[])).collect();
        let pairs: Vec<u64> =
            keys.windows(2).rev().flat_map(|w| [w[0].word(), w[1].word()]).collect();
        let table = world.table(100, &pairs);
        // Two tables whose values are each other's keys, with nothing outside.
        let (a, b) = (world.node(200, &[]), world.node(201, &[]));
        let left = world.table(300, &[a.word(), b.word()]);
        let right = world.table(301, &[b.word(), a.word()]);
        for obj in [keys[0], table, left, right] {
            world.root(obj);
        }
        world.collect(kind);
        let table = world.get(1);
        for i in (0..table.len()).step_by(2) {
            assert!(is_pointer(table.get(i)) && is_pointer(table.get(i + 1)), "{kind:?} {i}");
        }
        for cycle in [2, 3] {
            assert_eq!((world.get(cycle).get(0), world.get(cycle).get(1)), (DEAD, DEAD));
        }
        // Without the first key the whole chain goes.
        world.roots.remove(0);
        world.collect(Collect::Major);
        let table = world.get(0);
        assert!((0..table.len()).all(|i| table.get(i) == DEAD));
    }
}

#[test]
fn old_ephemeron_table_with_young_pairs() {
    let mut world = World::small();
    let table = world.table(1, &[int(0), int(0), int(0), int(0)]);
    world.root(table);
    world.collect(Collect::Minor);
    let table = world.get(0);
    let (key, lost, value) = (world.node(2, &[]), world.node(3, &[]), world.node(4, &[]));
    for (i, obj) in [key, value, lost, value].into_iter().enumerate() {
        world.set(table, i, obj.word());
    }
    world.root(key);
    world.collect(Collect::Minor);
    let table = world.get(0);
    assert_eq!(table.get(0), world.roots[1]);
    assert_eq!(Obj::of(table.get(1)).id(), 4);
    assert_eq!((table.get(2), table.get(3)), (DEAD, DEAD));
}

#[test]
fn finalizers_run_once_and_may_resurrect() {
    for kind in [Collect::Minor, Collect::Major, Collect::Stress] {
        let mut world = World::small();
        // A cycle of two finalizable objects with something hanging on it, and a weak reference to each.
        let tail = world.leaf(3, 4);
        let a = world.node(1, &[int(0), tail.word()]);
        let b = world.node(2, &[a.word()]);
        world.set(a, 0, b.word());
        for obj in [a, b] {
            world.heap.register_finalizer(obj.0);
            let weak = world.weak(10 + obj.id(), obj.word(), true);
            world.root(weak);
        }
        world.collect(kind);
        // Weak references are cleared before finalizers run.
        assert_eq!((world.get(0).get(0), world.get(1).get(0)), (DEAD, DEAD));
        assert!(world.heap.has_pending());
        // What is queued lives until it is popped.
        for kind in [Collect::Minor, Collect::Stress] {
            world.collect(kind);
        }
        let first = Obj(world.heap.pop_finalizable().unwrap());
        let second = Obj(world.heap.pop_finalizable().unwrap());
        assert_eq!((first.id(), second.id()), (1, 2));
        assert_eq!(world.heap.pop_finalizable(), None);
        assert_eq!(Obj::of(first.get(1)).id(), 3);
        assert_eq!(Obj::of(second.get(0)), first);
        // Resurrected, it lives on; dead again, it is not finalized again.
        let root = world.root(first);
        world.collect(kind);
        assert_eq!(Obj::of(Obj::of(world.get(root).get(0)).get(0)), world.get(root));
        world.roots.truncate(root);
        world.collect(Collect::Major);
        assert_eq!(world.heap.pop_finalizable(), None);
    }
}

#[test]
fn what_no_longer_wants_a_finalizer_simply_dies() {
    for kind in [Collect::Minor, Collect::Major, Collect::Stress] {
        let mut world = World::small();
        let settled = world.node(1, &[int(0)]);
        let waiting = world.node(2, &[settled.word()]);
        let alone = world.node(3, &[int(0)]);
        for obj in [settled, waiting, alone] {
            world.heap.register_finalizer(obj.0);
        }
        settled.settle();
        alone.settle();
        world.collect(kind);
        let popped = Obj(world.heap.pop_finalizable().unwrap());
        // What it refers to is still there, finalized or not.
        assert_eq!((popped.id(), Obj::of(popped.get(0)).id()), (2, 1));
        assert_eq!(world.heap.pop_finalizable(), None);
        assert!(!world.heap.has_finalizers());
    }
}

#[test]
fn weak_object_that_a_finalizer_revives() {
    for kind in [Collect::Minor, Collect::Major, Collect::Stress] {
        let mut world = World::small();
        let kept = world.node(1, &[]);
        world.root(kept);
        let lost = world.node(2, &[]);
        let (to_kept, to_lost) =
            (world.weak(3, kept.word(), true), world.weak(4, lost.word(), true));
        let dying = world.node(5, &[to_kept.word(), to_lost.word(), lost.word()]);
        world.heap.register_finalizer(dying.0);
        world.collect(kind);
        assert_eq!(world.heap.pop_cleared_weak(), None, "the weak objects were dead themselves");
        let revived = Obj(world.heap.pop_finalizable().unwrap());
        assert_eq!(Obj::of(revived.get(0)).get(0), world.roots[0]);
        assert_eq!(Obj::of(revived.get(1)).get(0), DEAD);
        assert_eq!(Obj::of(revived.get(2)).id(), 2);
    }
}

#[test]
fn outside_memory_is_let_go_of_exactly_once() {
    let mut world = World::small();
    for id in 1..=6 {
        let obj = world.node(id, &[]);
        world.heap.register_outside(obj.0);
        if id > 2 {
            world.root(obj);
        }
    }
    world.collect(Collect::Minor);
    assert_eq!(world.dropped(), [1, 2]);
    world.roots.remove(0);
    world.collect(Collect::Minor);
    assert_eq!(world.dropped(), [1, 2], "an old one waits for a major collection");
    world.collect(Collect::Major);
    assert_eq!(world.dropped(), [1, 2, 3]);
    world.roots.remove(0);
    world.collect(Collect::Stress);
    assert_eq!(world.dropped(), [1, 2, 3, 4]);
}

#[test]
fn outside_memory_is_let_go_of_with_the_heap() {
    use sidewinder_gc::{Model, Tracer, Word};
    use std::cell::Cell;
    use std::rc::Rc;
    struct Counting(Rc<Cell<u32>>);
    // SAFETY: objects are two words long and hold no pointers.
    unsafe impl Model for Counting {
        const WEAK_DEAD: Word = 7;
        unsafe fn size(&self, _: *const Header) -> usize {
            16
        }
        unsafe fn trace(&self, _: *mut Header, _: &mut Tracer<'_>) {}
        unsafe fn weak_slot(&self, _: *mut Header) -> *mut Word {
            unreachable!()
        }
        unsafe fn wants_callback(&self, _: *mut Header) -> bool {
            unreachable!()
        }
        unsafe fn ephemerons(&self, _: *mut Header, _: &mut dyn FnMut(*mut Word, *mut Word)) {}
        unsafe fn drop_outside(&self, _: *mut Header) {
            self.0.set(self.0.get() + 1);
        }
    }
    let count = Rc::new(Cell::new(0));
    let config = Config { reserve: Some(1 << 28), ..Config::default() };
    let mut heap = Heap::new(Counting(count.clone()), config, Arc::default());
    let mut root = heap.alloc(0, 0, 16).as_ptr().expose_provenance() as Word;
    heap.register_outside(Obj::of(root).0);
    heap.collect(Collect::Minor, &mut |t: &mut Tracer<'_>| t.word(&raw mut root));
    heap.register_outside(heap.alloc(0, 0, 16));
    assert_eq!(count.get(), 0);
    drop(heap);
    assert_eq!(count.get(), 2);
}

#[test]
fn a_collection_is_asked_for() {
    let poll = Arc::new(AtomicU32::new(0));
    let config = Config { nursery_bytes: 1 << 20, reserve: Some(1 << 28), ..Config::default() };
    let mut heap = Heap::new(Toy::default(), config, poll.clone());
    let mut none = |_: &mut sidewinder_gc::Tracer<'_>| {};
    let asked = || poll.load(Ordering::Relaxed) & POLL_GC != 0;
    let node = |heap: &Heap<Toy>| {
        let obj = heap.alloc(LEAF, 0, 24);
        // SAFETY: fresh memory of that size.
        unsafe { obj.as_ptr().cast::<[u64; 3]>().cast::<u64>().add(1).write(0) }
    };
    assert!(!asked());
    // The nursery is full; allocation goes on all the same.
    for _ in 0..(3 << 20) / 24 {
        node(&heap);
    }
    assert!(asked() && heap.wants_collection());
    heap.collect(Collect::Auto, &mut none);
    assert!(!asked());
    assert_eq!(heap.stats().used, 0);
    assert_eq!(heap.stats().minor.count, 1);
    // Memory outside.
    heap.account_outside(100 << 20);
    assert!(asked());
    heap.collect(Collect::Auto, &mut none);
    assert_eq!(heap.stats().major.count, 1);
    assert!(!asked());
    heap.account_outside(-(100 << 20));
    // Stress mode asks always.
    heap.set_stress(Some(3));
    assert!(asked());
    for _ in 0..7 {
        heap.collect(Collect::Auto, &mut none);
        assert!(asked());
    }
    assert_eq!(heap.stats().stress, 2);
    heap.set_stress(None);
    heap.collect(Collect::Auto, &mut none);
    assert!(!asked());
    // Without automatic major collections only the nursery is collected.
    heap.set_automatic_major(false);
    let majors = heap.stats().major.count;
    heap.account_outside(100 << 20);
    heap.collect(Collect::Auto, &mut none);
    assert_eq!(heap.stats().major.count, majors);
}

#[test]
fn the_limit_holds() {
    let mut world = World::new(Config {
        nursery_bytes: 256 << 10,
        limit: Some(4 << 20),
        reserve: Some(1 << 28),
        ..Config::default()
    });
    assert_eq!(world.heap.try_alloc(LEAF, 0, 5 << 20), Err(HeapFull));
    assert_eq!(world.heap.try_alloc(LEAF, 0, usize::MAX & !7), Err(HeapFull));
    // A list that grows until the limit is passed.
    let mut last = int(0);
    let mut nodes = 0;
    while !world.heap.over_limit() {
        nodes += 1;
        last = world.node(nodes, &[last]).word();
        if world.heap.wants_collection() {
            world.roots.push(last);
            world.collect_quickly(Collect::Auto);
            last = world.roots.pop().unwrap();
        }
        assert!(nodes < 1_000_000);
    }
    assert!(nodes as usize * 32 > 3 << 20, "{nodes}");
    // All of it is garbage now. A refused allocation has the next collection find that out.
    world.collect_quickly(Collect::Minor);
    assert_eq!(world.heap.try_alloc(LEAF, 0, 3 << 20), Err(HeapFull));
    assert!(world.heap.wants_collection());
    world.collect_quickly(Collect::Auto);
    assert!(!world.heap.over_limit());
    assert!(world.heap.try_alloc(LEAF, 0, 3 << 20).is_ok());
}

#[test]
fn garbage_does_not_count_against_the_limit_for_long() {
    let mut world =
        World::new(Config { limit: Some(8 << 20), nursery_bytes: 1 << 20, ..Config::default() });
    for i in 0..1000 {
        let bytes = 3 << 20;
        assert!(world.heap.try_alloc(LEAF, 0, 24).is_ok_and(|obj| {
            // SAFETY: fresh memory of that size.
            unsafe { obj.as_ptr().cast::<u64>().add(1).write(0) };
            true
        }));
        let obj = world.heap.try_alloc(LEAF, 0, bytes);
        assert!(obj.is_ok(), "{i}");
        // SAFETY: fresh memory of that size.
        unsafe { obj.unwrap().as_ptr().cast::<u64>().add(1).write(bytes as u64 / 8 - 3) }
        if world.heap.wants_collection() {
            world.collect_quickly(Collect::Auto);
        }
    }
}

#[test]
fn fragmented_blocks_are_evacuated() {
    let mut world = World::small();
    // Twenty blocks' worth of objects of which every tenth survives.
    for i in 0..10_000 {
        let obj = world.node(i, &[int(i); 5]);
        world.root(obj);
    }
    world.collect(Collect::Minor);
    let mut i = 0;
    world.roots.retain(|_| {
        i += 1;
        i % 40 == 0
    });
    world.collect(Collect::Major);
    let before = world.heap.stats();
    let places = world.roots.clone();
    world.collect(Collect::Major);
    let after = world.heap.stats();
    assert!(after.moved > before.moved);
    assert_ne!(world.roots, places);
    assert!(after.blocks * 4 < before.blocks, "{} {}", after.blocks, before.blocks);
    for (n, &word) in world.roots.iter().enumerate() {
        assert_eq!(Obj::of(word).id(), n as u64 * 40 + 39);
    }
}

#[test]
fn holes_are_used_again() {
    let mut world = World::small();
    let mut serial = 0;
    for round in 0..50 {
        for _ in 0..2_000 {
            let obj = world.node(serial, &[int(serial); 3]);
            world.root(obj);
            serial += 1;
        }
        world.collect_quickly(Collect::Minor);
        if round % 5 == 4 {
            // Short runs survive.
            let mut i = 0;
            world.roots.retain(|_| {
                i += 1;
                i / 8 % 4 == 0
            });
            world.collect(Collect::Major);
        }
    }
    let stats = world.heap.stats();
    // A quarter of each block is live at the end; 4.8 MB have been promoted in all.
    assert!(stats.promoted > 4_500_000);
    assert!(stats.blocks < 6 * stats.live, "{} {}", stats.blocks, stats.live);
}

#[test]
fn stress_moves_everything_but_large_objects() {
    let mut world = World::small();
    let large = world.node(0, &vec![int(0); 2000]);
    world.root(large);
    for i in 1..2_000 {
        let obj = world.node(i, &[world.roots[i as usize - 1]]);
        world.root(obj);
    }
    let mut seen = std::collections::HashSet::new();
    for round in 0..10 {
        world.collect(Collect::Stress);
        for (i, &word) in world.roots.iter().enumerate() {
            assert_eq!(Obj::of(word).id(), i as u64);
            assert!(i == 0 || seen.insert(word), "round {round}: an address was used before");
        }
        assert_eq!(world.get(0), large);
    }
}

/// A stale pointer kills the process that follows it: the test runs itself again to see that.
#[test]
#[cfg(all(unix, not(miri)))]
fn stale_pointers_fault_in_stress_mode() {
    use std::os::unix::process::ExitStatusExt;
    const CHILD: &str = "SIDEWINDER_GC_STALE";
    if let Ok(which) = std::env::var(CHILD) {
        let mut world = World::small();
        let young = world.node(1, &[]);
        world.root(young);
        world.collect(Collect::Stress);
        let old = world.get(0);
        assert_eq!(old.id(), 1);
        world.collect(Collect::Stress);
        println!("{}", if which == "young" { young.id() } else { old.id() });
        std::process::exit(0);
    }
    for which in ["young", "old"] {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stale_pointers_fault_in_stress_mode"])
            .env(CHILD, which)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(libc::SIGSEGV), "{which}: {status}");
    }
}

#[test]
fn references_are_listed() {
    let world = World::small();
    let (a, b) = (world.node(1, &[]), world.node(2, &[]));
    let node = world.node(3, &[a.word(), int(1), b.word(), a.word()]);
    let mut found = Vec::new();
    world.heap.for_each_reference(node.0, &mut |obj| found.push(Obj(obj).id()));
    assert_eq!(found, [1, 2, 1]);
}

/// A heap may go to another thread between safepoints; it is never shared.
#[test]
fn heaps_can_be_sent() {
    fn send<T: Send>() {}
    send::<Heap<Toy>>();
}

#[test]
fn two_heaps_do_not_mix() {
    let (mut one, mut two) = (World::small(), World::small());
    let (a, b) = (one.node(1, &[]), two.node(2, &[]));
    one.root(a);
    two.root(b);
    one.collect(Collect::Stress);
    drop(one);
    two.collect(Collect::Major);
    assert_eq!(two.get(0).id(), 2);
}

#[test]
fn figures_add_up() {
    let mut world = World::small();
    for i in 0..1000 {
        let obj = world.node(i, &[int(0)]);
        if i % 2 == 0 {
            world.root(obj);
        }
    }
    let stats = world.heap.stats();
    assert_eq!((stats.allocated, stats.used, stats.collections()), (32_000, 32_000, 0));
    world.collect(Collect::Minor);
    let stats = world.heap.stats();
    assert_eq!((stats.allocated, stats.promoted, stats.used), (32_000, 16_000, 16_000));
    assert_eq!((stats.minor.count, stats.major.count), (1, 0));
    world.roots.truncate(100);
    world.collect(Collect::Major);
    let stats = world.heap.stats();
    assert_eq!((stats.live, stats.used), (3_200, 3_200));
    assert_eq!((stats.minor.count, stats.major.count), (1, 1));
    assert!(stats.peak >= 32_000 && stats.pauses().max >= stats.minor.quantile(0.5));
    let mut objects = 0;
    world.heap.for_each_object(&mut |_| objects += 1);
    assert_eq!(objects, 100);
}

#[test]
fn verify_finds_a_missing_barrier() {
    let mut world = World::small();
    let obj = world.node(1, &[int(0)]);
    world.root(obj);
    world.collect(Collect::Minor);
    let young = world.node(2, &[]);
    // SAFETY: none, that is the point; the stale pointer is never followed.
    unsafe { *world.get(0).slot(0) = young.word() }
    let roots = &mut world.roots;
    let mut trace = |t: &mut sidewinder_gc::Tracer<'_>| t.words(roots.as_mut_ptr(), roots.len());
    world.heap.collect(Collect::Minor, &mut trace);
    assert!(world.heap.verify(&mut trace).is_err());
}
