//! One code block under construction.

use super::assembler::Assembler;
use super::constant::ConstKey;
use super::control::Block;
use super::error::{R, syntax_error};
use super::names::{Names, Symbol};
use super::registers::{Reg, Temporaries};
use super::source::Source;
use super::symtable::{Flags, ScopeId, ScopeKind, SymbolTable};
use super::{Compiler, Header};
use crate::bytecode::{CacheInit, CodeFlags, CodeUnit, Const, Instr, Op};
use rustpython_text_size::TextRange;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A code block under construction.
pub(super) struct Unit<'a> {
    /// The scope whose code is being written: the unit's own or an inlined comprehension's.
    pub(super) scope: ScopeId,
    /// The unit's own scope.
    pub(super) root: ScopeId,
    pub(super) asm: Assembler,
    pub(super) temps: Temporaries,
    /// Registers of locals and own cells.
    pub(super) registers: HashMap<(ScopeId, Symbol), Reg>,
    /// Registers of the cells of free variables.
    pub(super) free: HashMap<Symbol, Reg>,
    /// Registers that `:=` may write in the middle of an expression.
    pub(super) walrus: HashSet<Reg>,
    /// Registers that may become unbound again.
    pub(super) deletable: Vec<Reg>,
    /// The statements we are inside of that have something to do on the way out.
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) flags: u32,
    pub(super) arg_count: u16,
    pub(super) posonly_count: u16,
    pub(super) kwonly_count: u16,
    pub(super) self_attrs: u16,
    header: Header,
    consts: Vec<Const>,
    const_index: HashMap<ConstKey, u32>,
    sites: Vec<CacheInit>,
    site_index: HashMap<(u8, Symbol), u16>,
    varnames: Vec<Arc<str>>,
    cell_registers: Vec<u16>,
    freevars: Vec<Arc<str>>,
    free_base: u16,
}

