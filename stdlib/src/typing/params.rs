//! TypeVar, ParamSpec and TypeVarTuple.

use super::{Lazy, ask_typing, calling_module, evaluator, lazy_value, no_default, or, ror};
use crate::prelude::*;
use sidewinder_interpreter::builtins::object;

/// What the kinds of type parameters share.
#[derive(Trace)]
pub struct Common {
    name: Slot,
    default: Lazy,
    covariant: Cell<bool>,
    contravariant: Cell<bool>,
    infer: Cell<bool>,
}

impl Common {
    fn new(name: Value<'_>, default: Lazy, variance: [bool; 3]) -> Common {
        let [covariant, contravariant, infer] = variance.map(Cell::new);
        Common { name: slot(name), default, covariant, contravariant, infer }
    }
}

/// A type variable.
#[derive(Trace)]
pub struct TypeVar {
    common: Common,
    bound: Lazy,
    constraints: Lazy,
}

/// A parameter specification.
#[derive(Trace)]
pub struct ParamSpec {
    common: Common,
    bound: Slot,
}

/// A tuple of type variables.
#[derive(Trace)]
pub struct TypeVarTuple {
    common: Common,
}

macro_rules! parameter_type {
    ($payload:ident, $def:ident, $name:literal, $doc:literal, [$($method:expr),* $(,)?],
     [$($getset:expr),* $(,)?]) => {
        native_type!($payload, $def, "typing", $name, $doc, ClassFlags::HAS_DICT, [
            NativeDef::method("__repr__($self, /)", |vm, args| {
                let text = {
                    let this = args.payload::<$payload>(vm)?;
                    let c = &this.common;
                    let mark = match (c.infer.get(), c.covariant.get(), c.contravariant.get()) {
                        (true, _, _) => "",
                        (_, true, _) => "+",
                        (_, _, true) => "-",
                        _ => "~",
                    };
                    format!("{mark}{}", vm.text_of(c.name.get(vm)))
                };
                ret_str(vm, &text)
            }, ""),
            NativeDef::method("__reduce__($self, /)", |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<$payload>(vm)?.r().common.name.get(vm)))
            }, ""),
            NativeDef::method("has_default($self, /)", |vm, args| {
                let vm = &*vm;
                let this = args.payload::<$payload>(vm)?;
                let none = this.common.default.value.get(vm).is(no_default(vm));
                Ok(vm.ret(Value::from_bool(!none)))
            }, "Whether there is a default."),
            NativeDef::method("__mro_entries__($self, bases, /)", |vm, _| {
                raise!(vm, TypeError, "Cannot subclass an instance of {}", $name)
            }, ""),
            $($method),*
        ], [
            GetSetDef::new("__dict__", object::get_dict, "").with_set(object::replace_dict),
            GetSetDef::new("__name__", |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<$payload>(vm)?.r().common.name.get(vm)))
            }, ""),
            GetSetDef::new("__default__", |vm, args| {
                args.payload::<$payload>(vm)?;
                lazy_value::<$payload>(vm, args.local(0), |p| &p.common.default)
            }, ""),
            GetSetDef::new("evaluate_default", |vm, args| {
                let vm = &*vm;
                let this = args.payload::<$payload>(vm)?;
                Ok(vm.ret(evaluator(vm, &this.r().common.default, Value::UNBOUND)))
            }, ""),
            $($getset),*
        ]);
    };
}

macro_rules! flag {
    ($payload:ident, $name:literal, $field:ident) => {
        GetSetDef::new(
            $name,
            |vm, args| {
                let flag = args.payload::<$payload>(vm)?.common.$field.get();
                Ok(vm.ret(Value::from_bool(flag)))
            },
            "",
        )
    };
}

