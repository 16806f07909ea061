//! Scopes: which block a name belongs to, decided before any code is generated.
//!
//! A first walk over the tree collects for every scope what it binds, uses and declares; then
//! [`SymbolTable::resolve`] finds the owner of every name a scope uses but does not bind, and
//! turns variables shared between code blocks into cells.
//!
//! A list, set or dict comprehension is a scope but not a code block: its code and its variables
//! live in the enclosing *unit* (PEP 709). A generator expression is a unit.
//!
//! [`builder`] keeps the account of scopes during the first walk; [`visit`] is the walk.

mod builder;
mod visit;

use super::error::{R, syntax_error};
use super::names::{Names, Symbol};
use builder::Builder;
use rustpython_ast::visitor::Visitor;
use rustpython_ast::{self as ast, Expr, Stmt};
use rustpython_text_size::{Ranged, TextRange};
use std::collections::{BTreeSet, HashMap};

/// Index of a scope in its [`SymbolTable`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(in crate::compiler) struct ScopeId(u32);

/// What opened a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::compiler) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    Generator,
    /// A list, set or dict comprehension, inlined into its unit. The word names it in messages.
    Comprehension(&'static str),
    /// A function that computes annotations (PEP 649) or a type parameter's bound.
    Annotate,
    /// The function around a generic function, class or type alias.
    TypeParams,
}

impl ScopeKind {
    /// Whether names bound here are visible to nested scopes, and live in registers.
    pub(in crate::compiler) fn is_function_like(self) -> bool {
        !matches!(self, Self::Module | Self::Class)
    }

    fn is_comprehension(self) -> bool {
        matches!(self, Self::Comprehension(_) | Self::Generator)
    }
}

/// What a scope does with a name: a set of bits.
#[derive(Clone, Copy, Default, Debug)]
pub(in crate::compiler) struct Flags(u16);

impl Flags {
    pub(in crate::compiler) const PARAM: u16 = 1;
    pub(in crate::compiler) const BOUND: u16 = 2;
    pub(in crate::compiler) const USED: u16 = 4;
    pub(in crate::compiler) const GLOBAL: u16 = 8;
    pub(in crate::compiler) const NONLOCAL: u16 = 16;
    /// Bound here and used in another unit: lives in a cell.
    pub(in crate::compiler) const CELL: u16 = 32;
    /// May become unbound again: `del`, or the name of an `except ... as`.
    pub(in crate::compiler) const DELETED: u16 = 64;
    /// Target of `:=`, which can rebind it in the middle of an expression.
    pub(in crate::compiler) const WALRUS: u16 = 128;
    /// Target of a comprehension's `for`.
    pub(in crate::compiler) const ITERATION: u16 = 256;
    pub(in crate::compiler) const ANNOTATED: u16 = 512;

    pub(in crate::compiler) fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// Whether the scope owns the name.
    pub(in crate::compiler) fn is_local(self) -> bool {
        self.any(Self::PARAM | Self::BOUND) && !self.any(Self::GLOBAL | Self::NONLOCAL)
    }
}

/// One scope and what it does with names.
#[derive(Debug)]
pub(in crate::compiler) struct Scope {
    pub(in crate::compiler) kind: ScopeKind,
    pub(in crate::compiler) parent: Option<ScopeId>,
    /// The scope whose code block this one's code goes to; itself except for comprehensions.
    pub(in crate::compiler) unit: ScopeId,
    /// Symbols in order of appearance.
    pub(in crate::compiler) order: Vec<Symbol>,
    flags: HashMap<Symbol, Flags>,
    /// Free variables of the unit.
    pub(in crate::compiler) free: BTreeSet<Symbol>,
    /// Contains `yield`.
    pub(in crate::compiler) is_generator: bool,
    /// `async def`, or a generator expression that awaits.
    pub(in crate::compiler) is_async: bool,
    /// Inlined comprehensions of this unit, outer ones first, with their nesting depth.
    pub(in crate::compiler) comprehensions: Vec<(ScopeId, u16)>,
    /// Class: names assigned as `self.name` in its functions.
    pub(in crate::compiler) self_attrs: BTreeSet<String>,
    /// Nested in a function.
    pub(in crate::compiler) nested: bool,
    /// Module or class: has annotations of simple names.
    pub(in crate::compiler) has_annotations: bool,
}

