//! `re.Pattern`.

use super::match_object;
use super::program::Program;
use super::replace;
use super::scanner;
use super::subject::{Search, part};
use crate::prelude::*;
use sidewinder_interpreter::builtins::mapping_proxy;
use std::rc::Rc;

/// Bits of `flags`.
pub(super) const UNICODE: i64 = 32;
const DEBUG: i64 = 128;

/// A compiled pattern.
#[derive(Trace)]
pub struct Pattern {
    /// The source: str, bytes or None.
    pub(super) pattern: Slot,
    /// A dict from names to group numbers.
    pub(super) groupindex: Slot,
    /// A tuple with each group's name or None.
    pub(super) indexgroup: Slot,
    #[trace(skip)]
    flags: i64,
    #[trace(skip)]
    pub(super) program: Rc<Program>,
}

impl Payload for Pattern {
    const TYPE: &'static TypeDef = &PATTERN;
    const NEEDS_DROP: bool = true;
}

/// The type re.Pattern.
pub static PATTERN: TypeDef = TypeDef {
    module: "re",
    doc: "Compiled regular expression object.",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method(
            "match($self, /, string, pos=0, endpos=sys.maxsize)",
            match_,
            "Matches zero or more characters at the beginning of the string.",
        ),
        NativeDef::method(
            "fullmatch($self, /, string, pos=0, endpos=sys.maxsize)",
            fullmatch,
            "Matches against all of the string.",
        ),
        NativeDef::method(
            "search($self, /, string, pos=0, endpos=sys.maxsize)",
            search,
            "Scan through string looking for a match, and return a corresponding match object instance.\n\nReturn None if no position in the string matches.",
        ),
        NativeDef::method(
            "findall($self, /, string, pos=0, endpos=sys.maxsize)",
            findall,
            "Return a list of all non-overlapping matches of pattern in string.",
        ),
        NativeDef::method(
            "finditer($self, /, string, pos=0, endpos=sys.maxsize)",
            finditer,
            "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\nFor each match, the iterator returns a match object.",
        ),
        NativeDef::method("scanner($self, /, string, pos=0, endpos=sys.maxsize)", make_scanner, ""),
        NativeDef::method(
            "split($self, /, string, maxsplit=0)",
            split,
            "Split string by the occurrences of pattern.",
        ),
        NativeDef::method(
            "sub($self, /, repl, string, count=0)",
            sub,
            "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl.",
        ),
        NativeDef::method(
            "subn($self, /, repl, string, count=0)",
            subn,
            "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.",
        ),
        NativeDef::method("__copy__($self, /)", itself, ""),
        NativeDef::method("__deepcopy__($self, memo, /)", itself, ""),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585",
        ),
    ],
    getset: &[
        GetSetDef::new(
            "pattern",
            |vm, args| {
                let vm = &*vm;
                let source = args.payload::<Pattern>(vm)?.r().pattern.get(vm);
                Ok(vm.ret(source))
            },
            "The pattern string from which the RE object was compiled.",
        ),
        GetSetDef::new(
            "flags",
            |vm, args| {
                let flags = args.payload::<Pattern>(vm)?.flags;
                Ok(vm.ret(vm.int(flags)))
            },
            "The regex matching flags.",
        ),
        GetSetDef::new(
            "groups",
            |vm, args| {
                let groups = args.payload::<Pattern>(vm)?.program.groups;
                Ok(vm.ret(vm.int_usize(groups)))
            },
            "The number of capturing groups in the pattern.",
        ),
        GetSetDef::new(
            "groupindex",
            |vm, args| {
                let vm = &*vm;
                let index = args.payload::<Pattern>(vm)?.r().groupindex.get(vm);
                Ok(vm.ret(mapping_proxy::proxy(vm, index)))
            },
            "A dictionary mapping group names to group numbers.",
        ),
    ],
    ..TypeDef::new("Pattern", Kind::Native)
};

