//! Identifiers: interning, private-name mangling, and where a name's value is kept.

use super::error::R;
use super::registers::Reg;
use super::symtable::{Flags, ScopeKind};
use super::{Compiler, syntax_error};
use crate::bytecode::{Instr, Op};
use rustpython_text_size::TextRange;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// An interned identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Symbol(u32);

/// The identifiers of a program.
#[derive(Default)]
pub(super) struct Names {
    by_text: HashMap<Arc<str>, Symbol>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub(super) fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&symbol) = self.by_text.get(text) {
            return symbol;
        }
        let text: Arc<str> = text.into();
        let symbol = Symbol(self.texts.len() as u32);
        self.texts.push(text.clone());
        self.by_text.insert(text, symbol);
        symbol
    }

    pub(super) fn text(&self, symbol: Symbol) -> &Arc<str> {
        &self.texts[symbol.0 as usize]
    }
}

/// A private name (`__name`) inside a class becomes `_Class__name`.
pub(super) fn mangle<'a>(class: Option<&str>, name: &'a str) -> Cow<'a, str> {
    let Some(class) = class else { return Cow::Borrowed(name) };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return Cow::Borrowed(name);
    }
    match class.trim_start_matches('_') {
        "" => Cow::Borrowed(name),
        class => Cow::Owned(format!("_{class}{name}")),
    }
}

/// Where a name's value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In a register.
    Local(Reg),
    /// In a cell that is in a register.
    Cell(Reg),
    /// In the module's globals or the builtins.
    Global,
    /// In the namespace in R[0], else global.
    Name,
    /// In the namespace in R[0], else in the cell.
    NameOrCell(Reg),
    /// In the class namespace whose cell is the first register, else global.
    ClassDict(Reg),
    /// In the class namespace whose cell is the first register, else in the second cell.
    ClassDictOrCell(Reg, Reg),
}

