//! What native code asks of objects: truth, length, text, conversions.

use super::native::{Args, Raised, Ret};
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::{ClassId, format_spec, int_text};
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};

/// How deep containers may be nested whose repr is asked for.
const MAX_REPR_DEPTH: usize = 10_000;

impl Vm {
    /// The value in the result register.
    #[inline(always)]
    pub fn result(&self) -> Value<'_> {
        self.roots.result.get(self)
    }

    /// The value in the result register as a root.
    pub fn hold_result(&self) -> Local {
        self.root(self.result())
    }

    /// Truth of a value if it needs no Python code.
    #[inline]
    pub fn truth_leaf(&self, v: Value<'_>) -> Option<bool> {
        match v.word() {
            word::TRUE => Some(true),
            word::FALSE | word::NONE => Some(false),
            w if word::is_int(w) => Some(w != word::from_int(0)),
            w if word::is_flonum(w) => Some(crate::value::flonum::decode(w) != 0.0),
            word::NOT_IMPLEMENTED => None,
            w if !word::is_heap(w) => Some(true),
            _ => self.truth_leaf_heap(v),
        }
    }

    fn truth_leaf_heap(&self, v: Value<'_>) -> Option<bool> {
        if v.header()?.shape() >= crate::builtins::declare::CLASS_COUNT {
            let class = self.class_of(v);
            let plain = self.special(class, Special::Bool).is_none()
                && self.special(class, Special::Len).is_none();
            return plain.then_some(true);
        }
        Some(match v.kind()? {
            Kind::Str => !v.cast::<Str>()?.is_empty(),
            Kind::List => v.cast::<List>()?.len.get() != 0,
            Kind::Tuple => !v.cast::<Tuple>()?.is_empty(),
            Kind::Dict => v.cast::<Dict>()?.len.get() != 0,
            Kind::Set => v.cast::<Set>()?.len.get() != 0,
            Kind::Bytes => !v.cast::<Bytes>()?.data().is_empty(),
            Kind::Float => v.cast::<Float>()?.value != 0.0,
            Kind::BigInt => true,
            Kind::Function | Kind::Class | Kind::Module | Kind::Builtin => true,
            Kind::Exception | Kind::BoundMethod | Kind::Generator => true,
            _ => return None,
        })
    }

    /// `bool(v)`
    pub fn truth(&mut self, v: Local) -> Result<bool, Raised> {
        if let Some(known) = self.truth_leaf(self.get(v)) {
            return Ok(known);
        }
        if let Some(ret) = self.call_special(v, Special::Bool, &[])? {
            let result = self.value(ret);
            if !result.is_bool() {
                let given = self.type_name(result);
                return Err(
                    self.type_error(format!("__bool__ should return bool, returned {given}"))
                );
            }
            return Ok(result.is(Value::TRUE));
        }
        if self.special_of(self.get(v), Special::Len).is_some() {
            return Ok(self.len(v)? != 0);
        }
        Ok(true)
    }

    /// Length of a value of builtin type.
    #[inline]
    pub fn len_leaf(&self, v: Value<'_>) -> Option<usize> {
        if v.header()?.shape() >= crate::builtins::declare::CLASS_COUNT {
            return None;
        }
        Some(match v.kind()? {
            Kind::List => v.cast::<List>()?.len.get(),
            Kind::Str => v.cast::<Str>()?.len(),
            Kind::Tuple => v.cast::<Tuple>()?.len(),
            Kind::Dict => v.cast::<Dict>()?.len.get(),
            Kind::Set => v.cast::<Set>()?.len.get(),
            Kind::Bytes => v.cast::<Bytes>()?.data().len(),
            Kind::ByteArray => v.cast::<ByteArray>()?.len.get(),
            _ => return None,
        })
    }

    /// `len(v)`
    #[inline]
    pub fn len(&mut self, v: Local) -> Result<usize, Raised> {
        if let Some(len) = self.len_leaf(self.get(v)) {
            return Ok(len);
        }
        self.len_of_object(v)
    }

    fn len_of_object(&mut self, v: Local) -> Result<usize, Raised> {
        let method = self.special_of(self.get(v), Special::Len).map(Value::word);
        let raw = method.and_then(|method| self.call_raw_special(method, v, &[]));
        let ret = match raw {
            Some(result) => Some(result?),
            None => self.call_special(v, Special::Len, &[])?,
        };
        let Some(ret) = ret else {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!("object of type '{name}' has no len()")));
        };
        self.checked_len(ret)
    }

    /// What a `__len__` returned, as a length.
    pub(super) fn checked_len(&mut self, ret: Ret) -> Result<usize, Raised> {
        if let Some(n) = self.result().as_small_int()
            && n >= 0
        {
            return Ok(n as usize);
        }
        let end = self.stack.end.get();
        let result = self.hold(ret);
        let index = self.index(result);
        self.stack.end.set(end);
        let index = self.value(index?);
        if let Some(n) = self.as_i64(index).and_then(|n| usize::try_from(n).ok()) {
            return Ok(n);
        }
        if index.cast::<BigInt>().is_some_and(|n| !n.is_negative()) {
            let message = "cannot fit 'int' into an index-sized integer";
            return Err(self.raise(ClassId::OverflowError, message));
        }
        Err(self.value_error("__len__() should return >= 0"))
    }

    /// `repr(v)`: a str.
    pub fn repr(&mut self, v: Local) -> NativeResult {
        self.text_special(v, Special::Repr, "__repr__")
    }

    /// `str(v)`: a str.
    pub fn str_of(&mut self, v: Local) -> NativeResult {
        if self.is_exact(self.get(v), ClassId::Str) {
            return Ok(self.ret(self.get(v)));
        }
        self.text_special(v, Special::Str, "__str__")
    }

    fn text_special(&mut self, v: Local, which: Special, name: &str) -> NativeResult {
        if let Some(text) = format_spec::number_text(self, v) {
            return text;
        }
        self.check_native_stack(" while getting the repr of an object")?;
        if self.interrupt_pending() {
            // Not for the heap's limit: a MemoryError must be able to say what it is.
            self.safepoint()?;
        }
        // Each level of nesting copies the text of those inside.
        if self.repr_guard.borrow().len() > MAX_REPR_DEPTH {
            return Err(self.native_overflow(" while getting the repr of an object"));
        }
        let Some(ret) = self.call_special(v, which, &[])? else {
            return Err(self.type_error(format!("object has no {name}")));
        };
        let result = self.value(ret);
        if result.as_str().is_none() {
            let given = self.type_name(result);
            return Err(self.type_error(format!("{name} returned non-string (type {given})")));
        }
        Ok(Ret(()))
    }

    /// `ascii(v)`: a str.
    pub fn ascii(&mut self, v: Local) -> NativeResult {
        let ret = self.repr(v)?;
        let s = self.value(ret).as_str().expect("repr gives a str");
        if s.is_ascii() {
            return Ok(Ret(()));
        }
        let mut text = String::new();
        for c in s.chars() {
            match c {
                0..=0x7F => text.push(c as u8 as char),
                0x80..=0xFF => text.push_str(&format!("\\x{c:02x}")),
                0x100..=0xFFFF => text.push_str(&format!("\\u{c:04x}")),
                _ => text.push_str(&format!("\\U{c:08x}")),
            }
        }
        let text = self.str(&text).value();
        Ok(self.ret(text))
    }

    /// `repr(v)` as Rust text.
    pub fn repr_text(&mut self, v: Local) -> Result<String, Raised> {
        let ret = self.repr(v)?;
        Ok(self.text_of(self.value(ret)))
    }

    /// `str(v)` as Rust text.
    pub fn str_text_of(&mut self, v: Local) -> Result<String, Raised> {
        let ret = self.str_of(v)?;
        Ok(self.text_of(self.value(ret)))
    }

    /// `format(v, spec)`: a str.
    pub fn format(&mut self, v: Local, spec: Local) -> NativeResult {
        if int_text::is_exact_int(self, self.get(v)) && self.get(spec).as_str().is_some() {
            return format_spec::format_int(self, v, spec);
        }
        let vm = &*self;
        if let Some(spec) = vm.get(spec).as_str()
            && let Some(text) = format_spec::format_exact(vm, vm.get(v), spec)
        {
            return Ok(vm.ret(text?.value()));
        }
        let Some(ret) = self.call_special(v, Special::Format, &[spec])? else {
            return Err(self.type_error("object has no __format__"));
        };
        let result = self.value(ret);
        if result.as_str().is_none() {
            let given = self.type_name(result);
            return Err(self.type_error(format!("__format__ must return a str, not {given}")));
        }
        Ok(Ret(()))
    }

    /// `operator.index(v)`: an int.
    pub fn index(&mut self, v: Local) -> NativeResult {
        if self.is_int(self.get(v)) {
            return Ok(self.ret(self.get(v)));
        }
        let Some(ret) = self.call_special(v, Special::Index, &[])? else {
            let name = self.type_name(self.get(v));
            return Err(
                self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
            );
        };
        let result = self.value(ret);
        if !self.is_int(result) {
            let given = self.type_name(result);
            return Err(self.type_error(format!("__index__ returned non-int (type {given})")));
        }
        self.warn_strict_int("__index__")
    }

    /// Warns if the int in the result register, which a method has returned, is of a subclass.
    pub fn warn_strict_int(&mut self, method: &str) -> NativeResult {
        if self.is_exact(self.result(), ClassId::Int) {
            return Ok(Ret(()));
        }
        let result = self.root(self.result());
        let given = self.type_name(self.get(result));
        let message = format!(
            "{method} returned non-int (type {given}).  The ability to return an instance of a \
             strict subclass of int is deprecated, and may be removed in a future version of \
             Python."
        );
        self.warn(ClassId::DeprecationWarning, &message, 1)?;
        Ok(self.ret(self.get(result)))
    }

    fn index_i64_as(&mut self, v: Local, what: &str) -> Result<i64, Raised> {
        let ret = self.index(v)?;
        self.as_i64(self.value(ret)).ok_or_else(|| {
            let given = self.type_name(self.get(v));
            let what = if what == "int" { &given } else { what };
            self.raise(
                ClassId::OverflowError,
                format!("cannot fit '{what}' into an index-sized integer"),
            )
        })
    }

    /// `operator.index(v)` as a machine integer; OverflowError when it does not fit.
    pub fn index_i64(&mut self, v: Local) -> Result<i64, Raised> {
        if let Some(i) = self.get(v).as_small_int() {
            return Ok(i);
        }
        self.index_i64_as(v, "int")
    }

    /// `operator.index(v)`, too large numbers cut to the largest: for slices and repetition.
    pub fn index_clamped(&mut self, v: Local) -> Result<isize, Raised> {
        let ret = self.index(v)?;
        let i = self.value(ret);
        Ok(match self.as_i64(i) {
            Some(i) => i as isize,
            None if i.cast::<BigInt>().is_some_and(|b| b.is_negative()) => isize::MIN,
            None => isize::MAX,
        })
    }

    /// What `v.__float__()` gives, if there is such a method.
    pub fn float_by_method(&mut self, v: Local) -> Result<Option<f64>, Raised> {
        let Some(ret) = self.call_special(v, Special::Float, &[])? else { return Ok(None) };
        let result = self.hold(ret);
        let vm = &*self;
        let (owner, given) = (vm.type_name(vm.get(v)), vm.type_name(vm.get(result)));
        let Some(f) = vm.as_f64(vm.get(result)) else {
            raise!(vm, TypeError, "{owner}.__float__ returned non-float (type {given})");
        };
        if !vm.is_exact(vm.get(result), ClassId::Float) {
            let message = format!(
                "{owner}.__float__ returned non-float (type {given}).  The ability to return an \
                 instance of a strict subclass of float is deprecated, and may be removed in a \
                 future version of Python."
            );
            self.warn(ClassId::DeprecationWarning, &message, 1)?;
        }
        Ok(Some(f))
    }

    /// `float(v)` for a number: floats, ints, `__float__`, `__index__`.
    pub fn float_of(&mut self, v: Local) -> Result<f64, Raised> {
        if let Some(f) = self.number_as_f64(self.get(v)) {
            return f;
        }
        if let Some(f) = self.float_by_method(v)? {
            return Ok(f);
        }
        if self.special_of(self.get(v), Special::Index).is_some() {
            let ret = self.index(v)?;
            return self.number_as_f64(self.value(ret)).expect("index gives an int");
        }
        let name = self.type_name(self.get(v));
        Err(self.type_error(format!("must be real number, not {name}")))
    }

    /// `isinstance(v, classes)`
    pub fn isinstance(&mut self, v: Local, classes: Local) -> Result<bool, Raised> {
        let vm = &*self;
        let target = vm.get(classes);
        if let Some(class) = target.as_class() {
            let own = vm.class_of(vm.get(v));
            if own == class {
                return Ok(true);
            }
            if vm.class_of(target) == vm.class(ClassId::Type) {
                if vm.is_subclass(own, class) {
                    return Ok(true);
                }
                return self.claims_class(v, classes);
            }
        }
        self.class_check(v, classes, Special::InstanceCheck)
    }

    /// Whether `v.__class__` says that it is an instance although its type does not.
    fn claims_class(&mut self, v: Local, class: Local) -> Result<bool, Raised> {
        if self.get(v).header().is_none()
            || self.class_of(self.get(v)).flags.get()
                & (ClassFlags::MUTABLE | ClassFlags::GETATTR_HOOK)
                == 0
        {
            return Ok(false);
        }
        let end = self.stack.end.get();
        let claimed = self.getattr_opt(v, "__class__")?;
        let answer = claimed.is_some_and(|ret| {
            match (self.value(ret).as_class(), self.get(class).as_class()) {
                (Some(claimed), Some(class)) => self.is_subclass(claimed, class),
                _ => false,
            }
        });
        self.stack.end.set(end);
        Ok(answer)
    }

    /// `type.__instancecheck__`: without the metaclass's own hook.
    pub fn isinstance_plain(&mut self, v: Local, class: Local) -> Result<bool, Raised> {
        let direct = match self.get(class).as_class() {
            Some(class) => self.is_subclass(self.class_of(self.get(v)), class),
            None => false,
        };
        if direct { Ok(true) } else { self.claims_class(v, class) }
    }

    fn class_check(&mut self, v: Local, classes: Local, which: Special) -> Result<bool, Raised> {
        self.check_native_stack(" in __instancecheck__")?;
        self.safepoint()?;
        let count = self.get(classes).cast::<Tuple>().map(|t| t.len());
        if let Some(count) = count {
            for i in 0..count {
                let found = self.scope(|vm| {
                    let item = vm.get(classes).cast::<Tuple>().expect("still").item(vm, i);
                    let item = vm.root(item);
                    if which == Special::InstanceCheck {
                        vm.isinstance(v, item)
                    } else {
                        vm.issubclass(v, item)
                    }
                })?;
                if found {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if self.get(classes).as_class().is_none()
            && self.special_of(self.get(classes), which).is_none()
        {
            let message = if which == Special::InstanceCheck {
                "isinstance() arg 2 must be a type, a tuple of types, or a union"
            } else {
                "issubclass() arg 2 must be a class, a tuple of classes, or a union"
            };
            return Err(self.type_error(message));
        }
        match self.call_special(classes, which, &[v])? {
            Some(ret) => {
                let result = self.hold(ret);
                self.truth(result)
            }
            None => Ok(false),
        }
    }

    /// `issubclass(c, classes)`
    pub fn issubclass(&mut self, c: Local, classes: Local) -> Result<bool, Raised> {
        let vm = &*self;
        if let Some(base) = vm.get(classes).as_class()
            && vm.class_of(base.value()) == vm.class(ClassId::Type)
        {
            let Some(class) = vm.get(c).as_class() else {
                return Err(vm.type_error("issubclass() arg 1 must be a class"));
            };
            return Ok(vm.is_subclass(class, base));
        }
        self.class_check(c, classes, Special::SubclassCheck)
    }

    /// Starts the repr of a container; false when it is running already (a cycle).
    pub fn repr_enter(&self, v: Local) -> bool {
        let Some(header) = self.get(v).header() else { return true };
        let id = self.heap.identity(std::ptr::NonNull::from(header));
        self.repr_guard.borrow_mut().insert(id)
    }

    /// Ends the repr of a container.
    pub fn repr_leave(&self, v: Local) {
        let Some(header) = self.get(v).header() else { return };
        let id = self.heap.identity(std::ptr::NonNull::from(header));
        self.repr_guard.borrow_mut().remove(&id);
    }

    /// RecursionError when the native stack is nearly used up.
    #[inline]
    pub fn check_native_stack(&self, doing: &str) -> Result<(), Raised> {
        let here = 0u8;
        if (&raw const here as usize) < self.native_floor {
            return Err(self.native_overflow(doing));
        }
        Ok(())
    }

    /// RecursionError when so many native levels, on top of the Python frames, pass the recursion limit
    /// or have nearly used up the native stack.
    pub fn check_recursion(&self, levels: usize, doing: &str) -> Result<(), Raised> {
        if self.frame_depth() + levels > self.recursion_limit() {
            return Err(self.native_overflow(doing));
        }
        self.check_native_stack(doing)
    }

    #[cold]
    fn native_overflow(&self, doing: &str) -> Raised {
        self.raise(ClassId::RecursionError, format!("maximum recursion depth exceeded{doing}"))
    }

    /// `id(v)`: unique and stable while the object lives.
    pub fn id(&self, v: Value<'_>) -> u64 {
        match v.header() {
            Some(header) => (self.heap.identity(std::ptr::NonNull::from(header)) as u64) << 4,
            None => v.word(),
        }
    }
}

impl Args {
    /// Argument `i` as a class; TypeError otherwise.
    pub fn class(self, vm: &Vm, i: usize) -> Result<Gc<'_, Class>, Raised> {
        self.get(vm, i).as_class().ok_or_else(|| {
            let (f, given) = (self.callee_name(vm), vm.type_name(self.get(vm, i)));
            vm.type_error(format!("{f}() argument must be a type, not {given}"))
        })
    }

    /// Argument `i` as a str; TypeError otherwise.
    pub fn str(self, vm: &Vm, i: usize) -> Result<Gc<'_, Str>, Raised> {
        self.get(vm, i).as_str().ok_or_else(|| self.wrong_type(vm, i, "str"))
    }

    /// `f() argument 1 must be str, not int`
    #[cold]
    pub fn wrong_type(self, vm: &Vm, i: usize, wanted: &str) -> Raised {
        let given = self.get(vm, i);
        let given = if given.is_none() { "None".into() } else { vm.type_name(given) };
        let f = self.callee_name(vm);
        let method = self.callee(vm).is_some_and(|c| {
            c.binding == super::Binding::Method as u8
                || c.binding == super::Binding::ClassMethod as u8
        });
        let most = self.callee(vm).map_or(2, |c| c.max_args as usize) - method as usize;
        if most == 1 {
            return vm.type_error(format!("{f}() argument must be {wanted}, not {given}"));
        }
        let n = i + 1 - method as usize;
        vm.type_error(format!("{f}() argument {n} must be {wanted}, not {given}"))
    }

    /// Name of the running native function.
    pub fn callee_name(self, vm: &Vm) -> &'static str {
        self.callee(vm).map_or("function", |c| c.def.get().name())
    }
}
