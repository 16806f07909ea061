//! Checks that a unit is well formed. For tests and debugging: the VM trusts the compiler.

use super::dis::{ExtKind, ext_kind};
use super::op::Operand;
use super::{CodeFlags, CodeUnit, Const, Instr, Op};

/// Checks a unit and all units inside it; the error says what is wrong and where.
pub fn verify(unit: &CodeUnit) -> Result<(), String> {
    let result = Verifier { unit, starts: starts(unit) }.check();
    result.map_err(|message| format!("{}: {message}", unit.qualname))?;
    for constant in &unit.consts {
        if let Const::Code(inner) = constant {
            verify(inner)?;
        }
    }
    Ok(())
}

struct Verifier<'a> {
    unit: &'a CodeUnit,
    /// Whether an instruction (not its second word) begins here.
    starts: Vec<bool>,
}

fn starts(unit: &CodeUnit) -> Vec<bool> {
    let mut starts = vec![false; unit.instrs.len()];
    let mut pc = 0;
    while let Some(instr) = unit.instrs.get(pc) {
        starts[pc] = true;
        pc += if ext_kind(instr.op) == ExtKind::None { 1 } else { 2 };
    }
    starts
}

impl Verifier<'_> {
    fn check(&self) -> Result<(), String> {
        let unit = self.unit;
        if unit.positions.len() != unit.instrs.len() {
            return Err("as many positions as instructions".into());
        }
        let locals = unit.varnames.len() + unit.freevars.len();
        if locals > usize::from(unit.register_count) {
            return Err("fewer registers than locals".into());
        }
        let flags = unit.flags;
        let parameters = usize::from(unit.arg_count + unit.kwonly_count)
            + usize::from(flags.has(CodeFlags::VARARGS))
            + usize::from(flags.has(CodeFlags::VARKEYWORDS));
        if parameters > unit.varnames.len() {
            return Err("more parameters than locals".into());
        }
        if flags.has(CodeFlags::NAMES) && unit.register_count == 0 {
            return Err("no register for the namespace".into());
        }
        let mut last = None;
        for (pc, instr) in unit.instrs.iter().enumerate().filter(|&(pc, _)| self.starts[pc]) {
            self.instruction(pc, instr).map_err(|e| format!("{pc} {:?}: {e}", instr.op))?;
            last = Some(instr.op);
        }
        if !matches!(
            last,
            Some(
                Op::Return
                    | Op::ReturnNone
                    | Op::Reraise
                    | Op::Raise
                    | Op::RaiseFrom
                    | Op::RaiseBare
                    | Op::JumpBack
                    | Op::EndAsyncFor
            )
        ) {
            return Err("control falls off the end".into());
        }
        for handler in &unit.handlers {
            if handler.start >= handler.end || handler.end as usize > unit.instrs.len() {
                return Err(format!("bad range of {handler:?}"));
            }
            let starts = |pc: u32| self.starts.get(pc as usize).copied().unwrap_or(false);
            if !starts(handler.target) || !starts(handler.start) {
                return Err(format!("{handler:?} is not at an instruction"));
            }
            self.registers(handler.exc, 1)?;
        }
        Ok(())
    }

    fn instruction(&self, pc: usize, instr: &Instr) -> Result<(), String> {
        let unit = self.unit;
        let [_, a, b, c] = instr.op.operands();
        for (kind, value) in [(a, instr.a), (b, instr.b), (c, instr.c)] {
            match kind {
                Operand::Out | Operand::In => self.registers(value, 1)?,
                Operand::Const => self.constant(u32::from(value))?,
                Operand::Site if usize::from(value) >= unit.sites.len() => {
                    return Err("site out of range".into());
                }
                Operand::Const32 => self.constant(instr.bc() as u32)?,
                Operand::Jump => self.jump(pc, instr.bc(), instr.op)?,
                _ => {}
            }
        }
        self.windows(instr)?;
        let ext = unit.instrs.get(pc + 1);
        match (ext_kind(instr.op), ext) {
            (ExtKind::None, _) => {
                if instr.op == Op::Ext {
                    return Err("a second word by itself".into());
                }
            }
            (_, None) => return Err("second word missing".into()),
            (_, Some(ext)) if ext.op != Op::Ext => return Err("second word missing".into()),
            (ExtKind::Jump, Some(ext)) => self.jump(pc + 1, ext.bc(), instr.op)?,
            (ExtKind::Const, Some(ext)) => self.constant(ext.bc() as u32)?,
        }
        Ok(())
    }

    /// The registers of windows are all there.
    fn windows(&self, instr: &Instr) -> Result<(), String> {
        let (a, b, c) = (instr.a, instr.b, u32::from(instr.c));
        match instr.op {
            Op::Call | Op::CallFunction | Op::CallNative | Op::CallLen | Op::CallClass => {
                self.registers(b, c + 1)
            }
            Op::CallMethod | Op::CallMethodFunction | Op::CallMethodNative => {
                self.registers(b, c + 2)
            }
            Op::CallKw => self.registers(b, c + 1 + u32::from(instr.x)),
            Op::CallEx => self.registers(b, 2 + u32::from(instr.x & 1)),
            Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString if c > 0 => {
                self.registers(b, c)
            }
            Op::BuildDict if c > 0 => self.registers(b, 2 * c),
            Op::BuildSlice => self.registers(b, 3),
            Op::BuildInterpolation => self.registers(b, 4),
            Op::BuildTemplate => self.registers(b, c + 1),
            Op::MakeFunction if instr.x != 0 => self.registers(instr.c, 4),
            Op::UnpackSequence => self.registers(a, c),
            Op::UnpackStar => self.registers(a, (c & 255) + (c >> 8) + 1),
            Op::LoadMethod | Op::LoadSpecial | Op::GetIter | Op::MatchExcStar => {
                self.registers(a, 2)
            }
            Op::ForIter => self.registers(b, 2),
            Op::LoadSuperAttr => self.registers(b, 3),
            Op::LoadSuperMethod => self.registers(b, 3).and(self.registers(a, 2)),
            Op::ExcInfo => self.registers(a, 3),
            Op::CopyClosure => self.registers(a, c),
            _ => Ok(()),
        }
    }

    fn registers(&self, first: u16, count: u32) -> Result<(), String> {
        if u32::from(first) + count > u32::from(self.unit.register_count) {
            return Err(format!("registers {first}+{count} of {}", self.unit.register_count));
        }
        Ok(())
    }

    fn constant(&self, index: u32) -> Result<(), String> {
        if index as usize >= self.unit.consts.len() {
            return Err("constant out of range".into());
        }
        Ok(())
    }

    fn jump(&self, word: usize, offset: i32, op: Op) -> Result<(), String> {
        let target = word as i64 + 1 + i64::from(offset);
        let starts = usize::try_from(target).ok().and_then(|t| self.starts.get(t));
        if starts != Some(&true) {
            return Err(format!("jump to {target}"));
        }
        if (op == Op::JumpBack) != (offset < 0) {
            return Err(format!("jump by {offset} in the wrong direction"));
        }
        Ok(())
    }
}
