//! Random programs against an account of the heap kept in ordinary Rust collections.

mod toy;

use sidewinder_gc::{Collect, Config, is_pointer};
use std::collections::{HashMap, HashSet};
use toy::*;

/// What the test believes about an object.
#[derive(Clone)]
struct Image {
    kind: u8,
    /// Ids of objects or immediates.
    body: Vec<Value>,
    identity: u32,
    callback: bool,
    finalizer: bool,
    outside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Value {
    Int(u64),
    Ref(u64),
    Dead,
}

struct Program {
    world: World,
    images: HashMap<u64, Image>,
    roots: Vec<Value>,
    random: Random,
    next_id: u64,
    finalized: HashSet<u64>,
    called_back: HashSet<u64>,
}

impl Program {
    fn new(seed: u64, config: Config) -> Program {
        Program {
            world: World::new(config),
            images: HashMap::new(),
            roots: Vec::new(),
            random: Random(seed),
            next_id: 1,
            finalized: HashSet::new(),
            called_back: HashSet::new(),
        }
    }

    /// A random root's index.
    fn pick(&mut self) -> Option<usize> {
        (!self.roots.is_empty()).then(|| self.random.below(self.roots.len()))
    }

    /// A random word, as the heap and as the account have it.
    fn any(&mut self) -> (u64, Value) {
        match self.pick() {
            Some(i) if self.random.below(4) > 0 => (self.world.roots[i], self.roots[i]),
            _ => {
                let n = self.random.next() >> 20;
                (int(n), Value::Int(n))
            }
        }
    }

    /// The same, but an object.
    fn any_object(&mut self) -> Option<(u64, Value)> {
        (0..4).find_map(|_| {
            let (word, value) = self.any();
            matches!(value, Value::Ref(_)).then_some((word, value))
        })
    }

    fn push(&mut self, obj: Obj, image: Image) {
        self.images.insert(self.next_id, image);
        self.world.root(obj);
        self.roots.push(Value::Ref(self.next_id));
        self.next_id += 1;
    }

    fn create(&mut self) {
        let mut image = Image {
            kind: NODE,
            body: Vec::new(),
            identity: 0,
            callback: false,
            finalizer: false,
            outside: false,
        };
        let obj = match self.random.below(20) {
            0 => {
                let words = self.random.below(2000);
                image.kind = LEAF;
                image.body = vec![Value::Int(8); words];
                self.world.leaf(self.next_id, words)
            }
            1 | 2 => {
                let Some((word, value)) = self.any_object() else { return };
                image.kind = WEAK;
                image.body.push(value);
                image.callback = self.random.below(2) == 0;
                self.world.weak(self.next_id, word, image.callback)
            }
            3 => {
                let mut words = Vec::new();
                for _ in 0..2 * self.random.below(6) {
                    let (word, value) = self.any();
                    words.push(word);
                    image.body.push(value);
                }
                image.kind = TABLE;
                self.world.table(self.next_id, &words)
            }
            kind => {
                let len = match kind {
                    4 => self.random.below(200),
                    5 if self.random.below(10) == 0 => 1000 + self.random.below(4000),
                    _ => self.random.below(6),
                };
                let mut words = Vec::new();
                for _ in 0..len {
                    let (word, value) = self.any();
                    words.push(word);
                    image.body.push(value);
                }
                self.world.node(self.next_id, &words)
            }
        };
        if self.random.below(10) == 0 {
            image.finalizer = true;
            self.world.heap.register_finalizer(obj.0);
        }
        if self.random.below(10) == 0 {
            image.outside = true;
            self.world.heap.register_outside(obj.0);
        }
        self.push(obj, image);
    }

    fn store(&mut self) {
        let Some((word, Value::Ref(id))) = self.any_object() else { return };
        let obj = Obj::of(word);
        let kind = self.images[&id].kind;
        if matches!(kind, LEAF | WEAK) || obj.len() == 0 {
            return;
        }
        let i = self.random.below(obj.len());
        let (word, value) = self.any();
        self.world.set(obj, i, word);
        self.images.get_mut(&id).unwrap().body[i] = value;
    }

    /// Roots something that a rooted object refers to.
    fn load(&mut self) {
        let Some((word, Value::Ref(id))) = self.any_object() else { return };
        let obj = Obj::of(word);
        if obj.len() == 0 || obj.header().kind() == LEAF {
            return;
        }
        let i = self.random.below(obj.len());
        let value = self.images[&id].body[i];
        self.check_word(obj.get(i), value);
        if is_pointer(obj.get(i)) {
            self.world.roots.push(obj.get(i));
            self.roots.push(value);
        }
    }

