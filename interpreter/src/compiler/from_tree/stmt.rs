//! Statements.

use super::expr::operator;
use super::{
    Converter, T, TreeError, at, check_name, items_of, name, node_of, opt_name, some_items,
    unknown, value_error,
};
use crate::compiler::symtable::range_of;
use crate::compiler::tree::{Field, Node};
use rustpython_ast::{self as ast, AtomicNodeIndex, Expr, ExprContext, Stmt, TypeParam};
use rustpython_text_size::TextRange;

impl Converter<'_> {
    pub(super) fn statements(&mut self, items: &[Field]) -> T<Vec<Stmt>> {
        self.list(items, |c, item| match item {
            Field::Node(node) => c.stmt(node),
            _ => value_error("None disallowed in statement list"),
        })
    }

    fn body(&mut self, field: &Field, owner: &str) -> T<Vec<Stmt>> {
        self.statements(some_items(field, "body", owner)?)
    }

    fn rest(&mut self, field: &Field) -> T<Vec<Stmt>> {
        self.statements(items_of(field))
    }

    fn target(&mut self, field: &Field) -> T<Box<Expr>> {
        self.expr(field, ExprContext::Store).map(Box::new)
    }

    fn stmt(&mut self, node: &Node) -> T<Stmt> {
        let range = self.range(node);
        let node_index = AtomicNodeIndex::NONE;
        let kind = &*node.kind;
        Ok(match (kind, &node.fields[..]) {
            ("FunctionDef" | "AsyncFunctionDef", _) => self.function(node, range)?,
            ("ClassDef", _) => self.class(node, range)?,
            ("Return", [value]) => {
                Stmt::Return(ast::StmtReturn { node_index, range, value: self.optional(value)? })
            }
            ("Delete", [targets]) => {
                let targets = self.some_exprs(targets, "targets", kind, ExprContext::Del)?;
                Stmt::Delete(ast::StmtDelete { node_index, range, targets })
            }
            ("Assign", [targets, value, _]) => {
                let targets = self.some_exprs(targets, "targets", kind, ExprContext::Store)?;
                let value = self.boxed(value)?;
                Stmt::Assign(ast::StmtAssign { node_index, range, targets, value })
            }
            ("TypeAlias", [name, params, value]) => {
                if node_of(name)?.kind != "Name" {
                    return Err(TreeError::Type("TypeAlias with non-Name name".into()));
                }
                let name = self.target(name)?;
                let type_params = self.type_params(params)?;
                let value = self.boxed(value)?;
                Stmt::TypeAlias(ast::StmtTypeAlias { node_index, range, name, type_params, value })
            }
            ("AugAssign", [target, op, value]) => {
                let (target, op) = (self.target(target)?, operator(op)?);
                let value = self.boxed(value)?;
                Stmt::AugAssign(ast::StmtAugAssign { node_index, range, target, op, value })
            }
            ("AnnAssign", [target, annotation, value, Field::Int(simple)]) => {
                let simple = *simple != 0;
                if simple && node_of(target)?.kind != "Name" {
                    let text = "AnnAssign with simple non-Name target";
                    return Err(TreeError::Type(text.into()));
                }
                Stmt::AnnAssign(ast::StmtAnnAssign {
                    node_index,
                    range,
                    target: self.target(target)?,
                    annotation: self.boxed(annotation)?,
                    value: self.optional(value)?,
                    simple,
                })
            }
            ("For" | "AsyncFor", [target, iter, body, orelse, _]) => Stmt::For(ast::StmtFor {
                node_index,
                range,
                is_async: kind == "AsyncFor",
                target: self.target(target)?,
                iter: self.boxed(iter)?,
                body: self.body(body, kind)?,
                orelse: self.rest(orelse)?,
            }),
            ("While", [test, body, orelse]) => Stmt::While(ast::StmtWhile {
                node_index,
                range,
                test: self.boxed(test)?,
                body: self.body(body, kind)?,
                orelse: self.rest(orelse)?,
            }),
            ("If", [test, body, orelse]) => Stmt::If(ast::StmtIf {
                node_index,
                range,
                test: self.boxed(test)?,
                body: self.body(body, kind)?,
                elif_else_clauses: self.else_clauses(orelse)?,
            }),
            ("With" | "AsyncWith", [items, body, _]) => {
                let items = some_items(items, "items", kind)?;
                Stmt::With(ast::StmtWith {
                    node_index,
                    range,
                    is_async: kind == "AsyncWith",
                    items: self.list(items, Self::with_item)?,
                    body: self.body(body, kind)?,
                })
            }
            ("Match", [subject, cases]) => {
                let subject = self.boxed(subject)?;
                let cases = self.list(some_items(cases, "cases", kind)?, Self::match_case)?;
                Stmt::Match(ast::StmtMatch { node_index, range, subject, cases })
            }
            ("Raise", [exc, cause]) => {
                let (exc, cause) = match (exc, cause) {
                    (Field::None, Field::Node(_)) => {
                        return value_error("Raise with cause but no exception");
                    }
                    _ => (self.optional(exc)?, self.optional(cause)?),
                };
                Stmt::Raise(ast::StmtRaise { node_index, range, exc, cause })
            }
            ("Try" | "TryStar", _) => self.try_statement(node, range)?,
            ("Assert", [test, msg]) => {
                let (test, msg) = (self.boxed(test)?, self.optional(msg)?);
                Stmt::Assert(ast::StmtAssert { node_index, range, test, msg })
            }
            ("Import", [names]) => {
                let names = self.list(some_items(names, "names", kind)?, Self::alias)?;
                Stmt::Import(ast::StmtImport { node_index, range, names, is_lazy: false })
            }
            ("ImportFrom", [module, names, level]) => {
                let level = match level {
                    Field::Int(level) => *level,
                    _ => 0,
                };
                if level < 0 {
                    return value_error("Negative ImportFrom level");
                }
                Stmt::ImportFrom(ast::StmtImportFrom {
                    node_index,
                    range,
                    module: opt_name(module, range),
                    names: self.list(some_items(names, "names", kind)?, Self::alias)?,
                    level: u32::try_from(level).unwrap_or(u32::MAX),
                    is_lazy: false,
                })
            }
            ("Global", [names]) => {
                let names = some_items(names, "names", kind)?;
                let names = self.list(names, |_, item| name(item, range))?;
                Stmt::Global(ast::StmtGlobal { node_index, range, names })
            }
            ("Nonlocal", [names]) => {
                let names = some_items(names, "names", kind)?;
                let names = self.list(names, |_, item| name(item, range))?;
                Stmt::Nonlocal(ast::StmtNonlocal { node_index, range, names })
            }
            ("Expr", [value]) => {
                Stmt::Expr(ast::StmtExpr { node_index, range, value: self.boxed(value)? })
            }
            ("Pass", []) => Stmt::Pass(ast::StmtPass { node_index, range }),
            ("Break", []) => Stmt::Break(ast::StmtBreak { node_index, range }),
            ("Continue", []) => Stmt::Continue(ast::StmtContinue { node_index, range }),
            _ => return Err(unknown(node)),
        })
    }

    /// The decorators, the range of the statement with them, and that of its name, from which the
    /// compiler knows where the definition itself begins.
    fn decorators(
        &mut self,
        field: &Field,
        range: TextRange,
    ) -> T<(Vec<ast::Decorator>, TextRange, TextRange)> {
        let decorators = self.list(items_of(field), |c, item| {
            let expression = c.load(item)?;
            let range = range_of(&expression);
            Ok(ast::Decorator { range, node_index: AtomicNodeIndex::NONE, expression })
        })?;
        let start = decorators.first().map_or(range.start(), |d| d.range.start());
        let whole = at(start.min(range.start()), range.end());
        Ok((decorators, whole, TextRange::empty(range.start())))
    }

    fn function(&mut self, node: &Node, own: TextRange) -> T<Stmt> {
        let [id, parameters, body, decorators, returns, _, params] = &node.fields[..] else {
            return Err(unknown(node));
        };
        let body = self.body(body, &node.kind)?;
        let type_params = self.type_params(params)?;
        let parameters = Box::new(self.parameters(parameters, own)?);
        let (decorator_list, range, name_range) = self.decorators(decorators, own)?;
        Ok(Stmt::FunctionDef(ast::StmtFunctionDef {
            node_index: AtomicNodeIndex::NONE,
            range,
            is_async: node.kind == "AsyncFunctionDef",
            decorator_list,
            name: name(id, name_range)?,
            type_params,
            parameters,
            returns: self.optional(returns)?,
            body,
        }))
    }

    fn class(&mut self, node: &Node, own: TextRange) -> T<Stmt> {
        let [id, bases, keywords, body, decorators, params] = &node.fields[..] else {
            return Err(unknown(node));
        };
        let body = self.body(body, &node.kind)?;
        let type_params = self.type_params(params)?;
        let arguments = self.arguments(bases, keywords, own)?;
        let none = arguments.args.is_empty() && arguments.keywords.is_empty();
        let (decorator_list, range, name_range) = self.decorators(decorators, own)?;
        Ok(Stmt::ClassDef(ast::StmtClassDef {
            node_index: AtomicNodeIndex::NONE,
            range,
            decorator_list,
            name: name(id, name_range)?,
            type_params,
            arguments: (!none).then(|| Box::new(arguments)),
            body,
        }))
    }

    /// An `if` alone in the else branch of another is an `elif`.
    fn else_clauses(&mut self, field: &Field) -> T<Vec<ast::ElifElseClause>> {
        let mut clauses = Vec::new();
        let mut field = field;
        let node_index = AtomicNodeIndex::NONE;
        loop {
            match items_of(field) {
                [] => return Ok(clauses),
                [Field::Node(node)] if node.kind == "If" && node.fields.len() == 3 => {
                    let range = self.range(node);
                    let test = Some(self.load(&node.fields[0])?);
                    let body = self.body(&node.fields[1], "If")?;
                    clauses.push(ast::ElifElseClause {
                        range,
                        node_index: AtomicNodeIndex::NONE,
                        test,
                        body,
                    });
                    field = &node.fields[2];
                }
                items => {
                    let body = self.statements(items)?;
                    let start = body.first().map(|s| range_of(s).start()).unwrap_or_default();
                    let end = body.last().map(|s| range_of(s).end()).unwrap_or_default();
                    let range = at(start, end);
                    clauses.push(ast::ElifElseClause { range, node_index, test: None, body });
                    return Ok(clauses);
                }
            }
        }
    }

    fn with_item(&mut self, field: &Field) -> T<ast::WithItem> {
        let node = node_of(field)?;
        let [context, vars] = &node.fields[..] else { return Err(unknown(node)) };
        let context_expr = self.load(context)?;
        let optional_vars = match vars {
            Field::None => None,
            vars => Some(self.target(vars)?),
        };
        let range = range_of(&context_expr);
        Ok(ast::WithItem { range, node_index: AtomicNodeIndex::NONE, context_expr, optional_vars })
    }

    fn match_case(&mut self, field: &Field) -> T<ast::MatchCase> {
        let node = node_of(field)?;
        let [pattern, guard, body] = &node.fields[..] else { return Err(unknown(node)) };
        let pattern = self.pattern(pattern)?;
        let range = range_of(&pattern);
        Ok(ast::MatchCase {
            range,
            node_index: AtomicNodeIndex::NONE,
            pattern,
            guard: self.optional(guard)?,
            body: self.body(body, &node.kind)?,
        })
    }

    fn try_statement(&mut self, node: &Node, range: TextRange) -> T<Stmt> {
        let kind = &node.kind;
        let [body, handlers, orelse, finalbody] = &node.fields[..] else {
            return Err(unknown(node));
        };
        let body = self.body(body, kind)?;
        let (handlers, otherwise) = (items_of(handlers), items_of(orelse));
        if handlers.is_empty() && items_of(finalbody).is_empty() {
            return value_error(format!("{kind} has neither except handlers nor finalbody"));
        }
        if handlers.is_empty() && !otherwise.is_empty() {
            return value_error(format!("{kind} has orelse but no except handlers"));
        }
        let handlers = self.list(handlers, |c, item| {
            let node = node_of(item)?;
            let [class, id, body] = &node.fields[..] else { return Err(unknown(node)) };
            let range = c.range(node);
            Ok(ast::ExceptHandler::ExceptHandler(ast::ExceptHandlerExceptHandler {
                range,
                node_index: AtomicNodeIndex::NONE,
                type_: c.optional(class)?,
                name: opt_name(id, range),
                body: c.body(body, "ExceptHandler")?,
            }))
        })?;
        Ok(Stmt::Try(ast::StmtTry {
            node_index: AtomicNodeIndex::NONE,
            range,
            body,
            handlers,
            orelse: self.rest(orelse)?,
            finalbody: self.rest(finalbody)?,
            is_star: kind == "TryStar",
        }))
    }

    fn alias(&mut self, field: &Field) -> T<ast::Alias> {
        let node = node_of(field)?;
        let [id, asname] = &node.fields[..] else { return Err(unknown(node)) };
        let range = self.range(node);
        let (name, asname) = (name(id, range)?, opt_name(asname, range));
        Ok(ast::Alias { range, node_index: AtomicNodeIndex::NONE, name, asname })
    }

    fn type_params(&mut self, field: &Field) -> T<Option<Box<ast::TypeParams>>> {
        if items_of(field).is_empty() {
            return Ok(None);
        }
        let type_params = self.list(items_of(field), Self::type_param)?;
        let range = type_params.first().map(range_of).unwrap_or_default();
        Ok(Some(Box::new(ast::TypeParams {
            range,
            node_index: AtomicNodeIndex::NONE,
            type_params,
        })))
    }

    fn type_param(&mut self, field: &Field) -> T<TypeParam> {
        let node = node_of(field)?;
        let (range, node_index) = (self.range(node), AtomicNodeIndex::NONE);
        let Some(id) = node.fields.first() else { return Err(unknown(node)) };
        let name = name(id, range)?;
        check_name(name.as_str())?;
        Ok(match (&*node.kind, &node.fields[1..]) {
            ("TypeVar", [bound, default]) => {
                let (bound, default) = (self.optional(bound)?, self.optional(default)?);
                TypeParam::TypeVar(ast::TypeParamTypeVar {
                    node_index,
                    range,
                    name,
                    bound,
                    default,
                })
            }
            ("ParamSpec", [default]) => {
                let default = self.optional(default)?;
                TypeParam::ParamSpec(ast::TypeParamParamSpec { node_index, range, name, default })
            }
            ("TypeVarTuple", [default]) => TypeParam::TypeVarTuple(ast::TypeParamTypeVarTuple {
                node_index,
                range,
                name,
                default: self.optional(default)?,
            }),
            _ => return Err(unknown(node)),
        })
    }
}
