//! Scopes: which block a name belongs to, decided before any code is generated.
//!
//! A first walk over the tree collects for every scope what it binds, uses and declares; then
//! [`SymbolTable::resolve`] finds the owner of every name a scope uses but does not bind, and
//! turns variables shared between code blocks into cells.
//!
//! A list, set or dict comprehension is a scope but not a code block: its code and its variables
//! live in the enclosing *unit* (PEP 709). A generator expression is a unit.

use super::error::{CompileError, R, syntax_error};
use super::names::{Names, Symbol, mangle};
use rustpython_ast::visitor::{self, Visitor};
use rustpython_ast::{self as ast, Expr, ExprContext, Pattern, Stmt, TypeParam};
use rustpython_text_size::{Ranged, TextRange};
use std::collections::{BTreeSet, HashMap};

/// Index of a scope in its [`SymbolTable`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct ScopeId(u32);

/// What opened a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ScopeKind {
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
    pub(super) fn is_function_like(self) -> bool {
        !matches!(self, Self::Module | Self::Class)
    }

    fn is_comprehension(self) -> bool {
        matches!(self, Self::Comprehension(_) | Self::Generator)
    }
}

/// What a scope does with a name: a set of bits.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Flags(u16);

impl Flags {
    pub(super) const PARAM: u16 = 1;
    pub(super) const BOUND: u16 = 2;
    pub(super) const USED: u16 = 4;
    pub(super) const GLOBAL: u16 = 8;
    pub(super) const NONLOCAL: u16 = 16;
    /// Bound here and used in another unit: lives in a cell.
    pub(super) const CELL: u16 = 32;
    /// May become unbound again: `del`, or the name of an `except ... as`.
    pub(super) const DELETED: u16 = 64;
    /// Target of `:=`, which can rebind it in the middle of an expression.
    pub(super) const WALRUS: u16 = 128;
    /// Target of a comprehension's `for`.
    pub(super) const ITERATION: u16 = 256;
    pub(super) const ANNOTATED: u16 = 512;

    pub(super) fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// Whether the scope owns the name.
    pub(super) fn is_local(self) -> bool {
        self.any(Self::PARAM | Self::BOUND) && !self.any(Self::GLOBAL | Self::NONLOCAL)
    }
}

/// One scope and what it does with names.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    pub(super) parent: Option<ScopeId>,
    /// The scope whose code block this one's code goes to; itself except for comprehensions.
    pub(super) unit: ScopeId,
    /// Symbols in order of appearance.
    pub(super) order: Vec<Symbol>,
    flags: HashMap<Symbol, Flags>,
    /// Free variables of the unit.
    pub(super) free: BTreeSet<Symbol>,
    /// Contains `yield`.
    pub(super) is_generator: bool,
    /// `async def`, or a generator expression that awaits.
    pub(super) is_async: bool,
    /// Inlined comprehensions of this unit, outer ones first, with their nesting depth.
    pub(super) comprehensions: Vec<(ScopeId, u16)>,
    /// Class: names assigned as `self.name` in its functions.
    pub(super) self_attrs: BTreeSet<String>,
    /// Nested in a function.
    pub(super) nested: bool,
    /// Module or class: has annotations of simple names.
    pub(super) has_annotations: bool,
}

impl Scope {
    /// What the scope does with `name`.
    pub(super) fn flags(&self, name: Symbol) -> Flags {
        self.flags.get(&name).copied().unwrap_or_default()
    }
}

/// All scopes of a program.
pub(super) struct SymbolTable {
    scopes: Vec<Scope>,
    by_node: HashMap<usize, ScopeId>,
}

/// Identity of a node: its address; the tree stays where it is between the two walks.
pub(super) fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Key of a body's annotation scope: no node's address, since those are aligned.
fn block_key(body: &[Stmt]) -> usize {
    body.as_ptr() as usize + 1
}

