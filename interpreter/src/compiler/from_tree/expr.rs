//! Expressions.

use super::{
    Converter, T, TreeError, at, check_name, items_of, name, node_of, opt_name, some_items,
    unknown, value_error,
};
use crate::compiler::symtable::range_of;
use crate::compiler::tree::{Field, Node};
use rustpython_ast::{
    self as ast, AtomicNodeIndex, BoolOp, CmpOp, Expr, ExprContext, Operator, UnaryOp, name::Name,
};
use rustpython_text_size::{TextRange, TextSize};

/// The variant that a node without fields stands for.
macro_rules! variant {
    ($node:expr, $ty:ident: $($name:ident)*) => {
        match &*$node.kind {
            $(stringify!($name) => $ty::$name,)*
            _ => return Err(unknown($node)),
        }
    };
}

pub(super) fn operator(field: &Field) -> T<Operator> {
    Ok(variant!(node_of(field)?, Operator: Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr
        BitXor BitAnd FloorDiv))
}

fn cmp_op(field: &Field) -> T<CmpOp> {
    Ok(variant!(node_of(field)?, CmpOp: Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn))
}

fn context(field: &Field) -> T<ExprContext> {
    Ok(variant!(node_of(field)?, ExprContext: Load Store Del))
}

impl Converter<'_> {
    /// An expression whose value is wanted.
    pub(super) fn load(&mut self, field: &Field) -> T<Expr> {
        self.expr(field, ExprContext::Load)
    }

    pub(super) fn boxed(&mut self, field: &Field) -> T<Box<Expr>> {
        self.load(field).map(Box::new)
    }

    pub(super) fn optional(&mut self, field: &Field) -> T<Option<Box<Expr>>> {
        match field {
            Field::None => Ok(None),
            field => self.boxed(field).map(Some),
        }
    }

    pub(super) fn loads(&mut self, field: &Field) -> T<Vec<Expr>> {
        self.exprs(field, ExprContext::Load)
    }

    pub(super) fn exprs(&mut self, field: &Field, ctx: ExprContext) -> T<Vec<Expr>> {
        self.list(items_of(field), |c, item| c.expr(item, ctx))
    }

    /// An expression in a context, which it must know of if it can be in others.
    pub(super) fn expr(&mut self, field: &Field, ctx: ExprContext) -> T<Expr> {
        let Field::Node(node) = field else {
            return value_error("None disallowed in expression list");
        };
        let own = match (&*node.kind, node.fields.last()) {
            ("Attribute" | "Subscript" | "Starred" | "Name" | "List" | "Tuple", Some(own)) => {
                Some(context(own)?)
            }
            _ => None,
        };
        match own {
            Some(own) if own != ctx => {
                value_error(format!("expression must have {ctx:?} context but has {own:?} instead"))
            }
            None if ctx != ExprContext::Load => {
                value_error(format!("expression which can't be assigned to in {ctx:?} context"))
            }
            _ => self.checked(node, ctx),
        }
    }

    /// A node whose value is wanted.
    pub(super) fn node(&mut self, node: &Node) -> T<Expr> {
        self.checked(node, ExprContext::Load)
    }

    fn checked(&mut self, node: &Node, ctx: ExprContext) -> T<Expr> {
        let range = self.range(node);
        let node_index = AtomicNodeIndex::NONE;
        Ok(match (&*node.kind, &node.fields[..]) {
            ("BoolOp", [op, values]) => {
                if items_of(values).len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                let op = variant!(node_of(op)?, BoolOp: And Or);
                let values = self.loads(values)?;
                Expr::BoolOp(ast::ExprBoolOp { node_index, range, op, values })
            }
            ("NamedExpr", [target, value]) => {
                if node_of(target)?.kind != "Name" {
                    return Err(TreeError::Type("NamedExpr target must be a Name".into()));
                }
                let target = Box::new(self.expr(target, ExprContext::Store)?);
                Expr::Named(ast::ExprNamed { node_index, range, target, value: self.boxed(value)? })
            }
            ("BinOp", [left, op, right]) => Expr::BinOp(ast::ExprBinOp {
                node_index,
                range,
                left: self.boxed(left)?,
                op: operator(op)?,
                right: self.boxed(right)?,
            }),
            ("UnaryOp", [op, operand]) => {
                let op = variant!(node_of(op)?, UnaryOp: Invert Not UAdd USub);
                let operand = self.boxed(operand)?;
                Expr::UnaryOp(ast::ExprUnaryOp { node_index, range, op, operand })
            }
            ("Lambda", [parameters, body]) => Expr::Lambda(ast::ExprLambda {
                node_index,
                range,
                parameters: Some(Box::new(self.parameters(parameters, range)?)),
                body: self.boxed(body)?,
            }),
            ("IfExp", [test, body, orelse]) => Expr::If(ast::ExprIf {
                node_index,
                range,
                test: self.boxed(test)?,
                body: self.boxed(body)?,
                orelse: self.boxed(orelse)?,
            }),
            ("Dict", [keys, values]) => {
                let (keys, values) = (items_of(keys), items_of(values));
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                let items = keys.iter().zip(values).map(|(key, value)| {
                    let key = self.optional(key)?.map(|key| *key);
                    Ok(ast::DictItem { key, value: self.load(value)? })
                });
                let items = items.collect::<T<_>>()?;
                Expr::Dict(ast::ExprDict { node_index, range, items })
            }
            ("Set", [elts]) => {
                Expr::Set(ast::ExprSet { node_index, range, elts: self.loads(elts)? })
            }
            ("ListComp", [elt, generators]) => {
                let generators = self.comprehensions(generators)?;
                let elt = self.boxed(elt)?;
                Expr::ListComp(ast::ExprListComp { node_index, range, elt, generators })
            }
            ("SetComp", [elt, generators]) => {
                let generators = self.comprehensions(generators)?;
                let elt = self.boxed(elt)?;
                Expr::SetComp(ast::ExprSetComp { node_index, range, elt, generators })
            }
            ("GeneratorExp", [elt, generators]) => {
                let generators = self.comprehensions(generators)?;
                let elt = self.boxed(elt)?;
                let parenthesized = true;
                Expr::Generator(ast::ExprGenerator {
                    node_index,
                    range,
                    elt,
                    generators,
                    parenthesized,
                })
            }
            ("DictComp", [key, value, generators]) => {
                let generators = self.comprehensions(generators)?;
                let (key, value) = (self.boxed(key)?, self.boxed(value)?);
                Expr::DictComp(ast::ExprDictComp { node_index, range, key, value, generators })
            }
            ("Await", [value]) => {
                Expr::Await(ast::ExprAwait { node_index, range, value: self.boxed(value)? })
            }
            ("Yield", [value]) => {
                Expr::Yield(ast::ExprYield { node_index, range, value: self.optional(value)? })
            }
            ("YieldFrom", [value]) => {
                Expr::YieldFrom(ast::ExprYieldFrom { node_index, range, value: self.boxed(value)? })
            }
            ("Compare", [left, ops, comparators]) => {
                if items_of(comparators).is_empty() {
                    return value_error("Compare with no comparators");
                }
                if items_of(comparators).len() != items_of(ops).len() {
                    return value_error(
                        "Compare has a different number of comparators and operands",
                    );
                }
                Expr::Compare(ast::ExprCompare {
                    node_index,
                    range,
                    left: self.boxed(left)?,
                    ops: items_of(ops).iter().map(cmp_op).collect::<T<_>>()?,
                    comparators: self.loads(comparators)?.into(),
                })
            }
            ("Call", [func, args, keywords]) => {
                let func = self.boxed(func)?;
                let place = at(range_of(&*func).end().min(range.end()), range.end());
                let arguments = self.arguments(args, keywords, place)?;
                Expr::Call(ast::ExprCall { node_index, range, func, arguments })
            }
            ("FormattedValue" | "JoinedStr", _) => self.f_string(node)?,
            ("Interpolation" | "TemplateStr", _) => self.t_string(node)?,
            ("Constant", [Field::Const(value), _]) => self.constant(value, range),
            ("Attribute", [value, attr, _]) => {
                let value = self.boxed(value)?;
                let attr = name(attr, range)?;
                // The name ends where the node does.
                let length = TextSize::new(attr.as_str().len() as u32);
                let start = range.end().checked_sub(length).unwrap_or_default();
                let attr =
                    ast::Identifier { range: at(start.max(range.start()), range.end()), ..attr };
                Expr::Attribute(ast::ExprAttribute { node_index, range, value, attr, ctx })
            }
            ("Subscript", [value, slice, _]) => {
                let (value, slice) = (self.boxed(value)?, self.boxed(slice)?);
                Expr::Subscript(ast::ExprSubscript { node_index, range, value, slice, ctx })
            }
            ("Starred", [value, _]) => {
                let value = Box::new(self.expr(value, ctx)?);
                Expr::Starred(ast::ExprStarred { node_index, range, value, ctx })
            }
            ("Name", [Field::Name(id), _]) => {
                check_name(id)?;
                Expr::Name(ast::ExprName { node_index, range, id: Name::new(id), ctx })
            }
            ("List", [elts, _]) => {
                Expr::List(ast::ExprList { node_index, range, elts: self.exprs(elts, ctx)?, ctx })
            }
            ("Tuple", [elts, _]) => {
                let elts = self.exprs(elts, ctx)?;
                Expr::Tuple(ast::ExprTuple { node_index, range, elts, ctx, parenthesized: true })
            }
            ("Slice", [lower, upper, step]) => Expr::Slice(ast::ExprSlice {
                node_index,
                range,
                lower: self.optional(lower)?,
                upper: self.optional(upper)?,
                step: self.optional(step)?,
            }),
            _ => return Err(unknown(node)),
        })
    }

    fn comprehensions(&mut self, field: &Field) -> T<Vec<ast::Comprehension>> {
        if items_of(field).is_empty() {
            return value_error("comprehension with no generators");
        }
        self.list(items_of(field), |c, item| {
            let node = node_of(item)?;
            let [target, iter, ifs, Field::Int(is_async)] = &node.fields[..] else {
                return Err(unknown(node));
            };
            let target = c.expr(target, ExprContext::Store)?;
            let iter = c.load(iter)?;
            let range = at(range_of(&target).start(), range_of(&iter).end());
            let ifs = c.loads(ifs)?;
            let is_async = *is_async != 0;
            Ok(ast::Comprehension {
                range,
                node_index: AtomicNodeIndex::NONE,
                target,
                iter,
                ifs,
                is_async,
            })
        })
    }

    /// The arguments of a call or of a class statement.
    pub(super) fn arguments(
        &mut self,
        args: &Field,
        keywords: &Field,
        range: TextRange,
    ) -> T<ast::Arguments> {
        let args = self.loads(args)?.into();
        let keywords = self.list(items_of(keywords), |c, item| {
            let node = node_of(item)?;
            let [arg, value] = &node.fields[..] else { return Err(unknown(node)) };
            let range = c.range(node);
            let arg = opt_name(arg, range);
            Ok(ast::Keyword {
                range,
                node_index: AtomicNodeIndex::NONE,
                arg,
                value: c.load(value)?,
            })
        })?;
        let keywords = keywords.into();
        Ok(ast::Arguments { range, node_index: AtomicNodeIndex::NONE, args, keywords })
    }

    pub(super) fn parameters(&mut self, field: &Field, range: TextRange) -> T<ast::Parameters> {
        let node = node_of(field)?;
        let [posonly, args, vararg, kwonly, kw_defaults, kwarg, defaults] = &node.fields[..] else {
            return Err(unknown(node));
        };
        let (posonly, args) = (items_of(posonly), items_of(args));
        let (kwonly, kw_defaults) = (items_of(kwonly), items_of(kw_defaults));
        let defaults = items_of(defaults);
        let mut posonlyargs = self.list(posonly, Self::parameter)?;
        let mut plain = self.list(args, Self::parameter)?;
        let vararg = self.variadic(vararg)?;
        let mut kwonlyargs = self.list(kwonly, Self::parameter)?;
        let kwarg = self.variadic(kwarg)?;
        let Some(without) = (posonly.len() + args.len()).checked_sub(defaults.len()) else {
            return value_error("more positional defaults than args on arguments");
        };
        if kwonly.len() != kw_defaults.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        let positional = posonlyargs.iter_mut().chain(&mut plain).skip(without);
        for (parameter, default) in positional.zip(defaults) {
            parameter.default = Some(self.boxed(default)?);
        }
        for (parameter, default) in kwonlyargs.iter_mut().zip(kw_defaults) {
            parameter.default = self.optional(default)?;
        }
        let args = plain;
        let node_index = AtomicNodeIndex::NONE;
        Ok(ast::Parameters { range, node_index, posonlyargs, args, vararg, kwonlyargs, kwarg })
    }

    fn parameter(&mut self, field: &Field) -> T<ast::ParameterWithDefault> {
        let parameter = self.bare_parameter(field)?;
        let range = parameter.range;
        Ok(ast::ParameterWithDefault {
            range,
            node_index: AtomicNodeIndex::NONE,
            parameter,
            default: None,
        })
    }

    fn bare_parameter(&mut self, field: &Field) -> T<ast::Parameter> {
        let node = node_of(field)?;
        let [arg, annotation, _] = &node.fields[..] else { return Err(unknown(node)) };
        let range = self.range(node);
        Ok(ast::Parameter {
            range,
            node_index: AtomicNodeIndex::NONE,
            name: name(arg, range)?,
            annotation: self.optional(annotation)?,
        })
    }

    fn variadic(&mut self, field: &Field) -> T<Option<Box<ast::Parameter>>> {
        match field {
            Field::None => Ok(None),
            field => Ok(Some(Box::new(self.bare_parameter(field)?))),
        }
    }

    /// The expressions of a field that must have some.
    pub(super) fn some_exprs(
        &mut self,
        field: &Field,
        what: &str,
        owner: &str,
        ctx: ExprContext,
    ) -> T<Vec<Expr>> {
        some_items(field, what, owner)?;
        self.exprs(field, ctx)
    }
}
