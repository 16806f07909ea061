//! The hash table behind dicts and sets: insertion-ordered entries and an open-addressed index.
//!
//! Nothing here runs Python code. A lookup that would have to call a Python `__eq__` says
//! [`Lookup::Ask`] and which entry to ask about; `vm::compare` then asks and goes on.

use super::*;
use crate::builtins::ClassId;
use crate::builtins::declare::CLASS_COUNT;
use crate::value::{Value, flonum, word};
use crate::vm::{Special, Vm};

/// An index slot that never held an entry.
const EMPTY: u32 = u32::MAX;
/// An index slot whose entry was deleted.
const DELETED: u32 = u32::MAX - 1;

/// How deep tuples in tuples are looked into without checking the native stack.
const MAX_NESTED: u32 = 32;

/// Where a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// In that entry.
    Found(usize),
    /// Nowhere.
    Missing,
    /// Perhaps in that entry: hashes agree, but only Python code can tell whether the keys are
    /// equal. The second number is where to go on if they are not.
    Ask(usize, u64),
}

/// Whether two keys with the same hash are equal, as far as this can be told without Python code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LeafEq {
    /// Equal.
    Yes,
    /// Not equal.
    No,
    /// Only Python code can tell.
    Unknown,
}

impl Table {
    fn index_get(&self, i: usize) -> u32 {
        let p = self.index_ptr();
        debug_assert!(i < 1 << self.log2_slots);
        // SAFETY: the index has 1 << log2_slots slots of this width.
        unsafe {
            match Self::index_width(self.log2_slots) {
                1 => match *p.add(i) {
                    0xFF => EMPTY,
                    0xFE => DELETED,
                    e => e as u32,
                },
                2 => match *p.cast::<u16>().add(i) {
                    0xFFFF => EMPTY,
                    0xFFFE => DELETED,
                    e => e as u32,
                },
                _ => *p.cast::<u32>().add(i),
            }
        }
    }

    fn index_set(&self, i: usize, entry: u32) {
        let p = self.index_ptr();
        debug_assert!(i < 1 << self.log2_slots);
        // SAFETY: as in `index_get`; the marks are truncated to the marks of that width.
        unsafe {
            match Self::index_width(self.log2_slots) {
                1 => p.add(i).write(entry as u8),
                2 => p.cast::<u16>().add(i).write(entry as u16),
                _ => p.cast::<u32>().add(i).write(entry),
            }
        }
    }

    /// Finds the entry for which `same` holds among those with this hash. The probe sequence is
    /// CPython's: linear congruence perturbed by the hash's high bits.
    #[inline(always)]
    fn find(&self, hash: u64, start: Probe, mut same: impl FnMut(&Entry) -> LeafEq) -> Lookup {
        let mask = (1usize << self.log2_slots) - 1;
        let mut probe = start;
        loop {
            let at = probe.at as usize & mask;
            match self.index_get(at) {
                EMPTY => return Lookup::Missing,
                DELETED => {}
                e => {
                    let entry = &self.entries()[e as usize];
                    if entry.hash.get() == hash {
                        match same(entry) {
                            LeafEq::Yes => return Lookup::Found(e as usize),
                            LeafEq::No => {}
                            LeafEq::Unknown => {
                                return Lookup::Ask(e as usize, probe.pack());
                            }
                        }
                    }
                }
            }
            probe = probe.next();
        }
    }

    /// The index slot that holds entry number `e`.
    fn slot_of(&self, hash: u64, e: u32) -> usize {
        let mask = (1usize << self.log2_slots) - 1;
        let mut probe = Probe::start(hash);
        loop {
            let at = probe.at as usize & mask;
            if self.index_get(at) == e {
                return at;
            }
            debug_assert!(self.index_get(at) != EMPTY);
            probe = probe.next();
        }
    }

    /// Puts an entry's number into the index.
    pub(super) fn index_insert(&self, hash: u64, e: u32) {
        let mask = (1usize << self.log2_slots) - 1;
        let mut probe = Probe::start(hash);
        loop {
            let at = probe.at as usize & mask;
            if self.index_get(at) >= DELETED {
                self.index_set(at, e);
                return;
            }
            probe = probe.next();
        }
    }

    /// Whether another entry fits without a new table.
    fn has_room(&self) -> bool {
        (self.used.get() as usize) < Self::capacity(self.log2_slots)
    }
}

/// A position in a probe sequence.
#[derive(Clone, Copy)]
struct Probe {
    at: u32,
    perturb: u32,
}

