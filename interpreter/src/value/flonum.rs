//! Immediate floats by rotation.
//!
//! A double's top bits are sign, e10, e9, e8. In the common exponent range (2^-255 to 2^256)
//! e10 e9 e8 is 011 or 100. Adding one at bit 60 turns these into 100 and 101, so e10 e9 becomes the
//! constant `10`; rotating left by three brings those two bits to the bottom, where they are the tag.
//! All other doubles end up with other low bits and are boxed. The two patterns that would mean
//! ±2^-255 are taken for ±0.0, which is far more common. (The idea is Ruby's flonum; see also
//! "Float Self-Tagging", OOPSLA 2025.)

use super::Word;

const BIAS: u64 = 1 << 60;
const SIGN: u64 = 1 << 63;
/// Encoding of +0.0; -0.0 has bit 2 set as well.
const ZERO: Word = 2;

/// The immediate word of a float, unless it must be boxed.
#[inline(always)]
pub const fn encode(f: f64) -> Option<Word> {
    let bits = f.to_bits();
    let word = bits.wrapping_add(BIAS).rotate_left(3);
    if word & 3 == 2 && word | 4 != ZERO | 4 {
        Some(word)
    } else if bits & !SIGN == 0 {
        Some(ZERO | (bits >> 61))
    } else {
        None
    }
}

/// The float of an immediate word (whose low bits are `10`).
#[inline(always)]
pub const fn decode(word: Word) -> f64 {
    let bits = word.rotate_right(3).wrapping_sub(BIAS);
    f64::from_bits(if word | 4 == ZERO | 4 { bits & SIGN } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_or_refuses() {
        let edge = 2f64.powi(-255);
        let cases = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            std::f64::consts::PI,
            1e77,
            -1e77,
            1e-76,
            edge * 2.0,
            -edge * 1.0000001,
        ];
        for f in cases {
            let word = encode(f).unwrap_or_else(|| panic!("{f} should be immediate"));
            assert_eq!(word & 3, 2);
            assert_eq!(decode(word).to_bits(), f.to_bits(), "{f}");
        }
        for f in [edge, -edge, f64::INFINITY, f64::NAN, 1e300, 5e-324, f64::MAX] {
            assert_eq!(encode(f), None, "{f}");
        }
    }
}
