//! str and bytes. Pointers that C borrows lead to copies, attached to the object, which moves.

use crate::abi::{HPy, wchar_t};
use crate::context::Cx;
use crate::object::check;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Bytes, Gc, Str};
use sidewinder_interpreter::{Local, Raised, Value};
use std::ffi::{CStr, c_char, c_int};

type Handle = Result<HPy, Raised>;

/// Bytes with a NUL behind them, attached to the object they were taken from.
struct Borrowed(Box<[u8]>);

/// Where the bytes lie: attached now, if they are not yet.
fn borrowed(cx: &Cx<'_>, value: Value<'_>, bytes: &[u8]) -> *const c_char {
    let place = cx.vm.attached::<Borrowed>(value).or_else(|| {
        let copy: Box<[u8]> = bytes.iter().copied().chain([0]).collect();
        cx.vm.attach(value, Borrowed(copy))
    });
    // SAFETY: what is attached stays where it is while the object lives.
    place.map_or(std::ptr::null(), |place| unsafe { place.as_ref() }.0.as_ptr().cast())
}

/// The bytes of a C array.
///
/// # Safety
/// `p` points to `len` bytes that live for the call.
unsafe fn slice<'t>(p: *const c_char, len: isize) -> &'t [u8] {
    if p.is_null() || len <= 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(p.cast(), len as usize) }
}

fn bytes_of<'a>(cx: &'a Cx<'_>, h: HPy) -> Result<Gc<'a, Bytes>, Raised> {
    let v = cx.get(h);
    v.cast::<Bytes>().ok_or_else(|| {
        let given = cx.vm.type_name(v);
        cx.vm.type_error(format!("expected bytes, {given} found"))
    })
}

fn str_of<'a>(cx: &'a Cx<'_>, h: HPy) -> Result<Gc<'a, Str>, Raised> {
    cx.get(h).as_str().ok_or_else(|| cx.vm.type_error("bad argument type for built-in operation"))
}

/// `HPyBytes_Check`
pub fn bytes_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    check(cx, h, ClassId::Bytes)
}

/// `HPyBytes_Size`
pub fn bytes_size(cx: &mut Cx<'_>, h: HPy) -> Result<isize, Raised> {
    Ok(bytes_of(cx, h)?.data().len() as isize)
}

/// `HPyBytes_GET_SIZE`
pub fn bytes_get_size_fast(cx: &mut Cx<'_>, h: HPy) -> Result<isize, Raised> {
    bytes_size(cx, h)
}

/// `HPyBytes_AsString`
pub fn bytes_as_string(cx: &mut Cx<'_>, h: HPy) -> Result<*const c_char, Raised> {
    let bytes = bytes_of(cx, h)?;
    Ok(borrowed(cx, bytes.value(), bytes.r().data()))
}

/// `HPyBytes_AS_STRING`
pub fn bytes_as_string_fast(cx: &mut Cx<'_>, h: HPy) -> Result<*const c_char, Raised> {
    bytes_as_string(cx, h)
}

/// `HPyBytes_FromString`
pub fn bytes_from_string(cx: &mut Cx<'_>, bytes: *const c_char) -> Handle {
    cx.safepoint()?;
    // SAFETY: C passes a terminated string.
    let data = unsafe { CStr::from_ptr(bytes) }.to_bytes();
    Ok(cx.open(cx.vm.bytes(data).value()))
}

