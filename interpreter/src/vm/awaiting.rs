//! Awaiting: the instructions of `await`, `async for` and `async with`.

use super::native::Raised;
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::ClassId;
use crate::builtins::awaitables::AsyncSend;
use crate::bytecode::{CodeFlags, Instr};
use crate::object::*;
use crate::value::Value;

/// Whom an awaitable is for; decides what is said of one that is none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AwaitFor {
    Await,
    Enter,
    Exit,
}

impl Vm {
    /// `GetAwaitable`
    ///
    /// # Safety
    /// The instruction is the current one of the frame on top.
    pub(super) unsafe fn get_awaitable(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: the caller's promise; nothing collects between reading and writing.
        unsafe {
            let v = Value::from_word(*self.register(i.b));
            if self.is_exact(v, ClassId::Coroutine) {
                *self.register(i.a) = self.coroutine_to_await(v)?.word();
                return Ok(());
            }
            let purpose = match i.x {
                1 => AwaitFor::Enter,
                2 => AwaitFor::Exit,
                _ => AwaitFor::Await,
            };
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.awaitable(v, purpose)
            });
            self.store_result(i.a, result)
        }
    }

    /// A coroutine that is about to be awaited: nobody else may be doing so.
    fn coroutine_to_await<'gc>(&'gc self, v: Value<'gc>) -> Result<Value<'gc>, Raised> {
        let g = v.cast::<Generator>().expect("a coroutine");
        if self.is_delegating(g) {
            return Err(self.raise(ClassId::RuntimeError, "coroutine is being awaited already"));
        }
        Ok(v)
    }

    /// Whether a value is a generator made by a function that `types.coroutine` has marked.
    fn is_iterable_coroutine(&self, v: Value<'_>) -> bool {
        let Some(g) = v.cast::<Generator>() else { return false };
        g.func.get_as::<Function>(self).is_some_and(|f| {
            // SAFETY: the function keeps its code's data alive.
            unsafe { &*f.data.get() }.flags().has(CodeFlags::ITERABLE_COROUTINE)
        })
    }

    /// The iterator that awaiting `v` goes through.
    pub fn get_awaitable_iter(&mut self, v: Local) -> NativeResult {
        self.awaitable(v, AwaitFor::Await)
    }

    fn awaitable(&mut self, v: Local, purpose: AwaitFor) -> NativeResult {
        if self.is_exact(self.get(v), ClassId::Coroutine) {
            return Ok(self.ret(self.coroutine_to_await(self.get(v))?));
        }
        if self.is_iterable_coroutine(self.get(v)) || self.get(v).payload::<AsyncSend>().is_some() {
            return Ok(self.ret(self.get(v)));
        }
        let Some(ret) = self.call_special(v, Special::Await, &[])? else {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(match purpose {
                AwaitFor::Await => format!("'{name}' object can't be awaited"),
                AwaitFor::Enter => format!(
                    "'async with' received an object from __aenter__ that does not implement \
                     __await__: {name}"
                ),
                AwaitFor::Exit => format!(
                    "'async with' received an object from __aexit__ that does not implement \
                     __await__: {name}"
                ),
            }));
        };
        let result = self.value(ret);
        if self.is_exact(result, ClassId::Coroutine) || self.is_iterable_coroutine(result) {
            return Err(self.type_error("__await__() returned a coroutine"));
        }
        if result.kind() != Some(Kind::Generator)
            && self.special_of(result, Special::Next).is_none()
        {
            let name = self.type_name(result);
            return Err(
                self.type_error(format!("__await__() returned non-iterator of type '{name}'"))
            );
        }
        Ok(self.ret(result))
    }

    /// `GetYieldFromIter`: a generator is its own iterator; a coroutine only inside one.
    ///
    /// # Safety
    /// The instruction is the current one of the frame on top.
    pub(super) unsafe fn get_yield_from_iter(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: the caller's promise; nothing collects between reading and writing.
        unsafe {
            let v = Value::from_word(*self.register(i.b));
            if self.is_exact(v, ClassId::Coroutine) {
                let flags = (*(*self.top).code).flags();
                if !flags.has(CodeFlags::COROUTINE) && !flags.has(CodeFlags::ITERABLE_COROUTINE) {
                    return Err(self.type_error(
                        "cannot 'yield from' a coroutine object in a non-coroutine generator",
                    ));
                }
                *self.register(i.a) = v.word();
                return Ok(());
            }
            if self.is_exact(v, ClassId::Generator) {
                *self.register(i.a) = v.word();
                return Ok(());
            }
            self.make_iter_step(i)
        }
    }

    /// `GetAIter`
    ///
    /// # Safety
    /// The instruction is the current one of the frame on top.
    pub(super) unsafe fn get_aiter(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.async_iterator(v)
            });
            self.store_result(i.a, result)
        }
    }

    /// The asynchronous iterator of an `async for`.
    fn async_iterator(&mut self, v: Local) -> NativeResult {
        let Some(ret) = self.call_special(v, Special::AIter, &[])? else {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!(
                "'async for' requires an object with __aiter__ method, got {name}"
            )));
        };
        let result = self.value(ret);
        let next = self.intern("__anext__").value();
        if self.class_lookup(self.class_of(result), next).is_none() {
            let name = self.type_name(result);
            return Err(self.type_error(format!(
                "'async for' received an object from __aiter__ that does not implement \
                 __anext__: {name}"
            )));
        }
        Ok(self.ret(result))
    }

    /// `GetANext`
    ///
    /// # Safety
    /// The instruction is the current one of the frame on top.
    pub(super) unsafe fn get_anext(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: the caller's promise; nothing collects between reading and writing.
        unsafe {
            let v = Value::from_word(*self.register(i.b));
            if let Some(g) = v.cast::<Generator>()
                && g.hooked.get()
                && self.is_exact(v, ClassId::AsyncGenerator)
            {
                *self.register(i.a) = AsyncSend::make(self, v, Value::NONE).word();
                return Ok(());
            }
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.async_next(v)
            });
            self.store_result(i.a, result)
        }
    }

    fn async_next(&mut self, v: Local) -> NativeResult {
        let Some(ret) = self.call_special(v, Special::ANext, &[])? else {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!(
                "'async for' requires an iterator with __anext__ method, got {name}"
            )));
        };
        let next = self.hold(ret);
        self.awaitable(next, AwaitFor::Await).map_err(|raised| {
            let name = self.type_name(self.get(next));
            let cause = self.take_exception(raised);
            let message = self
                .str(&format!("'async for' received an invalid object from __anext__: {name}"))
                .value();
            let error = self.new_exception(self.class(ClassId::TypeError), &[message]);
            self.write(error, |e| &e.cause, self.get(cause));
            self.write(error, |e| &e.context, self.get(cause));
            error.suppress_context.set(true);
            self.set_exception_as_is(error.value())
        })
    }

    /// `EndAsyncFor`: whether the exception means that the loop has ended; else it is set again.
    pub(super) fn ends_async_for(&self, exception: Value<'_>) -> Result<(), Raised> {
        if self.has_class(exception, ClassId::StopAsyncIteration) {
            return Ok(());
        }
        Err(self.set_exception_as_is(exception))
    }
}
