//! Code objects' data: instructions, constants and inline caches, outside the moving heap so that
//! the running code stays where it is.

use crate::builtins::ClassId;
use crate::bytecode::unit::{CodeFlags, CodeUnit};
use crate::bytecode::{Const, Instr};
use crate::object::{Code, Gc, Header, Kind, Slot, Tracer};
use crate::value::{Value, Word, word};
use crate::vm::Vm;
use crate::vm::monitoring::CodeMonitors;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// An inline-cache site: the name it is about and what was seen there.
pub struct Site {
    /// The attribute's or variable's name, interned.
    pub name: Slot,
    /// A value found in a class or module (method, property getter), or UNBOUND.
    pub value: Slot,
    /// Kind and shape that the receiver must have.
    pub guard: Cell<u32>,
    /// The VM's class epoch when the cache was filled.
    pub epoch: Cell<u32>,
    /// Slot or entry number.
    pub index: Cell<u32>,
    /// Guard after a shape transition.
    pub new_guard: Cell<u32>,
    /// Version of a dict that must not have changed.
    pub version: Cell<u64>,
    /// Version of a second dict (builtins).
    pub version2: Cell<u64>,
    /// How often the cache was filled anew; a site that changes too much stays general.
    pub misses: Cell<u32>,
}

impl Site {
    /// Whether what is known here holds for the object.
    #[inline(always)]
    pub fn fits(&self, obj: Value<'_>, class_epoch: u32) -> bool {
        obj.header().is_some_and(|header| header.guard() == self.guard.get())
            && class_epoch == self.epoch.get()
    }
}

/// What a code object owns.
pub struct CodeData {
    /// The compiler's output it was made from.
    pub unit: Arc<CodeUnit>,
    /// The instructions; the VM specialises them in place.
    pub instrs: Box<[Cell<Instr>]>,
    /// Constants as values.
    pub consts: Box<[Slot]>,
    /// Inline caches.
    pub sites: Box<[Site]>,
    /// The name and the qualified name, interned: every function made of the code has them.
    pub names: [Slot; 2],
    /// Names of parameters and locals, interned.
    pub varnames: Box<[Slot]>,
    /// Registers of a frame.
    pub register_count: u32,
    /// What tools of `sys.monitoring` want of it.
    pub monitors: RefCell<CodeMonitors>,
    /// Number of parameters, or `u32::MAX` when a call must bind arguments the long way (star
    /// parameters, keyword-only ones, generators).
    pub plain_args: u32,
}

impl CodeData {
    /// Visits all values. What caches of an earlier class epoch hold is let go of, except in a minor
    /// collection.
    pub fn trace(&self, tracer: &mut Tracer<'_>, class_epoch: u32) {
        for slot in self.consts.iter().chain(&self.names).chain(&self.varnames) {
            tracer.slot(slot);
        }
        for site in &self.sites {
            tracer.slot(&site.name);
            if !tracer.is_minor() && site.epoch.get() != class_epoch {
                // SAFETY: an immediate needs no barrier; no cache of that epoch is used again.
                unsafe { site.value.set_word(word::UNBOUND) };
                site.guard.set(0);
            }
            tracer.slot(&site.value);
        }
    }

    /// A cache site by the operand that names it.
    #[inline(always)]
    pub fn site(&self, i: u16) -> &Site {
        debug_assert!((i as usize) < self.sites.len());
        // SAFETY: operands of the compiler's instructions are in range.
        unsafe { self.sites.get_unchecked(i as usize) }
    }

    /// The word of a constant by the operand that names it.
    #[inline(always)]
    pub fn constant(&self, i: i32) -> Word {
        debug_assert!((i as usize) < self.consts.len());
        // SAFETY: operands of the compiler's instructions are in range.
        unsafe { self.consts.get_unchecked(i as usize).word() }
    }

    /// First instruction.
    #[inline(always)]
    pub fn start(&self) -> *const Instr {
        self.instrs.as_ptr().cast()
    }

