//! Methods of str that make new strs: `join`, `replace`, `strip`, padding, translation.

use super::str::{plain, this};
use super::text::{Occurrences, TextBuilder, code_points, data_as_width};
use super::unicode::is_space;
use super::{ClassId, str_search};
use crate::object::{Array, Dict, Field, Gc, List, Slot, Str, Tuple};
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeResult, Raised, Ret, Special, Vm};

pub(super) fn join(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let items = args.local(1);
    let direct =
        vm.is_exact(vm.get(items), ClassId::List) || vm.is_exact(vm.get(items), ClassId::Tuple);
    let items = if direct {
        items
    } else {
        let iterable = vm.special_of(vm.get(items), Special::Iter).is_some_and(|m| !m.is_none())
            || vm.special_of(vm.get(items), Special::GetItem).is_some();
        if !iterable {
            raise!(vm, TypeError, "can only join an iterable");
        }
        let list = vm.collect_list(items)?;
        vm.hold(list)
    };
    let vm = &*vm;
    let separator = this(vm, args)?;
    let items = vm.get(items);
    let slots: &[Slot] = if let Some(list) = items.cast::<List>() {
        match list.array.get_as::<Array>(vm) {
            Some(array) => &array.r().items()[..list.len.get()],
            None => &[],
        }
    } else if let Some(tuple) = items.cast::<Tuple>() {
        tuple.r().items()
    } else {
        &[]
    };
    for (i, slot) in slots.iter().enumerate() {
        if slot.get(vm).as_str().is_none() {
            let given = vm.type_name(slot.get(vm));
            raise!(vm, TypeError, "sequence item {i}: expected str instance, {given} found");
        }
    }
    if let [only] = slots
        && let Some(s) = only.get_as::<Str>(vm)
        && vm.is_exact(s.value(), ClassId::Str)
    {
        return Ok(vm.ret(s.value()));
    }
    let pieces = slots.iter().filter_map(|slot| slot.get_as::<Str>(vm));
    Ok(vm.ret(vm.str_join(separator, pieces)?.value()))
}

pub(super) fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    args.str(vm, 1)?;
    args.str(vm, 2)?;
    let most = super::str_split::most_cuts(vm, args, 3)?;
    if let Some(ret) = replaced_with(vm, args, most, Vm::interrupt_pending)? {
        return Ok(ret);
    }
    vm.safepoint()?;
    // The handler did not raise: now to the end.
    let ret = replaced_with(vm, args, most, |_| false)?;
    Ok(ret.unwrap_or_else(|| vm.none()))
}

/// The result, unless `give_up` says that it is not wanted any more.
fn replaced_with(
    vm: &Vm,
    args: Args,
    most: usize,
    give_up: fn(&Vm) -> bool,
) -> Result<Option<Ret>, Raised> {
    let (s, old, new) = (this(vm, args)?, args.str(vm, 1)?, args.str(vm, 2)?);
    Ok(replaced(vm, s, old, new, most, give_up)?.map(|s| vm.ret(s.value())))
}

