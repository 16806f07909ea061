//! What stands around compressed data: nothing, zlib's header and checksum, or gzip's.

/// The kinds of wrapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrapping {
    Raw,
    Zlib,
    Gzip,
    /// zlib or gzip, as the first byte says.
    Either,
}

impl Wrapping {
    /// What the argument `wbits` asks for; the size of the window itself does not matter here.
    pub fn of(wbits: i64, unpacking: bool) -> Option<Wrapping> {
        match wbits {
            -15..=-8 => Some(Wrapping::Raw),
            0 if unpacking => Some(Wrapping::Zlib),
            8..=15 => Some(Wrapping::Zlib),
            24..=31 => Some(Wrapping::Gzip),
            40..=47 if unpacking => Some(Wrapping::Either),
            _ => None,
        }
    }
}

/// The checksum behind the data.
pub enum Checksum {
    None,
    Adler(u32),
    Crc { crc: crc32fast::Hasher, len: u32 },
}

impl Checksum {
    pub fn new(wrapping: Wrapping) -> Checksum {
        match wrapping {
            Wrapping::Raw | Wrapping::Either => Checksum::None,
            Wrapping::Zlib => Checksum::Adler(1),
            Wrapping::Gzip => Checksum::Crc { crc: crc32fast::Hasher::new(), len: 0 },
        }
    }

    pub fn update(&mut self, data: &[u8]) {
        match self {
            Checksum::None => {}
            Checksum::Adler(sum) => *sum = adler32(*sum, data),
            Checksum::Crc { crc, len } => {
                crc.update(data);
                *len = len.wrapping_add(data.len() as u32);
            }
        }
    }

    /// The bytes behind the data.
    pub fn trailer(&self) -> Vec<u8> {
        match self {
            Checksum::None => Vec::new(),
            Checksum::Adler(sum) => sum.to_be_bytes().to_vec(),
            Checksum::Crc { crc, len } => {
                [crc.clone().finalize().to_le_bytes(), len.to_le_bytes()].concat()
            }
        }
    }
}

/// Adler-32, going on from an earlier value.
pub fn adler32(start: u32, data: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    // So many bytes can be added before the sums have to be reduced.
    const BLOCK: usize = 5552;
    let (mut a, mut b) = (start & 0xFFFF, start >> 16);
    for block in data.chunks(BLOCK) {
        for byte in block {
            a += *byte as u32;
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    b << 16 | a
}

/// The length of a header when it is complete, or what is wrong with it.
pub fn header_len(wrapping: Wrapping, head: &[u8]) -> Result<Option<usize>, &'static str> {
    match wrapping {
        Wrapping::Gzip => gzip_header_len(head),
        _ => zlib_header_len(head),
    }
}

fn zlib_header_len(head: &[u8]) -> Result<Option<usize>, &'static str> {
    let &[method, flags, ..] = head else { return Ok(None) };
    if u16::from_be_bytes([method, flags]) % 31 != 0 {
        return Err("incorrect header check");
    }
    if method & 15 != 8 {
        return Err("unknown compression method");
    }
    if method >> 4 > 7 {
        return Err("invalid window size");
    }
    if flags & 0x20 != 0 {
        return Err("need dictionary");
    }
    Ok(Some(2))
}

fn gzip_header_len(head: &[u8]) -> Result<Option<usize>, &'static str> {
    let magic = [0x1F, 0x8B];
    if head.iter().zip(magic).any(|(byte, expected)| *byte != expected) {
        return Err("incorrect header check");
    }
    if head.len() < 10 {
        return Ok(None);
    }
    if head[2] != 8 {
        return Err("unknown compression method");
    }
    let flags = head[3];
    if flags & 0xE0 != 0 {
        return Err("unknown header flags set");
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(len) = head.get(at..at + 2) else { return Ok(None) };
        at += 2 + u16::from_le_bytes([len[0], len[1]]) as usize;
    }
    // The file's name and a comment end with a zero byte each.
    for bit in [8, 16] {
        if flags & bit != 0 {
            let Some(end) = head.get(at..).and_then(|rest| rest.iter().position(|b| *b == 0))
            else {
                return Ok(None);
            };
            at += end + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    Ok((head.len() >= at).then_some(at))
}
