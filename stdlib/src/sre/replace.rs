//! `sub` and `subn`, and templates of replacements.

use super::match_object::{group_span, match_in, new_match};
use super::pattern::{Pattern, pattern_in};
use super::subject::{Search, Subject};
use crate::prelude::*;
use sidewinder_interpreter::builtins::bytes_methods;
use sidewinder_interpreter::builtins::text::TextBuilder;
use sidewinder_interpreter::vm::Ret;

/// A parsed replacement: literals and group numbers in turn.
#[derive(Trace)]
pub struct Template {
    /// A tuple: literal, group, literal, ..., literal.
    chunks: Slot,
}
native_type!(Template, TEMPLATE, "_sre", "SRE_Template", "", ClassFlags::NO_NEW, [], []);

pub(super) fn template(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    if args.get(vm, 0).payload::<Pattern>().is_none() {
        return Err(args.wrong_type(vm, 0, "re.Pattern"));
    }
    let Some(list) = args.get(vm, 1).cast::<List>() else {
        return Err(args.wrong_type(vm, 1, "list"));
    };
    let n = list.len.get();
    let valid = n % 2 == 1
        && vm.list_items(list).skip(1).step_by(2).all(|i| i.as_small_int().is_some_and(|i| i >= 0));
    if !valid {
        raise!(vm, TypeError, "invalid template");
    }
    let chunks = vm.tuple_from(n, vm.list_items(list));
    Ok(vm.ret(vm.native(Template { chunks: slot(chunks.value()) }).value()))
}

/// What is built: a str or bytes, as the pieces are.
enum Output {
    Str(TextBuilder),
    Bytes(Vec<u8>),
}

impl Output {
    fn new(vm: &Vm, string: Local) -> Output {
        match vm.get(string).as_str() {
            Some(s) => Output::Str(TextBuilder::with_capacity(s.len())),
            None => Output::Bytes(Vec::new()),
        }
    }

    /// Appends a part of what is searched.
    fn push_part(
        &mut self,
        vm: &Vm,
        string: Local,
        start: usize,
        end: usize,
    ) -> Result<(), Raised> {
        match (self, Subject::of(vm, vm.get(string))?) {
            (Output::Str(out), Subject::Str(s)) => out.push_slice(s.r(), start, end),
            (Output::Bytes(out), Subject::Bytes(b)) => {
                let end = end.min(b.len());
                out.extend_from_slice(&b[start.min(end)..end]);
            }
            _ => {}
        }
        Ok(())
    }

    /// Appends a replacement.
    fn push(&mut self, vm: &Vm, v: Value<'_>, i: usize) -> Result<(), Raised> {
        match self {
            Output::Str(out) => match v.as_str() {
                Some(s) => {
                    out.push_text(s.r());
                    Ok(())
                }
                None => {
                    let given = vm.type_name(v);
                    raise!(vm, TypeError, "sequence item {i}: expected str instance, {given} found")
                }
            },
            Output::Bytes(out) => match bytes_methods::buffer(vm, v) {
                Some(bytes) => {
                    out.extend_from_slice(&bytes);
                    Ok(())
                }
                None => {
                    let given = vm.type_name(v);
                    raise!(
                        vm,
                        TypeError,
                        "sequence item {i}: expected a bytes-like object, {given} found"
                    )
                }
            },
        }
    }

    fn finish(self, vm: &Vm) -> Ret {
        match self {
            Output::Str(out) => vm.ret(out.finish(vm).value()),
            Output::Bytes(out) => vm.ret(vm.bytes(&out).value()),
        }
    }
}

/// How matches are replaced.
enum Filter {
    /// By the object as it is.
    Literal(Local),
    /// By a [`Template`].
    Template(Local),
    /// By what a call with the match gives.
    Call(Local),
}

/// Whether a replacement has no backslash.
fn is_literal(vm: &Vm, v: Value<'_>) -> Result<bool, Raised> {
    Ok(match Subject::of(vm, v)? {
        Subject::Str(s) if s.width() == 1 => memchr::memchr(b'\\', s.data()).is_none(),
        Subject::Str(s) => s.chars().all(|c| c != '\\' as u32),
        Subject::Bytes(b) => memchr::memchr(b'\\', &b).is_none(),
    })
}

