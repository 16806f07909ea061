//! Special methods written in C, called straight from the loop: their arguments are taken as they
//! are, so there is nothing to bind and no frame to push.
//!
//! Safety: see [`super`].

use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word};
use crate::vm::frame::{Cont, Flow};
use crate::vm::native::{Args, NativeFn, NativeResult, Raised, Ret};
use crate::vm::special::raw_method;
use crate::vm::{Special, Vm};

/// Whether a callee is the builtin function `len`.
#[inline(always)]
pub(in crate::vm) fn is_len(callee: Value<'_>) -> bool {
    callee.cast::<Builtin>().is_some_and(|b| {
        std::ptr::fn_addr_eq(b.def.get().func, crate::builtins::builtin_funcs::len as NativeFn)
    })
}

impl Vm {
    /// The special method of a value's type, if it is written in C.
    #[inline(always)]
    fn raw_special(&self, v: Value<'_>, which: Special) -> Option<(Word, NativeFn)> {
        let method = self.special_of(v, which)?;
        Some((method.word(), raw_method(method)?))
    }

    /// Calls `f` with the `argc` arguments behind the callee at `window`.
    #[inline(always)]
    unsafe fn call_raw_window(
        &mut self,
        f: NativeFn,
        window: *mut Word,
        argc: u32,
    ) -> NativeResult {
        // SAFETY: see the module's notes.
        let first = unsafe { self.stack.index(window.add(1)) };
        let end = self.stack.end.get();
        self.stack.end.set(end.max(first + argc));
        let result = f(self, Args::new(first, argc, 0));
        self.stack.end.set(end);
        result
    }

    /// `CallLen` of an object that is not of a builtin type.
    pub(in crate::vm) unsafe fn len_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let window = self.register(i.b);
            let object = Value::from_word(*window.add(1));
            let Some((method, f)) = self.raw_special(object, Special::Len) else {
                return self.enter_native(window, 1, 0, Cont::store(i.a));
            };
            // The window of `len(object)` is that of `object.__len__()` but for the function.
            window.write(method);
            let checked =
                self.call_raw_window(f, window, 1).and_then(|ret| match self.value(ret) {
                    n if n.as_small_int().is_some_and(|n| n >= 0) => Ok(Ret(())),
                    _ => self.checked_len(Ret(())).map(|n| self.ret(self.int_usize(n))),
                });
            match self.store_result(i.a, checked) {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `GetItemRaw`: a subscript of an object whose `__getitem__` is written in C.
    pub(in crate::vm) unsafe fn get_item_raw_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let (v, key) = (*self.register(i.b), *self.register(i.c));
            let object = Value::from_word(v);
            // Lists, tuples and dicts have forms of their own.
            let Some((method, f)) = self.raw_special(object, Special::GetItem) else {
                return self.get_item_flow(at);
            };
            // Above the frame, which leaves room for a few words.
            let window = self.stack.at(self.stack.end.get());
            window.write(method);
            window.add(1).write(v);
            window.add(2).write(key);
            let result = self.call_raw_window(f, window, 2);
            match self.store_result(i.a, result) {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// The form for subscripts of objects of a class by whose `__getitem__` they are answered.
    pub(in crate::vm) fn get_item_form(&self, method: Value<'_>) -> Op {
        if raw_method(method).is_some() { Op::GetItemRaw } else { Op::GetItem }
    }
}
