//! BaseExceptionGroup and ExceptionGroup, and what `except*` does with them.

use super::declare::{ClassId, GetSetDef};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::stack::Global;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The methods of BaseExceptionGroup.
pub static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
    NativeDef::method("__init__($self, /, *args, **kwargs)", init, "").raw(),
    NativeDef::method(
        "derive($self, excs, /)",
        derive,
        "A group with the same message and other exceptions.",
    ),
    NativeDef::method(
        "split($self, condition, /)",
        split,
        "A pair: the part of the group that matches, and the rest.",
    ),
    NativeDef::method(
        "subgroup($self, condition, /)",
        subgroup,
        "The part of the group that matches, or None.",
    ),
    NativeDef::method("__str__($self, /)", str, "Return str(self)."),
    NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
];

/// The attributes of BaseExceptionGroup.
pub static GETSET: &[GetSetDef] = &[
    GetSetDef::new("message", message, "The message."),
    GetSetDef::new("exceptions", exceptions, "The exceptions, a tuple."),
];

/// The class ExceptionGroup, which has two bases and so is made at run time.
#[derive(Default)]
struct GroupClass(Option<Global>);

/// Makes ExceptionGroup and puts it into module builtins.
pub fn install(vm: &mut Vm) -> Result<(), Raised> {
    let (meta, name, bases, namespace) = {
        let vm = &*vm;
        let bases =
            [ClassId::BaseExceptionGroup, ClassId::Exception].map(|id| vm.class(id).value());
        let namespace = vm.dict();
        vm.dict_set_str(namespace, vm.intern("__module__"), vm.intern("builtins").value());
        (
            vm.root(vm.class(ClassId::Type).value()),
            vm.root(vm.intern("ExceptionGroup").value()),
            vm.root(vm.tuple(&bases).value()),
            vm.root(namespace.value()),
        )
    };
    let keywords = vm.empty_root();
    let ret = vm.new_class(meta, name, bases, namespace, keywords, 0)?;
    let vm = &*vm;
    let class = vm.value(ret);
    if let Some(class) = class.as_class() {
        class.flags.set(class.flags.get() & !ClassFlags::MUTABLE);
    }
    vm.dict_set_str(vm.builtins(), vm.intern("ExceptionGroup"), class);
    let global = vm.global(class);
    vm.with_extension(|state: &mut GroupClass| state.0 = Some(global));
    Ok(())
}

/// The class ExceptionGroup.
fn exception_group(vm: &Vm) -> Gc<'_, Class> {
    let local = vm.with_extension(|state: &mut GroupClass| {
        state.0.as_ref().map(|global| vm.get_global(global).word())
    });
    // SAFETY: nothing has collected since the word was read.
    let class = local.and_then(|word| unsafe { Value::from_word(word) }.as_class());
    class.unwrap_or_else(|| vm.class(ClassId::BaseExceptionGroup))
}