impl Compiler<'_> {
    /// The symbol of an identifier as written at this place.
    pub(super) fn symbol(&mut self, name: &str) -> Symbol {
        let mangled = mangle(self.private.as_deref(), name);
        self.names.intern(&mangled)
    }

    /// The text of an identifier, mangled.
    pub(super) fn mangled(&mut self, name: &str) -> Arc<str> {
        let symbol = self.symbol(name);
        self.names.text(symbol).clone()
    }

    /// Where `name` is kept, seen from the current scope.
    pub(super) fn place_of(&self, name: Symbol) -> Place {
        let mut id = self.unit.scope;
        let mut skipped_class = false;
        loop {
            let scope = self.symbols.scope(id);
            let flags = scope.flags(name);
            let is_root = scope.unit == id;
            if scope.kind.is_function_like() {
                if flags.is_local() {
                    let reg = self.unit.registers[&(id, name)];
                    let cell = flags.any(Flags::CELL);
                    return if cell { Place::Cell(reg) } else { Place::Local(reg) };
                }
                if flags.any(Flags::GLOBAL) {
                    return Place::Global;
                }
            }
            if !is_root {
                let Some(parent) = scope.parent else { return Place::Global };
                skipped_class |= self.symbols.scope(parent).kind == ScopeKind::Class;
                id = parent;
                continue;
            }
            let free = self.unit.free.get(&name).copied();
            return match scope.kind {
                ScopeKind::Class if skipped_class => {
                    // A comprehension in a class body does not see the class's names.
                    match self.unit.registers.get(&(id, name)).copied().or(free) {
                        Some(cell) => Place::Cell(cell),
                        None => Place::Global,
                    }
                }
                ScopeKind::Module | ScopeKind::Class => {
                    if flags.any(Flags::GLOBAL) {
                        Place::Global
                    } else if flags.any(Flags::NONLOCAL) {
                        free.map_or(Place::Name, Place::Cell)
                    } else if flags.any(Flags::BOUND) {
                        Place::Name
                    } else {
                        free.map_or(Place::Name, Place::NameOrCell)
                    }
                }
                ScopeKind::Annotate | ScopeKind::TypeParams => {
                    match (self.unit.free.get(&self.class_dict), free) {
                        (Some(&dict), Some(cell)) => Place::ClassDictOrCell(dict, cell),
                        (Some(&dict), None) => Place::ClassDict(dict),
                        (None, Some(cell)) => Place::Cell(cell),
                        (None, None) => Place::Global,
                    }
                }
                _ => free.map_or(Place::Global, Place::Cell),
            };
        }
    }

    /// Makes sure that a local read here has a value.
    pub(super) fn check_bound(&mut self, reg: Reg) {
        if self.unit.asm.reachable() && !self.unit.asm.bound.contains(reg) {
            self.op(Op::CheckLocal, 0, reg, 0, 0);
            self.unit.asm.bound.insert(reg);
        }
    }

    /// Loads a name that is not a plain local into `dst`.
    fn load_place(&mut self, place: Place, name: Symbol, dst: Reg, range: TextRange) -> R<()> {
        self.at(range);
        match place {
            Place::Local(reg) => {
                self.check_bound(reg);
                self.move_to(dst, reg);
            }
            Place::Cell(reg) => self.op(Op::LoadCell, 0, dst, reg, 0),
            Place::Global => {
                let site = self.shared_site(Op::LoadGlobal, name)?;
                self.op(Op::LoadGlobal, 0, dst, 0, site);
            }
            Place::Name => {
                let site = self.shared_site(Op::LoadName, name)?;
                self.op(Op::LoadName, 0, dst, 0, site);
            }
            Place::NameOrCell(cell) => {
                let site = self.shared_site(Op::LoadNameOrCell, name)?;
                self.op(Op::LoadNameOrCell, 0, dst, cell, site);
            }
            Place::ClassDict(dict) => {
                let mark = self.unit.temps.mark();
                let t = self.scratch(dst);
                self.op(Op::LoadCell, 0, t, dict, 0);
                let site = self.shared_site(Op::LoadDictOrGlobal, name)?;
                self.op(Op::LoadDictOrGlobal, 0, dst, t, site);
                self.unit.temps.release(mark);
            }
            Place::ClassDictOrCell(dict, cell) => {
                let mark = self.unit.temps.mark();
                let t = self.scratch(dst);
                self.op(Op::LoadCell, 0, t, dict, 0);
                let site = self.shared_site(Op::LoadDictOrCell, name)?;
                self.op(Op::LoadDictOrCell, 0, t, cell, site);
                self.move_to(dst, t);
                self.unit.temps.release(mark);
            }
        }
        Ok(())
    }

    /// `dst = name`
    pub(super) fn load_name(&mut self, name: &str, dst: Reg, range: TextRange) -> R<()> {
        let symbol = self.symbol(name);
        let place = self.place_of(symbol);
        self.load_place(place, symbol, dst, range)
    }

    /// A register with the value of `name`: the local's own, or a new temporary. With `stable`
    /// the register keeps the value even if `:=` rebinds the name later in the expression.
    pub(super) fn name_operand(&mut self, name: &str, stable: bool, range: TextRange) -> R<Reg> {
        let symbol = self.symbol(name);
        let place = self.place_of(symbol);
        if let Place::Local(reg) = place
            && !(stable && self.unit.walrus.contains(&reg))
        {
            self.at(range);
            self.check_bound(reg);
            return Ok(reg);
        }
        let dst = self.unit.temps.take(1);
        self.load_place(place, symbol, dst, range)?;
        Ok(dst)
    }

    /// The register of `name` when it is a plain local.
    pub(super) fn local_register(&mut self, name: &str) -> Option<Reg> {
        let symbol = self.symbol(name);
        match self.place_of(symbol) {
            Place::Local(reg) => Some(reg),
            _ => None,
        }
    }

    /// `name = R[value]`
    pub(super) fn store_name(&mut self, name: &str, value: Reg, range: TextRange) -> R<()> {
        if name == "__debug__" {
            return Err(syntax_error(range, "cannot assign to __debug__"));
        }
        let symbol = self.symbol(name);
        self.store_symbol(symbol, value, range)
    }

    /// As [`Compiler::store_name`] for a name that is mangled already.
    pub(super) fn store_symbol(&mut self, symbol: Symbol, value: Reg, range: TextRange) -> R<()> {
        self.at(range);
        match self.place_of(symbol) {
            Place::Local(reg) => {
                self.move_to(reg, value);
                self.unit.asm.bound.insert(reg);
            }
            Place::Cell(reg) | Place::ClassDictOrCell(_, reg) | Place::NameOrCell(reg) => {
                self.op(Op::StoreCell, 0, reg, value, 0);
            }
            Place::Global | Place::ClassDict(_) => {
                let site = self.shared_site(Op::StoreGlobal, symbol)?;
                self.op(Op::StoreGlobal, 0, value, 0, site);
            }
            Place::Name => {
                let site = self.shared_site(Op::StoreName, symbol)?;
                self.op(Op::StoreName, 0, value, 0, site);
            }
        }
        Ok(())
    }

    /// `del name`; with `quiet` the name is known to have a value or need not have one.
    pub(super) fn delete_name(&mut self, name: &str, quiet: bool, range: TextRange) -> R<()> {
        let symbol = self.symbol(name);
        self.at(range);
        match self.place_of(symbol) {
            Place::Local(reg) => {
                let quiet = quiet || self.unit.asm.bound.contains(reg);
                self.op(Op::DeleteLocal, u8::from(quiet), reg, 0, 0);
                self.unit.asm.bound.remove(reg);
            }
            Place::Cell(reg) | Place::ClassDictOrCell(_, reg) | Place::NameOrCell(reg) => {
                self.op(Op::DeleteCell, 0, reg, 0, 0);
            }
            Place::Global | Place::ClassDict(_) => {
                let site = self.shared_site(Op::DeleteGlobal, symbol)?;
                self.op(Op::DeleteGlobal, 0, 0, 0, site);
            }
            Place::Name => {
                let site = self.shared_site(Op::DeleteName, symbol)?;
                self.op(Op::DeleteName, 0, 0, 0, site);
            }
        }
        Ok(())
    }

    /// `R[dst] = R[src]` unless they are one.
    pub(super) fn move_to(&mut self, dst: Reg, src: Reg) {
        if dst != src {
            self.unit.asm.emit(Instr::new(Op::Move, 0, dst, src, 0));
        }
    }
}
