//! Binding the arguments of native functions by their text signature.

use super::suggest::closest;
use super::{Binding, NativeDef, Passing, Raised, Vm};
use crate::object::*;
use crate::value::{Value, Word, word};
use hashbrown::HashTable;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// What one parameter accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ParamKind {
    PositionalOnly,
    PositionalOrKeyword,
    KeywordOnly,
    VarPositional,
    VarKeyword,
}

/// One parameter.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    name: &'static str,
    kind: ParamKind,
    optional: bool,
}

/// Parameters of a signature text; the receiver is the first one. Makes nothing on the heap: every
/// builtin function asks for them when the interpreter starts.
fn params(sig: &'static str) -> impl Iterator<Item = Param> {
    let mut keyword_only = false;
    split_commas(between_parentheses(sig)).filter_map(move |part| {
        let part = part.trim_ascii();
        match part {
            "*" => keyword_only = true,
            "" | "/" | "$module" => {}
            _ => return Some(read_param(part, &mut keyword_only)),
        }
        None
    })
}

fn read_param(part: &'static str, keyword_only: &mut bool) -> Param {
    let (name, optional) = match part.bytes().position(|b| b == b'=') {
        Some(at) => (part[..at].trim_ascii_end(), true),
        None => (part, false),
    };
    if let Some(name) = name.strip_prefix("**") {
        Param { name, kind: ParamKind::VarKeyword, optional: true }
    } else if let Some(name) = name.strip_prefix('*') {
        *keyword_only = true;
        Param { name, kind: ParamKind::VarPositional, optional: true }
    } else if let Some(name) = name.strip_prefix('$') {
        Param { name, kind: ParamKind::PositionalOnly, optional: false }
    } else if *keyword_only {
        Param { name, kind: ParamKind::KeywordOnly, optional }
    } else {
        Param { name, kind: ParamKind::PositionalOrKeyword, optional }
    }
}

/// All parameters, with those before a `/` by position only.
fn parse(def: &'static NativeDef) -> Vec<Param> {
    let mut list: Vec<Param> = params(def.sig).collect();
    let parts = split_commas(between_parentheses(def.sig)).map(str::trim_ascii);
    let before = parts.filter(|&part| part != "$module").position(|part| part == "/");
    for param in list.iter_mut().take(before.unwrap_or(0)) {
        param.kind = ParamKind::PositionalOnly;
    }
    list
}

fn between_parentheses(sig: &'static str) -> &'static str {
    let open = sig.bytes().position(|b| b == b'(').map_or(sig.len(), |i| i + 1);
    let close = sig.bytes().rposition(|b| b == b')').unwrap_or(sig.len()).max(open);
    &sig[open..close]
}

/// Splits at commas outside brackets and quotes.
fn split_commas(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut depth, mut quote) = (0, None);
        let comma = text.bytes().position(|b| {
            match (quote, b) {
                (Some(q), b) if q == b => quote = None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => quote = Some(b),
                (None, b'(' | b'[' | b'{') => depth += 1,
                (None, b')' | b']' | b'}') => depth -= 1,
                (None, b',') => return depth == 0,
                _ => {}
            }
            false
        });
        rest = comma.map(|at| &text[at + 1..]);
        Some(&text[..comma.unwrap_or(text.len())])
    })
}

/// A signature as binding needs it.
struct Signature {
    params: Box<[Param]>,
    /// How many positional arguments it wants at least, and takes at most; `*args` apart.
    fewest: usize,
    most: usize,
    /// Where `*args` and `**kwargs` are.
    star: Option<usize>,
    star_star: Option<usize>,
    /// Whether no parameter can be given by keyword.
    positional_only: bool,
    /// The arguments in front that messages do not count: the object, the class.
    receiver: usize,
}

