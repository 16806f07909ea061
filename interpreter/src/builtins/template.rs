//! Template and Interpolation: what t-strings make (PEP 750).

use super::declare::{GetSetDef, TypeDef};
use super::support::*;
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// A template: one string more than interpolations.
#[derive(Trace)]
pub struct Template {
    strings: Slot,
    interpolations: Slot,
}

impl Payload for Template {
    const TYPE: &'static TypeDef = &TEMPLATE;
}

/// A value in a template, with the text it came from.
#[derive(Trace)]
pub struct Interpolation {
    value: Slot,
    expression: Slot,
    conversion: Slot,
    format_spec: Slot,
}

impl Payload for Interpolation {
    const TYPE: &'static TypeDef = &INTERPOLATION;
}

/// An iterator over the strings that are not empty and the interpolations, in turn.
#[derive(Trace)]
pub struct TemplateIterator {
    template: Slot,
    #[trace(skip)]
    next: Cell<usize>,
}

impl Payload for TemplateIterator {
    const TYPE: &'static TypeDef = &TEMPLATE_ITERATOR;
}

const MODULE: &str = "string.templatelib";

/// The type of [`Template`].
pub static TEMPLATE: TypeDef = TypeDef {
    module: MODULE,
    doc: "A template: strings and the values between them.",
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", template_new, "Make one."),
        NativeDef::method("__iter__($self, /)", template_iter, "Implement iter(self)."),
        NativeDef::method("__add__($self, value, /)", template_add, "Return self+value."),
        NativeDef::method("__repr__($self, /)", template_repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", template_reduce, "Helper for pickle."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    getset: &[
        GetSetDef::new("strings", strings, "The strings, one more than values."),
        GetSetDef::new("interpolations", interpolations, "The interpolations."),
        GetSetDef::new("values", values, "The values of the interpolations."),
    ],
    flags: ClassFlags::MODULE_IN_MESSAGES,
    ..TypeDef::new("Template", Kind::Native)
};

/// The type of [`Interpolation`].
pub static INTERPOLATION: TypeDef = TypeDef {
    module: MODULE,
    doc: "A value in a template.",
    methods: &[
        NativeDef::static_method(
            "__new__($type, /, value, expression='', conversion=None, format_spec='')",
            interpolation_new,
            "Make one.",
        ),
        NativeDef::method("__repr__($self, /)", interpolation_repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", interpolation_reduce, "Helper for pickle."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    getset: &[
        GetSetDef::new("value", value, "The value."),
        GetSetDef::new("expression", expression, "The text of the expression."),
        GetSetDef::new("conversion", conversion, "'s', 'r', 'a' or None."),
        GetSetDef::new("format_spec", format_spec, "The format spec, a str."),
    ],
    flags: ClassFlags::MODULE_IN_MESSAGES,
    match_args: &["value", "expression", "conversion", "format_spec"],
    ..TypeDef::new("Interpolation", Kind::Native)
};

/// The type of [`TemplateIterator`].
pub static TEMPLATE_ITERATOR: TypeDef = TypeDef {
    module: MODULE,
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", iterator_next, "Implement next(self)."),
    ],
    ..TypeDef::new("TemplateIter", Kind::Native)
};

/// A template of a tuple of strings and one of interpolations.
pub fn template<'gc>(vm: &'gc Vm, strings: Value<'gc>, interpolations: Value<'gc>) -> Value<'gc> {
    let slot = |v: Value<'_>| Slot::new(v.word());
    vm.native(Template { strings: slot(strings), interpolations: slot(interpolations) }).value()
}

/// An interpolation of value, expression, conversion and format spec.
pub fn interpolation<'gc>(vm: &'gc Vm, parts: [Value<'gc>; 4]) -> Value<'gc> {
    let [value, expression, conversion, format_spec] = parts.map(|v| Slot::new(v.word()));
    vm.native(Interpolation { value, expression, conversion, format_spec }).value()
}

fn template_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    if args.opt(vm, 2).is_some() {
        raise!(vm, TypeError, "Template.__new__ only accepts *args arguments");
    }
    let given = args.get(vm, 1).cast::<Tuple>();
    let items: Vec<Value<'_>> = given.iter().flat_map(|t| t.items()).map(|s| s.get(vm)).collect();
    let mut texts = vec![String::new()];
    let mut found = Vec::new();
    for item in items {
        if let Some(s) = item.as_str() {
            texts.last_mut().expect("never empty").push_str(&vm.str_text(s));
        } else if item.payload::<Interpolation>().is_some() {
            found.push(item);
            texts.push(String::new());
        } else {
            let name = vm.type_name(item);
            raise!(
                vm,
                TypeError,
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {name}"
            );
        }
    }
    let texts: Vec<Value<'_>> = texts.iter().map(|t| vm.str(t).value()).collect();
    Ok(vm.ret(template(vm, vm.tuple(&texts).value(), vm.tuple(&found).value())))
}

/// The strings and the interpolations of a template.
fn parts(vm: &Vm, args: Args) -> Result<(Gc<'_, Tuple>, Gc<'_, Tuple>), Raised> {
    let this = args.payload::<Template>(vm)?;
    let tuple = |slot: &Slot| slot.get_as::<Tuple>(vm).expect("a tuple");
    Ok((tuple(&this.strings), tuple(&this.interpolations)))
}

fn strings(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(parts(vm, args)?.0.value()))
}

fn interpolations(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(parts(vm, args)?.1.value()))
}

