//! Making a VM: classes, names, builtins.

use super::native::{Local, NativeDef, Raised};
use super::roots::Roots;
use super::stack::{MAX_FRAMES, Stack};
use super::threads::Threads;
use super::{Config, Special, Vm};
use crate::builtins::ClassId;
use crate::builtins::declare::CLASS_COUNT;
use crate::object::model::Objects;
use crate::object::*;
use crate::value::Value;
use sidewinder_gc::Heap;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

impl Vm {
    /// A VM with its builtins; modules come with [`Vm::register_module`].
    pub fn new(config: Config) -> Box<Vm> {
        let poll = Arc::new(AtomicU32::new(0));
        let here = 0u8;
        let stack = Stack::with_sentinel();
        let seed = config.hash_seed.unwrap_or_else(random_seed);
        let mut vm = Box::new(Vm {
            heap: Heap::new(Objects::default(), config.gc.clone(), poll.clone()),
            top: stack.sentinel(),
            frame_limit: stack.frame_at(1000),
            stack,
            roots: Roots::new(),
            threads: Threads::new(poll.clone()),
            poll,
            class_epoch: Cell::new(1),
            special_epoch: Cell::new(1),
            facts: Default::default(),
            dict_version: Cell::new(0),
            native_floor: (&raw const here as usize)
                .saturating_sub(config.native_stack)
                .saturating_add(192 << 10),
            signatures: Default::default(),
            hash_seed: seed,
            hidden_handlers: Cell::new(0),
            monitoring: Default::default(),
            tracing: Default::default(),
            config,
            extensions: RefCell::default(),
            repr_guard: RefCell::default(),
        });
        vm.make_singletons();
        vm.make_classes();
        vm.make_builtins();
        crate::builtins::exception_group::install(&mut vm).expect("two builtin bases fit together");
        vm
    }

    fn make_singletons(&mut self) {
        // SAFETY: for the whole function: roots need no barrier.
        unsafe {
            // Shape 0 is that of what is no Python object.
            self.permanent_shape(Value::UNBOUND, Kind::Invalid, 0);
            for id in 1..CLASS_COUNT {
                let kind = ClassId::ALL[id as usize].def().kind;
                self.permanent_shape(Value::UNBOUND, kind, 0);
            }
            let empty = self.tuple_of_shape(ClassId::Tuple as u32, 0, []).value().word();
            self.roots.empty_tuple.set_word(empty);
            let (empty, _) = self.str_uninit(ClassId::Str as u32, 0, 1, true);
            self.roots.empty_str.set_word(empty.value().word());
            let empty = self.bytes_of_shape(ClassId::Bytes as u32, b"").value().word();
            self.roots.empty_bytes.set_word(empty);
            for c in 0..256u32 {
                let s = self.str_from_chars(1, c, [c]);
                self.roots.latin1[c as usize].set_word(s.value().word());
            }
            let name = self.intern("__name__").value().word();
            self.roots.module_name.set_word(name);
            for (i, name) in Special::NAMES.iter().enumerate() {
                let name = self.intern(name).value().word();
                self.roots.special_names[i].set_word(name);
            }
        }
    }

    fn make_classes(&mut self) {
        let ids = &ClassId::ALL[1..];
        for &id in ids {
            let class = self.class_from_def(id.def(), Some(id));
            // SAFETY: roots need no barrier.
            unsafe { self.roots.classes[id as usize].set_word(class.value().word()) };
        }
        for &id in ids {
            self.link_class(self.class(id), id.def());
        }
        for &id in ids {
            self.fill_class(self.class(id), id.def());
        }
        let object = self.class(ClassId::Object);
        let dict: Gc<'_, Dict> = object.dict.get_as(self).expect("made with the class");
        for (i, name) in Special::NAMES.iter().enumerate() {
            // What object lacks must not be equal to any method: UNBOUND is not.
            if let Some(method) = self.dict_get_str(dict, self.intern(name)) {
                // SAFETY: roots need no barrier.
                unsafe { self.roots.object_specials[i].set_word(method.word()) };
            }
        }
    }

