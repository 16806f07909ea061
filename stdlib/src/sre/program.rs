//! A compiled pattern: the code words that `re._compiler` makes, and sets of characters.

use sidewinder_interpreter::builtins::unicode;
use std::cell::OnceCell;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $value:literal,)*) => {
        $(#[allow(dead_code)] pub(in crate::sre) const $name: u32 = $value;)*
    };
}

/// Operations, as numbered by `re._constants`.
pub(super) mod op {
    codes! {
        FAILURE = 0, SUCCESS = 1, ANY = 2, ANY_ALL = 3, ASSERT = 4, ASSERT_NOT = 5, AT = 6,
        BRANCH = 7, CATEGORY = 8, CHARSET = 9, BIGCHARSET = 10, GROUPREF = 11,
        GROUPREF_EXISTS = 12, IN = 13, INFO = 14, JUMP = 15, LITERAL = 16, MARK = 17,
        MAX_UNTIL = 18, MIN_UNTIL = 19, NOT_LITERAL = 20, NEGATE = 21, RANGE = 22, REPEAT = 23,
        REPEAT_ONE = 24, MIN_REPEAT_ONE = 26, ATOMIC_GROUP = 27, POSSESSIVE_REPEAT = 28,
        POSSESSIVE_REPEAT_ONE = 29, GROUPREF_IGNORE = 30, IN_IGNORE = 31, LITERAL_IGNORE = 32,
        NOT_LITERAL_IGNORE = 33, GROUPREF_LOC_IGNORE = 34, IN_LOC_IGNORE = 35,
        LITERAL_LOC_IGNORE = 36, NOT_LITERAL_LOC_IGNORE = 37, GROUPREF_UNI_IGNORE = 38,
        IN_UNI_IGNORE = 39, LITERAL_UNI_IGNORE = 40, NOT_LITERAL_UNI_IGNORE = 41,
        RANGE_UNI_IGNORE = 42,
    }
}

/// Places, the operand of AT.
pub(super) mod place {
    codes! {
        BEGINNING = 0, BEGINNING_LINE = 1, BEGINNING_STRING = 2, BOUNDARY = 3, NON_BOUNDARY = 4,
        END = 5, END_LINE = 6, END_STRING = 7, LOC_BOUNDARY = 8, LOC_NON_BOUNDARY = 9,
        UNI_BOUNDARY = 10, UNI_NON_BOUNDARY = 11,
    }
}

/// Flags of an INFO block.
pub(super) mod info {
    codes! { PREFIX = 1, LITERAL = 2, CHARSET = 4, }
}

/// The number that stands for "no upper limit".
pub(super) const MAXREPEAT: u32 = u32::MAX;

/// Which characters below 256 a set has.
pub(super) type Bitmap = [u64; 4];

/// A pattern's code.
pub(super) struct Program {
    code: Box<[u32]>,
    /// Number of groups, the whole match not counted.
    pub groups: usize,
    /// For each code word that begins a set: its first 256 characters, once they were asked for.
    bitmaps: Box<[OnceCell<Box<Bitmap>>]>,
    /// The literal that every match starts with, as bytes, if it has such characters.
    pub prefix: Option<Box<[u8]>>,
}

impl Program {
    /// A program of these code words.
    pub fn new(code: Vec<u32>, groups: usize) -> Program {
        let bitmaps = code.iter().map(|_| OnceCell::new()).collect();
        let mut program = Program { code: code.into(), groups, bitmaps, prefix: None };
        if program.at(0) == op::INFO && program.at(2) & info::PREFIX != 0 {
            let n = program.at(5) as usize;
            let chars = (0..n).map(|i| u8::try_from(program.at(7 + i)).ok());
            program.prefix = chars.collect::<Option<Box<[u8]>>>().filter(|p| !p.is_empty());
        }
        program
    }

    /// A code word; past the end there is only failure.
    #[inline(always)]
    pub fn at(&self, pc: usize) -> u32 {
        self.code.get(pc).copied().unwrap_or(op::FAILURE)
    }

    /// The code words, for comparing patterns.
    pub fn code(&self) -> &[u32] {
        &self.code
    }

    /// The first 256 characters of the set that begins at `set`.
    #[inline]
    pub fn bitmap(&self, set: usize) -> &Bitmap {
        static NONE: Bitmap = [0; 4];
        let Some(cell) = self.bitmaps.get(set) else { return &NONE };
        cell.get_or_init(|| {
            let mut map = [0u64; 4];
            for c in 0..256 {
                if self.set_has_slowly(set, c) {
                    map[c as usize / 64] |= 1 << (c % 64);
                }
            }
            Box::new(map)
        })
    }

