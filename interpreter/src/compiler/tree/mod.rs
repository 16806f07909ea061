//! The parser's tree as plain data in the shape of Python's module `ast`: nodes by name, with
//! their fields in the order of the grammar.
//!
//! - [`stmt`]: statements and what belongs to them. [`expr`]: expressions. [`strings`]: f-strings
//!   and t-strings. [`type_comments`]: comments that are part of the tree, if asked for.

mod expr;
mod stmt;
mod strings;
mod type_comments;

use super::Mode;
use super::error::R;
use super::source::Source;
use crate::bytecode::{Const, Position};
use rustpython_ast::{self as ast, Expr, Mod};
use rustpython_text_size::{TextRange, TextSize};
use std::borrow::Cow;
pub(super) use type_comments::TypeComments;

/// A node.
#[derive(Debug)]
pub struct Node {
    /// Its class in module `ast`.
    pub kind: Cow<'static, str>,
    /// Where it is; columns in bytes.
    pub position: Option<Position>,
    /// Its fields, in the order of the grammar.
    pub fields: Vec<Field>,
}

/// What a field holds.
#[derive(Debug)]
pub enum Field {
    /// Nothing.
    None,
    /// A node.
    Node(Node),
    /// A sequence.
    List(Vec<Field>),
    /// A name.
    Name(String),
    /// A number.
    Int(i64),
    /// A constant.
    Const(Const),
}

/// Turns the parser's tree around.
pub(super) fn convert(
    source: &Source,
    tree: &Mod,
    mode: Mode,
    type_comments: &TypeComments,
) -> R<Node> {
    let c = Converter { source, type_comments };
    let node = match tree {
        Mod::Module(module) if mode == Mode::Single => {
            bare("Interactive", vec![c.body(&module.body)?])
        }
        Mod::Module(module) => bare("Module", vec![c.body(&module.body)?, type_comments.ignores()]),
        Mod::Expression(expression) => bare("Expression", vec![c.expr(&expression.body)?]),
    };
    type_comments.check_all_used()?;
    Ok(node)
}

/// The tree of a function's signature.
pub(super) fn function_type(source: &Source, arguments: &[Expr], returns: &Expr) -> R<Node> {
    let c = Converter { source, type_comments: &TypeComments::default() };
    Ok(bare("FunctionType", vec![c.exprs(arguments)?, c.expr(returns)?]))
}

/// The tree is converted with its source at hand.
struct Converter<'a> {
    source: &'a Source<'a>,
    type_comments: &'a TypeComments<'a>,
}

/// A node without a position.
fn bare(kind: impl Into<Cow<'static, str>>, fields: Vec<Field>) -> Node {
    Node { kind: kind.into(), position: None, fields }
}

fn name(identifier: &ast::Identifier) -> Field {
    Field::Name(identifier.as_str().to_owned())
}

fn opt_name(identifier: Option<&ast::Identifier>) -> Field {
    identifier.map_or(Field::None, name)
}

/// A node whose name is that of a variant, such as an operator.
fn variant(v: impl std::fmt::Debug) -> Field {
    Field::Node(bare(format!("{v:?}"), Vec::new()))
}

fn at(start: TextSize, end: TextSize) -> TextRange {
    TextRange::new(start, end.max(start))
}

impl Converter<'_> {
    /// A node with a position.
    fn node(&self, kind: &'static str, range: TextRange, fields: Vec<Field>) -> Node {
        Node { kind: kind.into(), position: Some(self.source.position(range)), fields }
    }

    fn list<T>(&self, items: &[T], f: impl Fn(&Self, &T) -> R<Field>) -> R<Field> {
        Ok(Field::List(items.iter().map(|item| f(self, item)).collect::<R<_>>()?))
    }
}
