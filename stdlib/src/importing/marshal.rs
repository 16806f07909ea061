//! The module `marshal`: plain values as bytes in CPython's format; code objects as records of this
//! build's own (see `bytecode::marshal`).

use dashu_int::IBig;
use dashu_int::ops::Abs;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::bytecode::{CodeUnit, marshal as units};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::sync::Arc;

/// The declaration.
pub static MARSHAL: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "Plain values as bytes, and back.",
    functions: &[
        NativeDef::function(
            "dump(value, file, version=5, /, *, allow_code=True)",
            dump,
            "Write a value to a file.",
        ),
        NativeDef::function(
            "dumps(value, version=5, /, *, allow_code=True)",
            dumps,
            "A value as bytes.",
        ),
        NativeDef::function("load(file, /, *, allow_code=True)", load, "Read one value."),
        NativeDef::function("loads(bytes, /, *, allow_code=True)", loads, "The value in bytes."),
    ],
    types: &[],
    exec: Some(exec),
};

/// Values nested deeper are refused.
const MAX_DEPTH: usize = 2000;
/// Set in a type byte: later references may name this value.
const REF: u8 = 0x80;

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    vm.module_set(module, "version", Value::from_i32(5));
    Ok(())
}

/// The code in marshalled data, under a file name.
pub fn code(data: &[u8], filename: Option<&str>) -> Option<Arc<CodeUnit>> {
    let (&kind, rest) = data.split_first()?;
    if kind & !REF != b'c' {
        return None;
    }
    units::load(rest, filename).map(|(unit, _)| Arc::new(unit))
}

fn allows_code(vm: &mut Vm, args: Args, i: usize) -> Result<bool, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.truth(args.local(i)),
        None => Ok(true),
    }
}

fn dumps(vm: &mut Vm, args: Args) -> NativeResult {
    let version = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 5,
    };
    let code = allows_code(vm, args, 2)?;
    let mut writer = Writer { out: Vec::new(), version, code };
    writer.value(vm, args.local(0), 0)?;
    let vm = &*vm;
    Ok(vm.ret(vm.bytes(&writer.out).value()))
}

fn dump(vm: &mut Vm, args: Args) -> NativeResult {
    let version = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 5,
    };
    let code = allows_code(vm, args, 3)?;
    let mut writer = Writer { out: Vec::new(), version, code };
    writer.value(vm, args.local(0), 0)?;
    let bytes = vm.root(vm.bytes(&writer.out).value());
    vm.call_method(args.local(1), "write", &[bytes])
}

struct Writer {
    out: Vec<u8>,
    version: i64,
    code: bool,
}

impl Writer {
    fn long(&mut self, n: usize) {
        self.out.extend_from_slice(&(n as u32).to_le_bytes());
    }