    fn drop_roots(&mut self) {
        for _ in 0..self.random.below(12) {
            if let Some(i) = self.pick() {
                self.world.roots.swap_remove(i);
                self.roots.swap_remove(i);
            }
        }
        if self.roots.len() > 300 {
            self.world.roots.truncate(100);
            self.roots.truncate(100);
        }
    }

    fn ask_identity(&mut self) {
        if let Some((word, Value::Ref(id))) = self.any_object() {
            let identity = self.world.heap.identity(Obj::of(word).0);
            assert_ne!(identity, 0);
            let known = &mut self.images.get_mut(&id).unwrap().identity;
            assert!(*known == 0 || *known == identity, "the identity changed");
            *known = identity;
        }
    }

    fn check_word(&self, word: u64, value: Value) {
        match value {
            Value::Int(8) => assert_eq!(word, 0x10), // in a leaf
            Value::Int(n) => assert_eq!(word, int(n)),
            Value::Dead => assert_eq!(word, DEAD),
            Value::Ref(id) => assert_eq!(Obj::of(word).id(), id),
        }
    }

    /// What is strongly reachable from `from`.
    fn reachable(&self, from: impl IntoIterator<Item = Value>) -> HashSet<u64> {
        let mut seen = HashSet::new();
        let mut stack: Vec<Value> = from.into_iter().collect();
        let mut tables = Vec::new();
        loop {
            while let Some(value) = stack.pop() {
                let Value::Ref(id) = value else { continue };
                if !seen.insert(id) {
                    continue;
                }
                match self.images[&id].kind {
                    NODE => stack.extend(&self.images[&id].body),
                    TABLE => tables.push(id),
                    _ => {}
                }
            }
            for id in &tables {
                for pair in self.images[id].body.chunks(2) {
                    let key_lives = !matches!(pair[0], Value::Ref(key) if !seen.contains(&key));
                    if let (true, Value::Ref(value)) = (key_lives, pair[1])
                        && !seen.contains(&value)
                    {
                        stack.push(pair[1]);
                    }
                }
            }
            if stack.is_empty() {
                return seen;
            }
        }
    }

    fn collect(&mut self, kind: Collect) {
        let alive = self.reachable(self.roots.iter().copied());
        self.world.collect(kind);
        // What the collector says died, did.
        let full = matches!(kind, Collect::Major | Collect::Stress);
        let mut revived = Vec::new();
        while let Some(obj) = self.world.heap.pop_finalizable() {
            let id = Obj(obj).id();
            assert!(!alive.contains(&id), "{id} is alive but is to be finalized");
            assert!(self.images[&id].finalizer);
            assert!(self.finalized.insert(id), "{id} finalized twice");
            // Some come back for good.
            revived.push((Obj(obj), self.random.below(3) == 0));
        }
        let mut called = HashSet::new();
        while let Some(obj) = self.world.heap.pop_cleared_weak() {
            let id = Obj(obj).id();
            assert!(alive.contains(&id) && self.images[&id].callback);
            assert!(self.called_back.insert(id), "{id} called back twice");
            called.insert(id);
        }
        // Bring the account up to date with what the collector may do, and hold it to what it must do.
        let queued: Vec<Value> = revived.iter().map(|(obj, _)| Value::Ref(obj.id())).collect();
        for (obj, stays) in &revived {
            if *stays {
                self.world.roots.push(obj.word());
                self.roots.push(Value::Ref(obj.id()));
            }
        }
        let now = self.reachable(self.roots.iter().copied().chain(queued.iter().copied()));
        let mut visited = HashSet::new();
        let mut stack: Vec<u64> = self.world.roots.clone();
        stack.extend(revived.iter().map(|(obj, _)| obj.word()));
        while let Some(word) = stack.pop() {
            if !is_pointer(word) || !visited.insert(word) {
                continue;
            }
            let obj = Obj::of(word);
            let id = obj.id();
            assert!(now.contains(&id));
            let image = self.images.get_mut(&id).unwrap();
            assert_eq!(obj.header().kind(), image.kind);
            assert_eq!(obj.header().identity_raw(), image.identity);
            assert_eq!(obj.len(), image.body.len());
            if image.kind == WEAK {
                if let Value::Ref(target) = image.body[0] {
                    if obj.get(0) == DEAD {
                        assert!(!alive.contains(&target), "weak target {target} was alive");
                        image.body[0] = Value::Dead;
                        assert_eq!(
                            called.contains(&id),
                            image.callback && alive.contains(&id),
                            "callback of {id}"
                        );
                    } else {
                        assert!(!full || now.contains(&target), "weak target {target} is dead");
                    }
                }
            } else if image.kind == TABLE {
                for i in (0..obj.len()).step_by(2) {
                    if let Value::Ref(key) = image.body[i]
                        && obj.get(i) == DEAD
                    {
                        assert!(!alive.contains(&key));
                        assert_eq!(obj.get(i + 1), DEAD);
                        image.body[i] = Value::Dead;
                        image.body[i + 1] = Value::Dead;
                    }
                }
            }
            for (i, value) in self.images[&id].body.iter().enumerate() {
                self.check_word(obj.get(i), *value);
            }
            match self.images[&id].kind {
                NODE => stack.extend((0..obj.len()).map(|i| obj.get(i))),
                TABLE => {
                    for (i, pair) in self.images[&id].body.chunks(2).enumerate() {
                        match pair[0] {
                            // A minor collection leaves pairs alone whose keys died old.
                            Value::Ref(key) if !now.contains(&key) => assert!(!full),
                            _ => stack.push(obj.get(2 * i + 1)),
                        }
                    }
                }
                _ => {}
            }
        }
        // Again, without the pairs found cleared.
        let now = self.reachable(self.roots.iter().copied().chain(queued));
        if full {
            for (id, image) in &self.images {
                // Its minor half may have queued an object that keeps this one alive.
                if image.finalizer && !now.contains(id) {
                    assert!(self.finalized.contains(id), "{id} was not finalized");
                }
            }
        }
        for id in self.world.heap.model().dropped.take() {
            assert!(!now.contains(&id), "{id} is alive but let go");
            assert!(std::mem::take(&mut self.images.get_mut(&id).unwrap().outside));
        }
        if full {
            for (id, image) in &self.images {
                assert!(now.contains(id) || !image.outside, "{id} has not let go");
            }
            self.images.retain(|id, _| now.contains(id));
        }
    }

