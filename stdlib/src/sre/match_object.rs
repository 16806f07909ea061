//! `re.Match`.

use super::pattern::{Pattern, pattern_in};
use super::replace;
use super::subject::{Search, part};
use crate::prelude::*;
use sidewinder_interpreter::vm::Ret;

/// A match.
#[derive(Trace)]
pub struct Match {
    pub(super) pattern: Slot,
    pub(super) string: Slot,
    /// An array of start and end of each group, from the whole match on; -1 where none.
    spans: Slot,
    pos: Cell<usize>,
    endpos: Cell<usize>,
    /// 0 is none.
    last_index: Cell<usize>,
}
native_type!(
    Match,
    MATCH,
    "re",
    "Match",
    "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::method(
            "group($self, /, *groups)",
            group,
            "group([group1, ...]) -> str or tuple.\nReturn subgroup(s) of the match by indices or names.\nFor 0 returns the entire match."
        ),
        NativeDef::method(
            "start($self, group=0, /)",
            start,
            "Return index of the start of the substring matched by group."
        ),
        NativeDef::method(
            "end($self, group=0, /)",
            end,
            "Return index of the end of the substring matched by group."
        ),
        NativeDef::method(
            "span($self, group=0, /)",
            span,
            "For match object m, return the 2-tuple (m.start(group), m.end(group))."
        ),
        NativeDef::method(
            "groups($self, /, default=None)",
            groups,
            "Return a tuple containing all the subgroups of the match, from 1.\n\ndefault\n  Is used for groups that did not participate in the match."
        ),
        NativeDef::method(
            "groupdict($self, /, default=None)",
            groupdict,
            "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.\n\ndefault\n  Is used for groups that did not participate in the match."
        ),
        NativeDef::method(
            "expand($self, /, template)",
            expand,
            "Return the string obtained by doing backslash substitution on the string template, as done by the sub() method."
        ),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__copy__($self, /)", itself, ""),
        NativeDef::method("__deepcopy__($self, memo, /)", itself, ""),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585"
        ),
    ],
    [
        GetSetDef::new(
            "string",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Match>(vm)?.r().string.get(vm)))
            },
            "The string passed to match() or search()."
        ),
        GetSetDef::new(
            "re",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Match>(vm)?.r().pattern.get(vm)))
            },
            "The regular expression object."
        ),
        GetSetDef::new(
            "pos",
            |vm, args| {
                let pos = args.payload::<Match>(vm)?.pos.get();
                Ok(vm.ret(vm.int_usize(pos)))
            },
            "The index into the string at which the RE engine started looking for a match."
        ),
        GetSetDef::new(
            "endpos",
            |vm, args| {
                let endpos = args.payload::<Match>(vm)?.endpos.get();
                Ok(vm.ret(vm.int_usize(endpos)))
            },
            "The index into the string beyond which the RE engine will not go."
        ),
        GetSetDef::new(
            "lastindex",
            lastindex,
            "The integer index of the last matched capturing group."
        ),
        GetSetDef::new("lastgroup", lastgroup, "The name of the last matched capturing group."),
        GetSetDef::new("regs", regs, ""),
    ]
);

/// A match object, or None.
pub(super) fn result(vm: &Vm, pattern: Local, search: &Search, pos: usize, found: bool) -> Ret {
    if !found {
        return vm.none();
    }
    vm.ret(new_match(vm, pattern, search, pos))
}

/// The match that a search has found.
pub(super) fn new_match<'gc>(
    vm: &'gc Vm,
    pattern: Local,
    search: &Search,
    pos: usize,
) -> Value<'gc> {
    let n = search.program.groups + 1;
    let numbers = (0..n).flat_map(|i| match search.group(i) {
        Some((start, end)) => [vm.int_usize(start), vm.int_usize(end)],
        None => [Value::from_i32(-1); 2],
    });
    let spans = vm.array_from(2 * n, numbers);
    vm.native(Match {
        pattern: slot(vm.get(pattern)),
        string: slot(vm.get(search.string)),
        spans: slot(spans.value()),
        pos: Cell::new(pos),
        endpos: Cell::new(search.request.end),
        last_index: Cell::new(search.scratch.last_index),
    })
    .value()
}

/// The match in a root.
pub(super) fn match_in(vm: &Vm, l: Local) -> Gc<'_, Native<Match>> {
    vm.get(l).payload().expect("the caller has checked that it is a match")
}

/// Where a group is, if it has matched.
pub(super) fn group_span(vm: &Vm, m: Gc<'_, Native<Match>>, i: usize) -> Option<(usize, usize)> {
    let spans: Gc<'_, Array> = m.spans.get_as(vm)?;
    let number = |i: usize| spans.item(vm, i).as_small_int();
    let (start, end) = (number(2 * i)?, number(2 * i + 1)?);
    (start >= 0).then_some((start as usize, end as usize))
}

fn group_count(vm: &Vm, m: Gc<'_, Native<Match>>) -> usize {
    m.spans.get_as::<Array>(vm).map_or(0, |a| a.len() / 2)
}

/// What a group matched, or `default`.
fn text<'gc>(
    vm: &'gc Vm,
    this: Local,
    i: usize,
    default: Value<'gc>,
) -> Result<Value<'gc>, Raised> {
    let m = match_in(vm, this);
    let Some((start, end)) = group_span(vm, m, i) else { return Ok(default) };
    let string = vm.root(m.r().string.get(vm));
    // The string may be a bytearray that has become shorter.
    let len = super::subject::Subject::of(vm, vm.get(string))?.len();
    part(vm, string, start.min(len), end.min(len))
}

