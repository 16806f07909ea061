//! `str`: the type, construction, operators, indexing, iteration. Other methods are in the modules
//! `str_*`.

use super::declare::CLASS_COUNT;
use super::support::new_class;
use super::text::{TextBuilder, data_as_width, find_units, push_repr};
use super::{
    ClassId, TypeDef, codecs, format_percent, format_spec, str_case, str_format, str_methods,
    str_search, str_split,
};
use crate::object::native::Payload;
use crate::object::{ClassFlags, Field, Gc, Kind, Slice, Slot, Str, Trace};
use crate::raise;
use crate::value::Value;
use crate::vm::compare::str_order;
use crate::vm::item::position;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, StepResult, Vm};
use std::cell::Cell;

/// `str`
pub static TYPE: TypeDef = TypeDef {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n\
          An object as a string, or bytes decoded.",
    flags: ClassFlags::BASE,
    methods: METHODS,
    ..TypeDef::new("str", Kind::Str)
};

macro_rules! methods {
    ($($sig:literal $func:expr, $doc:literal;)*) => {
        &[
            NativeDef::static_method(
                "__new__($type, object='', encoding='utf-8', errors='strict')",
                new,
                "Make a str.",
            ),
            NativeDef::static_method(
                "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)",
                str_methods::maketrans,
                "A translation table for str.translate.",
            ),
            $(NativeDef::method($sig, $func, $doc),)*
        ]
    };
}

