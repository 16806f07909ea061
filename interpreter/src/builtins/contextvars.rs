//! Context variables: Context, ContextVar, Token. Module `_contextvars` shows them to programs.
//!
//! A context keeps its variables in a dict; copies share it until one of them sets a variable.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::{class_getitem, forward, ret_str};
use crate::object::native::{Native, Payload};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// A mapping from variables to values.
#[derive(Trace)]
pub struct Context {
    /// The dict.
    vars: Slot,
    /// Other contexts may have the same dict: it must be copied before it changes.
    shared: Cell<bool>,
    /// `run` is at work.
    entered: Cell<bool>,
}

impl Payload for Context {
    const TYPE: &'static TypeDef = &CONTEXT;
}

/// A variable whose value depends on the context.
#[derive(Trace)]
pub struct ContextVar {
    name: Slot,
    /// UNBOUND when there is none.
    default: Slot,
}

impl Payload for ContextVar {
    const TYPE: &'static TypeDef = &CONTEXT_VAR;
}

/// What `ContextVar.set` returns, for `reset`.
#[derive(Trace)]
pub struct Token {
    context: Slot,
    var: Slot,
    /// The value before, or UNBOUND.
    old: Slot,
    used: Cell<bool>,
}

impl Payload for Token {
    const TYPE: &'static TypeDef = &TOKEN;
}

/// `Token.MISSING`
#[derive(Trace)]
pub struct Missing;

impl Payload for Missing {
    const TYPE: &'static TypeDef = &MISSING;
}

/// contextvars.Context
pub static CONTEXT: TypeDef = TypeDef {
    module: "_contextvars",
    doc: "A mapping from context variables to their values.",
    methods: &[
        NativeDef::static_method("__new__($type, /)", context_new, "An empty context."),
        NativeDef::method("__len__($self, /)", context_len, "Number of variables."),
        NativeDef::method("__iter__($self, /)", context_iter, "Iterate over the variables."),
        NativeDef::method("__contains__($self, key, /)", context_contains, ""),
        NativeDef::method("__getitem__($self, key, /)", context_getitem, "A variable's value."),
        NativeDef::method("__eq__($self, value, /)", context_eq, "Return self==value."),
        NativeDef::method("get($self, key, default=None, /)", context_get, "A variable's value."),
        NativeDef::method("keys($self, /)", context_keys, "The variables."),
        NativeDef::method("values($self, /)", context_values, "The values."),
        NativeDef::method("items($self, /)", context_items, "Variables with their values."),
        NativeDef::method("copy($self, /)", context_copy, "A copy."),
        NativeDef::method(
            "run($self, /, *args, **kwargs)",
            context_run,
            "Call a function in this context.",
        )
        .raw(),
    ],
    ..TypeDef::new("Context", Kind::Native)
};

/// contextvars.ContextVar
pub static CONTEXT_VAR: TypeDef = TypeDef {
    module: "_contextvars",
    doc: "A variable whose value depends on the context.",
    methods: &[
        NativeDef::static_method(
            "__new__($type, name, /, *, default=<unrepresentable>)",
            var_new,
            "Make a variable.",
        ),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
        NativeDef::method("__repr__($self, /)", var_repr, "Return repr(self)."),
        NativeDef::method(
            "get($self, default=<unrepresentable>, /)",
            var_get,
            "The value in the current context.",
        ),
        NativeDef::method("set($self, value, /)", var_set, "Set it in the current context."),
        NativeDef::method("reset($self, token, /)", var_reset, "Undo a set."),
    ],
    getset: &[GetSetDef::new("name", var_name, "The variable's name.")],
    ..TypeDef::new("ContextVar", Kind::Native)
};

/// contextvars.Token
pub static TOKEN: TypeDef = TypeDef {
    module: "_contextvars",
    doc: "What a variable was before it was set.",
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", token_new, "Not allowed."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
        NativeDef::method("__repr__($self, /)", token_repr, "Return repr(self)."),
        NativeDef::method("__enter__($self, /)", token_enter, "The token itself."),
        NativeDef::method("__exit__($self, type, value, traceback, /)", token_exit, "Reset."),
    ],
    getset: &[
        GetSetDef::new("var", token_var, "The variable."),
        GetSetDef::new("old_value", token_old, "Its value before, or Token.MISSING."),
    ],
    ..TypeDef::new("Token", Kind::Native)
};

/// The type of Token.MISSING.
pub static MISSING: TypeDef = TypeDef {
    module: "Token",
    flags: ClassFlags::NO_NEW,
    methods: &[NativeDef::method("__repr__($self, /)", missing_repr, "Return repr(self).")],
    ..TypeDef::new("MISSING", Kind::Native)
};

type ContextRef<'gc> = Gc<'gc, Native<Context>>;

impl Vm {
    fn new_context(&self, vars: Value<'_>, shared: bool) -> ContextRef<'_> {
        self.native(Context {
            vars: Slot::new(vars.word()),
            shared: Cell::new(shared),
            entered: Cell::new(false),
        })
    }

    /// The running thread's context, made at the first call.
    pub fn current_context(&self) -> ContextRef<'_> {
        if let Some(context) = self.roots.context.get(self).payload::<Context>() {
            return context;
        }
        let context = self.new_context(self.dict().value(), false);
        // SAFETY: a root needs no barrier.
        unsafe { self.roots.context.set_word(context.value().word()) };
        context
    }

