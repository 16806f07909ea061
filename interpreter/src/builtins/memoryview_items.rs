//! Items of memoryviews: their formats, reading and writing them.

use crate::builtins::ClassId;
use crate::object::Bytes;
use crate::value::Value;
use crate::vm::{Local, Raised, Vm};
use half::f16;

/// The format of an item: one character of module struct, native or of the other byte order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ItemFormat {
    code: u8,
    size: usize,
    swapped: bool,
}

/// Size of an item of a native format, `None` for others.
pub fn native_size(code: u8) -> Option<usize> {
    Some(match code {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' | b'F' => 8,
        b'D' => 16,
        _ => return None,
    })
}

impl ItemFormat {
    /// A native format of one character, with or without `@`: what memoryview reads and writes.
    pub fn native(format: &str) -> Option<ItemFormat> {
        match format.as_bytes() {
            [code] | [b'@', code] => {
                Some(ItemFormat { code: *code, size: native_size(*code)?, swapped: false })
            }
            _ => None,
        }
    }

    /// Also the formats with a byte order: what comparisons understand besides.
    pub fn any(format: &str) -> Option<ItemFormat> {
        let &[order @ (b'<' | b'>' | b'!' | b'='), code] = format.as_bytes() else {
            return ItemFormat::native(format);
        };
        let size = match code {
            b'l' | b'L' => 4,
            b'n' | b'N' | b'P' | b'F' | b'D' => return None,
            _ => native_size(code)?,
        };
        let little = cfg!(target_endian = "little");
        let swapped = if little { matches!(order, b'>' | b'!') } else { order == b'<' };
        Some(ItemFormat { code, size, swapped })
    }

    /// Whether an item is one byte: `B`, `b` or `c`.
    pub fn is_byte(self) -> bool {
        matches!(self.code, b'B' | b'b' | b'c')
    }

    /// Size of an item in bytes.
    pub fn size(self) -> usize {
        self.size
    }

    fn word(self, item: &[u8]) -> [u8; 8] {
        let mut out = [0; 8];
        let size = self.size.min(8);
        out[..size].copy_from_slice(&item[..size]);
        if self.swapped {
            out[..size].reverse();
        }
        out
    }

    /// The value of an item.
    pub fn read<'gc>(self, vm: &'gc Vm, item: &[u8]) -> Value<'gc> {
        let raw = self.word(item);
        let bits = u64::from_ne_bytes(raw);
        let unused = 64 - 8 * self.size.min(8);
        let (unsigned, signed) = if cfg!(target_endian = "little") {
            (bits, (bits as i64) << unused >> unused)
        } else {
            (bits >> unused, bits as i64 >> unused)
        };
        let single = |at: usize| {
            f32::from_ne_bytes([item[at], item[at + 1], item[at + 2], item[at + 3]]) as f64
        };
        match self.code {
            b'c' => vm.bytes(&item[..1]).value(),
            b'?' => Value::from_bool(item[0] != 0),
            b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => vm.int(signed),
            b'e' => vm.float(f16::from_bits(unsigned as u16).to_f64()),
            b'f' => vm.float(f32::from_bits(unsigned as u32) as f64),
            b'd' => vm.float(f64::from_bits(unsigned)),
            b'F' => vm.complex(single(0), single(4)),
            b'D' => {
                let part = |at: usize| {
                    let mut raw = [0; 8];
                    raw.copy_from_slice(&item[at..at + 8]);
                    f64::from_ne_bytes(raw)
                };
                vm.complex(part(0), part(8))
            }
            _ => vm.int_usize(unsigned as usize),
        }
    }

    /// The bytes of a value as an item of a native format.
    pub fn write(self, vm: &mut Vm, value: Local) -> Result<Vec<u8>, Raised> {
        let ret = match self.code {
            b'c' => {
                let Some(b) = vm.get(value).cast::<Bytes>() else { return Err(self.bad_type(vm)) };
                let &[b] = b.data() else { return Err(self.bad_value(vm)) };
                return Ok(vec![b]);
            }
            b'?' => return Ok(vec![vm.truth(value)? as u8]),
            b'e' | b'f' | b'd' => vm.float_of(value).map(|f| match self.code {
                b'd' => f.to_ne_bytes().to_vec(),
                b'f' => (f as f32).to_ne_bytes().to_vec(),
                _ => f16::from_f64(f).to_ne_bytes().to_vec(),
            }),
            b'F' | b'D' => {
                let Some(parts) = super::complex::parts(vm, vm.get(value)) else {
                    return Err(self.bad_type(vm));
                };
                parts.map(|(re, im)| match self.code {
                    b'D' => [re.to_ne_bytes(), im.to_ne_bytes()].concat(),
                    _ => [(re as f32).to_ne_bytes(), (im as f32).to_ne_bytes()].concat(),
                })
            }
            _ => return self.write_int(vm, value),
        };
        match ret {
            Ok(bytes) => {
                let infinite = |h: &[u8]| f16::from_ne_bytes([h[0], h[1]]).is_infinite();
                if self.code == b'e' && infinite(&bytes) && !vm.float_of(value)?.is_infinite() {
                    return Err(self.bad_value(vm));
                }
                Ok(bytes)
            }
            Err(raised) => {
                vm.catch(raised, ClassId::TypeError)?;
                Err(self.bad_type(vm))
            }
        }
    }

    fn write_int(self, vm: &mut Vm, value: Local) -> Result<Vec<u8>, Raised> {
        let number = match vm.index(value) {
            Ok(ret) => vm.value(ret),
            Err(raised) => {
                vm.catch(raised, ClassId::TypeError)?;
                return Err(self.bad_type(vm));
            }
        };
        let number = vm.as_big(number).and_then(|big| i128::try_from(big).ok());
        let bits = 8 * self.size as u32;
        let signed = self.code.is_ascii_lowercase();
        let (low, high) = match (self.code, signed) {
            (b'P', _) => (-(1i128 << 63), (1i128 << 64) - 1),
            (_, true) => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
            (_, false) => (0, (1i128 << bits) - 1),
        };
        match number {
            Some(n) if (low..=high).contains(&n) => {
                let all = (n as u64).to_le_bytes();
                let mut out = all[..self.size].to_vec();
                if cfg!(target_endian = "big") {
                    out.reverse();
                }
                Ok(out)
            }
            _ => Err(self.bad_value(vm)),
        }
    }

    fn bad_type(self, vm: &Vm) -> Raised {
        let code = self.code as char;
        vm.type_error(format!("memoryview: invalid type for format '{code}'"))
    }

    fn bad_value(self, vm: &Vm) -> Raised {
        let code = self.code as char;
        vm.value_error(format!("memoryview: invalid value for format '{code}'"))
    }
}
