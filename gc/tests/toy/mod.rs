//! A toy object model: nodes of any length, leaves, weak references, ephemeron tables.
//!
//! Every object is header, info word (length in words of the body, flags), id, body. The id is the object's name in
//! a test's own account of the heap. `World` roots by index, so tests hold no raw pointer across a collection.
#![allow(dead_code)] // each test uses its part

use sidewinder_gc::{Collect, Config, Header, Heap, Model, Tracer, Word, is_pointer};
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

pub const NODE: u8 = 1;
pub const LEAF: u8 = 2;
pub const WEAK: u8 = 3;
pub const TABLE: u8 = 4;

pub const DEAD: Word = 0xdead << 3 | 7;
const CALLBACK: u64 = 1 << 32;
const SETTLED: u64 = 1 << 33;
const HEAD: usize = 3;

/// An immediate word.
pub const fn int(n: u64) -> Word {
    n << 1 | 1
}

#[derive(Default)]
pub struct Toy {
    /// Ids of objects whose `drop_outside` was called.
    pub dropped: RefCell<Vec<u64>>,
    /// A table that keeps nothing alive; what died is `DEAD`.
    pub table: RefCell<Vec<Word>>,
}

/// A view of an object, valid until the next collection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Obj(pub NonNull<Header>);

impl Obj {
    pub fn of(word: Word) -> Obj {
        assert!(is_pointer(word), "{word:#x} is no pointer");
        Obj(NonNull::new(std::ptr::with_exposed_provenance_mut(word as usize)).unwrap())
    }

    pub fn word(self) -> Word {
        self.0.as_ptr().expose_provenance() as Word
    }

    pub fn header(&self) -> &Header {
        // SAFETY: tests keep views of live objects only.
        unsafe { self.0.as_ref() }
    }

    fn at(self, i: usize) -> *mut Word {
        self.0.as_ptr().cast::<Word>().wrapping_add(i)
    }

    fn info(self) -> u64 {
        // SAFETY: as above; every object has an info word.
        unsafe { *self.at(1) }
    }

    /// From now on its finalizer need not run.
    pub fn settle(self) {
        // SAFETY: as above.
        unsafe { *self.at(1) |= SETTLED }
    }

    pub fn len(self) -> usize {
        self.info() as u32 as usize
    }

    pub fn id(self) -> u64 {
        // SAFETY: as above; every object has an id.
        unsafe { *self.at(2) }
    }

    pub fn slot(self, i: usize) -> *mut Word {
        assert!(i < self.len());
        self.at(HEAD + i)
    }

    pub fn get(self, i: usize) -> Word {
        // SAFETY: as above.
        unsafe { *self.slot(i) }
    }
}

// SAFETY: nodes have slots only, leaves none; the slot of a weak object and the pairs of a table are visited by the
// methods for them.
unsafe impl Model for Toy {
    const WEAK_DEAD: Word = DEAD;
    const LEAF_KINDS: u64 = 1 << LEAF;

    unsafe fn size(&self, obj: *const Header) -> usize {
        (HEAD + Obj(NonNull::new(obj.cast_mut()).unwrap()).len()) * 8
    }

    unsafe fn trace(&self, obj: *mut Header, t: &mut Tracer<'_>) {
        let obj = Obj(NonNull::new(obj).unwrap());
        match obj.header().kind() {
            NODE => t.words(obj.at(HEAD), obj.len()),
            LEAF | WEAK | TABLE => {}
            kind => panic!("kind {kind}"),
        }
    }

    unsafe fn trace_range(&self, obj: *mut Header, from: usize, to: usize, t: &mut Tracer<'_>) {
        let obj = Obj(NonNull::new(obj).unwrap());
        for i in 0..obj.len() {
            let slot = obj.slot(i);
            if (from..to).contains(&slot.addr()) {
                t.word(slot);
            }
        }
    }

    unsafe fn weak_slot(&self, obj: *mut Header) -> *mut Word {
        let obj = Obj(NonNull::new(obj).unwrap());
        assert_eq!(obj.header().kind(), WEAK);
        obj.slot(0)
    }

    unsafe fn wants_callback(&self, obj: *mut Header) -> bool {
        Obj(NonNull::new(obj).unwrap()).info() & CALLBACK != 0
    }