fn replaced<'gc>(
    vm: &'gc Vm,
    s: Gc<'gc, Str>,
    old: Gc<'gc, Str>,
    new: Gc<'gc, Str>,
    most: usize,
    give_up: fn(&Vm) -> bool,
) -> Result<Option<Gc<'gc, Str>>, Raised> {
    if most == 0 {
        return Ok(Some(plain(vm, s)));
    }
    // Looked at now and then.
    let stop = |step: usize| step & 0xF_FFFF == 0xF_FFFF && give_up(vm);
    if old.is_empty() {
        let cuts = most.min(s.len() + 1);
        vm.check_size(new.len().saturating_mul(cuts).saturating_mul(4))?;
        let mut out = TextBuilder::with_capacity(s.len() + new.len() * cuts);
        for i in 0..cuts {
            if stop(i) {
                return Ok(None);
            }
            out.push_text(new.r());
            if i < s.len() {
                out.push(s.char_at(i));
            }
        }
        if cuts < s.len() {
            out.push_slice(s.r(), cuts, s.len());
        }
        return Ok(Some(out.finish(vm)));
    }
    let (width, data) = (s.width(), s.r().data());
    let Some(needle) = data_as_width(old.r(), width) else { return Ok(Some(plain(vm, s))) };
    let cuts = str_search::count_units(data, &needle, width).min(most);
    if cuts == 0 {
        return Ok(Some(plain(vm, s)));
    }
    let grown = new.len().saturating_sub(old.len()).saturating_mul(cuts);
    vm.check_size(grown.saturating_mul(4))?;
    let places = Occurrences::new(data, &needle, width).take(cuts).enumerate();
    if width == 1 && new.width() == 1 {
        let with = new.r().data();
        let mut out = Vec::with_capacity(data.len() + cuts * with.len() - cuts * needle.len());
        let mut done = 0;
        for (i, at) in places {
            if stop(i) {
                return Ok(None);
            }
            out.extend_from_slice(&data[done..at]);
            out.extend_from_slice(with);
            done = at + needle.len();
        }
        out.extend_from_slice(&data[done..]);
        return Ok(Some(vm.str_from_latin1(&out)));
    }
    let mut out = TextBuilder::new();
    let mut done = 0;
    for (i, at) in places {
        if stop(i) {
            return Ok(None);
        }
        out.push_slice(s.r(), done, at);
        out.push_text(new.r());
        done = at + old.len();
    }
    out.push_slice(s.r(), done, s.len());
    Ok(Some(out.finish(vm)))
}

fn strip_either(vm: &mut Vm, args: Args, left: bool, right: bool) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let set = match args.not_none(vm, 1) {
        None => None,
        Some(v) => match v.as_str() {
            Some(set) => Some(set),
            None => {
                let name = args.callee_name(vm);
                raise!(vm, TypeError, "{name} arg must be None or str");
            }
        },
    };
    let (mut start, mut end) = (0, s.len());
    let mut trim = |drop: &dyn Fn(u32) -> bool| {
        while left && start < end && drop(s.char_at(start)) {
            start += 1;
        }
        while right && start < end && drop(s.char_at(end - 1)) {
            end -= 1;
        }
    };
    match set {
        None => trim(&is_space),
        Some(set) => trim(&|c| set.chars().any(|d| d == c)),
    }
    Ok(vm.ret(vm.str_slice(s, start, end).value()))
}

pub(super) fn strip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, true)
}

pub(super) fn lstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, false)
}

pub(super) fn rstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, false, true)
}

pub(super) fn removeprefix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (s, part) = (this(vm, args)?, args.str(vm, 1)?);
    let there = str_search::has_affix(s.r(), part.r(), 0, s.len(), false);
    let start = if there { part.len() } else { 0 };
    Ok(vm.ret(vm.str_slice(s, start, s.len()).value()))
}

pub(super) fn removesuffix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (s, part) = (this(vm, args)?, args.str(vm, 1)?);
    let there = str_search::has_affix(s.r(), part.r(), 0, s.len(), true);
    let end = if there { s.len() - part.len() } else { s.len() };
    Ok(vm.ret(vm.str_slice(s, 0, end).value()))
}

/// The padding character, argument 2.
fn fill_char(vm: &Vm, args: Args) -> Result<u32, Raised> {
    let Some(fill) = args.opt(vm, 2) else { return Ok(' ' as u32) };
    let Some(fill) = fill.as_str() else {
        let given = vm.type_name(fill);
        raise!(vm, TypeError, "The fill character must be a unicode character, not {given}");
    };
    if fill.len() != 1 {
        raise!(vm, TypeError, "The fill character must be exactly one character long");
    }
    Ok(fill.char_at(0))
}

/// Where padding of `total` characters goes, given the full width.
pub(super) type Share = fn(total: usize, width: usize) -> usize;

