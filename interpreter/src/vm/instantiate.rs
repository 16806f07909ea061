//! Calls of classes: `type.__call__`, which makes an object and initialises it, without recursion in
//! Rust.

use super::frame::{Cont, Flow};
use super::native::Args;
use super::{Raised, Ret, Special, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::{Value, Word};

impl Vm {
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
}