/// `HPyBytes_FromStringAndSize`
pub fn bytes_from_string_and_size(cx: &mut Cx<'_>, bytes: *const c_char, len: isize) -> Handle {
    cx.safepoint()?;
    if bytes.is_null() {
        return Err(cx.vm.value_error("NULL char * passed to HPyBytes_FromStringAndSize"));
    }
    if len < 0 {
        return Err(cx
            .vm
            .raise(ClassId::SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
    }
    cx.vm.check_size(len as usize)?;
    // SAFETY: C passes that many bytes.
    let data = unsafe { slice(bytes, len) };
    Ok(cx.open(cx.vm.bytes(data).value()))
}

/// `HPyUnicode_FromString`
pub fn unicode_from_string(cx: &mut Cx<'_>, utf8: *const c_char) -> Handle {
    cx.safepoint()?;
    let text = cx.utf8(utf8)?;
    Ok(cx.open(cx.vm.str(text).value()))
}

/// `HPyUnicode_Check`
pub fn unicode_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    check(cx, h, ClassId::Str)
}

/// `value.method(encoding, errors)`
fn coded(
    cx: &mut Cx<'_>,
    value: Local,
    method: &str,
    encoding: &str,
    errors: *const c_char,
) -> Handle {
    let errors = if errors.is_null() { "strict" } else { cx.utf8(errors)? };
    let encoding = cx.vm.root(cx.vm.str(encoding).value());
    let errors = cx.vm.root(cx.vm.str(errors).value());
    let ret = cx.vm.call_method(value, method, &[encoding, errors])?;
    Ok(cx.open_ret(ret))
}

fn encoded(cx: &mut Cx<'_>, h: HPy, encoding: &str) -> Handle {
    cx.safepoint()?;
    let text = cx.vm.root(str_of(cx, h)?.value());
    coded(cx, text, "encode", encoding, std::ptr::null())
}

/// `HPyUnicode_AsASCIIString`
pub fn unicode_as_ascii_string(cx: &mut Cx<'_>, h: HPy) -> Handle {
    encoded(cx, h, "ascii")
}

/// `HPyUnicode_AsLatin1String`
pub fn unicode_as_latin1_string(cx: &mut Cx<'_>, h: HPy) -> Handle {
    encoded(cx, h, "latin-1")
}

/// `HPyUnicode_AsUTF8String`
pub fn unicode_as_utf8_string(cx: &mut Cx<'_>, h: HPy) -> Handle {
    cx.safepoint()?;
    let text = str_of(cx, h)?;
    let utf8 = cx.vm.utf8(text)?;
    Ok(cx.open(cx.vm.bytes(utf8.as_bytes()).value()))
}

/// `HPyUnicode_AsUTF8AndSize`
pub fn unicode_as_utf8_and_size(
    cx: &mut Cx<'_>,
    h: HPy,
    size: *mut isize,
) -> Result<*const c_char, Raised> {
    let text = str_of(cx, h)?;
    let place = match cx.vm.attached::<Borrowed>(text.value()) {
        Some(place) => place,
        None => {
            let mut utf8 = cx.vm.utf8(text)?.into_owned().into_bytes();
            utf8.push(0);
            let attached = cx.vm.attach(text.value(), Borrowed(utf8.into_boxed_slice()));
            attached.expect("a str can have something attached")
        }
    };
    // SAFETY: what is attached stays where it is while the object lives; C passes a place for the
    // size or null.
    unsafe {
        let bytes = &place.as_ref().0;
        if !size.is_null() {
            size.write(bytes.len() as isize - 1);
        }
        Ok(bytes.as_ptr().cast())
    }
}

/// `HPyUnicode_FromWideChar`
pub fn unicode_from_wide_char(cx: &mut Cx<'_>, w: *const wchar_t, size: isize) -> Handle {
    cx.safepoint()?;
    if w.is_null() {
        return match size {
            0 => Ok(cx.open(cx.vm.str("").value())),
            _ => Err(cx.vm.raise(ClassId::SystemError, "bad argument to internal function")),
        };
    }
    let mut chars: Vec<u32> = Vec::new();
    for i in 0.. {
        // SAFETY: C passes that many characters, or terminated ones.
        let c = unsafe { *w.add(i) };
        if (size < 0 && c == 0) || (size >= 0 && i as isize == size) {
            break;
        }
        let c = c as u32;
        if c > 0x10FFFF {
            return Err(cx
                .vm
                .value_error(format!("character U+{c:x} is not in range [U+0000; U+10ffff]")));
        }
        chars.push(c);
    }
    Ok(cx.open(cx.vm.str_from_code_points(&chars).value()))
}

/// Decodes as the file system's names are: UTF-8, with other bytes as lone surrogates.
fn decode_fs(cx: &mut Cx<'_>, mut bytes: &[u8]) -> Handle {
    cx.safepoint()?;
    let mut chars: Vec<u32> = Vec::with_capacity(bytes.len());
    loop {
        match std::str::from_utf8(bytes) {
            Ok(rest) => {
                chars.extend(rest.chars().map(|c| c as u32));
                return Ok(cx.open(cx.vm.str_from_code_points(&chars).value()));
            }
            Err(error) => {
                let (good, bad) = bytes.split_at(error.valid_up_to());
                chars.extend(String::from_utf8_lossy(good).chars().map(|c| c as u32));
                chars.push(0xDC00 + bad[0] as u32);
                bytes = &bad[1..];
            }
        }
    }
}

/// `HPyUnicode_DecodeFSDefault`
pub fn unicode_decode_fs_default(cx: &mut Cx<'_>, v: *const c_char) -> Handle {
    // SAFETY: C passes a terminated string.
    decode_fs(cx, unsafe { CStr::from_ptr(v) }.to_bytes())
}

/// `HPyUnicode_DecodeFSDefaultAndSize`
pub fn unicode_decode_fs_default_and_size(
    cx: &mut Cx<'_>,
    v: *const c_char,
    size: isize,
) -> Handle {
    // SAFETY: C passes that many bytes.
    decode_fs(cx, unsafe { slice(v, size) })
}

/// `HPyUnicode_EncodeFSDefault`
pub fn unicode_encode_fs_default(cx: &mut Cx<'_>, h: HPy) -> Handle {
    cx.safepoint()?;
    let text = str_of(cx, h)?;
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match char::from_u32(c) {
            Some(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None if (0xDC80..=0xDCFF).contains(&c) => bytes.push((c - 0xDC00) as u8),
            None => return cx.vm.utf8(text).map(|_| HPy::NULL),
        }
    }
    Ok(cx.open(cx.vm.bytes(&bytes).value()))
}

/// `HPyUnicode_ReadChar`
pub fn unicode_read_char(cx: &mut Cx<'_>, h: HPy, index: isize) -> Result<u32, Raised> {
    let text = str_of(cx, h)?;
    if index < 0 || index as usize >= text.len() {
        return Err(cx.vm.raise(ClassId::IndexError, "string index out of range"));
    }
    Ok(text.char_at(index as usize))
}

fn decoded(
    cx: &mut Cx<'_>,
    data: *const c_char,
    size: isize,
    encoding: &str,
    errors: *const c_char,
) -> Handle {
    cx.safepoint()?;
    // SAFETY: C passes that many bytes.
    let data = unsafe { slice(data, size) };
    let bytes = cx.vm.root(cx.vm.bytes(data).value());
    coded(cx, bytes, "decode", encoding, errors)
}

/// `HPyUnicode_DecodeASCII`
pub fn unicode_decode_ascii(
    cx: &mut Cx<'_>,
    ascii: *const c_char,
    size: isize,
    errors: *const c_char,
) -> Handle {
    decoded(cx, ascii, size, "ascii", errors)
}

/// `HPyUnicode_DecodeLatin1`
pub fn unicode_decode_latin1(
    cx: &mut Cx<'_>,
    latin1: *const c_char,
    size: isize,
    errors: *const c_char,
) -> Handle {
    decoded(cx, latin1, size, "latin-1", errors)
}

/// `HPyUnicode_FromEncodedObject`
pub fn unicode_from_encoded_object(
    cx: &mut Cx<'_>,
    obj: HPy,
    encoding: *const c_char,
    errors: *const c_char,
) -> Handle {
    cx.safepoint()?;
    if obj.is_null() {
        return Err(cx.vm.raise(ClassId::SystemError, "bad argument to internal function"));
    }
    let encoding = if encoding.is_null() { "utf-8" } else { cx.utf8(encoding)? };
    let v = cx.get(obj);
    if v.as_str().is_some() {
        return Err(cx.vm.type_error("decoding str is not supported"));
    }
    if !cx.vm.exports_buffer(v) {
        let given = cx.vm.type_name(v);
        return Err(cx
            .vm
            .type_error(format!("decoding to str: need a bytes-like object, {given} found")));
    }
    let source = cx.vm.root(v);
    let data = cx.vm.bytes_like(source)?;
    let bytes = cx.vm.root(cx.vm.bytes(&data).value());
    coded(cx, bytes, "decode", encoding, errors)
}

/// `HPyUnicode_Substring`
pub fn unicode_substring(cx: &mut Cx<'_>, text: HPy, start: isize, end: isize) -> Handle {
    cx.safepoint()?;
    let s = str_of(cx, text)?;
    if start < 0 || end < 0 {
        return Err(cx.vm.raise(ClassId::IndexError, "string index out of range"));
    }
    let end = (end as usize).min(s.len());
    let start = (start as usize).min(end);
    // SAFETY: as `s`, which borrows from the VM that `str_slice` borrows from as well.
    let s: Gc<'_, Str> = unsafe { Value::from_word(s.value().word()).cast_unchecked() };
    Ok(cx.open(cx.vm.str_slice(s, start, end).value()))
}
