//! Calls. The callee and its arguments go to consecutive registers on top of all that is alive:
//! the callee's own registers begin there.

use super::Compiler;
use super::error::{R, syntax_error};
use super::names::Place;
use super::registers::Reg;
use super::symtable::{Flags, ScopeKind, range_of};
use crate::bytecode::{Const, Instr, Op};
use rustpython_ast::{self as ast, Expr, Keyword};
use rustpython_text_size::TextRange;
use std::collections::HashSet;
use std::sync::Arc;

/// More arguments than this go through a tuple.
const MAX_ARGUMENTS: usize = 250;

/// What zero-argument `super()` stands for here.
pub(super) struct SuperParts {
    class_cell: Reg,
    receiver: Place,
    /// Where `super` is written.
    name: TextRange,
    call: TextRange,
}

/// Who a call is made to.
pub(super) enum Callee<'a> {
    Plain(&'a Expr),
    Method(&'a ast::ExprAttribute),
    Super(&'a ast::ExprAttribute, SuperParts),
}

impl<'a> Compiler<'a> {
    /// Recognises `super()` in a method, where the compiler knows class and receiver.
    pub(super) fn super_parts(&mut self, expr: &Expr) -> Option<SuperParts> {
        let Expr::Call(call) = expr else { return None };
        let Expr::Name(name) = &*call.func else { return None };
        if name.id.as_str() != "super"
            || !call.arguments.args.is_empty()
            || !call.arguments.keywords.is_empty()
        {
            return None;
        }
        let scope = self.symbols.scope(self.unit.root);
        if !matches!(scope.kind, ScopeKind::Function | ScopeKind::Lambda)
            || self.unit.arg_count == 0
        {
            return None;
        }
        let super_name = self.names.intern("super");
        let class_name = self.names.intern("__class__");
        if self.place_of(super_name) != Place::Global {
            return None;
        }
        let class_cell = *self.unit.free.get(&class_name)?;
        let first = *scope.order.first()?;
        let register = self.unit.registers[&(self.unit.root, first)];
        let receiver = if scope.flags(first).any(Flags::CELL) {
            Place::Cell(register)
        } else {
            Place::Local(register)
        };
        Some(SuperParts { class_cell, receiver, name: name.range, call: call.range })
    }

    /// Loads `super`, the class and the receiver to three new temporaries.
    pub(super) fn super_window(&mut self, parts: &SuperParts) -> R<Reg> {
        let window = self.unit.temps.take(3);
        self.load_name("super", window, parts.name)?;
        self.at(parts.call);
        self.op(Op::LoadCell, 0, window + 1, parts.class_cell, 0);
        match parts.receiver {
            Place::Cell(cell) => self.op(Op::LoadCell, 0, window + 2, cell, 0),
            Place::Local(reg) => {
                self.check_bound(reg);
                self.move_to(window + 2, reg);
            }
            _ => {}
        }
        Ok(window)
    }

    pub(super) fn call(&mut self, e: &'a ast::ExprCall, dst: Reg) -> R<()> {
        let arguments = &e.arguments;
        let bare_generator =
            arguments.args.iter().any(|a| matches!(a, Expr::Generator(g) if !g.parenthesized));
        check_keywords(&arguments.keywords)?;
        let unpacked = arguments.args.iter().any(Expr::is_starred_expr)
            || arguments.keywords.iter().any(|k| k.arg.is_none());
        if unpacked || arguments.args.len() + arguments.keywords.len() > MAX_ARGUMENTS {
            let window = self.window_start(dst);
            self.expr_to(&e.func, window)?;
            return self.call_unpacked(window, &[], None, arguments, e.range, dst);
        }
        let callee = match &*e.func {
            Expr::Attribute(attribute) => match self.super_parts(&attribute.value) {
                Some(parts) => Callee::Super(attribute, parts),
                None => Callee::Method(attribute),
            },
            other => Callee::Plain(other),
        };
        let range = match callee {
            Callee::Plain(_) => e.range,
            Callee::Method(attribute) | Callee::Super(attribute, _) => {
                self.call_range(e.range, attribute)
            }
        };
        let (window, is_method) = self.callee(callee, dst)?;
        if bare_generator {
            self.bare_generator = arguments.range;
        }
        self.window(&*arguments.args)?;
        self.finish_call(window, is_method, arguments, range, dst)
    }

    /// A method call over several lines is shown from the method's name on.
    fn call_range(&self, call: TextRange, attribute: &ast::ExprAttribute) -> TextRange {
        TextRange::new(self.attribute_range(attribute).start().max(call.start()), call.end())
    }

    /// Where an attribute access is shown: over several lines, only the name.
    pub(super) fn attribute_range(&self, attribute: &ast::ExprAttribute) -> TextRange {
        let name = attribute.attr.range;
        let lines = self.source.slice(TextRange::new(attribute.range.start(), name.start()));
        if lines.contains('\n') { name } else { attribute.range }
    }

    /// Evaluates a callee into a new window; says whether it is a pair.
    fn callee(&mut self, callee: Callee<'a>, dst: Reg) -> R<(Reg, bool)> {
        match callee {
            Callee::Plain(expr) => {
                let window = self.window_start(dst);
                self.expr_to(expr, window)?;
                Ok((window, false))
            }
            Callee::Method(attribute) => {
                let window = self.window_start(dst);
                let local = match &*attribute.value {
                    Expr::Name(name) => self.local_register(name.id.as_str()),
                    _ => None,
                };
                let object = match local {
                    Some(reg) => {
                        self.at(range_of(&*attribute.value));
                        self.check_bound(reg);
                        reg
                    }
                    None => {
                        self.expr_to(&attribute.value, window)?;
                        window
                    }
                };
                self.unit.temps.take(1);
                let range = self.attribute_range(attribute);
                self.at(range);
                let site = self.site(Op::LoadMethod, attribute.attr.as_str())?;
                self.op(Op::LoadMethod, 0, window, object, site);
                Ok((window, true))
            }
            Callee::Super(attribute, parts) => {
                let window = self.super_window(&parts)?;
                let range = self.attribute_range(attribute);
                self.at(range);
                let site = self.site(Op::LoadSuperMethod, attribute.attr.as_str())?;
                self.op(Op::LoadSuperMethod, 0, window, window, site);
                self.unit.temps.release(u32::from(window) + 2);
                Ok((window, true))
            }
        }
    }

    /// The keyword arguments and the call itself; callee and positional arguments are in place.
    fn finish_call(
        &mut self,
        window: Reg,
        is_method: bool,
        arguments: &'a ast::Arguments,
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        let count = (arguments.args.len() + arguments.keywords.len()) as u16;
        if arguments.keywords.is_empty() {
            self.at(range);
            let op = if is_method { Op::CallMethod } else { Op::Call };
            self.op(op, 0, dst, window, count);
            return Ok(());
        }
        self.window(arguments.keywords.iter().map(|k| &k.value))?;
        let names = self.keyword_names(&arguments.keywords);
        let names = self.unit.constant_index(names);
        self.at(range);
        let instr = Instr::new(Op::CallKw, u8::from(is_method), dst, window, count);
        self.unit.asm.emit_ext(instr, names);
        Ok(())
    }

    fn keyword_names(&mut self, keywords: &[Keyword]) -> Const {
        let names = keywords.iter().filter_map(|k| k.arg.as_ref());
        Const::Tuple(names.map(|name| Const::Str(self.mangled(name.as_str()))).collect())
    }

    /// A call whose arguments are known at run time only: `f(*args, **kwargs)`. The callee is in
    /// `window`; `first` and `last` are values that go around the positional arguments.
    pub(super) fn call_unpacked(
        &mut self,
        window: Reg,
        first: &[Reg],
        last: Option<Reg>,
        arguments: &'a ast::Arguments,
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        let args = self.unit.temps.take(1);
        if first.is_empty() && !arguments.args.iter().any(Expr::is_starred_expr) {
            self.tuple_display(&arguments.args, range, args)?;
        } else {
            self.at(range);
            if first.is_empty() {
                let ops = [Op::BuildList, Op::ListAppend, Op::ListExtend];
                // Only an argument alone is reported with the callee's name.
                let alone = u8::from(arguments.args.len() == 1);
                self.collect(&arguments.args, range, args, ops, alone)?;
            } else {
                let mark = self.unit.temps.mark();
                let copies = self.unit.temps.take(first.len());
                for (i, &value) in first.iter().enumerate() {
                    self.move_to(copies + i as u16, value);
                }
                self.op(Op::BuildList, 0, args, copies, first.len() as u16);
                self.unit.temps.release(mark);
                for argument in &arguments.args {
                    let (op, value, x) = match argument {
                        Expr::Starred(starred) => (Op::ListExtend, &*starred.value, 1),
                        other => (Op::ListAppend, other, 0),
                    };
                    let value = self.expr_any(value)?;
                    self.at(range_of(argument));
                    self.op(op, x, args, value, 0);
                    self.unit.temps.release(mark);
                }
                if let Some(last) = last {
                    self.op(Op::ListAppend, 0, args, last, 0);
                }
            }
            self.at(range);
            self.op(Op::ListToTuple, 0, args, args, 0);
        }
        let has_keywords = !arguments.keywords.is_empty();
        if has_keywords {
            let dict = self.unit.temps.take(1);
            self.keyword_dict(dict, window, &arguments.keywords, range)?;
        }
        self.at(range);
        self.op(Op::CallEx, u8::from(has_keywords), dst, window, 0);
        Ok(())
    }

    /// Collects keyword arguments in a dict, in order, with `**` mappings merged in.
    fn keyword_dict(
        &mut self,
        dict: Reg,
        callee: Reg,
        keywords: &'a [Keyword],
        range: TextRange,
    ) -> R<()> {
        let mark = self.unit.temps.mark();
        let mut rest = keywords;
        let mut first = true;
        while !rest.is_empty() || first {
            let named = rest.iter().take(16).take_while(|k| k.arg.is_some()).count();
            let (group, after) = rest.split_at(named);
            if first || named > 0 {
                let target = if first { dict } else { self.unit.temps.take(1) };
                let window = self.unit.temps.mark() as Reg;
                for keyword in group {
                    let Some(name) = &keyword.arg else { continue };
                    let name = Const::Str(self.mangled(name.as_str()));
                    let slot = self.unit.temps.take(1);
                    self.at(keyword.range);
                    self.load_const(slot, name);
                    let slot = self.unit.temps.take(1);
                    self.expr_to(&keyword.value, slot)?;
                }
                self.at(range);
                let window = if named == 0 { 0 } else { window };
                self.op(Op::BuildDict, 0, target, window, named as u16);
                if !first {
                    self.op(Op::DictMerge, 0, dict, target, callee);
                }
                self.unit.temps.release(mark);
            }
            first = false;
            rest = after;
            if let Some((keyword, after)) = rest.split_first()
                && keyword.arg.is_none()
            {
                let mapping = self.expr_any(&keyword.value)?;
                self.at(range);
                self.op(Op::DictMerge, 0, dict, mapping, callee);
                self.unit.temps.release(mark);
                rest = after;
            }
        }
        Ok(())
    }

    /// The bases and keywords of a class statement, and the call: `__build_class__`, the body's
    /// function and the name are in the window. `generic` comes after the bases.
    pub(super) fn call_build_class(
        &mut self,
        window: Reg,
        arguments: Option<&'a ast::Arguments>,
        generic: Option<Reg>,
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        let (bases, keywords): (&[Expr], &[Keyword]) = match arguments {
            Some(arguments) => (&arguments.args, &arguments.keywords),
            None => (&[], &[]),
        };
        check_keywords(keywords)?;
        if let Some(Expr::Generator(generator)) = bases.first()
            && !generator.parenthesized
        {
            let clause = generator.generators.first().map_or(generator.range, |g| g.range);
            let word = TextRange::at(clause.start(), 3.into());
            return Err(syntax_error(word, "invalid syntax"));
        }
        let unpacked =
            bases.iter().any(Expr::is_starred_expr) || keywords.iter().any(|k| k.arg.is_none());
        if let Some(arguments) = arguments
            && (unpacked || bases.len() + keywords.len() > MAX_ARGUMENTS)
        {
            let callee = self.unit.temps.take(1);
            self.move_to(callee, window);
            let first = [window + 1, window + 2];
            return self.call_unpacked(callee, &first, generic, arguments, range, dst);
        }
        self.window(bases)?;
        if let Some(generic) = generic {
            let slot = self.unit.temps.take(1);
            self.move_to(slot, generic);
        }
        let positional = 2 + bases.len() + usize::from(generic.is_some());
        if keywords.is_empty() {
            self.at(range);
            self.op(Op::Call, 0, dst, window, positional as u16);
            return Ok(());
        }
        self.window(keywords.iter().map(|k| &k.value))?;
        let names = self.keyword_names(keywords);
        let names = self.unit.constant_index(names);
        let count = (positional + keywords.len()) as u16;
        self.at(range);
        self.unit.asm.emit_ext(Instr::new(Op::CallKw, 0, dst, window, count), names);
        Ok(())
    }
}

fn check_keywords(keywords: &[Keyword]) -> R<()> {
    let debug = |k: &&Keyword| k.arg.as_ref().is_some_and(|name| name.as_str() == "__debug__");
    if let Some(keyword) = keywords.iter().find(debug) {
        return Err(syntax_error(keyword.range, "cannot assign to __debug__"));
    }
    if keywords.len() < 2 {
        return Ok(());
    }
    let mut seen: HashSet<&str> = HashSet::new();
    for keyword in keywords {
        if let Some(name) = &keyword.arg
            && !seen.insert(name.as_str())
        {
            let message: Arc<str> = format!("keyword argument repeated: {name}").into();
            return Err(syntax_error(keyword.range, &*message));
        }
    }
    Ok(())
}