    /// Flags of the code block.
    #[inline(always)]
    pub fn flags(&self) -> CodeFlags {
        self.unit.flags
    }

    /// Number of parameters of all kinds.
    pub fn parameter_count(&self) -> usize {
        let unit = &self.unit;
        unit.arg_count as usize
            + unit.kwonly_count as usize
            + unit.flags.has(CodeFlags::VARARGS) as usize
            + unit.flags.has(CodeFlags::VARKEYWORDS) as usize
    }
}

impl Vm {
    /// A code object from the compiler's output.
    pub fn code(&self, unit: Arc<CodeUnit>) -> Gc<'_, Code> {
        let slot = |value: Value<'_>| Slot::new(value.word());
        let intern = |name: &Arc<str>| slot(self.intern(name).value());
        let site = |init: &crate::bytecode::CacheInit| Site {
            name: intern(&init.name),
            value: Slot::new(word::UNBOUND),
            guard: Cell::new(0),
            epoch: Cell::new(0),
            index: Cell::new(0),
            new_guard: Cell::new(0),
            version: Cell::new(0),
            version2: Cell::new(0),
            misses: Cell::new(0),
        };
        let binds = CodeFlags::VARARGS
            | CodeFlags::VARKEYWORDS
            | CodeFlags::GENERATOR
            | CodeFlags::COROUTINE
            | CodeFlags::ASYNC_GENERATOR;
        let plain = unit.kwonly_count == 0 && unit.flags.0 & binds == 0;
        let data = CodeData {
            instrs: unit.instrs.iter().map(|i| Cell::new(*i)).collect(),
            consts: unit.consts.iter().map(|c| slot(self.constant(c))).collect(),
            sites: unit.sites.iter().map(site).collect(),
            names: [intern(&unit.name), intern(&unit.qualname)],
            varnames: unit.varnames.iter().map(intern).collect(),
            register_count: unit.register_count as u32,
            monitors: RefCell::default(),
            plain_args: if plain { unit.arg_count as u32 } else { u32::MAX },
            unit,
        };
        let data = Box::into_raw(Box::new(data));
        let code = self.alloc(
            ClassId::Code,
            Code { header: Header::new(Kind::Code as u8, 0), data: Cell::new(data) },
        );
        self.heap.register_outside(code.header_ptr());
        code
    }

    /// A constant as a value.
    pub fn constant(&self, constant: &Const) -> Value<'_> {
        match constant {
            Const::None => Value::NONE,
            Const::Bool(b) => Value::from_bool(*b),
            Const::Ellipsis => Value::ELLIPSIS,
            Const::Int(i) => self.int(*i),
            Const::BigInt(digits) => self.int_from_decimal(digits),
            Const::Float(f) => self.float(*f),
            Const::Complex(re, im) => self.complex(*re, *im),
            Const::Str(s) => {
                // Strings that look like names are often used as keys and attribute names.
                let name_like =
                    s.len() <= 40 && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                if name_like { self.intern(s).value() } else { self.str(s).value() }
            }
            Const::WideStr(chars) => self.str_from_code_points(chars).value(),
            Const::Bytes(b) => self.bytes(b).value(),
            Const::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|c| self.constant(c)).collect();
                self.tuple(&items).value()
            }
            Const::FrozenSet(items) => {
                let items: Vec<_> = items.iter().map(|c| self.constant(c)).collect();
                self.frozenset_of_constants(&items)
            }
            Const::Code(unit) => self.code(unit.clone()).value(),
        }
    }
}

impl Vm {
    /// The compiler's output that a code object was made from.
    pub fn code_unit<'gc>(&'gc self, code: Gc<'gc, Code>) -> &'gc Arc<CodeUnit> {
        // SAFETY: the data lives as long as the code object, which `'gc` keeps from being freed.
        unsafe { &(*code.data.get()).unit }
    }
}
