//! Boehm's GCBench, four times over: on this crate, on gc-arena, on `Box` and on `Rc`.
//!
//! A stretch tree of depth 18; a long-lived tree of depth 16 and an array of 500,000 floats; then trees of depth 4 to
//! 16 in steps of 2, as many of each depth as make twice the nodes of the stretch tree, once built from the root down
//! and once from the leaves up. Nodes have two children and two ints.
//!
//! `cargo bench -p sidewinder-gc`; the pauses of this crate are printed at the end.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const STRETCH: u32 = 18;
const LONG_LIVED: u32 = 16;
const ARRAY: usize = 500_000;
const MIN: u32 = 4;
const MAX: u32 = 16;

const fn tree_size(depth: u32) -> u32 {
    (1 << (depth + 1)) - 1
}

fn iterations(depth: u32) -> u32 {
    2 * tree_size(STRETCH) / tree_size(depth)
}

/// What an implementation has to offer; the program is the same for all.
trait Trees {
    fn stretch(&mut self, depth: u32);
    fn long_lived_tree(&mut self, depth: u32);
    fn long_lived_array(&mut self, len: usize);
    fn top_down(&mut self, depth: u32);
    fn bottom_up(&mut self, depth: u32);
    /// The long-lived things are still there.
    fn check(&self) -> bool;
}

fn gcbench(trees: &mut impl Trees) {
    trees.stretch(STRETCH);
    trees.long_lived_tree(LONG_LIVED);
    trees.long_lived_array(ARRAY);
    for depth in (MIN..=MAX).step_by(2) {
        for _ in 0..iterations(depth) {
            trees.top_down(depth);
        }
        for _ in 0..iterations(depth) {
            trees.bottom_up(depth);
        }
    }
    assert!(trees.check());
}

/// On this crate. Roots are an explicit stack of slots; a safepoint stands at every function entry.
mod sidewinder {
    use sidewinder_gc::{
        Collect, Config, Header, Heap, Model, POLL_GC, Slot, Stats, Trace, Tracer, Word,
    };
    use std::cell::Cell;
    use std::ptr::NonNull;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    const NODE: u8 = 1;
    const ARRAY: u8 = 2;
    const NIL: Word = 1;

    #[derive(Trace)]
    #[repr(C)]
    struct Node {
        #[trace(skip)]
        header: Header,
        left: Slot,
        right: Slot,
        i: Cell<i32>,
        j: Cell<i32>,
    }

    pub struct Objects;

    // SAFETY: nodes are traced by the derived implementation, arrays of floats hold no pointers.
    unsafe impl Model for Objects {
        const WEAK_DEAD: Word = 1;
        const LEAF_KINDS: u64 = 1 << ARRAY;

        #[inline(always)]
        unsafe fn size(&self, obj: *const Header) -> usize {
            // SAFETY: the word after an array's header is its size.
            unsafe {
                match (*obj).kind() {
                    NODE => size_of::<Node>(),
                    _ => *obj.cast::<usize>().add(1),
                }
            }
        }

        #[inline(always)]
        unsafe fn trace(&self, obj: *mut Header, t: &mut Tracer<'_>) {
            // SAFETY: the kind says what the object is.
            unsafe {
                if (*obj).kind() == NODE {
                    (*obj.cast::<Node>()).trace(t);
                }
            }
        }

        unsafe fn weak_slot(&self, _: *mut Header) -> *mut Word {
            unreachable!("nothing is registered")
        }

        unsafe fn wants_callback(&self, _: *mut Header) -> bool {
            unreachable!("nothing is registered")
        }

        unsafe fn ephemerons(&self, _: *mut Header, _: &mut dyn FnMut(*mut Word, *mut Word)) {
            unreachable!("nothing is registered")
        }

        unsafe fn drop_outside(&self, _: *mut Header) {
            unreachable!("nothing is registered")
        }
    }

    pub struct Machine {
        heap: Heap<Objects>,
        poll: Arc<AtomicU32>,
        stack: Vec<Slot>,
    }

    impl Machine {
        /// `NURSERY` (bytes) and `GCLOG` in the environment are for experiments.
        pub fn new() -> Machine {
            Machine::with(Config::default())
        }

        /// A machine whose major collections run in one go.
        pub fn without_slices() -> Machine {
            Machine::with(Config { slice_floor: usize::MAX, ..Config::default() })
        }