    fn make_builtins(&mut self) {
        let vm = &*self;
        let dict = vm.dict();
        // SAFETY: roots need no barrier.
        unsafe {
            vm.roots.builtins.set_word(dict.value().word());
            vm.roots.modules.set_word(vm.dict().value().word());
        }
        for &id in &ClassId::ALL[1..] {
            let def = id.def();
            let public = id as u32 >= ClassId::BaseException as u32
                || matches!(
                    id,
                    ClassId::Object
                        | ClassId::Type
                        | ClassId::Int
                        | ClassId::Bool
                        | ClassId::Float
                        | ClassId::Complex
                        | ClassId::Str
                        | ClassId::Bytes
                        | ClassId::ByteArray
                        | ClassId::Tuple
                        | ClassId::List
                        | ClassId::Dict
                        | ClassId::Set
                        | ClassId::FrozenSet
                        | ClassId::Range
                        | ClassId::Slice
                        | ClassId::Property
                        | ClassId::ClassMethod
                        | ClassId::StaticMethod
                        | ClassId::Super
                );
            if public {
                vm.dict_set_str(dict, vm.intern(def.name), vm.class(id).value());
            }
        }
        let alias = |new: &str, id: ClassId| {
            vm.dict_set_str(dict, vm.intern(new), vm.class(id).value());
        };
        alias("EnvironmentError", ClassId::OSError);
        alias("IOError", ClassId::OSError);
        for (name, value) in [
            ("None", Value::NONE),
            ("True", Value::TRUE),
            ("False", Value::FALSE),
            ("Ellipsis", Value::ELLIPSIS),
            ("NotImplemented", Value::NOT_IMPLEMENTED),
            ("__debug__", Value::from_bool(vm.config.optimize == 0)),
        ] {
            vm.dict_set_str(dict, vm.intern(name), value);
        }
        let owner = vm.intern("builtins");
        for group in crate::builtins::FUNCTIONS {
            for def in *group {
                let f = vm.builtin(def, owner.value(), Value::UNBOUND);
                vm.dict_set_str(dict, vm.intern(def.name()), f.value());
            }
        }
        for def in crate::builtins::TYPES {
            let class = vm.native_class(def);
            vm.dict_set_str(dict, vm.intern(def.name), class.value());
        }
        vm.dict_set_str(dict, vm.intern("__name__"), owner.value());
        let module = vm.new_module("builtins", dict);
        vm.add_module("builtins", module.value());
    }

    /// A module object around a dict of globals.
    pub fn new_module<'gc>(&'gc self, name: &str, dict: Gc<'gc, Dict>) -> Gc<'gc, Module> {
        let name = self.intern(name).value();
        self.dict_set_str(dict, self.intern("__name__"), name);
        for key in ["__doc__", "__package__", "__loader__", "__spec__"] {
            let key = self.intern(key);
            if self.dict_get_str(dict, key).is_none() {
                self.dict_set_str(dict, key, Value::NONE);
            }
        }
        self.alloc(
            ClassId::Module,
            Module {
                header: super::construct::header(),
                dict: Slot::new(dict.value().word()),
                state: Cell::new(std::ptr::null_mut()),
            },
        )
    }

    /// Puts a module into `sys.modules`.
    pub fn add_module(&self, name: &str, module: Value<'_>) {
        let modules: Gc<'_, Dict> = self.roots.modules.get_as(self).expect("a dict");
        self.dict_set_str(modules, self.intern(name), module);
    }

    /// `__name__` of a module.
    pub fn module_name(&self, module: Gc<'_, Module>) -> Option<String> {
        let dict = module.dict.get_as::<Dict>(self)?;
        let name = self.dict_get_str(dict, self.intern("__name__"))?.as_str()?;
        Some(self.str_text(name).into_owned())
    }

    /// Sets a global of a module.
    pub fn module_set(&self, module: Local, name: &str, value: Value<'_>) {
        let module: Gc<'_, Module> = self.get(module).cast().expect("a module");
        let dict: Gc<'_, Dict> = module.dict.get_as(self).expect("a module has a dict");
        self.dict_set_str(dict, self.intern(name), value);
    }

