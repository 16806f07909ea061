//! Globals, builtins and the namespaces of modules and class bodies.

use super::Vm;
use super::code::{CodeData, Site};
use super::native::Raised;
use crate::builtins::ClassId;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};

impl Vm {
    /// The function that runs in the frame on top.
    pub(super) unsafe fn running(&self) -> Gc<'_, Function> {
        // SAFETY: the function is in the slot below the frame's registers.
        unsafe { Value::from_word(*(*self.top).base.sub(1)).cast_unchecked() }
    }

    /// The globals of the Python function on top, if one runs.
    pub fn globals_on_top(&self) -> Option<Gc<'_, Dict>> {
        if self.stack.depth(self.top) == 0 {
            return None;
        }
        // SAFETY: a frame is on top.
        Some(unsafe { self.running_globals() })
    }

    unsafe fn running_globals(&self) -> Gc<'_, Dict> {
        // SAFETY: globals are always a dict.
        unsafe { self.running().globals.get(self).cast_unchecked() }
    }

    unsafe fn site<'a>(&self, code: *const CodeData, i: Instr) -> (&'a Site, Gc<'_, Str>) {
        // SAFETY: the running code lives as long as its frame; names are strs.
        unsafe {
            let site: &'a Site = (*code).site(i.c);
            (site, site.name.get(self).cast_unchecked())
        }
    }

    unsafe fn set_register(&self, i: u16, w: Word) {
        // SAFETY: a register of the frame on top.
        unsafe { (*self.top).base.add(i as usize).write(w) }
    }

    /// `LoadGlobal`
    ///
    /// # Safety
    /// `at` is the instruction in the running code.
    pub(super) unsafe fn load_global(
        &mut self,
        at: *const Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (site, name) = vm.site(code, i);
            let globals = vm.running_globals();
            let builtins: Gc<'_, Dict> = vm.roots.builtins.get(vm).cast_unchecked();
            if !vm.is_plain_scope(globals) {
                return self.load_global_anyhow(i, code);
            }
            let learn = site.misses.get() < 200;
            if let Some(entry) = vm.table_find_str(globals.r(), name) {
                vm.set_register(i.a, vm.table_value(globals.r(), entry).word());
                if learn {
                    site.misses.set(site.misses.get() + 1);
                    site.version.set(vm.dict_watch(globals));
                    site.index.set(entry as u32);
                    (*at.cast_mut()).op = Op::LoadGlobalModule;
                }
                return Ok(());
            }
            if let Some(entry) = vm.table_find_str(builtins.r(), name) {
                vm.set_register(i.a, vm.table_value(builtins.r(), entry).word());
                if learn {
                    site.misses.set(site.misses.get() + 1);
                    site.version.set(vm.dict_watch(globals));
                    site.version2.set(vm.dict_watch(builtins));
                    site.index.set(entry as u32);
                    (*at.cast_mut()).op = Op::LoadGlobalBuiltin;
                }
                return Ok(());
            }
            Err(vm.name_error(name))
        }
    }

    /// Whether globals are a plain dict that goes with the VM's own builtins.
    fn is_plain_scope(&self, globals: Gc<'_, Dict>) -> bool {
        if !self.is_exact(globals.value(), ClassId::Dict) {
            return false;
        }
        let own = self.roots.builtins.word();
        match self.dict_get_str(globals, self.intern("__builtins__")) {
            None => true,
            Some(builtins) => match builtins.cast::<Module>() {
                Some(module) => module.dict.word() == own,
                None => builtins.word() == own,
            },
        }
    }

    /// The builtins that go with some globals: those named there, or the VM's.
    pub fn builtins_of<'gc>(&'gc self, globals: Gc<'gc, Dict>) -> Value<'gc> {
        match self.dict_get_str(globals, self.intern("__builtins__")) {
            Some(value) => match value.cast::<Module>() {
                Some(module) => module.r().dict.get(self),
                None => value,
            },
            None => self.roots.builtins.get(self),
        }
    }

    /// `LoadGlobal` with globals of a subclass of dict, or with builtins of their own.
    #[cold]
    unsafe fn load_global_anyhow(&mut self, i: Instr, code: *const CodeData) -> Result<(), Raised> {
        // SAFETY: for the whole function: as in the callers.
        unsafe {
            let result = self.with_roots(|vm| {
                let (globals, builtins, name) = {
                    let vm = &*vm;
                    let globals = vm.running_globals();
                    let name = vm.site(code, i).1.value();
                    (vm.root(globals.value()), vm.root(vm.builtins_of(globals)), vm.root(name))
                };
                for mapping in [globals, builtins] {
                    match vm.getitem(mapping, name) {
                        Ok(ret) => return Ok(ret),
                        Err(raised) => vm.catch(raised, ClassId::KeyError)?,
                    }
                }
                Err(vm.name_error(vm.get(name).as_str().expect("a name is a str")))
            });
            self.store_result(i.a, result)
        }
    }

    /// `name 'x' is not defined`
    #[cold]
    pub fn name_error(&self, name: Gc<'_, Str>) -> Raised {
        let text = self.str_text(name);
        let raised = self.raise(ClassId::NameError, format!("name '{text}' is not defined"));
        crate::builtins::exceptions::set_name_error_name(self, name.value());
        raised
    }

    /// `StoreGlobal`
    ///
    /// # Safety
    /// `i` was just executed in the frame on top, which runs `code`.
    pub(super) unsafe fn store_global(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let (_, name) = self.site(code, i);
            let value = Value::from_word(*(*self.top).base.add(i.a as usize));
            self.dict_set_str(self.running_globals(), name, value);
        }
        Ok(())
    }

    /// `DeleteGlobal`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn delete_global(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let (_, name) = self.site(code, i);
            if self.dict_del_str(self.running_globals(), name) {
                return Ok(());
            }
            Err(self.name_error(name))
        }
    }

    /// The namespace in register 0 if it is an exact dict.
    unsafe fn namespace(&self) -> Option<Gc<'_, Dict>> {
        // SAFETY: code with NAMES has its namespace in register 0.
        let namespace = unsafe { Value::from_word(*(*self.top).base) };
        if self.is_exact(namespace, ClassId::Dict) { namespace.cast() } else { None }
    }

    /// A name in a namespace that is not a plain dict; false when missing (KeyError).
    unsafe fn lookup_mapping(&mut self, name: Word, to: u16) -> Result<bool, Raised> {
        // SAFETY: register 0 is the namespace; the name was just read.
        unsafe {
            let end = self.stack.end.get();
            let mapping = self.push_word(*(*self.top).base);
            let key = self.push_word(name);
            let result = self.getitem(mapping, key);
            self.stack.end.set(end);
            match result {
                Ok(ret) => {
                    let value = self.value(ret).word();
                    self.set_register(to, value);
                    Ok(true)
                }
                Err(raised) => self.catch(raised, ClassId::KeyError).map(|()| false),
            }
        }
    }

    /// `LoadName`
    ///
    /// # Safety
    /// `at` is the instruction in the running code.
    pub(super) unsafe fn load_name(
        &mut self,
        at: *const Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (_, name) = vm.site(code, i);
            match vm.namespace() {
                Some(dict) if dict == vm.running_globals() => return self.load_global(at, code),
                Some(dict) => {
                    if let Some(value) = vm.dict_get_str(dict, name) {
                        vm.set_register(i.a, value.word());
                        return Ok(());
                    }
                }
                None => {
                    let name = name.value().word();
                    if self.lookup_mapping(name, i.a)? {
                        return Ok(());
                    }
                }
            }
            self.load_name_fallback(i, code)
        }
    }

    /// Globals and builtins for a name that is not in the namespace.
    unsafe fn load_name_fallback(&mut self, i: Instr, code: *const CodeData) -> Result<(), Raised> {
        // SAFETY: as in the callers.
        unsafe {
            let vm = &*self;
            let (_, name) = vm.site(code, i);
            let globals = vm.running_globals();
            if !vm.is_plain_scope(globals) {
                return self.load_global_anyhow(i, code);
            }
            let builtins: Gc<'_, Dict> = vm.roots.builtins.get(vm).cast_unchecked();
            let found = vm.dict_get_str(globals, name).or_else(|| vm.dict_get_str(builtins, name));
            match found {
                Some(value) => {
                    vm.set_register(i.a, value.word());
                    Ok(())
                }
                None => Err(vm.name_error(name)),
            }
        }
    }

    /// `StoreName`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn store_name(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let (_, name) = self.site(code, i);
            let word = *(*self.top).base.add(i.a as usize);
            if let Some(dict) = self.namespace() {
                self.dict_set_str(dict, name, Value::from_word(word));
                return Ok(());
            }
            let name = name.value().word();
            let end = self.stack.end.get();
            let mapping = self.push_word(*(*self.top).base);
            let (key, value) = (self.push_word(name), self.push_word(word));
            let result = self.setitem(mapping, key, value);
            self.stack.end.set(end);
            result
        }
    }

    /// `DeleteName`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn delete_name(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let (_, name) = self.site(code, i);
            if let Some(dict) = self.namespace() {
                if self.dict_del_str(dict, name) {
                    return Ok(());
                }
                return Err(self.name_error(name));
            }
            let name = name.value().word();
            let end = self.stack.end.get();
            let (mapping, key) = (self.push_word(*(*self.top).base), self.push_word(name));
            let result = self.delitem(mapping, key);
            self.stack.end.set(end);
            if let Err(raised) = result {
                self.catch(raised, ClassId::KeyError)?;
                let (_, name) = self.site(code, i);
                return Err(self.name_error(name));
            }
            Ok(())
        }
    }

    /// `LoadNameOrCell`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn load_name_or_cell(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let vm = &*self;
            let (_, name) = vm.site(code, i);
            let found = match vm.namespace() {
                Some(dict) => match vm.dict_get_str(dict, name) {
                    Some(value) => {
                        vm.set_register(i.a, value.word());
                        true
                    }
                    None => false,
                },
                None => {
                    let name = name.value().word();
                    self.lookup_mapping(name, i.a)?
                }
            };
            if found {
                return Ok(());
            }
            let cell =
                Value::from_word(*(*self.top).base.add(i.b as usize)).cast_unchecked::<Cell_>();
            let contents = cell.contents.word();
            if contents == word::UNBOUND {
                return self.unbound_cell(i.b);
            }
            self.set_register(i.a, contents);
            Ok(())
        }
    }

    /// `LoadDictOrGlobal`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn load_dict_or_global(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            if self.lookup_in(i.b, i.a, i, code)? {
                return Ok(());
            }
            self.load_name_fallback(i, code)
        }
    }

    /// `LoadDictOrCell`
    ///
    /// # Safety
    /// As for [`Vm::store_global`].
    pub(super) unsafe fn load_dict_or_cell(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            if self.lookup_in(i.a, i.a, i, code)? {
                return Ok(());
            }
            let cell =
                Value::from_word(*(*self.top).base.add(i.b as usize)).cast_unchecked::<Cell_>();
            let contents = cell.contents.word();
            if contents == word::UNBOUND {
                return self.unbound_cell(i.b);
            }
            self.set_register(i.a, contents);
            Ok(())
        }
    }

    /// The site's name in the mapping in a register; false when missing.
    unsafe fn lookup_in(
        &mut self,
        mapping: u16,
        to: u16,
        i: Instr,
        code: *const CodeData,
    ) -> Result<bool, Raised> {
        // SAFETY: as in the callers.
        unsafe {
            let name = self.site(code, i).1.value().word();
            let end = self.stack.end.get();
            let mapping = self.push_word(*(*self.top).base.add(mapping as usize));
            let key = self.push_word(name);
            let result = self.getitem(mapping, key);
            self.stack.end.set(end);
            match result {
                Ok(ret) => {
                    let value = self.value(ret).word();
                    self.set_register(to, value);
                    Ok(true)
                }
                Err(raised) => self.catch(raised, ClassId::KeyError).map(|()| false),
            }
        }
    }

    /// UnboundLocalError for a local of the frame on top.
    #[cold]
    pub(super) fn unbound_local(&self, register: u16) -> Result<(), Raised> {
        // SAFETY: the running code names its locals.
        let code = unsafe { &*(*self.top).code };
        let name = code.varnames[register as usize].get(self);
        let text = self.text_of(name);
        Err(self.raise(
            ClassId::UnboundLocalError,
            format!(
                "cannot access local variable '{text}' where it is not associated with a value"
            ),
        ))
    }

    /// The error for an empty cell of the frame on top.
    #[cold]
    pub(super) fn unbound_cell(&self, register: u16) -> Result<(), Raised> {
        // SAFETY: the running code lives.
        let code = unsafe { &*(*self.top).code };
        let unit = &code.unit;
        let register = register as usize;
        if register >= unit.free_base as usize
            && let Some(name) = unit.freevars.get(register - unit.free_base as usize)
        {
            return Err(self.raise(
                ClassId::NameError,
                format!(
                    "cannot access free variable '{name}' where it is not associated with a value \
                     in enclosing scope"
                ),
            ));
        }
        self.unbound_local(register as u16)
    }
}
