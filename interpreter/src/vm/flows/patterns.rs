//! `match`.
//!
//! Safety: see [`super`].

use crate::builtins::ClassId;
use crate::bytecode::Instr;
use crate::object::*;
use crate::value::{Value, word};
use crate::vm::code::CodeData;
use crate::vm::native::{Raised, Ret};
use crate::vm::{Local, Vm};

impl Vm {
    pub(in crate::vm) unsafe fn get_len_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let len = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.len(v)
            })?;
            *self.register(i.a) = self.int_usize(len).word();
            Ok(())
        }
    }

    pub(in crate::vm) unsafe fn match_kind(&mut self, i: Instr) {
        // SAFETY: see the module's notes.
        unsafe {
            let v = Value::from_word(*self.register(i.b));
            let flag = if i.x == 0 { ClassFlags::SEQUENCE } else { ClassFlags::MAPPING };
            let yes = self.class_of(v).flags.get() & flag != 0;
            *self.register(i.a) = word::from_bool(yes);
        }
    }

    /// The values of a mapping pattern's keys, through the subject's `get`: subscription might add
    /// what is missing.
    pub(in crate::vm) unsafe fn match_keys(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, keys) = (vm.root_register(i.b), vm.root_register(i.c));
                let count = vm.get(keys).cast::<Tuple>().map_or(0, |t| t.len());
                let found = vm.root(vm.list(&[]).value());
                let seen = vm.root(vm.new_set().value());
                let class = vm.root(vm.class(ClassId::Object).value());
                let missing = vm.call(class, &[])?;
                let missing = vm.hold(missing);
                let get = vm.getattr_str(v, "get")?;
                let get = vm.hold(get);
                for k in 0..count {
                    let key = vm.get(keys).cast::<Tuple>().expect("a tuple").item(vm, k);
                    let key = vm.root(key);
                    if !vm.set_add(seen, key)? {
                        let key = vm.repr(key)?;
                        let key = vm.text_of(vm.value(key));
                        let text = format!("mapping pattern checks duplicate key ({key})");
                        return Err(vm.value_error(text));
                    }
                    let Ret(()) = vm.call(get, &[key, missing])?;
                    if vm.result().is(vm.get(missing)) {
                        *vm.register(i.a) = word::NONE;
                        return Ok(());
                    }
                    vm.list_push(vm.get(found).cast().expect("a list"), vm.result());
                }
                let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                let tuple = vm.tuple_from(count, vm.list_items(list));
                *vm.register(i.a) = tuple.value().word();
                Ok(())
            })
        }
    }

    pub(in crate::vm) unsafe fn match_class(
        &mut self,
        i: Instr,
        names: i32,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, class) = (vm.root_register(i.b), vm.root_register(i.c));
                let names = vm.push_word((*code).constant(names));
                let found = vm.root(vm.list(&[]).value());
                let matched = vm.class_attributes(v, class, i.x as usize, names, found)?;
                *vm.register(i.a) = if matched {
                    let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                    vm.tuple_from(list.len.get(), vm.list_items(list)).value().word()
                } else {
                    word::NONE
                };
                Ok(())
            })
        }
    }

    /// Whether the subject is an instance with the attributes that a class pattern names, which
    /// are added to `found`.
    fn class_attributes(
        &mut self,
        v: Local,
        class: Local,
        positional: usize,
        names: Local,
        found: Local,
    ) -> Result<bool, Raised> {
        if self.get(class).as_class().is_none() {
            return Err(self.type_error("called match pattern must be a class"));
        }
        if !self.isinstance(v, class)? {
            return Ok(false);
        }
        let seen = self.root(self.new_set().value());
        if positional > 0 {
            let args = self.getattr_opt(class, "__match_args__")?.map(|r| self.hold(r));
            if args.is_none() && self.matches_itself(class) {
                self.check_positional(class, 1, positional)?;
                self.list_push(self.get(found).cast().expect("a list"), self.get(v));
            } else {
                let args = args.unwrap_or_else(|| self.root(self.tuple(&[]).value()));
                let Some(tuple) = self.get(args).cast::<Tuple>() else {
                    let name = self.class_name_of(class);
                    let given = self.type_name(self.get(args));
                    let text = format!("{name}.__match_args__ must be a tuple (got {given})");
                    return Err(self.type_error(text));
                };
                let len = tuple.len();
                self.check_positional(class, len, positional)?;
                if !self.match_attrs(v, class, args, positional, seen, found)? {
                    return Ok(false);
                }
            }
        }
        let count = self.get(names).cast::<Tuple>().map_or(0, |t| t.len());
        self.match_attrs(v, class, names, count, seen, found)
    }

    /// A class pattern may not have more positional sub-patterns than the class accepts.
    fn check_positional(&self, class: Local, accepts: usize, given: usize) -> Result<(), Raised> {
        if given <= accepts {
            return Ok(());
        }
        let name = self.class_name_of(class);
        let plural = if accepts == 1 { "" } else { "s" };
        Err(self.type_error(format!(
            "{name}() accepts {accepts} positional sub-pattern{plural} ({given} given)"
        )))
    }

    /// Whether the one positional sub-pattern of this builtin class is for the subject itself.
    fn matches_itself(&self, class: Local) -> bool {
        let own = [
            ClassId::Bool,
            ClassId::ByteArray,
            ClassId::Bytes,
            ClassId::Dict,
            ClassId::Float,
            ClassId::FrozenSet,
            ClassId::Int,
            ClassId::List,
            ClassId::Set,
            ClassId::Str,
            ClassId::Tuple,
        ];
        let class = self.get(class).as_class().expect("checked by the caller");
        own.iter().any(|o| self.is_subclass(class, self.class(*o)))
    }

    /// The attributes with the first `count` of the names, added to `found`: false when one is
    /// missing.
    fn match_attrs(
        &mut self,
        v: Local,
        class: Local,
        names: Local,
        count: usize,
        seen: Local,
        found: Local,
    ) -> Result<bool, Raised> {
        for k in 0..count {
            let name = self.get(names).cast::<Tuple>().expect("a tuple").item(self, k);
            let name = self.root(name);
            if self.get(name).as_str().is_none() {
                let given = self.type_name(self.get(name));
                let text = format!("__match_args__ elements must be strings (got {given})");
                return Err(self.type_error(text));
            }
            if !self.set_add(seen, name)? {
                let class = self.class_name_of(class);
                let name = self.repr(name)?;
                let name = self.text_of(self.value(name));
                let text = format!("{class}() got multiple sub-patterns for attribute {name}");
                return Err(self.type_error(text));
            }
            if !self.match_attr(v, name)? {
                return Ok(false);
            }
            self.list_push(self.get(found).cast().expect("a list"), self.result());
        }
        Ok(true)
    }

    fn class_name_of(&self, class: Local) -> String {
        self.get(class).as_class().map_or("?".into(), |c| self.class_name(c))
    }

    /// An attribute for a class pattern: false when missing.
    fn match_attr(&mut self, v: Local, name: Local) -> Result<bool, Raised> {
        match self.getattr_maybe(v, name) {
            Ok(found) => Ok(found.is_some()),
            Err(raised) => self.catch(raised, ClassId::AttributeError).map(|()| false),
        }
    }
}
