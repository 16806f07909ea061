//! Iteration and unpacking.
//!
//! Safety: see [`super`].

use crate::builtins::ClassId;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};
use crate::vm::frame::{Cont, ContKind, Flow};
use crate::vm::native::Raised;
use crate::vm::{Local, Special, Vm};

impl Vm {
    pub(in crate::vm) unsafe fn get_iter_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let v = Value::from_word(*vm.register(i.b));
            let pair = |container: Word, state: Word| {
                *vm.register(i.a) = container;
                *vm.register(i.a + 1) = state;
                Flow::Next
            };
            if let Some(header) = v.header() {
                let shape = header.shape();
                if shape == ClassId::List as u32
                    || shape == ClassId::Tuple as u32
                    || shape == ClassId::Str as u32
                {
                    return pair(v.word(), word::from_int(0));
                }
                if shape == ClassId::Range as u32
                    && let Some(range) = v.cast::<Range>()
                {
                    let near =
                        |s: &Slot| s.get(vm).as_small_int().filter(|i| i.unsigned_abs() < 1 << 60);
                    if let (Some(start), Some(_), Some(_)) =
                        (near(&range.start), near(&range.stop), near(&range.step))
                    {
                        return pair(v.word(), word::from_int(start));
                    }
                }
                if Kind::of(header) == Kind::Generator && shape == ClassId::Generator as u32 {
                    return pair(v.word(), word::UNBOUND);
                }
            }
            *vm.register(i.a + 1) = word::UNBOUND;
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.iter(v)
            });
            match self.store_result(i.a, result) {
                Ok(()) => {
                    *self.register(i.a + 1) = word::UNBOUND;
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(in crate::vm) unsafe fn make_iter_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.iter(v)
            });
            self.store_result(i.a, result)
        }
    }

    pub(in crate::vm) unsafe fn for_iter_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (v, state) = (Value::from_word(*vm.register(i.b)), *vm.register(i.b + 1));
            if state != word::UNBOUND {
                // A builtin container and the position in it.
                let index = word::int(state) as usize;
                let item = match v.kind() {
                    Some(Kind::List) => {
                        (*at.cast_mut()).op = Op::ForIterList;
                        let list = v.cast_unchecked::<List>();
                        (index < list.len.get()).then(|| vm.list_item(list, index))
                    }
                    Some(Kind::Range) => {
                        (*at.cast_mut()).op = Op::ForIterRange;
                        (*vm.top).pc = at;
                        return Flow::Switch;
                    }
                    Some(Kind::Str) => {
                        let s = v.cast_unchecked::<Str>();
                        (index < s.len()).then(|| vm.str_from_char(s.char_at(index)).value())
                    }
                    _ => {
                        let tuple = v.cast_unchecked::<Tuple>();
                        (index < tuple.len()).then(|| tuple.item(vm, index))
                    }
                };
                match item {
                    Some(item) => {
                        *vm.register(i.a) = item.word();
                        *vm.register(i.b + 1) = word::from_int(index as i64 + 1);
                        (*self.top).pc = (*self.top).pc.add(1);
                    }
                    None => self.take_loop_exit(),
                }
                return Flow::Switch;
            }
            if let Some(g) = v.cast::<Generator>()
                && matches!(g.state.get(), GenState::Created | GenState::Suspended)
                && vm.is_exact(v, ClassId::Generator)
            {
                (*at.cast_mut()).op = Op::ForIterGen;
                (*vm.top).pc = at;
                return Flow::Switch;
            }
            if vm.step_of(v).is_some() {
                (*at.cast_mut()).op = Op::ForIterNative;
                (*vm.top).pc = at;
                return Flow::Switch;
            }
            (*at.cast_mut()).op = Op::ForIter;
            if let Some(f) = vm.special_of(v, Special::Next)
                && f.kind() == Some(Kind::Function)
            {
                let (f, v) = (f.word(), v.word());
                return self.enter_with(f, &[v], Cont::new(ContKind::ForIter, i.a));
            }
            let more = self.with_roots(|vm| {
                let it = vm.root_register(i.b);
                vm.next(it)
            });
            match more {
                Ok(true) => {
                    *self.register(i.a) = self.roots.result.word();
                    (*self.top).pc = (*self.top).pc.add(1);
                    Flow::Switch
                }
                Ok(false) => {
                    self.take_loop_exit();
                    Flow::Switch
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// Calls `f` with each key and value of a mapping: a dict, or what has `keys()`.
    pub fn each_item(
        &mut self,
        mapping: Local,
        mut f: impl FnMut(&mut Vm, Local, Local) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        if self.is_exact(self.get(mapping), ClassId::Dict)
            || (self.get(mapping).kind() == Some(Kind::Dict))
        {
            let mut i = 0;
            loop {
                let dict: Gc<'_, Dict> = self.get(mapping).cast().expect("kind");
                if i >= self.table_used(dict.r()) {
                    return Ok(());
                }
                if let Some((key, value, _)) = self.table_entry(dict.r(), i) {
                    let (key, value) = (self.root(key), self.root(value));
                    let end = key.0;
                    f(self, key, value)?;
                    self.stack.end.set(end);
                }
                i += 1;
            }
        }
        let keys = self.call_method(mapping, "keys", &[])?;
        let keys = self.hold(keys);
        self.iterate(keys, |vm, key| {
            let value = vm.getitem(mapping, key)?;
            let value = vm.hold(value);
            f(vm, key, value)
        })
    }

    pub(in crate::vm) unsafe fn unpack_sequence(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let n = i.c as usize;
            let vm = &*self;
            let v = Value::from_word(*vm.register(i.b));
            if let Some(list) = v.cast::<List>()
                && vm.is_exact(v, ClassId::List)
                && list.len.get() == n
            {
                for k in 0..n {
                    *vm.register(i.a + k as u16) = vm.list_item(list, k).word();
                }
                return Ok(());
            }
            self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let exact_len = match vm.get(v).kind() {
                    Some(Kind::List | Kind::Tuple | Kind::Dict) => vm.len_leaf(vm.get(v)),
                    _ => None,
                };
                let it = vm.unpack_iter(v)?;
                let first = vm.stack.end.get();
                for k in 0..n {
                    if !vm.next(it)? {
                        return Err(vm.value_error(format!(
                            "not enough values to unpack (expected {n}, got {k})"
                        )));
                    }
                    vm.hold_result();
                }
                if vm.next(it)? {
                    let got = exact_len.map_or(String::new(), |len| format!(", got {len}"));
                    return Err(
                        vm.value_error(format!("too many values to unpack (expected {n}{got})"))
                    );
                }
                for k in 0..n {
                    *vm.register(i.a + k as u16) = vm.get(Local(first + k as u32)).word();
                }
                Ok(())
            })
        }
    }

    fn unpack_iter(&mut self, v: Local) -> Result<Local, Raised> {
        let iterable = self.special_of(self.get(v), Special::Iter).is_some_and(|m| !m.is_none())
            || self.special_of(self.get(v), Special::GetItem).is_some();
        if !iterable {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!("cannot unpack non-iterable {name} object")));
        }
        let ret = self.iter(v)?;
        Ok(self.hold(ret))
    }

    pub(in crate::vm) unsafe fn unpack_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let (before, after) = (i.c as usize & 255, i.c as usize >> 8);
            self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let iterable =
                    vm.special_of(vm.get(v), Special::Iter).is_some_and(|m| !m.is_none())
                        || vm.special_of(vm.get(v), Special::GetItem).is_some();
                if !iterable {
                    let name = vm.type_name(vm.get(v));
                    return Err(vm.type_error(format!("cannot unpack non-iterable {name} object")));
                }
                let ret = vm.collect_list(v)?;
                let list: Gc<'_, List> = vm.value(ret).cast().expect("a list");
                let len = list.len.get();
                if len < before + after {
                    return Err(vm.value_error(format!(
                        "not enough values to unpack (expected at least {}, got {len})",
                        before + after
                    )));
                }
                let items: Vec<Value<'_>> = vm.list_items(list).collect();
                let middle = vm.list(&items[before..len - after]).value();
                for (k, item) in items[..before].iter().enumerate() {
                    *vm.register(i.a + k as u16) = item.word();
                }
                *vm.register(i.a + before as u16) = middle.word();
                for (k, item) in items[len - after..].iter().enumerate() {
                    *vm.register(i.a + (before + 1 + k) as u16) = item.word();
                }
                Ok(())
            })
        }
    }
}
