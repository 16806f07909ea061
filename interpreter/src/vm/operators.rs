//! Binary and unary operators: numbers and strs directly, everything else through special methods.

use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::ClassId;
use crate::bytecode::Op;
use crate::object::*;
use crate::value::{Value, Word, word};

/// A binary operator, in the order of the opcodes.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    And,
    Or,
    Xor,
    LShift,
    RShift,
}

use BinaryOp::*;

impl BinaryOp {
    const ALL: [BinaryOp; 13] =
        [Add, Sub, Mul, TrueDiv, FloorDiv, Mod, Pow, MatMul, And, Or, Xor, LShift, RShift];

    /// The operator of an opcode from `Op::Add` to `Op::RShift`.
    pub fn of(op: Op) -> BinaryOp {
        Self::ALL[(op as u8 - Op::Add as u8) as usize]
    }

    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        ["+", "-", "*", "/", "//", "%", "** or pow()", "@", "&", "|", "^", "<<", ">>"]
            [self as usize]
    }

    /// `__op__`, `__rop__`, `__iop__`.
    pub fn specials(self) -> (Special, Special, Special) {
        use Special as S;
        match self {
            Add => (S::Add, S::RAdd, S::IAdd),
            Sub => (S::Sub, S::RSub, S::ISub),
            Mul => (S::Mul, S::RMul, S::IMul),
            TrueDiv => (S::TrueDiv, S::RTrueDiv, S::ITrueDiv),
            FloorDiv => (S::FloorDiv, S::RFloorDiv, S::IFloorDiv),
            Mod => (S::Mod, S::RMod, S::IMod),
            Pow => (S::Pow, S::RPow, S::IPow),
            MatMul => (S::MatMul, S::RMatMul, S::IMatMul),
            And => (S::And, S::RAnd, S::IAnd),
            Or => (S::Or, S::ROr, S::IOr),
            Xor => (S::Xor, S::RXor, S::IXor),
            LShift => (S::LShift, S::RLShift, S::ILShift),
            RShift => (S::RShift, S::RRShift, S::IRShift),
        }
    }
}

impl Vm {
    /// `a op b`
    pub fn binary(&mut self, op: BinaryOp, a: Local, b: Local) -> NativeResult {
        self.binary_from(op, a, b, false)
    }

    /// `a op= b`
    pub fn inplace(&mut self, op: BinaryOp, a: Local, b: Local) -> NativeResult {
        self.binary_from(op, a, b, true)
    }

    fn binary_from(&mut self, op: BinaryOp, a: Local, b: Local, inplace: bool) -> NativeResult {
        if let Some(result) = self.number_binary(op, self.get(a), self.get(b)) {
            return result.map(|v| self.ret(v));
        }
        let end = self.stack.end.get();
        let mut stage = if inplace { 0 } else { 1 };
        while let Some((method, swapped)) =
            self.binary_method(op, self.get(a), self.get(b), &mut stage)
        {
            let method = self.root(method);
            let (x, y) = if swapped { (b, a) } else { (a, b) };
            let ret = self.call_unbound(method, x, &[y])?;
            self.stack.end.set(end);
            if self.roots.result.word() != word::NOT_IMPLEMENTED {
                return Ok(ret);
            }
        }
        Err(self.unsupported(op, self.get(a), self.get(b), inplace))
    }