        fn with(mut config: Config) -> Machine {
            if let Some(nursery) = std::env::var("NURSERY").ok().and_then(|s| s.parse().ok()) {
                config.nursery_bytes = nursery;
            }
            config.log = std::env::var_os("GCLOG").is_some();
            let poll = Arc::new(AtomicU32::new(0));
            Machine {
                heap: Heap::new(Objects, config, poll.clone()),
                poll,
                stack: Vec::with_capacity(1024),
            }
        }

        pub fn stats(&self) -> Stats {
            self.heap.stats()
        }

        #[inline(always)]
        fn safepoint(&mut self) {
            if self.poll.load(Ordering::Relaxed) & POLL_GC != 0 {
                self.collect();
            }
        }

        #[cold]
        #[inline(never)]
        fn collect(&mut self) {
            let stack = &self.stack;
            self.heap.collect(Collect::Auto, &mut |t: &mut Tracer<'_>| stack.trace(t));
        }

        #[inline(always)]
        fn push(&mut self, word: Word) -> usize {
            self.stack.push(Slot::new(word));
            self.stack.len() - 1
        }

        #[inline(always)]
        fn pop(&mut self) -> Word {
            self.stack.pop().expect("pushed before").word()
        }

        #[inline(always)]
        fn new_node(&self, left: Word, right: Word) -> Word {
            let obj = self.heap.alloc(NODE, 0, size_of::<Node>());
            let node = obj.as_ptr().cast::<Node>();
            // SAFETY: fresh memory of that size.
            unsafe {
                (&raw mut (*node).left).write(Slot::new(left));
                (&raw mut (*node).right).write(Slot::new(right));
                (&raw mut (*node).i).write(Cell::new(0));
                (&raw mut (*node).j).write(Cell::new(0));
            }
            obj.as_ptr().expose_provenance() as Word
        }

        #[inline(always)]
        fn node(&self, word: Word) -> &Node {
            // SAFETY: `word` was read from a root since the last safepoint, and only nodes are read so.
            unsafe { &*std::ptr::with_exposed_provenance(word as usize) }
        }

        /// Gives the node on the stack at `at` children down to `depth`.
        fn populate(&mut self, depth: u32, at: usize) {
            self.safepoint();
            if depth == 0 {
                return;
            }
            let (left, right) = (self.new_node(NIL, NIL), self.new_node(NIL, NIL));
            let node = self.node(self.stack[at].word());
            // SAFETY: the barrier follows.
            unsafe {
                node.left.set_word(left);
                node.right.set_word(right);
            }
            self.heap.barrier(NonNull::from(&node.header));
            let left = self.push(left);
            let right = self.push(right);
            self.populate(depth - 1, left);
            self.populate(depth - 1, right);
            self.stack.truncate(left);
        }

        fn make(&mut self, depth: u32) -> Word {
            self.safepoint();
            if depth == 0 {
                return self.new_node(NIL, NIL);
            }
            let left = self.make(depth - 1);
            self.push(left);
            let right = self.make(depth - 1);
            let left = self.pop();
            self.new_node(left, right)
        }
    }

    impl Machine {
        /// Replaces one of the long-lived trees by a new one.
        pub fn replace(&mut self, at: usize, depth: u32) {
            let tree = self.make(depth);
            // SAFETY: the slot is a root.
            unsafe { self.stack[at].set_word(tree) }
        }

        pub fn stress(&mut self) {
            let stack = &self.stack;
            self.heap.collect(Collect::Stress, &mut |t: &mut Tracer<'_>| stack.trace(t));
        }
    }

    impl super::Trees for Machine {
        fn stretch(&mut self, depth: u32) {
            self.make(depth);
        }

        fn long_lived_tree(&mut self, depth: u32) {
            let root = self.new_node(NIL, NIL);
            let at = self.push(root);
            self.populate(depth, at);
        }

        fn long_lived_array(&mut self, len: usize) {
            let bytes = 16 + 8 * len;
            let obj = self.heap.try_alloc(ARRAY, 0, bytes).expect("there is memory");
            // SAFETY: fresh memory of that size.
            unsafe {
                let words = obj.as_ptr().cast::<usize>();
                words.add(1).write(bytes);
                for i in 0..len {
                    words.add(2 + i).cast::<f64>().write(1.0 / (i + 1) as f64);
                }
            }
            self.push(obj.as_ptr().expose_provenance() as Word);
        }

        fn top_down(&mut self, depth: u32) {
            let root = self.new_node(NIL, NIL);
            let at = self.push(root);
            self.populate(depth, at);
            self.pop();
        }