    /// `sys.setrecursionlimit`
    pub fn set_recursion_limit(&mut self, limit: usize) {
        self.frame_limit = self.stack.frame_at(limit.min(MAX_FRAMES - 16));
    }

    /// `sys.getrecursionlimit`
    pub fn recursion_limit(&self) -> usize {
        self.stack.depth(self.frame_limit)
    }

    /// Tells the VM how much native stack the current thread has left from here.
    pub fn set_native_stack(&mut self, bytes: usize) {
        let here = 0u8;
        self.native_floor =
            (&raw const here as usize).saturating_sub(bytes).saturating_add(192 << 10);
    }

    /// Makes a module written in Rust importable.
    pub fn register_module(&mut self, def: &'static ModuleDef) {
        self.with_extension(|registered: &mut Registered| registered.all.push(def));
    }

    /// The module written in Rust of that name, made now.
    pub fn make_native_module(&mut self, name: &str) -> Result<Option<Local>, Raised> {
        let Some(module) = self.create_native_module(name) else { return Ok(None) };
        self.add_module(name, self.get(module));
        if let Err(raised) = self.exec_native_module(module) {
            let modules: Gc<'_, Dict> = self.roots.modules.get_as(self).expect("a dict");
            self.dict_del_str(modules, self.intern(name));
            return Err(raised);
        }
        Ok(Some(module))
    }

    /// A module object with the functions and types of the module written in Rust of that name,
    /// to be completed by [`Vm::exec_native_module`].
    pub fn create_native_module(&self, name: &str) -> Option<Local> {
        let def = self.with_extension(|registered: &mut Registered| {
            registered.all.iter().copied().find(|m| m.name == name)
        })?;
        let dict = self.dict();
        let module = self.new_module(def.name, dict);
        let owner = self.intern(def.name).value();
        for f in def.functions {
            let function = self.builtin(f, owner, Value::UNBOUND);
            self.dict_set_str(dict, self.intern(f.name()), function.value());
        }
        for t in def.types {
            self.dict_set_str(dict, self.intern(t.name), self.native_class(t).value());
        }
        self.dict_set_str(dict, self.intern("__doc__"), self.str(def.doc).value());
        let id = self.id(module.value());
        self.with_extension(|registered: &mut Registered| registered.unfinished.push((id, def)));
        Some(self.root(module.value()))
    }

    /// Runs the initialisation of a module made by [`Vm::create_native_module`], once.
    pub fn exec_native_module(&mut self, module: Local) -> Result<(), Raised> {
        let id = self.id(self.get(module));
        let def = self.with_extension(|registered: &mut Registered| {
            let at = registered.unfinished.iter().position(|u| u.0 == id)?;
            Some(registered.unfinished.swap_remove(at).1)
        });
        match def.and_then(|def| def.exec) {
            Some(exec) => exec(self, module),
            None => Ok(()),
        }
    }

    /// Names of the modules written in Rust.
    pub fn native_module_names(&self) -> Vec<&'static str> {
        self.with_extension(|registered: &mut Registered| {
            registered.all.iter().map(|m| m.name).collect()
        })
    }

    /// The dict `sys.modules`.
    pub fn modules(&self) -> Gc<'_, Dict> {
        self.roots.modules.get_as(self).expect("a dict")
    }

    /// The dict of module builtins.
    pub fn builtins(&self) -> Gc<'_, Dict> {
        self.roots.builtins.get_as(self).expect("a dict")
    }
}

/// A module written in Rust.
pub struct ModuleDef {
    /// Its name.
    pub name: &'static str,
    /// Its docstring.
    pub doc: &'static str,
    /// Its functions.
    pub functions: &'static [NativeDef],
    /// Its types.
    pub types: &'static [&'static crate::builtins::TypeDef],
    /// Runs once, when the module is first imported: sets constants and the like.
    pub exec: Option<ModuleExec>,
}

/// Runs a module's own initialisation.
pub type ModuleExec = fn(&mut Vm, Local) -> Result<(), Raised>;

#[derive(Default)]
struct Registered {
    all: Vec<&'static ModuleDef>,
    /// Modules that were created and not initialised, by id.
    unfinished: Vec<(u64, &'static ModuleDef)>,
}

fn random_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
