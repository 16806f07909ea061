//! Text to objects.

use crate::prelude::*;
use sidewinder_interpreter::builtins::text::TextBuilder;

/// What a JSONDecoder uses to read: its settings, taken once.
#[derive(Trace)]
pub struct Scanner {
    strict: Cell<bool>,
    object_hook: Slot,
    object_pairs_hook: Slot,
    parse_float: Slot,
    parse_int: Slot,
    parse_constant: Slot,
}
native_type!(
    Scanner,
    SCANNER,
    "_json",
    "Scanner",
    "JSON scanner object",
    0,
    [
        NativeDef::static_method("__new__($type, context)", new, ""),
        NativeDef::method("__call__($self, string, idx)", call, "Call self as a function."),
    ],
    []
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &SCANNER)?;
    let context = args.local(1);
    let strict = vm.getattr_str(context, "strict")?;
    let strict = vm.hold(strict);
    let strict = vm.truth(strict)?;
    let names = ["object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant"];
    let mut parts = [context; 5];
    for (part, name) in parts.iter_mut().zip(names) {
        let value = vm.getattr_str(context, name)?;
        *part = vm.hold(value);
    }
    let vm = &*vm;
    let [object_hook, object_pairs_hook, parse_float, parse_int, parse_constant] =
        parts.map(|l| slot(vm.get(l)));
    let payload = Scanner {
        strict: Cell::new(strict),
        object_hook,
        object_pairs_hook,
        parse_float,
        parse_int,
        parse_constant,
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// A run over one text.
struct Run {
    text: Local,
    len: usize,
    strict: bool,
    object_hook: Option<Local>,
    pairs_hook: Option<Local>,
    /// `None`: the builtin types.
    parse_float: Option<Local>,
    parse_int: Option<Local>,
    parse_constant: Local,
    /// Keys seen, so that equal ones are one object.
    memo: Local,
}

fn text(vm: &Vm, l: Local) -> Gc<'_, Str> {
    vm.get(l).as_str().expect("checked")
}

/// JSONDecodeError at a position.
fn decode_error(vm: &mut Vm, message: &str, string: Local, at: usize) -> Raised {
    let made = (|| {
        let module = vm.import_module("json.decoder")?;
        let class = vm.getattr_str(module, "JSONDecodeError")?;
        let class = vm.hold(class);
        let message = vm.root(vm.str(message).value());
        let at = vm.root(vm.int_usize(at));
        let error = vm.call(class, &[message, string, at])?;
        Ok(vm.hold(error))
    })();
    match made {
        Ok(error) => {
            let error = vm.get(error);
            vm.set_exception(error)
        }
        Err(raised) => raised,
    }
}

/// StopIteration with the position at which a value was expected.
fn no_value(vm: &Vm, at: usize) -> Raised {
    vm.raise_args(ClassId::StopIteration, &[vm.int_usize(at)])
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Scanner>(vm)?;
    let Some(string) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "first argument must be a string, not {given}");
    };
    let len = string.len();
    let hook = |slot: &Slot| {
        let v = slot.get(vm);
        (!v.is_none()).then(|| vm.root(v))
    };
    let unless = |slot: &Slot, class: ClassId| {
        let v = slot.get(vm);
        (!v.is(vm.class(class).value())).then(|| vm.root(v))
    };
    let mut run = Run {
        text: args.local(1),
        len,
        strict: this.strict.get(),
        object_hook: hook(&this.object_hook),
        pairs_hook: hook(&this.object_pairs_hook),
        parse_float: unless(&this.parse_float, ClassId::Float),
        parse_int: unless(&this.parse_int, ClassId::Int),
        parse_constant: vm.root(this.parse_constant.get(vm)),
        memo: vm.root(vm.dict().value()),
    };
    let at = vm.index_i64(args.local(2))?;
    if at < 0 {
        raise!(vm, ValueError, "idx cannot be negative");
    }
    let out = vm.empty_root();
    let end = run.value(vm, at as usize, out)?;
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.get(out), vm.int_usize(end)]).value()))
}