impl Scope {
    /// What the scope does with `name`.
    pub(in crate::compiler) fn flags(&self, name: Symbol) -> Flags {
        self.flags.get(&name).copied().unwrap_or_default()
    }
}

/// All scopes of a program.
pub(in crate::compiler) struct SymbolTable {
    scopes: Vec<Scope>,
    by_node: HashMap<usize, ScopeId>,
}

/// Identity of a node: its address; the tree stays where it is between the two walks.
pub(in crate::compiler) fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Key of a body's annotation scope: no node's address, since those are aligned.
fn block_key(body: &[Stmt]) -> usize {
    body.as_ptr() as usize + 1
}

impl SymbolTable {
    /// The module's scope.
    pub(in crate::compiler) const ROOT: ScopeId = ScopeId(0);

    /// Builds the table for a module or, in an expression, for eval.
    pub(in crate::compiler) fn build<'a>(
        body: Body<'a>,
        names: &mut Names,
        future_annotations: bool,
    ) -> R<SymbolTable> {
        let root = Scope {
            kind: ScopeKind::Module,
            parent: None,
            unit: Self::ROOT,
            order: vec![],
            flags: HashMap::new(),
            free: BTreeSet::new(),
            is_generator: false,
            is_async: false,
            comprehensions: vec![],
            self_attrs: BTreeSet::new(),
            nested: false,
            has_annotations: false,
        };
        let mut builder = Builder {
            table: SymbolTable { scopes: vec![root], by_node: HashMap::new() },
            names,
            current: Self::ROOT,
            private: None,
            error: None,
            uses: vec![],
            nonlocals: vec![],
            comprehension_depth: 0,
            in_iterable: 0,
            future_annotations,
        };
        match body {
            Body::Module(statements) => builder.visit_block(statements),
            Body::Expression(expr) => builder.visit_expr(expr),
        }
        if let Some(error) = builder.error {
            return Err(error);
        }
        let Builder { mut table, names, uses, nonlocals, .. } = builder;
        table.resolve(names, &uses, &nonlocals)?;
        Ok(table)
    }

    /// The annotation scope of a module's or class's body.
    pub(in crate::compiler) fn annotations_of(&self, body: &[Stmt]) -> Option<ScopeId> {
        self.by_node.get(&block_key(body)).copied()
    }

    /// The scope a node opened.
    pub(in crate::compiler) fn scope_of<T>(&self, node: &T) -> Option<ScopeId> {
        self.by_node.get(&address(node)).copied()
    }

    /// The scope a node opened, by the node's address.
    pub(in crate::compiler) fn scope_at(&self, address: usize) -> Option<ScopeId> {
        self.by_node.get(&address).copied()
    }

    /// A scope.
    pub(in crate::compiler) fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    /// Finds the owner of every name that is used where it is not bound.
    fn resolve(
        &mut self,
        names: &mut Names,
        uses: &[(ScopeId, Symbol)],
        nonlocals: &[(ScopeId, Symbol, TextRange)],
    ) -> R<()> {
        let class_cell = names.intern("__class__");
        let class_dict = names.intern("__classdict__");
        for &(scope, name) in uses {
            let flags = self.scope(scope).flags(name);
            if !flags.is_local() && !flags.any(Flags::GLOBAL) {
                self.resolve_one(scope, name, name == class_cell || name == class_dict);
            }
        }
        for &(scope, name, range) in nonlocals {
            if !self.resolve_one(scope, name, name == class_cell) {
                return Err(syntax_error(
                    range,
                    format!("no binding for nonlocal '{}' found", names.text(name)),
                ));
            }
        }
        Ok(())
    }

    fn resolve_one(&mut self, scope: ScopeId, name: Symbol, implicit: bool) -> bool {
        let unit = self.scope(scope).unit;
        let mut at = self.scope(scope).parent;
        while let Some(id) = at {
            let candidate = self.scope(id);
            let flags = candidate.flags(name);
            let owns = match candidate.kind {
                ScopeKind::Module => return false,
                ScopeKind::Class => implicit,
                _ => {
                    if flags.any(Flags::GLOBAL) {
                        return false;
                    }
                    flags.is_local()
                }
            };
            if owns {
                let owner_unit = candidate.unit;
                if owner_unit != unit {
                    self.share(unit, owner_unit, id, name);
                }
                return true;
            }
            at = candidate.parent;
        }
        false
    }

    /// Makes `name` of `owner` a cell, and a free variable of all units on the way to it.
    fn share(&mut self, from: ScopeId, owner_unit: ScopeId, owner: ScopeId, name: Symbol) {
        let scope = self.scope_mut(owner);
        if scope.kind == ScopeKind::Class && !scope.flags(name).any(Flags::CELL) {
            scope.order.push(name);
        }
        let flags = scope.flags.entry(name).or_default();
        flags.0 |= Flags::CELL;
        let mut unit = from;
        while unit != owner_unit {
            self.scope_mut(unit).free.insert(name);
            let Some(parent) = self.scope(unit).parent else { break };
            unit = self.scope(parent).unit;
        }
    }
}

