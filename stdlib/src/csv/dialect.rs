//! Dialects: how fields are separated and quoted.

use super::find_dialect;
use crate::prelude::*;
use std::rc::Rc;

/// When fields are quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quoting {
    /// Those that would be misread without.
    Minimal,
    /// All.
    All,
    /// All that are no numbers; what is read without quotes is a number.
    NonNumeric,
    /// None: special characters are escaped.
    None,
    /// All strs; None is an empty field without quotes.
    Strings,
    /// All but None.
    NotNull,
}

/// The names and values of the module's constants.
pub const QUOTINGS: [(&str, Quoting); 6] = [
    ("QUOTE_MINIMAL", Quoting::Minimal),
    ("QUOTE_ALL", Quoting::All),
    ("QUOTE_NONNUMERIC", Quoting::NonNumeric),
    ("QUOTE_NONE", Quoting::None),
    ("QUOTE_STRINGS", Quoting::Strings),
    ("QUOTE_NOTNULL", Quoting::NotNull),
];

/// A dialect as the reader and the writer use it. Characters are code points.
pub struct Format {
    pub delimiter: u32,
    pub quote: Option<u32>,
    pub escape: Option<u32>,
    /// Whether a quote within quotes is written twice.
    pub double_quote: bool,
    /// Whether spaces after a delimiter are no part of the field.
    pub skip_space: bool,
    /// Whether bad input is an error.
    pub strict: bool,
    pub quoting: Quoting,
    /// What ends a row that is written.
    pub terminator: Vec<u32>,
    /// The ASCII characters (a bit each) that mean something, or are in the terminator.
    special: u128,
}

/// The type's payload.
#[derive(Trace)]
pub struct Dialect {
    #[trace(skip)]
    pub format: Rc<Format>,
}

native_type!(
    Dialect,
    DIALECT,
    "_csv",
    "Dialect",
    "Dialect(dialect=None, **options)\n--\n\nHow fields are separated and quoted.",
    ClassFlags::BASE | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method("__new__($type, dialect=None, **options)", new, ""),
        NativeDef::method("__reduce__($self, /)", no_pickle, "Raises TypeError."),
        NativeDef::method("__reduce_ex__($self, protocol, /)", no_pickle, "Raises TypeError."),
    ],
    [
        GetSetDef::new("delimiter", |vm, args| character(vm, args, |f| Some(f.delimiter)), ""),
        GetSetDef::new("escapechar", |vm, args| character(vm, args, |f| f.escape), ""),
        GetSetDef::new("quotechar", |vm, args| character(vm, args, |f| f.quote), ""),
        GetSetDef::new("doublequote", |vm, args| flag(vm, args, |f| f.double_quote), ""),
        GetSetDef::new("skipinitialspace", |vm, args| flag(vm, args, |f| f.skip_space), ""),
        GetSetDef::new("strict", |vm, args| flag(vm, args, |f| f.strict), ""),
        GetSetDef::new("quoting", quoting, "When fields are quoted."),
        GetSetDef::new("lineterminator", terminator, "What ends a row that is written."),
    ]
);

fn no_pickle(vm: &mut Vm, args: Args) -> NativeResult {
    let name = vm.class_name(vm.class_of(args.get(vm, 0)));
    raise!(vm, TypeError, "cannot pickle '{name}' instances")
}

fn character(vm: &mut Vm, args: Args, of: fn(&Format) -> Option<u32>) -> NativeResult {
    let vm = &*vm;
    let character = of(&args.payload::<Dialect>(vm)?.format);
    Ok(vm.ret(character.map_or(Value::NONE, |c| vm.str_from_char(c).value())))
}

fn flag(vm: &mut Vm, args: Args, of: fn(&Format) -> bool) -> NativeResult {
    let flag = of(&args.payload::<Dialect>(vm)?.format);
    Ok(vm.ret(Value::from_bool(flag)))
}

