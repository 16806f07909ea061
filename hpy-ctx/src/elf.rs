//! Whether a shared library is all there. The system's loader maps what the file says it has, and
//! the process gets SIGBUS when it then touches a page behind the file's end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A part of the file that is loaded.
const PT_LOAD: u32 = 1;

/// Whether the file is a 64-bit ELF file of this machine's byte order that ends before something
/// that it says is loaded. Other files are the loader's business.
pub fn is_truncated(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; 64];
    if length < header.len() as u64 {
        return Ok(false);
    }
    file.read_exact(&mut header)?;
    let order = if cfg!(target_endian = "little") { 1 } else { 2 };
    if header[..6] != [0x7F, b'E', b'L', b'F', 2, order] {
        return Ok(false);
    }
    let (table, size, count) = (u64_at(&header, 32), u16_at(&header, 54), u16_at(&header, 56));
    let mut entries = vec![0; usize::from(size) * usize::from(count)];
    let end = table.checked_add(entries.len() as u64);
    if size < 56 || end.is_none_or(|end| end > length) {
        return Ok(true);
    }
    file.seek(SeekFrom::Start(table))?;
    file.read_exact(&mut entries)?;
    Ok(entries.chunks_exact(usize::from(size)).any(|entry| {
        let end = u64_at(entry, 8).checked_add(u64_at(entry, 32));
        u32_at(entry, 0) == PT_LOAD && end.is_none_or(|end| end > length)
    }))
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the length")
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes(bytes_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes_at(bytes, at))
}