static METHODS: &[NativeDef] = methods! {
    "__repr__($self, /)" repr, "Return repr(self).";
    "__str__($self, /)" itself, "Return str(self).";
    "__hash__($self, /)" hash, "Return hash(self).";
    "__len__($self, /)" len, "Return len(self).";
    "__getitem__($self, key, /)" getitem, "Return self[key].";
    "__contains__($self, key, /)" contains, "Return key in self.";
    "__iter__($self, /)" iter, "Return iter(self).";
    "__add__($self, value, /)" add, "Return self+value.";
    "__mul__($self, value, /)" mul, "Return self*value.";
    "__rmul__($self, value, /)" mul, "Return value*self.";
    "__mod__($self, value, /)" modulo, "Return self%value.";
    "__rmod__($self, value, /)" rmodulo, "Return value%self.";
    "__lt__($self, value, /)" lt, "Return self<value.";
    "__le__($self, value, /)" le, "Return self<=value.";
    "__eq__($self, value, /)" eq, "Return self==value.";
    "__ne__($self, value, /)" ne, "Return self!=value.";
    "__gt__($self, value, /)" gt, "Return self>value.";
    "__ge__($self, value, /)" ge, "Return self>=value.";
    "__format__($self, format_spec, /)" format, "Return a formatted version of the string.";
    "__getnewargs__($self, /)" getnewargs, "Arguments for __new__.";
    "__sizeof__($self, /)" sizeof, "Size in memory, in bytes.";
    "encode($self, /, encoding='utf-8', errors='strict')" encode, "Encode the string as bytes.";
    "find($self, sub, start=None, end=None, /)" str_search::find,
        "Lowest index where sub is found, or -1.";
    "rfind($self, sub, start=None, end=None, /)" str_search::rfind,
        "Highest index where sub is found, or -1.";
    "index($self, sub, start=None, end=None, /)" str_search::index,
        "Lowest index where sub is found; ValueError if it is not.";
    "rindex($self, sub, start=None, end=None, /)" str_search::rindex,
        "Highest index where sub is found; ValueError if it is not.";
    "count($self, sub, start=None, end=None, /)" str_search::count,
        "Number of occurrences of sub that do not overlap.";
    "startswith($self, prefix, start=None, end=None, /)" str_search::startswith,
        "Whether the string starts with the prefix, or with one of a tuple of them.";
    "endswith($self, suffix, start=None, end=None, /)" str_search::endswith,
        "Whether the string ends with the suffix, or with one of a tuple of them.";
    "split($self, /, sep=None, maxsplit=-1)" str_split::split,
        "The words of the string, separated by sep or by white space.";
    "rsplit($self, /, sep=None, maxsplit=-1)" str_split::rsplit,
        "As split, but counting from the end.";
    "splitlines($self, /, keepends=False)" str_split::splitlines, "The lines of the string.";
    "partition($self, sep, /)" str_split::partition,
        "What is before the first sep, sep, and what is after it.";
    "rpartition($self, sep, /)" str_split::rpartition,
        "What is before the last sep, sep, and what is after it.";
    "join($self, iterable, /)" str_methods::join, "The strings, with this one between them.";
    "replace($self, old, new, /, count=-1)" str_methods::replace,
        "A copy with occurrences of old replaced by new.";
    "strip($self, chars=None, /)" str_methods::strip,
        "A copy without leading and trailing white space (or given characters).";
    "lstrip($self, chars=None, /)" str_methods::lstrip,
        "A copy without leading white space (or given characters).";
    "rstrip($self, chars=None, /)" str_methods::rstrip,
        "A copy without trailing white space (or given characters).";
    "removeprefix($self, prefix, /)" str_methods::removeprefix, "A copy without the prefix.";
    "removesuffix($self, suffix, /)" str_methods::removesuffix, "A copy without the suffix.";
    "center($self, width, fillchar=' ', /)" str_methods::center, "The string centered.";
    "ljust($self, width, fillchar=' ', /)" str_methods::ljust, "The string padded on the right.";
    "rjust($self, width, fillchar=' ', /)" str_methods::rjust, "The string padded on the left.";
    "zfill($self, width, /)" str_methods::zfill, "The string padded with zeros behind its sign.";
    "expandtabs($self, /, tabsize=8)" str_methods::expandtabs, "Tabs replaced by spaces.";
    "translate($self, table, /)" str_methods::translate, "Characters replaced by a table.";
    "format($self, /, *args, **kwargs)" str_format::format,
        "The string with its replacement fields filled in.";
    "format_map($self, mapping, /)" str_format::format_map,
        "As format, with the fields from a mapping.";
    "upper($self, /)" str_case::upper, "A copy in uppercase.";
    "lower($self, /)" str_case::lower, "A copy in lowercase.";
    "casefold($self, /)" str_case::casefold, "A copy for comparison without case.";
    "title($self, /)" str_case::title, "A copy with each word in titlecase.";
    "capitalize($self, /)" str_case::capitalize, "A copy with only its first letter uppercase.";
    "swapcase($self, /)" str_case::swapcase, "A copy with upper and lower case exchanged.";
    "isupper($self, /)" str_case::isupper, "Whether all cased characters are uppercase.";
    "islower($self, /)" str_case::islower, "Whether all cased characters are lowercase.";
    "istitle($self, /)" str_case::istitle, "Whether every word is in titlecase.";
    "isalpha($self, /)" str_case::isalpha, "Whether all characters are letters.";
    "isdigit($self, /)" str_case::isdigit, "Whether all characters are digits.";
    "isdecimal($self, /)" str_case::isdecimal, "Whether all characters are decimal digits.";
    "isnumeric($self, /)" str_case::isnumeric, "Whether all characters are numeric.";
    "isalnum($self, /)" str_case::isalnum, "Whether all characters are letters or numeric.";
    "isspace($self, /)" str_case::isspace, "Whether all characters are white space.";
    "isidentifier($self, /)" str_case::isidentifier, "Whether the string is an identifier.";
    "isprintable($self, /)" str_case::isprintable, "Whether all characters are printable.";
    "isascii($self, /)" str_case::isascii, "Whether all characters are ASCII.";
};

/// The receiver.
#[inline(always)]
pub(super) fn this(vm: &Vm, args: Args) -> Result<Gc<'_, Str>, Raised> {
    args.this::<Str>(vm)
}

