//! f-strings.

use super::Compiler;
use super::error::R;
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Const, Op};
use rustpython_ast::{self as ast, ConversionFlag, FStringPart, InterpolatedStringElement};
use rustpython_text_size::TextRange;

/// A piece of the string: text known now, or a value to format.
pub(super) enum Piece<'a> {
    Text(String),
    Value(&'a ast::InterpolatedElement),
}

/// More pieces than this are joined in portions.
const PORTION: usize = 200;

impl<'a> Compiler<'a> {
    pub(super) fn fstring(&mut self, e: &'a ast::ExprFString, dst: Reg) -> R<()> {
        let mut pieces = vec![];
        for part in e.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => push_text(&mut pieces, &literal.value),
                FStringPart::FString(f) => self.gather(&f.elements, &mut pieces),
            }
        }
        self.join(pieces, e.range, dst)
    }

    pub(super) fn gather(
        &self,
        elements: &'a ast::InterpolatedStringElements,
        pieces: &mut Vec<Piece<'a>>,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => push_text(pieces, &literal.value),
                InterpolatedStringElement::Interpolation(value) => {
                    if let Some(debug) = &value.debug_text {
                        let text = self.source.slice(range_of(&*value.expression));
                        let text = format!("{}{}{}", debug.leading, text, debug.trailing);
                        push_text(pieces, &text);
                    }
                    pieces.push(Piece::Value(value));
                }
            }
        }
    }

    pub(super) fn join(&mut self, mut pieces: Vec<Piece<'a>>, range: TextRange, dst: Reg) -> R<()> {
        match pieces.len() {
            0 => {
                self.at(range);
                self.load_const(dst, Const::Str("".into()));
                return Ok(());
            }
            1 => return self.piece(pieces.swap_remove(0), range, dst),
            _ => {}
        }
        let mark = self.unit.temps.mark();
        let window = self.window_start(dst);
        let mut count = 0;
        for piece in pieces {
            let slot = if count == 0 { window } else { self.unit.temps.take(1) };
            self.piece(piece, range, slot)?;
            count += 1;
            if count == PORTION {
                self.at(range);
                self.op(Op::BuildString, 0, window, window, count as u16);
                self.unit.temps.release(u32::from(window) + 1);
                count = 1;
            }
        }
        self.at(range);
        self.op(Op::BuildString, 0, dst, window, count as u16);
        self.unit.temps.release(mark);
        Ok(())
    }

    fn piece(&mut self, piece: Piece<'a>, range: TextRange, dst: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        match piece {
            Piece::Text(text) => {
                self.at(range);
                self.load_const(dst, Const::Str(text.into()));
            }
            Piece::Value(value) => {
                let conversion = conversion(value);
                let operand = self.operand(&value.expression)?;
                let mut spec_register = 0;
                let mut x = conversion;
                if let Some(spec) = &value.format_spec {
                    spec_register = self.unit.temps.take(1);
                    let mut pieces = vec![];
                    self.gather(&spec.elements, &mut pieces);
                    self.nested(spec.range, |this| this.join(pieces, spec.range, spec_register))?;
                    x |= 128;
                }
                self.at(value.range);
                self.op(Op::FormatValue, x, dst, operand, spec_register);
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }
}

/// The conversion of a value: 0 none, 1 str, 2 repr, 3 ascii. `{x=}` shows the repr.
pub(super) fn conversion(value: &ast::InterpolatedElement) -> u8 {
    match value.conversion {
        ConversionFlag::None if value.debug_text.is_some() && value.format_spec.is_none() => 2,
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

fn push_text(pieces: &mut Vec<Piece<'_>>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Text(text.to_owned()));
    }
}
