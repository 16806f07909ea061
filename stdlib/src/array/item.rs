//! Type codes, and items between bytes and Python values.

use crate::prelude::*;

/// All type codes, in the order of `array.typecodes`.
pub const TYPECODES: &str = "bBuwhHiIlLqQfd";

/// A type code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u8);

impl Code {
    /// The type code that a character is.
    pub fn new(c: u32) -> Option<Code> {
        u8::try_from(c).ok().filter(|c| TYPECODES.contains(*c as char)).map(Code)
    }

    /// The character.
    pub fn letter(self) -> char {
        self.0 as char
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        match self.0 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'i' | b'I' | b'f' | b'u' | b'w' => 4,
            _ => 8,
        }
    }

    /// The item's format in a memoryview.
    pub fn format(self) -> &'static str {
        if self.is_text() {
            return "w";
        }
        let at = TYPECODES.find(self.letter()).unwrap_or(0);
        &TYPECODES[at..at + 1]
    }

    /// Whether items are characters.
    pub fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    /// Whether items are floats.
    pub fn is_float(self) -> bool {
        matches!(self.0, b'f' | b'd')
    }

    /// Whether items are ints that can be negative.
    pub fn is_signed(self) -> bool {
        !self.is_float() && !self.is_text() && self.0.is_ascii_lowercase()
    }

    /// An item of an array.
    pub fn get<'gc>(self, vm: &'gc Vm, place: &[Cell<u8>]) -> Result<Value<'gc>, Raised> {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(place).for_each(|(to, from)| *to = from.get());
        let bits = from_native(bytes, self.size());
        Ok(match self.0 {
            b'f' => vm.float(f32::from_bits(bits as u32) as f64),
            b'd' => vm.float(f64::from_bits(bits)),
            b'u' | b'w' => {
                let c = bits as u32;
                if c > char::MAX as u32 {
                    raise!(vm, ValueError, "character U+{c:x} is not in range [U+0000; U+10ffff]");
                }
                vm.str_from_char(c).value()
            }
            _ if self.is_signed() => {
                let unused = 64 - 8 * self.size() as u32;
                vm.int((bits << unused) as i64 >> unused)
            }
            _ => vm.big_from_i128(bits as i128),
        })
    }

    /// The bytes of a Python value as an item, of which the first [`Code::size`] count.
    pub fn put(self, vm: &mut Vm, v: Local) -> Result<[u8; 8], Raised> {
        let bits = match self.0 {
            b'f' => (vm.float_of(v)? as f32).to_bits() as u64,
            b'd' => vm.float_of(v)?.to_bits(),
            b'u' | b'w' => character(vm, vm.get(v))? as u64,
            _ => self.integer(vm, v)?,
        };
        Ok(to_native(bits, self.size()))
    }

    fn integer(self, vm: &mut Vm, v: Local) -> Result<u64, Raised> {
        let ret = vm.index(v)?;
        let value = vm.value(ret);
        let given = match vm.as_i64(value) {
            Some(i) => Some(i as i128),
            None => vm.as_big(value).and_then(|big| i128::try_from(&big).ok()),
        };
        let bits = 8 * self.size() as u32;
        let (low, high) = match self.is_signed() {
            true => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
            false => (0, (1i128 << bits) - 1),
        };
        let problem = match given {
            Some(i) if (low..=high).contains(&i) => return Ok(i as u64),
            Some(i) if i < low => "less than minimum",
            _ => "greater than maximum",
        };
        let what = match self.0 {
            b'b' => "signed char",
            b'B' => "unsigned byte integer",
            b'h' => "signed short integer",
            b'H' => "unsigned short",
            b'i' => "signed integer",
            b'I' => "unsigned int",
            _ if given.is_some_and(|i| i < 0) && !self.is_signed() => {
                raise!(vm, OverflowError, "can't convert negative value to unsigned int")
            }
            b'l' => raise!(vm, OverflowError, "Python int too large to convert to C long"),
            b'L' => raise!(vm, OverflowError, "Python int too large to convert to C unsigned long"),
            _ => raise!(vm, OverflowError, "int too big to convert"),
        };
        raise!(vm, OverflowError, "{what} is {problem}")
    }
}

fn character(vm: &Vm, v: Value<'_>) -> Result<u32, Raised> {
    let Some(text) = v.as_str() else {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "array item must be a unicode character, not {given}");
    };
    let mut chars = text.r().chars();
    match (chars.len(), chars.next()) {
        (1, Some(c)) => Ok(c),
        (n, _) => {
            raise!(
                vm,
                TypeError,
                "array item must be a unicode character, not a string of length {n}"
            )
        }
    }
}

/// The number in the first `size` bytes, in the machine's order.
fn from_native(mut bytes: [u8; 8], size: usize) -> u64 {
    if cfg!(target_endian = "big") {
        bytes[..size].reverse();
    }
    u64::from_le_bytes(bytes)
}

/// A number in the first `size` bytes, in the machine's order.
fn to_native(bits: u64, size: usize) -> [u8; 8] {
    let mut bytes = bits.to_le_bytes();
    if cfg!(target_endian = "big") {
        bytes[..size].reverse();
    }
    bytes
}