pub(super) fn compile(vm: &mut Vm, args: Args) -> NativeResult {
    let flags = vm.index_i64(args.local(1))?;
    let groups = vm.index_i64(args.local(3))?;
    if args.get(vm, 2).cast::<List>().is_none() {
        return Err(args.wrong_type(vm, 2, "list"));
    }
    let mut code = Vec::new();
    vm.iterate(args.local(2), |vm, word| {
        let word_value = vm.index_i64(word)?;
        match u32::try_from(word_value) {
            Ok(word) => code.push(word),
            Err(_) => raise!(vm, OverflowError, "regular expression code size limit exceeded"),
        }
        Ok(())
    })?;
    let vm = &*vm;
    if vm.get(args.local(4)).cast::<Dict>().is_none() {
        return Err(args.wrong_type(vm, 4, "dict"));
    }
    if vm.get(args.local(5)).cast::<Tuple>().is_none() {
        return Err(args.wrong_type(vm, 5, "tuple"));
    }
    if !(0..=i32::MAX as i64).contains(&groups) {
        raise!(vm, RuntimeError, "invalid SRE code");
    }
    let pattern = vm.native(Pattern {
        pattern: slot(args.get(vm, 0)),
        groupindex: slot(args.get(vm, 4)),
        indexgroup: slot(args.get(vm, 5)),
        flags,
        program: Rc::new(Program::new(code, groups as usize)),
    });
    Ok(vm.ret(pattern.value()))
}

/// The pattern in a root.
pub(super) fn pattern_in(vm: &Vm, l: Local) -> Gc<'_, Native<Pattern>> {
    vm.get(l).payload().expect("the caller has checked that it is a pattern")
}

/// The search that the arguments `string, pos, endpos` ask for.
fn begin(vm: &mut Vm, args: Args) -> Result<Search, Raised> {
    args.payload::<Pattern>(vm)?;
    let mut bounds = [0, i64::MAX];
    for (i, bound) in bounds.iter_mut().enumerate() {
        if args.opt(vm, 2 + i).is_some() {
            *bound = vm.index_clamped(args.local(2 + i))? as i64;
        }
    }
    Search::new(vm, args.local(0), args.local(1), bounds[0], bounds[1])
}

fn match_(vm: &mut Vm, args: Args) -> NativeResult {
    let mut search = begin(vm, args)?;
    let pos = search.request.start;
    let found = search.match_here(vm)?;
    Ok(match_object::result(vm, args.local(0), &search, pos, found))
}

fn fullmatch(vm: &mut Vm, args: Args) -> NativeResult {
    let mut search = begin(vm, args)?;
    let pos = search.request.start;
    search.request.full = true;
    let found = search.match_here(vm)?;
    Ok(match_object::result(vm, args.local(0), &search, pos, found))
}

fn search(vm: &mut Vm, args: Args) -> NativeResult {
    let mut search = begin(vm, args)?;
    let pos = search.request.start;
    let found = search.find(vm)?;
    Ok(match_object::result(vm, args.local(0), &search, pos, found))
}

fn make_scanner(vm: &mut Vm, args: Args) -> NativeResult {
    let search = begin(vm, args)?;
    scanner::new(vm, args.local(0), search)
}

fn finditer(vm: &mut Vm, args: Args) -> NativeResult {
    let search = begin(vm, args)?;
    scanner::iterator(vm, args.local(0), search)
}

fn findall(vm: &mut Vm, args: Args) -> NativeResult {
    let mut search = begin(vm, args)?;
    let list = vm.root(vm.list(&[]).value());
    while search.find_next(vm)? {
        {
            let vm = &*vm;
            let text = |i: usize| match search.group(i) {
                Some((start, end)) => part(vm, search.string, start, end),
                None => part(vm, search.string, 0, 0),
            };
            let item = match search.program.groups {
                0 => text(0)?,
                1 => text(1)?,
                n => {
                    let items = (1..=n).map(text).collect::<Result<Vec<_>, _>>()?;
                    vm.tuple(&items).value()
                }
            };
            let list: Gc<'_, List> = vm.get(list).cast().expect("a list");
            vm.list_push(list, item);
        }
        vm.safepoint()?;
    }
    Ok(vm.ret(vm.get(list)))
}