impl Signature {
    fn new(def: &'static NativeDef) -> Signature {
        let params: Box<[Param]> = parse(def).into();
        let takes = || {
            let positional = [ParamKind::PositionalOnly, ParamKind::PositionalOrKeyword];
            params.iter().filter(move |p| positional.contains(&p.kind))
        };
        let at = |kind| params.iter().position(|p| p.kind == kind);
        let by_position = [ParamKind::PositionalOnly, ParamKind::VarPositional];
        let method = matches!(def.binding, Binding::Method | Binding::ClassMethod);
        Signature {
            fewest: takes().filter(|p| !p.optional).count(),
            most: takes().count(),
            star: at(ParamKind::VarPositional),
            star_star: at(ParamKind::VarKeyword),
            positional_only: params.iter().all(|p| by_position.contains(&p.kind)),
            receiver: usize::from(method) + usize::from(def.name() == "__new__"),
            params,
        }
    }
}

/// Signatures parsed so far, by declaration.
#[derive(Default)]
pub(crate) struct Signatures(RefCell<HashTable<Known>>);

type Known = (*const NativeDef, Rc<Signature>);

impl Signatures {
    #[inline]
    fn get(&self, def: &'static NativeDef) -> Rc<Signature> {
        // Addresses of statics: what differs is in the middle.
        let hash = |def: *const NativeDef| (def.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut known = self.0.borrow_mut();
        let entry = known.entry(hash(def), |k| std::ptr::eq(k.0, def), |k| hash(k.0));
        entry.or_insert_with(|| (def, Rc::new(Signature::new(def)))).get().1.clone()
    }
}

/// A copy of some words, which are few as a rule.
struct Words {
    few: [Word; Words::FEW],
    many: Vec<Word>,
    len: usize,
}

impl Words {
    const FEW: usize = 12;

    fn unbound(len: usize) -> Words {
        let many = if len > Words::FEW { vec![word::UNBOUND; len] } else { Vec::new() };
        Words { few: [word::UNBOUND; Words::FEW], many, len }
    }

    fn copy(from: &[Word]) -> Words {
        let mut words = Words::unbound(from.len());
        words.copy_from_slice(from);
        words
    }
}

impl Deref for Words {
    type Target = [Word];
    fn deref(&self) -> &[Word] {
        if self.len > Words::FEW { &self.many } else { &self.few[..self.len] }
    }
}

impl DerefMut for Words {
    fn deref_mut(&mut self) -> &mut [Word] {
        if self.len > Words::FEW { &mut self.many } else { &mut self.few[..self.len] }
    }
}

/// Fewest and most arguments of a plain positional call, and the number of slots. The most is
/// `u16::MAX` when every call must be bound here.
pub(crate) fn plain_arity(def: &'static NativeDef) -> (u16, u16, u16) {
    if def.passing == Passing::Raw {
        let receiver = matches!(def.binding, Binding::Method | Binding::ClassMethod);
        return (u16::from(receiver), u16::MAX - 1, 0);
    }
    let (mut min, mut most, mut slots, mut bound) = (0, 0, 0, def.passing == Passing::Traces);
    for param in params(def.sig) {
        slots += 1;
        match param.kind {
            ParamKind::VarPositional | ParamKind::VarKeyword => bound = true,
            ParamKind::KeywordOnly => bound |= !param.optional,
            ParamKind::PositionalOnly | ParamKind::PositionalOrKeyword => {
                min += u16::from(!param.optional);
                most += 1;
            }
        }
    }
    if bound { (0, u16::MAX, slots) } else { (min, most, slots) }
}

/// The text signature as Python shows it, or `None` for those that have none.
pub fn text_signature(def: &NativeDef) -> Option<&'static str> {
    def.sig.find('(').map(|open| &def.sig[open..])
}

/// Classes whose calls CPython answers by a shortcut while there are no keyword arguments: it counts
/// in words of its own.
const SHORTCUT_CLASSES: &[&str] = &["int", "str"];

/// How messages call a native function: `append` and `list.append`; a constructor goes by its class.
struct Names {
    plain: String,
    qualified: String,
}

