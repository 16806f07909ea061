//! From a tree of plain data, made of somebody's objects, to the parser's tree: the way back of
//! [`tree`](super::tree). What the grammar cannot say is checked here, in CPython's words.
//!
//! Nodes say where they are by line and column; the parser's ranges are byte offsets. So there is
//! a text of blanks with one row for each line that a node is on, as wide as its last column.
//!
//! - [`expr`]: expressions. [`strings`]: constants, f-strings and t-strings. [`stmt`]: statements.
//!   [`pattern`]: patterns.

mod expr;
mod pattern;
mod stmt;
mod strings;

use super::error::SyntaxError;
use super::source::{Source, TreeParts};
use super::tree::{Field, Node};
use crate::bytecode::{Const, Position};
use rustpython_ast::{self as ast, AtomicNodeIndex, Identifier, Mod};
use rustpython_text_size::{TextRange, TextSize};
use std::collections::BTreeMap;

/// Why a tree cannot be compiled.
#[derive(Debug)]
pub enum TreeError {
    /// `ValueError`
    Value(String),
    /// `TypeError`
    Type(String),
    /// `RecursionError`
    TooDeep,
    /// What would be wrong in a source text, too.
    Syntax(SyntaxError),
}

type T<V> = Result<V, TreeError>;

fn value_error<V>(message: impl Into<String>) -> T<V> {
    Err(TreeError::Value(message.into()))
}

/// Calls `f` with the parser's tree and what stands for its source.
pub(super) fn with_source<V>(node: &Node, f: impl FnOnce(&Source, Mod) -> V) -> T<V> {
    let mut rows = Rows::default();
    rows.measure(node);
    let text = rows.lay_out();
    let mut converter = Converter { rows: &rows, constants: Vec::new() };
    let tree = converter.module(node)?;
    let constants = converter.constants;
    let lines = std::iter::once(0).chain(rows.widths.keys().copied()).collect();
    let source = Source::of_tree(&text, TreeParts { lines, constants });
    Ok(f(&source, tree))
}

/// The rows of the text that stands for the source.
#[derive(Default)]
struct Rows {
    /// The width of the row of each line.
    widths: BTreeMap<u32, u32>,
    /// Where the row of each line begins.
    starts: BTreeMap<u32, u32>,
}

/// The text is no longer than this: columns too far out are cut.
const LONGEST: u32 = 1 << 28;

impl Rows {
    fn measure(&mut self, node: &Node) {
        if let Some(p) = &node.position {
            for (line, col) in [(p.line, p.col), (p.end_line, p.end_col)] {
                let width = self.widths.entry(line).or_insert(0);
                *width = col.max(*width);
            }
        }
        node.fields.iter().for_each(|field| self.measure_field(field));
    }

    fn measure_field(&mut self, field: &Field) {
        match field {
            Field::Node(node) => self.measure(node),
            Field::List(items) => items.iter().for_each(|item| self.measure_field(item)),
            _ => {}
        }
    }

    /// The text. Its first row is empty: offset 0 is no place.
    fn lay_out(&mut self) -> String {
        let widest = LONGEST / (self.widths.len() as u32 + 1);
        let mut text = String::from("\n");
        for (line, width) in &mut self.widths {
            *width = widest.min(*width);
            self.starts.insert(*line, text.len() as u32);
            text.extend(std::iter::repeat_n(' ', *width as usize));
            text.push('\n');
        }
        text
    }

    fn offset(&self, line: u32, col: u32) -> TextSize {
        let start = self.starts.get(&line).copied().unwrap_or(0);
        let width = self.widths.get(&line).copied().unwrap_or(0);
        TextSize::new(start + col.min(width))
    }

    fn range(&self, position: Option<&Position>) -> TextRange {
        let Some(p) = position else { return TextRange::default() };
        at(self.offset(p.line, p.col), self.offset(p.end_line, p.end_col))
    }
}

fn at(start: TextSize, end: TextSize) -> TextRange {
    TextRange::new(start, end.max(start))
}

struct Converter<'a> {
    rows: &'a Rows,
    constants: Vec<Const>,
}

impl Converter<'_> {
    fn range(&self, node: &Node) -> TextRange {
        self.rows.range(node.position.as_ref())
    }

    fn module(&mut self, node: &Node) -> T<Mod> {
        match (&*node.kind, &node.fields[..]) {
            ("Module" | "Interactive", [Field::List(body), ..]) => {
                let body = self.statements(body)?;
                let range = TextRange::default();
                Ok(Mod::Module(ast::ModModule { node_index: AtomicNodeIndex::NONE, range, body }))
            }
            ("Expression", [body]) => {
                let body = self.boxed(body)?;
                let range = TextRange::default();
                Ok(Mod::Expression(ast::ModExpression {
                    node_index: AtomicNodeIndex::NONE,
                    range,
                    body,
                }))
            }
            _ => Err(unknown(node)),
        }
    }

    /// Keeps a constant, and gives the index for the node that stands for it.
    fn keep(&mut self, constant: Const) -> AtomicNodeIndex {
        let index = AtomicNodeIndex::NONE;
        index.set(ast::NodeIndex::from(self.constants.len() as u32));
        self.constants.push(constant);
        index
    }

    fn list<V>(&mut self, items: &[Field], f: impl Fn(&mut Self, &Field) -> T<V>) -> T<Vec<V>> {
        items.iter().map(|item| f(self, item)).collect()
    }
}

/// A tree whose shape is not that of the grammar: whoever made it has not checked it.
fn unknown(node: &Node) -> TreeError {
    TreeError::Type(format!("unexpected fields of {}", node.kind))
}

/// The node in a field.
fn node_of(field: &Field) -> T<&Node> {
    match field {
        Field::Node(node) => Ok(node),
        _ => value_error("None disallowed in node list"),
    }
}

/// The items of a field.
fn items_of(field: &Field) -> &[Field] {
    match field {
        Field::List(items) => items,
        _ => &[],
    }
}

/// The items of a field that must have some.
fn some_items<'f>(field: &'f Field, what: &str, owner: &str) -> T<&'f [Field]> {
    match items_of(field) {
        [] => value_error(format!("empty {what} on {owner}")),
        items => Ok(items),
    }
}

/// Names are no constants.
fn check_name(name: &str) -> T<()> {
    if matches!(name, "None" | "True" | "False") {
        return value_error(format!("identifier field can't represent '{name}' constant"));
    }
    Ok(())
}

fn name(field: &Field, range: TextRange) -> T<Identifier> {
    match field {
        Field::Name(name) => Ok(Identifier::new(name.as_str(), range)),
        _ => value_error("identifier is missing"),
    }
}

fn opt_name(field: &Field, range: TextRange) -> Option<Identifier> {
    name(field, range).ok()
}
