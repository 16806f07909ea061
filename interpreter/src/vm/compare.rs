//! Comparison, equality, hashing, and dict and set operations with keys of any kind.

use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::ClassId;
use crate::object::table::{HasTable, LeafEq, Lookup};
use crate::object::*;
use crate::value::{Value, Word, word};
use std::cmp::Ordering;

/// Instead of a stage: the result stands, whatever it is.
const SETTLED: u32 = 9;

/// A comparison, in the order of the bytecode's operand.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    /// By number.
    #[inline(always)]
    pub fn of(n: u8) -> CompareOp {
        [Self::Lt, Self::Le, Self::Eq, Self::Ne, Self::Gt, Self::Ge][n as usize % 6]
    }
    /// As written.
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }
    /// With the operands exchanged.
    pub fn swapped(self) -> CompareOp {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }
    /// The special method.
    pub fn special(self) -> Special {
        use Special as S;
        [S::Lt, S::Le, S::Eq, S::Ne, S::Gt, S::Ge][self as usize]
    }
    /// The result for operands in that order (`None`: not comparable, as nan).
    #[inline(always)]
    pub fn test(self, order: Option<Ordering>) -> bool {
        match (self, order) {
            (Self::Ne, None) => true,
            (_, None) => false,
            (Self::Lt, Some(o)) => o.is_lt(),
            (Self::Le, Some(o)) => o.is_le(),
            (Self::Eq, Some(o)) => o.is_eq(),
            (Self::Ne, Some(o)) => o.is_ne(),
            (Self::Gt, Some(o)) => o.is_gt(),
            (Self::Ge, Some(o)) => o.is_ge(),
        }
    }
}