parameter_type!(
    TypeVar,
    TYPEVAR,
    "TypeVar",
    "Type variable.\n\nThe preferred way to construct a type variable is via the dedicated syntax for\ngeneric functions, classes, and type aliases.",
    [
        NativeDef::static_method(
            "__new__($type, name, /, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)",
            new_typevar,
            ""
        ),
        NativeDef::method("__or__($self, value, /)", or, ""),
        NativeDef::method("__ror__($self, value, /)", ror, ""),
        NativeDef::method(
            "__typing_subst__($self, arg, /)",
            |vm, args| ask_typing(vm, "_typevar_subst", &[args.local(0), args.local(1)]),
            ""
        ),
        NativeDef::method("__typing_prepare_subst__($self, alias, args, /)", prepare_typevar, ""),
    ],
    [
        flag!(TypeVar, "__covariant__", covariant),
        flag!(TypeVar, "__contravariant__", contravariant),
        flag!(TypeVar, "__infer_variance__", infer),
        GetSetDef::new(
            "__bound__",
            |vm, args| {
                args.payload::<TypeVar>(vm)?;
                lazy_value::<TypeVar>(vm, args.local(0), |p| &p.bound)
            },
            ""
        ),
        GetSetDef::new(
            "__constraints__",
            |vm, args| {
                args.payload::<TypeVar>(vm)?;
                lazy_value::<TypeVar>(vm, args.local(0), |p| &p.constraints)
            },
            ""
        ),
        GetSetDef::new(
            "evaluate_bound",
            |vm, args| {
                let vm = &*vm;
                let this = args.payload::<TypeVar>(vm)?;
                Ok(vm.ret(evaluator(vm, &this.r().bound, Value::NONE)))
            },
            ""
        ),
        GetSetDef::new(
            "evaluate_constraints",
            |vm, args| {
                let vm = &*vm;
                let this = args.payload::<TypeVar>(vm)?;
                let lazy = &this.r().constraints;
                let empty = seq_len(lazy.value.get(vm)) == 0;
                if lazy.evaluate.get(vm).is_none() && empty {
                    return Ok(vm.none());
                }
                Ok(vm.ret(evaluator(vm, lazy, Value::UNBOUND)))
            },
            ""
        ),
    ]
);

parameter_type!(
    ParamSpec,
    PARAMSPEC,
    "ParamSpec",
    "Parameter specification variable.\n\nThe preferred way to construct a parameter specification is via the\ndedicated syntax for generic functions, classes, and type aliases.",
    [
        NativeDef::static_method(
            "__new__($type, name, /, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)",
            new_paramspec,
            ""
        ),
        NativeDef::method("__or__($self, value, /)", or, ""),
        NativeDef::method("__ror__($self, value, /)", ror, ""),
        NativeDef::method(
            "__typing_subst__($self, arg, /)",
            |vm, args| ask_typing(vm, "_paramspec_subst", &[args.local(0), args.local(1)]),
            ""
        ),
        NativeDef::method(
            "__typing_prepare_subst__($self, alias, args, /)",
            |vm, args| {
                let all = [args.local(0), args.local(1), args.local(2)];
                ask_typing(vm, "_paramspec_prepare_subst", &all)
            },
            ""
        ),
    ],
    [
        flag!(ParamSpec, "__covariant__", covariant),
        flag!(ParamSpec, "__contravariant__", contravariant),
        flag!(ParamSpec, "__infer_variance__", infer),
        GetSetDef::new(
            "__bound__",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<ParamSpec>(vm)?.r().bound.get(vm)))
            },
            ""
        ),
        GetSetDef::new(
            "args",
            |vm, args| {
                let vm = &*vm;
                let origin = slot(args.payload::<ParamSpec>(vm)?.value());
                Ok(vm.ret(vm.native(ParamSpecArgs { origin }).value()))
            },
            "Represents positional arguments."
        ),
        GetSetDef::new(
            "kwargs",
            |vm, args| {
                let vm = &*vm;
                let origin = slot(args.payload::<ParamSpec>(vm)?.value());
                Ok(vm.ret(vm.native(ParamSpecKwargs { origin }).value()))
            },
            "Represents keyword arguments."
        ),
    ]
);

parameter_type!(
    TypeVarTuple,
    TYPEVARTUPLE,
    "TypeVarTuple",
    "Type variable tuple. A specialized form of type variable that enables\nvariadic generics.",
    [
        NativeDef::static_method(
            "__new__($type, name, *, default=typing.NoDefault)",
            new_typevartuple,
            ""
        ),
        NativeDef::method("__iter__($self, /)", iter_typevartuple, ""),
        NativeDef::method(
            "__typing_subst__($self, arg, /)",
            |vm, _| raise!(vm, TypeError, "Substitution of bare TypeVarTuple is not supported"),
            ""
        ),
        NativeDef::method(
            "__typing_prepare_subst__($self, alias, args, /)",
            |vm, args| {
                let all = [args.local(0), args.local(1), args.local(2)];
                ask_typing(vm, "_typevartuple_prepare_subst", &all)
            },
            ""
        ),
    ],
    []
);