    /// `contextvars.copy_context()`
    pub fn copy_context(&self) -> ContextRef<'_> {
        self.copy_of_context(self.current_context())
    }

    fn copy_of_context<'gc>(&'gc self, context: ContextRef<'gc>) -> ContextRef<'gc> {
        context.shared.set(true);
        self.new_context(context.vars.get(self), true)
    }

    /// A new context variable; `default` is UNBOUND for none.
    pub fn new_context_var<'gc>(
        &'gc self,
        name: Gc<'_, Str>,
        default: Value<'_>,
    ) -> Gc<'gc, Native<ContextVar>> {
        let name = Slot::new(name.value().word());
        self.native(ContextVar { name, default: Slot::new(default.word()) })
    }

    /// The variable's value in the current context, else (unless the caller has a default) its own
    /// default; false when there is neither. The value is in the result register.
    pub fn context_var_get(&mut self, var: Local, has_default: bool) -> Result<bool, Raised> {
        let vars = self.root(self.current_context().vars.get(self));
        if self.dict_get(vars, var)? {
            return Ok(true);
        }
        if has_default {
            return Ok(false);
        }
        let default = match self.get(var).payload::<ContextVar>() {
            Some(var) => var.default.get(self),
            None => Value::UNBOUND,
        };
        let _ = self.ret(default);
        Ok(!default.is_unbound())
    }

    /// The dict of the current context, for changing it.
    fn own_vars(&self) -> Local {
        let context = self.current_context();
        if context.shared.get() {
            let copy = self.dict();
            let Some(old) = context.vars.get_as::<Dict>(self) else { return self.empty_root() };
            for i in 0..self.table_used(old.r()) {
                if let Some((key, value, hash)) = self.table_entry(old.r(), i) {
                    self.table_add(copy, key, hash, value);
                }
            }
            self.write(context, |c| &c.vars, copy.value());
            context.shared.set(false);
        }
        self.root(context.vars.get(self))
    }

    /// Sets a variable in the current context: the token.
    pub fn context_var_set(&mut self, var: Local, value: Local) -> NativeResult {
        let vars = self.own_vars();
        let old = self.empty_root();
        if self.dict_get(vars, var)? {
            let found = self.result();
            self.set(old, found);
        }
        self.dict_set(vars, var, value)?;
        let vm = &*self;
        let slot = |v: Value<'_>| Slot::new(v.word());
        let token = vm.native(Token {
            context: slot(vm.current_context().value()),
            var: slot(vm.get(var)),
            old: slot(vm.get(old)),
            used: Cell::new(false),
        });
        Ok(vm.ret(token.value()))
    }

    /// Makes a variable what it was before the call that returned the token.
    pub fn context_var_reset(&mut self, var: Local, token: Local) -> Result<(), Raised> {
        let Some(this) = self.get(token).payload::<Token>() else {
            let given = self.repr_text(token)?;
            raise!(self, TypeError, "expected an instance of Token, got {given}");
        };
        let used = this.used.get();
        let wrong = if used {
            None
        } else if !this.var.get(self).is(self.get(var)) {
            Some("was created by a different ContextVar")
        } else if !this.context.get(self).is(self.current_context().value()) {
            Some("was created in a different Context")
        } else {
            this.used.set(true);
            let old = self.root(this.old.get(self));
            let vars = self.own_vars();
            return match self.get(old).is_unbound() {
                true => self.dict_del(vars, var).map(|_| ()),
                false => self.dict_set(vars, var, old),
            };
        };
        let shown = self.repr_text(token)?;
        match wrong {
            None => raise!(self, RuntimeError, "{shown} has already been used once"),
            Some(wrong) => raise!(self, ValueError, "{shown} {wrong}"),
        }
    }

    /// `Token.MISSING`
    pub fn token_missing(&self) -> Value<'_> {
        let class = self.native_class(&TOKEN);
        let dict: Gc<'_, Dict> = class.dict.get_as(self).expect("a class has a dict");
        let name = self.intern("MISSING");
        self.dict_get_str(dict, name).unwrap_or_else(|| {
            let missing = self.native(Missing).value();
            self.dict_set_str(dict, name, missing);
            missing
        })
    }
}

fn context_new(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.new_context(vm.dict().value(), false).value()))
}

/// The receiver's dict.
fn vars(vm: &Vm, args: Args) -> Result<Local, Raised> {
    Ok(vm.root(args.payload::<Context>(vm)?.vars.get(vm)))
}

/// The key, which must be a variable.
fn key(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    if args.get(vm, 1).payload::<ContextVar>().is_none() {
        let shown = vm.repr_text(args.local(1))?;
        raise!(vm, TypeError, "a ContextVar key was expected, got {shown}");
    }
    Ok(args.local(1))
}

