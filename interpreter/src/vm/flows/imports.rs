//! The import statement.
//!
//! Safety: see [`super`].

use crate::bytecode::Instr;
use crate::object::*;
use crate::vm::Vm;
use crate::vm::code::CodeData;
use crate::vm::native::Raised;

impl Vm {
    pub(in crate::vm) unsafe fn import_name_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let name = vm.push_word((*code).constant(i.c as i32));
                let fromlist = vm.root_register(i.b);
                let globals = vm.root(vm.running().globals.get(vm));
                vm.import_statement(name, globals, fromlist, i.x as usize)
            });
            self.store_result(i.a, result)
        }
    }

    pub(in crate::vm) unsafe fn import_from_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let module = vm.root_register(i.b);
                let name = vm.push_word((*code).constant(i.c as i32));
                vm.import_from(module, name)
            });
            self.store_result(i.a, result)
        }
    }

    pub(in crate::vm) unsafe fn import_star_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let module = vm.root_register(i.a);
                let namespace = vm.root_register(0);
                vm.import_star(module, namespace)
            })
        }
    }
}
