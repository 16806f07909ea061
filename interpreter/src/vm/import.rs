//! The import statement: `sys.modules` first, then importlib.
//!
//! The import system is importlib's own Python code, which an [`Importer`] brings along and which
//! starts when something is imported that is neither there nor written in Rust. Until then (and
//! without an importer) only modules written in Rust can be imported.

use super::native::{NativeResult, Raised};
use super::stack::Global;
use super::{Local, Vm};
use crate::builtins::{ClassId, exceptions};
use crate::object::*;
use crate::value::Value;
use std::path::Path;
use std::rc::Rc;

/// Brings the import system to life.
pub trait Importer {
    /// Makes importlib's module `_bootstrap`, able to import modules written in Rust. Until it is
    /// there, importing goes on without it.
    fn start(&self, vm: &mut Vm) -> Result<Local, Raised>;

    /// Adds what finds other modules; imports go through `_bootstrap` already.
    fn finish(&self, vm: &mut Vm, bootstrap: Local) -> Result<(), Raised>;
}

/// Loads extension modules and the modules that stand in for packages that are not installed.
pub trait Finder {
    /// Loads the extension module `full_name` from a file.
    fn load_file(
        &self,
        vm: &mut Vm,
        full_name: &str,
        file: &Path,
        spec: Local,
    ) -> Result<Local, Raised>;

    /// Loads the module of that name from what the finder itself carries.
    fn load_bundled(&self, vm: &mut Vm, full_name: &str) -> Result<Option<Local>, Raised>;

    /// The names of those modules.
    fn bundled_names(&self) -> &'static [&'static str];
}

/// Whether importlib runs already.
#[derive(Default)]
enum Stage {
    #[default]
    Asleep,
    Starting,
    /// `importlib._bootstrap`
    Running(Global),
}

#[derive(Default)]
struct Imports {
    importer: Option<Rc<dyn Importer>>,
    finders: Vec<Rc<dyn Finder>>,
    stage: Stage,
    /// Report all of importlib's frames in tracebacks (option `-v`).
    verbose: bool,
    /// The directory that came first on `sys.path` because the program is there.
    program_directory: Option<String>,
}

impl Vm {
    /// Sets what starts the import system.
    pub fn set_importer(&mut self, importer: Box<dyn Importer>) {
        self.with_extension(|imports: &mut Imports| imports.importer = Some(importer.into()));
    }

    /// Says which directory comes first on `sys.path` because the program is there (an empty one is
    /// the current directory): its modules may hide others by mistake.
    pub fn set_program_directory(&self, directory: Option<String>) {
        self.with_extension(|imports: &mut Imports| imports.program_directory = directory);
    }

    /// Whether importlib's own frames stay in tracebacks.
    pub fn keep_import_frames(&self, keep: bool) {
        self.with_extension(|imports: &mut Imports| imports.verbose = keep);
    }

    /// Adds a finder.
    pub fn add_finder(&mut self, finder: Box<dyn Finder>) {
        self.with_extension(|imports: &mut Imports| imports.finders.push(finder.into()));
    }

    /// Loads an extension module with the first finder there is.
    pub fn load_extension(
        &mut self,
        full_name: &str,
        file: &Path,
        spec: Local,
    ) -> Result<Local, Raised> {
        let finder = self.with_extension(|imports: &mut Imports| imports.finders.first().cloned());
        match finder {
            Some(finder) => finder.load_file(self, full_name, file, spec),
            None => {
                Err(self.raise(ClassId::ImportError, "extension modules cannot be loaded here"))
            }
        }
    }