fn context_len(vm: &mut Vm, args: Args) -> NativeResult {
    let vars = vars(vm, args)?;
    let n = vm.len(vars)?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn context_iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vars = vars(vm, args)?;
    vm.iter(vars)
}

fn context_contains(vm: &mut Vm, args: Args) -> NativeResult {
    let (vars, key) = (vars(vm, args)?, key(vm, args)?);
    let found = vm.dict_get(vars, key)?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn context_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let (vars, key) = (vars(vm, args)?, key(vm, args)?);
    if vm.dict_get(vars, key)? {
        return Ok(vm.ret(vm.result()));
    }
    Err(vm.key_error(vm.get(key)))
}

fn context_get(vm: &mut Vm, args: Args) -> NativeResult {
    let (vars, key) = (vars(vm, args)?, key(vm, args)?);
    if vm.dict_get(vars, key)? {
        return Ok(vm.ret(vm.result()));
    }
    Ok(vm.ret(args.opt(vm, 2).unwrap_or(Value::NONE)))
}

fn context_eq(vm: &mut Vm, args: Args) -> NativeResult {
    let this = vars(vm, args)?;
    let Some(other) = args.get(vm, 1).payload::<Context>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let other = vm.root(other.vars.get(vm));
    let equal = vm.eq(this, other)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn context_keys(vm: &mut Vm, args: Args) -> NativeResult {
    let vars = vars(vm, args)?;
    vm.call_method(vars, "keys", &[])
}

fn context_values(vm: &mut Vm, args: Args) -> NativeResult {
    let vars = vars(vm, args)?;
    vm.call_method(vars, "values", &[])
}

fn context_items(vm: &mut Vm, args: Args) -> NativeResult {
    let vars = vars(vm, args)?;
    vm.call_method(vars, "items", &[])
}

fn context_copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.copy_of_context(args.payload::<Context>(vm)?).value()))
}

fn context_run(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Context>(vm)?;
    if args.len() - args.keyword_count() < 2 {
        raise!(vm, TypeError, "run() missing 1 required positional argument");
    }
    if this.entered.replace(true) {
        let shown = vm.repr_text(args.local(0))?;
        raise!(vm, RuntimeError, "cannot enter context: {shown} is already entered");
    }
    let outer = vm.root(vm.current_context().value());
    // SAFETY: a root needs no barrier.
    unsafe { vm.roots.context.set_word(args.get(vm, 0).word()) };
    let result = forward(vm, args.local(1), args, 2);
    // SAFETY: as above.
    unsafe { vm.roots.context.set_word(vm.get(outer).word()) };
    args.payload::<Context>(vm)?.entered.set(false);
    result
}

fn var_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(name) = args.get(vm, 1).as_str() else {
        raise!(vm, TypeError, "context variable name must be a str");
    };
    Ok(vm.ret(vm.new_context_var(name, args.get(vm, 2)).value()))
}

fn var_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = args.payload::<ContextVar>(vm)?.name.get(vm);
    Ok(vm.ret(name))
}

fn var_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<ContextVar>(vm)?;
    let (name, default) = (vm.root(this.name.get(vm)), vm.root(this.default.get(vm)));
    let mut text = format!("<ContextVar name={}", vm.repr_text(name)?);
    if !vm.get(default).is_unbound() {
        text += &format!(" default={}", vm.repr_text(default)?);
    }
    let at = vm.id(args.get(vm, 0));
    ret_str(vm, &format!("{text} at {at:#x}>"))
}

fn var_get(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ContextVar>(vm)?;
    let given = args.opt(vm, 1).is_some();
    if vm.context_var_get(args.local(0), given)? {
        return Ok(vm.ret(vm.result()));
    }
    match args.opt(vm, 1) {
        Some(default) => Ok(vm.ret(default)),
        None => Err(vm.raise_args(ClassId::LookupError, &[args.get(vm, 0)])),
    }
}

fn var_set(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ContextVar>(vm)?;
    vm.context_var_set(args.local(0), args.local(1))
}

fn var_reset(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ContextVar>(vm)?;
    vm.context_var_reset(args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn token_new(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, RuntimeError, "Tokens can only be created by ContextVars")
}

fn token_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Token>(vm)?;
    let used = if this.used.get() { " used" } else { "" };
    let var = vm.root(this.var.get(vm));
    let var = vm.repr_text(var)?;
    let at = vm.id(args.get(vm, 0));
    ret_str(vm, &format!("<Token{used} var={var} at {at:#x}>"))
}

fn token_var(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let var = args.payload::<Token>(vm)?.var.get(vm);
    Ok(vm.ret(var))
}

fn token_old(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let old = args.payload::<Token>(vm)?.old.get(vm);
    Ok(vm.ret(if old.is_unbound() { vm.token_missing() } else { old }))
}

fn token_enter(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Token>(vm)?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn token_exit(vm: &mut Vm, args: Args) -> NativeResult {
    let var = vm.root(args.payload::<Token>(vm)?.var.get(vm));
    vm.context_var_reset(var, args.local(0))?;
    Ok(vm.none())
}

fn missing_repr(vm: &mut Vm, _: Args) -> NativeResult {
    ret_str(vm, "<Token.MISSING>")
}