fn is_group(vm: &Vm, v: Value<'_>) -> bool {
    vm.has_class(v, ClassId::BaseExceptionGroup)
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::BaseExceptionGroup)?;
    let given = args.len() - 1 - args.keyword_count();
    if given != 2 {
        raise!(
            vm,
            TypeError,
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({given} given)"
        );
    }
    if args.get(vm, 1).as_str().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not {given}");
    }
    let v = args.get(vm, 2);
    let sequence =
        vm.special_of(v, crate::vm::Special::GetItem).is_some() && v.kind() != Some(Kind::Dict);
    if !sequence {
        raise!(vm, TypeError, "second argument (exceptions) must be a sequence");
    }
    let ret = vm.collect_tuple(args.local(2))?;
    let members = vm.hold(ret);
    let vm = &*vm;
    let n = seq_len(vm.get(members));
    if n == 0 {
        raise!(vm, ValueError, "second argument (exceptions) must be a non-empty sequence");
    }
    let mut plain = true;
    for i in 0..n {
        let member = seq_item(vm, vm.get(members), i).expect("inside");
        if member.cast::<Exception>().is_none() {
            raise!(vm, ValueError, "Item {i} of second argument (exceptions) is not an exception");
        }
        plain = plain && vm.has_class(member, ClassId::Exception);
    }
    let mut class = new_class(vm, args, ClassId::BaseExceptionGroup)?;
    let own = exception_group(vm);
    if class == vm.class(ClassId::BaseExceptionGroup) {
        if plain {
            class = own;
        }
    } else if !plain && vm.is_subclass(class, vm.class(ClassId::Exception)) {
        if class == own {
            raise!(vm, TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        }
        let name = vm.class_name(class);
        raise!(vm, TypeError, "Cannot nest BaseExceptions in '{name}'");
    }
    let group = vm.new_exception(class, &[args.get(vm, 1), args.get(vm, 2)]);
    let fields = vm.array_from(2, [args.get(vm, 1), vm.get(members)]);
    vm.write(group, |g| &g.extra, fields.value());
    Ok(vm.ret(group.value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Exception>(vm)?;
    if args.keyword_count() > 0 && vm.is_exact(args.get(vm, 0), ClassId::BaseExceptionGroup) {
        raise!(vm, TypeError, "BaseExceptionGroup() takes no keyword arguments");
    }
    Ok(vm.none())
}

/// Message (0) or exceptions (1) of a group.
fn field<'gc>(vm: &'gc Vm, v: Value<'gc>, i: usize) -> Option<Value<'gc>> {
    let fields = v.cast::<Exception>()?.extra.get_as::<Array>(vm)?;
    (i < fields.len()).then(|| fields.item(vm, i))
}

fn own_field<'gc>(vm: &'gc Vm, args: Args, i: usize) -> Result<Value<'gc>, Raised> {
    field(vm, args.get(vm, 0), i).ok_or_else(|| args.wrong_receiver(vm))
}

fn message(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(own_field(vm, args, 0)?))
}

fn exceptions(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(own_field(vm, args, 1)?))
}

fn str(vm: &mut Vm, args: Args) -> NativeResult {
    let text = vm.text_of(own_field(vm, args, 0)?);
    let n = seq_len(own_field(vm, args, 1)?);
    let s = if n == 1 { "" } else { "s" };
    ret_str(vm, &format!("{text} ({n} sub-exception{s})"))
}

fn derive(vm: &mut Vm, args: Args) -> NativeResult {
    let text = vm.root(own_field(vm, args, 0)?);
    let class = vm.root(vm.class(ClassId::BaseExceptionGroup).value());
    vm.call(class, &[text, args.local(1)])
}

/// Which exceptions of a group are wanted.
enum Condition<'a> {
    /// Instances of a class or of one of a tuple.
    Classes(Local),
    /// Those for which a function is true.
    Function(Local),
    /// The leaves with these identities.
    Leaves(&'a [u64]),
}

impl Condition<'_> {
    fn from(vm: &Vm, v: Local) -> Result<Condition<'static>, Raised> {
        let class =
            |v: Value<'_>| v.as_class().is_some_and(|c| c.flags.get() & ClassFlags::EXCEPTION != 0);
        let value = vm.get(v);
        let classes = class(value)
            || value
                .cast::<Tuple>()
                .is_some_and(|t| !t.is_empty() && t.items().iter().all(|slot| class(slot.get(vm))));
        if classes {
            return Ok(Condition::Classes(v));
        }
        if value.as_class().is_none() && super::builtin_funcs::is_callable(vm, value) {
            return Ok(Condition::Function(v));
        }
        raise!(
            vm,
            TypeError,
            "expected an exception type, a tuple of exception types, or a callable (other than a \
             class)"
        )
    }

    fn matches(&self, vm: &mut Vm, exception: Local) -> Result<bool, Raised> {
        match self {
            Condition::Classes(classes) => Ok(is_instance(vm, exception, *classes)),
            Condition::Function(f) => vm.scope(|vm| {
                let ret = vm.call(*f, &[exception])?;
                let answer = vm.hold(ret);
                vm.truth(answer)
            }),
            Condition::Leaves(ids) => {
                let v = vm.get(exception);
                Ok(!is_group(vm, v) && ids.contains(&vm.id(v)))
            }
        }
    }
}

