//! f-strings and t-strings: neighbouring texts become one constant.

use super::{Converter, Field, at};
use crate::bytecode::Const;
use crate::compiler::error::R;
use crate::compiler::fstring::conversion;
use crate::compiler::symtable::range_of;
use rustpython_ast::{self as ast, FStringPart, InterpolatedStringElement as Element};
use rustpython_text_size::{TextRange, TextSize};

/// Pieces of a string in the making.
struct Pieces {
    values: Vec<Field>,
    text: String,
    range: Option<TextRange>,
}

impl Converter<'_> {
    fn push_text(&self, pieces: &mut Pieces, text: &str, range: TextRange) {
        if text.is_empty() {
            return;
        }
        pieces.text.push_str(text);
        pieces.range = Some(match pieces.range {
            Some(so_far) => at(so_far.start(), range.end()),
            None => range,
        });
    }

    fn end_text(&self, pieces: &mut Pieces) -> R<()> {
        if let Some(range) = pieces.range.take() {
            let text = std::mem::take(&mut pieces.text);
            pieces.values.push(self.text(range, text)?);
        }
        Ok(())
    }

    /// Adds the elements; `template` makes them interpolations.
    fn elements(
        &self,
        elements: &ast::InterpolatedStringElements,
        template: bool,
        pieces: &mut Pieces,
    ) -> R<()> {
        for element in elements {
            match element {
                Element::Literal(literal) => {
                    self.push_text(pieces, &literal.value, literal.range);
                }
                Element::Interpolation(value) => {
                    if let Some(debug) = &value.debug_text {
                        let text = self.source.slice(range_of(&*value.expression));
                        let text = format!("{}{}{}", debug.leading, text, debug.trailing);
                        let start = value.range.start() + TextSize::new(1);
                        let end = start + TextSize::of(&*text);
                        self.push_text(pieces, &text, at(start, end));
                    }
                    self.end_text(pieces)?;
                    pieces.values.push(self.interpolation(value, template)?);
                }
            }
        }
        Ok(())
    }

    fn interpolation(&self, value: &ast::InterpolatedElement, template: bool) -> R<Field> {
        let spec = match &value.format_spec {
            None => Field::None,
            Some(spec) => {
                let mut pieces = Pieces { values: vec![], text: String::new(), range: None };
                self.elements(&spec.elements, false, &mut pieces)?;
                self.end_text(&mut pieces)?;
                // It begins at its colon.
                let range = at(spec.range.start() - TextSize::new(1), spec.range.end());
                Field::Node(self.node("JoinedStr", range, vec![Field::List(pieces.values)]))
            }
        };
        let letter = match conversion(value) {
            0 => -1,
            1 => 's' as i64,
            2 => 'r' as i64,
            _ => 'a' as i64,
        };
        let expr = self.expr(&value.expression)?;
        let (kind, fields) = if template {
            let text = self.source.slice(range_of(&*value.expression)).to_owned();
            let text = Field::Const(Const::Str(text.into()));
            ("Interpolation", vec![expr, text, Field::Int(letter), spec])
        } else {
            ("FormattedValue", vec![expr, Field::Int(letter), spec])
        };
        Ok(Field::Node(self.node(kind, value.range, fields)))
    }

    pub(super) fn f_string(&self, e: &ast::ExprFString) -> R<Field> {
        let mut pieces = Pieces { values: vec![], text: String::new(), range: None };
        for part in e.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => {
                    self.push_text(&mut pieces, &literal.value, literal.range);
                }
                FStringPart::FString(f) => self.elements(&f.elements, false, &mut pieces)?,
            }
        }
        self.end_text(&mut pieces)?;
        Ok(Field::Node(self.node("JoinedStr", e.range, vec![Field::List(pieces.values)])))
    }

    pub(super) fn t_string(&self, e: &ast::ExprTString) -> R<Field> {
        let mut pieces = Pieces { values: vec![], text: String::new(), range: None };
        for part in e.value.iter() {
            self.elements(&part.elements, true, &mut pieces)?;
        }
        self.end_text(&mut pieces)?;
        Ok(Field::Node(self.node("TemplateStr", e.range, vec![Field::List(pieces.values)])))
    }
}
