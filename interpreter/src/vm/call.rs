//! Calls: how a callable and its arguments become a frame or a native call.
//!
//! A call starts from a window of the value stack: the callee, then the arguments, then (with
//! keyword arguments) the tuple of their names. A Python function's frame takes the arguments over
//! in place. [`Vm::enter`] starts a call; the bytecode loop goes on in the new frame, Rust code
//! goes through [`Vm::call`], which runs the loop until the frame returns.

use super::code::CodeData;
use super::frame::{Cont, ContKind, Flow, Frame};
use super::native::Args;
use super::{Local, NativeResult, Raised, Ret, Special, Vm};
use crate::builtins::ClassId;
use crate::bytecode::CodeFlags;
use crate::object::*;
use crate::value::{Value, Word, word};

impl Vm {
    /// Calls with positional arguments.
    pub fn call(&mut self, f: Local, args: &[Local]) -> NativeResult {
        let end = self.stack.end.get();
        self.push_word(self.get(f).word());
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        self.call_pushed(end, args.len() as u32, 0)
    }

    /// Calls with positional arguments and a dict of keyword arguments (or UNBOUND).
    pub fn call_kw(&mut self, f: Local, args: &[Local], kwargs: Local) -> NativeResult {
        let end = self.stack.end.get();
        self.push_word(self.get(f).word());
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        let keywords = match self.push_keywords(self.get(kwargs)) {
            Ok(n) => n,
            Err(raised) => {
                self.stack.end.set(end);
                return Err(raised);
            }
        };
        self.call_pushed(end, args.len() as u32 + keywords, keywords)
    }

    /// Calls with a tuple of positional arguments and a dict of keyword arguments (or UNBOUND).
    pub fn call_args(&mut self, f: Local, args: Local, kwargs: Local) -> NativeResult {
        let end = self.stack.end.get();
        self.push_word(self.get(f).word());
        let n = self.push_items(self.get(args));
        match self.push_keywords(self.get(kwargs)) {
            Ok(keywords) => self.call_pushed(end, n + keywords, keywords),
            Err(raised) => {
                self.stack.end.set(end);
                Err(raised)
            }
        }
    }

    fn push_items(&self, tuple: Value<'_>) -> u32 {
        let Some(tuple) = tuple.cast::<Tuple>() else { return 0 };
        for item in tuple.items() {
            self.push_word(item.word());
        }
        tuple.len() as u32
    }

    /// Pushes values of keyword arguments, then the tuple of names (only if there are any).
    fn push_keywords(&self, kwargs: Value<'_>) -> Result<u32, Raised> {
        let Some(dict) = kwargs.cast::<Dict>() else { return Ok(0) };
        let items = self.table_items(dict.r());
        if items.is_empty() {
            return Ok(0);
        }
        for (key, value) in &items {
            if key.as_str().is_none() {
                return Err(self.type_error("keywords must be strings"));
            }
            self.push_word(value.word());
        }
        let names = self.tuple_from(items.len(), items.iter().map(|(k, _)| *k));
        self.push_word(names.value().word());
        Ok(items.len() as u32)
    }

    /// Calls `obj.name(*args)`.
    pub fn call_method(&mut self, obj: Local, name: &str, args: &[Local]) -> NativeResult {
        let method = self.getattr_str(obj, name)?;
        let method = self.hold(method);
        self.call(method, args)
    }

    /// Calls a getter or setter of a builtin type; `owner` is its descriptor.
    pub(crate) fn call_getset(
        &mut self,
        f: super::native::NativeFn,
        owner: Local,
        args: &[Local],
    ) -> NativeResult {
        let end = self.stack.end.get();
        self.push_word(self.get(owner).word());
        for arg in args {
            self.push_word(self.get(*arg).word());
        }
        let args = Args::new(end + 1, args.len() as u32, 0);
        let result = f(self, args);
        self.stack.end.set(end);
        result
    }

