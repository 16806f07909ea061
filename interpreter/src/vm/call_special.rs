//! Calls of methods that were found on the type of an object: bound as their descriptors want it.

use super::attr::Attr;
use super::frame::{Cont, Flow};
use super::native::Args;
use super::special::{raw_method, takes_object};
use super::{Local, NativeResult, Raised, Ret, Special, Vm};
use crate::builtins::ClassId;
use crate::value::{Value, Word};

impl Vm {
    /// Calls a special method of the object's type; `None` when the type has none.
    #[inline]
    pub fn call_special(
        &mut self,
        obj: Local,
        which: Special,
        args: &[Local],
    ) -> Result<Option<Ret>, Raised> {
        let Some(method) = self.special_of(self.get(obj), which) else { return Ok(None) };
        if method.is_none() && which == Special::Bool {
            let name = self.type_name(self.get(obj));
            return Err(self.type_error(format!("'{name}' cannot be interpreted as a boolean")));
        }
        let method = method.word();
        if let Some(result) = self.call_raw_special(method, obj, args) {
            return result.map(Some);
        }
        let end = self.stack.end.get();
        let bound = self.push_special(method, obj)?;
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        self.call_pushed(end, args.len() as u32 + bound as u32, 0).map(Some)
    }

    /// Calls a special method that is written in C: there is nothing to bind and no frame to push.
    /// `None` when it is not.
    #[inline(always)]
    pub(super) fn call_raw_special(
        &mut self,
        method: Word,
        obj: Local,
        args: &[Local],
    ) -> Option<NativeResult> {
        // SAFETY: the caller has just found it.
        let method = unsafe { Value::from_word(method) };
        let f = raw_method(method)?;
        if let Err(raised) = self.check_native_stack(" while calling a Python object") {
            return Some(Err(raised));
        }
        let end = self.stack.end.get();
        self.push_word(method.word());
        self.push_word(self.get(obj).word());
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        let result = f(self, Args::new(end + 1, args.len() as u32 + 1, 0));
        self.stack.end.set(end);
        Some(result)
    }

    /// Pushes a special method found on a type so that it can be called with its object: as the
    /// function and the object, or as whatever its `__get__` gives.
    pub(super) fn push_special(&mut self, method: Word, obj: Local) -> Result<bool, Raised> {
        // SAFETY: nothing has collected since the caller got the value from this VM.
        let method: Value<'_> = unsafe { Value::from_word(method) };
        if takes_object(method) {
            self.push_word(method.word());
            self.push_word(self.get(obj).word());
            return Ok(true);
        }
        let method = method.word();
        let place = self.empty_root();
        let method = self.push_word(method);
        let bound = self.bind_special(method, obj)?;
        self.set(place, self.get(bound));
        self.stack.end.set(place.0 + 1);
        Ok(false)
    }

    /// Starts the call of an object by the `__call__` of its type.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; nothing has collected since `call` was read.
    pub(super) unsafe fn enter_special(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
        call: Word,
    ) -> Flow {
        // SAFETY: for the whole function: the caller's promise; words in the stack are values.
        unsafe {
            let vm = &*self;
            let (call, callee): (Value<'_>, Value<'_>) =
                (Value::from_word(call), Value::from_word(*window));
            if takes_object(call) {
                vm.insert_argument(window, argc, keywords, call.word(), callee.word());
                return self.enter(window, argc + 1, keywords, cont);
            }
            // An object may be the `__call__` of its own class, and so on without end.
            if let Err(Raised(())) = vm.check_native_stack("") {
                return Flow::Raise;
            }
            let class = vm.class_of(callee);
            match vm.bind(call, callee, class) {
                Attr::Value(f) => {
                    window.write(f.word());
                    self.enter(window, argc, keywords, cont)
                }
                Attr::BoundTo(f, o) => {
                    vm.insert_argument(window, argc, keywords, f.word(), o.word());
                    self.enter(window, argc + 1, keywords, cont)
                }
                Attr::Descriptor(d, get) => {
                    let end = vm.stack.end.get();
                    let top = vm.stack.index(window) + argc + 3;
                    vm.stack.end.set(end.max(top));
                    let (d, get) = (vm.root(d), vm.root(get));
                    let (o, c) = (vm.root(callee), vm.root(class.value()));
                    let bound = self.call(get, &[d, o, c]);
                    self.stack.end.set(end);
                    match bound {
                        Ok(ret) => {
                            window.write(self.value(ret).word());
                            self.enter(window, argc, keywords, cont)
                        }
                        Err(Raised(())) => Flow::Raise,
                    }
                }
                _ => self.not_callable(callee.word()),
            }
        }
    }

    /// Calls a method found on a type with its object.
    pub(crate) fn call_unbound(
        &mut self,
        method: Local,
        this: Local,
        args: &[Local],
    ) -> NativeResult {
        let start = self.stack.end.get();
        let bound = self.push_special(self.get(method).word(), this)?;
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        self.call_pushed(start, args.len() as u32 + bound as u32, 0)
    }

    /// A special method that was found on the type of `this`, as its descriptor binds it.
    pub(super) fn bind_special(&mut self, method: Local, this: Local) -> Result<Local, Raised> {
        let class = self.class_of(self.get(this));
        match self.bind(self.get(method), self.get(this), class) {
            Attr::Value(f) => Ok(self.root(f)),
            Attr::Method(f) => Ok(self.root(self.bound_method(f, self.get(this)).value())),
            Attr::BoundTo(f, o) => Ok(self.root(self.bound_method(f, o).value())),
            Attr::Descriptor(d, get) => {
                let (d, get) = (self.root(d), self.root(get));
                let class = self.root(class.value());
                let bound = self.call(get, &[d, this, class])?;
                Ok(self.hold(bound))
            }
            Attr::Getter(get) => {
                let get = self.root(get);
                let found = self.call(get, &[this])?;
                Ok(self.hold(found))
            }
            _ => Err(self.type_error("special method is not callable")),
        }
    }

    /// Calls a function with words of registers, from above the frame on top.
    ///
    /// # Safety
    /// All words are values and nothing has collected since they were read.
    pub(crate) unsafe fn enter_with(&mut self, f: Word, args: &[Word], cont: Cont) -> Flow {
        let end = self.stack.end.get();
        // SAFETY: the stack has room (frames leave a reserve); the caller's promise.
        unsafe {
            let window = self.stack.at(end);
            window.write(f);
            for (i, arg) in args.iter().enumerate() {
                window.add(1 + i).write(*arg);
            }
            let argc = args.len() as u32;
            if !self.stack.fits(end + argc + 1) {
                let Raised(()) =
                    self.raise(ClassId::RecursionError, "maximum recursion depth exceeded");
                return Flow::Raise;
            }
            self.enter(window, argc, 0, cont)
        }
    }
}
