//! Transcoding, one character or byte sequence after the other, with any error handler.

use super::registry;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::text::TextBuilder;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Local, Raised, Value, Vm, raise};

/// What a decoder finds at a place.
pub enum Step {
    /// A character of so many bytes.
    Char(u32, usize),
    /// So many bytes without any character.
    Skip(usize),
    /// So many bytes that are valid UTF-8.
    Utf8(usize),
    /// So many bytes that are no text, and why.
    Bad(usize, &'static str),
    /// The beginning of something: no error when more is to come.
    Partial(usize, &'static str),
}

/// Asks an error handler. The replacement (a str, or bytes when encoding), and where to go on.
pub fn ask(
    vm: &mut Vm,
    errors: &str,
    class: ClassId,
    encoding: &str,
    object: Local,
    (start, end): (usize, usize),
    reason: &str,
) -> Result<(Local, usize), Raised> {
    let exception = {
        let vm = &*vm;
        let details = [
            vm.str(encoding).value(),
            vm.get(object),
            vm.int_usize(start),
            vm.int_usize(end),
            vm.str(reason).value(),
        ];
        let raised = vm.raise_args(class, &details);
        if errors == "strict" {
            return Err(raised);
        }
        vm.take_exception(raised)
    };
    let handler = registry::handler(vm, errors)?;
    let answer = vm.call(handler, &[exception])?;
    let answer = vm.hold(answer);
    let word = if class == ClassId::UnicodeEncodeError { "encoding" } else { "decoding" };
    let kinds = if word == "encoding" { "(str/bytes, int)" } else { "(str, int)" };
    let parts = {
        let vm = &*vm;
        let tuple = vm.get(answer).cast::<Tuple>().filter(|t| t.len() == 2);
        tuple.map(|t| (vm.root(t.r().item(vm, 0)), vm.root(t.r().item(vm, 1))))
    };
    let Some((replacement, position)) = parts else {
        raise!(vm, TypeError, "{word} error handler must return {kinds} tuple");
    };
    let value = vm.get(replacement);
    let fits = value.as_str().is_some() || word == "encoding" && value.cast::<Bytes>().is_some();
    if !fits || !vm.is_int(vm.get(position)) {
        raise!(vm, TypeError, "{word} error handler must return {kinds} tuple");
    }
    // A handler may have put another object into the exception.
    let length = {
        let value = vm.get(object);
        match (value.as_str(), value.cast::<Bytes>()) {
            (Some(s), _) => s.len(),
            (_, Some(b)) => b.r().data().len(),
            _ => 0,
        }
    };
    let given = vm.index_i64(position)?;
    let at = if given < 0 { given + length as i64 } else { given };
    if at < 0 || at > length as i64 {
        raise!(vm, IndexError, "position {given} from error handler out of bounds");
    }
    Ok((replacement, at as usize))
}

/// Decodes bytes; the str and how many bytes were used. With `is_final`, partial sequences at the
/// end are errors.
pub fn decode(
    vm: &mut Vm,
    encoding: &str,
    data: &[u8],
    errors: &str,
    is_final: bool,
    mut step: impl FnMut(&[u8], usize) -> Step,
) -> Result<(Local, usize), Raised> {
    let mut out = TextBuilder::with_capacity(data.len());
    let mut object = None;
    let mut at = 0;
    while at < data.len() {
        let (length, reason) = match step(data, at) {
            Step::Char(c, n) => {
                out.push(c);
                at += n;
                continue;
            }
            Step::Skip(n) => {
                at += n;
                continue;
            }
            Step::Utf8(n) => {
                if let Ok(text) = std::str::from_utf8(&data[at..at + n]) {
                    out.push_str(text);
                }
                at += n;
                continue;
            }
            Step::Partial(..) if !is_final => break,
            Step::Bad(n, reason) | Step::Partial(n, reason) => (n, reason),
        };
        let object = *object.get_or_insert_with(|| vm.root(vm.bytes(data).value()));
        at = vm.scope(|vm| {
            let class = ClassId::UnicodeDecodeError;
            let range = (at, at + length);
            let (text, next) = ask(vm, errors, class, encoding, object, range, reason)?;
            if let Some(text) = vm.get(text).as_str() {
                out.push_text(text.r());
            }
            Ok(next)
        })?;
    }
    let text = out.finish(vm);
    Ok((vm.root(text.value()), at))
}

/// Encodes a str. `put` appends a character, or says why it cannot.
pub fn encode(
    vm: &mut Vm,
    encoding: &str,
    text: Local,
    errors: &str,
    out: &mut Vec<u8>,
    mut put: impl FnMut(&mut Vm, u32, &mut Vec<u8>) -> Result<Result<(), &'static str>, Raised>,
) -> Result<(), Raised> {
    let chars: Vec<u32> = match vm.get(text).as_str() {
        Some(s) => s.r().chars().collect(),
        None => Vec::new(),
    };
    let mut at = 0;
    while at < chars.len() {
        let Err(reason) = put(vm, chars[at], out)? else {
            at += 1;
            continue;
        };
        let start = at;
        let mut end = at + 1;
        let mut scratch = Vec::new();
        while end < chars.len() && put(vm, chars[end], &mut scratch)? == Err(reason) {
            end += 1;
        }
        let class = ClassId::UnicodeEncodeError;
        let (replacement, next) = ask(vm, errors, class, encoding, text, (start, end), reason)?;
        let bytes = vm.get(replacement).cast::<Bytes>().map(|b| b.r().data().to_vec());
        match bytes {
            Some(bytes) => out.extend(bytes),
            None => {
                let replaced: Vec<u32> = match vm.get(replacement).as_str() {
                    Some(s) => s.r().chars().collect(),
                    None => Vec::new(),
                };
                for c in replaced {
                    if put(vm, c, out)?.is_err() {
                        // What is put in must itself be encodable.
                        let details = [
                            vm.str(encoding).value(),
                            vm.get(text),
                            vm.int_usize(start),
                            vm.int_usize(end),
                            vm.str(reason).value(),
                        ];
                        return Err(vm.raise_args(class, &details));
                    }
                }
            }
        }
        at = next;
    }
    Ok(())
}

/// The str in an argument; TypeError in CPython's words otherwise.
pub fn text_arg(
    vm: &Vm,
    args: sidewinder_interpreter::Args,
    i: usize,
) -> Result<(Local, usize), Raised> {
    let s = args.str(vm, i)?;
    Ok((args.local(i), s.len()))
}

/// Bytes as a codec's result.
pub fn encoded(vm: &Vm, out: &[u8], length: usize) -> sidewinder_interpreter::NativeResult {
    let bytes: Value<'_> = vm.bytes(out).value();
    Ok(vm.ret(super::pair(vm, bytes, length)))
}

/// A str as a codec's result.
pub fn decoded(vm: &Vm, text: Local, length: usize) -> sidewinder_interpreter::NativeResult {
    Ok(vm.ret(super::pair(vm, vm.get(text), length)))
}
