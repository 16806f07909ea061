//! `raise` and `except`.
//!
//! Safety: see [`super`].

use crate::builtins::{ClassId, exception_group};
use crate::bytecode::Instr;
use crate::object::*;
use crate::value::{Value, Word, word};
use crate::vm::native::Raised;
use crate::vm::{Local, Vm};

impl Vm {
    /// `raise exception [from cause]`; always an error.
    pub(in crate::vm) fn raise_step(
        &mut self,
        exception: Word,
        cause: Option<Word>,
    ) -> Result<(), Raised> {
        let end = self.stack.end.get();
        let exception = self.push_word(exception);
        let cause = cause.map(|c| self.push_word(c));
        let result = self.raise_value(exception, cause);
        self.stack.end.set(end);
        result
    }

    /// Raises what a `raise` statement names: an exception or a class of one.
    pub fn raise_value(&mut self, exception: Local, cause: Option<Local>) -> Result<(), Raised> {
        let exception =
            self.make_exception(exception, "exceptions must derive from BaseException")?;
        if let Some(cause) = cause {
            let cause = if self.get(cause).is_none() {
                cause
            } else {
                self.make_exception(cause, "exception causes must derive from BaseException")?
            };
            let e: Gc<'_, Exception> = self.get(exception).cast().expect("made above");
            self.write(e, |e| &e.cause, self.get(cause));
            e.suppress_context.set(true);
        }
        Err(self.set_exception(self.get(exception)))
    }

    fn make_exception(&mut self, v: Local, otherwise: &str) -> Result<Local, Raised> {
        if self.get(v).kind() == Some(Kind::Exception) {
            return Ok(v);
        }
        if let Some(class) = self.get(v).as_class()
            && class.flags.get() & ClassFlags::EXCEPTION != 0
        {
            let ret = self.call(v, &[])?;
            let made = self.hold(ret);
            if self.get(made).kind() == Some(Kind::Exception) {
                return Ok(made);
            }
            let (class, given) = (self.repr_text(v)?, self.repr_text(made)?);
            return Err(self.type_error(format!(
                "calling {class} should have returned an instance of BaseException, not {given}"
            )));
        }
        Err(self.type_error(otherwise))
    }

    pub(in crate::vm) fn raise_bare(&mut self) -> Result<(), Raised> {
        let handled = self.handled_exception();
        if handled.is_none() {
            return Err(self.raise(ClassId::RuntimeError, "No active exception to reraise"));
        }
        Err(self.set_exception_as_is(handled))
    }

    pub(in crate::vm) unsafe fn match_exception(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let (e, classes) =
                (Value::from_word(*vm.register(i.b)), Value::from_word(*vm.register(i.c)));
            let class = vm.class_of(e);
            let matches = |c: Value<'_>| -> Result<bool, Raised> {
                match c.as_class() {
                    Some(c) if c.flags.get() & ClassFlags::EXCEPTION != 0 => {
                        Ok(vm.is_subclass(class, c))
                    }
                    _ => Err(vm.type_error(
                        "catching classes that do not inherit from BaseException is not allowed",
                    )),
                }
            };
            let found = match classes.cast::<Tuple>() {
                Some(tuple) => {
                    let mut found = false;
                    for c in tuple.items() {
                        found |= matches(c.get(vm))?;
                    }
                    found
                }
                None => matches(classes)?,
            };
            *vm.register(i.a) = word::from_bool(found);
            Ok(())
        }
    }

    /// `MatchExcStar`: one `except*` clause.
    pub(in crate::vm) unsafe fn match_exc_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes; nothing collects after the parts are
        // read.
        unsafe {
            let parts = self.with_roots(|vm| {
                let (exception, classes) = (vm.root_register(i.b), vm.root_register(i.c));
                let (rest, matched) = exception_group::match_star(vm, exception, classes)?;
                Ok((vm.get(rest).word(), vm.get(matched).word()))
            });
            let (rest, matched) = parts?;
            *self.register(i.a) = rest;
            *self.register(i.a + 1) = matched;
            Ok(())
        }
    }

    /// `PrepExcStar`: what is raised after all `except*` clauses.
    pub(in crate::vm) unsafe fn prep_exc_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: as above.
        unsafe {
            let outcome = self.with_roots(|vm| {
                let (original, results) = (vm.root_register(i.b), vm.root_register(i.c));
                let outcome = exception_group::combine_star(vm, original, results)?;
                Ok(vm.get(outcome).word())
            });
            *self.register(i.a) = outcome?;
            Ok(())
        }
    }
}