macro_rules! paramspec_part {
    ($payload:ident, $def:ident, $name:literal, $suffix:literal) => {
        #[doc = $name]
        #[derive(Trace)]
        pub struct $payload {
            origin: Slot,
        }
        native_type!(
            $payload,
            $def,
            "typing",
            $name,
            "One part of a ParamSpec's parameters.",
            0,
            [
                NativeDef::static_method(
                    "__new__($type, origin)",
                    |vm, args| {
                        let vm = &*vm;
                        let shape = native_new_shape(vm, args, &$def)?;
                        let payload = $payload { origin: slot(args.get(vm, 1)) };
                        Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
                    },
                    ""
                ),
                NativeDef::method(
                    "__repr__($self, /)",
                    |vm, args| {
                        let origin = vm.root(args.payload::<$payload>(vm)?.origin.get(vm));
                        let text = match vm.get(origin).payload::<ParamSpec>() {
                            Some(p) => vm.text_of(p.common.name.get(vm)),
                            None => vm.repr_text(origin)?,
                        };
                        ret_str(vm, &format!("{text}.{}", $suffix))
                    },
                    ""
                ),
                NativeDef::method(
                    "__eq__($self, value, /)",
                    |vm, args| {
                        let mine = vm.root(args.payload::<$payload>(vm)?.origin.get(vm));
                        let Some(other) = args.get(vm, 1).payload::<$payload>() else {
                            return Ok(vm.ret(Value::NOT_IMPLEMENTED));
                        };
                        let theirs = vm.root(other.origin.get(vm));
                        let equal = vm.eq(mine, theirs)?;
                        Ok(vm.ret(Value::from_bool(equal)))
                    },
                    ""
                ),
                NativeDef::method(
                    "__hash__($self, /)",
                    |vm, args| {
                        let origin = vm.root(args.payload::<$payload>(vm)?.origin.get(vm));
                        let hash = vm.hash(origin)?;
                        ret_hash(vm, hash)
                    },
                    ""
                ),
                NativeDef::method(
                    "__mro_entries__($self, bases, /)",
                    |vm, _| { raise!(vm, TypeError, "Cannot subclass an instance of {}", $name) },
                    ""
                ),
            ],
            [GetSetDef::new(
                "__origin__",
                |vm, args| {
                    let vm = &*vm;
                    Ok(vm.ret(args.payload::<$payload>(vm)?.r().origin.get(vm)))
                },
                ""
            )]
        );
    };
}

paramspec_part!(ParamSpecArgs, PARAMSPECARGS, "ParamSpecArgs", "args");
paramspec_part!(ParamSpecKwargs, PARAMSPECKWARGS, "ParamSpecKwargs", "kwargs");

/// Says where the object was made.
fn with_module(vm: &Vm, made: Local) {
    let module = calling_module(vm);
    let name = vm.intern("__module__").value();
    vm.set_own_attr(vm.get(made), name, module);
}

/// Variance flags, the last three parameters.
fn variance(vm: &mut Vm, args: Args, first: usize) -> Result<[bool; 3], Raised> {
    let mut flags = [false; 3];
    for (i, flag) in flags.iter_mut().enumerate() {
        *flag = args.opt(vm, first + i).is_some() && vm.truth(args.local(first + i))?;
    }
    let [covariant, contravariant, infer] = flags;
    if covariant && contravariant {
        raise!(vm, ValueError, "Bivariant types are not supported.");
    }
    if infer && (covariant || contravariant) {
        raise!(vm, ValueError, "Variance cannot be specified with infer_variance.");
    }
    Ok(flags)
}

fn checked_type(vm: &mut Vm, v: Local, message: &str) -> NativeResult {
    let message = vm.root(vm.str(message).value());
    ask_typing(vm, "_type_check", &[v, message])
}

fn new_typevar(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &TYPEVAR)?;
    args.str(vm, 1)?;
    let flags = variance(vm, args, 5)?;
    let bound = vm.root(Value::NONE);
    if args.not_none(vm, 3).is_some() {
        let ret = checked_type(vm, args.local(3), "Bound must be a type.")?;
        vm.set(bound, vm.value(ret));
    }
    let constraints = vm.root(args.get(vm, 2));
    match seq_len(vm.get(constraints)) {
        0 => {}
        1 => raise!(vm, TypeError, "A single constraint is not allowed"),
        n => {
            if !vm.get(bound).is_none() {
                raise!(vm, TypeError, "Constraints cannot be combined with bound=...");
            }
            let list = vm.root(vm.list(&[]).value());
            for i in 0..n {
                let item = vm.root(seq_item(vm, vm.get(constraints), i).expect("inside"));
                let message = "TypeVar(name, constraint, ...): constraints must be types.";
                let ret = checked_type(vm, item, message)?;
                let out: Gc<'_, List> = vm.get(list).cast().expect("a list");
                vm.list_push(out, vm.value(ret));
            }
            let tuple = vm.collect_tuple(list)?;
            vm.set(constraints, vm.value(tuple));
        }
    }
    let made = {
        let vm = &*vm;
        let default = args.opt(vm, 4).unwrap_or_else(|| no_default(vm));
        let payload = TypeVar {
            common: Common::new(args.get(vm, 1), Lazy::given(default), flags),
            bound: Lazy::given(vm.get(bound)),
            constraints: Lazy::given(vm.get(constraints)),
        };
        vm.root(vm.native_of_shape(shape, payload).value())
    };
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