/// Whether an exception is an instance by real inheritance.
fn is_instance(vm: &Vm, exception: Local, classes: Local) -> bool {
    let own = vm.class_of(vm.get(exception));
    let one = |class: Value<'_>| class.as_class().is_some_and(|c| vm.is_subclass(own, c));
    match vm.get(classes).cast::<Tuple>() {
        Some(tuple) => tuple.items().iter().any(|slot| one(slot.get(vm))),
        None => one(vm.get(classes)),
    }
}

/// The part of a group that matches and the rest; None stands for nothing.
fn split_by(
    vm: &mut Vm,
    exception: Local,
    condition: &Condition<'_>,
) -> Result<(Local, Local), Raised> {
    split_below(vm, exception, condition, 1)
}

/// The same, so many groups deep.
fn split_below(
    vm: &mut Vm,
    exception: Local,
    condition: &Condition<'_>,
    depth: usize,
) -> Result<(Local, Local), Raised> {
    vm.check_recursion(depth, " in exceptiongroup_split_recursive")?;
    let none = vm.root(Value::NONE);
    if condition.matches(vm, exception)? {
        return Ok((exception, none));
    }
    let Some(members) = field(vm, vm.get(exception), 1).filter(|_| is_group(vm, vm.get(exception)))
    else {
        return Ok((none, exception));
    };
    let members = vm.root(members);
    let (matched, rest) = (vm.root(vm.list(&[]).value()), vm.root(vm.list(&[]).value()));
    for i in 0..seq_len(vm.get(members)) {
        let member = vm.root(seq_item(vm, vm.get(members), i).expect("inside"));
        let (yes, no) = split_below(vm, member, condition, depth + 1)?;
        for (part, list) in [(yes, matched), (no, rest)] {
            let part = vm.get(part);
            if !part.is_none()
                && let Some(list) = vm.get(list).cast::<List>()
            {
                vm.list_push(list, part);
            }
        }
    }
    Ok((derived(vm, exception, matched)?, derived(vm, exception, rest)?))
}

/// A group like `group` with other exceptions (None for an empty list), with its traceback, cause,
/// context and notes.
fn derived(vm: &mut Vm, group: Local, members: Local) -> Result<Local, Raised> {
    if seq_len(vm.get(members)) == 0 {
        return Ok(vm.root(Value::NONE));
    }
    let ret = vm.call_method(group, "derive", &[members])?;
    let new = vm.hold(ret);
    if !is_group(vm, vm.get(new)) {
        raise!(vm, TypeError, "derive must return an instance of BaseExceptionGroup");
    }
    let vm = &*vm;
    if let (Some(to), Some(from)) =
        (vm.get(new).cast::<Exception>(), vm.get(group).cast::<Exception>())
    {
        vm.write(to, |e| &e.traceback, from.traceback.get(vm));
        vm.write(to, |e| &e.context, from.context.get(vm));
        vm.write(to, |e| &e.cause, from.cause.get(vm));
        to.suppress_context.set(from.suppress_context.get());
        let key = vm.intern("__notes__");
        if let Some(notes) = vm.own_attr(from.value(), key.value()).and_then(|n| n.cast::<List>())
            && let Some(dict) = vm.instance_dict(to.value())
        {
            let copy = vm.list_from(notes.len.get(), vm.list_items(notes));
            vm.dict_set_str(dict, key, copy.value());
        }
    }
    Ok(new)
}

fn split(vm: &mut Vm, args: Args) -> NativeResult {
    own_field(vm, args, 1)?;
    let condition = Condition::from(vm, args.local(1))?;
    let (matched, rest) = split_by(vm, args.local(0), &condition)?;
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.get(matched), vm.get(rest)]).value()))
}

fn subgroup(vm: &mut Vm, args: Args) -> NativeResult {
    own_field(vm, args, 1)?;
    let condition = Condition::from(vm, args.local(1))?;
    let (matched, _) = split_by(vm, args.local(0), &condition)?;
    Ok(vm.ret(vm.get(matched)))
}