    /// Whether the operator is the concatenation or repetition of a native sequence, and the class
    /// on the right has a reflected method of another kind.
    fn defers_to(&self, op: BinaryOp, left: Gc<'_, Class>, right: Gc<'_, Class>) -> bool {
        let of_sequence = |class: Gc<'_, Class>, which| {
            let method = self.special(class, which)?;
            let native = method.kind() == Some(Kind::Builtin);
            // To a pattern texts are no sequences, so they have not that flag.
            let text =
                matches!(class.instance_kind.get(), Kind::Str | Kind::Bytes | Kind::ByteArray);
            Some(native && (text || class.flags.get() & ClassFlags::SEQUENCE != 0))
        };
        let (forward, reflected, _) = op.specials();
        matches!(op, Add | Mul)
            && of_sequence(left, forward) == Some(true)
            && of_sequence(right, reflected) == Some(false)
    }

    /// The next method to try for an operator: stage 0 in place, 1 and 2 the two operands in their
    /// order. Moves `stage` past it. The flag says that the operands are swapped.
    ///
    /// Native sequences are concatenated and repeated only when the right operand does not know
    /// better, also in place: stage 4 is then their method in place.
    fn binary_method<'gc>(
        &'gc self,
        op: BinaryOp,
        a: Value<'gc>,
        b: Value<'gc>,
        stage: &mut u32,
    ) -> Option<(Value<'gc>, bool)> {
        let (forward, reflected, inplace) = op.specials();
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        // A subclass on the right that overrides the reflected method goes first.
        let right_first = ca != cb && self.is_subclass(cb, ca) && {
            let (ra, rb) = (self.special(ca, reflected), self.special(cb, reflected));
            rb.is_some() && ra.map(|v| v.word()) != rb.map(|v| v.word())
        };
        let right_knows = self.defers_to(op, ca, cb);
        let right_first = right_first || right_knows;
        while *stage != 3 {
            let now = *stage;
            *stage += 1;
            let found = match now {
                0 if right_knows => {
                    *stage = 4;
                    self.special(cb, reflected).map(|f| (f, true))
                }
                4 => {
                    *stage = 3;
                    let found = self.special(ca, inplace).or_else(|| self.special(ca, forward));
                    found.map(|f| (f, false))
                }
                0 => self.special(ca, inplace).map(|f| (f, false)),
                1 if right_first => self.special(cb, reflected).map(|f| (f, true)),
                1 => self.special(ca, forward).map(|f| (f, false)),
                _ if right_first => self.special(ca, forward).map(|f| (f, false)),
                _ if ca == cb => None,
                _ => self.special(cb, reflected).map(|f| (f, true)),
            };
            // None in the place of a method is called as well: a TypeError.
            if found.is_some() {
                return found;
            }
        }
        None
    }

    #[cold]
    fn unsupported(&self, op: BinaryOp, a: Value<'_>, b: Value<'_>, inplace: bool) -> Raised {
        // A sequence on the left of + has its own words.
        let (x, y) = (self.type_name(a), self.type_name(b));
        let symbol = match (op, inplace) {
            (Pow, true) => "**=".to_owned(),
            (_, true) => format!("{}=", op.symbol()),
            (_, false) => op.symbol().to_owned(),
        };
        self.type_error(format!("unsupported operand type(s) for {symbol}: '{x}' and '{y}'"))
    }

    /// The operator of the instruction `i` of the frame on top, from `stage` on: Python methods get
    /// a frame.
    ///
    /// # Safety
    /// Operands are registers of the frame on top.
    pub(super) unsafe fn binary_flow(
        &mut self,
        op: BinaryOp,
        dst: u16,
        a: Word,
        b: Word,
        inplace: bool,
        mut stage: u32,
    ) -> Flow {
        // SAFETY: for the whole function: words read from registers are values.
        unsafe {
            let (va, vb) = (Value::from_word(a), Value::from_word(b));
            let vm = &*self;
            if stage <= 1 {
                if let Some(result) = vm.number_binary(op, va, vb) {
                    return match result {
                        Ok(v) => {
                            (*vm.top).base.add(dst as usize).write(v.word());
                            Flow::Next
                        }
                        Err(Raised(())) => Flow::Raise,
                    };
                }
                if op == Add
                    && let (Some(x), Some(y)) = (va.as_str(), vb.as_str())
                    && vm.is_exact(va, ClassId::Str)
                    && vm.is_exact(vb, ClassId::Str)
                {
                    let s = if inplace { vm.str_append(x, y) } else { vm.str_concat(x, y) };
                    (*vm.top).base.add(dst as usize).write(s.value().word());
                    return Flow::Next;
                }
            }
            let Some((method, swapped)) = vm.binary_method(op, va, vb, &mut stage) else {
                let Raised(()) = vm.unsupported(op, va, vb, inplace);
                return Flow::Raise;
            };
            let (x, y) = if swapped { (b, a) } else { (a, b) };
            let cont = Cont { extra: stage, ..Cont::new(ContKind::Binary, dst) };
            if super::special::takes_object(method) {
                let method = method.word();
                return self.enter_with(method, &[x, y], cont);
            }
            let (a, b) = (vm.root(va), vm.root(vb));
            let result = if inplace { self.inplace(op, a, b) } else { self.binary(op, a, b) };
            match result {
                Ok(Ret(())) => self.finish(Cont::store(dst)),
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `-v`, `+v`, `~v`
    pub fn unary(&mut self, which: Special, v: Local) -> NativeResult {
        if let Some(result) = self.number_unary(which, self.get(v)) {
            return Ok(self.ret(result));
        }
        match self.call_special(v, which, &[])? {
            Some(ret) => Ok(ret),
            None => Err(self.bad_unary(which, self.get(v))),
        }
    }

    #[cold]
    pub(crate) fn bad_unary(&self, which: Special, v: Value<'_>) -> Raised {
        let symbol = match which {
            Special::Neg => "-",
            Special::Pos => "+",
            Special::Invert => "~",
            _ => {
                return self
                    .type_error(format!("bad operand type for abs(): '{}'", self.type_name(v)));
            }
        };
        let name = self.type_name(v);
        self.type_error(format!("bad operand type for unary {symbol}: '{name}'"))
    }
}