    fn float(&mut self, f: f64) {
        if self.version > 1 {
            return self.out.extend_from_slice(&f.to_bits().to_le_bytes());
        }
        let text = format!("{f:?}");
        self.out.push(text.len() as u8);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn value(&mut self, vm: &mut Vm, value: Local, depth: usize) -> Result<(), Raised> {
        if depth > MAX_DEPTH {
            raise!(vm, ValueError, "object too deeply nested to marshal");
        }
        let children: Vec<Local> = {
            let vm = &*vm;
            let v = vm.get(value);
            let exact = |id| vm.is_exact(v, id);
            if v.is_none() {
                self.out.push(b'N');
                return Ok(());
            } else if v.is(Value::TRUE) || v.is(Value::FALSE) {
                self.out.push(if v.is(Value::TRUE) { b'T' } else { b'F' });
                return Ok(());
            } else if v.is(Value::ELLIPSIS) {
                self.out.push(b'.');
                return Ok(());
            } else if v.as_class().is_some_and(|c| c == vm.class(ClassId::StopIteration)) {
                self.out.push(b'S');
                return Ok(());
            } else if exact(ClassId::Int) {
                self.int(vm, v);
                return Ok(());
            } else if exact(ClassId::Float) {
                self.out.push(if self.version > 1 { b'g' } else { b'f' });
                self.float(vm.as_f64(v).unwrap_or_default());
                return Ok(());
            } else if exact(ClassId::Complex) {
                self.out.push(if self.version > 1 { b'y' } else { b'x' });
                let (re, im) = v.cast::<Complex>().map_or((0.0, 0.0), |c| (c.re, c.im));
                self.float(re);
                self.float(im);
                return Ok(());
            } else if exact(ClassId::Str)
                && let Some(s) = v.as_str()
            {
                self.str(s.r());
                return Ok(());
            } else if let Some(code) = v.cast::<Code>() {
                if !self.code {
                    raise!(vm, ValueError, "marshalling code objects is disallowed");
                }
                self.out.push(b'c');
                self.out.extend_from_slice(&units::dump(vm.code_unit(code)));
                return Ok(());
            } else if exact(ClassId::Tuple)
                && let Some(tuple) = v.cast::<Tuple>()
            {
                if tuple.len() < 256 && self.version > 3 {
                    self.out.extend_from_slice(&[b')', tuple.len() as u8]);
                } else {
                    self.out.push(b'(');
                    self.long(tuple.len());
                }
                tuple.r().items().iter().map(|s| vm.root(s.get(vm))).collect()
            } else if exact(ClassId::List)
                && let Some(list) = v.cast::<List>()
            {
                self.out.push(b'[');
                let items: Vec<Local> = vm.list_items(list).map(|v| vm.root(v)).collect();
                self.long(items.len());
                items
            } else if exact(ClassId::Dict)
                && let Some(dict) = v.cast::<Dict>()
            {
                self.out.push(b'{');
                let items = vm.table_items(dict.r());
                items.into_iter().flat_map(|(k, v)| [vm.root(k), vm.root(v)]).collect()
            } else if (exact(ClassId::Set) || exact(ClassId::FrozenSet))
                && let Some(set) = v.cast::<Set>()
            {
                self.out.push(if exact(ClassId::Set) { b'<' } else { b'>' });
                let items = vm.table_items(set.r());
                self.long(items.len());
                items.into_iter().map(|(k, _)| vm.root(k)).collect()
            } else if let Some(slice) = v.cast::<Slice>() {
                if self.version < 5 {
                    raise!(vm, ValueError, "unmarshallable object");
                }
                self.out.push(b':');
                let slice = slice.r();
                [&slice.start, &slice.stop, &slice.step].map(|s| vm.root(s.get(vm))).into()
            } else if vm.exports_buffer(v) {
                Vec::new()
            } else {
                raise!(vm, ValueError, "unmarshallable object");
            }
        };
        let kind = self.out.last().copied();
        if children.is_empty() && vm.exports_buffer(vm.get(value)) {
            let data = vm.bytes_like(value)?;
            self.out.push(b's');
            self.long(data.len());
            self.out.extend_from_slice(&data);
            return Ok(());
        }
        let dict = vm.is_exact(vm.get(value), ClassId::Dict);
        let _ = kind;
        for child in children {
            vm.scope(|vm| self.value(vm, child, depth + 1))?;
        }
        if dict {
            self.out.push(b'0');
        }
        Ok(())
    }

    fn int(&mut self, vm: &Vm, v: Value<'_>) {
        if let Some(i) = vm.as_i64(v)
            && let Ok(i) = i32::try_from(i)
        {
            self.out.push(b'i');
            return self.out.extend_from_slice(&i.to_le_bytes());
        }
        let big = vm.as_big(v).unwrap_or_default();
        let negative = big < IBig::ZERO;
        let bytes = big.abs().to_le_bytes();
        // Digits of 15 bits.
        let bit = |i: usize| bytes.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1);
        let bits = (0..bytes.len() * 8).rev().find(|&i| bit(i)).map_or(0, |i| i + 1);
        let digits = bits.div_ceil(15);
        self.out.push(b'l');
        let count = digits as i32;
        self.out.extend_from_slice(&(if negative { -count } else { count }).to_le_bytes());
        for d in 0..digits {
            let digit = (0..15).fold(0u16, |acc, i| acc | u16::from(bit(d * 15 + i)) << i);
            self.out.extend_from_slice(&digit.to_le_bytes());
        }
    }