impl Probe {
    #[inline(always)]
    fn start(hash: u64) -> Probe {
        let h = (hash ^ (hash >> 32)) as u32;
        Probe { at: h, perturb: h }
    }
    #[inline(always)]
    fn next(self) -> Probe {
        let perturb = self.perturb >> 5;
        Probe { at: self.at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1), perturb }
    }
    fn pack(self) -> u64 {
        (self.at as u64) << 32 | self.perturb as u64
    }
    fn unpack(word: u64) -> Probe {
        Probe { at: (word >> 32) as u32, perturb: word as u32 }
    }
}

/// The two owners of tables.
pub trait HasTable: Layout {
    /// Whether entries have values.
    const VALUES: bool;
    /// Number of items.
    fn count(&self) -> &std::cell::Cell<usize>;
    /// The table's slot.
    fn table_slot(&self) -> &Slot;
    /// The keys or their places changed.
    fn keys_changed(&self);
}

/// A deleted entry keeps a run of deleted entries that it is part of in place of its hash, so that
/// who takes items from an end does not walk over the same deleted ones again and again.
impl Entry {
    pub(super) fn is_deleted(&self) -> bool {
        self.key.word() == word::UNBOUND
    }
    fn run(&self) -> (usize, usize) {
        let run = self.hash.get();
        ((run >> 32) as usize, run as u32 as usize)
    }
    fn set_run(&self, first: usize, last: usize) {
        self.hash.set((first as u64) << 32 | last as u64);
    }
}

impl HasTable for Dict {
    const VALUES: bool = true;
    fn count(&self) -> &std::cell::Cell<usize> {
        &self.len
    }
    fn table_slot(&self) -> &Slot {
        &self.table
    }
    fn keys_changed(&self) {
        self.version.set(0);
    }
}

impl HasTable for Set {
    const VALUES: bool = false;
    fn count(&self) -> &std::cell::Cell<usize> {
        &self.len
    }
    fn table_slot(&self) -> &Slot {
        &self.table
    }
    fn keys_changed(&self) {}
}

impl Vm {
    /// Whether two keys with equal hashes are equal, if this can be told without Python code.
    pub fn leaf_eq(&self, a: Value<'_>, b: Value<'_>) -> LeafEq {
        self.nested_eq(a, b, MAX_NESTED)
    }