/// What a table is built for.
#[derive(Clone, Copy)]
pub(in crate::compiler) enum Body<'a> {
    Module(&'a [Stmt]),
    Expression(&'a Expr),
}

/// Which defaults a function has: positional (1), keyword-only (2).
fn function_defaults(parameters: &ast::Parameters) -> u8 {
    let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
    u8::from(positional.any(|p| p.default.is_some()))
        | u8::from(parameters.kwonlyargs.iter().any(|p| p.default.is_some())) << 1
}

/// Whether a function has any annotation.
pub(in crate::compiler) fn has_annotations(function: &ast::StmtFunctionDef) -> bool {
    let mut any = false;
    for_each_annotation(function, |_, _| any = true);
    any
}

/// Calls `f` with the name and expression of each annotation of a function, in CPython's order.
pub(in crate::compiler) fn for_each_annotation<'a>(
    function: &'a ast::StmtFunctionDef,
    mut f: impl FnMut(&'a str, &'a Expr),
) {
    let parameters = &function.parameters;
    let plain = |p: &'a ast::ParameterWithDefault| &p.parameter;
    let all = (parameters.posonlyargs.iter().map(plain))
        .chain(parameters.args.iter().map(plain))
        .chain(parameters.vararg.as_deref())
        .chain(parameters.kwonlyargs.iter().map(plain))
        .chain(parameters.kwarg.as_deref());
    for parameter in all {
        if let Some(annotation) = &parameter.annotation {
            f(parameter.name.as_str(), annotation);
        }
    }
    if let Some(returns) = &function.returns {
        f("return", returns);
    }
}

/// The annotated assignments to simple names of a module's or class's body, in nested blocks too.
pub(in crate::compiler) fn block_annotations(body: &[Stmt]) -> Vec<&ast::StmtAnnAssign> {
    fn collect<'a>(body: &'a [Stmt], out: &mut Vec<&'a ast::StmtAnnAssign>) {
        for statement in body {
            match statement {
                Stmt::AnnAssign(s) if s.simple && s.target.is_name_expr() => out.push(s),
                Stmt::If(s) => {
                    collect(&s.body, out);
                    s.elif_else_clauses.iter().for_each(|c| collect(&c.body, out));
                }
                Stmt::For(s) => {
                    collect(&s.body, out);
                    collect(&s.orelse, out);
                }
                Stmt::While(s) => {
                    collect(&s.body, out);
                    collect(&s.orelse, out);
                }
                Stmt::With(s) => collect(&s.body, out),
                Stmt::Try(s) => {
                    collect(&s.body, out);
                    for ast::ExceptHandler::ExceptHandler(h) in &s.handlers {
                        collect(&h.body, out);
                    }
                    collect(&s.orelse, out);
                    collect(&s.finalbody, out);
                }
                Stmt::Match(s) => s.cases.iter().for_each(|c| collect(&c.body, out)),
                _ => {}
            }
        }
    }
    let mut out = vec![];
    collect(body, &mut out);
    out
}

/// The range of a node; saves importing the trait everywhere.
pub(in crate::compiler) fn range_of(node: &impl Ranged) -> TextRange {
    node.range()
}
