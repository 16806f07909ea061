//! Values to bytes and back, by a format.

use super::*;

/// Puts an integer of `size` bytes in its place.
fn put_int(out: &mut [u8], value: u64, little: bool) {
    let n = out.len();
    for (i, byte) in out.iter_mut().enumerate() {
        let shift = if little { i } else { n - 1 - i } * 8;
        *byte = (value >> shift) as u8;
    }
}

fn get_int(data: &[u8], little: bool) -> u64 {
    let mut value = 0u64;
    for i in 0..data.len() {
        let byte = if little { data[data.len() - 1 - i] } else { data[i] };
        value = value << 8 | byte as u64;
    }
    value
}

/// Half-precision bits of a float, `None` when it is too large.
fn to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7E00);
    }
    let x = x.abs();
    if x.is_infinite() {
        return Some(sign | 0x7C00);
    }
    // Scaled so that the last place of the result is 1; rounded half to even.
    let exponent = if x == 0.0 { -14 } else { (x.log2().floor() as i32).clamp(-14, 16) };
    let exponent =
        if x > 0.0 && x < 2f64.powi(exponent) && exponent > -14 { exponent - 1 } else { exponent };
    let scaled = x * 2f64.powi(10 - exponent);
    let mut mantissa = scaled.round_ties_even() as u32;
    let mut biased = (exponent + 15) as u32;
    if mantissa >= 2048 {
        mantissa /= 2;
        biased += 1;
    }
    if biased >= 31 {
        return None;
    }
    if mantissa < 1024 {
        biased = 0;
    } else {
        mantissa -= 1024;
    }
    Some(sign | (biased << 10 | mantissa) as u16)
}

fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = ((bits >> 10 & 31) as i32, (bits & 1023) as f64);
    sign * match exponent {
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        0 => mantissa * 2f64.powi(-24),
        _ => (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// An integer argument, within the range of its code.
fn integer(vm: &mut Vm, v: Local, item: Item, format: &Format) -> Result<u64, Raised> {
    let (code, size) = (item.code, item.size);
    let index = match vm.get(v).as_small_int() {
        Some(i) => Ok(i as i128),
        None => {
            let value = vm.get(v);
            if !vm.is_int(value) && vm.special_of(value, Special::Index).is_none() {
                return Err(error(vm, "required argument is not an integer"));
            }
            let ret = vm.index(v)?;
            let big = vm.as_big(vm.value(ret)).unwrap_or(IBig::ZERO);
            i128::try_from(&big).map_err(|_| ())
        }
    };
    let bits = size as u32 * 8;
    let signed = code.is_ascii_lowercase();
    let (low, high) = if signed {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    } else {
        (0, (1i128 << bits) - 1)
    };
    if code == b'P' {
        if let Ok(i) = index
            && (i64::MIN as i128..=u64::MAX as i128).contains(&i)
        {
            return Ok(i as u64);
        }
        return Err(error(vm, "int too large to convert"));
    }
    match index {
        Ok(i) if (low..=high).contains(&i) => Ok(i as u64),
        _ => {
            let name = code as char;
            // Native codes of full width speak of the machine's type.
            if format.native && size == 8 {
                return Err(error(
                    vm,
                    match (code, index) {
                        (b'q' | b'l' | b'n', _) => "int too large to convert",
                        _ => "argument out of range",
                    },
                ));
            }
            Err(error(vm, format!("'{name}' format requires {low} <= number <= {high}")))
        }
    }
}

fn float(vm: &mut Vm, v: Local) -> Result<f64, Raised> {
    match vm.float_of(v) {
        Ok(x) => Ok(x),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            Err(error(vm, "required argument is not a float"))
        }
    }
}

fn put_float(vm: &Vm, out: &mut [u8], x: f64, little: bool) -> Result<(), Raised> {
    let overflow = |what: &str| {
        vm.raise(ClassId::OverflowError, format!("float too large to pack with {what} format"))
    };
    let bits = match out.len() {
        2 => to_half(x).ok_or_else(|| overflow("e"))? as u64,
        4 => {
            let narrow = x as f32;
            if narrow.is_infinite() && x.is_finite() {
                return Err(overflow("f"));
            }
            narrow.to_bits() as u64
        }
        _ => x.to_bits(),
    };
    put_int(out, bits, little);
    Ok(())
}

/// The values as bytes.
pub(super) fn packed(
    vm: &mut Vm,
    format: &Format,
    values: &[Local],
    name: &str,
) -> Result<Vec<u8>, Raised> {
    if values.len() != format.values {
        let (want, given) = (format.values, values.len());
        let more = if name == "pack_into" { "pack_into expected" } else { "pack expected" };
        return Err(error(vm, format!("{more} {want} items for packing (got {given})")));
    }
    vm.check_size(format.size)?;
    let mut out = vec![0u8; format.size];
    let mut values = values.iter();
    for item in &format.items {
        if matches!(item.code, b's' | b'p') {
            let v = *values.next().expect("counted");
            let place = &mut out[item.offset..item.offset + item.count];
            put_bytes(vm, item.code, vm.get(v), place)?;
            continue;
        }
        for k in 0..item.count {
            let v = *values.next().expect("counted");
            let at = item.offset + k * item.size;
            let place = &mut out[at..at + item.size];
            vm.scope(|vm| match item.code {
                b'c' => {
                    let bytes = vm.get(v).cast::<sidewinder_interpreter::object::Bytes>();
                    match bytes.filter(|b| b.data().len() == 1) {
                        Some(b) => place[0] = b.data()[0],
                        None => {
                            return Err(error(
                                vm,
                                "char format requires a bytes object of length 1",
                            ));
                        }
                    }
                    Ok(())
                }
                b'?' => {
                    place[0] = vm.truth(v)? as u8;
                    Ok(())
                }
                b'e' | b'f' | b'd' => {
                    let x = float(vm, v)?;
                    put_float(vm, place, x, format.little)
                }
                b'F' | b'D' => {
                    let complex = vm.get(v).cast::<sidewinder_interpreter::object::Complex>();
                    let (re, im) = match complex {
                        Some(c) => (c.re, c.im),
                        None => (float(vm, v)?, 0.0),
                    };
                    let half = place.len() / 2;
                    put_float(vm, &mut place[..half], re, format.little)?;
                    put_float(vm, &mut place[half..], im, format.little)
                }
                _ => {
                    let i = integer(vm, v, *item, format)?;
                    put_int(place, i, format.little);
                    Ok(())
                }
            })?;
        }
    }
    Ok(out)
}

fn put_bytes(vm: &Vm, code: u8, v: Value<'_>, place: &mut [u8]) -> Result<(), Raised> {
    let data = match bytes_methods::buffer(vm, v) {
        Some(data) if v.kind() == Some(Kind::Bytes) || v.kind() == Some(Kind::ByteArray) => data,
        _ => {
            let message = format!("argument for '{}' must be a bytes object", code as char);
            return Err(error(vm, message));
        }
    };
    if code == b's' {
        let n = data.len().min(place.len());
        place[..n].copy_from_slice(&data[..n]);
    } else if let Some((len, rest)) = place.split_first_mut() {
        let n = data.len().min(rest.len());
        rest[..n].copy_from_slice(&data[..n]);
        *len = n.min(255) as u8;
    }
    Ok(())
}

/// The values in bytes, which are as long as the format says.
pub(super) fn unpacked<'gc>(vm: &'gc Vm, format: &Format, data: &[u8]) -> Value<'gc> {
    let mut values = Vec::with_capacity(format.values);
    let little = format.little;
    let real = |data: &[u8]| {
        let bits = get_int(data, little);
        match data.len() {
            2 => from_half(bits as u16),
            4 => f32::from_bits(bits as u32) as f64,
            _ => f64::from_bits(bits),
        }
    };
    for item in &format.items {
        if item.code == b's' {
            values.push(vm.bytes(&data[item.offset..item.offset + item.count]).value());
            continue;
        }
        if item.code == b'p' {
            let place = &data[item.offset..item.offset + item.count];
            let text = match place.split_first() {
                Some((len, rest)) => &rest[..(*len as usize).min(rest.len())],
                None => &[],
            };
            values.push(vm.bytes(text).value());
            continue;
        }
        for k in 0..item.count {
            let at = item.offset + k * item.size;
            let place = &data[at..at + item.size];
            values.push(match item.code {
                b'c' => vm.bytes(place).value(),
                b'?' => Value::from_bool(place[0] != 0),
                b'e' | b'f' | b'd' => vm.float(real(place)),
                b'F' | b'D' => {
                    let half = place.len() / 2;
                    vm.complex(real(&place[..half]), real(&place[half..]))
                }
                code => {
                    let bits = get_int(place, little);
                    let unused = 64 - item.size as u32 * 8;
                    if code.is_ascii_lowercase() {
                        vm.int(((bits << unused) as i64) >> unused)
                    } else {
                        vm.big_from_i128(bits as i128)
                    }
                }
            });
        }
    }
    vm.tuple(&values).value()
}