impl Run {
    /// The character at a position; 0 at the end.
    #[inline]
    fn at(&self, vm: &Vm, i: usize) -> u32 {
        if i < self.len { text(vm, self.text).char_at(i) } else { 0 }
    }

    fn skip(&self, vm: &Vm, mut i: usize) -> usize {
        while matches!(self.at(vm, i), 0x20 | 0x09 | 0x0A | 0x0D) && i < self.len {
            i += 1;
        }
        i
    }

    fn starts(&self, vm: &Vm, i: usize, word: &str) -> bool {
        let s = text(vm, self.text);
        i + word.len() <= self.len
            && word.bytes().enumerate().all(|(k, b)| s.char_at(i + k) == b as u32)
    }

    /// Reads a value into `out`; gives the position behind it.
    fn value(&mut self, vm: &mut Vm, i: usize, out: Local) -> Result<usize, Raised> {
        if i >= self.len {
            return Err(no_value(vm, i));
        }
        let c = char::from_u32(self.at(vm, i)).unwrap_or(' ');
        let constant = |vm: &Vm, word: &str, value: Value<'_>| {
            vm.set(out, value);
            Ok(i + word.len())
        };
        match c {
            '"' => self.string(vm, i + 1, out),
            '{' => {
                vm.check_native_stack(" while decoding a JSON object from a unicode string")?;
                vm.scope(|vm| self.object(vm, i + 1, out))
            }
            '[' => {
                vm.check_native_stack(" while decoding a JSON array from a unicode string")?;
                vm.scope(|vm| self.array(vm, i + 1, out))
            }
            'n' if self.starts(vm, i, "null") => constant(vm, "null", Value::NONE),
            't' if self.starts(vm, i, "true") => constant(vm, "true", Value::TRUE),
            'f' if self.starts(vm, i, "false") => constant(vm, "false", Value::FALSE),
            'N' if self.starts(vm, i, "NaN") => self.constant(vm, i, "NaN", out),
            'I' if self.starts(vm, i, "Infinity") => self.constant(vm, i, "Infinity", out),
            '-' if self.starts(vm, i, "-Infinity") => self.constant(vm, i, "-Infinity", out),
            '-' | '0'..='9' => self.number(vm, i, out),
            _ => Err(no_value(vm, i)),
        }
    }

    fn constant(&self, vm: &mut Vm, i: usize, word: &str, out: Local) -> Result<usize, Raised> {
        vm.scope(|vm| {
            let name = vm.root(vm.str(word).value());
            let ret = vm.call(self.parse_constant, &[name])?;
            vm.set(out, vm.value(ret));
            Ok(i + word.len())
        })
    }

    fn number(&self, vm: &mut Vm, start: usize, out: Local) -> Result<usize, Raised> {
        let digit = |vm: &Vm, i: usize| (0x30..=0x39).contains(&self.at(vm, i));
        let mut i = start;
        if self.at(vm, i) == '-' as u32 {
            i += 1;
        }
        if !digit(vm, i) {
            return Err(no_value(vm, start));
        }
        if self.at(vm, i) == '0' as u32 {
            i += 1;
        } else {
            while digit(vm, i) {
                i += 1;
            }
        }
        let mut is_float = false;
        if self.at(vm, i) == '.' as u32 && digit(vm, i + 1) {
            is_float = true;
            i += 2;
            while digit(vm, i) {
                i += 1;
            }
        }
        if matches!(char::from_u32(self.at(vm, i)), Some('e' | 'E')) {
            let mut k = i + 1;
            if matches!(char::from_u32(self.at(vm, k)), Some('+' | '-')) {
                k += 1;
            }
            if digit(vm, k) {
                is_float = true;
                while digit(vm, k) {
                    k += 1;
                }
                i = k;
            }
        }
        let hook = if is_float { self.parse_float } else { self.parse_int };
        vm.scope(|vm| {
            if hook.is_none() {
                let vm = &*vm;
                let digits: String =
                    (start..i).filter_map(|k| char::from_u32(self.at(vm, k))).collect();
                if is_float {
                    let x = digits.parse::<f64>().unwrap_or(f64::NAN);
                    vm.set(out, vm.float(x));
                    return Ok(i);
                }
                if let Ok(n) = digits.parse::<i64>() {
                    vm.set(out, vm.int(n));
                    return Ok(i);
                }
            }
            let f = hook.unwrap_or_else(|| vm.root(vm.class(ClassId::Int).value()));
            let part = vm.root(vm.str_slice(text(vm, self.text), start, i).value());
            let ret = vm.call(f, &[part])?;
            vm.set(out, vm.value(ret));
            Ok(i)
        })
    }

    fn string(&self, vm: &mut Vm, start: usize, out: Local) -> Result<usize, Raised> {
        read_string(vm, self.text, start, self.strict, out)
    }

    fn array(&mut self, vm: &mut Vm, start: usize, out: Local) -> Result<usize, Raised> {
        let list = vm.root(vm.list(&[]).value());
        let item = vm.empty_root();
        let mut i = self.skip(vm, start);
        if self.at(vm, i) != ']' as u32 {
            loop {
                i = self.value(vm, i, item)?;
                let target: Gc<'_, List> = vm.get(list).cast().expect("a list");
                vm.list_push(target, vm.get(item));
                vm.safepoint()?;
                i = self.skip(vm, i);
                match char::from_u32(self.at(vm, i)) {
                    Some(']') => break,
                    Some(',') => {
                        let comma = i;
                        i = self.skip(vm, i + 1);
                        if self.at(vm, i) == ']' as u32 {
                            let message = "Illegal trailing comma before end of array";
                            return Err(decode_error(vm, message, self.text, comma));
                        }
                    }
                    _ => return Err(decode_error(vm, "Expecting ',' delimiter", self.text, i)),
                }
            }
        }
        vm.set(out, vm.get(list));
        Ok(i + 1)
    }

    fn object(&mut self, vm: &mut Vm, start: usize, out: Local) -> Result<usize, Raised> {
        let pairs = self.pairs_hook.is_some();
        let made = vm.root(if pairs { vm.list(&[]).value() } else { vm.dict().value() });
        let (key, value) = (vm.empty_root(), vm.empty_root());
        let mut i = self.skip(vm, start);
        if self.at(vm, i) != '}' as u32 {
            loop {
                if self.at(vm, i) != '"' as u32 {
                    let message = "Expecting property name enclosed in double quotes";
                    return Err(decode_error(vm, message, self.text, i));
                }
                i = self.string(vm, i + 1, key)?;
                self.share(vm, key);
                i = self.skip(vm, i);
                if self.at(vm, i) != ':' as u32 {
                    return Err(decode_error(vm, "Expecting ':' delimiter", self.text, i));
                }
                i = self.skip(vm, i + 1);
                i = self.value(vm, i, value)?;
                if pairs {
                    let pair = vm.tuple(&[vm.get(key), vm.get(value)]).value();
                    let target: Gc<'_, List> = vm.get(made).cast().expect("a list");
                    vm.list_push(target, pair);
                } else if let (Some(d), Some(k)) =
                    (vm.get(made).cast::<Dict>(), vm.get(key).as_str())
                {
                    vm.dict_set_str(d, k, vm.get(value));
                }
                vm.safepoint()?;
                i = self.skip(vm, i);
                match char::from_u32(self.at(vm, i)) {
                    Some('}') => break,
                    Some(',') => {
                        let comma = i;
                        i = self.skip(vm, i + 1);
                        if self.at(vm, i) == '}' as u32 {
                            let message = "Illegal trailing comma before end of object";
                            return Err(decode_error(vm, message, self.text, comma));
                        }
                    }
                    _ => return Err(decode_error(vm, "Expecting ',' delimiter", self.text, i)),
                }
            }
        }
        match self.pairs_hook.or(self.object_hook) {
            Some(hook) => {
                let ret = vm.call(hook, &[made])?;
                vm.set(out, vm.value(ret));
            }
            None => vm.set(out, vm.get(made)),
        }
        Ok(i + 1)
    }

    /// Replaces a key by the equal one seen before.
    fn share(&self, vm: &Vm, key: Local) {
        let (Some(memo), Some(k)) = (vm.get(self.memo).cast::<Dict>(), vm.get(key).as_str()) else {
            return;
        };
        match vm.dict_get_str(memo, k) {
            Some(known) => vm.set(key, known),
            None => vm.dict_set_str(memo, k, k.value()),
        }
    }
}

