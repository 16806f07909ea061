//! Warnings that the interpreter and native modules issue.

use super::native::Raised;
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::builtins::exceptions::raise_syntax_error;
use crate::compiler::SyntaxError;
use crate::value::Value;

impl Vm {
    /// Issues a warning about the code that called the running native function (`level` 1) or one
    /// of its callers, through the library's `warnings`: it may raise an exception. Without a
    /// library there are no warnings.
    pub fn warn(&mut self, category: ClassId, message: &str, level: i32) -> Result<(), Raised> {
        let category = self.root(self.class(category).value());
        self.warn_as(category, message, level)
    }

    /// Issues a SyntaxWarning of the compiler. Where warnings are errors it is a SyntaxError.
    pub(super) fn syntax_warning(
        &mut self,
        filename: &str,
        warning: &SyntaxError,
    ) -> Result<(), Raised> {
        self.scope(|vm| {
            let module = match vm.import_module("warnings") {
                Ok(module) => module,
                Err(raised) => return vm.catch(raised, ClassId::ImportError),
            };
            let vm_ref = &*vm;
            let arguments = [
                vm_ref.root(vm_ref.str(&warning.message).value()),
                vm_ref.root(vm_ref.class(ClassId::SyntaxWarning).value()),
                vm_ref.root(vm_ref.str(filename).value()),
                vm_ref.root(vm_ref.int(warning.line.into())),
            ];
            let Err(raised) = vm.call_method(module, "warn_explicit", &arguments) else {
                return Ok(());
            };
            if !vm.raised_is(ClassId::SyntaxWarning) {
                return Err(raised);
            }
            vm.take_exception(raised);
            let message =
                warning.message.replace(" Such sequences will not work in the future.", "");
            Err(raise_syntax_error(vm, filename, &SyntaxError { message, ..warning.clone() }))
        })
    }

    /// The same with a category that has no number.
    pub fn warn_as(&mut self, category: Local, message: &str, level: i32) -> Result<(), Raised> {
        self.scope(|vm| {
            let module = match vm.import_module("warnings") {
                Ok(module) => module,
                Err(raised) => return vm.catch(raised, ClassId::ImportError),
            };
            let message = vm.root(vm.str(message).value());
            let level = vm.root(Value::from_i32(level));
            vm.call_method(module, "warn", &[message, category, level]).map(|_| ())
        })
    }
}