        fn bottom_up(&mut self, depth: u32) {
            self.make(depth);
        }

        fn check(&self) -> bool {
            let tree = self.node(self.stack[0].word());
            let array: *const f64 =
                std::ptr::with_exposed_provenance(self.stack[1].word() as usize);
            // SAFETY: the second root is the array.
            tree.left.word() != NIL && unsafe { *array.add(2 + 1000) } == 1.0 / 1001.0
        }
    }
}

/// On gc-arena. It collects between calls of `mutate` only, so each tree is one call.
mod arena {
    use gc_arena::{Arena, Collect, Gc, Lock, Mutation, Rootable};

    type Link<'gc> = Option<Gc<'gc, Lock<Node<'gc>>>>;

    #[derive(Clone, Copy, Collect)]
    #[collect(no_drop)]
    struct Node<'gc> {
        left: Link<'gc>,
        right: Link<'gc>,
        i: i32,
        j: i32,
    }

    #[derive(Collect)]
    #[collect(no_drop)]
    struct Root<'gc> {
        tree: Link<'gc>,
        array: Option<Gc<'gc, Vec<f64>>>,
    }

    pub struct Machine(Arena<Rootable![Root<'_>]>);

    impl Machine {
        pub fn new() -> Machine {
            Machine(Arena::new(|_| Root { tree: None, array: None }))
        }
    }

    fn new_node<'gc>(
        mc: &Mutation<'gc>,
        left: Link<'gc>,
        right: Link<'gc>,
    ) -> Gc<'gc, Lock<Node<'gc>>> {
        Gc::new(mc, Lock::new(Node { left, right, i: 0, j: 0 }))
    }

    fn populate<'gc>(mc: &Mutation<'gc>, depth: u32, node: Gc<'gc, Lock<Node<'gc>>>) {
        if depth == 0 {
            return;
        }
        let (left, right) = (new_node(mc, None, None), new_node(mc, None, None));
        node.set(mc, Node { left: Some(left), right: Some(right), ..node.get() });
        populate(mc, depth - 1, left);
        populate(mc, depth - 1, right);
    }

    fn make<'gc>(mc: &Mutation<'gc>, depth: u32) -> Gc<'gc, Lock<Node<'gc>>> {
        if depth == 0 {
            return new_node(mc, None, None);
        }
        let left = make(mc, depth - 1);
        let right = make(mc, depth - 1);
        new_node(mc, Some(left), Some(right))
    }

    impl super::Trees for Machine {
        fn stretch(&mut self, depth: u32) {
            self.bottom_up(depth);
        }

        fn long_lived_tree(&mut self, depth: u32) {
            self.0.mutate_root(|mc, root| {
                let tree = new_node(mc, None, None);
                populate(mc, depth, tree);
                root.tree = Some(tree);
            });
            self.0.collect_debt();
        }

        fn long_lived_array(&mut self, len: usize) {
            self.0.mutate_root(|mc, root| {
                let array = (0..len).map(|i| 1.0 / (i + 1) as f64).collect();
                root.array = Some(Gc::new(mc, array));
            });
        }

        fn top_down(&mut self, depth: u32) {
            self.0.mutate(|mc, _| populate(mc, depth, new_node(mc, None, None)));
            self.0.collect_debt();
        }

        fn bottom_up(&mut self, depth: u32) {
            self.0.mutate(|mc, _| {
                make(mc, depth);
            });
            self.0.collect_debt();
        }

        fn check(&self) -> bool {
            self.0.mutate(|_, root| {
                root.tree.is_some_and(|node| node.get().left.is_some())
                    && root.array.is_some_and(|array| array[1000] == 1.0 / 1001.0)
            })
        }
    }
}