fn split(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Pattern>(vm)?;
    let max = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    let mut search = Search::new(vm, args.local(0), args.local(1), 0, i64::MAX)?;
    let list = vm.root(vm.list(&[]).value());
    let (mut last, mut n) = (0, 0);
    while (max == 0 || n < max) && search.find_next(vm)? {
        {
            let vm = &*vm;
            let out: Gc<'_, List> = vm.get(list).cast().expect("a list");
            vm.list_push(out, part(vm, search.string, last, search.scratch.start)?);
            for i in 1..=search.program.groups {
                let item = match search.group(i) {
                    Some((start, end)) => part(vm, search.string, start, end)?,
                    None => Value::NONE,
                };
                vm.list_push(out, item);
            }
        }
        n += 1;
        last = search.scratch.end;
        vm.safepoint()?;
    }
    let vm = &*vm;
    let out: Gc<'_, List> = vm.get(list).cast().expect("a list");
    vm.list_push(out, part(vm, search.string, last, search.request.end)?);
    Ok(vm.ret(out.value()))
}

fn count(vm: &mut Vm, args: Args) -> Result<i64, Raised> {
    match args.opt(vm, 3) {
        Some(_) => vm.index_i64(args.local(3)),
        None => Ok(0),
    }
}

fn sub(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Pattern>(vm)?;
    let count = count(vm, args)?;
    let (ret, _) = replace::substitute(vm, args.local(0), args.local(1), args.local(2), count)?;
    Ok(ret)
}

fn subn(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Pattern>(vm)?;
    let count = count(vm, args)?;
    let (ret, n) = replace::substitute(vm, args.local(0), args.local(1), args.local(2), count)?;
    let vm = &*vm;
    let text = vm.value(ret);
    Ok(vm.ret(vm.tuple(&[text, vm.int_usize(n)]).value()))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Pattern>(vm)?;
    let Some(other) = args.get(vm, 1).payload::<Pattern>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let same = this.flags == other.flags && this.program.code() == other.program.code();
    let (a, b) = (this.pattern.get(vm), other.pattern.get(vm));
    // str and bytes are never equal, and comparing them may warn.
    let kinds = a.as_str().is_some() == b.as_str().is_some();
    let (a, b) = (vm.root(a), vm.root(b));
    let equal = same && kinds && vm.eq(a, b)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Pattern>(vm)?;
    let mut hash = this.flags as u64;
    for word in this.program.code() {
        hash = (hash ^ *word as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
    }
    let source = vm.root(this.pattern.get(vm));
    let hash = hash ^ vm.hash(source)?;
    ret_hash(vm, hash >> 3)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    const NAMES: [(&str, i64); 8] = [
        ("re.IGNORECASE", 2),
        ("re.LOCALE", 4),
        ("re.MULTILINE", 8),
        ("re.DOTALL", 16),
        ("re.UNICODE", 32),
        ("re.VERBOSE", 64),
        ("re.DEBUG", DEBUG),
        ("re.ASCII", 256),
    ];
    let this = args.payload::<Pattern>(vm)?;
    let source = vm.root(this.pattern.get(vm));
    let mut flags = this.flags;
    // Unicode goes without saying for a str.
    let is_str = vm.get(source).as_str().is_some();
    if is_str && flags & (4 | UNICODE | 256) == UNICODE {
        flags &= !UNICODE;
    }
    let text: String = vm.repr_text(source)?.chars().take(200).collect();
    let mut names: Vec<String> =
        NAMES.iter().filter(|(_, bit)| flags & bit != 0).map(|(n, _)| n.to_string()).collect();
    let rest = flags & !NAMES.iter().fold(0, |all, (_, bit)| all | bit);
    if rest != 0 {
        names.push(format!("{rest:#x}"));
    }
    if names.is_empty() {
        return ret_str(vm, &format!("re.compile({text})"));
    }
    ret_str(vm, &format!("re.compile({text}, {})", names.join("|")))
}