    fn str(&mut self, s: &Str) {
        if let Some(ascii) = s.as_ascii() {
            if ascii.len() < 256 && self.version > 3 {
                self.out.extend_from_slice(&[b'z', ascii.len() as u8]);
            } else if self.version > 3 {
                self.out.push(b'a');
                self.long(ascii.len());
            } else {
                self.out.push(b'u');
                self.long(ascii.len());
            }
            return self.out.extend_from_slice(ascii.as_bytes());
        }
        let mut data = Vec::new();
        for c in s.chars() {
            push_wtf8(c, &mut data);
        }
        self.out.push(b'u');
        self.long(data.len());
        self.out.extend_from_slice(&data);
    }
}

/// Appends a code point in UTF-8's way, lone surrogates too.
fn push_wtf8(c: u32, out: &mut Vec<u8>) {
    match char::from_u32(c) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            out.extend([0xE0 | (c >> 12) as u8, 0x80 | (c >> 6 & 63) as u8, 0x80 | (c & 63) as u8])
        }
    }
}

/// Code points of UTF-8 that may hold lone surrogates.
fn wtf8(data: &[u8]) -> Option<Vec<u32>> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while !rest.is_empty() {
        match rest {
            [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, more @ ..] => {
                out.push(0xD000 | (u32::from(*b) & 63) << 6 | u32::from(*c) & 63);
                rest = more;
            }
            _ => {
                let n = match rest[0] {
                    0..0x80 => 1,
                    0xC0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    _ => 4,
                };
                let text = std::str::from_utf8(rest.get(..n)?).ok()?;
                out.push(u32::from(text.chars().next()?));
                rest = &rest[n..];
            }
        }
    }
    Some(out)
}

fn loads(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let code = allows_code(vm, args, 1)?;
    let mut reader = Reader::new(vm, &data, code);
    let value = reader.top(vm)?;
    Ok(vm.ret(vm.get(value)))
}

fn load(vm: &mut Vm, args: Args) -> NativeResult {
    let code = allows_code(vm, args, 1)?;
    let file = args.local(0);
    // What follows the value stays unread: seek back, if there was more than one value.
    let data = vm.call_method(file, "read", &[])?;
    let data = vm.hold(data);
    if !vm.exports_buffer(vm.get(data)) {
        let given = vm.type_name(vm.get(data));
        raise!(vm, TypeError, "file.read() returned not bytes but {given}");
    }
    let data = vm.bytes_like(data)?;
    let mut reader = Reader::new(vm, &data, code);
    let value = reader.top(vm)?;
    let unread = data.len() - reader.at;
    if unread > 0 {
        let back = vm.root(vm.int(-(unread as i64)));
        let whence = vm.root(Value::from_i32(1));
        let _ = vm.call_method(file, "seek", &[back, whence])?;
    }
    Ok(vm.ret(vm.get(value)))
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    code: bool,
    /// A list of the values that references may name.
    refs: Local,
}

impl<'a> Reader<'a> {
    fn new(vm: &Vm, data: &'a [u8], code: bool) -> Reader<'a> {
        Reader { data, at: 0, code, refs: vm.root(vm.list(&[]).value()) }
    }

    fn top(&mut self, vm: &mut Vm) -> Result<Local, Raised> {
        match self.value(vm, 0)? {
            Some(value) => Ok(value),
            None => raise!(vm, TypeError, "NULL object in marshal data for object"),
        }
    }

    fn take(&mut self, vm: &Vm, n: usize) -> Result<&'a [u8], Raised> {
        match self.at.checked_add(n).and_then(|end| self.data.get(self.at..end)) {
            Some(part) => {
                self.at += n;
                Ok(part)
            }
            None => raise!(vm, EOFError, "marshal data too short"),
        }
    }

