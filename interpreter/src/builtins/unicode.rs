//! Properties and case mappings of characters, given as code points (lone surrogates included).

use super::unicode_tables::*;

fn within(table: &[(u32, u32)], c: u32) -> bool {
    let i = table.partition_point(|&(_, end)| end < c);
    table.get(i).is_some_and(|&(start, _)| start <= c)
}

fn ascii(c: u32) -> Option<u8> {
    (c < 0x80).then_some(c as u8)
}

/// A letter.
pub fn is_alpha(c: u32) -> bool {
    ascii(c).map_or_else(|| within(ALPHA, c), |b| b.is_ascii_alphabetic())
}

/// A lowercase character.
pub fn is_lower(c: u32) -> bool {
    ascii(c).map_or_else(|| within(LOWER, c), |b| b.is_ascii_lowercase())
}

/// An uppercase character.
pub fn is_upper(c: u32) -> bool {
    ascii(c).map_or_else(|| within(UPPER, c), |b| b.is_ascii_uppercase())
}

/// A titlecase letter such as U+01C5.
pub fn is_title(c: u32) -> bool {
    within(TITLE, c)
}

/// A character that has case.
pub fn is_cased(c: u32) -> bool {
    is_lower(c) || is_upper(c) || is_title(c)
}

/// The value of a decimal digit in any script.
pub fn decimal_value(c: u32) -> Option<u32> {
    if c < 0x80 {
        return (0x30..0x3A).contains(&c).then(|| c - 0x30);
    }
    let i = DECIMAL.partition_point(|&(_, end)| end < c);
    DECIMAL.get(i).filter(|&&(start, _)| start <= c).map(|&(start, _)| c - start)
}

/// A decimal digit.
pub fn is_decimal(c: u32) -> bool {
    decimal_value(c).is_some()
}

/// A digit, superscripts and the like included.
pub fn is_digit(c: u32) -> bool {
    is_decimal(c) || within(DIGIT, c)
}

/// A numeric character, fractions and numerals included.
pub fn is_numeric(c: u32) -> bool {
    is_digit(c) || within(NUMERIC, c)
}

/// A letter or numeric character.
pub fn is_alnum(c: u32) -> bool {
    is_alpha(c) || is_numeric(c)
}

/// White space in the sense of `str.split`.
#[inline]
pub fn is_space(c: u32) -> bool {
    matches!(
        c,
        9..=13
            | 28..=32
            | 0x85
            | 0xA0
            | 0x1680
            | 0x2000..=0x200A
            | 0x2028
            | 0x2029
            | 0x202F
            | 0x205F
            | 0x3000
    )
}

/// A character that ends a line in the sense of `str.splitlines`.
#[inline]
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029)
}

/// What `repr` shows as it is.
pub fn is_printable(c: u32) -> bool {
    if c < 0x80 { (0x20..0x7F).contains(&c) } else { !within(UNPRINTABLE, c) }
}

/// What an identifier can start with.
pub fn is_id_start(c: u32) -> bool {
    ascii(c).map_or_else(|| within(ID_START, c), |b| b.is_ascii_alphabetic() || b == b'_')
}

/// What an identifier can go on with.
pub fn is_id_continue(c: u32) -> bool {
    match ascii(c) {
        Some(b) => b.is_ascii_alphanumeric() || b == b'_',
        None => within(ID_START, c) || within(ID_CONTINUE, c),
    }
}

fn mapped(table: &[(u32, &'static str)], c: u32) -> Option<&'static str> {
    table.binary_search_by_key(&c, |&(key, _)| key).ok().map(|i| table[i].1)
}

/// The lowercase of a character (without the context of a final sigma).
pub fn lower(c: u32, mut push: impl FnMut(u32)) {
    if let Some(b) = ascii(c) {
        return push(b.to_ascii_lowercase() as u32);
    }
    match char::from_u32(c) {
        Some(ch) => ch.to_lowercase().for_each(|l| push(l as u32)),
        None => push(c),
    }
}

/// The uppercase of a character.
pub fn upper(c: u32, mut push: impl FnMut(u32)) {
    if let Some(b) = ascii(c) {
        return push(b.to_ascii_uppercase() as u32);
    }
    match char::from_u32(c) {
        Some(ch) => ch.to_uppercase().for_each(|u| push(u as u32)),
        None => push(c),
    }
}

/// The titlecase of a character.
pub fn title(c: u32, mut push: impl FnMut(u32)) {
    match mapped(TITLE_MAP, c) {
        Some(text) => text.chars().for_each(|t| push(t as u32)),
        None => upper(c, push),
    }
}

/// The case folding of a character.
pub fn fold(c: u32, mut push: impl FnMut(u32)) {
    match mapped(FOLD_MAP, c) {
        Some(text) => text.chars().for_each(|f| push(f as u32)),
        None => lower(c, push),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties() {
        let c = |ch: char| ch as u32;
        assert!(is_alpha(c('é')) && is_alpha(c('一')) && !is_alpha(c('Ⅷ')) && !is_alpha(0xD800));
        assert!(is_numeric(c('一')) && is_numeric(c('½')) && !is_digit(c('½')) && is_digit(c('²')));
        assert_eq!(decimal_value(c('٣')), Some(3));
        assert!(!is_printable(0xAD) && is_printable(c('😀')) && !is_printable(0x200B));
        assert!(is_upper(c('Ⅷ')) && is_title(0x1C5) && is_id_start(c('é')));
    }

    #[test]
    fn mappings() {
        let run = |f: fn(u32, &mut dyn FnMut(u32)), c: char| {
            let mut out = String::new();
            f(c as u32, &mut |c| out.extend(char::from_u32(c)));
            out
        };
        assert_eq!(run(|c, p| fold(c, p), 'ß'), "ss");
        assert_eq!(run(|c, p| title(c, p), 'ﬁ'), "Fi");
        assert_eq!(run(|c, p| upper(c, p), 'ß'), "SS");
    }
}