fn new_paramspec(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &PARAMSPEC)?;
    args.str(vm, 1)?;
    let flags = variance(vm, args, 4)?;
    let bound = vm.root(Value::NONE);
    if args.not_none(vm, 2).is_some() {
        let ret = checked_type(vm, args.local(2), "Bound must be a type.")?;
        vm.set(bound, vm.value(ret));
    }
    let vm = &*vm;
    let default = args.opt(vm, 3).unwrap_or_else(|| no_default(vm));
    let payload = ParamSpec {
        common: Common::new(args.get(vm, 1), Lazy::given(default), flags),
        bound: slot(vm.get(bound)),
    };
    let made = vm.root(vm.native_of_shape(shape, payload).value());
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

fn new_typevartuple(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &TYPEVARTUPLE)?;
    args.str(vm, 1)?;
    let default = args.opt(vm, 2).unwrap_or_else(|| no_default(vm));
    let common = Common::new(args.get(vm, 1), Lazy::given(default), [false, false, true]);
    let made = vm.root(vm.native_of_shape(shape, TypeVarTuple { common }).value());
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

pub(super) fn make_typevar(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let default = Lazy::evaluated(args.get(vm, 3), no_default(vm));
    let made = vm.native(TypeVar {
        common: Common::new(args.get(vm, 0), default, [false, false, true]),
        bound: Lazy::evaluated(args.get(vm, 1), Value::NONE),
        constraints: Lazy::evaluated(args.get(vm, 2), vm.tuple(&[]).value()),
    });
    let made = vm.root(made.value());
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

pub(super) fn make_paramspec(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let default = Lazy::evaluated(args.get(vm, 1), no_default(vm));
    let common = Common::new(args.get(vm, 0), default, [false, false, true]);
    let made = vm.root(vm.native(ParamSpec { common, bound: slot(Value::NONE) }).value());
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

pub(super) fn make_typevartuple(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let default = Lazy::evaluated(args.get(vm, 1), no_default(vm));
    let common = Common::new(args.get(vm, 0), default, [false, false, true]);
    let made = vm.root(vm.native(TypeVarTuple { common }).value());
    with_module(vm, made);
    Ok(vm.ret(vm.get(made)))
}

/// Fills in the default when the arguments end just before this parameter.
fn prepare_typevar(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<TypeVar>(vm)?;
    let params = vm.getattr_str(args.local(1), "__parameters__")?;
    let params = vm.hold(params);
    let given = vm.collect_tuple(args.local(2))?;
    let given = vm.hold(given);
    let n = seq_len(vm.get(given));
    let this = args.get(vm, 0);
    let place = (0..seq_len(vm.get(params)))
        .find(|i| seq_item(vm, vm.get(params), *i).is_some_and(|p| p.is(this)));
    let place = place.unwrap_or(0);
    if place < n {
        return Ok(vm.ret(vm.get(given)));
    }
    if place == n {
        let default = lazy_value::<TypeVar>(vm, args.local(0), |p| &p.common.default)?;
        let vm = &*vm;
        let default = vm.value(default);
        if !default.is(no_default(vm)) {
            let items = (0..n).filter_map(|i| seq_item(vm, vm.get(given), i));
            let all = vm.tuple_from(n + 1, items.chain([default]));
            return Ok(vm.ret(all.value()));
        }
    }
    let mut least = 0;
    for i in 0..seq_len(vm.get(params)) {
        let param = vm.root(seq_item(vm, vm.get(params), i).expect("inside"));
        let has = vm.call_method(param, "has_default", &[])?;
        least += !vm.value(has).is(Value::TRUE) as usize;
    }
    let alias = vm.str_text_of(args.local(1))?;
    raise!(vm, TypeError, "Too few arguments for {alias}; actual {n}, expected at least {least}")
}

fn iter_typevartuple(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<TypeVarTuple>(vm)?;
    let typing = vm.import_module("typing")?;
    let unpack = vm.getattr_str(typing, "Unpack")?;
    let unpack = vm.hold(unpack);
    let item = vm.getitem(unpack, args.local(0))?;
    let item = vm.root(vm.tuple(&[vm.value(item)]).value());
    vm.iter(item)
}