impl SymbolTable {
    /// The module's scope.
    pub(super) const ROOT: ScopeId = ScopeId(0);

    /// Builds the table for a module or, in an expression, for eval.
    pub(super) fn build<'a>(
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
    pub(super) fn annotations_of(&self, body: &[Stmt]) -> Option<ScopeId> {
        self.by_node.get(&block_key(body)).copied()
    }

    /// The scope a node opened.
    pub(super) fn scope_of<T>(&self, node: &T) -> Option<ScopeId> {
        self.by_node.get(&address(node)).copied()
    }

    /// The scope a node opened, by the node's address.
    pub(super) fn scope_at(&self, address: usize) -> Option<ScopeId> {
        self.by_node.get(&address).copied()
    }

    /// A scope.
    pub(super) fn scope(&self, id: ScopeId) -> &Scope {
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
pub(super) enum Body<'a> {
    Module(&'a [Stmt]),
    Expression(&'a Expr),
}

struct Builder<'n> {
    table: SymbolTable,
    names: &'n mut Names,
    current: ScopeId,
    /// Name of the innermost class, for mangling.
    private: Option<String>,
    error: Option<Box<CompileError>>,
    uses: Vec<(ScopeId, Symbol)>,
    nonlocals: Vec<(ScopeId, Symbol, TextRange)>,
    comprehension_depth: u16,
    /// Depth of comprehension iterables we are in, where `:=` is not allowed.
    in_iterable: u32,
    future_annotations: bool,
}

impl Builder<'_> {
    fn fail(&mut self, range: TextRange, message: impl Into<String>) {
        if self.error.is_none() {
            self.error = Some(syntax_error(range, message));
        }
    }

    fn scope(&self) -> &Scope {
        self.table.scope(self.current)
    }

    fn symbol(&mut self, name: &str) -> Symbol {
        let mangled = mangle(self.private.as_deref(), name);
        self.names.intern(&mangled)
    }

    fn add_to(&mut self, scope: ScopeId, name: Symbol, bits: u16) {
        let scope = self.table.scope_mut(scope);
        let flags = scope.flags.entry(name).or_insert_with(|| {
            scope.order.push(name);
            Flags::default()
        });
        flags.0 |= bits;
    }

    fn add(&mut self, name: Symbol, bits: u16) {
        self.add_to(self.current, name, bits);
    }

    fn bind(&mut self, name: &str, bits: u16, range: TextRange) {
        if name == "__debug__" {
            return self.fail(range, "cannot assign to __debug__");
        }
        let symbol = self.symbol(name);
        self.add(symbol, Flags::BOUND | bits);
    }

    fn use_name(&mut self, name: Symbol) {
        self.add(name, Flags::USED);
        self.uses.push((self.current, name));
    }

    fn open(&mut self, kind: ScopeKind, node: usize) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let parent = self.table.scope(self.current);
        let inlined = matches!(kind, ScopeKind::Comprehension(_));
        let unit = if inlined { parent.unit } else { id };
        let nested = parent.nested || parent.kind.is_function_like();
        if inlined {
            let depth = self.comprehension_depth;
            self.table.scope_mut(unit).comprehensions.push((id, depth));
        }
        self.table.scopes.push(Scope {
            kind,
            parent: Some(self.current),
            unit,
            order: vec![],
            flags: HashMap::new(),
            free: BTreeSet::new(),
            is_generator: kind == ScopeKind::Generator,
            is_async: false,
            comprehensions: vec![],
            self_attrs: BTreeSet::new(),
            nested,
            has_annotations: false,
        });
        self.table.by_node.insert(node, id);
        id
    }

    /// Runs `f` inside a new scope.
    fn within(&mut self, kind: ScopeKind, node: usize, f: impl FnOnce(&mut Self)) -> ScopeId {
        let id = self.open(kind, node);
        let outer = std::mem::replace(&mut self.current, id);
        let depth = self.comprehension_depth;
        self.comprehension_depth =
            if matches!(kind, ScopeKind::Comprehension(_)) { depth + 1 } else { 0 };
        f(self);
        self.comprehension_depth = depth;
        self.current = outer;
        id
    }

