//! The bytecode loop.
//!
//! The loop keeps the program counter and the register window in locals; the rest of the state is
//! in the frame on top. Fast paths are here; everything else is in cold functions (`flows`,
//! `caches`) that say by [`Flow`] how to go on.
//!
//! Safety: `r` is the register window of the frame on top, inside the value stack, which never
//! moves; operands are in range because the compiler says how many registers a frame has. Words
//! read from registers are valid values. Nothing is kept in a Rust local across a call that may
//! collect, except `pc`, `r` and `code`, which the collector does not move.

use super::Vm;
use super::caches;
use super::code::{CodeData, Site};
use super::compare::CompareOp;
use super::flows::raw::is_len;
use super::frame::{Cont, ContKind, Flow};
use super::native::{NativeResult, Raised, Ret};
use super::operators::BinaryOp;
use super::unwind::Unwound;
use crate::builtins::ClassId;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, flonum, word};
use std::sync::atomic::Ordering;

impl Vm {
    /// Runs the frame on top until the one with the Entry continuation returns.
    pub(crate) fn run(&mut self) -> NativeResult {
        self.run_on(false)
    }

    /// As [`Vm::run`], beginning with the exception that is set.
    pub(crate) fn run_raised(&mut self) -> NativeResult {
        self.run_on(true)
    }

    /// Runs the loop that is the right one, plain or traced, until the entry frame is left.
    fn run_on(&mut self, mut raised: bool) -> NativeResult {
        loop {
            // SAFETY: the caller has pushed a frame.
            let ended = unsafe {
                if self.tracing.on() {
                    self.run_loop::<true>(raised)
                } else {
                    self.run_loop::<false>(raised)
                }
            };
            match ended {
                Ended::Returned => return Ok(Ret(())),
                Ended::Raised => return Err(Raised(())),
                Ended::Tracing => raised = false,
            }
        }
    }

