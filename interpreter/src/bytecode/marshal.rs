//! Compiled units as bytes and back, for caches of compiled code and module `marshal`.
//!
//! A record is a head (the format's fingerprint, the length and a checksum of the rest) and a body.
//! The fingerprint changes with the sources of bytecode and compiler, the checksum finds files that
//! were cut or damaged, and the verifier looks at what is left: reading never yields code that the
//! VM could stumble over.
//!
//! Numbers are little-endian base-128; a str that occurred before is given by its number.

use super::unit::{CacheInit, CodeFlags, CodeUnit, Const, Handler, Position};
use super::{Instr, Op, verify};
use std::collections::HashMap;
use std::sync::Arc;

/// Changes whenever compiled code of one build is no use to another.
pub const FINGERPRINT: u64 = parse_hex(env!("SIDEWINDER_BYTECODE"));

const fn parse_hex(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut value = 0;
    let mut i = 0;
    while i < bytes.len() {
        let digit = bytes[i];
        let digit = if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
        value = value << 4 | digit as u64;
        i += 1;
    }
    value
}

/// Length of the head of a record.
pub const HEAD: usize = 24;
/// Constants and code nested deeper are refused.
const MAX_DEPTH: usize = 200;

/// A checksum of bytes: quick, and enough against accidents.
pub fn checksum(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = bytes.len() as u64 ^ K;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        hash = (hash ^ word).wrapping_mul(K).rotate_left(29);
    }
    for &byte in chunks.remainder() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(K).rotate_left(29);
    }
    hash ^ hash >> 32
}

/// A unit as a record.
pub fn dump(unit: &CodeUnit) -> Vec<u8> {
    let mut writer = Writer { out: vec![0; HEAD], strs: HashMap::new() };
    writer.unit(unit);
    let mut out = writer.out;
    let body = (out.len() - HEAD) as u64;
    let sum = checksum(&out[HEAD..]);
    out[..8].copy_from_slice(&FINGERPRINT.to_le_bytes());
    out[8..16].copy_from_slice(&body.to_le_bytes());
    out[16..24].copy_from_slice(&sum.to_le_bytes());
    out
}

/// The unit in a record at the start of `bytes`, and the record's length. With `filename`, that is
/// where the code says it comes from. `None` when the record is not this build's, or damaged.
pub fn load(bytes: &[u8], filename: Option<&str>) -> Option<(CodeUnit, usize)> {
    let word = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    if word(0)? != FINGERPRINT {
        return None;
    }
    let length = usize::try_from(word(8)?).ok()?;
    let body = bytes.get(HEAD..HEAD.checked_add(length)?)?;
    if checksum(body) != word(16)? {
        return None;
    }
    let filename = filename.map(Arc::from);
    let mut reader = Reader { bytes: body, at: 0, strs: Vec::new(), filename, depth: 0 };
    let unit = reader.unit()?;
    (reader.at == body.len()).then_some((unit, HEAD + length))
}

/// As [`load`], for bytes of unknown origin: the code is verified as well.
pub fn load_verified(bytes: &[u8]) -> Option<(CodeUnit, usize)> {
    let (unit, length) = load(bytes, None)?;
    verify::verify(&unit).is_ok().then_some((unit, length))
}

mod tag {
    pub const NONE: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG_INT: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const COMPLEX: u8 = 7;
    pub const STR: u8 = 8;
    pub const WIDE_STR: u8 = 9;
    pub const BYTES: u8 = 10;
    pub const TUPLE: u8 = 11;
    pub const FROZENSET: u8 = 12;
    pub const CODE: u8 = 13;
}

struct Writer {
    out: Vec<u8>,
    strs: HashMap<Arc<str>, u64>,
}