/// An odd space goes to the left when the width is odd too.
pub(super) fn center_share(total: usize, width: usize) -> usize {
    total / 2 + (total & width & 1)
}

fn pad(vm: &mut Vm, args: Args, left: Share) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let s = this(vm, args)?;
    let fill = fill_char(vm, args)?;
    let total = width.saturating_sub(s.len());
    if total == 0 {
        return Ok(vm.ret(plain(vm, s).value()));
    }
    vm.check_size(width.saturating_mul(4))?;
    let left = left(total, width);
    let mut out = TextBuilder::with_capacity(width);
    out.repeat(fill, left);
    out.push_text(s.r());
    out.repeat(fill, total - left);
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn center(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, center_share)
}

pub(super) fn ljust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |_, _| 0)
}

pub(super) fn rjust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |total, _| total)
}

pub(super) fn zfill(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let s = this(vm, args)?;
    let total = width.saturating_sub(s.len());
    if total == 0 {
        return Ok(vm.ret(plain(vm, s).value()));
    }
    vm.check_size(width.saturating_mul(4))?;
    let signed = !s.is_empty() && matches!(char::from_u32(s.char_at(0)), Some('+' | '-'));
    let mut out = TextBuilder::with_capacity(width);
    if signed {
        out.push(s.char_at(0));
    }
    out.repeat('0' as u32, total);
    out.push_slice(s.r(), signed as usize, s.len());
    Ok(vm.ret(out.finish(vm).value()))
}

/// The tab size, argument 1.
pub(super) fn tab_size(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    match args.opt_local(vm, 1) {
        Some(size) => {
            let size = vm.index_i64(size)?;
            if size > i32::MAX as i64 || size < i32::MIN as i64 {
                raise!(vm, OverflowError, "Python int too large to convert to C int");
            }
            Ok(usize::try_from(size).unwrap_or(0))
        }
        None => Ok(8),
    }
}