/// Reads a string whose first character is at `start`; gives the position behind its quote.
fn read_string(
    vm: &mut Vm,
    string: Local,
    start: usize,
    strict: bool,
    out: Local,
) -> Result<usize, Raised> {
    let problem = {
        let vm = &*vm;
        let s = text(vm, string);
        // Most strings have no escapes: they are cut out.
        if s.width() == 1 && start <= s.len() {
            let rest = &s.data()[start..];
            let end = rest.iter().position(|b| matches!(b, b'"' | b'\\') || *b < 0x20);
            if let Some(n) = end
                && rest[n] == b'"'
            {
                vm.set(out, vm.str_slice(s, start, start + n).value());
                return Ok(start + n + 1);
            }
        }
        let mut built = TextBuilder::new();
        match unescape(s.r(), start, strict, &mut built) {
            Ok(end) => {
                vm.set(out, built.finish(vm).value());
                return Ok(end);
            }
            Err(problem) => problem,
        }
    };
    let (message, at) = problem;
    Err(decode_error(vm, message, string, at))
}

fn unescape(
    s: &Str,
    start: usize,
    strict: bool,
    out: &mut TextBuilder,
) -> Result<usize, (&'static str, usize)> {
    let len = s.len();
    let begin = start.wrapping_sub(1);
    let unterminated = ("Unterminated string starting at", begin);
    let mut i = start;
    loop {
        let plain = i;
        while i < len {
            let c = s.char_at(i);
            if c == '"' as u32 || c == '\\' as u32 {
                break;
            }
            if c < 0x20 && strict {
                return Err(("Invalid control character at", i));
            }
            i += 1;
        }
        if i >= len {
            return Err(unterminated);
        }
        out.push_slice(s, plain, i);
        if s.char_at(i) == '"' as u32 {
            return Ok(i + 1);
        }
        i += 1;
        if i >= len {
            return Err(unterminated);
        }
        let c = match char::from_u32(s.char_at(i)) {
            Some(c @ ('"' | '\\' | '/')) => c as u32,
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => {
                let bad = ("Invalid \\uXXXX escape", i);
                let mut c = hex4(s, i + 1).ok_or(bad)?;
                i += 4;
                let low = |i: usize| {
                    (i + 2 < len
                        && s.char_at(i + 1) == '\\' as u32
                        && s.char_at(i + 2) == 'u' as u32)
                        .then(|| hex4(s, i + 3))
                        .flatten()
                };
                if (0xD800..0xDC00).contains(&c)
                    && let Some(second @ 0xDC00..0xE000) = low(i)
                {
                    c = 0x10000 + ((c - 0xD800) << 10) + (second - 0xDC00);
                    i += 6;
                }
                c
            }
            _ => return Err(("Invalid \\escape", i - 1)),
        };
        out.push(c);
        i += 1;
    }
}

fn hex4(s: &Str, at: usize) -> Option<u32> {
    if at + 4 > s.len() {
        return None;
    }
    (at..at + 4).try_fold(0, |n, i| {
        let digit = char::from_u32(s.char_at(i))?.to_digit(16)?;
        Some(n * 16 + digit)
    })
}

pub(super) fn scanstring(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(s) = args.get(vm, 0).as_str() else {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "first argument must be a string, not {given}");
    };
    let len = s.len();
    let end = vm.index_i64(args.local(1))?;
    let strict = args.opt(vm, 2).is_none() || vm.truth(args.local(2))?;
    if end < 0 || end as usize > len {
        raise!(vm, ValueError, "end is out of bounds");
    }
    let out = vm.empty_root();
    let end = read_string(vm, args.local(0), end as usize, strict, out)?;
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.get(out), vm.int_usize(end)]).value()))
}