/// The template of a replacement, by `re._compile_template`.
fn parse(vm: &mut Vm, pattern: Local, replacement: Local) -> Result<Local, Raised> {
    // A bytearray has no hash for the cache of templates.
    let v = vm.get(replacement);
    let key = match (v.as_str().is_none(), bytes_methods::buffer(vm, v)) {
        (true, Some(bytes)) if !vm.has_class(v, ClassId::Bytes) => {
            vm.root(vm.bytes(&bytes).value())
        }
        _ => replacement,
    };
    let re = vm.import_module("re")?;
    let ret = vm.call_method(re, "_compile_template", &[pattern, key])?;
    if vm.value(ret).payload::<Template>().is_none() {
        raise!(vm, RuntimeError, "the result of compiling a replacement string is not a Template");
    }
    Ok(vm.hold_result())
}

fn filter(vm: &mut Vm, pattern: Local, replacement: Local) -> Result<Filter, Raised> {
    let v = vm.get(replacement);
    if v.as_str().is_none() && vm.special_of(v, Special::Call).is_some() {
        return Ok(Filter::Call(replacement));
    }
    // Anything that is neither text nor callable is for the template's parser to refuse.
    let literal = match Subject::of(vm, v) {
        Ok(_) => is_literal(vm, v)?,
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            false
        }
    };
    if literal {
        return Ok(Filter::Literal(replacement));
    }
    Ok(Filter::Template(parse(vm, pattern, replacement)?))
}

/// Replaces the matches, at most `count` if that is not 0. Gives the new text and how many there
/// were.
pub(super) fn substitute(
    vm: &mut Vm,
    pattern: Local,
    replacement: Local,
    string: Local,
    count: i64,
) -> Result<(Ret, usize), Raised> {
    let filter = filter(vm, pattern, replacement)?;
    let mut search = Search::new(vm, pattern, string, 0, i64::MAX)?;
    let mut out = Output::new(vm, string);
    let (mut last, mut n, mut pieces) = (0, 0, 0);
    let mut pos = 0;
    while (count == 0 || (n as i64) < count) && search.find_next(vm)? {
        let (start, end) = (search.scratch.start, search.scratch.end);
        if last < start {
            out.push_part(vm, string, last, start)?;
            pieces += 1;
        }
        match filter {
            Filter::Literal(text) => out.push(vm, vm.get(text), pieces)?,
            Filter::Template(template) => {
                let vm = &*vm;
                fill(vm, template, string, &mut out, |i| search.group(i))?;
            }
            Filter::Call(f) => {
                vm.scope(|vm| {
                    let m = vm.root(new_match(vm, pattern, &search, pos));
                    let ret = vm.call(f, &[m])?;
                    let text = vm.value(ret);
                    if text.is_none() { Ok(()) } else { out.push(vm, text, pieces) }
                })?;
            }
        }
        pieces += 1;
        n += 1;
        last = end;
        pos = search.request.start;
        vm.safepoint()?;
    }
    if n == 0 {
        let whole = super::subject::part(vm, string, 0, search.request.end)?;
        return Ok((vm.ret(whole), 0));
    }
    out.push_part(vm, string, last, search.request.end)?;
    Ok((out.finish(vm), n))
}

/// Appends a template with what the groups matched.
fn fill(
    vm: &Vm,
    template: Local,
    string: Local,
    out: &mut Output,
    group: impl Fn(usize) -> Option<(usize, usize)>,
) -> Result<(), Raised> {
    let template = vm.get(template).payload::<Template>().expect("made by parse");
    let chunks: Gc<'_, Tuple> = template.r().chunks.get_as(vm).expect("a tuple");
    for (i, chunk) in chunks.items().iter().enumerate() {
        let chunk = chunk.get(vm);
        if i % 2 == 0 {
            out.push(vm, chunk, i)?;
        } else if let Some((start, end)) = group(chunk.as_small_int().unwrap_or(0) as usize) {
            out.push_part(vm, string, start, end)?;
        }
    }
    Ok(())
}

/// `match.expand(template)`
pub(super) fn expand(vm: &mut Vm, this: Local, replacement: Local) -> NativeResult {
    let pattern = vm.root(match_in(vm, this).pattern.get(vm));
    pattern_in(vm, pattern);
    let template = parse(vm, pattern, replacement)?;
    let string = vm.root(match_in(vm, this).string.get(vm));
    let mut out = Output::new(vm, string);
    let vm = &*vm;
    fill(vm, template, string, &mut out, |i| group_span(vm, match_in(vm, this), i))?;
    Ok(out.finish(vm))
}