    fn nested_eq(&self, a: Value<'_>, b: Value<'_>, depth: u32) -> LeafEq {
        let known = |yes: bool| if yes { LeafEq::Yes } else { LeafEq::No };
        if a.is(b) {
            return LeafEq::Yes;
        }
        if let (Some(x), Some(y)) = (a.as_str(), b.as_str())
            && self.is_exact(a, ClassId::Str)
            && self.is_exact(b, ClassId::Str)
        {
            return known(self.str_eq(x, y));
        }
        let simple = |v: Value<'_>| match v.header() {
            None => true,
            Some(h) => {
                matches!(Kind::of(h), Kind::Float | Kind::BigInt | Kind::Str | Kind::Bytes)
                    && self.has_builtin(v, Special::Eq)
            }
        };
        if simple(a) && simple(b) {
            return known(self.simple_eq(a, b));
        }
        if let (Some(x), Some(y)) = (a.cast::<Tuple>(), b.cast::<Tuple>())
            && self.has_builtin(a, Special::Eq)
            && self.has_builtin(b, Special::Eq)
        {
            if x.len() != y.len() {
                return LeafEq::No;
            }
            let Some(depth) = self.deeper(depth) else { return LeafEq::Unknown };
            for i in 0..x.len() {
                match self.nested_eq(x.item(self, i), y.item(self, i), depth) {
                    LeafEq::Yes => {}
                    other => return other,
                }
            }
            return LeafEq::Yes;
        }
        // Instances whose class has object's own __eq__ are equal only to themselves.
        if self.compares_by_identity(a) && self.compares_by_identity(b) {
            return LeafEq::No;
        }
        LeafEq::Unknown
    }

    /// The depth left inside a tuple. Beyond the last one, and when Ctrl-C was pressed, what may run
    /// Python code, and reaches safepoints, takes over.
    #[inline]
    fn deeper(&self, depth: u32) -> Option<u32> {
        if depth <= MAX_NESTED && self.interrupt_pending() {
            return None;
        }
        depth.checked_sub(1)
    }

    /// Whether the special method of an object of a builtin layout is that of the builtin class,
    /// though its own may be made at run time.
    #[inline]
    fn has_builtin(&self, v: Value<'_>, which: Special) -> bool {
        v.header().is_some_and(|h| h.shape() < CLASS_COUNT) || self.inherits_builtin(v, which)
    }

    fn inherits_builtin(&self, v: Value<'_>, which: Special) -> bool {
        const LEAVES: [ClassId; 5] =
            [ClassId::Tuple, ClassId::Str, ClassId::Int, ClassId::Float, ClassId::Bytes];
        self.special_of(v, which).and_then(|method| method.cast::<Builtin>()).is_some_and(|b| {
            LEAVES.iter().any(|c| b.owner.word() == self.roots.classes[*c as usize].word())
        })
    }

    /// Equality of numbers, strs, bytes and singletons.
    fn simple_eq(&self, a: Value<'_>, b: Value<'_>) -> bool {
        if let (Some(x), Some(y)) = (a.cast::<Bytes>(), b.cast::<Bytes>()) {
            return x.data() == y.data();
        }
        if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
            return self.str_eq(x, y);
        }
        self.number_cmp(a, b) == Some(std::cmp::Ordering::Equal)
    }

    /// Hash of a value if it needs no Python code.
    #[inline]
    pub fn hash_leaf(&self, v: Value<'_>) -> Option<u64> {
        let w = v.word();
        if word::is_int(w) {
            return Some(hash_int(word::int(w)));
        }
        if let Some(header) = v.header() {
            if header.shape() == ClassId::Str as u32 {
                // SAFETY: direct instances of str have its layout.
                return Some(self.str_hash(unsafe { v.cast_unchecked() }));
            }
            return self.hash_nested(v, MAX_NESTED);
        }
        Some(match w {
            word::TRUE => 1,
            word::FALSE => 0,
            _ if word::is_flonum(w) => hash_float(flonum::decode(w)),
            _ => w.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8,
        })
    }

    /// Hash of a constant, however deep it is nested.
    pub(crate) fn hash_constant(&self, v: Value<'_>) -> u64 {
        self.hash_nested(v, u32::MAX).unwrap_or(0)
    }

    fn hash_nested(&self, v: Value<'_>, depth: u32) -> Option<u64> {
        let Some(header) = v.header() else { return self.hash_leaf(v) };
        if header.shape() >= CLASS_COUNT && !self.has_builtin(v, Special::Hash) {
            return self.hashes_by_identity(v).then(|| self.identity_hash(v));
        }
        match Kind::of(header) {
            Kind::Float => {
                let f = v.cast::<Float>()?.value;
                Some(if f.is_nan() { self.identity_hash(v) } else { hash_float(f) })
            }
            Kind::BigInt => Some(hash_big(v.cast()?)),
            Kind::Bytes => {
                let b = v.cast::<Bytes>()?;
                if b.hash.get() == 0 {
                    b.hash.set(self.hash_bytes(b.data()));
                }
                Some(b.hash.get())
            }
            Kind::Str => Some(self.str_hash(v.cast()?)),
            Kind::Tuple => {
                let depth = self.deeper(depth)?;
                let t = v.cast::<Tuple>()?;
                let mut hash = tuple_hash_start();
                for slot in t.items() {
                    hash = tuple_hash_step(hash, self.hash_nested(slot.get(self), depth)?);
                }
                Some(tuple_hash_end(hash, t.len()))
            }
            Kind::Function
            | Kind::Builtin
            | Kind::Class
            | Kind::Module
            | Kind::Code
            | Kind::Generator
            | Kind::Exception => self.hashes_by_identity(v).then(|| self.identity_hash(v)),
            _ => None,
        }
    }

    /// Hash of an object by its identity.
    pub fn identity_hash(&self, v: Value<'_>) -> u64 {
        match v.header() {
            Some(h) => {
                let id = self.heap.identity(std::ptr::NonNull::from(h)) as u64;
                id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4
            }
            None => v.word(),
        }
    }

    /// Looks for a str key; never needs Python code unless a key of another type with the same hash
    /// claims to be equal (then it is treated as different here).
    #[inline]
    pub fn table_find_str(&self, owner: &impl HasTable, key: Gc<'_, Str>) -> Option<usize> {
        let table = owner.table_slot().get_as::<Table>(self)?;
        let hash = self.str_hash(key);
        let word = key.value().word();
        let found = table.find(hash, Probe::start(hash), |entry| {
            if entry.key.word() == word {
                return LeafEq::Yes;
            }
            match entry.key.get(self).as_str() {
                Some(other) if self.str_eq(other, key) => LeafEq::Yes,
                _ => LeafEq::No,
            }
        });
        match found {
            Lookup::Found(i) => Some(i),
            _ => None,
        }
    }

    /// Looks for a key; `resume` is 0 at first, then what [`Lookup::Ask`] said.
    #[inline]
    pub fn table_find(
        &self,
        owner: &impl HasTable,
        key: Value<'_>,
        hash: u64,
        resume: Option<u64>,
    ) -> Lookup {
        let Some(table) = owner.table_slot().get_as::<Table>(self) else {
            return Lookup::Missing;
        };
        let start = match resume {
            None => Probe::start(hash),
            Some(word) => Probe::unpack(word).next(),
        };
        table.find(hash, start, |entry| {
            if entry.key.word() == key.word() {
                return LeafEq::Yes;
            }
            self.leaf_eq(entry.key.get(self), key)
        })
    }

    /// The value in an entry.
    #[inline]
    pub fn table_value<'gc>(&'gc self, owner: &impl HasTable, i: usize) -> Value<'gc> {
        match owner.table_slot().get_as::<Table>(self) {
            Some(table) => table.r().entries()[i].value.get(self),
            None => Value::UNBOUND,
        }
    }

    /// Replaces the value in an entry.
    #[inline]
    pub fn table_set_value(&self, owner: &impl HasTable, i: usize, value: Value<'_>) {
        if let Some(table) = owner.table_slot().get_as::<Table>(self) {
            let slot = &table.r().entries()[i].value;
            // SAFETY: the barrier follows.
            unsafe { slot.set_word(value.word()) };
            self.heap.barrier_at(table.header_ptr(), slot.as_ptr());
        }
    }

    /// Adds an entry for a key that is not there yet.
    pub fn table_add<T: HasTable>(
        &self,
        owner: Gc<'_, T>,
        key: Value<'_>,
        hash: u64,
        value: Value<'_>,
    ) {
        let table = match owner.table_slot().get_as::<Table>(self) {
            Some(table) if table.has_room() => table,
            _ => self.table_grow(owner, 1),
        };
        let e = table.used.get();
        // SAFETY: there is room for one more entry.
        unsafe {
            table.entry_ptr(e as usize).write(Entry {
                hash: std::cell::Cell::new(hash),
                key: Slot::new(key.word()),
                value: Slot::new(value.word()),
            });
        }
        table.used.set(e + 1);
        let entry = table.entry_ptr(e as usize);
        // SAFETY: the entry was written just now.
        unsafe {
            self.heap.barrier_at(table.header_ptr(), (*entry).key.as_ptr());
            self.heap.barrier_at(table.header_ptr(), (*entry).value.as_ptr());
        }
        table.index_insert(hash, e);
        owner.count().set(owner.count().get() + 1);
        owner.keys_changed();
    }

    /// Deletes an entry.
    pub fn table_delete<T: HasTable>(&self, owner: Gc<'_, T>, i: usize) {
        let Some(table) = owner.table_slot().get_as::<Table>(self) else { return };
        let entry = &table.entries()[i];
        table.index_set(table.slot_of(entry.hash.get(), i as u32), DELETED);
        // SAFETY: immediates need no barrier.
        unsafe {
            entry.key.set_word(word::UNBOUND);
            entry.value.set_word(word::UNBOUND);
        }
        entry.set_run(i, i);
        owner.count().set(owner.count().get() - 1);
        owner.keys_changed();
    }

    /// Deletes all entries.
    pub fn table_clear<T: HasTable>(&self, owner: Gc<'_, T>) {
        self.write(owner, |o| o.table_slot(), Value::UNBOUND);
        owner.count().set(0);
        owner.keys_changed();
    }

    /// Number of entries to walk over with [`Vm::table_entry`], deleted ones included.
    pub fn table_used(&self, owner: &impl HasTable) -> usize {
        owner.table_slot().get_as::<Table>(self).map_or(0, |t| t.used.get() as usize)
    }

    /// The number of the first entry in use.
    pub fn table_first(&self, owner: &impl HasTable) -> Option<usize> {
        let table = owner.table_slot().get_as::<Table>(self)?;
        let entries = table.entries();
        let mut at = 0;
        while entries.get(at)?.is_deleted() {
            at = entries[at].run().1 + 1;
        }
        if at > 0 {
            entries[0].set_run(0, at - 1);
        }
        Some(at)
    }

    /// The number of the last entry in use.
    pub fn table_last(&self, owner: &impl HasTable) -> Option<usize> {
        let table = owner.table_slot().get_as::<Table>(self)?;
        let entries = table.entries();
        let last = entries.len().checked_sub(1)?;
        let mut at = last;
        while entries[at].is_deleted() {
            at = entries[at].run().0.checked_sub(1)?;
        }
        if at < last {
            entries[last].set_run(at + 1, last);
        }
        Some(at)
    }

    /// Key, value and hash of an entry, unless it was deleted (or is past the end).
    #[inline]
    pub fn table_entry<'gc>(
        &'gc self,
        owner: &impl HasTable,
        i: usize,
    ) -> Option<(Value<'gc>, Value<'gc>, u64)> {
        let table = owner.table_slot().get_as::<Table>(self)?;
        let entry = table.r().entries().get(i)?;
        let key = entry.key.get(self).bound()?;
        Some((key, entry.value.get(self), entry.hash.get()))
    }

    /// All keys and values now.
    pub fn table_items<'gc>(&'gc self, owner: &impl HasTable) -> Vec<(Value<'gc>, Value<'gc>)> {
        (0..self.table_used(owner))
            .filter_map(|i| self.table_entry(owner, i).map(|(k, v, _)| (k, v)))
            .collect()
    }

    /// The value of a str key.
    #[inline]
    pub fn dict_get_str<'gc>(
        &'gc self,
        dict: Gc<'gc, Dict>,
        key: Gc<'gc, Str>,
    ) -> Option<Value<'gc>> {
        let i = self.table_find_str(dict.r(), key)?;
        Some(self.table_value(dict.r(), i))
    }

    /// Sets the value of a str key.
    pub fn dict_set_str(&self, dict: Gc<'_, Dict>, key: Gc<'_, Str>, value: Value<'_>) {
        match self.table_find_str(dict.r(), key) {
            Some(i) => self.table_set_value(dict.r(), i, value),
            None => self.table_add(dict, key.value(), self.str_hash(key), value),
        }
    }

    /// Deletes a str key; says whether it was there.
    pub fn dict_del_str(&self, dict: Gc<'_, Dict>, key: Gc<'_, Str>) -> bool {
        match self.table_find_str(dict.r(), key) {
            Some(i) => {
                self.table_delete(dict, i);
                true
            }
            None => false,
        }
    }

    /// The version of a dict's keys for an inline cache; never 0.
    pub(crate) fn dict_watch(&self, dict: Gc<'_, Dict>) -> u64 {
        if dict.version.get() == 0 {
            let version = self.dict_version.get() + 1;
            self.dict_version.set(version);
            dict.version.set(version);
        }
        dict.version.get()
    }
}

