//! Statements, patterns, parameters.

use super::{Converter, Field, Node, at, bare, name, opt_name};
use crate::bytecode::Const;
use crate::compiler::error::{R, syntax_error};
use crate::compiler::symtable::range_of;
use rustpython_ast::{self as ast, Expr, Pattern, Stmt, TypeParam};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// Where a block's first statement begins.
fn start_of(block: &[Stmt]) -> TextSize {
    block.first().map_or(TextSize::default(), |first| first.range().start())
}

impl Converter<'_> {
    pub(super) fn body(&self, body: &[Stmt]) -> R<Field> {
        self.list(body, |c, s| Ok(Field::Node(c.stmt(s)?)))
    }

    /// Where a decorated definition itself begins.
    fn definition(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let from = last.range.end();
        let text = self.source.slice(at(from, range.end()));
        let mut offset = 0;
        for line in text.split_inclusive(['\n', '\r']) {
            let blank = line.len() - line.trim_start().len();
            let rest = line.trim_start();
            if !rest.is_empty() && !rest.starts_with('#') {
                offset += blank;
                break;
            }
            offset += line.len();
        }
        at(from + TextSize::new(offset as u32), range.end())
    }

    fn stmt(&self, stmt: &Stmt) -> R<Node> {
        let range = range_of(stmt);
        let node = |kind, fields| Ok(self.node(kind, range, fields));
        let exprs = |e: &[Expr]| self.exprs(e);
        match stmt {
            Stmt::FunctionDef(s) => {
                let kind = if s.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
                let header = s.returns.as_ref().map_or(s.parameters.range, |e| e.range()).end();
                let fields = vec![
                    name(&s.name),
                    self.parameters(&s.parameters)?,
                    self.body(&s.body)?,
                    self.decorators(&s.decorator_list)?,
                    self.opt_expr(s.returns.as_deref())?,
                    self.type_comments.function(header, start_of(&s.body))?,
                    self.type_params(s.type_params.as_deref())?,
                ];
                Ok(self.node(kind, self.definition(range, &s.decorator_list), fields))
            }
            Stmt::ClassDef(s) => {
                let (bases, keywords) = match &s.arguments {
                    Some(a) => (exprs(&a.args)?, self.keywords(&a.keywords)?),
                    None => (Field::List(vec![]), Field::List(vec![])),
                };
                let fields = vec![
                    name(&s.name),
                    bases,
                    keywords,
                    self.body(&s.body)?,
                    self.decorators(&s.decorator_list)?,
                    self.type_params(s.type_params.as_deref())?,
                ];
                Ok(self.node("ClassDef", self.definition(range, &s.decorator_list), fields))
            }
            Stmt::Return(s) => node("Return", vec![self.opt_expr(s.value.as_deref())?]),
            Stmt::Delete(s) => node("Delete", vec![exprs(&s.targets)?]),
            Stmt::TypeAlias(s) => node(
                "TypeAlias",
                vec![
                    self.expr(&s.name)?,
                    self.type_params(s.type_params.as_deref())?,
                    self.expr(&s.value)?,
                ],
            ),
            Stmt::Assign(s) => {
                let comment = self.type_comments.assignment(s.range.end());
                node("Assign", vec![exprs(&s.targets)?, self.expr(&s.value)?, comment])
            }
            Stmt::AugAssign(s) => node(
                "AugAssign",
                vec![self.expr(&s.target)?, super::variant(s.op), self.expr(&s.value)?],
            ),
            Stmt::AnnAssign(s) => node(
                "AnnAssign",
                vec![
                    self.expr(&s.target)?,
                    self.expr(&s.annotation)?,
                    self.opt_expr(s.value.as_deref())?,
                    Field::Int(s.simple as i64),
                ],
            ),
            Stmt::For(s) => node(
                if s.is_async { "AsyncFor" } else { "For" },
                vec![
                    self.expr(&s.target)?,
                    self.expr(&s.iter)?,
                    self.body(&s.body)?,
                    self.body(&s.orelse)?,
                    self.type_comments.header(s.iter.range().end(), start_of(&s.body)),
                ],
            ),
            Stmt::While(s) => {
                node("While", vec![self.expr(&s.test)?, self.body(&s.body)?, self.body(&s.orelse)?])
            }
            Stmt::If(s) => {
                let orelse = self.elif(&s.elif_else_clauses)?;
                node("If", vec![self.expr(&s.test)?, self.body(&s.body)?, orelse])
            }
            Stmt::With(s) => {
                let items = self.list(&s.items, |c, item| {
                    let vars = c.opt_expr(item.optional_vars.as_deref())?;
                    Ok(Field::Node(bare("withitem", vec![c.expr(&item.context_expr)?, vars])))
                })?;
                let kind = if s.is_async { "AsyncWith" } else { "With" };
                let header = s.items.last().map_or(s.range.start(), |item| item.range.end());
                let comment = self.type_comments.header(header, start_of(&s.body));
                node(kind, vec![items, self.body(&s.body)?, comment])
            }
            Stmt::Match(s) => {
                let cases = self.list(&s.cases, |c, case| {
                    let fields = vec![
                        c.pattern(&case.pattern)?,
                        c.opt_expr(case.guard.as_deref())?,
                        c.body(&case.body)?,
                    ];
                    Ok(Field::Node(bare("match_case", fields)))
                })?;
                node("Match", vec![self.expr(&s.subject)?, cases])
            }
            Stmt::Raise(s) => node(
                "Raise",
                vec![self.opt_expr(s.exc.as_deref())?, self.opt_expr(s.cause.as_deref())?],
            ),
            Stmt::Try(s) => {
                let handlers = self.list(&s.handlers, |c, handler| {
                    let ast::ExceptHandler::ExceptHandler(h) = handler;
                    let fields = vec![
                        c.opt_expr(h.type_.as_deref())?,
                        opt_name(h.name.as_ref()),
                        c.body(&h.body)?,
                    ];
                    Ok(Field::Node(c.node("ExceptHandler", h.range, fields)))
                })?;
                node(
                    if s.is_star { "TryStar" } else { "Try" },
                    vec![
                        self.body(&s.body)?,
                        handlers,
                        self.body(&s.orelse)?,
                        self.body(&s.finalbody)?,
                    ],
                )
            }
            Stmt::Assert(s) => {
                node("Assert", vec![self.expr(&s.test)?, self.opt_expr(s.msg.as_deref())?])
            }
            Stmt::Import(s) => node("Import", vec![self.aliases(&s.names)?]),
            Stmt::ImportFrom(s) => node(
                "ImportFrom",
                vec![
                    opt_name(s.module.as_ref()),
                    self.aliases(&s.names)?,
                    Field::Int(s.level as i64),
                ],
            ),
            Stmt::Global(s) => node("Global", vec![self.list(&s.names, |_, n| Ok(name(n)))?]),
            Stmt::Nonlocal(s) => node("Nonlocal", vec![self.list(&s.names, |_, n| Ok(name(n)))?]),
            Stmt::Expr(s) => node("Expr", vec![self.expr(&s.value)?]),
            Stmt::Pass(_) => node("Pass", vec![]),
            Stmt::Break(_) => node("Break", vec![]),
            Stmt::Continue(_) => node("Continue", vec![]),
            Stmt::IpyEscapeCommand(_) => Err(syntax_error(range, "invalid syntax")),
        }
    }

    /// What follows an `if`: `elif` is an If inside.
    fn elif(&self, clauses: &[ast::ElifElseClause]) -> R<Field> {
        let Some((first, rest)) = clauses.split_first() else { return Ok(Field::List(vec![])) };
        let Some(test) = &first.test else { return self.body(&first.body) };
        let end = clauses.last().map_or(first.range.end(), |c| c.range.end());
        let fields = vec![self.expr(test)?, self.body(&first.body)?, self.elif(rest)?];
        Ok(Field::List(vec![Field::Node(self.node("If", at(first.range.start(), end), fields))]))
    }

    fn decorators(&self, decorators: &[ast::Decorator]) -> R<Field> {
        self.list(decorators, |c, d| c.expr(&d.expression))
    }

    fn aliases(&self, names: &[ast::Alias]) -> R<Field> {
        self.list(names, |c, alias| {
            let fields = vec![name(&alias.name), opt_name(alias.asname.as_ref())];
            Ok(Field::Node(c.node("alias", alias.range, fields)))
        })
    }

    pub(super) fn keywords(&self, keywords: &[ast::Keyword]) -> R<Field> {
        self.list(keywords, |c, keyword| {
            let fields = vec![opt_name(keyword.arg.as_ref()), c.expr(&keyword.value)?];
            Ok(Field::Node(c.node("keyword", keyword.range, fields)))
        })
    }

    pub(super) fn parameters(&self, p: &ast::Parameters) -> R<Field> {
        let with_default = |p: &[ast::ParameterWithDefault]| {
            self.list(p, |c, p| c.parameter(&p.parameter, p.range))
        };
        let variadic = |p: &Option<Box<ast::Parameter>>| match p {
            Some(p) => self.parameter(p, p.range),
            None => Ok(Field::None),
        };
        let positional = p.posonlyargs.iter().chain(&p.args);
        let defaults = positional
            .filter_map(|p| p.default.as_deref())
            .map(|e| self.expr(e))
            .collect::<R<Vec<_>>>()?;
        let kw_defaults = self.list(&p.kwonlyargs, |c, p| c.opt_expr(p.default.as_deref()))?;
        Ok(Field::Node(bare(
            "arguments",
            vec![
                with_default(&p.posonlyargs)?,
                with_default(&p.args)?,
                variadic(&p.vararg)?,
                with_default(&p.kwonlyargs)?,
                kw_defaults,
                variadic(&p.kwarg)?,
                Field::List(defaults),
            ],
        )))
    }

    /// A parameter; with its default it has the range `whole`.
    fn parameter(&self, p: &ast::Parameter, whole: TextRange) -> R<Field> {
        let annotation = self.opt_expr(p.annotation.as_deref())?;
        // The range of a variadic one may begin at its star.
        let range = at(p.name.range.start(), p.range.end());
        let comment = self.type_comments.parameter(whole.end());
        Ok(Field::Node(self.node("arg", range, vec![name(&p.name), annotation, comment])))
    }

    fn type_params(&self, params: Option<&ast::TypeParams>) -> R<Field> {
        let Some(params) = params else { return Ok(Field::List(vec![])) };
        self.list(&params.type_params, |c, param| {
            Ok(Field::Node(match param {
                TypeParam::TypeVar(p) => c.node(
                    "TypeVar",
                    p.range,
                    vec![
                        name(&p.name),
                        c.opt_expr(p.bound.as_deref())?,
                        c.opt_expr(p.default.as_deref())?,
                    ],
                ),
                TypeParam::ParamSpec(p) => c.node(
                    "ParamSpec",
                    p.range,
                    vec![name(&p.name), c.opt_expr(p.default.as_deref())?],
                ),
                TypeParam::TypeVarTuple(p) => c.node(
                    "TypeVarTuple",
                    p.range,
                    vec![name(&p.name), c.opt_expr(p.default.as_deref())?],
                ),
            }))
        })
    }

    fn patterns(&self, patterns: &[Pattern]) -> R<Field> {
        self.list(patterns, |c, p| c.pattern(p))
    }

    fn pattern(&self, pattern: &Pattern) -> R<Field> {
        let node = |kind, fields| Ok(Field::Node(self.node(kind, range_of(pattern), fields)));
        match pattern {
            Pattern::MatchValue(p) => node("MatchValue", vec![self.expr(&p.value)?]),
            Pattern::MatchSingleton(p) => {
                let value = match p.value {
                    ast::Singleton::None => Const::None,
                    ast::Singleton::True => Const::Bool(true),
                    ast::Singleton::False => Const::Bool(false),
                };
                node("MatchSingleton", vec![Field::Const(value)])
            }
            Pattern::MatchSequence(p) => node("MatchSequence", vec![self.patterns(&p.patterns)?]),
            Pattern::MatchMapping(p) => node(
                "MatchMapping",
                vec![self.exprs(&p.keys)?, self.patterns(&p.patterns)?, opt_name(p.rest.as_ref())],
            ),
            Pattern::MatchClass(p) => {
                let keywords = &p.arguments.keywords;
                node(
                    "MatchClass",
                    vec![
                        self.expr(&p.cls)?,
                        self.patterns(&p.arguments.patterns)?,
                        self.list(keywords, |_, k| Ok(name(&k.attr)))?,
                        self.list(keywords, |c, k| c.pattern(&k.pattern))?,
                    ],
                )
            }
            Pattern::MatchStar(p) => node("MatchStar", vec![opt_name(p.name.as_ref())]),
            Pattern::MatchAs(p) => {
                let inner = match &p.pattern {
                    Some(inner) => self.pattern(inner)?,
                    None => Field::None,
                };
                node("MatchAs", vec![inner, opt_name(p.name.as_ref())])
            }
            Pattern::MatchOr(p) => node("MatchOr", vec![self.patterns(&p.patterns)?]),
        }
    }
}
