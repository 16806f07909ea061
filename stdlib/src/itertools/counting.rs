//! count, cycle and repeat.

use crate::prelude::*;

/// count
#[derive(Trace)]
pub struct Count {
    /// The next number.
    next: Slot,
    step: Slot,
}
iterator_type!(
    Count,
    COUNT,
    "itertools",
    "count",
    "count(start=0, step=1)\n--\n\nstart, start + step, start + 2 * step, and so on.",
    ClassFlags::BASE,
    count_next,
    [
        NativeDef::static_method("__new__($type, start=0, step=1)", count_new, ""),
        NativeDef::method("__repr__($self, /)", count_repr, "Return repr(self)."),
    ]
);

fn is_number(vm: &Vm, v: Value<'_>) -> bool {
    vm.is_int(v)
        || vm.as_f64(v).is_some()
        || vm.has_class(v, ClassId::Complex)
        || vm.special_of(v, Special::Index).is_some()
        || vm.special_of(v, Special::Float).is_some()
        || vm.special_of(v, Special::Int).is_some()
}

fn count_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &COUNT)?;
    let start = args.opt(vm, 1).unwrap_or(Value::from_i32(0));
    let step = args.opt(vm, 2).unwrap_or(Value::from_i32(1));
    if !is_number(vm, start) || !is_number(vm, step) {
        raise!(vm, TypeError, "a number is required");
    }
    Ok(vm.ret(vm.native_of_shape(shape, Count { next: slot(start), step: slot(step) }).value()))
}

fn count_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Count>(vm)?;
    let (next, step) = (this.next.get(vm), this.step.get(vm));
    if let (Some(n), Some(s)) = (next.as_small_int(), step.as_small_int()) {
        let vm = &*vm;
        vm.write(this, |t| &t.next, vm.int(n + s));
        return Ok(Some(vm.ret(next)));
    }
    let (next, step) = (vm.root(next), vm.root(step));
    let sum = vm.binary(BinaryOp::Add, next, step)?;
    let vm = &*vm;
    let this = args.payload::<Count>(vm)?;
    vm.write(this, |t| &t.next, vm.value(sum));
    Ok(Some(vm.ret(vm.get(next))))
}

fn count_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Count>(vm)?;
    let (next, step) = (vm.root(this.next.get(vm)), vm.root(this.step.get(vm)));
    let name = vm.type_name(args.get(vm, 0));
    let next = vm.repr_text(next)?;
    if vm.get(step).as_small_int() == Some(1) {
        return ret_str(vm, &format!("{name}({next})"));
    }
    let step = vm.repr_text(step)?;
    ret_str(vm, &format!("{name}({next}, {step})"))
}

/// cycle
#[derive(Trace)]
pub struct Cycle {
    /// The iterator of the first round; UNBOUND afterwards.
    iterator: Slot,
    /// The items seen, a list.
    saved: Slot,
    at: Cell<usize>,
}
iterator_type!(
    Cycle,
    CYCLE,
    "itertools",
    "cycle",
    "cycle(iterable, /)\n--\n\nThe items of iterable, again and again.",
    ClassFlags::BASE,
    cycle_next,
    [NativeDef::static_method("__new__($type, iterable, /)", cycle_new, "").raw()]
);

fn cycle_new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, _) = plain_new(vm, args, &CYCLE, 1, 1)?;
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let iterator = slot(vm.value(iterator));
    let saved = slot(vm.list(&[]).value());
    Ok(vm.ret(vm.native_of_shape(shape, Cycle { iterator, saved, at: Cell::new(0) }).value()))
}

fn cycle_next(vm: &mut Vm, args: Args) -> StepResult {
    let iterator = args.payload::<Cycle>(vm)?.iterator.get(vm);
    if !iterator.is_unbound() {
        let iterator = vm.root(iterator);
        let more = vm.next(iterator)?;
        let vm = &*vm;
        let this = args.payload::<Cycle>(vm)?;
        if more {
            if let Some(saved) = this.saved.get_as::<List>(vm) {
                vm.list_push(saved, vm.result());
            }
            return Ok(Some(vm.ret(vm.result())));
        }
        vm.write(this, |t| &t.iterator, Value::UNBOUND);
    }
    let vm = &*vm;
    let this = args.payload::<Cycle>(vm)?;
    match this.saved.get_as::<List>(vm) {
        Some(saved) if saved.len.get() > 0 => {
            let at = this.at.get();
            this.at.set(if at + 1 >= saved.len.get() { 0 } else { at + 1 });
            Ok(Some(vm.ret(vm.list_item(saved, at))))
        }
        _ => Ok(None),
    }
}

/// repeat
#[derive(Trace)]
pub struct Repeat {
    object: Slot,
    /// How often still; negative: for ever.
    left: Cell<i64>,
}
iterator_type!(
    Repeat,
    REPEAT,
    "itertools",
    "repeat",
    "repeat(object [,times])\n\nobject, times over; without times, for ever.",
    ClassFlags::BASE,
    repeat_next,
    [
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", repeat_new, "").raw(),
        NativeDef::method("__repr__($self, /)", repeat_repr, "Return repr(self)."),
        NativeDef::method("__length_hint__($self, /)", repeat_hint, "Items left."),
    ]
);

fn repeat_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &REPEAT)?;
    let given = args.len() - args.keyword_count() - 1;
    if args.len() - 1 > 2 && shape == vm.native_shape(&REPEAT) || given > 2 {
        raise!(vm, TypeError, "repeat() takes at most 2 arguments ({} given)", args.len() - 1);
    }
    let mut places = [(given > 0).then(|| args.local(1)), (given > 1).then(|| args.local(2))];
    for (name, place) in keywords(vm, args) {
        match name.as_str() {
            "object" => places[0] = Some(place),
            "times" => places[1] = Some(place),
            _ if shape == vm.native_shape(&REPEAT) => {
                raise!(vm, TypeError, "repeat() got an unexpected keyword argument '{name}'")
            }
            _ => {}
        }
    }
    let [Some(object), times] = places else {
        raise!(vm, TypeError, "repeat() missing required argument 'object' (pos 1)");
    };
    let left = match times {
        Some(times) => vm.index_i64(times)?.max(0),
        None => -1,
    };
    let vm = &*vm;
    let payload = Repeat { object: slot(vm.get(object)), left: Cell::new(left) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn repeat_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<Repeat>(vm)?;
    match this.left.get() {
        0 => return Ok(None),
        n if n > 0 => this.left.set(n - 1),
        _ => {}
    }
    Ok(Some(vm.ret(this.object.get(vm))))
}

fn repeat_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Repeat>(vm)?;
    let left = this.left.get();
    let object = vm.root(this.object.get(vm));
    let name = vm.type_name(args.get(vm, 0));
    let object = vm.repr_text(object)?;
    if left < 0 {
        return ret_str(vm, &format!("{name}({object})"));
    }
    ret_str(vm, &format!("{name}({object}, {left})"))
}

fn repeat_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let left = args.payload::<Repeat>(vm)?.left.get();
    if left < 0 {
        raise!(vm, TypeError, "len() of unsized object");
    }
    Ok(vm.ret(vm.int(left)))
}