    /// Whether a set has a character.
    #[inline]
    pub fn set_has(&self, set: usize, c: u32) -> bool {
        if c < 256 { bit(self.bitmap(set), c) } else { self.set_has_slowly(set, c) }
    }

    fn set_has_slowly(&self, mut pc: usize, c: u32) -> bool {
        let mut yes = true;
        loop {
            let found = match self.at(pc) {
                op::NEGATE => {
                    yes = !yes;
                    pc += 1;
                    continue;
                }
                op::LITERAL => {
                    let found = c == self.at(pc + 1);
                    pc += 2;
                    found
                }
                op::CATEGORY => {
                    let found = category(self.at(pc + 1), c);
                    pc += 2;
                    found
                }
                op::CHARSET => {
                    let found = c < 256 && self.at(pc + 1 + c as usize / 32) >> (c % 32) & 1 != 0;
                    pc += 9;
                    found
                }
                op::RANGE => {
                    let found = (self.at(pc + 1)..=self.at(pc + 2)).contains(&c);
                    pc += 3;
                    found
                }
                op::RANGE_UNI_IGNORE => {
                    let range = self.at(pc + 1)..=self.at(pc + 2);
                    let found = range.contains(&c) || range.contains(&upper_unicode(c));
                    pc += 3;
                    found
                }
                op::BIGCHARSET => {
                    // A byte for each 256 characters: the number of the bitmap that tells.
                    let blocks = self.at(pc + 1) as usize;
                    let block = if c < 0x10000 {
                        let i = (c >> 8) as usize;
                        Some(self.at(pc + 2 + i / 4).to_ne_bytes()[i % 4] as usize)
                    } else {
                        None
                    };
                    let found = block.is_some_and(|b| {
                        let word = pc + 2 + 64 + b * 8 + (c as usize & 255) / 32;
                        self.at(word) >> (c % 32) & 1 != 0
                    });
                    pc += 2 + 64 + blocks * 8;
                    found
                }
                _ => return !yes,
            };
            if found {
                return yes;
            }
        }
    }
}

/// Whether a bitmap has a character below 256.
#[inline(always)]
pub(super) fn bit(map: &Bitmap, c: u32) -> bool {
    map[(c >> 6) as usize & 3] >> (c & 63) & 1 != 0
}

fn is_ascii(c: u32, test: impl Fn(&u8) -> bool) -> bool {
    u8::try_from(c).is_ok_and(|b| test(&b))
}

/// A word character of ASCII.
pub(super) fn is_word(c: u32) -> bool {
    c == '_' as u32 || is_ascii(c, u8::is_ascii_alphanumeric)
}

/// A word character of Unicode.
pub(super) fn is_uni_word(c: u32) -> bool {
    if c < 128 { is_word(c) } else { unicode::is_alnum(c) }
}

/// Whether a character is in a category.
pub(super) fn category(which: u32, c: u32) -> bool {
    let space = |c| is_ascii(c, |b| matches!(b, b' ' | 9..=13));
    let yes = match which & !1 {
        0 => is_ascii(c, u8::is_ascii_digit),
        2 => space(c),
        4 | 8 => is_word(c),
        6 => c == '\n' as u32,
        10 => unicode::is_decimal(c),
        12 => unicode::is_space(c),
        14 => is_uni_word(c),
        16 => unicode::is_line_break(c),
        _ => return false,
    };
    // Odd numbers are the complements.
    yes == (which & 1 == 0)
}

/// Lower case of ASCII.
pub(super) fn lower_ascii(c: u32) -> u32 {
    if is_ascii(c, u8::is_ascii_uppercase) { c + 32 } else { c }
}

fn upper_ascii(c: u32) -> u32 {
    if is_ascii(c, u8::is_ascii_lowercase) { c - 32 } else { c }
}

/// The first character that a case mapping gives: where it gives more than one, that is what
/// CPython's engine takes.
fn first_of(c: u32, map: impl FnOnce(u32, &mut dyn FnMut(u32))) -> u32 {
    let mut first = None;
    map(c, &mut |x| {
        first.get_or_insert(x);
    });
    first.unwrap_or(c)
}

/// The simple lower case of Unicode.
pub(super) fn lower_unicode(c: u32) -> u32 {
    if c < 128 {
        return lower_ascii(c);
    }
    first_of(c, unicode_lower)
}

/// The simple upper case of Unicode.
pub(super) fn upper_unicode(c: u32) -> u32 {
    if c < 128 {
        return upper_ascii(c);
    }
    first_of(c, unicode_upper)
}

fn unicode_lower(c: u32, push: &mut dyn FnMut(u32)) {
    unicode::lower(c, push);
}

fn unicode_upper(c: u32, push: &mut dyn FnMut(u32)) {
    unicode::upper(c, push);
}
