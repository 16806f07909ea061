//! Scanners, and the iterator of `finditer`.

use super::match_object::new_match;
use super::matcher::Request;
use super::pattern::pattern_in;
use super::subject::Search;
use crate::prelude::*;

/// A search that goes on from call to call.
#[derive(Trace)]
pub struct Scanner {
    pattern: Slot,
    string: Slot,
    /// A view of a string whose size could change, which it must not while the search goes on.
    view: Slot,
    start: Cell<usize>,
    end: Cell<usize>,
    advance: Cell<bool>,
    ended: Cell<bool>,
}
native_type!(
    Scanner,
    SCANNER,
    "_sre",
    "SRE_Scanner",
    "",
    ClassFlags::NO_NEW,
    [
        NativeDef::method("match($self, /)", |vm, args| step(vm, args, false), ""),
        NativeDef::method("search($self, /)", |vm, args| step(vm, args, true), ""),
    ],
    [GetSetDef::new(
        "pattern",
        |vm, args| {
            let vm = &*vm;
            Ok(vm.ret(args.payload::<Scanner>(vm)?.r().pattern.get(vm)))
        },
        ""
    )]
);

/// What `finditer` gives.
#[derive(Trace)]
pub struct FindIter {
    scanner: Slot,
}
iterator_type!(
    FindIter,
    FIND_ITER,
    "builtins",
    "callable_iterator",
    "",
    ClassFlags::NO_NEW,
    next_match,
    []
);

fn scanner(vm: &mut Vm, pattern: Local, search: &Search) -> Result<Local, Raised> {
    let string = vm.get(search.string);
    let fixed = string.as_str().is_some() || string.kind() == Some(Kind::Bytes);
    let view = if fixed { None } else { Some(vm.memoryview(search.string)?) };
    let view = view.map(|view| vm.hold(view));
    let vm = &*vm;
    let made = vm.native(Scanner {
        pattern: slot(vm.get(pattern)),
        string: slot(vm.get(search.string)),
        view: view.map_or(unbound(), |view| slot(vm.get(view))),
        start: Cell::new(search.request.start),
        end: Cell::new(search.request.end),
        advance: Cell::new(false),
        ended: Cell::new(false),
    });
    Ok(vm.root(made.value()))
}

pub(super) fn new(vm: &mut Vm, pattern: Local, search: Search) -> NativeResult {
    let made = scanner(vm, pattern, &search)?;
    Ok(vm.ret(vm.get(made)))
}

pub(super) fn iterator(vm: &mut Vm, pattern: Local, search: Search) -> NativeResult {
    let made = scanner(vm, pattern, &search)?;
    let vm = &*vm;
    Ok(vm.ret(vm.native(FindIter { scanner: slot(vm.get(made)) }).value()))
}

fn scanner_in(vm: &Vm, l: Local) -> Gc<'_, Native<Scanner>> {
    vm.get(l).payload().expect("a scanner")
}

/// The next match: a match object or None.
fn advance(vm: &mut Vm, this: Local, anywhere: bool) -> NativeResult {
    let s = scanner_in(vm, this);
    if s.ended.get() {
        return Ok(vm.none());
    }
    let (pattern, string) = (vm.root(s.pattern.get(vm)), vm.root(s.string.get(vm)));
    let (start, end, must) = (s.start.get(), s.end.get(), s.advance.get());
    let program = pattern_in(vm, pattern).program.clone();
    let request = Request { start, end, full: false, advance: must };
    let mut search = Search { program, string, request, scratch: Default::default() };
    let found = if anywhere { search.find(vm)? } else { search.match_here(vm)? };
    let s = scanner_in(vm, this);
    if !found {
        s.ended.set(true);
        return Ok(vm.none());
    }
    s.advance.set(search.scratch.start == search.scratch.end);
    s.start.set(search.scratch.end);
    Ok(vm.ret(new_match(vm, pattern, &search, start)))
}

fn step(vm: &mut Vm, args: Args, anywhere: bool) -> NativeResult {
    args.payload::<Scanner>(vm)?;
    advance(vm, args.local(0), anywhere)
}

fn next_match(vm: &mut Vm, args: Args) -> StepResult {
    let scanner = vm.root(args.payload::<FindIter>(vm)?.scanner.get(vm));
    let ret = advance(vm, scanner, true)?;
    if vm.value(ret).is_none() {
        return Ok(None);
    }
    Ok(Some(vm.ret(vm.result())))
}