    fn declare_parameters(&mut self, parameters: &ast::Parameters) {
        let regular =
            parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        let all = regular
            .map(|p| &p.parameter)
            .chain(parameters.vararg.as_deref())
            .chain(parameters.kwarg.as_deref());
        for parameter in all {
            let name = parameter.name.as_str();
            if name == "__debug__" {
                self.fail(parameter.name.range, "cannot assign to __debug__");
            }
            let symbol = self.symbol(name);
            if self.scope().flags(symbol).any(Flags::PARAM) {
                self.fail(
                    parameter.name.range,
                    format!("duplicate argument '{name}' in function definition"),
                );
            }
            self.add(symbol, Flags::PARAM);
        }
    }

    /// What a parameter list evaluates in the enclosing scope: the defaults.
    fn visit_defaults<'a>(&mut self, parameters: &'a ast::Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for parameter in positional.chain(&parameters.kwonlyargs) {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    fn visit_function<'a>(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.visit_defaults(&function.parameters);
        self.bind(function.name.as_str(), 0, function.name.range);
        let Some(type_params) = &function.type_params else {
            return self.visit_function_scopes(function);
        };
        let inherited = function_defaults(&function.parameters);
        self.type_params_scope(type_params, inherited, |this| {
            this.visit_function_scopes(function);
        });
    }