/// A str of exactly this type with the same text.
pub(super) fn plain<'gc>(vm: &'gc Vm, s: Gc<'gc, Str>) -> Gc<'gc, Str> {
    if vm.is_exact(s.value(), ClassId::Str) {
        return s;
    }
    vm.str_slice(s, 0, s.len())
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::Str)?;
    let coded = args.opt(vm, 2).is_some() || args.opt(vm, 3).is_some();
    let ret = match args.opt(vm, 1) {
        None => vm.ret(vm.str("").value()),
        Some(_) if coded => {
            for (i, name) in [(2, "encoding"), (3, "errors")] {
                if args.opt(vm, i).is_some_and(|v| v.as_str().is_none()) {
                    let given = vm.type_name(args.get(vm, i));
                    raise!(vm, TypeError, "str() argument '{name}' must be str, not {given}");
                }
            }
            codecs::decode_argument(
                vm,
                args.local(1),
                args.opt_local(vm, 2),
                args.opt_local(vm, 3),
            )?
        }
        Some(_) => vm.str_of(args.local(1))?,
    };
    let text = vm.value(ret);
    let class = args.class(vm, 0)?;
    if class == vm.class(ClassId::Str) {
        return Ok(vm.ret(text));
    }
    let Some(s) = text.as_str() else { raise!(vm, TypeError, "a str is required") };
    Ok(vm.ret(vm.str_of_shape(class.shape.get(), s).value()))
}

impl Args {
    /// An argument as a root, or `None` when it was left out.
    pub fn opt_local(self, vm: &Vm, i: usize) -> Option<Local> {
        self.opt(vm, i).map(|_| self.local(i))
    }
}

fn encode(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    for (i, name) in [(1, "encoding"), (2, "errors")] {
        if args.opt(vm, i).is_some_and(|v| v.as_str().is_none()) {
            let given = vm.type_name(args.get(vm, i));
            raise!(vm, TypeError, "encode() argument '{name}' must be str, not {given}");
        }
    }
    codecs::encode_argument(vm, args.local(0), args.opt_local(vm, 1), args.opt_local(vm, 2))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let mut out = TextBuilder::with_capacity(s.len() + 2);
    push_repr(&mut out, s.r());
    Ok(vm.ret(out.finish(vm).value()))
}

fn itself(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(plain(vm, this(vm, args)?).value()))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int(vm.str_hash(this(vm, args)?) as i64)))
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(this(vm, args)?.len())))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    // Always another string, so that copies of instances are copies.
    let copy = vm.str_slice(s, 0, s.len());
    Ok(vm.ret(vm.tuple(&[copy.value()]).value()))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    Ok(vm.ret(vm.int_usize(Str::size(s.len() * s.width()))))
}

/// A subscript that is no slice, as a machine integer.
pub(super) fn index_of(vm: &mut Vm, key: Local, what: &str) -> Result<i64, Raised> {
    if let Some(i) = vm.get(key).as_small_int() {
        return Ok(i);
    }
    if !vm.is_int(vm.get(key)) && vm.special_of(vm.get(key), Special::Index).is_none() {
        let given = vm.type_name(vm.get(key));
        raise!(vm, TypeError, "{what}{given}{}", if what.ends_with('\'') { "'" } else { "" });
    }
    let ret = vm.index(key)?;
    let index = vm.value(ret);
    match vm.as_i64(index) {
        Some(i) => Ok(i),
        None => {
            let given = vm.type_name(vm.get(key));
            raise!(vm, IndexError, "cannot fit '{given}' into an index-sized integer")
        }
    }
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let len = this(vm, args)?.len();
    let key = args.local(1);
    if vm.get(key).cast::<Slice>().is_some() {
        let (start, _, step, count) = vm.slice_indices(key, len)?;
        let vm = &*vm;
        let s = this(vm, args)?;
        if step == 1 {
            let start = start as usize;
            return Ok(vm.ret(vm.str_slice(s, start, start + count).value()));
        }
        let place = |i: usize| (start + i as isize * step) as usize;
        if s.width() == 1 {
            let data = s.r().data();
            let bytes: Vec<u8> = (0..count).map(|i| data[place(i)]).collect();
            return Ok(vm.ret(vm.str_from_latin1(&bytes).value()));
        }
        let chars: Vec<u32> = (0..count).map(|i| s.char_at(place(i))).collect();
        return Ok(vm.ret(vm.str_from_code_points(&chars).value()));
    }
    let index = index_of(vm, key, "string indices must be integers, not '")?;
    let vm = &*vm;
    let s = this(vm, args)?;
    match position(index, len) {
        Some(i) => Ok(vm.ret(vm.str_from_char(s.char_at(i)).value())),
        None => raise!(vm, IndexError, "string index out of range"),
    }
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let Some(key) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "'in <string>' requires string as left operand, not {given}");
    };
    Ok(vm.ret(Value::from_bool(str_contains(s.r(), key.r()))))
}

