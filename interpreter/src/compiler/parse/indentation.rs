//! Indentation, as CPython's tokenizer sees it.

use super::super::error::{CompileError, SyntaxErrorKind};
use super::super::source::Source;
use super::indentation_error;
use rustpython_ast::token::{Token, TokenKind};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// Follows the indentation as CPython does: in columns with tabs of eight and with tabs of one,
/// which must agree.
pub(super) fn indentation<'t>(
    source: &Source,
    tokens: impl Iterator<Item = &'t Token>,
) -> Option<Box<CompileError>> {
    let mut levels = vec![(0, 0)];
    let mut at_start = true;
    let mut depth = 0u32;
    for token in tokens {
        match token.kind() {
            TokenKind::Comment | TokenKind::NonLogicalNewline => continue,
            TokenKind::Indent | TokenKind::Dedent => continue,
            TokenKind::Newline => {
                at_start = depth == 0;
                continue;
            }
            TokenKind::EndOfFile => return None,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if !std::mem::take(&mut at_start) {
            continue;
        }
        let line = source.line(u32::from(token.start()));
        let text = source.line_text(line);
        let (mut column, mut other) = (0u32, 0u32);
        for byte in text.bytes() {
            match byte {
                b' ' => {
                    column += 1;
                    other += 1;
                }
                b'\t' => {
                    column = (column / 8 + 1) * 8;
                    other += 1;
                }
                0x0c => {
                    column = 0;
                    other = 0;
                }
                _ => break,
            }
        }
        let start = token.start() - TextSize::new(u32::from(token.start()) - source.start_of(line));
        let tab_error = || {
            Some(Box::new(CompileError {
                kind: SyntaxErrorKind::TabError,
                message: "inconsistent use of tabs and spaces in indentation".into(),
                range: TextRange::empty(start),
            }))
        };
        let &(top, top_other) = levels.last()?;
        if column == top {
            if other != top_other {
                return tab_error();
            }
        } else if column > top {
            if other <= top_other {
                return tab_error();
            }
            levels.push((column, other));
            if levels.len() > 100 {
                let range = TextRange::empty(start);
                return Some(indentation_error(range, "too many levels of indentation"));
            }
        } else {
            while levels.last().is_some_and(|&(level, _)| level > column) {
                levels.pop();
            }
            let &(top, top_other) = levels.last()?;
            if column != top {
                let end = source.start_of(line) + text.trim_end_matches(['\r', '\n']).len() as u32;
                return Some(indentation_error(
                    TextRange::empty(TextSize::new(end)),
                    "unindent does not match any outer indentation level",
                ));
            }
            if other != top_other {
                return tab_error();
            }
        }
    }
    None
}