impl<'a> Unit<'a> {
    /// Lays out the registers of a unit and writes its prologue.
    pub(super) fn new(
        root: ScopeId,
        symbols: &SymbolTable,
        names: &Names,
        header: Header,
    ) -> Unit<'a> {
        let mut unit = Unit {
            scope: root,
            root,
            asm: Assembler::new(),
            temps: Temporaries::default(),
            registers: HashMap::new(),
            free: HashMap::new(),
            walrus: HashSet::new(),
            deletable: vec![],
            blocks: vec![],
            flags: 0,
            arg_count: 0,
            posonly_count: 0,
            kwonly_count: 0,
            self_attrs: 0,
            header,
            consts: vec![],
            const_index: HashMap::new(),
            sites: vec![],
            site_index: HashMap::new(),
            varnames: vec![],
            cell_registers: vec![],
            freevars: vec![],
            free_base: 0,
        };
        unit.lay_out_locals(symbols, names);
        unit.lay_out_comprehensions(symbols, names);
        let scope = symbols.scope(root);
        let namespace = !scope.kind.is_function_like() && unit.varnames.is_empty();
        unit.free_base = (unit.varnames.len() + usize::from(namespace)).min(65_000) as u16;
        let mut free: Vec<(Arc<str>, Symbol)> =
            scope.free.iter().map(|&s| (names.text(s).clone(), s)).collect();
        free.sort();
        for (i, (text, symbol)) in free.into_iter().enumerate() {
            unit.free.insert(symbol, unit.free_base + i as u16);
            unit.freevars.push(text);
        }
        let free_count = unit.freevars.len() as u16;
        unit.temps = Temporaries::new(u32::from(unit.free_base + free_count));
        if free_count > 0 {
            let base = unit.free_base;
            unit.asm.emit(Instr::new(Op::CopyClosure, 0, base, 0, free_count));
        }
        unit.make_cells(symbols);
        unit
    }

    fn lay_out_locals(&mut self, symbols: &SymbolTable, names: &Names) {
        let scope = symbols.scope(self.root);
        let in_registers = scope.kind.is_function_like();
        for &symbol in &scope.order {
            let flags = scope.flags(symbol);
            let wanted = if in_registers {
                flags.is_local()
            } else {
                scope.kind == ScopeKind::Class && flags.any(Flags::CELL)
            };
            if !wanted || self.registers.contains_key(&(self.root, symbol)) {
                continue;
            }
            if !in_registers && self.varnames.is_empty() {
                self.varnames.push(".namespace".into());
            }
            let register = self.varnames.len().min(65_000) as u16;
            self.varnames.push(names.text(symbol).clone());
            self.registers.insert((self.root, symbol), register);
            if flags.any(Flags::CELL) {
                self.cell_registers.push(register);
            } else {
                if flags.any(Flags::WALRUS) {
                    self.walrus.insert(register);
                }
                if flags.any(Flags::DELETED) {
                    self.deletable.push(register);
                }
            }
            if flags.any(Flags::PARAM) {
                self.asm.bound.insert(register);
            }
        }
    }

    /// Variables of inlined comprehensions are locals with a dot before their name. Those of
    /// comprehensions that are never active at once share registers.
    fn lay_out_comprehensions(&mut self, symbols: &SymbolTable, names: &Names) {
        let mut shared: HashMap<(Symbol, u16, bool), u16> = HashMap::new();
        let scope = symbols.scope(self.root);
        for &(id, depth) in &scope.comprehensions {
            let comprehension = symbols.scope(id);
            for &symbol in &comprehension.order {
                let flags = comprehension.flags(symbol);
                if !flags.is_local() {
                    continue;
                }
                if self.varnames.is_empty() && !scope.kind.is_function_like() {
                    self.varnames.push(".namespace".into());
                }
                let varnames = &mut self.varnames;
                let key = (symbol, depth, flags.any(Flags::CELL));
                let register = *shared.entry(key).or_insert_with(|| {
                    varnames.push(format!(".{}", names.text(symbol)).into());
                    (varnames.len() - 1).min(65_000) as u16
                });
                self.registers.insert((id, symbol), register);
            }
        }
    }

    /// Prologue: cells for the variables that inner blocks share.
    fn make_cells(&mut self, symbols: &SymbolTable) {
        let scope = symbols.scope(self.root);
        for &symbol in &scope.order {
            if !scope.flags(symbol).any(Flags::CELL) {
                continue;
            }
            if let Some(&register) = self.registers.get(&(self.root, symbol)) {
                let fresh = !scope.flags(symbol).any(Flags::PARAM);
                let made = self.asm.bound.contains(register) && fresh;
                if !made {
                    self.asm.emit(Instr::new(Op::MakeCell, u8::from(fresh), register, 0, 0));
                    self.asm.bound.insert(register);
                }
            }
        }
    }

    /// The unit's qualified name.
    pub(super) fn qualname(&self) -> &str {
        &self.header.qualname
    }

    /// Index of a constant, which is added when it is new.
    pub(super) fn constant_index(&mut self, value: Const) -> u32 {
        let next = self.consts.len() as u32;
        match ConstKey::of(&value) {
            Some(key) => {
                let index = *self.const_index.entry(key).or_insert(next);
                if index == next {
                    self.consts.push(value);
                }
                index
            }
            None => {
                self.consts.push(value);
                next
            }
        }
    }

    /// A site that all instructions of this kind share for a name; None when there are too many.
    fn shared_site(&mut self, op: Op, name: Symbol, text: &Arc<str>) -> Option<u16> {
        if let Some(&site) = self.site_index.get(&(op as u8, name)) {
            return Some(site);
        }
        let site = self.push_site(text.clone())?;
        self.site_index.insert((op as u8, name), site);
        Some(site)
    }

    /// A new site; beyond a number that no sane unit has, sites are shared by name.
    fn new_site(&mut self, op: Op, name: Symbol, text: &Arc<str>) -> Option<u16> {
        if self.sites.len() < 50_000 {
            return self.push_site(text.clone());
        }
        self.shared_site(op, name, text)
    }

    fn push_site(&mut self, name: Arc<str>) -> Option<u16> {
        let site = u16::try_from(self.sites.len()).ok()?;
        self.sites.push(CacheInit { name });
        Some(site)
    }

    /// Takes the finished unit out.
    pub(super) fn finish(&mut self, source: &Source, filename: &Arc<str>) -> R<CodeUnit> {
        let locals_fit = self.varnames.len() + self.freevars.len() < 60_000;
        let Some(register_count) = self.temps.count().filter(|_| locals_fit) else {
            return Err(syntax_error(
                TextRange::default(),
                "too many local variables or nested values in one code block",
            ));
        };
        let asm = std::mem::replace(&mut self.asm, Assembler::new());
        let (instrs, positions, handlers) = asm.finish(source);
        Ok(CodeUnit {
            name: self.header.name.clone(),
            qualname: self.header.qualname.clone(),
            filename: filename.clone(),
            first_line: self.header.first_line,
            flags: CodeFlags(self.flags),
            arg_count: self.arg_count,
            posonly_count: self.posonly_count,
            kwonly_count: self.kwonly_count,
            varnames: std::mem::take(&mut self.varnames),
            cell_registers: std::mem::take(&mut self.cell_registers),
            freevars: std::mem::take(&mut self.freevars),
            free_base: self.free_base,
            register_count,
            instrs,
            positions,
            consts: std::mem::take(&mut self.consts),
            sites: std::mem::take(&mut self.sites),
            handlers,
            self_attrs: self.self_attrs,
        })
    }
}

