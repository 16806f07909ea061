//! Calls: how a callable and its arguments become a frame or a native call.
//!
//! A call starts from a window of the value stack: the callee, then the arguments, then (with
//! keyword arguments) the tuple of their names. A Python function's frame takes the arguments over
//! in place. [`Vm::enter`] starts a call; the bytecode loop goes on in the new frame, Rust code
//! goes through [`Vm::call`], which runs the loop until the frame returns.

use super::code::CodeData;
use super::frame::{Cont, ContKind, Flow, Frame};
use super::native::Args;
use super::special::{raw_method, takes_object};
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
    fn push_special(&mut self, method: Word, obj: Local) -> Result<bool, Raised> {
        // SAFETY: nothing has collected since the caller got the value from this VM.
        let method: Value<'_> = unsafe { Value::from_word(method) };
        match method {
            method if takes_object(method) => {
                self.push_word(method.word());
                self.push_word(self.get(obj).word());
                Ok(true)
            }
            _ => {
                let class = self.class_of(self.get(obj));
                let attr = self.bind(method, self.get(obj), class);
                let place = self.empty_root();
                match attr {
                    super::attr::Attr::Value(v) => self.set(place, v),
                    super::attr::Attr::BoundTo(f, o) => {
                        self.set(place, self.bound_method(f, o).value())
                    }
                    super::attr::Attr::Descriptor(d, get) => {
                        let (d, get) = (self.root(d), self.root(get));
                        let class = self.root(self.class_of(self.get(obj)).value());
                        let bound = self.call(get, &[d, obj, class])?;
                        self.set(place, self.value(bound));
                        self.stack.end.set(place.0 + 1);
                    }
                    super::attr::Attr::Getter(get) => {
                        let get = self.root(get);
                        let found = self.call(get, &[obj])?;
                        self.set(place, self.value(found));
                        self.stack.end.set(place.0 + 1);
                    }
                    _ => return Err(self.type_error("special method is not callable")),
                }
                Ok(false)
            }
        }
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

    /// Starts the call of an object by the `__call__` of its type.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; nothing has collected since `call` was read.
    unsafe fn enter_special(
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
                super::attr::Attr::Value(f) => {
                    window.write(f.word());
                    self.enter(window, argc, keywords, cont)
                }
                super::attr::Attr::BoundTo(f, o) => {
                    vm.insert_argument(window, argc, keywords, f.word(), o.word());
                    self.enter(window, argc + 1, keywords, cont)
                }
                super::attr::Attr::Descriptor(d, get) => {
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

    #[cold]
    fn not_callable(&mut self, callee: Word) -> Flow {
        // SAFETY: nothing has collected since the caller read the word.
        let name = self.type_name(unsafe { Value::from_word(callee) });
        let Raised(()) = self.type_error(format!("'{name}' object is not callable"));
        Flow::Raise
    }

    /// Makes room for one more first argument.
    ///
    /// # Safety
    /// As for [`Vm::enter`].
    unsafe fn insert_argument(
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
    fn too_deep(&mut self) -> Flow {
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
            let bound = (*data).parameter_count();
            let flags = (*data).flags();
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

    /// Calling a class: `type.__call__`.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a class.
    #[inline(never)]
    pub(super) unsafe fn enter_class(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let vm = &*self;
            let callee = Value::from_word(*window);
            let class = callee.cast_unchecked::<Class>();
            if let Some(init) = vm.special_of_construction(class, Construction::Init) {
                let init = init.word();
                let instance = vm.new_instance(class).value().word();
                return self.enter_init(window, argc, keywords, init, instance, cont);
            }
            if let Some(new) = vm.special_of_construction(class, Construction::New) {
                return self.enter_native_new(window, argc, keywords, cont, new.word());
            }
            self.enter_class_general(window, argc, keywords, cont)
        }
    }

    /// Calls a class in any of the ways there are, and notes the common ones for next time.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a class.
    #[inline(never)]
    unsafe fn enter_class_general(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let vm = &*self;
            let callee = Value::from_word(*window);
            let class = callee.cast_unchecked::<Class>();
            let meta = vm.class_of(callee);
            if meta != vm.class(ClassId::Type)
                && let Some(call) = vm.special(meta, Special::Call)
                && !vm.is_object_method(call, Special::Call)
            {
                // A metaclass with its own __call__.
                return self.enter_special(window, argc, keywords, cont, call.word());
            }
            if class == vm.class(ClassId::Type) && argc == 1 && keywords == 0 {
                let Ret(()) = vm.ret(vm.class_of(Value::from_word(*window.add(1))).value());
                return self.finish(cont);
            }
            if let Err(Raised(())) = vm.check_instantiable(class) {
                return Flow::Raise;
            }
            let (new, init) = (vm.special(class, Special::New), vm.special(class, Special::Init));
            // Abstract classes are left to object.__new__, which refuses them.
            let plain_new = class.instance_kind.get() == Kind::Instance
                && class.flags.get() & ClassFlags::ABSTRACT == 0
                && new.is_some_and(|f| vm.is_object_method(f, Special::New));
            if plain_new
                && let Some(init) = init
                && init.kind() == Some(Kind::Function)
            {
                class.construction.set(Construction::Init);
                let instance = vm.new_instance(class).value().word();
                return self.enter_init(window, argc, keywords, init.word(), instance, cont);
            }
            if class.flags.get() & ClassFlags::EXCEPTION != 0
                && keywords == 0
                && [new, init].into_iter().flatten().all(|f| vm.is_exception_base_method(f))
            {
                let args =
                    std::slice::from_raw_parts(window.add(1).cast::<Value<'_>>(), argc as usize);
                let class = crate::builtins::exceptions::os_error_class(vm, class, args);
                let Ret(()) = vm.ret(vm.new_exception(class, args).value());
                return self.finish(cont);
            }
            if let Some(new) = new.and_then(Value::cast::<Builtin>)
                && new.def.get().passing == super::Passing::Raw
                && init.is_none_or(|f| vm.is_object_method(f, Special::Init))
            {
                // `type` itself answers a call with one argument in another way, see above.
                if class != vm.class(ClassId::Type) {
                    class.construction.set(Construction::New);
                }
                return self.enter_native_new(window, argc, keywords, cont, new.value().word());
            }
            self.construct(window, argc, keywords, cont)
        }
    }

    /// Calls a `__new__` that takes its arguments as they are, for a class without an `__init__`.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a class, and `new` its `__new__`.
    unsafe fn enter_native_new(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
        new: Word,
    ) -> Flow {
        if let Err(Raised(())) = self.check_native_stack(" while calling a Python object") {
            return Flow::Raise;
        }
        let caller_end = self.stack.end.get();
        let count = argc + (keywords != 0) as u32;
        let end = caller_end.max(self.stack.index(window) + 1 + count);
        if !self.stack.fits(end + 2 + count) {
            return self.too_deep();
        }
        self.stack.end.set(end + 2 + count);
        // SAFETY: the window has the class and that many words behind it; the stack has room. The
        // caller's promise: nothing has collected since `new` was read.
        let f = unsafe {
            let copy = self.stack.at(end);
            copy.write(new);
            copy.add(1).write(*window);
            for i in 1..=count as usize {
                copy.add(1 + i).write(*window.add(i));
            }
            Value::from_word(new).cast_unchecked::<Builtin>().def.get().func
        };
        let result = f(self, Args::new(end + 1, argc + 1, keywords));
        self.stack.end.set(caller_end);
        let Ok(Ret(())) = result else { return Flow::Raise };
        let made = self.class_of(self.result());
        // SAFETY: words of the window are values.
        let class = unsafe { Value::from_word(*window).cast_unchecked::<Class>() };
        if made == class {
            return self.finish(cont);
        }
        // SAFETY: the caller's promise.
        unsafe { self.initialise(window, argc, keywords, cont) }
    }

    /// Whether a method found on an exception class is the one of BaseException.
    fn is_exception_base_method(&self, f: Value<'_>) -> bool {
        let base = self.roots.classes[ClassId::BaseException as usize].word();
        f.cast::<Builtin>().is_some_and(|b| b.owner.word() == base)
    }

    /// Calls a Python `__init__` on a new instance: [class, args..] becomes
    /// [instance, __init__, instance, args..].
    ///
    /// # Safety
    /// As for [`Vm::enter`].
    unsafe fn enter_init(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        init: Word,
        instance: Word,
        cont: Cont,
    ) -> Flow {
        let count = argc as usize + (keywords != 0) as usize;
        // SAFETY: the stack has room above the window.
        unsafe {
            std::ptr::copy(window.add(1), window.add(3), count);
            window.write(instance);
            window.add(1).write(init);
            window.add(2).write(instance);
            let top = self.stack.index(window) + 3 + count as u32;
            self.stack.end.set(self.stack.end.get().max(top));
            self.enter(window.add(1), argc + 1, keywords, cont.with(Cont::INIT))
        }
    }

    /// The general way to make an instance: `__new__`, then `__init__` if the result is an
    /// instance of the class.
    ///
    /// # Safety
    /// As for [`Vm::enter`]; the callee is a class.
    unsafe fn construct(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise; words of the window are values.
        unsafe {
            let caller_end = self.stack.end.get();
            let count = argc + (keywords != 0) as u32;
            let base = self.stack.index(window);
            self.stack.end.set(caller_end.max(base + 1 + count));
            let end = self.stack.end.get();
            let class = Value::from_word(*window).cast_unchecked::<Class>();
            let Some(new) = self.special(class, Special::New) else {
                let name = self.class_name(class);
                let Raised(()) = self.type_error(format!("cannot create '{name}' instances"));
                return Flow::Raise;
            };
            let new = match (new.cast::<StaticMethod>(), new.cast::<ClassMethod>()) {
                (Some(method), _) => method.func.get(self),
                (_, Some(method)) => {
                    self.bound_method(method.func.get(self), class.value()).value()
                }
                _ => new,
            };
            self.push_word(new.word());
            for i in 0..=count as usize {
                self.push_word(*window.add(i));
            }
            // The arguments stay in the window for __init__.
            let result = self.call_pushed(end, argc + 1, keywords);
            self.stack.end.set(caller_end);
            match result {
                Ok(Ret(())) => self.initialise(window, argc, keywords, cont),
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// After `__new__`, whose result is in the result register: `__init__`, if that is an instance
    /// of the class in the window.
    ///
    /// # Safety
    /// As for [`Vm::construct`].
    unsafe fn initialise(
        &mut self,
        window: *mut Word,
        argc: u32,
        keywords: u32,
        cont: Cont,
    ) -> Flow {
        // SAFETY: the caller's promise; words of the window are values.
        unsafe {
            let caller_end = self.stack.end.get();
            let count = argc + (keywords != 0) as u32;
            let end = caller_end.max(self.stack.index(window) + 1 + count);
            let instance = self.result();
            let class = Value::from_word(*window).cast_unchecked::<Class>();
            let made = self.class_of(instance);
            let init = self.special(made, Special::Init);
            let skip = !self.is_subclass(made, class)
                || init.is_none_or(|f| self.is_object_method(f, Special::Init));
            let Some(init) = init.filter(|_| !skip) else { return self.finish(cont) };
            if init.kind() == Some(Kind::Function) {
                let (init, instance) = (init.word(), instance.word());
                return self.enter_init(window, argc, keywords, init, instance, cont);
            }
            // A native __init__.
            self.stack.end.set(end);
            let place = self.root(instance);
            let start = self.stack.end.get();
            let result = self.push_special(init.word(), place).and_then(|bound| {
                for i in 1..=count as usize {
                    self.push_word(*window.add(i));
                }
                self.call_pushed(start, argc + bound as u32, keywords)
            });
            let flow = match result {
                Ok(_) => {
                    let Ret(()) = self.ret(self.get(place));
                    self.stack.end.set(caller_end);
                    self.finish(cont)
                }
                Err(Raised(())) => Flow::Raise,
            };
            self.stack.end.set(caller_end);
            flow
        }
    }

    fn check_instantiable(&self, class: Gc<'_, Class>) -> Result<(), Raised> {
        if class.flags.get() & ClassFlags::NO_NEW != 0 {
            let name = self.name_in_messages(class);
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        }
        Ok(())
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