impl Writer {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.out.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.push(n as u8);
    }

    fn signed(&mut self, n: i64) {
        self.number((n << 1 ^ n >> 63) as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    fn str(&mut self, s: &Arc<str>) {
        if let Some(&n) = self.strs.get(s) {
            return self.number(n);
        }
        let n = self.strs.len() as u64 + 1;
        self.strs.insert(s.clone(), n);
        self.number(0);
        self.bytes(s.as_bytes());
    }

    fn strs(&mut self, all: &[Arc<str>]) {
        self.number(all.len() as u64);
        for s in all {
            self.str(s);
        }
    }

    fn unit(&mut self, unit: &CodeUnit) {
        self.str(&unit.name);
        self.str(&unit.qualname);
        self.str(&unit.filename);
        self.number(u64::from(unit.first_line));
        self.number(u64::from(unit.flags.0));
        for n in [
            unit.arg_count,
            unit.posonly_count,
            unit.kwonly_count,
            unit.free_base,
            unit.register_count,
            unit.self_attrs,
        ] {
            self.number(u64::from(n));
        }
        self.strs(&unit.varnames);
        self.strs(&unit.freevars);
        self.number(unit.cell_registers.len() as u64);
        for &register in &unit.cell_registers {
            self.number(u64::from(register));
        }
        self.number(unit.instrs.len() as u64);
        for i in &unit.instrs {
            let [a0, a1] = i.a.to_le_bytes();
            let [b0, b1] = i.b.to_le_bytes();
            let [c0, c1] = i.c.to_le_bytes();
            self.out.extend_from_slice(&[i.op as u8, i.x, a0, a1, b0, b1, c0, c1]);
        }
        let mut last = Position { line: unit.first_line, ..Position::default() };
        for &p in &unit.positions {
            self.signed(i64::from(p.line) - i64::from(last.line));
            self.signed(i64::from(p.end_line) - i64::from(p.line));
            self.number(u64::from(p.col));
            self.number(u64::from(p.end_col));
            last = p;
        }
        self.number(unit.sites.len() as u64);
        for site in &unit.sites {
            self.str(&site.name);
        }
        self.number(unit.handlers.len() as u64);
        for h in &unit.handlers {
            for n in [h.start, h.end, h.target, u32::from(h.exc)] {
                self.number(u64::from(n));
            }
        }
        self.consts(&unit.consts);
    }

    fn consts(&mut self, all: &[Const]) {
        self.number(all.len() as u64);
        for c in all {
            self.constant(c);
        }
    }

    fn constant(&mut self, constant: &Const) {
        let tag = match constant {
            Const::None => tag::NONE,
            Const::Bool(false) => tag::FALSE,
            Const::Bool(true) => tag::TRUE,
            Const::Ellipsis => tag::ELLIPSIS,
            Const::Int(_) => tag::INT,
            Const::BigInt(_) => tag::BIG_INT,
            Const::Float(_) => tag::FLOAT,
            Const::Complex(..) => tag::COMPLEX,
            Const::Str(_) => tag::STR,
            Const::WideStr(_) => tag::WIDE_STR,
            Const::Bytes(_) => tag::BYTES,
            Const::Tuple(_) => tag::TUPLE,
            Const::FrozenSet(_) => tag::FROZENSET,
            Const::Code(_) => tag::CODE,
        };
        self.out.push(tag);
        match constant {
            Const::None | Const::Bool(_) | Const::Ellipsis => {}
            Const::Int(n) => self.signed(*n),
            Const::BigInt(digits) => self.str(digits),
            Const::Float(f) => self.out.extend_from_slice(&f.to_bits().to_le_bytes()),
            Const::Complex(re, im) => {
                self.out.extend_from_slice(&re.to_bits().to_le_bytes());
                self.out.extend_from_slice(&im.to_bits().to_le_bytes());
            }
            Const::Str(s) => self.str(s),
            Const::WideStr(chars) => {
                self.number(chars.len() as u64);
                for &c in chars.iter() {
                    self.number(u64::from(c));
                }
            }
            Const::Bytes(bytes) => self.bytes(bytes),
            Const::Tuple(items) | Const::FrozenSet(items) => self.consts(items),
            Const::Code(unit) => self.unit(unit),
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    strs: Vec<Arc<str>>,
    filename: Option<Arc<str>>,
    depth: usize,
}

impl Reader<'_> {
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(u64::from(first));
        }
        let mut n = u64::from(first & 0x7F);
        let mut shift = 7;
        loop {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(n);
            }
            shift += 7;
        }
    }

    fn signed(&mut self) -> Option<i64> {
        let n = self.number()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn u32(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.number()?.try_into().ok()
    }

    /// A count of things that take at least a byte each.
    fn count(&mut self) -> Option<usize> {
        let n = usize::try_from(self.number()?).ok()?;
        (n <= self.bytes.len() - self.at).then_some(n)
    }

    fn slice(&mut self, n: usize) -> Option<&[u8]> {
        let slice = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(slice)
    }

    fn str(&mut self) -> Option<Arc<str>> {
        let n = self.number()?;
        if n > 0 {
            return self.strs.get(usize::try_from(n - 1).ok()?).cloned();
        }
        let n = self.count()?;
        let text: Arc<str> = std::str::from_utf8(self.slice(n)?).ok()?.into();
        self.strs.push(text.clone());
        Some(text)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.count()?;
        let mut all = Vec::with_capacity(n);
        for _ in 0..n {
            all.push(item(self)?);
        }
        Some(all)
    }

    fn unit(&mut self) -> Option<CodeUnit> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let (name, qualname, filename) = (self.str()?, self.str()?, self.str()?);
        let first_line = self.u32()?;
        let flags = CodeFlags(self.u32()?);
        let (arg_count, posonly_count, kwonly_count) = (self.u16()?, self.u16()?, self.u16()?);
        let (free_base, register_count, self_attrs) = (self.u16()?, self.u16()?, self.u16()?);
        let varnames = self.list(Self::str)?;
        let freevars = self.list(Self::str)?;
        let cell_registers = self.list(Self::u16)?;
        let n = self.count()?;
        let mut instrs = Vec::with_capacity(n);
        for word in self.slice(n.checked_mul(8)?)?.chunks_exact(8) {
            let pair = |at: usize| u16::from_le_bytes([word[at], word[at + 1]]);
            let op = *Op::ALL.get(usize::from(word[0]))?;
            instrs.push(Instr::new(op, word[1], pair(2), pair(4), pair(6)));
        }
        let mut positions = Vec::with_capacity(n);
        let mut line = i64::from(first_line);
        for _ in 0..n {
            line += self.signed()?;
            let end_line = line + self.signed()?;
            positions.push(Position {
                line: line.try_into().ok()?,
                end_line: end_line.try_into().ok()?,
                col: self.u32()?,
                end_col: self.u32()?,
            });
        }
        let sites = self.list(|r| Some(CacheInit { name: r.str()? }))?;
        let handlers = self.list(|r| {
            Some(Handler { start: r.u32()?, end: r.u32()?, target: r.u32()?, exc: r.u16()? })
        })?;
        let consts = self.list(Self::constant)?;
        self.depth -= 1;
        let filename = self.filename.clone().unwrap_or(filename);
        Some(CodeUnit {
            name,
            qualname,
            filename,
            first_line,
            flags,
            arg_count,
            posonly_count,
            kwonly_count,
            varnames,
            cell_registers,
            freevars,
            free_base,
            register_count,
            instrs,
            positions,
            consts,
            sites,
            handlers,
            self_attrs,
        })
    }

    fn float(&mut self) -> Option<f64> {
        let bytes = self.slice(8)?.try_into().ok()?;
        Some(f64::from_bits(u64::from_le_bytes(bytes)))
    }

    fn constants(&mut self) -> Option<Vec<Const>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let all = self.list(Self::constant)?;
        self.depth -= 1;
        Some(all)
    }

    fn constant(&mut self) -> Option<Const> {
        Some(match self.byte()? {
            tag::NONE => Const::None,
            tag::FALSE => Const::Bool(false),
            tag::TRUE => Const::Bool(true),
            tag::ELLIPSIS => Const::Ellipsis,
            tag::INT => Const::Int(self.signed()?),
            tag::BIG_INT => {
                let digits = self.str()?;
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                Const::BigInt(digits)
            }
            tag::FLOAT => Const::Float(self.float()?),
            tag::COMPLEX => Const::Complex(self.float()?, self.float()?),
            tag::STR => Const::Str(self.str()?),
            tag::WIDE_STR => {
                let chars = self.list(|r| r.u32().filter(|&c| c <= 0x10_FFFF))?;
                Const::WideStr(chars.into())
            }
            tag::BYTES => {
                let n = self.count()?;
                Const::Bytes(self.slice(n)?.into())
            }
            tag::TUPLE => Const::Tuple(self.constants()?),
            tag::FROZENSET => Const::FrozenSet(self.constants()?),
            tag::CODE => Const::Code(Arc::new(self.unit()?)),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::{self, Mode};

    const SOURCE: &str = "
import os.path
class A:
    '''Doc'''
    def f(self, a, /, b=1, *c, d=2.5, **e):
        x = 1e400 - 2j
        return [y for y in c if y in {1, 'two', b'3'}], x, lambda: (a, 12345678901234567890)
try:
    print(f'{A!r:>10}', '\\udc80', ...)
except* ValueError as e:
    raise
";

    fn unit() -> CodeUnit {
        match compiler::compile(SOURCE, "a.py", Mode::Exec, &compiler::Options::default()) {
            Ok(compiled) => compiled.unit,
            Err(error) => panic!("{}", error.message),
        }
    }

    #[test]
    fn a_unit_survives_the_trip() {
        let unit = unit();
        let bytes = dump(&unit);
        let (back, length) = load_verified(&bytes).expect("readable");
        assert_eq!(length, bytes.len());
        assert_eq!(back, unit);
        let (renamed, _) = load(&bytes, Some("b.py")).expect("readable");
        assert_eq!(&*renamed.filename, "b.py");
    }

    #[test]
    fn damage_is_noticed() {
        let bytes = dump(&unit());
        for cut in 0..bytes.len() {
            assert!(load(&bytes[..cut], None).is_none());
        }
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            assert!(load(&bad, None).is_none(), "byte {at}");
        }
    }

    #[test]
    fn bodies_of_any_content_are_read_without_panic() {
        // Past the checksum: what an attacker could write.
        let bytes = dump(&unit());
        for at in HEAD..bytes.len() {
            for change in [0xFF, 0x01, 0x80] {
                let mut bad = bytes.clone();
                bad[at] ^= change;
                let sum = checksum(&bad[HEAD..]);
                bad[16..24].copy_from_slice(&sum.to_le_bytes());
                let _ = load_verified(&bad);
            }
        }
    }
}