impl Names {
    fn new(vm: &Vm, def: &NativeDef, callee: Value<'_>) -> Names {
        let owner = callee.cast::<Builtin>().and_then(|b| b.r().owner.get_as::<Class>(vm));
        let name = def.name().to_owned();
        match owner.map(|c| vm.class_name(c)) {
            Some(class) if matches!(name.as_str(), "__new__" | "__init__") => {
                Names { plain: class.clone(), qualified: class }
            }
            Some(class) => Names { qualified: format!("{class}.{name}"), plain: name },
            None => {
                let module = callee.cast::<Builtin>().map(|b| vm.text_of(b.r().owner.get(vm)));
                match module {
                    Some(module) if module != "builtins" && module != "?" => {
                        Names { qualified: format!("{module}.{name}"), plain: name }
                    }
                    _ => Names { plain: name.clone(), qualified: name },
                }
            }
        }
    }
}

/// How many arguments a call gives.
#[derive(Clone, Copy)]
struct Count {
    positional: usize,
    keywords: usize,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// The parameters that have to be given, as `f() missing required ...` counts them, but are not.
fn first_missing<'p>(params: &'p [Param], slots: &[Word]) -> Option<(usize, &'p Param)> {
    params.iter().enumerate().find(|&(i, p)| slots[i] == word::UNBOUND && !p.optional)
}