/// Whether `key` occurs in `s`.
pub fn str_contains(s: &Str, key: &Str) -> bool {
    if key.is_empty() {
        return true;
    }
    match data_as_width(key, s.width()) {
        Some(needle) => find_units(s.data(), &needle, s.width()).is_some(),
        None => false,
    }
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let Some(other) = args.get(vm, 1).as_str() else {
        if foreign(vm, args.get(vm, 1), Special::RAdd) {
            return Ok(vm.ret(Value::NOT_IMPLEMENTED));
        }
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only concatenate str (not \"{given}\") to str");
    };
    if other.is_empty() {
        return Ok(vm.ret(plain(vm, s).value()));
    }
    if s.is_empty() {
        return Ok(vm.ret(plain(vm, other).value()));
    }
    vm.check_size((s.len() + other.len()) * s.width().max(other.width()))?;
    Ok(vm.ret(vm.str_concat(s, other).value()))
}

/// Whether the type of an operand is not a builtin one and has the reflected method.
pub(super) fn foreign(vm: &Vm, v: Value<'_>, which: Special) -> bool {
    v.header().is_some_and(|h| h.shape() >= CLASS_COUNT) && vm.special_of(v, which).is_some()
}

/// The count of a repetition: `None` when the operand is no integer (another type may know it).
pub(super) fn repeat_count(vm: &mut Vm, args: Args, unit: usize) -> Result<Option<usize>, Raised> {
    let count = args.local(1);
    if !vm.is_int(vm.get(count)) && vm.special_of(vm.get(count), Special::Index).is_none() {
        if foreign(vm, vm.get(count), Special::RMul) {
            return Ok(None);
        }
        let given = vm.type_name(vm.get(count));
        raise!(vm, TypeError, "can't multiply sequence by non-int of type '{given}'");
    }
    let n = vm.index_i64(count)?;
    let n = usize::try_from(n).unwrap_or(0);
    match unit.checked_mul(n) {
        Some(total) if total <= isize::MAX as usize => {
            vm.check_size(total)?;
            Ok(Some(n))
        }
        _ => Err(vm.memory_error()),
    }
}

fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    let unit = this(vm, args)?.data().len();
    let Some(n) = repeat_count(vm, args, unit)? else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let vm = &*vm;
    let s = this(vm, args)?;
    let result = if n == 1 { plain(vm, s) } else { vm.str_repeat(s, n) };
    Ok(vm.ret(result.value()))
}

fn modulo(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    format_percent::format_str(vm, args.local(0), args.local(1))
}

fn rmodulo(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    if args.get(vm, 1).as_str().is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    format_percent::format_str(vm, args.local(1), args.local(0))
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    let s = this(vm, args)?;
    let spec = args.str(vm, 1)?;
    if spec.is_empty() {
        if vm.is_exact(s.value(), ClassId::Str) {
            return Ok(vm.ret(s.value()));
        }
        return vm.str_of(args.local(0));
    }
    Ok(vm.ret(format_spec::format_str(vm, s, spec)?.value()))
}

macro_rules! comparisons {
    ($($name:ident $test:ident;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let s = this(vm, args)?;
            let answer = match args.get(vm, 1).as_str() {
                Some(other) => Value::from_bool(str_order(s, other).$test()),
                None => Value::NOT_IMPLEMENTED,
            };
            Ok(vm.ret(answer))
        }
    )* };
}
comparisons! { lt is_lt; le is_le; gt is_gt; ge is_ge; }

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let answer = match args.get(vm, 1).as_str() {
        Some(other) => Value::from_bool(vm.str_eq(s, other)),
        None => Value::NOT_IMPLEMENTED,
    };
    Ok(vm.ret(answer))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let answer = match args.get(vm, 1).as_str() {
        Some(other) => Value::from_bool(!vm.str_eq(s, other)),
        None => Value::NOT_IMPLEMENTED,
    };
    Ok(vm.ret(answer))
}

