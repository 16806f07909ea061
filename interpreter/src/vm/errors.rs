//! Raising exceptions from native code.

use super::stack::raised;
use super::{Local, Raised, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::{Value, word};
use std::borrow::Cow;
use std::cell::Cell;

use super::construct::header;

/// Returns an error from a native function: `raise!(vm, ValueError, "bad {}", x)`.
#[macro_export]
macro_rules! raise {
    ($vm:expr, $class:ident, $($arg:tt)*) => {
        return Err($vm.raise($crate::builtins::ClassId::$class, format!($($arg)*)))
    };
}

impl Vm {
    /// Sets a new exception of a builtin class with one str argument.
    #[cold]
    pub fn raise(&self, class: ClassId, message: impl AsRef<str>) -> Raised {
        let message = self.str(message.as_ref()).value();
        self.raise_args(class, &[message])
    }

    /// Sets a new exception of a builtin class with the given arguments.
    #[cold]
    pub fn raise_args(&self, class: ClassId, args: &[Value<'_>]) -> Raised {
        let exception = self.new_exception(self.class(class), args);
        self.set_exception(exception.value())
    }

    /// A new exception object; its class's `__init__` is not run.
    pub fn new_exception<'gc>(
        &'gc self,
        class: Gc<'gc, Class>,
        args: &[Value<'_>],
    ) -> Gc<'gc, Exception> {
        let args = self.tuple(args);
        let none = || Slot::new(word::NONE);
        let exception = self.alloc(
            class.shape.get(),
            Exception {
                header: header(),
                args: Slot::new(args.value().word()),
                traceback: none(),
                context: none(),
                cause: none(),
                attrs: Slot::new(word::UNBOUND),
                extra: Slot::new(word::UNBOUND),
                suppress_context: Cell::new(false),
            },
        );
        crate::builtins::exceptions::init_extra(self, exception, args);
        exception
    }

    /// Makes `exception` the one being raised; what is being handled becomes its context.
    pub fn set_exception(&self, exception: Value<'_>) -> Raised {
        self.chain_context(exception);
        // SAFETY: the register is a root, no barrier is needed.
        unsafe { self.roots.exception.set_word(exception.word()) };
        raised()
    }

    /// Makes `exception` the one being raised without touching its context.
    pub fn set_exception_as_is(&self, exception: Value<'_>) -> Raised {
        // SAFETY: the register is a root, no barrier is needed.
        unsafe { self.roots.exception.set_word(exception.word()) };
        raised()
    }

    /// Sets `__context__` of a newly raised exception to the one being handled; breaks cycles.
    fn chain_context(&self, exception: Value<'_>) {
        let handled = self.handled_exception();
        let Some(new) = exception.cast::<Exception>() else { return };
        if handled.is_none() || handled.is(exception) {
            return;
        }
        let mut link = handled.cast::<Exception>();
        // Programs can make cycles without the new exception: Floyd's tortoise goes half as fast.
        let (mut slow, mut odd) = (handled, false);
        while let Some(e) = link {
            let next = e.context.get(self);
            if next.is(exception) {
                self.write(e, |e| &e.context, Value::NONE);
                break;
            }
            if odd {
                slow = slow.cast::<Exception>().map_or(slow, |s| s.context.get(self));
            }
            odd = !odd;
            if next.is(slow) {
                break;
            }
            link = next.cast();
        }
        self.write(new, |e| &e.context, handled);
    }

    /// The exception being raised, if any.
    pub fn current_exception(&self) -> Option<Gc<'_, Exception>> {
        self.roots.exception.get_as(self)
    }

    /// The exception being handled (`sys.exception()`), or None. A generator that handles none sees
    /// the one that its caller handles.
    pub fn handled_exception(&self) -> Value<'_> {
        let handled = self.roots.handled.get(self);
        if handled.is_none() && self.hidden_handlers.get() > 0 {
            return self.handled_outside();
        }
        handled
    }

    /// Takes the exception being raised away and roots it.
    pub fn take_exception(&self, _: Raised) -> Local {
        let exception = self.roots.exception.get(self);
        let local = self.root(exception);
        // SAFETY: the register is a root, no barrier is needed.
        unsafe { self.roots.exception.set_word(word::UNBOUND) };
        local
    }

    /// Whether the exception being raised is an instance of a builtin class.
    pub fn raised_is(&self, class: ClassId) -> bool {
        match self.current_exception() {
            Some(e) => self.is_subclass(self.class_of(e.value()), self.class(class)),
            None => false,
        }
    }

    /// Drops the exception being raised if it is of the class; otherwise hands it on.
    pub fn catch(&self, raised: Raised, class: ClassId) -> Result<(), Raised> {
        if !self.raised_is(class) {
            return Err(raised);
        }
        // SAFETY: the register is a root, no barrier is needed.
        unsafe { self.roots.exception.set_word(word::UNBOUND) };
        Ok(())
    }

    /// TypeError with a message.
    #[cold]
    pub fn type_error(&self, message: impl AsRef<str>) -> Raised {
        self.raise(ClassId::TypeError, message)
    }

    /// ValueError with a message.
    #[cold]
    pub fn value_error(&self, message: impl AsRef<str>) -> Raised {
        self.raise(ClassId::ValueError, message)
    }

    /// UnicodeEncodeError of UTF-8 for lone surrogates at `start..end` of a str.
    #[cold]
    pub fn surrogate_error(&self, text: Value<'_>, start: usize, end: usize) -> Raised {
        let args = [
            self.str("utf-8").value(),
            text,
            self.int_usize(start),
            self.int_usize(end),
            self.str("surrogates not allowed").value(),
        ];
        self.raise_args(ClassId::UnicodeEncodeError, &args)
    }

    /// The text of a str as UTF-8; UnicodeEncodeError when there are lone surrogates in it.
    pub fn utf8<'gc>(&'gc self, text: Gc<'gc, Str>) -> Result<Cow<'gc, str>, Raised> {
        text.r().to_utf8().ok_or_else(|| {
            let is_lone = |c: &u32| (0xD800..0xE000).contains(c);
            let start = text.chars().position(|c| is_lone(&c)).unwrap_or(0);
            let count = text.chars().skip(start).take_while(is_lone).count();
            self.surrogate_error(text.value(), start, start + count)
        })
    }

    /// MemoryError.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.raise_args(ClassId::MemoryError, &[])
    }

    /// KeyError of a key.
    #[cold]
    pub fn key_error(&self, key: Value<'_>) -> Raised {
        self.raise_args(ClassId::KeyError, &[key])
    }
}