impl Vm {
    /// Binds the `argc` arguments at `base` (the last `names.len()` of them by keyword) to the
    /// slots of the signature, in place. Returns the number of slots.
    ///
    /// # Safety
    /// `base` points to the arguments in the value stack, with room behind them.
    pub(crate) unsafe fn bind_native(
        &self,
        def: &'static NativeDef,
        base: *mut Word,
        argc: usize,
        names: Option<Gc<'_, Tuple>>,
    ) -> Result<usize, Raised> {
        let signature = self.signatures.get(def);
        let Signature { most, star, star_star, receiver, .. } = *signature;
        let params = &signature.params;
        // SAFETY: the callee is in the slot below its arguments.
        let names_of = || Names::new(self, def, unsafe { Value::from_word(*base.sub(1)) });
        // SAFETY: the caller's promise.
        let given = Words::copy(unsafe { std::slice::from_raw_parts(base, argc) });
        let keywords = names.map_or(0, |n| n.len());
        let positional = argc - keywords;
        let mut slots = Words::unbound(params.len());
        let count = Count { positional, keywords };
        slots[..positional.min(most)].copy_from_slice(&given[..positional.min(most)]);
        if let Some(star) = star {
            let rest = &given[positional.min(most)..positional];
            // SAFETY: words of the value stack are values.
            let rest = rest.iter().map(|w| unsafe { Value::from_word(*w) });
            slots[star] = self.tuple_from(positional.saturating_sub(most), rest).value().word();
        } else if positional > most {
            return Err(self.wrong_count(&names_of(), &signature, def, count));
        }
        if let Some(names) = names {
            if signature.positional_only && keywords > 0 {
                let name = names_of().qualified;
                return Err(self.type_error(format!("{name}() takes no keyword arguments")));
            }
            let all = params.len() - star.map_or(0, |_| 1);
            let given_to_all = keywords + if star.is_some() { receiver } else { positional };
            if star_star.is_none() && given_to_all > all {
                let kind = if positional == receiver || star.is_some() { "keyword " } else { "" };
                let f = names_of().plain;
                let (all, given) = (all - receiver, given_to_all - receiver);
                return Err(self.type_error(format!(
                    "{f}() takes at most {all} {kind}argument{} ({given} given)",
                    plural(all)
                )));
            }
            let (mut extra, mut unexpected) = (None, None);
            for (i, name) in names.items().iter().enumerate() {
                let name: Gc<'_, Str> = match name.get_as(self) {
                    Some(name) => name,
                    None => return Err(self.type_error("keywords must be strings")),
                };
                let value = given[positional + i];
                let found = params.iter().position(|p| {
                    matches!(p.kind, ParamKind::PositionalOrKeyword | ParamKind::KeywordOnly)
                        && self.str_equals(name, p.name)
                });
                match found {
                    Some(at) if slots[at] != word::UNBOUND => {
                        let (f, arg) = (names_of().plain, params[at].name);
                        return Err(self.type_error(format!(
                            "argument for {f}() given by name ('{arg}') and position ({})",
                            at + 1 - receiver
                        )));
                    }
                    Some(at) => slots[at] = value,
                    None if star_star.is_some() => {
                        let dict = *extra.get_or_insert_with(|| self.dict());
                        // SAFETY: words of the value stack are values.
                        self.dict_set_str(dict, name, unsafe { Value::from_word(value) });
                    }
                    None => unexpected = unexpected.or(Some(name)),
                }
            }
            if let (Some(at), Some(dict)) = (star_star, extra) {
                slots[at] = dict.value().word();
            }
            if let Some(name) = unexpected
                && first_missing(params, &slots).is_none()
            {
                return Err(self.unexpected_keyword(&names_of().plain, params, name));
            }
        }
        if let Some((i, param)) = first_missing(params, &slots) {
            let names_of = names_of();
            let (f, name) = (&names_of.plain, param.name);
            let message = match param.kind {
                ParamKind::PositionalOnly => {
                    return Err(self.wrong_count(&names_of, &signature, def, count));
                }
                ParamKind::KeywordOnly => {
                    format!("{f}() missing required keyword-only argument: '{name}'")
                }
                _ => format!("{f}() missing required argument '{name}' (pos {})", i + 1 - receiver),
            };
            return Err(self.type_error(message));
        }
        // SAFETY: there is room behind the arguments.
        unsafe { std::ptr::copy_nonoverlapping(slots.as_ptr(), base, slots.len()) };
        Ok(slots.len())
    }

    /// TypeError for a keyword argument that a native function does not know.
    #[cold]
    fn unexpected_keyword(&self, f: &str, params: &[Param], name: Gc<'_, Str>) -> Raised {
        // sorted() hands its keyword arguments on.
        let f = if f == "sorted" { "sort" } else { f };
        let name = self.str_text(name);
        let known: Vec<String> = params
            .iter()
            .filter(|p| matches!(p.kind, ParamKind::PositionalOrKeyword | ParamKind::KeywordOnly))
            .map(|p| p.name.to_owned())
            .collect();
        let advice = match closest(&name, &known) {
            Some(meant) => format!(". Did you mean '{meant}'?"),
            None => String::new(),
        };
        self.type_error(format!("{f}() got an unexpected keyword argument '{name}'{advice}"))
    }

    /// CPython's several wordings for a wrong number of arguments.
    #[cold]
    fn wrong_count(
        &self,
        names: &Names,
        signature: &Signature,
        def: &'static NativeDef,
        count: Count,
    ) -> Raised {
        let (receiver, params, keywords) = (signature.receiver, &signature.params, count.keywords);
        let (name, qualified) = (&names.plain, &names.qualified);
        if count.positional < receiver {
            return self.type_error(format!("unbound method {name}() needs an argument"));
        }
        let [given, fewest, most] = [count.positional, signature.fewest, signature.most]
            .map(|n| n.saturating_sub(receiver));
        let by_keyword = params.iter().any(|p| p.kind == ParamKind::PositionalOrKeyword);
        let options = params.iter().any(|p| p.kind == ParamKind::KeywordOnly);
        let shortcut = keywords == 0 && SHORTCUT_CLASSES.contains(&name.as_str());
        let constructor = matches!(def.name(), "__new__" | "__init__");
        let message = if options && most == 0 {
            format!("{name}() takes no positional arguments")
        } else if options && fewest == most {
            format!("{name} expected {most} argument{}, got {given}", plural(most))
        } else if by_keyword && given > most && !shortcut {
            format!(
                "{name}() takes at most {most} argument{} ({} given)",
                plural(most),
                given + keywords
            )
        } else if by_keyword && given < fewest {
            format!(
                "{name}() takes at least {fewest} positional argument{} ({given} given)",
                plural(fewest)
            )
        } else if most == 0 {
            format!("{qualified}() takes no arguments ({given} given)")
        } else if fewest == most && most == 1 && !constructor {
            format!("{qualified}() takes exactly one argument ({given} given)")
        } else if fewest == most {
            format!("{name} expected {most} argument{}, got {given}", plural(most))
        } else if given < fewest {
            format!("{name} expected at least {fewest} argument{}, got {given}", plural(fewest))
        } else {
            format!("{name} expected at most {most} argument{}, got {given}", plural(most))
        };
        self.type_error(message)
    }
}