impl Vm {
    /// Compares two values of builtin types without Python code: numbers, strs, bytes, singletons
    /// by identity. `None` when that does not settle it.
    #[inline]
    pub fn compare_leaf(&self, op: CompareOp, a: Value<'_>, b: Value<'_>) -> Option<bool> {
        if word::both_int(a.word(), b.word()) {
            return Some(op.test(Some((a.word() as i64).cmp(&(b.word() as i64)))));
        }
        if self.is_exact(a, ClassId::Str) && self.is_exact(b, ClassId::Str) {
            let (x, y): (Gc<'_, Str>, Gc<'_, Str>) = (a.cast()?, b.cast()?);
            return Some(match op {
                CompareOp::Eq => self.str_eq(x, y),
                CompareOp::Ne => !self.str_eq(x, y),
                _ => op.test(Some(str_order(x, y))),
            });
        }
        let number = |v: Value<'_>| {
            self.is_exact(v, ClassId::Int) || self.is_exact(v, ClassId::Float) || v.is_bool()
        };
        if number(a) && number(b) {
            return Some(op.test(self.number_cmp(a, b)));
        }
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        let immediate = |v: Value<'_>| v.header().is_none();
        if equality && (a.is_none() || b.is_none()) && immediate(a) && immediate(b) {
            return Some(a.is(b) == (op == CompareOp::Eq));
        }
        if self.is_exact(a, ClassId::Bytes) && self.is_exact(b, ClassId::Bytes) {
            let (x, y): (Gc<'_, Bytes>, Gc<'_, Bytes>) = (a.cast()?, b.cast()?);
            return Some(op.test(Some(x.data().cmp(y.data()))));
        }
        if equality && self.is_exact(a, ClassId::Tuple) && self.is_exact(b, ClassId::Tuple) {
            return match self.leaf_eq(a, b) {
                LeafEq::Yes => Some(op == CompareOp::Eq),
                LeafEq::No => Some(op == CompareOp::Ne),
                LeafEq::Unknown => None,
            };
        }
        let plain = |v: Value<'_>| {
            self.compares_by_identity(v)
                && (op == CompareOp::Eq
                    || self
                        .special_of(v, Special::Ne)
                        .is_some_and(|f| self.is_object_method(f, Special::Ne)))
        };
        if equality && plain(a) && plain(b) {
            return Some(a.is(b) == (op == CompareOp::Eq));
        }
        None
    }

    /// `a op b` as an object.
    pub fn compare(&mut self, op: CompareOp, a: Local, b: Local) -> NativeResult {
        if let Some(result) = self.compare_leaf(op, self.get(a), self.get(b)) {
            return Ok(self.ret(Value::from_bool(result)));
        }
        self.check_native_stack(" in comparison")?;
        let end = self.stack.end.get();
        let mut stage = 0;
        while let Some((method, swapped)) =
            self.compare_method(op, self.get(a), self.get(b), &mut stage)
        {
            let method = self.root(method);
            let (x, y) = if swapped { (b, a) } else { (a, b) };
            let ret = if super::special::takes_object(self.get(method)) {
                self.call(method, &[x, y])?
            } else {
                match self.bind_special(method, x) {
                    Ok(bound) => self.call(bound, &[y])?,
                    // One that its descriptor does not give away counts as not there.
                    Err(raised) => {
                        self.take_exception(raised);
                        self.ret(Value::NOT_IMPLEMENTED)
                    }
                }
            };
            self.stack.end.set(end);
            if self.roots.result.word() != word::NOT_IMPLEMENTED {
                return Ok(ret);
            }
        }
        self.compare_default(op, self.get(a), self.get(b)).map(|v| self.ret(v))
    }

    /// What no method answered: identity for equality, TypeError for order.
    fn compare_default(
        &self,
        op: CompareOp,
        a: Value<'_>,
        b: Value<'_>,
    ) -> Result<Value<'_>, Raised> {
        match op {
            CompareOp::Eq => Ok(Value::from_bool(a.is(b))),
            CompareOp::Ne => Ok(Value::from_bool(!a.is(b))),
            _ => {
                let (x, y) = (self.type_name(a), self.type_name(b));
                Err(self.type_error(format!(
                    "'{}' not supported between instances of '{x}' and '{y}'",
                    op.symbol()
                )))
            }
        }
    }

    /// The next method to try for a comparison; stages 0 and 1 are the operands in their order.
    fn compare_method<'gc>(
        &'gc self,
        op: CompareOp,
        a: Value<'gc>,
        b: Value<'gc>,
        stage: &mut u32,
    ) -> Option<(Value<'gc>, bool)> {
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        let right_first = ca != cb
            && self.is_subclass(cb, ca)
            && self.special(cb, op.swapped().special()).is_some();
        while *stage < 2 {
            let swapped = (*stage == 1) != right_first;
            *stage += 1;
            let found = if swapped {
                self.special(cb, op.swapped().special())
            } else {
                self.special(ca, op.special())
            };
            // None in the place of a method is called as well: a TypeError.
            if let Some(f) = found {
                return Some((f, swapped));
            }
        }
        None
    }

    /// The comparison of an instruction of the frame on top: Python methods get a frame.
    ///
    /// # Safety
    /// `a` and `b` are words of its registers.
    pub(super) unsafe fn compare_flow(
        &mut self,
        op: CompareOp,
        a: Word,
        b: Word,
        mut stage: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let vm = &*self;
            let (va, vb) = (Value::from_word(a), Value::from_word(b));
            if stage == 0
                && let Some(result) = vm.compare_leaf(op, va, vb)
            {
                let Ret(()) = vm.ret(Value::from_bool(result));
                return self.finish(Cont { extra: SETTLED, ..cont });
            }
            let Some((method, swapped)) = vm.compare_method(op, va, vb, &mut stage) else {
                return match vm.compare_default(op, va, vb) {
                    Ok(v) => {
                        let Ret(()) = vm.ret(v);
                        self.finish(Cont { extra: SETTLED, ..cont })
                    }
                    Err(Raised(())) => Flow::Raise,
                };
            };
            let (x, y) = if swapped { (b, a) } else { (a, b) };
            if super::special::takes_object(method) {
                let method = method.word();
                return self.enter_with(method, &[x, y], Cont { extra: stage, ..cont });
            }
            let (a, b) = (vm.root(va), vm.root(vb));
            match self.compare(op, a, b) {
                Ok(Ret(())) => self.finish(Cont { extra: SETTLED, ..cont }),
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `a == b` as containers ask it: the same object is equal.
    pub fn eq(&mut self, a: Local, b: Local) -> Result<bool, Raised> {
        if self.get(a).is(self.get(b)) {
            return Ok(true);
        }
        self.rich_eq(a, b)
    }

    /// `a == b` as a truth value.
    pub fn rich_eq(&mut self, a: Local, b: Local) -> Result<bool, Raised> {
        self.compare_truth(CompareOp::Eq, a, b)
    }

    /// `a < b` as a truth value.
    pub fn lt(&mut self, a: Local, b: Local) -> Result<bool, Raised> {
        self.compare_truth(CompareOp::Lt, a, b)
    }

    /// `a op b` as a truth value.
    pub fn compare_truth(&mut self, op: CompareOp, a: Local, b: Local) -> Result<bool, Raised> {
        if let Some(result) = self.compare_leaf(op, self.get(a), self.get(b)) {
            return Ok(result);
        }
        let ret = self.compare(op, a, b)?;
        if let Some(known) = self.truth_leaf(self.value(ret)) {
            return Ok(known);
        }
        let end = self.stack.end.get();
        let result = self.root(self.result());
        let truth = self.truth(result);
        self.stack.end.set(end);
        truth
    }

    /// `hash(v)`
    pub fn hash(&mut self, v: Local) -> Result<u64, Raised> {
        if let Some(hash) = self.hash_leaf(self.get(v)) {
            return Ok(hash);
        }
        self.check_native_stack(" while hashing an object")?;
        self.safepoint()?;
        let method = self.special_of(self.get(v), Special::Hash);
        let Some(method) = method.filter(|m| !m.is_none()) else {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!("unhashable type: '{name}'")));
        };
        let method = self.root(method);
        let ret = self.call_unbound(method, v, &[])?;
        let result = self.value(ret);
        if !self.is_int(result) {
            return Err(self.type_error("__hash__ method should return an integer"));
        }
        match self.as_i64(result) {
            Some(i) => Ok(if i == -1 { -2i64 as u64 } else { i as u64 }),
            None => Ok(self.hash_leaf(result).unwrap_or(0)),
        }
    }

    /// Hash of a key; TypeError says what it cannot be used as.
    fn hash_key(&mut self, key: Local, role: &str) -> Result<u64, Raised> {
        match self.hash(key) {
            Ok(hash) => Ok(hash),
            Err(raised) => {
                let exact = self
                    .current_exception()
                    .is_some_and(|e| self.is_exact(e.value(), ClassId::TypeError));
                if !exact {
                    return Err(raised);
                }
                let error = self.take_exception(raised);
                let why = self.str_text_of(error)?;
                let name = self.type_name(self.get(key));
                let error = self.type_error(format!("cannot use '{name}' as {role} ({why})"));
                Err(error)
            }
        }
    }

    /// Finds a key, calling `__eq__` where needed. Starts again when that changes the table.
    fn find_key<T: HasTable>(
        &mut self,
        owner: Local,
        key: Local,
        hash: u64,
    ) -> Result<Option<usize>, Raised> {
        let mut resume = None;
        loop {
            let table = self.owner::<T>(owner);
            let asked = match self.table_find(table.r(), self.get(key), hash, resume) {
                Lookup::Found(i) => return Ok(Some(i)),
                Lookup::Missing => return Ok(None),
                Lookup::Ask(i, next) => (i, next),
            };
            let Some((candidate, _, _)) = self.table_entry(table.r(), asked.0) else {
                return Ok(None);
            };
            let end = self.stack.end.get();
            let candidate = self.root(candidate);
            let before = self.root(table.table_slot().get(self));
            let equal = self.rich_eq(candidate, key)?;
            let table = self.owner::<T>(owner);
            let same_table = table.table_slot().get(self).is(self.get(before));
            let same_key = self
                .table_entry(table.r(), asked.0)
                .is_some_and(|(k, _, _)| k.is(self.get(candidate)));
            self.stack.end.set(end);
            if !same_table || !same_key {
                resume = None;
                continue;
            }
            if equal {
                return Ok(Some(asked.0));
            }
            resume = Some(asked.1);
        }
    }

    fn owner<T: HasTable>(&self, owner: Local) -> Gc<'_, T> {
        self.get(owner).cast().expect("the caller passes an object of this layout")
    }

    /// `d[k]` of a dict: true when found, with the value in the result register.
    pub fn dict_get(&mut self, dict: Local, key: Local) -> Result<bool, Raised> {
        let hash = self.hash_key(key, "a dict key")?;
        self.dict_get_hashed(dict, key, hash)
    }

    /// `d[k]` of a dict for a key whose hash is known.
    pub fn dict_get_hashed(&mut self, dict: Local, key: Local, hash: u64) -> Result<bool, Raised> {
        match self.find_key::<Dict>(dict, key, hash)? {
            Some(i) => {
                let dict = self.owner::<Dict>(dict);
                let Ret(()) = self.ret(self.table_value(dict.r(), i));
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// `d[k] = v` of a dict.
    pub fn dict_set(&mut self, dict: Local, key: Local, value: Local) -> Result<(), Raised> {
        let hash = self.hash_key(key, "a dict key")?;
        self.dict_set_hashed(dict, key, hash, value)
    }

    /// `d[k] = v` of a dict for a key whose hash is known.
    pub fn dict_set_hashed(
        &mut self,
        dict: Local,
        key: Local,
        hash: u64,
        value: Local,
    ) -> Result<(), Raised> {
        match self.find_key::<Dict>(dict, key, hash)? {
            Some(i) => {
                let dict = self.owner::<Dict>(dict);
                self.table_set_value(dict.r(), i, self.get(value));
            }
            None => {
                let dict = self.owner::<Dict>(dict);
                self.table_add(dict, self.get(key), hash, self.get(value));
            }
        }
        Ok(())
    }

    /// `d.setdefault(k, v)` of a dict.
    pub fn dict_setdefault(&mut self, dict: Local, key: Local, value: Local) -> NativeResult {
        let hash = self.hash_key(key, "a dict key")?;
        let found = self.find_key::<Dict>(dict, key, hash)?;
        let owner = self.owner::<Dict>(dict);
        match found {
            Some(i) => Ok(self.ret(self.table_value(owner.r(), i))),
            None => {
                self.table_add(owner, self.get(key), hash, self.get(value));
                Ok(self.ret(self.get(value)))
            }
        }
    }

    /// `del d[k]` of a dict: true when it was there, with the old value in the result register.
    pub fn dict_del(&mut self, dict: Local, key: Local) -> Result<bool, Raised> {
        let hash = self.hash_key(key, "a dict key")?;
        self.dict_del_hashed(dict, key, hash)
    }

    /// `del d[k]` of a dict for a key whose hash is known.
    pub fn dict_del_hashed(&mut self, dict: Local, key: Local, hash: u64) -> Result<bool, Raised> {
        match self.find_key::<Dict>(dict, key, hash)? {
            Some(i) => {
                let dict = self.owner::<Dict>(dict);
                let Ret(()) = self.ret(self.table_value(dict.r(), i));
                self.table_delete(dict, i);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Adds to a set: true when it was not there.
    pub fn set_add(&mut self, set: Local, key: Local) -> Result<bool, Raised> {
        let hash = self.hash_key(key, "a set element")?;
        self.set_add_hashed(set, key, hash)
    }

    /// Adds an element whose hash is known to a set: true when it was not there.
    pub fn set_add_hashed(&mut self, set: Local, key: Local, hash: u64) -> Result<bool, Raised> {
        if self.find_key::<Set>(set, key, hash)?.is_some() {
            return Ok(false);
        }
        let set = self.owner::<Set>(set);
        self.table_add(set, self.get(key), hash, Value::UNBOUND);
        Ok(true)
    }

    /// `k in s` of a set.
    pub fn set_contains(&mut self, set: Local, key: Local) -> Result<bool, Raised> {
        let hash = self.hash_key(key, "a set element")?;
        self.set_contains_hashed(set, key, hash)
    }

    /// `k in s` of a set for a key whose hash is known.
    pub fn set_contains_hashed(
        &mut self,
        set: Local,
        key: Local,
        hash: u64,
    ) -> Result<bool, Raised> {
        Ok(self.find_key::<Set>(set, key, hash)?.is_some())
    }

    /// Removes from a set: true when it was there.
    pub fn set_remove(&mut self, set: Local, key: Local) -> Result<bool, Raised> {
        let hash = self.hash_key(key, "a set element")?;
        match self.find_key::<Set>(set, key, hash)? {
            Some(i) => {
                let set = self.owner::<Set>(set);
                self.table_delete(set, i);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// A frozenset of hashable constants.
    pub fn frozenset_of_constants(&self, items: &[Value<'_>]) -> Value<'_> {
        let set = self.set_of_shape(ClassId::FrozenSet as u32);
        for item in items {
            let hash = self.hash_constant(*item);
            if self.table_find(set.r(), *item, hash, None) == Lookup::Missing {
                self.table_add(set, *item, hash, Value::UNBOUND);
            }
        }
        set.value()
    }

    /// Continuation of a comparison's method: `extra` is the stage reached, or `SETTLED`.
    pub(super) fn compare_finish(&mut self, cont: Cont) -> Flow {
        // SAFETY: the caller's frame is on top; its last instruction is the comparison.
        unsafe {
            let frame = &*self.top;
            let mut i = *frame.pc.sub(1);
            if cont.kind == ContKind::CompareJump && i.op == crate::bytecode::Op::Ext {
                i = *frame.pc.sub(2);
            }
            if cont.extra != SETTLED && self.roots.result.word() == word::NOT_IMPLEMENTED {
                use crate::bytecode::Op;
                let op = CompareOp::of(i.x & 7);
                let (a, b) = match i.op {
                    Op::Compare => (*frame.base.add(i.b as usize), *frame.base.add(i.c as usize)),
                    Op::CompareJumpImm => {
                        (*frame.base.add(i.a as usize), word::from_int(i.b as i16 as i64))
                    }
                    _ => (*frame.base.add(i.a as usize), *frame.base.add(i.b as usize)),
                };
                return self.compare_flow(op, a, b, cont.extra, cont);
            }
            match cont.kind {
                ContKind::Compare => self.finish(Cont::store(cont.dst)),
                _ => self.finish(Cont::new(ContKind::Truth, 0)),
            }
        }
    }
}

/// Order of two strs by code points.
pub fn str_order(a: Gc<'_, Str>, b: Gc<'_, Str>) -> Ordering {
    if a.width() == 1 && b.width() == 1 { a.data().cmp(b.data()) } else { a.chars().cmp(b.chars()) }
}
