//! Patterns.

use super::{Converter, T, check_name, items_of, name, node_of, opt_name, unknown, value_error};
use crate::bytecode::Const;
use crate::compiler::symtable::range_of;
use crate::compiler::tree::{Field, Node};
use rustpython_ast::{self as ast, AtomicNodeIndex, Pattern, Singleton};

const ONLY_LITERALS: &str = "patterns may only match literals and attribute lookups";

impl Converter<'_> {
    pub(super) fn pattern(&mut self, field: &Field) -> T<Pattern> {
        let node = node_of(field)?;
        if node.kind == "MatchStar" {
            return value_error("can't use MatchStar here");
        }
        self.any_pattern(node)
    }

    fn patterns(&mut self, field: &Field) -> T<Vec<Pattern>> {
        self.list(items_of(field), Self::pattern)
    }

    fn any_pattern(&mut self, node: &Node) -> T<Pattern> {
        let range = self.range(node);
        let node_index = AtomicNodeIndex::NONE;
        Ok(match (&*node.kind, &node.fields[..]) {
            ("MatchValue", [value]) => {
                check_value(node_of(value)?, false)?;
                let value = self.boxed(value)?;
                Pattern::MatchValue(ast::PatternMatchValue { node_index, range, value })
            }
            ("MatchSingleton", [Field::Const(value)]) => {
                let value = match value {
                    Const::None => Singleton::None,
                    Const::Bool(true) => Singleton::True,
                    Const::Bool(false) => Singleton::False,
                    _ => {
                        return value_error("MatchSingleton can only contain True, False and None");
                    }
                };
                Pattern::MatchSingleton(ast::PatternMatchSingleton { node_index, range, value })
            }
            ("MatchSequence", [patterns]) => {
                let patterns =
                    self.list(items_of(patterns), |c, item| c.any_pattern(node_of(item)?))?;
                Pattern::MatchSequence(ast::PatternMatchSequence { node_index, range, patterns })
            }
            ("MatchMapping", [keys, patterns, rest]) => {
                if items_of(keys).len() != items_of(patterns).len() {
                    return value_error(
                        "MatchMapping doesn't have the same number of keys as patterns",
                    );
                }
                check_capture(rest)?;
                for key in items_of(keys) {
                    check_value(node_of(key)?, true)?;
                }
                let (keys, patterns) = (self.loads(keys)?, self.patterns(patterns)?);
                let rest = opt_name(rest, range);
                Pattern::MatchMapping(ast::PatternMatchMapping {
                    node_index,
                    range,
                    keys,
                    patterns,
                    rest,
                })
            }
            ("MatchClass", [class, patterns, names, values]) => {
                if items_of(names).len() != items_of(values).len() {
                    return value_error(
                        "MatchClass doesn't have the same number of keyword attributes as patterns",
                    );
                }
                let mut part = node_of(class)?;
                while part.kind == "Attribute" {
                    part = node_of(&part.fields[0])?;
                }
                if part.kind != "Name" {
                    return value_error(
                        "MatchClass cls field can only contain Name or Attribute nodes.",
                    );
                }
                let cls = self.boxed(class)?;
                let patterns = self.patterns(patterns)?;
                let keywords = items_of(names).iter().zip(items_of(values)).map(|(attr, value)| {
                    let attr = name(attr, range)?;
                    check_name(attr.as_str())?;
                    let pattern = self.pattern(value)?;
                    let range = range_of(&pattern);
                    Ok(ast::PatternKeyword {
                        range,
                        node_index: AtomicNodeIndex::NONE,
                        attr,
                        pattern,
                    })
                });
                let keywords = keywords.collect::<T<_>>()?;
                let arguments = ast::PatternArguments {
                    range,
                    node_index: AtomicNodeIndex::NONE,
                    patterns,
                    keywords,
                };
                Pattern::MatchClass(ast::PatternMatchClass { node_index, range, cls, arguments })
            }
            ("MatchStar", [id]) => {
                check_capture(id)?;
                let name = opt_name(id, range);
                Pattern::MatchStar(ast::PatternMatchStar { node_index, range, name })
            }
            ("MatchAs", [pattern, id]) => {
                check_capture(id)?;
                let name = opt_name(id, range);
                let pattern = match pattern {
                    Field::None => None,
                    _ if name.is_none() => {
                        return value_error(
                            "MatchAs must specify a target name if a pattern is given",
                        );
                    }
                    pattern => Some(Box::new(self.pattern(pattern)?)),
                };
                Pattern::MatchAs(ast::PatternMatchAs { node_index, range, pattern, name })
            }
            ("MatchOr", [patterns]) => {
                if items_of(patterns).len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                let patterns = self.patterns(patterns)?;
                Pattern::MatchOr(ast::PatternMatchOr { node_index, range, patterns })
            }
            _ => return Err(unknown(node)),
        })
    }
}

/// The name that a pattern binds.
fn check_capture(field: &Field) -> T<()> {
    match field {
        Field::Name(name) if name == "_" => value_error("can't capture name '_' in patterns"),
        Field::Name(name) => check_name(name),
        _ => Ok(()),
    }
}

/// What a value pattern compares with, or, as a key, also a singleton.
fn check_value(node: &Node, key: bool) -> T<()> {
    let kind = &*node.kind;
    match (kind, &node.fields[..]) {
        ("Constant", [Field::Const(value), ..]) => match value {
            Const::Int(_)
            | Const::BigInt(_)
            | Const::Float(_)
            | Const::Complex(..)
            | Const::Bytes(_)
            | Const::Str(_)
            | Const::WideStr(_) => Ok(()),
            Const::None | Const::Bool(_) if key => Ok(()),
            _ => value_error("unexpected constant inside of a literal pattern"),
        },
        ("Attribute", _) => Ok(()),
        ("JoinedStr" | "TemplateStr", _) => Ok(()),
        ("UnaryOp", [op, operand]) => {
            let minus = node_of(op)?.kind == "USub";
            let operand = node_of(operand)?;
            if minus && is_number(operand) { Ok(()) } else { value_error(ONLY_LITERALS) }
        }
        ("BinOp", [left, op, right]) => {
            let sum = matches!(&*node_of(op)?.kind, "Add" | "Sub");
            let left = node_of(left)?;
            let left = match (&*left.kind, &left.fields[..]) {
                ("UnaryOp", [op, operand]) if node_of(op)?.kind == "USub" => node_of(operand)?,
                _ => left,
            };
            let fits = sum && is_number(left) && is_number(node_of(right)?);
            if fits { Ok(()) } else { value_error(ONLY_LITERALS) }
        }
        _ => value_error(ONLY_LITERALS),
    }
}

fn is_number(node: &Node) -> bool {
    matches!(
        node.fields.first(),
        Some(Field::Const(Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(..)))
    )
}