    /// Calls what has been pushed from slot `start` on, and pops it.
    pub(crate) fn call_pushed(&mut self, start: u32, argc: u32, keywords: u32) -> NativeResult {
        if let Err(raised) = self.check_native_stack(" while calling a Python object") {
            self.stack.end.set(start);
            return Err(raised);
        }
        // SAFETY: words of the stack are values; nothing collects while this one is looked at.
        let callee: Value<'_> = unsafe { Value::from_word(*self.stack.at(start)) };
        if let Some(builtin) = callee.cast::<Builtin>()
            && builtin.def.get().passing == super::Passing::Raw
        {
            // Nothing to bind and no frame to push: this is the way into C.
            let f = builtin.def.get().func;
            let result = f(self, Args::new(start + 1, argc, keywords));
            self.stack.end.set(start);
            return result;
        }
        let cont = Cont::new(ContKind::Entry, 0);
        // SAFETY: the window has just been pushed.
        let flow = unsafe { self.enter(self.stack.at(start), argc, keywords, cont) };
        let result = match flow {
            Flow::Next => Ok(Ret(())),
            Flow::Switch => self.run(),
            Flow::Raise => Err(Raised(())),
        };
        self.stack.end.set(start);
        result
    }

    /// Starts the call of the window at `window`: callee, `argc` arguments of which the last
    /// `keywords` are named by the tuple behind them. Next: done and `cont` carried out. Switch: a
    /// frame was pushed.
    ///
    /// # Safety
    /// The window is in the value stack; what is above it is not needed any more.
    pub(crate) unsafe fn enter(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: for the whole function: the caller's promise; words in the stack are values.
        unsafe {
            let vm = &*self;
            let callee: Value<'_> = Value::from_word(*window);
            match callee.kind() {
                Some(Kind::Function) => {
                    let function = callee.cast_unchecked::<Function>();
                    let data = function.data.get();
                    if keywords == 0 && (*data).plain_args == argc {
                        return self.push_frame(window.add(1), data, argc as usize, cont);
                    }
                    self.enter_function(window, argc, keywords, cont)
                }
                Some(Kind::Builtin) => self.enter_native(window, argc, keywords, cont),
                Some(Kind::BoundMethod) => {
                    let method = callee.cast_unchecked::<BoundMethod>();
                    let (f, this) = (method.func.word(), method.this.word());
                    vm.insert_argument(window, argc, keywords, f, this);
                    self.enter(window, argc + 1, keywords, cont)
                }
                Some(Kind::Class) => self.enter_class(window, argc, keywords, cont),
                _ => match vm.special_of(callee, Special::Call) {
                    Some(call) => self.enter_special(window, argc, keywords, cont, call.word()),
                    None => self.not_callable(callee.word()),
                },
            }
        }
    }

    #[cold]
    pub(super) fn not_callable(&mut self, callee: Word) -> Flow {
        // SAFETY: nothing has collected since the caller read the word.
        let name = self.type_name(unsafe { Value::from_word(callee) });
        let Raised(()) = self.type_error(format!("'{name}' object is not callable"));
        Flow::Raise
    }

    /// Makes room for one more first argument.
    ///
    /// # Safety
    /// As for [`Vm::enter`].
    pub(super) unsafe fn insert_argument(
        &self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        callee: Word,
        first: Word,
    ) {
        let count = argc as usize + (keywords != 0) as usize;
        // SAFETY: the stack has room above the window.
        unsafe {
            std::ptr::copy(window.add(1), window.add(2), count);
            window.write(callee);
            window.add(1).write(first);
        }
        let top = self.stack.index(window) + 2 + count as u32;
        self.stack.end.set(self.stack.end.get().max(top));
    }