    fn run(&mut self, steps: usize, collections: &[(usize, Collect)]) {
        for step in 0..steps {
            match self.random.below(16) {
                0..=6 => self.create(),
                7..=10 => self.store(),
                11..=13 => self.load(),
                14 => self.drop_roots(),
                _ => self.ask_identity(),
            }
            for &(every, kind) in collections {
                if step % every == every - 1 {
                    self.collect(kind);
                }
            }
        }
        self.collect(Collect::Major);
        // Finalizers may root objects again, but each runs once.
        while !self.roots.is_empty() {
            self.roots.clear();
            self.world.roots.clear();
            self.collect(Collect::Major);
        }
        self.collect(Collect::Major);
        let mut left = 0;
        self.world.heap.for_each_object(&mut |_| left += 1);
        assert_eq!(left, 0);
        assert_eq!(self.world.heap.stats().used, 0);
    }
}

fn config() -> Config {
    Config { nursery_bytes: 64 << 10, floor: 1 << 20, ..Config::default() }
}

const STEPS: usize = if cfg!(miri) { 300 } else { 6_000 };

#[test]
fn minor_collections() {
    for seed in 1..4 {
        Program::new(seed, config()).run(STEPS, &[(50, Collect::Minor)]);
    }
}

#[test]
fn minor_and_major_collections() {
    for seed in 11..15 {
        Program::new(seed, config()).run(STEPS, &[(40, Collect::Minor), (230, Collect::Major)]);
    }
}

#[test]
fn often() {
    Program::new(21, config()).run(STEPS / 10, &[(1, Collect::Minor), (3, Collect::Major)]);
}

#[test]
fn stress() {
    for seed in 31..33 {
        let steps = if cfg!(miri) { 100 } else { 2_500 };
        Program::new(seed, config()).run(steps, &[(3, Collect::Minor), (5, Collect::Stress)]);
    }
}

#[test]
fn stress_then_ordinary() {
    Program::new(41, config()).run(
        STEPS / 2,
        &[
            (7, Collect::Minor),
            (90, Collect::Stress),
            (100, Collect::Major),
            (130, Collect::Stress),
        ],
    );
}

#[test]
fn marking_in_slices() {
    for seed in 51..54 {
        let config =
            Config { floor: 1 << 10, growth: 1.02, slice_floor: 0, slice_bytes: 64, ..config() };
        let mut program = Program::new(seed, config);
        program
            .run(STEPS / 2, &[(5, Collect::Auto), (1501, Collect::Major), (2003, Collect::Stress)]);
        let stats = program.world.heap.stats();
        assert!(cfg!(miri) || stats.slices > 200 && stats.major.count > 10, "{stats:?}");
    }
}
