//! The pure-Python library that the binary carries.

use flate2::read::DeflateDecoder;
use std::io::Read;

/// A file of the library.
pub struct Entry {
    /// Its path from the library's root, with slashes.
    pub name: &'static str,
    start: usize,
    packed: usize,
    size: usize,
}

/// All files, sorted by name.
static INDEX: &[Entry] = include!(concat!(env!("OUT_DIR"), "/library.rs"));
static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));

/// Changes with the contents of the library.
pub const FINGERPRINT: &str = env!("SIDEWINDER_LIBRARY");

/// The file of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    INDEX.binary_search_by(|e| e.name.cmp(name)).ok().map(|i| &INDEX[i])
}

/// Files whose names start with `prefix`.
pub fn with_prefix(prefix: &str) -> impl Iterator<Item = &'static Entry> {
    let first = INDEX.partition_point(|e| e.name < prefix);
    INDEX[first..].iter().take_while(move |e| e.name.starts_with(prefix))
}

/// Whether files are below that directory (a name without a slash at its end).
pub fn is_directory(name: &str) -> bool {
    let prefix = format!("{name}/");
    with_prefix(&prefix).next().is_some()
}

impl Entry {
    /// The contents.
    pub fn read(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size);
        let packed = &ARCHIVE[self.start..self.start + self.packed];
        // The archive is part of the program: what was packed can be unpacked.
        let _ = DeflateDecoder::new(packed).read_to_end(&mut out);
        out
    }
}

/// The file that holds the source of a module, and whether it is a package.
pub fn module(full_name: &str) -> Option<(&'static Entry, bool)> {
    let path = full_name.replace('.', "/");
    if let Some(entry) = find(&format!("{path}/__init__.py")) {
        return Some((entry, true));
    }
    find(&format!("{path}.py")).map(|entry| (entry, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found() {
        let (entry, package) = module("json").expect("there");
        assert!(package && entry.name == "json/__init__.py");
        assert!(String::from_utf8_lossy(&entry.read()).contains("def loads"));
        assert_eq!(entry.read().len(), entry.size);
        assert!(module("json.nothing").is_none() && module("tkinter").is_none());
        assert!(is_directory("json") && !is_directory("jso"));
    }

    #[test]
    fn the_index_is_sorted() {
        assert!(INDEX.is_sorted_by_key(|e| e.name) && INDEX.len() > 400);
    }
}