fn quoting(vm: &mut Vm, args: Args) -> NativeResult {
    let quoting = args.payload::<Dialect>(vm)?.format.quoting;
    Ok(vm.ret(Value::from_i32(quoting as i32)))
}

fn terminator(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Dialect>(vm)?;
    Ok(vm.ret(vm.str_from_code_points(&this.r().format.terminator).value()))
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &DIALECT)?;
    let format = format_of(vm, args.local(1), args.local(2))?;
    if shape == vm.native_shape(&DIALECT)
        && let Some(given) = args.get(vm, 1).payload::<Dialect>()
        && Rc::ptr_eq(&given.r().format, &format)
    {
        return Ok(vm.ret(given.value()));
    }
    Ok(vm.ret(vm.native_of_shape(shape, Dialect { format }).value()))
}

/// The Dialect object of a dialect (an object with its attributes, a name, or None) and options (a
/// dict, or UNBOUND).
pub fn dialect_of(vm: &mut Vm, dialect: Local, options: Local) -> Result<Local, Raised> {
    let format = format_of(vm, dialect, options)?;
    Ok(vm.root(vm.native(Dialect { format }).value()))
}

/// See [`dialect_of`].
fn format_of(vm: &mut Vm, dialect: Local, options: Local) -> Result<Rc<Format>, Raised> {
    let named = vm.root(vm.get(dialect));
    if vm.get(dialect).as_str().is_some() {
        let ret = find_dialect(vm, dialect)?;
        vm.set(named, vm.value(ret));
    }
    let no_options = vm.get(options).cast::<Dict>().is_none_or(|d| d.len.get() == 0);
    if no_options && let Some(known) = vm.get(named).payload::<Dialect>() {
        return Ok(known.r().format.clone());
    }
    let format = Source { dialect: named, options }.read(vm)?;
    format.check(vm)?;
    Ok(Rc::new(format))
}

const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// Where the parts of a new dialect come from.
struct Source {
    dialect: Local,
    options: Local,
}

impl Source {
    /// An option, or else that attribute of the dialect; `None` where neither says anything.
    fn part(&self, vm: &mut Vm, name: &str) -> Result<Option<Local>, Raised> {
        {
            let vm = &*vm;
            let options = vm.get(self.options).cast::<Dict>();
            if let Some(value) = options.and_then(|d| vm.dict_get_str(d, vm.intern(name))) {
                return Ok(Some(vm.root(value)));
            }
        }
        if vm.get(self.dialect).is_none() || vm.get(self.dialect).is_unbound() {
            return Ok(None);
        }
        Ok(vm.getattr_opt(self.dialect, name)?.map(|ret| vm.hold(ret)))
    }

    fn refuse_unknown(&self, vm: &Vm) -> Result<(), Raised> {
        let Some(options) = vm.get(self.options).cast::<Dict>() else { return Ok(()) };
        for (key, _) in vm.table_items(options.r()) {
            let name = key.as_str().map(|name| vm.str_text(name));
            if let Some(name) = name.filter(|name| !NAMES.contains(&name.as_ref())) {
                raise!(vm, TypeError, "this function got an unexpected keyword argument '{name}'");
            }
        }
        Ok(())
    }

    fn character(&self, vm: &mut Vm, name: &str, default: u32) -> Result<Option<u32>, Raised> {
        let none_too = if name == "delimiter" { "" } else { " or None" };
        let Some(value) = self.part(vm, name)? else {
            return Ok((default != 0).then_some(default));
        };
        let value = vm.get(value);
        if value.is_none() && !none_too.is_empty() {
            return Ok(None);
        }
        let wanted = format!("\"{name}\" must be a unicode character{none_too}");
        let Some(text) = value.as_str() else {
            raise!(vm, TypeError, "{wanted}, not {}", vm.type_name(value));
        };
        if text.len() != 1 {
            raise!(vm, TypeError, "{wanted}, not a string of length {}", text.len());
        }
        Ok(Some(text.char_at(0)))
    }

