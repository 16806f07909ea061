//! The disassembler: readable text, driven by the operand table in [`super::op`].

use super::op::Operand;
use super::{CodeUnit, Const, Instr, Op};
use std::fmt::Write;

/// What the [`Op::Ext`] word after an instruction carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtKind {
    /// The instruction has no second word.
    None,
    /// A jump offset.
    Jump,
    /// The index of a constant.
    Const,
}

/// What follows an instruction.
pub fn ext_kind(op: Op) -> ExtKind {
    match op {
        Op::CompareJump
        | Op::CompareJumpImm
        | Op::IsJump
        | Op::InJump
        | Op::ForIter
        | Op::ForIterRange
        | Op::ForIterList
        | Op::ForIterNative
        | Op::ForIterGen => ExtKind::Jump,
        Op::CallKw | Op::MatchClass => ExtKind::Const,
        _ => ExtKind::None,
    }
}

/// A unit and all units inside it as text.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut out = String::new();
    write_unit(unit, &mut out);
    out
}

fn write_unit(unit: &CodeUnit, out: &mut String) {
    let _ = writeln!(
        out,
        "{} ({}, line {}): {} registers, flags {:#x}",
        unit.qualname, unit.filename, unit.first_line, unit.register_count, unit.flags.0
    );
    for (register, name) in unit.varnames.iter().enumerate() {
        let cell = if unit.cell_registers.contains(&(register as u16)) { " (cell)" } else { "" };
        let _ = writeln!(out, "  r{register} = {name}{cell}");
    }
    for (i, name) in unit.freevars.iter().enumerate() {
        let _ = writeln!(out, "  r{} = {name} (free)", usize::from(unit.free_base) + i);
    }
    let mut line = 0;
    let mut pc = 0;
    while let Some(instr) = unit.instrs.get(pc) {
        let here = unit.positions.get(pc).map_or(0, |p| p.line);
        let shown = if here != line && here != 0 { here.to_string() } else { String::new() };
        if here != 0 {
            line = here;
        }
        let _ = writeln!(out, "{shown:>5} {pc:>4}  {}", instruction(unit, pc, instr));
        pc += if ext_kind(instr.op) == ExtKind::None { 1 } else { 2 };
    }
    for handler in &unit.handlers {
        let _ = writeln!(
            out,
            "  on exception in {}..{} to {} with r{}",
            handler.start, handler.end, handler.target, handler.exc
        );
    }
    for constant in &unit.consts {
        if let Const::Code(inner) = constant {
            out.push('\n');
            write_unit(inner, out);
        }
    }
}

/// One instruction, with its second word if it has one.
fn instruction(unit: &CodeUnit, pc: usize, instr: &Instr) -> String {
    let mut text = format!("{:<18}", instr.op.name());
    let [x, a, b, c] = instr.op.operands();
    let values = [u16::from(instr.x), instr.a, instr.b, instr.c];
    let mut first = true;
    for (kind, value) in [x, a, b, c].into_iter().zip(values) {
        let shown = match kind {
            Operand::No => continue,
            Operand::Out | Operand::In | Operand::Window => register(unit, value),
            Operand::Count => format!("#{value}"),
            Operand::Const => constant(unit, u32::from(value)),
            Operand::Site => unit
                .sites
                .get(usize::from(value))
                .map_or_else(|| format!("site {value}?"), |site| format!(".{}", site.name)),
            Operand::Imm => format!("{}", value as i16),
            Operand::Imm32 => instr.bc().to_string(),
            Operand::Jump => target(pc, instr.bc()),
            Operand::Const32 => constant(unit, instr.bc() as u32),
        };
        text.push_str(if first { " " } else { ", " });
        text.push_str(&shown);
        first = false;
    }
    if let Some(ext) = unit.instrs.get(pc + 1) {
        match ext_kind(instr.op) {
            ExtKind::None => {}
            ExtKind::Jump => {
                let _ = write!(text, " {}", target(pc + 1, ext.bc()));
            }
            ExtKind::Const => {
                let _ = write!(text, " {}", constant(unit, ext.bc() as u32));
            }
        }
    }
    text.trim_end().to_owned()
}

fn target(pc: usize, offset: i32) -> String {
    format!("-> {}", pc as i64 + 1 + i64::from(offset))
}

fn register(unit: &CodeUnit, register: u16) -> String {
    let free = register.checked_sub(unit.free_base).map(usize::from);
    let name = unit
        .varnames
        .get(usize::from(register))
        .or_else(|| free.and_then(|index| unit.freevars.get(index)));
    match name {
        Some(name) => format!("r{register}({name})"),
        None => format!("r{register}"),
    }
}

fn constant(unit: &CodeUnit, index: u32) -> String {
    match unit.consts.get(index as usize) {
        Some(value) => show(value),
        None => format!("constant {index}?"),
    }
}

/// A constant as Python would write it, more or less.
fn show(value: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(show).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::Bool(true) => "True".into(),
        Const::Bool(false) => "False".into(),
        Const::Ellipsis => "...".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(digits) => digits.to_string(),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(re, im) => format!("({re:?}+{im:?}j)"),
        Const::Str(s) => format!("{s:?}"),
        Const::WideStr(points) => format!("wide {points:x?}"),
        Const::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({})", list(items)),
        Const::Code(unit) => format!("<code {}>", unit.qualname),
    }
}