impl<'a> Compiler<'a> {
    /// Compiles a nested block with `f` and gives its unit.
    pub(super) fn nested_unit(
        &mut self,
        scope: ScopeId,
        name: Arc<str>,
        range: TextRange,
        f: impl FnOnce(&mut Self) -> R<()>,
    ) -> R<CodeUnit> {
        let qualname = self.qualified(scope, &name);
        let header =
            Header { name, qualname, first_line: self.source.line(u32::from(range.start())) };
        let unit = Unit::new(scope, self.symbols, &self.names, header);
        let outer = std::mem::replace(&mut self.unit, unit);
        let kind = self.symbols.scope(scope).kind;
        if kind.is_function_like() {
            self.unit.flags |= CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS;
        } else {
            self.unit.flags |= CodeFlags::NAMES;
        }
        if self.symbols.scope(scope).nested {
            self.unit.flags |= CodeFlags::NESTED;
        }
        let result = self.nested(range, f).and_then(|()| self.finish());
        self.unit = outer;
        result
    }

    /// The qualified name of a block opened in the current unit.
    fn qualified(&mut self, scope: ScopeId, name: &Arc<str>) -> Arc<str> {
        let outer = self.symbols.scope(self.unit.root);
        let own = self.symbols.scope(scope).kind;
        if matches!(own, ScopeKind::Function | ScopeKind::Class) {
            let symbol = self.symbol(name);
            if outer.flags(symbol).any(Flags::GLOBAL) {
                return name.clone();
            }
        }
        let prefix = self.unit.qualname();
        let prefix = match outer.kind {
            ScopeKind::Module => String::new(),
            // The function of type parameters does not show in names; its own is the prefix.
            ScopeKind::Class | ScopeKind::TypeParams => prefix.to_owned(),
            _ => format!("{prefix}.<locals>"),
        };
        if own == ScopeKind::TypeParams {
            prefix.into()
        } else if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}").into()
        }
    }

    /// The shared site of a name for one kind of instruction.
    pub(super) fn shared_site(&mut self, op: Op, name: Symbol) -> R<u16> {
        let text = self.names.text(name).clone();
        let range = self.unit.asm.range;
        self.unit.shared_site(op, name, &text).ok_or_else(|| too_many_names(range))
    }

    /// A site for one instruction with an attribute's name as written.
    pub(super) fn site(&mut self, op: Op, name: &str) -> R<u16> {
        let symbol = self.symbol(name);
        let text = self.names.text(symbol).clone();
        let range = self.unit.asm.range;
        self.unit.new_site(op, symbol, &text).ok_or_else(|| too_many_names(range))
    }

    /// `R[dst] = value`
    pub(super) fn load_const(&mut self, dst: Reg, value: Const) {
        let instr = match value {
            Const::None => Instr::new(Op::LoadSingleton, 0, dst, 0, 0),
            Const::Bool(true) => Instr::new(Op::LoadSingleton, 1, dst, 0, 0),
            Const::Bool(false) => Instr::new(Op::LoadSingleton, 2, dst, 0, 0),
            Const::Ellipsis => Instr::new(Op::LoadSingleton, 3, dst, 0, 0),
            Const::Int(i) if i32::try_from(i).is_ok() => Instr::wide(Op::LoadInt, 0, dst, i as i32),
            other => {
                let index = self.unit.constant_index(other);
                Instr::wide(Op::LoadConst, 0, dst, index as i32)
            }
        };
        self.unit.asm.emit(instr);
    }

    /// Index of a constant for a 16-bit operand.
    pub(super) fn short_constant(&mut self, value: Const) -> R<u16> {
        let index = self.unit.constant_index(value);
        u16::try_from(index)
            .map_err(|_| syntax_error(self.unit.asm.range, "too many constants in one code block"))
    }

    /// A temporary to build in before `dst` gets the result: `dst` itself unless it is a local,
    /// which must keep its value until the end.
    pub(super) fn scratch(&mut self, dst: Reg) -> Reg {
        if self.unit.temps.is_temporary(dst) { dst } else { self.unit.temps.take(1) }
    }
}

fn too_many_names(range: TextRange) -> Box<super::error::CompileError> {
    syntax_error(range, "too many attribute names in one code block")
}
