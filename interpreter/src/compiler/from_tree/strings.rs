//! Constants, f-strings and t-strings.

use super::{Converter, T, TreeError, items_of, node_of, unknown};
use crate::bytecode::Const;
use crate::compiler::tree::{Field, Node};
use rustpython_ast::str_prefix::{
    ByteStringPrefix, FStringPrefix, StringLiteralPrefix, TStringPrefix,
};
use rustpython_ast::{
    self as ast, AtomicNodeIndex, ConversionFlag, Expr, InterpolatedStringElement as Element,
    Number,
};
use rustpython_text_size::TextRange;

fn number(range: TextRange, value: Number) -> Expr {
    Expr::NumberLiteral(ast::ExprNumberLiteral { node_index: AtomicNodeIndex::NONE, range, value })
}

/// A piece of text. It is raw: there is no source to look for escapes in.
fn string(range: TextRange, text: &str) -> Expr {
    let flags =
        ast::StringLiteralFlags::empty().with_prefix(StringLiteralPrefix::Raw { uppercase: false });
    let literal =
        ast::StringLiteral { range, node_index: AtomicNodeIndex::NONE, value: text.into(), flags };
    let value = ast::StringLiteralValue::single(literal);
    Expr::StringLiteral(ast::ExprStringLiteral { node_index: AtomicNodeIndex::NONE, range, value })
}

impl Converter<'_> {
    pub(super) fn constant(&mut self, value: &Const, range: TextRange) -> Expr {
        let node_index = AtomicNodeIndex::NONE;
        match value {
            Const::None => Expr::NoneLiteral(ast::ExprNoneLiteral { node_index, range }),
            Const::Bool(value) => {
                Expr::BooleanLiteral(ast::ExprBooleanLiteral { node_index, range, value: *value })
            }
            Const::Int(i) if *i >= 0 => {
                let int = i.unsigned_abs();
                number(range, Number::Int(ast::Int::from(int)))
            }
            Const::Float(f) => number(range, Number::Float(*f)),
            Const::Complex(real, imag) => {
                number(range, Number::Complex { real: *real, imag: *imag })
            }
            Const::Str(text) => string(range, text),
            Const::Bytes(bytes) => {
                let flags = ast::BytesLiteralFlags::empty()
                    .with_prefix(ByteStringPrefix::Raw { uppercase_r: false });
                let value = (&**bytes).into();
                let literal = ast::BytesLiteral { range, node_index, value, flags };
                let value = ast::BytesLiteralValue::single(literal);
                Expr::BytesLiteral(ast::ExprBytesLiteral {
                    node_index: AtomicNodeIndex::NONE,
                    range,
                    value,
                })
            }
            Const::BigInt(digits) if digits.starts_with('-') => {
                let operand = Box::new(self.constant(&Const::BigInt(digits[1..].into()), range));
                let op = ast::UnaryOp::USub;
                Expr::UnaryOp(ast::ExprUnaryOp { node_index, range, op, operand })
            }
            other => self.stand_in(other.clone(), range),
        }
    }

    /// The node for a constant that no source text has.
    fn stand_in(&mut self, value: Const, range: TextRange) -> Expr {
        let node_index = self.keep(value);
        Expr::EllipsisLiteral(ast::ExprEllipsisLiteral { node_index, range })
    }

    pub(super) fn f_string(&mut self, node: &Node) -> T<Expr> {
        let range = self.range(node);
        let mut elements = Vec::new();
        self.pieces(node, false, &mut elements)?;
        let flags =
            ast::FStringFlags::empty().with_prefix(FStringPrefix::Raw { uppercase_r: false });
        let elements = elements.into();
        let part = ast::FString { range, node_index: AtomicNodeIndex::NONE, elements, flags };
        let value = ast::FStringValue::single(part);
        Ok(Expr::FString(ast::ExprFString { node_index: AtomicNodeIndex::NONE, range, value }))
    }

    pub(super) fn t_string(&mut self, node: &Node) -> T<Expr> {
        let range = self.range(node);
        let mut elements = Vec::new();
        self.pieces(node, true, &mut elements)?;
        let flags =
            ast::TStringFlags::empty().with_prefix(TStringPrefix::Raw { uppercase_r: false });
        let elements = elements.into();
        let part = ast::TString { range, node_index: AtomicNodeIndex::NONE, elements, flags };
        let value = ast::TStringValue::single(part);
        Ok(Expr::TString(ast::ExprTString { node_index: AtomicNodeIndex::NONE, range, value }))
    }

    /// Adds what a node of a string consists of.
    fn pieces(&mut self, node: &Node, template: bool, out: &mut Vec<Element>) -> T<()> {
        let range = self.range(node);
        match (&*node.kind, &node.fields[..]) {
            ("JoinedStr" | "TemplateStr", [values]) => {
                for value in items_of(values) {
                    self.pieces(node_of(value)?, template, out)?;
                }
                Ok(())
            }
            ("Constant", [Field::Const(Const::Str(text)), _]) => {
                let value = (&**text).into();
                out.push(Element::Literal(ast::InterpolatedStringLiteralElement {
                    range,
                    node_index: AtomicNodeIndex::NONE,
                    value,
                }));
                Ok(())
            }
            ("FormattedValue", [value, Field::Int(letter), spec]) if !template => {
                self.interpolation((value, *letter, spec), None, range, out)
            }
            ("Interpolation", [value, Field::Const(text), Field::Int(letter), spec])
                if template =>
            {
                self.interpolation((value, *letter, spec), Some(text.clone()), range, out)
            }
            ("Constant", [Field::Const(value), _]) => {
                let expression = Box::new(self.constant(value, range));
                out.push(plain(expression, range));
                Ok(())
            }
            _ if template => Err(unknown(node)),
            _ => {
                let expression = Box::new(self.node(node)?);
                out.push(plain(expression, range));
                Ok(())
            }
        }
    }

    fn interpolation(
        &mut self,
        (value, letter, spec): (&Field, i64, &Field),
        text: Option<Const>,
        range: TextRange,
        out: &mut Vec<Element>,
    ) -> T<()> {
        let expression = self.boxed(value)?;
        let conversion = match u8::try_from(letter) {
            Ok(b's') => ConversionFlag::Str,
            Ok(b'r') => ConversionFlag::Repr,
            Ok(b'a') => ConversionFlag::Ascii,
            _ if letter == -1 => ConversionFlag::None,
            _ => {
                let text = format!("Unrecognized conversion character {letter}");
                return Err(TreeError::Type(text));
            }
        };
        let format_spec = match spec {
            Field::None => None,
            spec => {
                let node = node_of(spec)?;
                let mut elements = Vec::new();
                self.pieces(node, false, &mut elements)?;
                Some(Box::new(ast::InterpolatedStringFormatSpec {
                    range: self.range(node),
                    node_index: AtomicNodeIndex::NONE,
                    elements: elements.into(),
                }))
            }
        };
        let node_index = text.map_or(AtomicNodeIndex::NONE, |text| self.keep(text));
        out.push(Element::Interpolation(ast::InterpolatedElement {
            range,
            node_index,
            expression,
            debug_text: None,
            conversion,
            format_spec,
        }));
        Ok(())
    }
}

/// An expression in an f-string without more ado.
fn plain(expression: Box<Expr>, range: TextRange) -> Element {
    Element::Interpolation(ast::InterpolatedElement {
        range,
        node_index: AtomicNodeIndex::NONE,
        expression,
        debug_text: None,
        conversion: ConversionFlag::None,
        format_spec: None,
    })
}
