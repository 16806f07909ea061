//! Subscripts, attributes to delete, special methods looked up, truth.
//!
//! Safety: see [`super`].

use crate::builtins::ClassId;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, word};
use crate::vm::code::CodeData;
use crate::vm::frame::{Cont, ContKind, Flow};
use crate::vm::item::Leaf;
use crate::vm::native::{Raised, Ret};
use crate::vm::{Special, Vm};

impl Vm {
    pub(in crate::vm) unsafe fn get_item_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (v, key) =
                (Value::from_word(*vm.register(i.b)), Value::from_word(*vm.register(i.c)));
            let form = match v.header().map(|h| h.shape()) {
                Some(s) if s == ClassId::List as u32 => Op::GetItemList,
                Some(s) if s == ClassId::Tuple as u32 => Op::GetItemTuple,
                Some(s) if s == ClassId::Dict as u32 => Op::GetItemDict,
                _ => Op::GetItem,
            };
            (*at.cast_mut()).op = form;
            match vm.getitem_leaf(v, key) {
                Leaf::Done(item) => {
                    *vm.register(i.a) = item.word();
                    return Flow::Next;
                }
                Leaf::Failed(Raised(())) => return Flow::Raise,
                Leaf::Unknown => {}
            }
            if let Some(f) = vm.special_of(v, Special::GetItem)
                && crate::vm::special::takes_object(f)
            {
                (*at.cast_mut()).op = vm.get_item_form(f);
                let (f, v, key) = (f.word(), v.word(), key.word());
                return self.enter_with(f, &[v, key], Cont::store(i.a));
            }
            let result = self.with_roots(|vm| {
                let (v, key) = (vm.root_register(i.b), vm.root_register(i.c));
                vm.getitem(v, key)
            });
            match self.store_result(i.a, result) {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(in crate::vm) unsafe fn set_item_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let [v, key, item] = [i.a, i.b, i.c].map(|n| Value::from_word(*vm.register(n)));
            let list = v.header().is_some_and(|h| h.shape() == ClassId::List as u32);
            (*at.cast_mut()).op = if list { Op::SetItemList } else { Op::SetItem };
            match vm.setitem_leaf(v, key, item) {
                Leaf::Done(()) => return Flow::Next,
                Leaf::Failed(Raised(())) => return Flow::Raise,
                Leaf::Unknown => {}
            }
            if let Some(f) = vm.special_of(v, Special::SetItem)
                && f.kind() == Some(Kind::Function)
            {
                let (f, args) = (f.word(), [v.word(), key.word(), item.word()]);
                return self.enter_with(f, &args, Cont::new(ContKind::Discard, 0));
            }
            let result = self.with_roots(|vm| {
                let [v, key, item] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                vm.setitem(v, key, item)
            });
            match result {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(in crate::vm) unsafe fn delete_item_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, key) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.delitem(v, key)
            })
        }
    }

    pub(in crate::vm) unsafe fn delete_attr_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let obj = vm.root_register(i.a);
                let name = vm.push_word((*code).site(i.c).name.word());
                vm.delattr(obj, name)
            })
        }
    }

    pub(in crate::vm) unsafe fn load_special(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let which =
                [Special::Enter, Special::Exit, Special::AEnter, Special::AExit][i.c as usize & 3];
            let obj = Value::from_word(*vm.register(i.b));
            let class = vm.class_of(obj);
            let Some(method) = vm.special(class, which) else {
                let name = vm.class_qualname(class);
                let (kind, missing) = if i.c < 2 {
                    ("context manager", Special::NAMES[which as usize])
                } else {
                    ("asynchronous context manager", Special::NAMES[which as usize])
                };
                return Err(vm.type_error(format!(
                    "'{name}' object does not support the {kind} protocol (missed {missing} method)"
                )));
            };
            let pair = match vm.bind(method, obj, class) {
                crate::vm::attr::Attr::Method(f) => (f.word(), obj.word()),
                crate::vm::attr::Attr::BoundTo(f, o) => (f.word(), o.word()),
                crate::vm::attr::Attr::Value(v) => (word::UNBOUND, v.word()),
                crate::vm::attr::Attr::Descriptor(d, get) => {
                    let (d, get) = (d.word(), get.word());
                    let bound = self.with_roots(|vm| {
                        let (d, get) = (vm.push_word(d), vm.push_word(get));
                        let obj = vm.root_register(i.b);
                        let class = vm.root(vm.class_of(vm.get(obj)).value());
                        vm.call(get, &[d, obj, class])
                    });
                    let Ret(()) = bound?;
                    (word::UNBOUND, self.roots.result.word())
                }
                crate::vm::attr::Attr::Getter(f) => {
                    let f = f.word();
                    let got = self.with_roots(|vm| {
                        let (f, obj) = (vm.push_word(f), vm.root_register(i.b));
                        vm.call(f, &[obj])
                    });
                    let Ret(()) = got?;
                    (word::UNBOUND, self.roots.result.word())
                }
                _ => return Err(vm.type_error("special method is not callable")),
            };
            *self.register(i.a) = pair.0;
            *self.register(i.a + 1) = pair.1;
            Ok(())
        }
    }

    pub(in crate::vm) unsafe fn not_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: see the module's notes.
        unsafe {
            let truth = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.truth(v)
            });
            match truth {
                Ok(truth) => {
                    *self.register(i.a) = word::from_bool(!truth);
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(in crate::vm) unsafe fn jump_if_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: see the module's notes.
        unsafe {
            let truth = self.with_roots(|vm| {
                let v = vm.root_register(i.a);
                vm.truth(v)
            });
            match truth {
                Ok(truth) => {
                    if truth == (i.x != 0) {
                        (*self.top).pc = (*self.top).pc.offset(i.bc() as isize);
                    }
                    Flow::Switch
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }
}
