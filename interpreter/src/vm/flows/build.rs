//! Displays, f-strings and templates.
//!
//! Safety: see [`super`].

use crate::builtins::{ClassId, template};
use crate::bytecode::Instr;
use crate::object::*;
use crate::value::{Value, Word};
use crate::vm::native::Raised;
use crate::vm::{Special, Vm};

impl Vm {
    pub(in crate::vm) unsafe fn build_set(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let set = vm.root(vm.new_set().value());
                for k in 0..i.c {
                    let item = vm.root_register(i.b + k);
                    vm.set_add(set, item)?;
                }
                *vm.register(i.a) = vm.get(set).word();
                Ok(())
            })
        }
    }

    pub(in crate::vm) unsafe fn build_dict(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let dict = vm.root(vm.dict().value());
                for k in 0..i.c {
                    vm.scope(|vm| {
                        let (key, value) =
                            (vm.root_register(i.b + 2 * k), vm.root_register(i.b + 2 * k + 1));
                        vm.dict_set(dict, key, value)
                    })?;
                }
                *vm.register(i.a) = vm.get(dict).word();
                Ok(())
            })
        }
    }

    /// `BuildInterpolation`
    pub(in crate::vm) unsafe fn build_interpolation(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let parts = [0, 1, 2, 3].map(|k| Value::from_word(*vm.register(i.b + k)));
            *vm.register(i.a) = template::interpolation(vm, parts).word();
        }
    }

    /// `BuildTemplate`
    pub(in crate::vm) unsafe fn build_template(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let part = |k| Value::from_word(*vm.register(i.b + k));
            let items: Vec<Value<'_>> = (1..=i.c).map(part).collect();
            let interpolations = vm.tuple(&items).value();
            *vm.register(i.a) = template::template(vm, part(0), interpolations).word();
        }
    }

    pub(in crate::vm) unsafe fn build_string(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes; the compiler passes strs.
        unsafe {
            let vm = &*self;
            let parts: Vec<Gc<'_, Str>> = (0..i.c)
                .map(|k| Value::from_word(*vm.register(i.b + k)).cast_unchecked())
                .collect();
            let len = parts.iter().map(|s| s.len()).sum();
            let width = parts.iter().map(|s| s.width()).max().unwrap_or(1);
            let joined = if width == 1 && len > 0 {
                let ascii = parts.iter().all(|s| s.is_ascii());
                let (s, mut data) = vm.str_uninit(ClassId::Str as u32, len, 1, ascii);
                for part in &parts {
                    let bytes = part.data();
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
                    data = data.add(bytes.len());
                }
                s
            } else {
                let max = [0, 0xFF, 0xFFFF, 0, 0x10FFFF][width];
                vm.str_from_chars(len, max, parts.iter().flat_map(|s| s.chars()))
            };
            *vm.register(i.a) = joined.value().word();
        }
    }

    pub(in crate::vm) unsafe fn format_value(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let ret = match i.x & 3 {
                    1 => Some(vm.str_of(v)?),
                    2 => Some(vm.repr(v)?),
                    3 => Some(vm.ascii(v)?),
                    _ => None,
                };
                let v = match ret {
                    Some(ret) => vm.hold(ret),
                    None => v,
                };
                if i.x & 128 != 0 {
                    let spec = vm.root_register(i.c);
                    vm.format(v, spec)
                } else if vm.is_exact(vm.get(v), ClassId::Str) {
                    Ok(vm.ret(vm.get(v)))
                } else {
                    let spec = vm.root(vm.str("").value());
                    vm.format(v, spec)
                }
            });
            self.store_result(i.a, result)
        }
    }

    pub(in crate::vm) unsafe fn list_extend_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (list, items) = (vm.root_register(i.a), vm.root_register(i.b));
                let iterable = vm.special_of(vm.get(items), Special::Iter).is_some()
                    || vm.special_of(vm.get(items), Special::GetItem).is_some();
                if !iterable {
                    // The callee of a call is in the register below its list of arguments.
                    let prefix = if i.x == 1 {
                        let callee = vm.root_register(i.a - 1);
                        format!("{} argument", vm.callee_text(callee)?)
                    } else {
                        "Value".into()
                    };
                    let name = vm.type_name(vm.get(items));
                    return Err(
                        vm.type_error(format!("{prefix} after * must be an iterable, not {name}"))
                    );
                }
                vm.iterate(items, |vm, item| {
                    let list: Gc<'_, List> = vm.get(list).cast().expect("the compiler's own");
                    vm.list_push(list, vm.get(item));
                    Ok(())
                })
            })
        }
    }

    pub(in crate::vm) unsafe fn list_to_tuple(&mut self, i: Instr) {
        // SAFETY: see the module's notes.
        unsafe {
            let list = Value::from_word(*self.register(i.b)).cast_unchecked::<List>();
            let tuple = self.tuple_from(list.len.get(), self.list_items(list));
            *self.register(i.a) = tuple.value().word();
        }
    }

    pub(in crate::vm) unsafe fn set_add_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (set, item) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.set_add(set, item).map(|_| ())
            })
        }
    }

    pub(in crate::vm) unsafe fn set_update_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (set, items) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.iterate(items, |vm, item| vm.set_add(set, item).map(|_| ()))
            })
        }
    }

    pub(in crate::vm) unsafe fn dict_set_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let [dict, key, value] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                vm.dict_set(dict, key, value)
            })
        }
    }

    pub(in crate::vm) unsafe fn dict_update_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (dict, other) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.each_item(other, |vm, key, value| vm.dict_set(dict, key, value)).map_err(
                    |raised| {
                        if vm.raised_is(ClassId::AttributeError) {
                            let name = vm.type_name(vm.get(other));
                            return vm.type_error(format!("'{name}' object is not a mapping"));
                        }
                        raised
                    },
                )
            })
        }
    }

    pub(in crate::vm) unsafe fn dict_merge_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let [dict, other, callee] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                if vm.get(other).cast::<Dict>().is_none()
                    && vm.getattr_opt(other, "keys")?.is_none()
                {
                    let (f, name) = (vm.callee_text(callee)?, vm.type_name(vm.get(other)));
                    return Err(vm.type_error(format!(
                        "{f} argument after ** must be a mapping, not {name}"
                    )));
                }
                vm.each_item(other, |vm, key, value| {
                    // That they are strs the call checks.
                    if vm.dict_get(dict, key)? {
                        let name = vm.str_of(key)?;
                        let name = vm.text_of(vm.value(name));
                        let f = vm.callee_text(callee)?;
                        return Err(vm.type_error(format!(
                            "{f} got multiple values for keyword argument '{name}'"
                        )));
                    }
                    vm.dict_set(dict, key, value)
                })
            })
        }
    }

    pub(in crate::vm) fn display_hook(&mut self, value: Word) -> Result<(), Raised> {
        let end = self.stack.end.get();
        let value = self.push_word(value);
        let sys = self.root(self.roots.sys.get(self));
        let result = self.call_method(sys, "displayhook", &[value]).map(|_| ());
        self.stack.end.set(end);
        result
    }
}