/// One `except*` clause: what is left of the exception, and the part that it takes (as a group).
pub fn match_star(vm: &mut Vm, exception: Local, classes: Local) -> Result<(Local, Local), Raised> {
    {
        let vm = &*vm;
        let check = |class: Value<'_>| match class.as_class() {
            Some(c) if vm.is_subclass(c, vm.class(ClassId::BaseExceptionGroup)) => Err(vm
                .type_error(
                    "catching ExceptionGroup with except* is not allowed. Use except instead.",
                )),
            Some(c) if c.flags.get() & ClassFlags::EXCEPTION != 0 => Ok(()),
            _ => Err(vm.type_error(
                "catching classes that do not inherit from BaseException is not allowed",
            )),
        };
        match vm.get(classes).cast::<Tuple>() {
            Some(tuple) => tuple.items().iter().try_for_each(|slot| check(slot.get(vm)))?,
            None => check(vm.get(classes))?,
        }
    }
    let none = vm.root(Value::NONE);
    if vm.get(exception).is_none() {
        return Ok((none, none));
    }
    if is_group(vm, vm.get(exception)) {
        let (matched, rest) = split_by(vm, exception, &Condition::Classes(classes))?;
        return Ok((rest, matched));
    }
    if !is_instance(vm, exception, classes) {
        return Ok((exception, none));
    }
    let group = wrap(vm, &[exception])?;
    Ok((none, group))
}

/// A group without a message.
fn wrap(vm: &mut Vm, members: &[Local]) -> Result<Local, Raised> {
    let class = vm.root(vm.class(ClassId::BaseExceptionGroup).value());
    let text = vm.root(vm.str("").value());
    let list = vm.list_from(members.len(), members.iter().map(|m| vm.get(*m)));
    let list = vm.root(list.value());
    let ret = vm.call(class, &[text, list])?;
    Ok(vm.hold(ret))
}

/// Identities of the exceptions in a group that are no groups themselves.
fn leaves(vm: &Vm, v: Value<'_>, ids: &mut Vec<u64>) {
    match field(vm, v, 1).filter(|_| is_group(vm, v)) {
        Some(members) => {
            for i in 0..seq_len(members) {
                if let Some(member) = seq_item(vm, members, i) {
                    leaves(vm, member, ids);
                }
            }
        }
        None => ids.push(vm.id(v)),
    }
}

/// What a `try` with `except*` clauses raises at its end, or None: from the original exception and
/// a list of what the clauses raised and what none of them took.
pub fn combine_star(vm: &mut Vm, original: Local, results: Local) -> Result<Local, Raised> {
    let mut all = Vec::new();
    for i in 0..seq_len(vm.get(results)) {
        let result = seq_item(vm, vm.get(results), i).expect("inside");
        if !result.is_none() {
            all.push(vm.root(result));
        }
    }
    if all.is_empty() {
        return Ok(vm.root(Value::NONE));
    }
    if !is_group(vm, vm.get(original)) {
        return Ok(all[0]);
    }
    // Parts of the original are put together again in its structure.
    let (mut raised, mut kept) = (Vec::new(), Vec::new());
    {
        let vm = &*vm;
        let mut known = Vec::new();
        leaves(vm, vm.get(original), &mut known);
        for result in all {
            let mut ids = Vec::new();
            let v = vm.get(result);
            leaves(vm, v, &mut ids);
            let part = is_group(vm, v)
                && ids.iter().all(|id| known.contains(id))
                && same_history(vm, v, vm.get(original));
            if part {
                kept.extend(ids);
            } else {
                raised.push(result);
            }
        }
    }
    if !kept.is_empty() {
        let (part, _) = split_by(vm, original, &Condition::Leaves(&kept))?;
        if raised.is_empty() {
            return Ok(part);
        }
        raised.push(part);
    }
    if let [only] = raised[..] {
        return Ok(only);
    }
    wrap(vm, &raised)
}

/// Whether two exceptions have the same cause and context.
fn same_history(vm: &Vm, a: Value<'_>, b: Value<'_>) -> bool {
    match (a.cast::<Exception>(), b.cast::<Exception>()) {
        (Some(x), Some(y)) => {
            x.cause.get(vm).is(y.cause.get(vm)) && x.context.get(vm).is(y.context.get(vm))
        }
        _ => false,
    }
}
