//! Guards the native stack: parser and compiler recurse as deep as the program nests.
//!
//! A quick look at the text, before parsing, estimates how deep that is. Ordinary programs are
//! compiled where they are; a deeply nested one (a sum of ten thousand terms) on a thread with
//! the stack it needs; what no one writes is refused.

use rustpython_ast::{Expr, Mod, Stmt};

/// How deep a program may nest.
pub(super) enum Depth {
    Ordinary,
    /// Needs this many bytes of stack.
    Deep(usize),
    /// Deeper than we go, at this byte.
    TooDeep(u32),
    /// More than [`MAX_BRACKETS`] open brackets, at this byte.
    TooManyParentheses(u32),
    /// More than [`MAX_INDENTS`] levels of indentation, at this byte.
    TooManyIndents(u32),
}

/// CPython's limit of open brackets.
const MAX_BRACKETS: usize = 200;
/// CPython's limit of indentation levels.
const MAX_INDENTS: usize = 100;
/// What an ordinary stack takes.
const ORDINARY: u32 = 300;
/// Prefix operators and other right-leaning nesting: many native frames for each.
const MAX_RIGHT: u32 = 6_000;
/// Left-leaning chains.
const MAX_LEFT: u32 = 1_000_000;

/// Counts of nesting since the last comma of one bracket level.
#[derive(Clone, Copy, Default)]
struct Level {
    right: u32,
    left: u32,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    max: Level,
    /// Whether the last token can end an operand, so that `-` after it is binary.
    after_operand: bool,
    /// Whether the logical line has an f-string: then text inside quotes counts as code.
    fstring: bool,
    /// Columns of the indentation levels.
    indents: Vec<usize>,
}

/// Estimates how deep a program nests.
pub(super) fn estimate(source: &str) -> Depth {
    let mut scan = Scan {
        bytes: source.as_bytes(),
        at: 0,
        levels: vec![Level::default()],
        max: Level::default(),
        after_operand: false,
        fstring: false,
        indents: vec![],
    };
    scan.indent();
    while let Some(&byte) = scan.bytes.get(scan.at) {
        let start = scan.at as u32;
        scan.token(byte);
        if scan.levels.len() > MAX_BRACKETS + 1 && !scan.fstring {
            return Depth::TooManyParentheses(start);
        }
        if scan.indents.len() > MAX_INDENTS {
            return Depth::TooManyIndents(start + 1);
        }
        if scan.max.right > MAX_RIGHT || scan.max.left > MAX_LEFT {
            return Depth::TooDeep(start);
        }
    }
    needed(scan.max)
}

/// The same for a tree that nests so deep.
pub(super) fn of_levels(depth: u32) -> Depth {
    if depth > MAX_RIGHT {
        return Depth::TooDeep(0);
    }
    needed(Level { right: depth, left: 0 })
}

fn needed(Level { right, left }: Level) -> Depth {
    if right <= ORDINARY && left <= ORDINARY {
        return Depth::Ordinary;
    }
    let stack = (16 << 20) + right as usize * (64 << 10) + left as usize * (2 << 10);
    Depth::Deep(stack)
}

impl Scan<'_> {
    fn token(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b' ' | b'\t' | 0x0c => {}
            b'#' if !self.fstring => self.skip_comment(),
            b'\\' => self.at += 1,
            b'\n' | b'\r' => {
                if self.levels.len() == 1 {
                    self.levels[0] = Level::default();
                    self.fstring = false;
                    self.indent();
                }
                self.after_operand &= self.levels.len() > 1;
            }
            b'(' | b'[' | b'{' => {
                self.bump(self.after_operand);
                self.levels.push(Level::default());
                self.after_operand = false;
            }
            b')' | b']' | b'}' => {
                if self.levels.len() > 1 {
                    self.levels.pop();
                }
                self.after_operand = true;
            }
            b',' | b';' => {
                if let Some(level) = self.levels.last_mut() {
                    *level = Level::default();
                }
                self.after_operand = false;
            }
            b'\'' | b'"' => {
                if !self.fstring {
                    self.skip_string(byte);
                }
                self.after_operand = true;
            }
            b'+' | b'-' | b'~' => {
                self.bump(self.after_operand);
                self.after_operand = false;
            }
            b'*' => {
                // `**` leans right.
                let power = self.bytes.get(self.at) == Some(&b'*');
                self.at += usize::from(power);
                self.bump(!power);
                self.after_operand = false;
            }
            b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<' | b'>' | b'.' => {
                self.bump(true);
                self.after_operand = false;
            }
            b'=' | b':' | b'!' => self.after_operand = false,
            _ => self.word(byte),
        }
    }

    /// Follows the indentation at the beginning of a line.
    fn indent(&mut self) {
        let rest = &self.bytes[self.at..];
        let column = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | 0x0c)).count();
        if matches!(rest.get(column), None | Some(b'\n' | b'\r' | b'#')) {
            return;
        }
        while self.indents.last().is_some_and(|&level| level > column) {
            self.indents.pop();
        }
        if column > self.indents.last().copied().unwrap_or(0) {
            self.indents.push(column);
        }
    }

    /// Counts one level: to the left or to the right.
    fn bump(&mut self, left: bool) {
        if let Some(level) = self.levels.last_mut() {
            if left {
                level.left += 1;
            } else {
                level.right += 1;
            }
            self.max.left = self.max.left.max(level.left);
            self.max.right = self.max.right.max(level.right);
        }
    }

    fn word(&mut self, first: u8) {
        let start = self.at - 1;
        let in_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
        if !in_word(&first) {
            return;
        }
        while self.bytes.get(self.at).is_some_and(in_word) {
            self.at += 1;
        }
        match &self.bytes[start..self.at] {
            b"not" | b"lambda" | b"await" | b"else" | b"yield" | b"if" => {
                self.bump(false);
                self.after_operand = false;
            }
            b"and" | b"or" | b"in" | b"is" | b"return" | b"for" => self.after_operand = false,
            prefix => {
                let quote = matches!(self.bytes.get(self.at), Some(b'\'' | b'"'));
                let formatted = prefix.iter().any(|b| matches!(b | 32, b'f' | b't'));
                if quote && prefix.len() <= 2 && formatted {
                    self.fstring = true;
                }
                self.after_operand = true;
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| !matches!(b, b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn skip_string(&mut self, quote: u8) {
        let triple = self.bytes[self.at..].starts_with(&[quote, quote]);
        if triple {
            self.at += 2;
        }
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\n' if !triple => return,
                _ if byte == quote => {
                    if !triple {
                        return;
                    }
                    if self.bytes[self.at..].starts_with(&[quote, quote]) {
                        self.at += 2;
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Runs `f` on a thread with so much stack; None when there is no room for such a thread.
pub(super) fn with_stack<T: Send>(stack: usize, f: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(stack);
        let handle = builder.spawn_scoped(scope, f).ok()?;
        match handle.join() {
            Ok(value) => Some(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Drops a tree. Chains that lean left are taken apart in a loop first.
pub(super) fn dismantle(tree: Mod) {
    match tree {
        Mod::Module(module) => {
            for statement in module.body {
                match statement {
                    Stmt::Expr(s) => dismantle_expr(*s.value),
                    Stmt::Assign(s) => dismantle_expr(*s.value),
                    Stmt::Return(s) => s.value.map_or((), |value| dismantle_expr(*value)),
                    other => drop(other),
                }
            }
        }
        Mod::Expression(expression) => dismantle_expr(*expression.body),
    }
}

fn dismantle_expr(mut expr: Expr) {
    while let Expr::BinOp(binary) = expr {
        expr = *binary.left;
    }
}