/// Modulus of numeric hashes, the Mersenne prime 2^61 - 1, as in CPython, so that equal numbers of
/// different types hash alike.
const MODULUS: u64 = (1 << 61) - 1;

fn signed(hash: u64, negative: bool) -> u64 {
    let h = if negative { (hash as i64).wrapping_neg() } else { hash as i64 };
    (if h == -1 { -2 } else { h }) as u64
}

/// Hash of a small int.
#[inline(always)]
pub fn hash_int(i: i64) -> u64 {
    let n = i.unsigned_abs();
    signed(if n < MODULUS { n } else { n % MODULUS }, i < 0)
}

/// Hash of a big int.
pub fn hash_big(big: Gc<'_, BigInt>) -> u64 {
    let hash = big.limbs().iter().rev().fold(0u128, |acc, limb| {
        ((acc << 64 | *limb as u128) % MODULUS as u128) & u64::MAX as u128
    });
    signed(hash as u64, big.is_negative())
}

/// Hash of a float other than nan: that of the rational number it is, modulo 2^61 - 1.
pub fn hash_float(f: f64) -> u64 {
    if f.is_infinite() {
        return if f > 0.0 { 314_159 } else { -314_159i64 as u64 };
    }
    if f == f.trunc() && f.abs() < 9e18 {
        return hash_int(f as i64);
    }
    let bits = f.abs().to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = match exponent {
        0 => (fraction, -1074),
        e => (fraction | 1 << 52, e as i64 - 1075),
    };
    // Multiplying by 2^e modulo 2^61 - 1 is a rotation of 61 bits.
    let e = exponent.rem_euclid(61) as u32;
    let m = mantissa % MODULUS;
    let rotated = ((m << e) & MODULUS) | (if e == 0 { 0 } else { m >> (61 - e) });
    signed(rotated, f < 0.0)
}

/// Start of a tuple's hash (the scheme is that of xxHash, as in CPython).
pub fn tuple_hash_start() -> u64 {
    2_870_177_450_012_600_261
}

/// One item more.
pub fn tuple_hash_step(acc: u64, lane: u64) -> u64 {
    acc.wrapping_add(lane.wrapping_mul(14_029_467_366_897_019_727))
        .rotate_left(31)
        .wrapping_mul(11_400_714_785_074_694_791)
}

/// The end: the length comes in.
pub fn tuple_hash_end(acc: u64, len: usize) -> u64 {
    acc.wrapping_add(len as u64 ^ (2_870_177_450_012_600_261 ^ 3_527_539))
}
