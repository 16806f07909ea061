//! Warnings that the interpreter and native modules issue.

use super::native::Raised;
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::value::Value;

impl Vm {
    /// Issues a warning about the code that called the running native function (`level` 1) or one
    /// of its callers, through the library's `warnings`: it may raise an exception. Without a
    /// library there are no warnings.
    pub fn warn(&mut self, category: ClassId, message: &str, level: i32) -> Result<(), Raised> {
        let category = self.root(self.class(category).value());
        self.warn_as(category, message, level)
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
