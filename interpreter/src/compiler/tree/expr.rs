//! Expressions.

use super::{Converter, Field, bare, name, variant};
use crate::bytecode::Const;
use crate::compiler::constant::{number_constant, string_constant};
use crate::compiler::error::{R, syntax_error};
use crate::compiler::symtable::range_of;
use rustpython_ast::{self as ast, Expr};
use rustpython_text_size::TextRange;

impl Converter<'_> {
    pub(super) fn exprs(&self, exprs: &[Expr]) -> R<Field> {
        self.list(exprs, |c, e| c.expr(e))
    }

    pub(super) fn opt_expr(&self, e: Option<&Expr>) -> R<Field> {
        e.map_or(Ok(Field::None), |e| self.expr(e))
    }

    fn constant(&self, range: TextRange, value: Const, kind: Field) -> R<Field> {
        Ok(Field::Node(self.node("Constant", range, vec![Field::Const(value), kind])))
    }

    pub(super) fn text(&self, range: TextRange, text: String) -> R<Field> {
        self.constant(range, Const::Str(text.into()), Field::None)
    }

    fn comprehensions(&self, generators: &[ast::Comprehension]) -> R<Field> {
        self.list(generators, |c, g| {
            let fields = vec![
                c.expr(&g.target)?,
                c.expr(&g.iter)?,
                c.exprs(&g.ifs)?,
                Field::Int(g.is_async as i64),
            ];
            Ok(Field::Node(bare("comprehension", fields)))
        })
    }

    /// A generator expression that is the only argument has the call's parentheses.
    fn call_args(&self, arguments: &ast::Arguments) -> R<Field> {
        match &*arguments.args {
            [Expr::Generator(g)] if !g.parenthesized => {
                let fields = vec![self.expr(&g.elt)?, self.comprehensions(&g.generators)?];
                let node = self.node("GeneratorExp", arguments.range, fields);
                Ok(Field::List(vec![Field::Node(node)]))
            }
            args => self.exprs(args),
        }
    }

    pub(super) fn expr(&self, e: &Expr) -> R<Field> {
        let range = range_of(e);
        let node = |kind, fields| Ok(Field::Node(self.node(kind, range, fields)));
        match e {
            Expr::BoolOp(e) => node("BoolOp", vec![variant(e.op), self.exprs(&e.values)?]),
            Expr::Named(e) => node("NamedExpr", vec![self.expr(&e.target)?, self.expr(&e.value)?]),
            Expr::BinOp(e) => {
                node("BinOp", vec![self.expr(&e.left)?, variant(e.op), self.expr(&e.right)?])
            }
            Expr::UnaryOp(e) => node("UnaryOp", vec![variant(e.op), self.expr(&e.operand)?]),
            Expr::Lambda(e) => {
                let parameters = match &e.parameters {
                    Some(p) => self.parameters(p)?,
                    None => self.parameters(&ast::Parameters::default())?,
                };
                node("Lambda", vec![parameters, self.expr(&e.body)?])
            }
            Expr::If(e) => {
                node("IfExp", vec![self.expr(&e.test)?, self.expr(&e.body)?, self.expr(&e.orelse)?])
            }
            Expr::Dict(e) => {
                let keys = self.list(&e.items, |c, item| c.opt_expr(item.key.as_ref()))?;
                let values = self.list(&e.items, |c, item| c.expr(&item.value))?;
                node("Dict", vec![keys, values])
            }
            Expr::Set(e) => node("Set", vec![self.exprs(&e.elts)?]),
            Expr::ListComp(e) => {
                node("ListComp", vec![self.expr(&e.elt)?, self.comprehensions(&e.generators)?])
            }
            Expr::SetComp(e) => {
                node("SetComp", vec![self.expr(&e.elt)?, self.comprehensions(&e.generators)?])
            }
            Expr::DictComp(e) => node(
                "DictComp",
                vec![self.expr(&e.key)?, self.expr(&e.value)?, self.comprehensions(&e.generators)?],
            ),
            Expr::Generator(e) => {
                node("GeneratorExp", vec![self.expr(&e.elt)?, self.comprehensions(&e.generators)?])
            }
            Expr::Await(e) => node("Await", vec![self.expr(&e.value)?]),
            Expr::Yield(e) => node("Yield", vec![self.opt_expr(e.value.as_deref())?]),
            Expr::YieldFrom(e) => node("YieldFrom", vec![self.expr(&e.value)?]),
            Expr::Compare(e) => {
                let ops = self.list(&e.ops, |_, op| Ok(variant(op)))?;
                node("Compare", vec![self.expr(&e.left)?, ops, self.exprs(&e.comparators)?])
            }
            Expr::Call(e) => node(
                "Call",
                vec![
                    self.expr(&e.func)?,
                    self.call_args(&e.arguments)?,
                    self.keywords(&e.arguments.keywords)?,
                ],
            ),
            Expr::FString(e) => self.f_string(e),
            Expr::TString(e) => self.t_string(e),
            Expr::StringLiteral(e) => {
                let unicode = e.value.first_literal_flags().prefix().is_unicode();
                let kind = if unicode { Field::Name("u".into()) } else { Field::None };
                self.constant(range, string_constant(self.source, e), kind)
            }
            Expr::BytesLiteral(e) => {
                let bytes: Vec<u8> = e.value.bytes().collect();
                self.constant(range, Const::Bytes(bytes.into()), Field::None)
            }
            Expr::NumberLiteral(e) => {
                self.constant(range, number_constant(self.source, e)?, Field::None)
            }
            Expr::BooleanLiteral(e) => self.constant(range, Const::Bool(e.value), Field::None),
            Expr::NoneLiteral(_) => self.constant(range, Const::None, Field::None),
            Expr::EllipsisLiteral(_) => self.constant(range, Const::Ellipsis, Field::None),
            Expr::Attribute(e) => {
                node("Attribute", vec![self.expr(&e.value)?, name(&e.attr), variant(e.ctx)])
            }
            Expr::Subscript(e) => {
                node("Subscript", vec![self.expr(&e.value)?, self.expr(&e.slice)?, variant(e.ctx)])
            }
            Expr::Starred(e) => node("Starred", vec![self.expr(&e.value)?, variant(e.ctx)]),
            Expr::Name(e) => {
                node("Name", vec![Field::Name(e.id.as_str().to_owned()), variant(e.ctx)])
            }
            Expr::List(e) => node("List", vec![self.exprs(&e.elts)?, variant(e.ctx)]),
            Expr::Tuple(e) => node("Tuple", vec![self.exprs(&e.elts)?, variant(e.ctx)]),
            Expr::Slice(e) => node(
                "Slice",
                vec![
                    self.opt_expr(e.lower.as_deref())?,
                    self.opt_expr(e.upper.as_deref())?,
                    self.opt_expr(e.step.as_deref())?,
                ],
            ),
            Expr::IpyEscapeCommand(_) => Err(syntax_error(range, "invalid syntax")),
        }
    }
}