    /// A function's annotations and body.
    fn visit_function_scopes<'a>(&mut self, function: &'a ast::StmtFunctionDef) {
        if has_annotations(function) {
            let lazy = !self.future_annotations;
            let node = address(&*function.parameters);
            self.annotation_scope(node, |this| {
                if lazy {
                    for_each_annotation(function, |_, annotation| this.visit_expr(annotation));
                }
            });
        }
        let id = self.within(ScopeKind::Function, address(function), |this| {
            this.declare_parameters(&function.parameters);
            this.visit_body(&function.body);
        });
        self.table.scope_mut(id).is_async = function.is_async;
    }

    /// The scope of type parameters, with `f` inside it.
    fn type_params_scope<'a>(
        &mut self,
        params: &'a ast::TypeParams,
        inherited: u8,
        f: impl FnOnce(&mut Self),
    ) {
        let in_class = self.sees_class();
        self.within(ScopeKind::TypeParams, address(params), |this| {
            for (bit, name) in [(1, ".defaults"), (2, ".kwdefaults")] {
                if inherited & bit != 0 {
                    let symbol = this.names.intern(name);
                    this.add(symbol, Flags::PARAM);
                }
            }
            if in_class {
                let class_dict = this.names.intern("__classdict__");
                this.use_name(class_dict);
            }
            for param in &params.type_params {
                let (name, bound, default) = match param {
                    TypeParam::TypeVar(p) => (&p.name, p.bound.as_deref(), &p.default),
                    TypeParam::TypeVarTuple(p) => (&p.name, None, &p.default),
                    TypeParam::ParamSpec(p) => (&p.name, None, &p.default),
                };
                let symbol = this.symbol(name.as_str());
                if this.scope().flags(symbol).any(Flags::BOUND) {
                    this.fail(name.range, format!("duplicate type parameter '{name}'"));
                }
                this.bind(name.as_str(), 0, name.range);
                for expr in bound.into_iter().chain(default.as_deref()) {
                    this.annotation_scope(address(expr), |this| this.visit_expr(expr));
                }
            }
            f(this);
        });
    }

    /// Whether the current scope is a class, or type parameters directly in one.
    fn sees_class(&self) -> bool {
        let scope = self.scope();
        match (scope.kind, scope.parent) {
            (ScopeKind::Class, _) => true,
            (ScopeKind::TypeParams, Some(parent)) => {
                self.table.scope(parent).kind == ScopeKind::Class
            }
            _ => false,
        }
    }

    /// An annotation scope: a function of its own that sees the class's names, if in a class.
    fn annotation_scope(&mut self, node: usize, f: impl FnOnce(&mut Self)) {
        let in_class = self.sees_class();
        self.within(ScopeKind::Annotate, node, |this| {
            let format = this.names.intern(".format");
            this.add(format, Flags::PARAM);
            if in_class && !this.future_annotations {
                let class_dict = this.names.intern("__classdict__");
                this.use_name(class_dict);
            }
            f(this);
        });
    }

    fn visit_class<'a>(&mut self, class: &'a ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.bind(class.name.as_str(), 0, class.name.range);
        match &class.type_params {
            None => self.visit_class_scope(class),
            Some(params) => {
                self.type_params_scope(params, 0, |this| this.visit_class_scope(class));
            }
        }
    }

    /// A class's bases and body.
    fn visit_class_scope<'a>(&mut self, class: &'a ast::StmtClassDef) {
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let outer = self.private.replace(class.name.to_string());
        self.within(ScopeKind::Class, address(class), |this| this.visit_block(&class.body));
        self.private = outer;
    }

    fn visit_type_alias<'a>(&mut self, s: &'a ast::StmtTypeAlias) {
        if let Expr::Name(name) = &*s.name {
            self.bind(name.id.as_str(), 0, name.range);
        }
        let value = |this: &mut Self| {
            this.annotation_scope(address(&*s.value), |this| this.visit_expr(&s.value));
        };
        match &s.type_params {
            None => value(self),
            Some(params) => self.type_params_scope(params, 0, value),
        }
    }

    /// The body of a module or class, whose simple annotations go to one function.
    fn visit_block<'a>(&mut self, body: &'a [Stmt]) {
        self.visit_body(body);
        let annotations = block_annotations(body);
        if !annotations.is_empty() {
            let current = self.current;
            self.table.scope_mut(current).has_annotations = true;
            let lazy = !self.future_annotations;
            self.annotation_scope(block_key(body), |this| {
                for statement in annotations.iter().filter(|_| lazy) {
                    this.visit_expr(&statement.annotation);
                }
            });
        }
    }

    fn visit_comprehension_scope<'a>(
        &mut self,
        kind: ScopeKind,
        node: usize,
        elements: [Option<&'a Expr>; 2],
        generators: &'a [ast::Comprehension],
    ) {
        let Some(first) = generators.first() else { return };
        self.in_iterable += 1;
        self.visit_expr(&first.iter);
        self.in_iterable -= 1;
        let id = self.within(kind, node, |this| {
            if kind == ScopeKind::Generator {
                let symbol = this.names.intern(".0");
                this.add(symbol, Flags::PARAM);
            }
            for (i, generator) in generators.iter().enumerate() {
                if i > 0 {
                    this.in_iterable += 1;
                    this.visit_expr(&generator.iter);
                    this.in_iterable -= 1;
                }
                this.visit_iteration_target(&generator.target);
                for condition in &generator.ifs {
                    this.visit_expr(condition);
                }
            }
            for element in elements.into_iter().flatten() {
                this.visit_expr(element);
            }
        });
        let is_async = self.table.scope(id).is_async || generators.iter().any(|g| g.is_async);
        self.table.scope_mut(id).is_async = is_async;
        if is_async && kind != ScopeKind::Generator && self.scope().kind.is_comprehension() {
            // An asynchronous comprehension makes the one around it asynchronous too.
            let current = self.current;
            self.table.scope_mut(current).is_async = true;
        }
    }

    fn visit_iteration_target<'a>(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                let symbol = self.symbol(name.id.as_str());
                if self.scope().flags(symbol).any(Flags::WALRUS) {
                    let text = name.id.as_str();
                    return self.fail(
                        name.range,
                        format!(
                            "comprehension inner loop cannot rebind assignment expression target '{text}'"
                        ),
                    );
                }
                self.bind(name.id.as_str(), Flags::ITERATION, name.range);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|e| self.visit_iteration_target(e));
            }
            Expr::Starred(starred) => self.visit_iteration_target(&starred.value),
            other => self.visit_expr(other),
        }
    }

    /// `target := value`: binds in the nearest scope that is not a comprehension.
    fn visit_named<'a>(&mut self, named: &'a ast::ExprNamed) {
        self.visit_expr(&named.value);
        let Expr::Name(target) = &*named.target else {
            return self.visit_expr(&named.target);
        };
        if target.id.as_str() == "__debug__" {
            return self.fail(target.range, "cannot assign to __debug__");
        }
        let name = self.symbol(target.id.as_str());
        if self.in_iterable > 0 {
            return self.fail(
                named.range,
                "assignment expression cannot be used in a comprehension iterable expression",
            );
        }
        if !self.scope().kind.is_comprehension() {
            return self.add(name, Flags::BOUND | Flags::WALRUS);
        }
        let start = self.current;
        let mut id = start;
        while self.table.scope(id).kind.is_comprehension() {
            if self.table.scope(id).flags(name).any(Flags::ITERATION) {
                let text = target.id.as_str();
                return self.fail(
                    target.range,
                    format!(
                        "assignment expression cannot rebind comprehension iteration variable '{text}'"
                    ),
                );
            }
            let Some(parent) = self.table.scope(id).parent else { break };
            id = parent;
        }
        self.add(name, Flags::WALRUS);
        let owner = self.table.scope(id);
        match owner.kind {
            ScopeKind::Class => self.fail(
                target.range,
                "assignment expression within a comprehension cannot be used in a class body",
            ),
            ScopeKind::Module => {
                self.add_to(id, name, Flags::BOUND | Flags::WALRUS | Flags::GLOBAL);
                if self.table.scope(start).unit != id {
                    self.add(name, Flags::GLOBAL);
                }
            }
            _ => {
                let declared = owner.flags(name);
                if declared.any(Flags::GLOBAL) {
                    self.add(name, Flags::GLOBAL);
                } else {
                    self.add_to(id, name, Flags::BOUND | Flags::WALRUS);
                    self.add(name, Flags::NONLOCAL);
                    self.nonlocals.push((start, name, target.range));
                }
            }
        }
    }

    fn visit_declaration(
        &mut self,
        names: &[ast::Identifier],
        bits: u16,
        word: &str,
        range: TextRange,
    ) {
        if bits == Flags::NONLOCAL && self.scope().kind == ScopeKind::Module {
            return self.fail(range, "nonlocal declaration not allowed at module level");
        }
        for name in names {
            let symbol = self.symbol(name.as_str());
            let flags = self.scope().flags(symbol);
            let problem = if flags.any(Flags::PARAM) {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if flags.any(Flags::GLOBAL | Flags::NONLOCAL) && !flags.any(bits) {
                Some(format!("name '{name}' is nonlocal and global"))
            } else if flags.any(bits) {
                None
            } else if flags.any(Flags::ANNOTATED) {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if flags.any(Flags::USED) {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if flags.any(Flags::BOUND) {
                Some(format!("name '{name}' is assigned to before {word} declaration"))
            } else {
                None
            };
            if let Some(problem) = problem {
                return self.fail(range, problem);
            }
            self.add(symbol, bits);
            if bits == Flags::GLOBAL {
                // The module's own code then uses the globals as well, even where its namespace
                // is another (exec).
                self.add_to(SymbolTable::ROOT, symbol, Flags::GLOBAL);
            }
            if bits == Flags::NONLOCAL {
                self.nonlocals.push((self.current, symbol, range));
            }
        }
    }

    fn visit_annotated<'a>(&mut self, statement: &'a ast::StmtAnnAssign) {
        if let Some(value) = &statement.value {
            self.visit_expr(value);
        }
        if let (Expr::Name(name), true) = (&*statement.target, statement.simple) {
            let symbol = self.symbol(name.id.as_str());
            let flags = self.scope().flags(symbol);
            if flags.any(Flags::GLOBAL | Flags::NONLOCAL) && self.scope().kind != ScopeKind::Module
            {
                let word = if flags.any(Flags::GLOBAL) { "global" } else { "nonlocal" };
                let message = format!("annotated name '{}' can't be {word}", name.id);
                return self.fail(statement.range, message);
            }
            self.bind(name.id.as_str(), Flags::ANNOTATED, name.range);
        } else if statement.value.is_some() || !statement.target.is_name_expr() {
            self.visit_expr(&statement.target);
        }
    }

    fn visit_imported(&mut self, alias: &ast::Alias, dotted: bool) {
        let name = match &alias.asname {
            Some(name) => name,
            None => &alias.name,
        };
        let text = name.as_str();
        if text == "*" {
            if self.scope().kind != ScopeKind::Module {
                self.fail(alias.range, "import * only allowed at module level");
            }
            return;
        }
        let text = match text.split_once('.') {
            Some((top, _)) if dotted => top,
            _ => text,
        };
        self.bind(text, 0, name.range);
    }

    /// Checks a `yield` or `yield from` and marks the function.
    fn visit_yield(&mut self, range: TextRange) {
        match self.scope().kind {
            ScopeKind::Module | ScopeKind::Class => self.fail(range, "'yield' outside function"),
            ScopeKind::Comprehension(word) => self.fail(range, format!("'yield' inside {word}")),
            ScopeKind::Generator => self.fail(range, "'yield' inside generator expression"),
            ScopeKind::Annotate | ScopeKind::TypeParams => {
                self.fail(range, "yield expression cannot be used within an annotation");
            }
            ScopeKind::Function | ScopeKind::Lambda => {
                let current = self.current;
                self.table.scope_mut(current).is_generator = true;
            }
        }
    }

    /// `self.name = ...` in a function of a class.
    fn note_self_attribute(&mut self, attribute: &ast::ExprAttribute) {
        if !attribute.value.as_name_expr().is_some_and(|n| n.id.as_str() == "self") {
            return;
        }
        let mut at = Some(self.current);
        while let Some(id) = at {
            let scope = self.table.scope_mut(id);
            if scope.kind == ScopeKind::Class {
                if id != self.current {
                    scope.self_attrs.insert(attribute.attr.to_string());
                }
                return;
            }
            at = scope.parent;
        }
    }
}

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if self.error.is_some() {
                return;
            }
            self.visit_stmt(statement);
        }
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.visit_function(function),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::AnnAssign(statement) => self.visit_annotated(statement),
            Stmt::AugAssign(statement) => {
                self.visit_expr(&statement.target);
                self.visit_expr(&statement.value);
            }
            Stmt::Global(s) => self.visit_declaration(&s.names, Flags::GLOBAL, "global", s.range),
            Stmt::Nonlocal(s) => {
                self.visit_declaration(&s.names, Flags::NONLOCAL, "nonlocal", s.range)
            }
            Stmt::Import(s) => s.names.iter().for_each(|a| self.visit_imported(a, true)),
            Stmt::ImportFrom(s) => s.names.iter().for_each(|a| self.visit_imported(a, false)),
            Stmt::TypeAlias(s) => self.visit_type_alias(s),
            Stmt::If(s) => {
                self.visit_expr(&s.test);
                self.visit_body(&s.body);
                for clause in &s.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    self.visit_body(&clause.body);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(class) = &handler.type_ {
            self.visit_expr(class);
        }
        if let Some(name) = &handler.name {
            self.bind(name.as_str(), Flags::DELETED, name.range);
        }
        self.visit_body(&handler.body);
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.error.is_some() {
            return;
        }
        match expr {
            Expr::Name(name) => {
                let text = name.id.as_str();
                match name.ctx {
                    ExprContext::Store => self.bind(text, 0, name.range),
                    ExprContext::Del if text == "__debug__" => {
                        self.fail(name.range, "cannot delete __debug__");
                    }
                    ExprContext::Del => self.bind(text, Flags::DELETED, name.range),
                    ExprContext::Load | ExprContext::Invalid => {
                        let symbol = self.symbol(text);
                        self.use_name(symbol);
                        if text == "super" && self.scope().kind.is_function_like() {
                            let class = self.names.intern("__class__");
                            self.use_name(class);
                        }
                    }
                }
            }
            Expr::BinOp(_) => {
                // A long chain of operators leans left: walk its spine without recursion.
                let mut rights = vec![];
                let mut at = expr;
                while let Expr::BinOp(binary) = at {
                    rights.push(&*binary.right);
                    at = &binary.left;
                }
                self.visit_expr(at);
                for right in rights.into_iter().rev() {
                    self.visit_expr(right);
                }
            }
            Expr::Named(named) => self.visit_named(named),
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_defaults(parameters);
                }
                self.within(ScopeKind::Lambda, address(lambda), |this| {
                    if let Some(parameters) = &lambda.parameters {
                        this.declare_parameters(parameters);
                    }
                    this.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("list comprehension"),
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::SetComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("set comprehension"),
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::DictComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("dict comprehension"),
                address(e),
                [Some(&e.key), Some(&e.value)],
                &e.generators,
            ),
            Expr::Generator(e) => self.visit_comprehension_scope(
                ScopeKind::Generator,
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::Yield(e) => {
                self.visit_yield(e.range);
                visitor::walk_expr(self, expr);
            }
            Expr::YieldFrom(e) => {
                self.visit_yield(e.range);
                visitor::walk_expr(self, expr);
            }
            Expr::Await(e) => {
                if self.scope().kind.is_comprehension() {
                    let current = self.current;
                    self.table.scope_mut(current).is_async = true;
                }
                if self.scope().kind == ScopeKind::Annotate {
                    self.fail(e.range, "await expression cannot be used within an annotation");
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Attribute(attribute) => {
                if attribute.ctx == ExprContext::Store {
                    self.note_self_attribute(attribute);
                    if attribute.attr.as_str() == "__debug__" {
                        self.fail(attribute.range, "cannot assign to __debug__");
                    }
                }
                self.visit_expr(&attribute.value);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    self.bind(name.as_str(), 0, name.range);
                }
            }
            Pattern::MatchAs(capture) => {
                if let Some(inner) = &capture.pattern {
                    self.visit_pattern(inner);
                }
                if let Some(name) = &capture.name {
                    self.bind(name.as_str(), 0, name.range);
                }
            }
            Pattern::MatchMapping(mapping) => {
                visitor::walk_pattern(self, pattern);
                if let Some(rest) = &mapping.rest {
                    self.bind(rest.as_str(), 0, rest.range);
                }
            }
            _ => visitor::walk_pattern(self, pattern),
        }
    }
}

/// Which defaults a function has: positional (1), keyword-only (2).
fn function_defaults(parameters: &ast::Parameters) -> u8 {
    let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
    u8::from(positional.any(|p| p.default.is_some()))
        | u8::from(parameters.kwonlyargs.iter().any(|p| p.default.is_some())) << 1
}

/// Whether a function has any annotation.
pub(super) fn has_annotations(function: &ast::StmtFunctionDef) -> bool {
    let mut any = false;
    for_each_annotation(function, |_, _| any = true);
    any
}

/// Calls `f` with the name and expression of each annotation of a function, in CPython's order.
pub(super) fn for_each_annotation<'a>(
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
pub(super) fn block_annotations(body: &[Stmt]) -> Vec<&ast::StmtAnnAssign> {
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
pub(super) fn range_of(node: &impl Ranged) -> TextRange {
    node.range()
}