/// A type of iterators over the characters of a str: CPython has one for ASCII text and one for the
/// rest.
macro_rules! str_iterator {
    ($payload:ident, $def:ident, $name:literal, $module:ident) => {
        /// Iterator over the characters of a str.
        #[derive(Trace)]
        pub(super) struct $payload {
            /// The str, or UNBOUND when it has ended.
            text: Slot,
            at: Cell<usize>,
        }

        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
        }

        /// Iterators over strs.
        pub static $def: TypeDef = TypeDef {
            flags: ClassFlags::NO_NEW,
            methods: &[
                NativeDef::method("__iter__($self, /)", iterator_iter, "Return iter(self)."),
                NativeDef::method("__length_hint__($self, /)", $module::hint, "Characters left."),
                NativeDef::method("__reduce__($self, /)", $module::reduce, "For pickling."),
                NativeDef::method(
                    "__setstate__($self, state, /)",
                    $module::setstate,
                    "For pickling.",
                ),
            ],
            next: Some($module::next),
            ..TypeDef::new($name, Kind::Native)
        };

        mod $module {
            use super::*;

            pub(super) fn next(vm: &mut Vm, args: Args) -> StepResult {
                let vm = &*vm;
                let it = args.payload::<$payload>(vm)?;
                if let Some(s) = it.text.get_as::<Str>(vm) {
                    let at = it.at.get();
                    if at < s.len() {
                        it.at.set(at + 1);
                        return Ok(Some(vm.ret(vm.str_from_char(s.char_at(at)).value())));
                    }
                    vm.write(it, |it| &it.text, Value::UNBOUND);
                }
                Ok(None)
            }

            pub(super) fn hint(vm: &mut Vm, args: Args) -> NativeResult {
                let vm = &*vm;
                let it = args.payload::<$payload>(vm)?;
                let len = it.text.get_as::<Str>(vm).map_or(0, |s| s.len());
                Ok(vm.ret(vm.int_usize(len.saturating_sub(it.at.get()))))
            }

            pub(super) fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
                let vm = &*vm;
                let it = args.payload::<$payload>(vm)?;
                let iter = vm.builtin_named("iter")?;
                let iter = vm.value(iter);
                let result = match it.text.get_as::<Str>(vm) {
                    Some(s) => {
                        let arguments = vm.tuple(&[s.value()]).value();
                        vm.tuple(&[iter, arguments, vm.int_usize(it.at.get())])
                    }
                    None => {
                        let arguments = vm.tuple(&[vm.str("").value()]).value();
                        vm.tuple(&[iter, arguments])
                    }
                };
                Ok(vm.ret(result.value()))
            }

            pub(super) fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
                let at = vm.index_i64(args.local(1))?;
                let vm = &*vm;
                let it = args.payload::<$payload>(vm)?;
                if let Some(s) = it.text.get_as::<Str>(vm) {
                    it.at.set((at.max(0) as usize).min(s.len()));
                }
                Ok(vm.none())
            }
        }
    };
}
str_iterator!(StrIterator, STR_ITERATOR, "str_iterator", wide_iterator);
str_iterator!(StrAsciiIterator, STR_ASCII_ITERATOR, "str_ascii_iterator", ascii_iterator);

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let (text, at) = (Slot::new(s.value().word()), Cell::new(0));
    Ok(vm.ret(if s.is_ascii() {
        vm.native(StrAsciiIterator { text, at }).value()
    } else {
        vm.native(StrIterator { text, at }).value()
    }))
}

fn iterator_iter(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

impl Vm {
    /// A name of module builtins, for `__reduce__` methods.
    pub fn builtin_named(&self, name: &str) -> NativeResult {
        let builtins = self.roots.builtins.get_as::<crate::object::Dict>(self);
        match builtins.and_then(|d| self.dict_get_str(d, self.intern(name))) {
            Some(value) => Ok(self.ret(value)),
            None => raise!(self, AttributeError, "module 'builtins' has no attribute '{name}'"),
        }
    }
}