fn values(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (_, interpolations) = parts(vm, args)?;
    let all: Vec<Value<'_>> = interpolations
        .items()
        .iter()
        .filter_map(|s| s.get(vm).payload::<Interpolation>().map(|i| i.r().value.get(vm)))
        .collect();
    Ok(vm.ret(vm.tuple(&all).value()))
}

fn template_iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let template = Slot::new(args.payload::<Template>(vm)?.value().word());
    Ok(vm.ret(vm.native(TemplateIterator { template, next: Cell::new(0) }).value()))
}

fn iterator_next(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TemplateIterator>(vm)?;
    let template = this.r().template.get(vm).payload::<Template>().expect("a template").r();
    let strings = template.strings.get_as::<Tuple>(vm).expect("a tuple");
    let interpolations = template.interpolations.get_as::<Tuple>(vm).expect("a tuple");
    loop {
        let i = this.next.get();
        if i > 2 * interpolations.len() {
            return Err(vm.raise_args(super::ClassId::StopIteration, &[]));
        }
        this.next.set(i + 1);
        let item = if i % 2 == 0 {
            strings.r().item(vm, i / 2)
        } else {
            interpolations.r().item(vm, i / 2)
        };
        if i % 2 == 1 || item.as_str().is_some_and(|s| !s.is_empty()) {
            return Ok(vm.ret(item));
        }
    }
}

fn template_add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (strings, interpolations) = parts(vm, args)?;
    let Some(other) = args.get(vm, 1).payload::<Template>() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(
            vm,
            TypeError,
            "can only concatenate string.templatelib.Template (not \"{given}\") to \
             string.templatelib.Template"
        );
    };
    let other = other.r();
    let texts = |t: Gc<'_, Tuple>| -> Vec<String> {
        t.items().iter().map(|s| vm.text_of(s.get(vm))).collect()
    };
    let mut all = texts(strings);
    let mut more = texts(other.strings.get_as(vm).expect("a tuple")).into_iter();
    if let (Some(last), Some(first)) = (all.last_mut(), more.next()) {
        last.push_str(&first);
    }
    all.extend(more);
    let all: Vec<Value<'_>> = all.iter().map(|t| vm.str(t).value()).collect();
    let mut found: Vec<Value<'_>> = interpolations.items().iter().map(|s| s.get(vm)).collect();
    let more = other.interpolations.get_as::<Tuple>(vm).expect("a tuple");
    found.extend(more.items().iter().map(|s| s.get(vm)));
    Ok(vm.ret(template(vm, vm.tuple(&all).value(), vm.tuple(&found).value())))
}

fn template_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (strings, interpolations) = parts(vm, args)?;
    let (strings, interpolations) = (vm.root(strings.value()), vm.root(interpolations.value()));
    let (s, i) = (vm.repr_text(strings)?, vm.repr_text(interpolations)?);
    ret_str(vm, &format!("Template(strings={s}, interpolations={i})"))
}

/// `(Template, (string, interpolation, string, ...))`
fn template_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (strings, interpolations) = parts(vm, args)?;
    let mut all = Vec::new();
    for (i, s) in strings.items().iter().enumerate() {
        all.push(s.get(vm));
        if i < interpolations.len() {
            all.push(interpolations.r().item(vm, i));
        }
    }
    let class = vm.native_class(&TEMPLATE).value();
    Ok(vm.ret(vm.tuple(&[class, vm.tuple(&all).value()]).value()))
}

fn interpolation_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let empty = vm.str("").value();
    for (i, name) in [(2, "expression"), (4, "format_spec")] {
        if let Some(given) = args.opt(vm, i).filter(|v| v.as_str().is_none()) {
            let given = vm.type_name(given);
            raise!(vm, TypeError, "Interpolation() argument '{name}' must be str, not {given}");
        }
    }
    if let Some(given) = args.not_none(vm, 3) {
        let Some(text) = given.as_str().map(|s| vm.str_text(s)) else {
            let given = vm.type_name(given);
            raise!(vm, TypeError, "Interpolation() argument 'conversion' must be str, not {given}");
        };
        if !matches!(&*text, "s" | "a" | "r") {
            raise!(
                vm,
                ValueError,
                "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"
            );
        }
    }
    let given = [
        args.get(vm, 1),
        args.opt(vm, 2).unwrap_or(empty),
        args.opt(vm, 3).unwrap_or(Value::NONE),
        args.opt(vm, 4).unwrap_or(empty),
    ];
    Ok(vm.ret(interpolation(vm, given)))
}

fn interpolation_parts(vm: &Vm, args: Args) -> Result<[Local; 4], Raised> {
    let this = args.payload::<Interpolation>(vm)?.r();
    Ok([&this.value, &this.expression, &this.conversion, &this.format_spec]
        .map(|slot| vm.root(slot.get(vm))))
}

fn interpolation_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let mut texts = Vec::new();
    for part in interpolation_parts(vm, args)? {
        texts.push(vm.repr_text(part)?);
    }
    ret_str(vm, &format!("Interpolation({})", texts.join(", ")))
}

fn interpolation_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let parts = interpolation_parts(vm, args)?.map(|l| vm.get(l));
    let class = vm.native_class(&INTERPOLATION).value();
    Ok(vm.ret(vm.tuple(&[class, vm.tuple(&parts).value()]).value()))
}

macro_rules! fields {
    ($($f:ident),*) => { $(
        fn $f(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(args.payload::<Interpolation>(vm)?.r().$f.get(vm)))
        }
    )* };
}
fields!(value, expression, conversion, format_spec);