    fn flag(&self, vm: &mut Vm, name: &str, default: bool) -> Result<bool, Raised> {
        match self.part(vm, name)? {
            Some(value) => vm.truth(value),
            None => Ok(default),
        }
    }

    fn terminator(&self, vm: &mut Vm) -> Result<Vec<u32>, Raised> {
        let Some(value) = self.part(vm, "lineterminator")? else {
            return Ok(vec!['\r'.into(), '\n'.into()]);
        };
        match vm.get(value).as_str() {
            Some(text) => Ok(text.r().chars().collect()),
            None => {
                let given = vm.type_name(vm.get(value));
                raise!(vm, TypeError, "\"lineterminator\" must be a string, not {given}")
            }
        }
    }

    fn quoting(&self, vm: &mut Vm, default: Quoting) -> Result<Quoting, Raised> {
        let Some(value) = self.part(vm, "quoting")? else { return Ok(default) };
        let value = vm.get(value);
        if !vm.is_exact(value, ClassId::Int) {
            let given = vm.type_name(value);
            raise!(vm, TypeError, "\"quoting\" must be an integer, not {given}");
        }
        let Some(number) = vm.as_i64(value) else {
            raise!(vm, OverflowError, "Python int too large to convert to C int");
        };
        let known = usize::try_from(number).ok().and_then(|i| QUOTINGS.get(i));
        known.map(|(_, quoting)| *quoting).ok_or_else(|| vm.type_error("bad \"quoting\" value"))
    }

    fn read(&self, vm: &mut Vm) -> Result<Format, Raised> {
        self.refuse_unknown(vm)?;
        let delimiter = self.character(vm, "delimiter", ','.into())?.unwrap_or(0);
        let escape = self.character(vm, "escapechar", 0)?;
        let quote = self.character(vm, "quotechar", '"'.into())?;
        let default = if quote.is_some() { Quoting::Minimal } else { Quoting::None };
        let terminator = self.terminator(vm)?;
        let ends = ['\r', '\n'].map(u32::from);
        let special = [Some(delimiter), escape, quote].into_iter().flatten().chain(ends);
        let special = special.chain(terminator.iter().copied()).filter(|c| *c < 128);
        Ok(Format {
            special: special.fold(0, |set, c| set | 1 << c),
            delimiter,
            quote,
            escape,
            double_quote: self.flag(vm, "doublequote", true)?,
            skip_space: self.flag(vm, "skipinitialspace", false)?,
            strict: self.flag(vm, "strict", false)?,
            terminator,
            quoting: self.quoting(vm, default)?,
        })
    }
}

/// Whether a character ends a line.
pub fn ends_line(c: u32) -> bool {
    c == u32::from('\n') || c == u32::from('\r')
}

impl Format {
    /// Whether a character certainly means nothing but itself, apart from a space in front of a field.
    #[inline]
    pub fn is_plain(&self, c: u32) -> bool {
        c < 128 && self.special & (1 << c) == 0
    }

    /// Whether the dialect can be told apart from itself: no character has two meanings.
    fn check(&self, vm: &Vm) -> Result<(), Raised> {
        if self.quoting != Quoting::None && self.quote.is_none() {
            raise!(vm, TypeError, "quotechar must be set if quoting enabled");
        }
        let parts = [
            ("delimiter", Some(self.delimiter)),
            ("escapechar", self.escape),
            ("quotechar", self.quote),
        ];
        for (name, c) in parts {
            let Some(c) = c else { continue };
            let space_too = name != "delimiter" && self.skip_space;
            if ends_line(c) || c == u32::from(' ') && space_too {
                raise!(vm, ValueError, "bad {name} value");
            }
            if name != "delimiter" && c == self.delimiter {
                raise!(vm, ValueError, "bad delimiter or {name} value");
            }
            if self.terminator.contains(&c) {
                raise!(vm, ValueError, "bad {name} or lineterminator value");
            }
        }
        if self.escape.is_some() && self.escape == self.quote {
            raise!(vm, ValueError, "bad escapechar or quotechar value");
        }
        Ok(())
    }
}