/// The same code for a pointer type that owns.
macro_rules! owned {
    ($name:ident, $pointer:ident, $import:path) => {
        mod $name {
            use $import as Pointer;
            use std::hint::black_box;

            #[derive(Default)]
            #[allow(dead_code)] // the ints are there to take room
            struct Node {
                left: Option<Pointer<Node>>,
                right: Option<Pointer<Node>>,
                i: i32,
                j: i32,
            }

            #[derive(Default)]
            pub struct Machine {
                tree: Option<Pointer<Node>>,
                array: Vec<f64>,
            }

            fn populate(depth: u32, node: &mut Pointer<Node>) {
                if depth == 0 {
                    return;
                }
                let node = unique(node);
                let left = node.left.insert(Pointer::new(Node::default()));
                let right = node.right.insert(Pointer::new(Node::default()));
                populate(depth - 1, left);
                populate(depth - 1, right);
            }

            fn make(depth: u32) -> Pointer<Node> {
                if depth == 0 {
                    return Pointer::new(Node::default());
                }
                let left = Some(make(depth - 1));
                let right = Some(make(depth - 1));
                Pointer::new(Node { left, right, i: 0, j: 0 })
            }

            impl super::Trees for Machine {
                fn stretch(&mut self, depth: u32) {
                    black_box(make(depth));
                }

                fn long_lived_tree(&mut self, depth: u32) {
                    let mut tree = Pointer::new(Node::default());
                    populate(depth, &mut tree);
                    self.tree = Some(tree);
                }

                fn long_lived_array(&mut self, len: usize) {
                    self.array = (0..len).map(|i| 1.0 / (i + 1) as f64).collect();
                }

                fn top_down(&mut self, depth: u32) {
                    let mut tree = Pointer::new(Node::default());
                    populate(depth, &mut tree);
                    black_box(tree);
                }

                fn bottom_up(&mut self, depth: u32) {
                    black_box(make(depth));
                }

                fn check(&self) -> bool {
                    self.tree.as_ref().is_some_and(|node| node.left.is_some())
                        && self.array[1000] == 1.0 / 1001.0
                }
            }

            owned!(@unique $pointer);
        }
    };
    (@unique Box) => {
        fn unique(node: &mut Pointer<Node>) -> &mut Node {
            node
        }
    };
    (@unique Rc) => {
        fn unique(node: &mut Pointer<Node>) -> &mut Node {
            Pointer::get_mut(node).expect("just made")
        }
    };
}

owned!(boxed, Box, std::boxed::Box);
owned!(counted, Rc, std::rc::Rc);

fn all(c: &mut Criterion) {
    let mut group = c.benchmark_group("gcbench");
    group.sample_size(10);
    group.bench_function("sidewinder-gc", |b| {
        b.iter(|| gcbench(black_box(&mut sidewinder::Machine::new())));
    });
    group.bench_function("gc-arena", |b| {
        b.iter(|| gcbench(black_box(&mut arena::Machine::new())));
    });
    group.bench_function("Box", |b| {
        b.iter(|| gcbench(black_box(&mut boxed::Machine::default())));
    });
    group.bench_function("Rc", |b| {
        b.iter(|| gcbench(black_box(&mut counted::Machine::default())));
    });
    group.finish();
    let mut machine = sidewinder::Machine::new();
    gcbench(&mut machine);
    let stats = machine.stats();
    println!("minor collections: {}", stats.minor);
    println!("major collections: {}", stats.major);
    println!("all pauses: {}", stats.pauses());
    let mib = |bytes| bytes as f64 / (1 << 20) as f64;
    println!(
        "allocated {:.0} MiB, promoted {:.1} MiB, moved {:.1} MiB, peak {:.1} MiB",
        mib(stats.allocated),
        mib(stats.promoted),
        mib(stats.moved),
        mib(stats.peak)
    );
}

/// How long it takes to move a small heap: what a safepoint costs in stress mode.
fn stress(c: &mut Criterion) {
    let mut machine = sidewinder::Machine::new();
    machine.long_lived_tree(14);
    c.bench_function("stress collection of 1 MiB", |b| b.iter(|| machine.stress()));
}

/// What a heap costs a short program: reserving addresses, and giving them back.
fn start_up(c: &mut Criterion) {
    c.bench_function("heap made and dropped", |b| b.iter(sidewinder::Machine::new));
}

/// Pauses on a big heap: 256 MiB of trees, of which one after the other is replaced.
fn big(_: &mut Criterion) {
    for (name, mut machine) in [
        ("in slices", sidewinder::Machine::new()),
        ("in one go", sidewinder::Machine::without_slices()),
    ] {
        const TREES: usize = 64;
        let start = std::time::Instant::now();
        for _ in 0..TREES {
            machine.long_lived_tree(16);
        }
        for i in 0..6 * TREES {
            machine.replace(i * 37 % TREES, 16);
        }
        let stats = machine.stats();
        println!("256 MiB live, major collections {name}: {:.2?}", start.elapsed());
        println!("  {}", stats.pauses());
        println!(
            "  {} slices, {} major collections, {} MiB of blocks",
            stats.slices,
            stats.major.count,
            stats.blocks >> 20
        );
    }
}

criterion_group!(benches, all, stress, start_up, big);
criterion_main!(benches);