    fn byte(&mut self, vm: &Vm) -> Result<u8, Raised> {
        Ok(self.take(vm, 1)?[0])
    }

    fn long(&mut self, vm: &Vm) -> Result<i32, Raised> {
        let bytes = self.take(vm, 4)?;
        Ok(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn size(&mut self, vm: &Vm) -> Result<usize, Raised> {
        let n = self.long(vm)?;
        match usize::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) => raise!(vm, ValueError, "bad marshal data (size out of range)"),
        }
    }

    fn float(&mut self, vm: &Vm, text: bool) -> Result<f64, Raised> {
        if text {
            let n = self.byte(vm)? as usize;
            let text = self.take(vm, n)?;
            let text = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
            return match text {
                Some(f) => Ok(f),
                None => raise!(vm, ValueError, "bad marshal data (float)"),
            };
        }
        let bytes = self.take(vm, 8)?;
        Ok(f64::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn big(&mut self, vm: &Vm) -> Result<IBig, Raised> {
        let n = self.long(vm)?;
        let mut big = IBig::ZERO;
        let mut last = 1;
        for i in 0..n.unsigned_abs() as usize {
            let bytes = self.take(vm, 2)?;
            last = u16::from_le_bytes([bytes[0], bytes[1]]);
            if last >= 1 << 15 {
                raise!(vm, ValueError, "bad marshal data (digit out of range in long)");
            }
            big += IBig::from(last) << (15 * i);
        }
        if last == 0 {
            raise!(vm, ValueError, "bad marshal data (unnormalized long data)");
        }
        Ok(if n < 0 { -big } else { big })
    }

    /// Reads a value; `None` for the mark that ends a dict.
    fn value(&mut self, vm: &mut Vm, depth: usize) -> Result<Option<Local>, Raised> {
        if depth > MAX_DEPTH {
            raise!(vm, ValueError, "bad marshal data (recursion limit exceeded)");
        }
        if self.at >= self.data.len() {
            raise!(vm, EOFError, "EOF read where object expected");
        }
        let kind = self.byte(vm)?;
        let (kind, is_ref) = (kind & !REF, kind & REF != 0);
        // A container gets its number before its items do.
        let place = is_ref.then(|| self.reserve(vm));
        let value = match kind {
            b'0' => return Ok(None),
            b'(' | b')' | b'[' | b'<' | b'>' => {
                let n = if kind == b')' { self.byte(vm)? as usize } else { self.size(vm)? };
                self.items(vm, kind, n, depth)?
            }
            b'{' => self.dict(vm, place, depth)?,
            b':' => {
                let mut part = || match self.value(vm, depth + 1)? {
                    Some(part) => Ok(part),
                    None => raise!(vm, TypeError, "NULL object in marshal data for slice"),
                };
                let (start, stop, step) = (part()?, part()?, part()?);
                let slice = vm.slice(vm.get(start), vm.get(stop), vm.get(step));
                vm.root(slice.value())
            }
            b'r' => {
                let n = self.size(vm)?;
                let vm = &*vm;
                let refs = vm.get(self.refs).cast::<List>();
                let found = refs.and_then(|refs| vm.list_items(refs).nth(n));
                match found.filter(|v| !v.is(Value::NOT_IMPLEMENTED)) {
                    Some(value) => vm.root(value),
                    None => raise!(vm, ValueError, "bad marshal data (invalid reference)"),
                }
            }
            _ => {
                let value = self.leaf(vm, kind)?;
                vm.root(value)
            }
        };
        if let Some(place) = place
            && let Some(refs) = vm.get(self.refs).cast::<List>()
        {
            vm.list_set(refs, place, vm.get(value));
        }
        Ok(Some(value))
    }

    fn reserve(&self, vm: &Vm) -> usize {
        let Some(refs) = vm.get(self.refs).cast::<List>() else { return 0 };
        vm.list_push(refs, Value::NOT_IMPLEMENTED);
        refs.len.get() - 1
    }

    fn items(&mut self, vm: &mut Vm, kind: u8, n: usize, depth: usize) -> Result<Local, Raised> {
        if n > self.data.len() - self.at {
            raise!(vm, EOFError, "marshal data too short");
        }
        let list = vm.root(vm.list(&[]).value());
        for _ in 0..n {
            vm.scope(|vm| {
                let Some(item) = self.value(vm, depth + 1)? else {
                    raise!(vm, TypeError, "NULL object in marshal data for container");
                };
                if let Some(list) = vm.get(list).cast::<List>() {
                    vm.list_push(list, vm.get(item));
                }
                Ok(())
            })?;
        }
        let class = match kind {
            b'[' => return Ok(list),
            b'<' => ClassId::Set,
            b'>' => ClassId::FrozenSet,
            _ => ClassId::Tuple,
        };
        let class = vm.root(vm.class(class).value());
        let ret = vm.call(class, &[list])?;
        Ok(vm.hold(ret))
    }

    fn dict(&mut self, vm: &mut Vm, place: Option<usize>, depth: usize) -> Result<Local, Raised> {
        let dict = vm.root(vm.dict().value());
        if let Some(place) = place
            && let Some(refs) = vm.get(self.refs).cast::<List>()
        {
            vm.list_set(refs, place, vm.get(dict));
        }
        loop {
            let more = vm.scope(|vm| {
                let Some(key) = self.value(vm, depth + 1)? else { return Ok(false) };
                let Some(value) = self.value(vm, depth + 1)? else { return Ok(false) };
                vm.dict_set(dict, key, value)?;
                Ok(true)
            })?;
            if !more {
                return Ok(dict);
            }
        }
    }

    fn leaf<'gc>(&mut self, vm: &'gc Vm, kind: u8) -> Result<Value<'gc>, Raised> {
        Ok(match kind {
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => vm.class(ClassId::StopIteration).value(),
            b'i' => vm.int(i64::from(self.long(vm)?)),
            b'I' => {
                let bytes = self.take(vm, 8)?;
                vm.int(i64::from_le_bytes(bytes.try_into().unwrap_or_default()))
            }
            b'l' => vm.int_from_big(&self.big(vm)?),
            b'f' | b'g' => vm.float(self.float(vm, kind == b'f')?),
            b'x' | b'y' => {
                let re = self.float(vm, kind == b'x')?;
                vm.complex(re, self.float(vm, kind == b'x')?)
            }
            b's' => {
                let n = self.size(vm)?;
                vm.bytes(self.take(vm, n)?).value()
            }
            b'z' | b'Z' | b'a' | b'A' => {
                let short = matches!(kind, b'z' | b'Z');
                let n = if short { self.byte(vm)? as usize } else { self.size(vm)? };
                let s = vm.str_from_latin1(self.take(vm, n)?);
                if matches!(kind, b'Z' | b'A') { vm.intern_str(s).value() } else { s.value() }
            }
            b'u' | b't' => {
                let n = self.size(vm)?;
                let Some(chars) = wtf8(self.take(vm, n)?) else {
                    raise!(vm, ValueError, "bad marshal data (invalid text)");
                };
                let s = vm.str_from_code_points(&chars);
                if kind == b't' { vm.intern_str(s).value() } else { s.value() }
            }
            b'c' => {
                if !self.code {
                    raise!(vm, ValueError, "unmarshalling code objects is disallowed");
                }
                let Some((unit, length)) = units::load_verified(&self.data[self.at..]) else {
                    raise!(vm, ValueError, "bad marshal data (invalid code)");
                };
                self.at += length;
                vm.code(Arc::new(unit)).value()
            }
            _ => raise!(vm, ValueError, "bad marshal data (unknown type code)"),
        })
    }
}