    unsafe fn wants_finalizer(&self, obj: *mut Header) -> bool {
        Obj(NonNull::new(obj).unwrap()).info() & SETTLED == 0
    }

    unsafe fn ephemerons(&self, obj: *mut Header, visit: &mut dyn FnMut(*mut Word, *mut Word)) {
        let obj = Obj(NonNull::new(obj).unwrap());
        assert_eq!(obj.header().kind(), TABLE);
        for i in (0..obj.len()).step_by(2) {
            visit(obj.slot(i), obj.slot(i + 1));
        }
    }

    unsafe fn marked(&self, resolve: &dyn Fn(Word) -> Option<Word>) {
        for word in self.table.borrow_mut().iter_mut().filter(|word| is_pointer(**word)) {
            *word = resolve(*word).unwrap_or(DEAD);
        }
    }

    unsafe fn drop_outside(&self, obj: *mut Header) {
        self.dropped.borrow_mut().push(Obj(NonNull::new(obj).unwrap()).id());
    }
}

pub struct World {
    pub heap: Heap<Toy>,
    pub roots: Vec<Word>,
}

impl World {
    pub fn new(config: Config) -> World {
        let config = Config { reserve: Some(config.reserve.unwrap_or(1 << 30)), ..config };
        World {
            heap: Heap::new(Toy::default(), config, Arc::new(AtomicU32::new(0))),
            roots: Vec::new(),
        }
    }

    /// A small nursery, so that something happens.
    pub fn small() -> World {
        World::new(Config { nursery_bytes: 64 << 10, floor: 1 << 20, ..Config::default() })
    }

    fn object(&self, kind: u8, id: u64, body: &[Word], flags: u64) -> Obj {
        let obj = Obj(self.heap.alloc(kind, 0, (HEAD + body.len()) * 8));
        // SAFETY: fresh memory of that size.
        unsafe {
            *obj.at(1) = body.len() as u64 | flags;
            *obj.at(2) = id;
            for (i, word) in body.iter().enumerate() {
                *obj.at(HEAD + i) = *word;
            }
        }
        obj
    }

    pub fn node(&self, id: u64, body: &[Word]) -> Obj {
        self.object(NODE, id, body, 0)
    }

    pub fn leaf(&self, id: u64, words: usize) -> Obj {
        // Words that look like pointers: the collector must not take them for such.
        self.object(LEAF, id, &vec![0x10; words], 0)
    }

    pub fn weak(&self, id: u64, target: Word, callback: bool) -> Obj {
        let weak = self.object(WEAK, id, &[target], if callback { CALLBACK } else { 0 });
        self.heap.register_weak(weak.0);
        weak
    }

    pub fn table(&self, id: u64, pairs: &[Word]) -> Obj {
        let table = self.object(TABLE, id, pairs, 0);
        self.heap.register_ephemeron(table.0);
        table
    }

    pub fn set(&self, obj: Obj, i: usize, word: Word) {
        // SAFETY: a slot of a live object; the barrier follows.
        unsafe { *obj.slot(i) = word }
        self.heap.barrier_at(obj.0, obj.slot(i));
    }

    /// Roots an object and says where.
    pub fn root(&mut self, obj: Obj) -> usize {
        self.roots.push(obj.word());
        self.roots.len() - 1
    }

    pub fn get(&self, root: usize) -> Obj {
        Obj::of(self.roots[root])
    }

    pub fn collect(&mut self, kind: Collect) {
        let roots = &mut self.roots;
        self.heap.collect(kind, &mut |t: &mut Tracer<'_>| t.words(roots.as_mut_ptr(), roots.len()));
        self.verify();
    }

    /// Collects without checking the heap afterwards.
    pub fn collect_quickly(&mut self, kind: Collect) {
        let roots = &mut self.roots;
        self.heap.collect(kind, &mut |t: &mut Tracer<'_>| t.words(roots.as_mut_ptr(), roots.len()));
    }

    pub fn verify(&mut self) -> usize {
        let roots = &mut self.roots;
        self.heap
            .verify(&mut |t: &mut Tracer<'_>| t.words(roots.as_mut_ptr(), roots.len()))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn dropped(&self) -> Vec<u64> {
        let mut dropped = self.heap.model().dropped.borrow().clone();
        dropped.sort_unstable();
        dropped
    }
}

/// Numbers that look random and are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}
