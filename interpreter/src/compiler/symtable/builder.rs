//! The account of scopes during the first walk: what each construct binds, uses and declares.

use super::{
    Flags, Scope, ScopeId, ScopeKind, SymbolTable, address, block_annotations, block_key,
    for_each_annotation, function_defaults, has_annotations,
};
use crate::compiler::error::{CompileError, syntax_error};
use crate::compiler::names::{Names, Symbol, mangle};
use rustpython_ast::visitor::Visitor;
use rustpython_ast::{self as ast, Expr, Stmt, TypeParam};
use rustpython_text_size::TextRange;
use std::collections::{BTreeSet, HashMap};

/// The account of scopes during the walk.
pub(super) struct Builder<'n> {
    pub(super) table: SymbolTable,
    pub(super) names: &'n mut Names,
    pub(super) current: ScopeId,
    /// Name of the innermost class, for mangling.
    pub(super) private: Option<String>,
    pub(super) error: Option<Box<CompileError>>,
    pub(super) uses: Vec<(ScopeId, Symbol)>,
    pub(super) nonlocals: Vec<(ScopeId, Symbol, TextRange)>,
    pub(super) comprehension_depth: u16,
    /// Depth of comprehension iterables we are in, where `:=` is not allowed.
    pub(super) in_iterable: u32,
    pub(super) future_annotations: bool,
}

impl Builder<'_> {
    pub(super) fn fail(&mut self, range: TextRange, message: impl Into<String>) {
        if self.error.is_none() {
            self.error = Some(syntax_error(range, message));
        }
    }

    pub(super) fn scope(&self) -> &Scope {
        self.table.scope(self.current)
    }

    pub(super) fn symbol(&mut self, name: &str) -> Symbol {
        let mangled = mangle(self.private.as_deref(), name);
        self.names.intern(&mangled)
    }

    pub(super) fn add_to(&mut self, scope: ScopeId, name: Symbol, bits: u16) {
        let scope = self.table.scope_mut(scope);
        let flags = scope.flags.entry(name).or_insert_with(|| {
            scope.order.push(name);
            Flags::default()
        });
        flags.0 |= bits;
    }

    pub(super) fn add(&mut self, name: Symbol, bits: u16) {
        self.add_to(self.current, name, bits);
    }

    pub(super) fn bind(&mut self, name: &str, bits: u16, range: TextRange) {
        if name == "__debug__" {
            return self.fail(range, "cannot assign to __debug__");
        }
        let symbol = self.symbol(name);
        self.add(symbol, Flags::BOUND | bits);
    }

    pub(super) fn use_name(&mut self, name: Symbol) {
        self.add(name, Flags::USED);
        self.uses.push((self.current, name));
    }

    pub(super) fn open(&mut self, kind: ScopeKind, node: usize) -> ScopeId {
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
    pub(super) fn within(
        &mut self,
        kind: ScopeKind,
        node: usize,
        f: impl FnOnce(&mut Self),
    ) -> ScopeId {
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

    pub(super) fn declare_parameters(&mut self, parameters: &ast::Parameters) {
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
    pub(super) fn visit_defaults(&mut self, parameters: &ast::Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for parameter in positional.chain(&parameters.kwonlyargs) {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    pub(super) fn visit_function(&mut self, function: &ast::StmtFunctionDef) {
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
    pub(super) fn visit_function_scopes(&mut self, function: &ast::StmtFunctionDef) {
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
    pub(super) fn type_params_scope(
        &mut self,
        params: &ast::TypeParams,
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
    pub(super) fn sees_class(&self) -> bool {
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
    pub(super) fn annotation_scope(&mut self, node: usize, f: impl FnOnce(&mut Self)) {
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

    pub(super) fn visit_class(&mut self, class: &ast::StmtClassDef) {
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
    pub(super) fn visit_class_scope(&mut self, class: &ast::StmtClassDef) {
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let outer = self.private.replace(class.name.to_string());
        self.within(ScopeKind::Class, address(class), |this| this.visit_block(&class.body));
        self.private = outer;
    }

    pub(super) fn visit_type_alias(&mut self, s: &ast::StmtTypeAlias) {
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
    pub(super) fn visit_block(&mut self, body: &[Stmt]) {
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

    pub(super) fn visit_comprehension_scope(
        &mut self,
        kind: ScopeKind,
        node: usize,
        elements: [Option<&Expr>; 2],
        generators: &[ast::Comprehension],
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

    pub(super) fn visit_iteration_target(&mut self, target: &Expr) {
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
    pub(super) fn visit_named(&mut self, named: &ast::ExprNamed) {
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

    pub(super) fn visit_declaration(
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

    pub(super) fn visit_annotated(&mut self, statement: &ast::StmtAnnAssign) {
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

    pub(super) fn visit_imported(&mut self, alias: &ast::Alias, dotted: bool) {
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
    pub(super) fn visit_yield(&mut self, range: TextRange, what: &str) {
        match self.scope().kind {
            ScopeKind::Module | ScopeKind::Class => {
                self.fail(range, format!("'{what}' outside function"));
            }
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
    pub(super) fn note_self_attribute(&mut self, attribute: &ast::ExprAttribute) {
        if attribute.value.as_name_expr().is_none_or(|n| n.id.as_str() != "self") {
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
