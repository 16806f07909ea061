//! The module `_tokenize`: the tokens of a source text one by one.

use sidewinder_interpreter::builtins::{ClassId, TypeDef, exceptions};
use sidewinder_interpreter::compiler::SyntaxError;
use sidewinder_interpreter::compiler::tokens::{self, Token};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::Cell;

/// The declaration.
pub static TOKENIZE: ModuleDef = ModuleDef {
    name: "_tokenize",
    doc: "Tokens of source texts.",
    functions: &[],
    types: &[&TOKENIZER_ITER],
    exec: None,
};

/// The payload.
#[derive(Trace)]
pub struct TokenizerIter {
    #[trace(skip)]
    text: String,
    /// Where each line starts, in bytes.
    #[trace(skip)]
    lines: Vec<usize>,
    #[trace(skip)]
    tokens: Vec<Token>,
    /// What is wrong behind the tokens.
    #[trace(skip)]
    error: Option<SyntaxError>,
    at: Cell<usize>,
    /// All operators have one number, and there are comments and blank lines.
    extra: Cell<bool>,
}

impl Payload for TokenizerIter {
    const TYPE: &'static TypeDef = &TOKENIZER_ITER;
    const NEEDS_DROP: bool = true;
}

/// The type.
pub static TOKENIZER_ITER: TypeDef = TypeDef {
    module: "_tokenize",
    doc: "TokenizerIter(readline, /, *, encoding=None, extra_tokens)\n--\n\nTokens of lines.",
    flags: 0,
    methods: &[
        NativeDef::static_method(
            "__new__($type, readline, /, *, encoding=None, extra_tokens)",
            new,
            "",
        ),
        NativeDef::method("__iter__($self, /)", this, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
    ],
    ..TypeDef::new("TokenizerIter", Kind::Native)
};

fn this(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

/// All that `readline` gives.
fn read(vm: &mut Vm, readline: Local, encoding: Option<&str>) -> Result<String, Raised> {
    let mut text = String::new();
    loop {
        let more = vm.scope(|vm| {
            let line = match vm.call(readline, &[]) {
                Ok(line) => vm.hold(line),
                Err(raised) => {
                    vm.catch(raised, ClassId::StopIteration)?;
                    return Ok(false);
                }
            };
            let line = match encoding {
                Some(encoding) if vm.get(line).as_str().is_none() => {
                    if vm.get(line).cast::<Bytes>().is_none() {
                        raise!(vm, TypeError, "readline() returned a non-bytes object");
                    }
                    let encoding = vm.root(vm.str(encoding).value());
                    let errors = vm.root(vm.str("replace").value());
                    let text = vm.call_method(line, "decode", &[encoding, errors])?;
                    vm.hold(text)
                }
                _ => line,
            };
            let Some(line) = vm.get(line).as_str() else {
                raise!(vm, TypeError, "readline() returned a non-string object");
            };
            text.push_str(&vm.str_text(line));
            Ok(!line.is_empty())
        })?;
        if !more {
            return Ok(text);
        }
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let encoding = args.not_none(vm, 2).map(|e| vm.text_of(e));
    let extra = vm.truth(args.local(3))?;
    let text = read(vm, args.local(1), encoding.as_deref())?;
    let vm = &*vm;
    let (found, error) = tokens::tokens(&text);
    let lines = std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
        .collect();
    let class = args.class(vm, 0)?;
    let (at, extra) = (Cell::new(0), Cell::new(extra));
    let payload = TokenizerIter { text, lines, tokens: found, error, at, extra };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

impl TokenizerIter {
    /// Line (from 1) and column of a place.
    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        (line, self.text[start..at].chars().count())
    }

    /// The lines from one place to another.
    fn lines_of(&self, start: usize, end: usize) -> &str {
        let first = self.lines[self.lines.partition_point(|s| *s <= start) - 1];
        let last = self.lines.partition_point(|s| *s < end.max(start + 1));
        let last = self.lines.get(last).copied().unwrap_or(self.text.len());
        &self.text[first..last.max(first)]
    }
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TokenizerIter>(vm)?;
    let pair =
        |(line, col): (usize, usize)| vm.tuple(&[vm.int_usize(line), vm.int_usize(col)]).value();
    let emit = |kind: u8, text: &str, start, end, line: &str| {
        let items = [
            Value::from_i32(kind.into()),
            vm.str(text).value(),
            pair(start),
            pair(end),
            vm.str(line).value(),
        ];
        Ok(vm.ret(vm.tuple(&items).value()))
    };
    loop {
        let at = this.at.get();
        this.at.set(at + 1);
        let Some(&token) = this.tokens.get(at) else {
            // The end comes once, on a line of its own, and so does an error.
            if at > this.tokens.len() {
                return Err(vm.raise_args(ClassId::StopIteration, &[]));
            }
            if let Some(error) = &this.r().error {
                return Err(exceptions::raise_syntax_error(vm, "<string>", error));
            }
            let whole = this.text.is_empty() || this.text.ends_with('\n');
            let line = this.lines.len() + usize::from(!whole);
            return emit(0, "", (line, 0), (line, 0), "");
        };
        let (start, end) = (token.start, token.end);
        let extra = this.extra.get();
        if !extra && matches!(token.kind, tokens::COMMENT | tokens::NL) {
            continue;
        }
        let operator = (7..=tokens::OP).contains(&token.kind);
        let kind = if extra && operator { tokens::OP } else { token.kind };
        let text = match token.kind {
            tokens::DEDENT => "",
            _ => &this.text[start..end],
        };
        let (from, to) = (this.place(start), this.place(end));
        let to = match token.kind {
            // A line's end belongs to the line.
            tokens::NEWLINE | tokens::NL => (from.0, from.1 + text.chars().count().max(1)),
            _ => to,
        };
        let line = this.lines_of(start, end).to_owned();
        return emit(kind, text, from, to, &line);
    }
}