pub(super) fn expandtabs(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let size = tab_size(vm, args)?;
    let vm = &*vm;
    let s = this(vm, args)?;
    let tabs = s.chars().filter(|c| *c == 9).count();
    if tabs == 0 {
        return Ok(vm.ret(plain(vm, s).value()));
    }
    vm.check_size(tabs.saturating_mul(size).saturating_mul(4))?;
    let mut out = TextBuilder::with_capacity(s.len() + tabs * size.min(8));
    let mut column = 0;
    for c in s.chars() {
        match c {
            9 if size > 0 => {
                let n = size - column % size;
                out.repeat(' ' as u32, n);
                column += n;
            }
            9 => {}
            10 | 13 => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(vm.ret(out.finish(vm).value()))
}

/// What a character becomes.
enum Mapped {
    Same,
    Gone,
    Char(u32),
    /// A str, in the result register.
    Text,
}

fn map_char(vm: &mut Vm, table: Local, c: u32) -> Result<Mapped, Raised> {
    let key = vm.root(Value::from_i32(c as i32));
    let result = match vm.getitem(table, key) {
        Ok(ret) => vm.value(ret),
        Err(raised) => {
            vm.catch(raised, ClassId::LookupError)?;
            return Ok(Mapped::Same);
        }
    };
    if result.is_none() {
        return Ok(Mapped::Gone);
    }
    if vm.is_int(result) {
        let c = vm.as_i64(result).and_then(|i| u32::try_from(i).ok()).filter(|c| *c < 0x110000);
        return match c {
            Some(c) => Ok(Mapped::Char(c)),
            None => raise!(vm, ValueError, "character mapping must be in range(0x110000)"),
        };
    }
    if result.as_str().is_some() {
        return Ok(Mapped::Text);
    }
    raise!(vm, TypeError, "character mapping must return integer, None or str")
}

/// What is remembered of a dict's answers for ASCII characters.
#[derive(Clone, PartialEq, Eq)]
enum Known {
    NotAsked,
    /// One character, maybe the same.
    Char(u8),
    Text(Vec<u32>),
}

pub(super) fn translate(vm: &mut Vm, args: Args) -> NativeResult {
    let chars = code_points(this(vm, args)?.r());
    let table = args.local(1);
    let pure = vm.is_exact(vm.get(table), ClassId::Dict);
    let mut out = TextBuilder::with_capacity(chars.len());
    let mut known = [const { Known::NotAsked }; 128];
    for c in chars {
        if pure && c < 128 {
            match &known[c as usize] {
                Known::NotAsked => {}
                Known::Char(c) => {
                    out.push(*c as u32);
                    continue;
                }
                Known::Text(text) => {
                    out.push_chars(text);
                    continue;
                }
            }
        }
        let answer = vm.scope(|vm| {
            Ok(match map_char(vm, table, c)? {
                Mapped::Same => vec![c],
                Mapped::Gone => Vec::new(),
                Mapped::Char(c) => vec![c],
                Mapped::Text => vm.result().as_str().map_or(Vec::new(), |s| code_points(s.r())),
            })
        })?;
        out.push_chars(&answer);
        if pure && c < 128 {
            known[c as usize] = match answer[..] {
                [one] if one < 256 => Known::Char(one as u8),
                _ => Known::Text(answer),
            };
        }
    }
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn maketrans(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let x = args.get(vm, 0);
    let table = vm.dict();
    let set = |key: u32, value: Value<'_>| {
        let key = Value::from_i32(key as i32);
        let hash = vm.hash_leaf(key).unwrap_or(0);
        vm.dict_set_leaf(table, key, hash, value);
    };
    if args.opt(vm, 1).is_none() {
        let Some(from) = x.cast::<Dict>().filter(|_| vm.is_exact(x, ClassId::Dict)) else {
            raise!(vm, TypeError, "if you give only one argument to maketrans it must be a dict");
        };
        for (key, value) in vm.table_items(from.r()) {
            if let Some(s) = key.as_str() {
                if s.len() != 1 {
                    raise!(vm, ValueError, "string keys in translate table must be of length 1");
                }
                set(s.char_at(0), value);
            } else if vm.is_int(key)
                && let Some(hash) = vm.hash_leaf(key)
            {
                vm.dict_set_leaf(table, key, hash, value);
            } else {
                raise!(vm, TypeError, "keys in translate table must be strings or integers");
            }
        }
        return Ok(vm.ret(table.value()));
    }
    let Some(from) = x.as_str() else {
        raise!(
            vm,
            TypeError,
            "first maketrans argument must be a string if there is a second argument"
        );
    };
    let to = translation_str(vm, args, 1)?;
    let gone = match args.opt(vm, 2) {
        Some(_) => Some(translation_str(vm, args, 2)?),
        None => None,
    };
    if from.len() != to.len() {
        raise!(vm, ValueError, "the first two maketrans arguments must have equal length");
    }
    for (a, b) in from.chars().zip(to.chars()) {
        set(a, Value::from_i32(b as i32));
    }
    if let Some(gone) = gone {
        gone.chars().for_each(|c| set(c, Value::NONE));
    }
    Ok(vm.ret(table.value()))
}

fn translation_str(vm: &Vm, args: Args, i: usize) -> Result<Gc<'_, Str>, Raised> {
    args.get(vm, i).as_str().ok_or_else(|| {
        let given = vm.type_name(args.get(vm, i));
        vm.type_error(format!("maketrans() argument {} must be str, not {given}", i + 1))
    })
}

impl Vm {
    /// Sets a key of a dict whose equality needs no Python code.
    pub fn dict_set_leaf(&self, dict: Gc<'_, Dict>, key: Value<'_>, hash: u64, value: Value<'_>) {
        use crate::object::table::Lookup;
        match self.table_find(dict.r(), key, hash, None) {
            Lookup::Found(i) => self.table_set_value(dict.r(), i, value),
            _ => self.table_add(dict, key, hash, value),
        }
    }
}