    /// Pushes a frame whose first `argc` registers are filled in.
    ///
    /// # Safety
    /// `base` is in the value stack, below it is the function; `code` is its code.
    #[inline(always)]
    pub(crate) unsafe fn push_frame(
        &mut self,
        base: *mut Word,
        code: *const CodeData,
        argc: usize,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise; the frame limit leaves room in both stacks.
        unsafe {
            let registers = (*code).register_count as usize;
            let frame = self.top.add(1);
            let old_end = self.stack.end.get();
            let end = (self.stack.index(base) + registers as u32).max(old_end);
            if frame >= self.frame_limit || !self.stack.fits(end) {
                return self.too_deep();
            }
            for i in argc..registers {
                base.add(i).write(word::UNBOUND);
            }
            frame.write(Frame { pc: (*code).start(), base, code, end, cont });
            self.top = frame;
            self.stack.end.set(end);
            Flow::Switch
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(&mut self) -> Flow {
        let Raised(()) = self.raise(ClassId::RecursionError, "maximum recursion depth exceeded");
        Flow::Raise
    }

    /// A Python function whose arguments must be bound the long way, or a generator function.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a function.
    #[inline(never)]
    unsafe fn enter_function(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let function = Value::from_word(*window).cast_unchecked::<Function>();
            let data = function.data.get();
            let base = window.add(1);
            if let Err(Raised(())) = self.bind_arguments(window, argc as usize, keywords as usize) {
                return Flow::Raise;
            }
            let mut bound = (*data).parameter_count();
            let flags = (*data).flags();
            if flags.has(CodeFlags::NAMES) {
                // A function made of a module's code: its globals are its namespace.
                base.write(function.globals.word());
                bound = 1;
            }
            const SUSPENDS: u32 =
                CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
            if flags.0 & SUSPENDS != 0 {
                let generator = self.make_generator(window, bound);
                let Ret(()) = self.ret(generator);
                return self.finish(cont);
            }
            self.push_frame(base, data, bound, cont)
        }
    }

    /// A native function.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a builtin.
    #[inline]
    pub(crate) unsafe fn enter_native(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let builtin = Value::from_word(*window).cast_unchecked::<Builtin>();
            let base = window.add(1);
            let first = self.stack.index(base);
            let old_end = self.stack.end.get();
            // A function that wants its arguments as they are has no slots to fill.
            let (plain, slots) = (builtin.takes_plainly(argc), builtin.slots as u32);
            let (len, keywords) = if keywords == 0 && plain {
                for i in argc..slots {
                    base.add(i as usize).write(word::UNBOUND);
                }
                (argc.max(slots), 0)
            } else {
                match self.bind_native_window(window, argc, keywords) {
                    Ok(bound) => bound,
                    Err(Raised(())) => return Flow::Raise,
                }
            };
            self.stack.end.set(old_end.max(first + len + (keywords != 0) as u32));
            let def = Value::from_word(*window).cast_unchecked::<Builtin>().def.get();
            let traces = !plain && def.passing == super::Passing::Traces;
            let result = (def.func)(self, Args::new(first, len, keywords));
            self.stack.end.set(old_end);
            match result.map(|Ret(())| self.finish(cont)) {
                // The loop, if that is who called, looks again where it is, and if it is the right one.
                Ok(Flow::Next) if traces && cont.kind != ContKind::Entry => Flow::Switch,
                Ok(flow) => flow,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// Binds the arguments of a call that is not plain: how many there are then, and how many of
    /// them by keyword.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a builtin.
    #[inline(never)]
    unsafe fn bind_native_window(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
    ) -> Result<(u32, u32), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let builtin = Value::from_word(*window).cast_unchecked::<Builtin>();
            let def = builtin.def.get();
            if def.passing != super::Passing::Raw {
                let base = window.add(1);
                let names: Option<Gc<'_, Tuple>> = (keywords != 0)
                    .then(|| Value::from_word(*base.add(argc as usize)).cast_unchecked());
                return Ok((self.bind_native(def, base, argc as usize, names)? as u32, 0));
            }
            if argc - keywords < builtin.min_args as u32 {
                let owner = builtin.owner.get(self).as_class();
                let owner = owner.map_or("object".into(), |c| self.class_name(c));
                return Err(self.type_error(format!(
                    "descriptor '{}' of '{owner}' object needs an argument",
                    def.name()
                )));
            }
            Ok((argc, keywords))
        }
    }

    /// Carries out `cont` with the value in the result register. The caller's frame is on top.
    #[inline(always)]
    pub(crate) fn finish(&mut self, cont: Cont) -> Flow {
        match cont.kind {
            ContKind::Store => {
                // SAFETY: the destination is a register of the frame on top.
                unsafe {
                    (*self.top).base.add(cont.dst as usize).write(self.roots.result.word());
                }
                Flow::Next
            }
            ContKind::Entry | ContKind::Discard => Flow::Next,
            _ => self.finish_special(cont),
        }
    }
}