/// The number of a group given by number or name; IndexError if there is none.
fn group_number(vm: &mut Vm, this: Local, key: Local) -> Result<usize, Raised> {
    let count = group_count(vm, match_in(vm, this));
    let v = vm.get(key);
    let number = if vm.is_int(v) || vm.special_of(v, Special::Index).is_some() {
        match vm.index_i64(key) {
            Ok(i) => Some(i),
            Err(raised) => {
                vm.catch(raised, ClassId::OverflowError)?;
                None
            }
        }
    } else {
        let pattern = vm.root(match_in(vm, this).pattern.get(vm));
        let index = vm.root(pattern_in(vm, pattern).groupindex.get(vm));
        match vm.dict_get(index, key) {
            Ok(true) => vm.as_i64(vm.result()),
            Ok(false) => None,
            Err(raised) => {
                vm.catch(raised, ClassId::TypeError)?;
                None
            }
        }
    };
    match number.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < count) {
        Some(i) => Ok(i),
        None => Err(vm.raise(ClassId::IndexError, "no such group")),
    }
}

fn group(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Match>(vm)?;
    let this = args.local(0);
    let n = seq_len(args.get(vm, 1));
    if n == 0 {
        return Ok(vm.ret(text(vm, this, 0, Value::NONE)?));
    }
    let key = vm.empty_root();
    let mut numbers = Vec::with_capacity(n);
    for i in 0..n {
        vm.set(key, seq_item(vm, args.get(vm, 1), i).expect("inside"));
        numbers.push(group_number(vm, this, key)?);
    }
    let vm = &*vm;
    if let [only] = numbers[..] {
        return Ok(vm.ret(text(vm, this, only, Value::NONE)?));
    }
    let texts: Vec<_> =
        numbers.iter().map(|i| text(vm, this, *i, Value::NONE)).collect::<Result<_, _>>()?;
    Ok(vm.ret(vm.tuple(&texts).value()))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Match>(vm)?;
    let i = group_number(vm, args.local(0), args.local(1))?;
    let vm = &*vm;
    Ok(vm.ret(text(vm, args.local(0), i, Value::NONE)?))
}

/// The span that the optional argument asks for.
fn wanted(vm: &mut Vm, args: Args) -> Result<(i64, i64), Raised> {
    args.payload::<Match>(vm)?;
    let i = match args.opt(vm, 1) {
        Some(_) => group_number(vm, args.local(0), args.local(1))?,
        None => 0,
    };
    let span = group_span(vm, match_in(vm, args.local(0)), i);
    Ok(span.map_or((-1, -1), |(start, end)| (start as i64, end as i64)))
}

fn start(vm: &mut Vm, args: Args) -> NativeResult {
    let (start, _) = wanted(vm, args)?;
    Ok(vm.ret(vm.int(start)))
}

fn end(vm: &mut Vm, args: Args) -> NativeResult {
    let (_, end) = wanted(vm, args)?;
    Ok(vm.ret(vm.int(end)))
}

fn span(vm: &mut Vm, args: Args) -> NativeResult {
    let (start, end) = wanted(vm, args)?;
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.int(start), vm.int(end)]).value()))
}

fn groups(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Match>(vm)?;
    let default = args.opt(vm, 1).unwrap_or(Value::NONE);
    let texts: Vec<_> = (1..group_count(vm, this))
        .map(|i| text(vm, args.local(0), i, default))
        .collect::<Result<_, _>>()?;
    Ok(vm.ret(vm.tuple(&texts).value()))
}

fn groupdict(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Match>(vm)?;
    let this = args.local(0);
    let pattern = vm.root(match_in(vm, this).pattern.get(vm));
    let index = vm.root(pattern_in(vm, pattern).groupindex.get(vm));
    let result = vm.root(vm.dict().value());
    let (name, value) = (vm.empty_root(), vm.empty_root());
    let names = vm.collect_list(index)?;
    let names = vm.hold(names);
    let mut at = 0;
    while let Some(n) = seq_item(vm, vm.get(names), at) {
        at += 1;
        vm.set(name, n);
        let i = group_number(vm, this, name)?;
        let default = args.opt(vm, 1).unwrap_or(Value::NONE);
        vm.set(value, text(vm, this, i, default)?);
        vm.dict_set(result, name, value)?;
    }
    Ok(vm.ret(vm.get(result)))
}

fn expand(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Match>(vm)?;
    replace::expand(vm, args.local(0), args.local(1))
}

fn lastindex(vm: &mut Vm, args: Args) -> NativeResult {
    match args.payload::<Match>(vm)?.last_index.get() {
        0 => Ok(vm.none()),
        i => Ok(vm.ret(vm.int_usize(i))),
    }
}

fn lastgroup(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Match>(vm)?;
    let last = this.last_index.get();
    let pattern = this.r().pattern.get(vm).payload::<Pattern>().expect("a pattern");
    let names = pattern.r().indexgroup.get(vm);
    let name = if last == 0 { None } else { seq_item(vm, names, last) };
    Ok(vm.ret(name.unwrap_or(Value::NONE)))
}

fn regs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Match>(vm)?;
    let spans = (0..group_count(vm, this)).map(|i| {
        let (start, end) = group_span(vm, this, i).map_or((-1, -1), |(s, e)| (s as i64, e as i64));
        vm.tuple(&[vm.int(start), vm.int(end)]).value()
    });
    let spans: Vec<_> = spans.collect();
    Ok(vm.ret(vm.tuple(&spans).value()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Match>(vm)?;
    let (start, end) = group_span(vm, this, 0).unwrap_or((0, 0));
    let whole = text(vm, args.local(0), 0, Value::NONE)?;
    let whole = vm.root(whole);
    let whole = vm.repr_text(whole)?;
    ret_str(vm, &format!("<re.Match object; span=({start}, {end}), match={whole}>"))
}
