//! t-strings: templates (PEP 750).

use super::Compiler;
use super::error::R;
use super::fstring::{Piece, conversion};
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Const, Op};
use rustpython_ast as ast;
use rustpython_text_size::{TextRange, TextSize};

impl<'a> Compiler<'a> {
    /// A template: its texts as one constant, then an interpolation for each value.
    pub(super) fn template(&mut self, e: &'a ast::ExprTString, dst: Reg) -> R<()> {
        let mut pieces = vec![];
        for part in e.value.iter() {
            self.gather(&part.elements, &mut pieces);
        }
        let mut strings = vec![String::new()];
        let mut values = vec![];
        for piece in pieces {
            match piece {
                Piece::Text(text) => strings.last_mut().expect("never empty").push_str(&text),
                Piece::Value(value) => {
                    values.push(value);
                    strings.push(String::new());
                }
            }
        }
        let mark = self.unit.temps.mark();
        let window = self.window_start(dst);
        self.at(e.range);
        let strings = strings.into_iter().map(|s| Const::Str(s.into())).collect();
        self.load_const(window, Const::Tuple(strings));
        let count = values.len();
        for value in values {
            let slot = self.unit.temps.take(1);
            self.interpolation(value, slot)?;
        }
        self.at(e.range);
        self.op(Op::BuildTemplate, 0, dst, window, count as u16);
        self.unit.temps.release(mark);
        Ok(())
    }

    fn interpolation(&mut self, value: &'a ast::InterpolatedElement, dst: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(4);
        self.expr_to(&value.expression, window)?;
        self.at(value.range);
        let text = self.expression_text(value);
        self.load_const(window + 1, Const::Str(text.into()));
        let conversion = match conversion(value) {
            0 => Const::None,
            1 => Const::Str("s".into()),
            2 => Const::Str("r".into()),
            _ => Const::Str("a".into()),
        };
        self.load_const(window + 2, conversion);
        match &value.format_spec {
            None => self.load_const(window + 3, Const::Str("".into())),
            Some(spec) => {
                let mut pieces = vec![];
                self.gather(&spec.elements, &mut pieces);
                self.nested(spec.range, |this| this.join(pieces, spec.range, window + 3))?;
            }
        }
        self.at(value.range);
        self.op(Op::BuildInterpolation, 0, dst, window, 0);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The text between the braces up to what follows the expression, without blanks at its end.
    fn expression_text(&self, value: &ast::InterpolatedElement) -> String {
        if let Some(Const::Str(text)) = self.source.constant(&value.node_index) {
            return text.to_string();
        }
        let start = value.range.start() + TextSize::from(1);
        let end = range_of(&*value.expression).end();
        let rest = self.source.slice(TextRange::new(end, value.range.end()));
        // Behind the expression itself come at most closing parentheses and blanks.
        let more = rest.find(['!', ':', '=', '}']).unwrap_or(0);
        let text = self.source.slice(TextRange::new(start, end + TextSize::from(more as u32)));
        text.trim_end().to_owned()
    }
}