    /// # Safety
    /// There is a frame on top.
    unsafe fn run_loop<const TRACED: bool>(&mut self, raised: bool) -> Ended {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let mut pc: *const Instr = (*self.top).pc;
            let mut r: *mut Word = (*self.top).base;
            let mut code: *const CodeData = (*self.top).code;

            macro_rules! reload {
                () => {{
                    let frame = &*self.top;
                    pc = frame.pc;
                    r = frame.base;
                    code = frame.code;
                }};
            }
            macro_rules! unwind {
                () => {
                    match self.unwind() {
                        Unwound::Handled => reload!(),
                        Unwound::Left => return Ended::Raised,
                    }
                };
            }
            macro_rules! save {
                () => {
                    (*self.top).pc = pc
                };
            }
            // Carries out a step that may switch frames or raise.
            macro_rules! flow {
                ($step:expr) => {{
                    save!();
                    match $step {
                        Flow::Next => {}
                        Flow::Switch => reload!(),
                        Flow::Raise => unwind!(),
                    }
                }};
            }
            // A step that cannot switch frames: continues or raises.
            macro_rules! step {
                ($step:expr) => {{
                    save!();
                    if let Err(Raised(())) = $step {
                        unwind!();
                    }
                }};
            }
            macro_rules! reg {
                ($i:expr) => {
                    *r.add($i as usize)
                };
            }
            macro_rules! set {
                ($i:expr, $word:expr) => {
                    *r.add($i as usize) = $word
                };
            }
            macro_rules! site {
                ($i:expr) => {
                    (*code).site($i)
                };
            }
            macro_rules! respecialise {
                ($op:expr) => {{
                    let at = pc.sub(1).cast_mut();
                    (*at).op = $op;
                }};
            }
            macro_rules! jump {
                ($offset:expr) => {
                    pc = pc.offset($offset as isize)
                };
            }
            // Function entry and back-edges are the safepoints of Python code.
            macro_rules! safepoint {
                () => {
                    if self.poll.load(Ordering::Relaxed) != 0 {
                        step!(self.safepoint());
                        if !TRACED && self.tracing.on() {
                            save!();
                            return Ended::Tracing;
                        }
                    }
                };
            }
            macro_rules! entered {
                ($flow:expr) => {{
                    save!();
                    match $flow {
                        Flow::Next => {}
                        Flow::Switch => {
                            reload!();
                            safepoint!();
                        }
                        Flow::Raise => unwind!(),
                    }
                }};
            }
            macro_rules! float_or_slow {
                ($i:ident, $x:ident, $y:ident, $op:tt, $fast:expr) => {{
                    if word::is_flonum($x) && word::is_flonum($y) {
                        if let Some(fast) = $fast {
                            respecialise!(fast);
                        }
                        let f = flonum::decode($x) $op flonum::decode($y);
                        set!($i.a, self.float(f).word());
                        continue;
                    }
                    flow!(self.binary_flow(
                        BinaryOp::of($i.op), $i.a, $x, $y, $i.x != 0, 1 - ($i.x != 0) as u32
                    ))
                }};
            }
            macro_rules! float_op {
                ($i:ident, $general:expr, $op:tt) => {{
                    let (x, y) = (reg!($i.b), reg!($i.c));
                    if word::is_flonum(x) && word::is_flonum(y) {
                        let f = flonum::decode(x) $op flonum::decode(y);
                        match flonum::encode(f) {
                            Some(w) => set!($i.a, w),
                            None => set!($i.a, self.float(f).word()),
                        }
                    } else {
                        respecialise!($general);
                        pc = pc.sub(1);
                    }
                }};
            }
            macro_rules! binary_slow {
                ($i:ident) => {{
                    let (x, y) = (reg!($i.b), reg!($i.c));
                    flow!(self.binary_flow(
                        BinaryOp::of($i.op),
                        $i.a,
                        x,
                        y,
                        $i.x != 0,
                        1 - ($i.x != 0) as u32
                    ))
                }};
            }

            // A traced frame is left with the value in register `$from`: its trace function is told.
            macro_rules! leaving {
                ($from:expr) => {
                    if TRACED && (*self.top).cont.has(Cont::TRACED) {
                        save!();
                        let Ret(()) = self.ret($from);
                        if self.trace_return().is_err() {
                            unwind!();
                            continue;
                        }
                    }
                };
            }

            if raised {
                unwind!();
            }
            loop {
                if TRACED {
                    if !self.tracing.on() {
                        save!();
                        return Ended::Tracing;
                    }
                    if self.trace_instruction(pc).is_err() {
                        unwind!();
                        continue;
                    }
                }
                let i = *pc;
                pc = pc.add(1);
                match i.op {
                    Op::Nop => {}
                    Op::Move => set!(i.a, reg!(i.b)),
                    Op::LoadConst => {
                        set!(i.a, (*code).constant(i.bc()))
                    }
                    Op::LoadInt => set!(i.a, word::from_int(i.bc() as i64)),
                    Op::LoadSingleton => set!(i.a, caches::SINGLETONS[i.x as usize]),
                    Op::CheckLocal => {
                        if reg!(i.a) == word::UNBOUND {
                            step!(self.unbound_local(i.a));
                        }
                    }
                    Op::DeleteLocal => {
                        if i.x == 0 && reg!(i.a) == word::UNBOUND {
                            step!(self.unbound_local(i.a));
                            continue;
                        }
                        set!(i.a, word::UNBOUND);
                    }
                    Op::MakeCell => {
                        let contents = if i.x == 1 { word::UNBOUND } else { reg!(i.a) };
                        set!(i.a, self.cell(Value::from_word(contents)).value().word());
                    }
                    Op::CopyClosure => {
                        let function = Value::from_word(*r.sub(1)).cast_unchecked::<Function>();
                        let closure = Value::from_word(function.closure.word());
                        if let Some(closure) = closure.cast::<Tuple>() {
                            for k in 0..i.c as usize {
                                *r.add(i.a as usize + k) = closure.items().get_unchecked(k).word();
                            }
                        }
                    }
                    Op::LoadCell => {
                        let cell = Value::from_word(reg!(i.b)).cast_unchecked::<Cell_>();
                        let contents = cell.contents.word();
                        if contents == word::UNBOUND {
                            step!(self.unbound_cell(i.b));
                            continue;
                        }
                        set!(i.a, contents);
                    }
                    Op::StoreCell => {
                        let cell = Value::from_word(reg!(i.a)).cast_unchecked::<Cell_>();
                        cell.contents.set_word(reg!(i.b));
                        self.heap.barrier(cell.header_ptr());
                    }
                    Op::DeleteCell => {
                        let cell = Value::from_word(reg!(i.a)).cast_unchecked::<Cell_>();
                        if cell.contents.word() == word::UNBOUND {
                            step!(self.unbound_cell(i.a));
                            continue;
                        }
                        cell.contents.set_word(word::UNBOUND);
                    }

                    Op::LoadGlobalModule => {
                        let site: &Site = site!(i.c);
                        let function = Value::from_word(*r.sub(1)).cast_unchecked::<Function>();
                        let globals =
                            Value::from_word(function.globals.word()).cast_unchecked::<Dict>();
                        if globals.version.get() == site.version.get() {
                            let table =
                                Value::from_word(globals.table.word()).cast_unchecked::<Table>();
                            let entry = &*table.entry_ptr(site.index.get() as usize);
                            set!(i.a, entry.value.word());
                        } else {
                            respecialise!(Op::LoadGlobal);
                            pc = pc.sub(1);
                        }
                    }
                    Op::LoadGlobalBuiltin => {
                        let site: &Site = site!(i.c);
                        let function = Value::from_word(*r.sub(1)).cast_unchecked::<Function>();
                        let globals =
                            Value::from_word(function.globals.word()).cast_unchecked::<Dict>();
                        let builtins =
                            Value::from_word(self.roots.builtins.word()).cast_unchecked::<Dict>();
                        if globals.version.get() == site.version.get()
                            && builtins.version.get() == site.version2.get()
                        {
                            let table =
                                Value::from_word(builtins.table.word()).cast_unchecked::<Table>();
                            let entry = &*table.entry_ptr(site.index.get() as usize);
                            set!(i.a, entry.value.word());
                        } else {
                            respecialise!(Op::LoadGlobal);
                            pc = pc.sub(1);
                        }
                    }
                    Op::LoadGlobal => step!(self.load_global(pc.sub(1), code)),
                    Op::StoreGlobal => step!(self.store_global(i, code)),
                    Op::DeleteGlobal => step!(self.delete_global(i, code)),
                    Op::LoadName => step!(self.load_name(pc.sub(1), code)),
                    Op::StoreName => step!(self.store_name(i, code)),
                    Op::DeleteName => step!(self.delete_name(i, code)),
                    Op::LoadDictOrGlobal => step!(self.load_dict_or_global(i, code)),
                    Op::LoadDictOrCell => step!(self.load_dict_or_cell(i, code)),
                    Op::LoadNameOrCell => step!(self.load_name_or_cell(i, code)),

                    Op::LoadAttrSlot => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            let instance = obj.cast_unchecked::<Instance>();
                            let slot = (*instance.inline_ptr(site.index.get() as usize)).word();
                            set!(i.a, slot);
                        } else {
                            flow!(self.load_attr(pc.sub(1), code))
                        }
                    }
                    Op::LoadAttrMember => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get())
                            && let instance = obj.cast_unchecked::<Instance>()
                            && let slot = (*instance.inline_ptr(site.index.get() as usize)).word()
                            && slot != word::UNBOUND
                        {
                            set!(i.a, slot);
                        } else {
                            flow!(self.load_attr(pc.sub(1), code))
                        }
                    }
                    Op::LoadAttrClass => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            set!(i.a, site.value.word());
                        } else {
                            flow!(self.load_attr(pc.sub(1), code))
                        }
                    }
                    Op::LoadAttrProperty => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            let (f, this) = (site.value.word(), obj.word());
                            entered!(self.enter_with(f, &[this], Cont::store(i.a)));
                        } else {
                            flow!(self.load_attr(pc.sub(1), code))
                        }
                    }
                    Op::LoadAttrModule => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if let Some(module) = obj.cast::<Module>()
                            && let dict =
                                Value::from_word(module.dict.word()).cast_unchecked::<Dict>()
                            && dict.version.get() == site.version.get()
                        {
                            let table =
                                Value::from_word(dict.table.word()).cast_unchecked::<Table>();
                            let entry = &*table.entry_ptr(site.index.get() as usize);
                            set!(i.a, entry.value.word());
                        } else {
                            flow!(self.load_attr(pc.sub(1), code))
                        }
                    }
                    Op::LoadAttr => flow!(self.load_attr(pc.sub(1), code)),
                    Op::StoreAttrSlot => {
                        let obj = Value::from_word(reg!(i.a));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            let instance = obj.cast_unchecked::<Instance>();
                            let slot = instance.inline_ptr(site.index.get() as usize);
                            (*slot).set_word(reg!(i.b));
                            self.heap.barrier(instance.header_ptr());
                        } else {
                            flow!(self.store_attr_flow(pc.sub(1), code))
                        }
                    }
                    Op::StoreAttrAdd => {
                        let obj = Value::from_word(reg!(i.a));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            let instance = obj.cast_unchecked::<Instance>();
                            let slot = instance.inline_ptr(site.index.get() as usize);
                            (*slot).set_word(reg!(i.b));
                            instance.header.set_shape(site.new_guard.get());
                            self.heap.barrier(instance.header_ptr());
                        } else {
                            flow!(self.store_attr_flow(pc.sub(1), code))
                        }
                    }
                    Op::StoreAttr => flow!(self.store_attr_flow(pc.sub(1), code)),
                    Op::DeleteAttr => step!(self.delete_attr_step(i, code)),
                    Op::LoadMethodClass => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if site.fits(obj, self.class_epoch.get()) {
                            set!(i.a, site.value.word());
                            set!(i.a + 1, obj.word());
                        } else {
                            flow!(self.load_method(pc.sub(1), code))
                        }
                    }
                    Op::LoadMethodModule => {
                        let obj = Value::from_word(reg!(i.b));
                        let site: &Site = site!(i.c);
                        if let Some(module) = obj.cast::<Module>()
                            && let dict =
                                Value::from_word(module.dict.word()).cast_unchecked::<Dict>()
                            && dict.version.get() == site.version.get()
                        {
                            let table =
                                Value::from_word(dict.table.word()).cast_unchecked::<Table>();
                            let entry = &*table.entry_ptr(site.index.get() as usize);
                            set!(i.a, word::UNBOUND);
                            set!(i.a + 1, entry.value.word());
                        } else {
                            flow!(self.load_method(pc.sub(1), code))
                        }
                    }
                    Op::LoadMethod => flow!(self.load_method(pc.sub(1), code)),
                    Op::LoadSuperAttr => flow!(self.load_super(i, code, false)),
                    Op::LoadSuperMethod => flow!(self.load_super(i, code, true)),
                    Op::LoadSpecial => step!(self.load_special(i)),

                    Op::GetItemList => {
                        let (v, key) = (Value::from_word(reg!(i.b)), reg!(i.c));
                        if word::is_int(key)
                            && let Some(header) = v.header()
                            && header.shape() == ClassId::List as u32
                        {
                            let list = v.cast_unchecked::<List>();
                            let (index, len) = (word::int(key), list.len.get());
                            let at = if index < 0 { index + len as i64 } else { index } as usize;
                            if at < len {
                                let array =
                                    Value::from_word(list.array.word()).cast_unchecked::<Array>();
                                set!(i.a, array.items().get_unchecked(at).word());
                                continue;
                            }
                        }
                        flow!(self.get_item_flow(pc.sub(1)))
                    }
                    Op::GetItemTuple => {
                        let (v, key) = (Value::from_word(reg!(i.b)), reg!(i.c));
                        if word::is_int(key)
                            && let Some(header) = v.header()
                            && header.shape() == ClassId::Tuple as u32
                        {
                            let tuple = v.cast_unchecked::<Tuple>();
                            let (index, len) = (word::int(key), tuple.len());
                            let at = if index < 0 { index + len as i64 } else { index } as usize;
                            if at < len {
                                set!(i.a, tuple.items().get_unchecked(at).word());
                                continue;
                            }
                        }
                        flow!(self.get_item_flow(pc.sub(1)))
                    }
                    Op::GetItemDict => {
                        let (v, key) = (Value::from_word(reg!(i.b)), Value::from_word(reg!(i.c)));
                        if let Some(header) = v.header()
                            && header.shape() == ClassId::Dict as u32
                            && let Some(hash) = self.hash_leaf(key)
                        {
                            let dict = v.cast_unchecked::<Dict>();
                            if let table::Lookup::Found(at) =
                                self.table_find(dict.r(), key, hash, None)
                            {
                                set!(i.a, self.table_value(dict.r(), at).word());
                                continue;
                            }
                        }
                        flow!(self.get_item_flow(pc.sub(1)))
                    }
                    Op::GetItemRaw => flow!(self.get_item_raw_flow(pc.sub(1))),
                    Op::GetItem => flow!(self.get_item_flow(pc.sub(1))),
                    Op::SetItemList => {
                        let (v, key) = (Value::from_word(reg!(i.a)), reg!(i.b));
                        if word::is_int(key)
                            && let Some(header) = v.header()
                            && header.shape() == ClassId::List as u32
                        {
                            let list = v.cast_unchecked::<List>();
                            let (index, len) = (word::int(key), list.len.get());
                            let at = if index < 0 { index + len as i64 } else { index } as usize;
                            if at < len {
                                let array =
                                    Value::from_word(list.array.word()).cast_unchecked::<Array>();
                                let slot = array.items().get_unchecked(at);
                                slot.set_word(reg!(i.c));
                                self.heap.barrier_at(array.header_ptr(), slot.as_ptr());
                                continue;
                            }
                        }
                        flow!(self.set_item_flow(pc.sub(1)))
                    }
                    Op::SetItem => flow!(self.set_item_flow(pc.sub(1))),
                    Op::DeleteItem => step!(self.delete_item_step(i)),
                    Op::BuildSlice => {
                        let at = i.b as usize;
                        let [x, y, z] =
                            [reg!(at), reg!(at + 1), reg!(at + 2)].map(|w| Value::from_word(w));
                        set!(i.a, self.slice(x, y, z).value().word());
                    }

                    Op::Add => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y)
                            && let Some(sum) = (x as i64 - 1).checked_add(y as i64)
                        {
                            set!(i.a, sum as Word);
                            continue;
                        }
                        float_or_slow!(i, x, y, +, Some(Op::AddFloat))
                    }
                    Op::Sub => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y)
                            && let Some(difference) = (x as i64).checked_sub(y as i64 - 1)
                        {
                            set!(i.a, difference as Word);
                            continue;
                        }
                        float_or_slow!(i, x, y, -, Some(Op::SubFloat))
                    }
                    Op::Mul => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y)
                            && let Some(product) = (x as i64 >> 1).checked_mul(y as i64 - 1)
                        {
                            set!(i.a, (product + 1) as Word);
                            continue;
                        }
                        float_or_slow!(i, x, y, *, Some(Op::MulFloat))
                    }
                    Op::AddFloat => float_op!(i, Op::Add, +),
                    Op::SubFloat => float_op!(i, Op::Sub, -),
                    Op::MulFloat => float_op!(i, Op::Mul, *),
                    Op::AddImm => {
                        let x = reg!(i.b);
                        if word::is_int(x)
                            && let Some(sum) = (x as i64).checked_add((i.c as i16 as i64) << 1)
                        {
                            set!(i.a, sum as Word);
                            continue;
                        }
                        let y = word::from_int(i.c as i16 as i64);
                        let stage = 1 - (i.x != 0) as u32;
                        flow!(self.binary_flow(BinaryOp::Add, i.a, x, y, i.x != 0, stage))
                    }
                    Op::SubImm => {
                        let x = reg!(i.b);
                        if word::is_int(x)
                            && let Some(rest) = (x as i64).checked_sub((i.c as i16 as i64) << 1)
                        {
                            set!(i.a, rest as Word);
                            continue;
                        }
                        let y = word::from_int(i.c as i16 as i64);
                        let stage = 1 - (i.x != 0) as u32;
                        flow!(self.binary_flow(BinaryOp::Sub, i.a, x, y, i.x != 0, stage))
                    }
                    Op::TrueDiv => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::is_flonum(x) && word::is_flonum(y) {
                            let divisor = flonum::decode(y);
                            if divisor != 0.0 {
                                set!(i.a, self.float(flonum::decode(x) / divisor).word());
                                continue;
                            }
                        }
                        binary_slow!(i)
                    }
                    Op::FloorDiv => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            let (a, b) = (word::int(x), word::int(y));
                            if b > 0 {
                                set!(i.a, word::from_int(a.div_euclid(b)));
                                continue;
                            }
                        }
                        binary_slow!(i)
                    }
                    Op::Mod => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            let (a, b) = (word::int(x), word::int(y));
                            if b > 0 {
                                set!(i.a, word::from_int(a.rem_euclid(b)));
                                continue;
                            }
                        }
                        binary_slow!(i)
                    }
                    Op::And => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            set!(i.a, x & y);
                            continue;
                        }
                        binary_slow!(i)
                    }
                    Op::Or => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            set!(i.a, x | y);
                            continue;
                        }
                        binary_slow!(i)
                    }
                    Op::Xor => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            set!(i.a, (x ^ y) | 1);
                            continue;
                        }
                        binary_slow!(i)
                    }
                    Op::LShift => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            let (a, n) = (word::int(x), word::int(y));
                            if (0..62).contains(&n) && word::fits(a << n) && (a << n) >> n == a {
                                set!(i.a, word::from_int(a << n));
                                continue;
                            }
                        }
                        binary_slow!(i)
                    }
                    Op::RShift => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            let n = word::int(y);
                            if n >= 0 {
                                set!(i.a, word::from_int(word::int(x) >> n.min(63)));
                                continue;
                            }
                        }
                        binary_slow!(i)
                    }
                    Op::Pow | Op::MatMul => binary_slow!(i),
                    Op::Neg | Op::Pos | Op::Invert => flow!(self.unary_flow(i)),
                    Op::Not => {
                        let v = Value::from_word(reg!(i.b));
                        match self.truth_leaf(v) {
                            Some(truth) => set!(i.a, word::from_bool(!truth)),
                            None => flow!(self.not_flow(i)),
                        }
                    }
                    Op::Compare => {
                        let (x, y) = (reg!(i.b), reg!(i.c));
                        if word::both_int(x, y) {
                            let truth = int_compare(i.x, x, y);
                            set!(i.a, word::from_bool(truth));
                            continue;
                        }
                        if word::is_flonum(x) && word::is_flonum(y) {
                            let truth = float_compare(i.x, flonum::decode(x), flonum::decode(y));
                            set!(i.a, word::from_bool(truth));
                            continue;
                        }
                        let cont = Cont::new(ContKind::Compare, i.a);
                        flow!(self.compare_flow(CompareOp::of(i.x), x, y, 0, cont))
                    }
                    Op::Is => {
                        let same = self.same_object(reg!(i.b), reg!(i.c));
                        set!(i.a, word::from_bool(same != (i.x != 0)));
                    }
                    Op::In => flow!(self.in_flow(i)),

                    Op::Jump => jump!(i.bc()),
                    Op::JumpBack => {
                        // Before the jump: what is raised here (an interrupt) is raised in the loop.
                        if self.poll.load(Ordering::Relaxed) != 0 {
                            save!();
                            if let Err(Raised(())) = self.safepoint() {
                                unwind!();
                                continue;
                            }
                        }
                        jump!(i.bc());
                    }
                    Op::JumpIf => {
                        let w = reg!(i.a);
                        let truth = match w {
                            word::TRUE => true,
                            word::FALSE | word::NONE => false,
                            _ => match self.truth_leaf(Value::from_word(w)) {
                                Some(truth) => truth,
                                None => {
                                    flow!(self.jump_if_flow(i));
                                    continue;
                                }
                            },
                        };
                        if truth == (i.x != 0) {
                            jump!(i.bc());
                        }
                    }
                    Op::JumpIfNone => {
                        if (reg!(i.a) == word::NONE) == (i.x != 0) {
                            jump!(i.bc());
                        }
                    }
                    Op::CompareJump => {
                        let (x, y) = (reg!(i.a), reg!(i.b));
                        let truth = if word::both_int(x, y) {
                            int_compare(i.x & 7, x, y)
                        } else if word::is_flonum(x) && word::is_flonum(y) {
                            float_compare(i.x & 7, flonum::decode(x), flonum::decode(y))
                        } else {
                            let cont = Cont::new(ContKind::CompareJump, 0);
                            flow!(self.compare_flow(CompareOp::of(i.x & 7), x, y, 0, cont));
                            continue;
                        };
                        let ext = *pc;
                        pc = pc.add(1);
                        if truth == (i.x >> 7 != 0) {
                            jump!(ext.bc());
                        }
                    }
                    Op::CompareJumpImm => {
                        let x = reg!(i.a);
                        let y = word::from_int(i.b as i16 as i64);
                        let truth = if word::is_int(x) {
                            int_compare(i.x & 7, x, y)
                        } else {
                            let cont = Cont::new(ContKind::CompareJump, 0);
                            flow!(self.compare_flow(CompareOp::of(i.x & 7), x, y, 0, cont));
                            continue;
                        };
                        let ext = *pc;
                        pc = pc.add(1);
                        if truth == (i.x >> 7 != 0) {
                            jump!(ext.bc());
                        }
                    }
                    Op::IsJump => {
                        let same = self.same_object(reg!(i.a), reg!(i.b));
                        let ext = *pc;
                        pc = pc.add(1);
                        if same == (i.x != 0) {
                            jump!(ext.bc());
                        }
                    }
                    Op::InJump => flow!(self.in_jump_flow(i)),

                    Op::GetIter => flow!(self.get_iter_flow(i)),
                    Op::ForIterRange => {
                        let at = i.b as usize;
                        let (range, now) = (Value::from_word(reg!(at)), reg!(at + 1));
                        if let Some(range) = range.cast::<Range>() {
                            let (stop, step) = (range.stop.word(), range.step.word());
                            // GetIter leaves a range here only if all three are small ints.
                            let more = if step as i64 > 0 {
                                (now as i64) < stop as i64
                            } else {
                                now as i64 > stop as i64
                            };
                            let ext = *pc;
                            pc = pc.add(1);
                            if more {
                                set!(i.a, now);
                                // Stays a small int word: ranges near the limit are not left here.
                                set!(at + 1, now.wrapping_add(step).wrapping_sub(1));
                            } else {
                                jump!(ext.bc());
                            }
                        } else {
                            respecialise!(Op::ForIter);
                            pc = pc.sub(1);
                        }
                    }
                    Op::ForIterList => {
                        let at = i.b as usize;
                        let (v, now) = (Value::from_word(reg!(at)), reg!(at + 1));
                        if word::is_int(now)
                            && let Some(list) = v.cast::<List>()
                        {
                            let index = word::int(now) as usize;
                            let ext = *pc;
                            pc = pc.add(1);
                            if index < list.len.get() {
                                let array =
                                    Value::from_word(list.array.word()).cast_unchecked::<Array>();
                                set!(i.a, array.items().get_unchecked(index).word());
                                set!(at + 1, now + 2);
                            } else {
                                jump!(ext.bc());
                            }
                        } else {
                            respecialise!(Op::ForIter);
                            pc = pc.sub(1);
                        }
                    }
                    Op::ForIterGen => {
                        let v = Value::from_word(reg!(i.b));
                        if let Some(g) = v.cast::<Generator>()
                            && matches!(g.state.get(), GenState::Created | GenState::Suspended)
                        {
                            let cont = Cont::new(ContKind::ForGen, i.a);
                            entered!(self.resume(v.word(), word::NONE, cont, true));
                        } else {
                            respecialise!(Op::ForIter);
                            flow!(self.for_iter_flow(pc.sub(1)))
                        }
                    }
                    Op::ForIterNative => {
                        let v = Value::from_word(reg!(i.b));
                        if let Some(step) = self.step_of(v) {
                            save!();
                            let iterator = crate::vm::Local(
                                r.add(i.b as usize).offset_from(self.stack.at(0)) as u32,
                            );
                            match self.step(step, iterator) {
                                Ok(Some(Ret(()))) => {
                                    set!(i.a, self.roots.result.word());
                                    pc = pc.add(1);
                                }
                                Ok(None) => {
                                    let ext = *pc;
                                    pc = pc.add(1);
                                    jump!(ext.bc());
                                }
                                Err(Raised(())) => unwind!(),
                            }
                        } else {
                            respecialise!(Op::ForIter);
                            pc = pc.sub(1);
                        }
                    }
                    Op::ForIter => flow!(self.for_iter_flow(pc.sub(1))),
                    Op::MakeIter => step!(self.make_iter_step(i)),

                    Op::CallFunction => {
                        let window = r.add(i.b as usize);
                        let callee = Value::from_word(*window);
                        if let Some(function) = callee.cast::<Function>()
                            && let data = function.data.get()
                            && (*data).plain_args == i.c as u32
                        {
                            let argc = i.c as usize;
                            let cont = Cont::store(i.a);
                            entered!(self.push_frame(window.add(1), data, argc, cont));
                        } else {
                            respecialise!(Op::Call);
                            pc = pc.sub(1);
                        }
                    }
                    Op::CallMethodFunction => {
                        let window = r.add(i.b as usize);
                        let callee = Value::from_word(*window);
                        if let Some(function) = callee.cast::<Function>()
                            && let data = function.data.get()
                            && (*data).plain_args == i.c as u32 + 1
                        {
                            let argc = i.c as usize + 1;
                            let cont = Cont::store(i.a);
                            entered!(self.push_frame(window.add(1), data, argc, cont));
                        } else {
                            respecialise!(Op::CallMethod);
                            pc = pc.sub(1);
                        }
                    }
                    Op::CallNative => {
                        let window = r.add(i.b as usize);
                        if Value::from_word(*window).kind() == Some(Kind::Builtin) {
                            let cont = Cont::store(i.a);
                            entered!(self.enter_native(window, i.c as u32, 0, cont));
                        } else {
                            respecialise!(Op::Call);
                            pc = pc.sub(1);
                        }
                    }
                    Op::CallLen => {
                        let window = r.add(i.b as usize);
                        if is_len(Value::from_word(*window)) {
                            match self.len_leaf(Value::from_word(*window.add(1))) {
                                Some(n) => set!(i.a, word::from_int(n as i64)),
                                None => entered!(self.len_flow(i)),
                            }
                        } else {
                            respecialise!(Op::Call);
                            pc = pc.sub(1);
                        }
                    }
                    Op::CallMethodNative => {
                        let window = r.add(i.b as usize);
                        if Value::from_word(*window).kind() == Some(Kind::Builtin) {
                            let cont = Cont::store(i.a);
                            entered!(self.enter_native(window, i.c as u32 + 1, 0, cont));
                        } else {
                            respecialise!(Op::CallMethod);
                            pc = pc.sub(1);
                        }
                    }
                    Op::CallClass => {
                        let window = r.add(i.b as usize);
                        if Value::from_word(*window).kind() == Some(Kind::Class) {
                            let cont = Cont::store(i.a);
                            entered!(self.enter_class(window, i.c as u32, 0, cont));
                        } else {
                            respecialise!(Op::Call);
                            pc = pc.sub(1);
                        }
                    }
                    Op::Call => {
                        let window = r.add(i.b as usize);
                        respecialise!(caches::call_form(*window, i.c as u32, Op::Call));
                        entered!(self.enter(window, i.c as u32, 0, Cont::store(i.a)));
                    }
                    Op::CallMethod => {
                        let window = r.add(i.b as usize);
                        let cont = Cont::store(i.a);
                        if *window == word::UNBOUND {
                            // A function of a module, say: no method.
                            let window = window.add(1);
                            if Value::from_word(*window).kind() == Some(Kind::Builtin) {
                                entered!(self.enter_native(window, i.c as u32, 0, cont));
                            } else {
                                entered!(self.enter(window, i.c as u32, 0, cont));
                            }
                        } else {
                            let argc = i.c as u32 + 1;
                            respecialise!(caches::call_form(*window, argc, Op::CallMethod));
                            entered!(self.enter(window, argc, 0, cont));
                        }
                    }
                    Op::CallKw => {
                        pc = pc.add(1);
                        entered!(self.call_kw_flow(i, (*pc.sub(1)).bc(), code));
                    }
                    Op::CallEx => entered!(self.call_ex_flow(i)),
                    Op::Return => {
                        leaving!(Value::from_word(reg!(i.a)));
                        let result = reg!(i.a);
                        let cont = (*self.top).cont;
                        if cont.kind == ContKind::Store && cont.flags == 0 {
                            let frame = self.top.sub(1);
                            self.top = frame;
                            self.stack.end.set((*frame).end);
                            pc = (*frame).pc;
                            r = (*frame).base;
                            code = (*frame).code;
                            set!(cont.dst, result);
                            continue;
                        }
                        let Ret(()) = self.ret(Value::from_word(result));
                        match self.leave(pc) {
                            Leave::Flow(Flow::Raise) => unwind!(),
                            Leave::Flow(_) => reload!(),
                            Leave::Exit => return Ended::Returned,
                        }
                    }
                    Op::ReturnNone => {
                        leaving!(Value::NONE);
                        let Ret(()) = self.ret(Value::NONE);
                        match self.leave(pc) {
                            Leave::Flow(Flow::Raise) => unwind!(),
                            Leave::Flow(_) => reload!(),
                            Leave::Exit => return Ended::Returned,
                        }
                    }
                    Op::MakeFunction => self.make_function(i, code),
                    Op::LoadBuildClass => step!(self.load_build_class(i)),

                    Op::BuildTuple => {
                        let items = std::slice::from_raw_parts(
                            r.add(i.b as usize).cast::<Value<'_>>(),
                            i.c as usize,
                        );
                        set!(i.a, self.tuple(items).value().word());
                    }
                    Op::BuildList => {
                        let items = std::slice::from_raw_parts(
                            r.add(i.b as usize).cast::<Value<'_>>(),
                            i.c as usize,
                        );
                        set!(i.a, self.list(items).value().word());
                    }
                    Op::BuildSet => step!(self.build_set(i)),
                    Op::BuildDict => step!(self.build_dict(i)),
                    Op::BuildString => self.build_string(i),
                    Op::BuildInterpolation => self.build_interpolation(i),
                    Op::BuildTemplate => self.build_template(i),
                    Op::FormatValue => step!(self.format_value(i)),
                    Op::ListAppend => {
                        let list = Value::from_word(reg!(i.a)).cast_unchecked::<List>();
                        self.list_push(list, Value::from_word(reg!(i.b)));
                    }
                    Op::ListExtend => step!(self.list_extend_step(i)),
                    Op::ListToTuple => self.list_to_tuple(i),
                    Op::SetAdd => step!(self.set_add_step(i)),
                    Op::SetUpdate => step!(self.set_update_step(i)),
                    Op::DictSet => step!(self.dict_set_step(i)),
                    Op::DictUpdate => step!(self.dict_update_step(i)),
                    Op::DictMerge => step!(self.dict_merge_step(i)),
                    Op::UnpackSequence => {
                        let v = Value::from_word(reg!(i.b));
                        if let Some(tuple) = v.cast::<Tuple>()
                            && tuple.len() == i.c as usize
                            && tuple.header.shape() == ClassId::Tuple as u32
                        {
                            for k in 0..i.c as usize {
                                *r.add(i.a as usize + k) = tuple.items().get_unchecked(k).word();
                            }
                        } else {
                            step!(self.unpack_sequence(i));
                        }
                    }
                    Op::UnpackStar => step!(self.unpack_star(i)),

                    Op::ImportName => step!(self.import_name_step(i, code)),
                    Op::ImportFrom => step!(self.import_from_step(i, code)),
                    Op::ImportStar => step!(self.import_star_step(i)),

                    Op::Raise => {
                        step!(self.raise_step(reg!(i.a), None));
                    }
                    Op::RaiseFrom => {
                        step!(self.raise_step(reg!(i.a), Some(reg!(i.b))));
                    }
                    Op::RaiseBare => step!(self.raise_bare()),
                    Op::Reraise => {
                        save!();
                        let Raised(()) = self.set_exception_as_is(Value::from_word(reg!(i.a)));
                        unwind!();
                    }
                    Op::EnterHandler => {
                        set!(i.b, self.roots.handled.word());
                        self.roots.handled.set_word(reg!(i.a));
                    }
                    Op::LeaveHandler => self.roots.handled.set_word(reg!(i.a)),
                    Op::MatchExc => step!(self.match_exception(i)),
                    Op::ExcInfo => {
                        let e = Value::from_word(reg!(i.b));
                        let traceback =
                            e.cast::<Exception>().map_or(word::NONE, |e| e.traceback.word());
                        set!(i.a, self.class_of(e).value().word());
                        set!(i.a + 1, e.word());
                        set!(i.a + 2, traceback);
                    }
                    Op::LoadAssertionError => {
                        set!(i.a, self.class(ClassId::AssertionError).value().word());
                    }

                    Op::Yield => {
                        leaving!(Value::from_word(reg!(i.b)));
                        let Ret(()) = self.ret(Value::from_word(reg!(i.b)));
                        match self.yield_value(pc) {
                            Leave::Flow(_) => reload!(),
                            Leave::Exit => return Ended::Returned,
                        }
                    }
                    Op::YieldFrom => {
                        save!();
                        match self.yield_from(i, pc) {
                            Leave::Flow(Flow::Next) => {}
                            Leave::Flow(Flow::Switch) => {
                                reload!();
                                safepoint!();
                            }
                            Leave::Flow(Flow::Raise) => unwind!(),
                            Leave::Exit => return Ended::Returned,
                        }
                    }
                    Op::GetYieldFromIter => step!(self.get_yield_from_iter(i)),
                    Op::GetAwaitable => step!(self.get_awaitable(i)),
                    Op::GetAIter => step!(self.get_aiter(i)),
                    Op::GetANext => step!(self.get_anext(i)),
                    Op::EndAsyncFor => {
                        save!();
                        match self.ends_async_for(Value::from_word(reg!(i.a))) {
                            Ok(()) => jump!(i.bc()),
                            Err(Raised(())) => unwind!(),
                        }
                    }

                    Op::GetLen => step!(self.get_len_step(i)),
                    Op::MatchKind => self.match_kind(i),
                    Op::MatchKeys => step!(self.match_keys(i)),
                    Op::MatchClass => {
                        pc = pc.add(1);
                        step!(self.match_class(i, (*pc.sub(1)).bc(), code));
                    }
                    Op::LoadLocals => set!(i.a, reg!(0)),
                    Op::DisplayHook => step!(self.display_hook(reg!(i.a))),
                    Op::MatchExcStar => step!(self.match_exc_star(i)),
                    Op::PrepExcStar => step!(self.prep_exc_star(i)),
                    Op::Ext => unreachable!("an extension word was executed"),
                }
            }
        }
    }
}

/// Why the loop was left.
enum Ended {
    /// The entry frame has returned: its result is in the result register.
    Returned,
    /// An exception has left the entry frame.
    Raised,
    /// The other loop is to go on: tracing was switched on or off.
    Tracing,
}

/// How a return or a yield ended.
pub(super) enum Leave {
    /// Go on in the loop.
    Flow(Flow),
    /// The entry frame is done: back to Rust.
    Exit,
}

/// Compares two small-int words; the tag does not change the order.
#[inline(always)]
fn int_compare(op: u8, x: Word, y: Word) -> bool {
    let (x, y) = (x as i64, y as i64);
    match op {
        0 => x < y,
        1 => x <= y,
        2 => x == y,
        3 => x != y,
        4 => x > y,
        _ => x >= y,
    }
}

#[inline(always)]
fn float_compare(op: u8, x: f64, y: f64) -> bool {
    match op {
        0 => x < y,
        1 => x <= y,
        2 => x == y,
        3 => x != y,
        4 => x > y,
        _ => x >= y,
    }
}