    /// Names of the modules that the finders carry.
    pub fn bundled_names(&self) -> Vec<&'static str> {
        let finders = self.with_extension(|imports: &mut Imports| imports.finders.clone());
        finders.iter().flat_map(|f| f.bundled_names()).copied().collect()
    }

    /// Asks the finders for a module that they carry.
    pub fn load_bundled(&mut self, full_name: &str) -> Result<Option<Local>, Raised> {
        let finders = self.with_extension(|imports: &mut Imports| imports.finders.clone());
        for finder in finders {
            if let Some(module) = finder.load_bundled(self, full_name)? {
                return Ok(Some(module));
            }
        }
        Ok(None)
    }

    /// Starts the import system, if that has not happened; the module `importlib._bootstrap`, or
    /// `None` while it starts or when there is none.
    pub fn start_imports(&mut self) -> Result<Option<Local>, Raised> {
        let running = |vm: &Vm| {
            vm.with_extension(|imports: &mut Imports| match &imports.stage {
                Stage::Running(module) => Some(vm.root(vm.get_global(module))),
                _ => None,
            })
        };
        if let Some(module) = running(self) {
            return Ok(Some(module));
        }
        let importer = self.with_extension(|imports: &mut Imports| match imports.stage {
            Stage::Asleep => imports.importer.clone(),
            _ => None,
        });
        let Some(importer) = importer else { return Ok(None) };
        self.with_extension(|imports: &mut Imports| imports.stage = Stage::Starting);
        let result = importer.start(self);
        let stage = match &result {
            Ok(module) => Stage::Running(self.global(self.get(*module))),
            Err(_) => Stage::Asleep,
        };
        self.with_extension(|imports: &mut Imports| imports.stage = stage);
        let module = result?;
        importer.finish(self, module)?;
        Ok(Some(module))
    }

    /// The import statement: calls `builtins.__import__` if a program has replaced that.
    pub(super) fn import_statement(
        &mut self,
        name: Local,
        globals: Local,
        fromlist: Local,
        level: usize,
    ) -> NativeResult {
        let import = self.getattr_builtin("__import__");
        let replaced = match self.get(import).cast::<Builtin>() {
            Some(builtin) => builtin.def.get().name() != "__import__",
            None => true,
        };
        if !replaced {
            return self.import_name(name, globals, fromlist, level);
        }
        if self.get(import).is_none() {
            return Err(self.raise(ClassId::ImportError, "__import__ not found"));
        }
        let locals = self.current_locals();
        let level = self.root(Value::from_i32(level as i32));
        self.call(import, &[name, globals, locals, fromlist, level])
    }

    /// `__import__(name, globals, fromlist=.., level=..)`
    pub fn import_name(
        &mut self,
        name: Local,
        globals: Local,
        fromlist: Local,
        level: usize,
    ) -> NativeResult {
        let Some(text) = self.get(name).as_str() else {
            return Err(self.type_error("module name must be a string"));
        };
        let text = self.str_text(text).into_owned();
        let absolute = if level > 0 {
            self.resolve_relative(&text, globals, level)?
        } else if text.is_empty() {
            return Err(self.value_error("Empty module name"));
        } else {
            text.clone()
        };
        if absolute == "sys" {
            // Whoever looks there shall find finders on `sys.meta_path`.
            self.start_imports()?;
        }
        let module = self.import_module(&absolute)?;
        if !self.truth(fromlist)? {
            // `import a.b` binds `a`.
            let Some((first, _)) = text.split_once('.') else {
                return Ok(self.ret(self.get(module)));
            };
            let cut = absolute.len() - (text.len() - first.len());
            let top = self.import_module(&absolute[..cut])?;
            return Ok(self.ret(self.get(top)));
        }
        // Submodules named in the list are imported as well.
        if self.getattr_opt(module, "__path__")?.is_some()
            && !self.has_all(module, fromlist)
            && let Some(bootstrap) = self.start_imports()?
        {
            let import = self.getattr_builtin("__import__");
            let given = [module, fromlist, import];
            let ret = self.call_method(bootstrap, "_handle_fromlist", &given);
            return ret.map_err(|raised| self.trim_import_frames(raised));
        }
        Ok(self.ret(self.get(module)))
    }

    fn getattr_builtin(&self, name: &str) -> Local {
        let found = self.dict_get_str(self.builtins(), self.intern(name));
        self.root(found.unwrap_or(Value::NONE))
    }

    /// Whether all names of a tuple are globals of the module already.
    fn has_all(&self, module: Local, names: Local) -> bool {
        let Some(dict) = self.get(module).cast::<Module>().and_then(|m| m.r().dict.get_as(self))
        else {
            return false;
        };
        let Some(names) = self.get(names).cast::<Tuple>() else { return false };
        names.r().items().iter().all(|name| {
            let name = name.get(self).as_str();
            name.is_some_and(|name| self.dict_get_str(dict, name).is_some())
        })
    }

    /// The absolute name of a relative import in a module with those globals.
    fn resolve_relative(
        &mut self,
        name: &str,
        globals: Local,
        level: usize,
    ) -> Result<String, Raised> {
        let package = self.package_of(globals)?;
        if package.is_empty() {
            return Err(self.raise(
                ClassId::ImportError,
                "attempted relative import with no known parent package",
            ));
        }
        let mut base = &*package;
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((parent, _)) => base = parent,
                None => {
                    return Err(self.raise(
                        ClassId::ImportError,
                        "attempted relative import beyond top-level package",
                    ));
                }
            }
        }
        Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
    }

    /// The package that relative imports in a module start from.
    fn package_of(&mut self, globals: Local) -> Result<String, Raised> {
        let get = |vm: &Vm, key: &str| -> Option<Local> {
            let globals = vm.get(globals).cast::<Dict>()?;
            let found = vm.dict_get_str(globals, vm.intern(key))?;
            (!found.is_none()).then(|| vm.root(found))
        };
        let spec = get(self, "__spec__");
        if let Some(package) = get(self, "__package__") {
            if self.get(package).as_str().is_none() {
                return Err(self.type_error("package must be a string"));
            }
            if let Some(spec) = spec {
                let parent = self.getattr_str(spec, "parent")?;
                let parent = self.hold(parent);
                if !self.eq(package, parent)? {
                    let message = "__package__ != __spec__.parent";
                    self.warn(ClassId::DeprecationWarning, message, 1)?;
                }
            }
            return Ok(self.text_of(self.get(package)));
        }
        if let Some(spec) = spec {
            let parent = self.getattr_str(spec, "parent")?;
            return match self.value(parent).as_str() {
                Some(parent) => Ok(self.str_text(parent).into_owned()),
                None => Err(self.type_error("__spec__.parent must be a string")),
            };
        }
        let message = "can't resolve package from __spec__ or __package__, falling back on __name__ \
                       and __path__";
        self.warn(ClassId::ImportWarning, message, 1)?;
        let name = match get(self, "__name__") {
            None => return Err(self.raise(ClassId::KeyError, "'__name__' not in globals")),
            Some(name) => match self.get(name).as_str() {
                Some(name) => self.str_text(name).into_owned(),
                None => return Err(self.type_error("__name__ must be a string")),
            },
        };
        if get(self, "__path__").is_some() {
            return Ok(name);
        }
        Ok(name.rsplit_once('.').map_or(String::new(), |p| p.0.to_owned()))
    }

    /// The module of that absolute name, imported with its parents if need be.
    pub fn import_module(&mut self, full_name: &str) -> Result<Local, Raised> {
        let found = self.dict_get_str(self.modules(), self.intern(full_name));
        if let Some(module) = found {
            if module.is_none() {
                return Err(self.missing_module(
                    full_name,
                    format!("import of {full_name} halted; None in sys.modules"),
                ));
            }
            return Ok(self.root(module));
        }
        if self.audited() {
            self.audit_import(full_name)?;
        }
        let asleep = self.with_extension(|i: &mut Imports| !matches!(i.stage, Stage::Running(_)));
        if asleep
            && !full_name.contains('.')
            && let Some(module) = self.make_native_module(full_name)?
        {
            return Ok(module);
        }
        let Some(bootstrap) = self.start_imports()? else {
            return Err(self.missing_module(full_name, format!("No module named '{full_name}'")));
        };
        let name = self.root(self.intern(full_name).value());
        let import = self.getattr_builtin("__import__");
        match self.call_method(bootstrap, "_find_and_load", &[name, import]) {
            Ok(module) => Ok(self.hold(module)),
            Err(raised) => Err(self.trim_import_frames(raised)),
        }
    }

    #[cold]
    fn audit_import(&mut self, full_name: &str) -> Result<(), Raised> {
        self.scope(|vm| {
            let name = vm.root(vm.str(full_name).value());
            let file = vm.root(Value::NONE);
            let [path, meta_path, hooks] = ["path", "meta_path", "path_hooks"]
                .map(|attr| vm.root(vm.sys_get(attr).unwrap_or(Value::NONE)));
            vm.audit("import", &[name, file, path, meta_path, hooks])
        })
    }

    #[cold]
    fn missing_module(&self, full_name: &str, message: String) -> Raised {
        let raised = self.raise(ClassId::ModuleNotFoundError, message);
        exceptions::set_import_error_name(self, self.str(full_name).value());
        raised
    }

    /// Takes importlib's frames out of the traceback of the exception that is set: all of them for
    /// an ImportError, else those that merely call the module's own code.
    fn trim_import_frames(&self, raised: Raised) -> Raised {
        if self.with_extension(|imports: &mut Imports| imports.verbose) {
            return raised;
        }
        let Some(exception) = self.current_exception() else { return raised };
        let always = self.has_class(exception.value(), ClassId::ImportError);
        let mut entries: Vec<Gc<'_, Traceback>> = Vec::new();
        let mut at = exception.traceback.get_as::<Traceback>(self);
        while let Some(entry) = at {
            entries.push(entry);
            at = entry.r().next.get_as(self);
        }
        let mut kept: Vec<Gc<'_, Traceback>> = Vec::new();
        // Where the run of importlib's frames that is being looked at begins in `kept`.
        let mut run = None;
        for entry in entries {
            let (internal, calls) = self.import_frame(entry);
            if !internal {
                run = None;
                kept.push(entry);
                continue;
            }
            let start = *run.get_or_insert(kept.len());
            kept.push(entry);
            if always || calls {
                kept.truncate(start);
            }
        }
        let none = Value::NONE;
        for pair in kept.windows(2) {
            self.write(pair[0], |t| &t.next, pair[1].value());
        }
        if let Some(&last) = kept.last() {
            self.write(last, |t| &t.next, none);
        }
        let first = kept.first().map_or(none, |t| t.value());
        self.write(exception, |e| &e.traceback, first);
        raised
    }

    /// Whether a traceback entry is importlib's, and whether it calls a module's code.
    fn import_frame(&self, entry: Gc<'_, Traceback>) -> (bool, bool) {
        let Some(function) = entry.func.get_as::<Function>(self) else { return (false, false) };
        // SAFETY: the function keeps its code's data alive.
        let unit = unsafe { &(*function.data.get()).unit };
        let internal = unit.filename.starts_with("<frozen importlib.");
        (internal, internal && &*unit.name == "_call_with_frames_removed")
    }

    /// `from module import name`
    pub fn import_from(&mut self, module: Local, name: Local) -> NativeResult {
        match self.getattr_maybe(module, name) {
            Ok(Some(ret)) => return Ok(ret),
            Ok(None) => {}
            Err(raised) => self.catch(raised, ClassId::AttributeError)?,
        }
        let module_name = match self.getattr_opt(module, "__name__")? {
            Some(ret) => {
                let name = self.value(ret);
                name.as_str().map(|name| self.str_text(name).into_owned())
            }
            None => None,
        };
        let name_text = self.text_of(self.get(name));
        if let Some(module_name) = &module_name {
            let full = format!("{module_name}.{name_text}");
            let found = self.dict_get_str(self.modules(), self.intern(&full));
            if let Some(submodule) = found {
                return Ok(self.ret(submodule));
            }
        }
        let spec = match self.getattr_opt(module, "__spec__")? {
            Some(ret) => self.hold(ret),
            None => self.root(Value::NONE),
        };
        let vm = &*self;
        let known = module_name.as_deref().unwrap_or("<unknown module name>");
        let quoted = vm.quoted(known);
        let name_quoted = vm.quoted(&name_text);
        let head = format!("cannot import name {name_quoted} from");
        let origin = vm.file_origin(vm.get(spec));
        let shadowing = origin.as_deref().is_some_and(|o| vm.shadows(o));
        let message = match &origin {
            Some(origin) if shadowing && vm.is_stdlib_name(known) => format!(
                "{head} {quoted} (consider renaming {} since it has the same name as the \
                 standard library module named {quoted} and prevents importing that standard \
                 library module)",
                vm.quoted(origin)
            ),
            Some(origin) if vm.spec_initializing(vm.get(spec)) => {
                if shadowing {
                    format!(
                        "{head} {quoted} (consider renaming {} if it has the same name as a \
                         library you intended to import)",
                        vm.quoted(origin)
                    )
                } else {
                    format!(
                        "{head} partially initialized module {quoted} (most likely due to a \
                         circular import) ({origin})"
                    )
                }
            }
            None if vm.spec_initializing(vm.get(spec)) => format!(
                "{head} partially initialized module {quoted} (most likely due to a circular \
                 import)"
            ),
            Some(origin) => format!("{head} {quoted} ({origin})"),
            None => format!("{head} {quoted} (unknown location)"),
        };
        let raised = vm.raise(ClassId::ImportError, message);
        exceptions::set_import_error_name(vm, vm.str(known).value());
        exceptions::set_import_error_field(vm, "name_from", vm.get(name));
        if let Some(origin) = origin {
            exceptions::set_import_error_field(vm, "path", vm.str(&origin).value());
        }
        Err(raised)
    }

    fn quoted(&self, text: &str) -> String {
        format!("'{text}'")
    }

    /// An attribute of a module's spec, without running Python.
    fn spec_attr<'gc>(&'gc self, spec: Value<'gc>, name: &str) -> Option<Value<'gc>> {
        self.own_attr(spec, self.intern(name).value())
    }

    /// Whether the module of that spec is being executed.
    fn spec_initializing(&self, spec: Value<'_>) -> bool {
        self.spec_attr(spec, "_initializing").is_some_and(|v| v.is(Value::TRUE))
    }

    /// The file that a spec says its module comes from.
    fn file_origin(&self, spec: Value<'_>) -> Option<String> {
        let located = self.spec_attr(spec, "has_location");
        let located = located.or_else(|| self.spec_attr(spec, "_set_fileattr"))?;
        if !located.is(Value::TRUE) {
            return None;
        }
        let origin = self.spec_attr(spec, "origin")?.as_str()?;
        Some(self.str_text(origin).into_owned())
    }

    /// Whether a file is in the directory that comes first on `sys.path` because the program is
    /// there: its modules hide others of the same name.
    fn shadows(&self, origin: &str) -> bool {
        let first = self.with_extension(|imports: &mut Imports| imports.program_directory.clone());
        let Some(mut first) = first else { return false };
        if first.is_empty() {
            match std::env::current_dir() {
                Ok(here) => first = here.to_string_lossy().into_owned(),
                Err(_) => return false,
            }
        }
        let file = Path::new(origin);
        let mut directory = file.parent();
        if file.file_name().is_some_and(|name| name == "__init__.py") {
            directory = directory.and_then(Path::parent);
        }
        directory == Some(Path::new(&first))
    }

    fn is_stdlib_name(&self, name: &str) -> bool {
        let names = self.sys_get("stdlib_module_names").and_then(|v| v.cast::<Set>());
        names.is_some_and(|names| self.table_find_str(names.r(), self.intern(name)).is_some())
    }

    /// The message for a missing attribute of a module.
    pub(super) fn explain_missing_global(
        &self,
        module: Gc<'_, Module>,
        name: &str,
        message: String,
    ) -> String {
        let Some(module_name) = self.module_name(module) else { return message };
        let Some(dict) = module.dict.get_as::<Dict>(self) else { return message };
        let Some(spec) = self.dict_get_str(dict, self.intern("__spec__")) else { return message };
        let origin = self.file_origin(spec);
        let shadowing = origin.as_deref().is_some_and(|o| self.shadows(o));
        let head = format!("module '{module_name}' has no attribute '{name}'");
        match origin {
            Some(origin) if shadowing && self.is_stdlib_name(&module_name) => format!(
                "{head} (consider renaming '{origin}' since it has the same name as the standard \
                 library module named '{module_name}' and prevents importing that standard \
                 library module)"
            ),
            Some(origin) if shadowing && self.spec_initializing(spec) => format!(
                "{head} (consider renaming '{origin}' if it has the same name as a library you \
                 intended to import)"
            ),
            origin if self.spec_initializing(spec) => {
                let from = origin.map_or(String::new(), |o| format!(" from '{o}'"));
                format!(
                    "partially initialized module '{module_name}'{from} has no attribute '{name}' \
                     (most likely due to a circular import)"
                )
            }
            _ => {
                // A submodule that is being imported is not an attribute yet.
                let full = format!("{module_name}.{name}");
                let module = self.dict_get_str(self.modules(), self.intern(&full));
                let spec = module
                    .and_then(|m| m.cast::<Module>())
                    .and_then(|m| m.r().dict.get_as::<Dict>(self))
                    .and_then(|dict| self.dict_get_str(dict, self.intern("__spec__")));
                if spec.is_some_and(|spec| self.spec_initializing(spec)) {
                    return format!(
                        "cannot access submodule '{name}' of module '{module_name}' (most likely \
                         due to a circular import)"
                    );
                }
                message
            }
        }
    }

    /// `from module import *`
    pub(super) fn import_star(&mut self, module: Local, namespace: Local) -> Result<(), Raised> {
        let all = self.getattr_opt(module, "__all__")?;
        let (kind, source) = if all.is_some() { ("Item", "__all__") } else { ("Key", "__dict__") };
        let names = match all {
            Some(all) => {
                let all = self.hold(all);
                let ret = self.collect_list(all)?;
                self.hold(ret)
            }
            None => {
                let vm = &*self;
                let list = vm.list(&[]);
                if let Some(dict) = vm.instance_dict(vm.get(module)) {
                    for (key, _) in vm.table_items(dict.r()) {
                        let private = key.as_str().is_some_and(|s| vm.str_text(s).starts_with('_'));
                        if !private {
                            vm.list_push(list, key);
                        }
                    }
                }
                vm.root(list.value())
            }
        };
        self.iterate(names, |vm, name| {
            if vm.get(name).as_str().is_none() {
                let module_name = vm.get(module).cast::<Module>().and_then(|m| vm.module_name(m));
                let given = vm.type_name(vm.get(name));
                return Err(vm.type_error(format!(
                    "{kind} in {}.{source} must be str, not {given}",
                    module_name.unwrap_or_default()
                )));
            }
            let value = vm.getattr(module, name)?;
            let value = vm.hold(value);
            vm.setitem(namespace, name, value)
        })
    }
}
