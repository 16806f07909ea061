//! Imports: `sys.modules`, modules written in Rust, and files on `sys.path`.

use super::native::{NativeResult, Raised};
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::bytecode::CodeUnit;
use crate::compiler::{self, Mode};
use crate::object::*;
use crate::value::Value;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Finds modules that are not Python files: extension files, the bundled library. Asked in order,
/// after the modules written in Rust.
pub trait Finder {
    /// Loads the module `full_name` if it is in `directory` (an entry of `sys.path` or of a
    /// package's `__path__`), as a new module object; `None` if it is not there.
    fn load(&self, vm: &mut Vm, full_name: &str, directory: &Path)
    -> Result<Option<Local>, Raised>;
}

/// Registered finders.
#[derive(Default)]
struct Finders(Vec<Rc<dyn Finder>>);

/// Names of the modules whose bodies are running.
#[derive(Default)]
struct Initializing(Vec<String>);

impl Vm {
    /// Whether the body of the module of that name is running.
    pub fn is_initializing(&self, name: &str) -> bool {
        self.with_extension(|i: &mut Initializing| i.0.iter().any(|n| n == name))
    }

    /// Adds a finder.
    pub fn add_finder(&mut self, finder: Box<dyn Finder>) {
        self.with_extension(|finders: &mut Finders| finders.0.push(finder.into()));
    }

    /// Compiles source text; a SyntaxError is set on failure.
    pub fn compile(
        &self,
        source: &str,
        filename: &str,
        mode: Mode,
    ) -> Result<Arc<CodeUnit>, Raised> {
        self.compile_with(source, filename, mode, self.config.optimize)
    }

    /// As [`Vm::compile`], with a level of optimization of its own.
    pub fn compile_with(
        &self,
        source: &str,
        filename: &str,
        mode: Mode,
        optimize: u8,
    ) -> Result<Arc<CodeUnit>, Raised> {
        let options = compiler::Options { optimize, ..Default::default() };
        match compiler::compile(source, filename, mode, &options) {
            Ok(unit) => Ok(Arc::new(unit)),
            Err(error) => {
                Err(crate::builtins::exceptions::raise_syntax_error(self, filename, &error))
            }
        }
    }

    /// Runs a module-like unit with the given globals and namespace.
    pub fn exec_unit(
        &mut self,
        unit: Arc<CodeUnit>,
        globals: Local,
        namespace: Local,
    ) -> NativeResult {
        let function = {
            let vm = &*self;
            let code = vm.code(unit);
            let none = || Slot::new(Value::UNBOUND.word());
            let parts = [none(), none(), none(), none()];
            let f = vm.function_parts(code, vm.get(globals), parts);
            vm.root(f.value())
        };
        self.call_body(function, namespace)
    }

    /// Runs source text in a fresh module of that name (usually `__main__`), which is put into
    /// `sys.modules`.
    pub fn run_source(&mut self, source: &str, filename: &str, module_name: &str) -> NativeResult {
        let unit = self.compile(source, filename, Mode::Exec)?;
        let module = self.main_module(module_name, filename);
        let m: Gc<'_, Module> = self.get(module).cast().expect("a module");
        let dict = self.root(m.dict.get(self));
        self.exec_unit(unit, dict, dict)
    }

    /// A module in `sys.modules`, made if need be, with `__builtins__` and `__file__`.
    pub fn main_module(&self, name: &str, filename: &str) -> Local {
        let found = self.dict_get_str(self.modules(), self.intern(name));
        if let Some(module) = found {
            return self.root(module);
        }
        let dict = self.dict();
        let module = self.new_module(name, dict);
        self.add_builtins(dict);
        if !filename.starts_with('<') {
            self.dict_set_str(dict, self.intern("__file__"), self.str(filename).value());
        }
        self.add_module(name, module.value());
        self.root(module.value())
    }

    fn add_builtins(&self, dict: Gc<'_, Dict>) {
        let builtins = self.dict_get_str(self.modules(), self.intern("builtins"));
        self.dict_set_str(dict, self.intern("__builtins__"), builtins.unwrap_or(Value::NONE));
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
            let package = self.package_of(globals)?;
            self.resolve_relative(&text, &package, level)?
        } else {
            if text.is_empty() {
                return Err(self.value_error("Empty module name"));
            }
            text.clone()
        };
        let module = self.import_module(&absolute)?;
        let names: Vec<Local> = {
            let vm = &*self;
            let list = vm.get(fromlist);
            match list.cast::<Tuple>() {
                Some(tuple) => tuple.items().iter().map(|s| vm.root(s.get(vm))).collect(),
                None => match list.cast::<List>() {
                    Some(list) => vm.list_items(list).map(|v| vm.root(v)).collect(),
                    None => Vec::new(),
                },
            }
        };
        if names.is_empty() {
            // `import a.b` binds `a`.
            if level == 0
                && let Some((top, _)) = absolute.split_once('.')
            {
                let top = self.import_module(top)?;
                return Ok(self.ret(self.get(top)));
            }
            if level > 0
                && let Some((first, _)) = text.split_once('.')
            {
                let cut = absolute.len() - (text.len() - first.len());
                let top = self.import_module(&absolute[..cut])?;
                return Ok(self.ret(self.get(top)));
            }
            return Ok(self.ret(self.get(module)));
        }
        // Submodules named in the list are imported as well.
        if self.getattr_opt(module, "__path__")?.is_some() {
            for name in names {
                let text = self.text_of(self.get(name));
                if text == "*" || self.getattr_opt(module, &text)?.is_some() {
                    continue;
                }
                let full = format!("{absolute}.{text}");
                if let Err(raised) = self.import_module(&full) {
                    self.catch_missing(raised, &full)?;
                }
            }
        }
        Ok(self.ret(self.get(module)))
    }

    /// Drops a ModuleNotFoundError about that very module.
    fn catch_missing(&self, raised: Raised, full: &str) -> Result<(), Raised> {
        let about_it = self.current_exception().is_some_and(|e| {
            let args = e.args.get_as::<Tuple>(self);
            args.is_some_and(|a| {
                !a.is_empty()
                    && self.text_of(a.item(self, 0)) == format!("No module named '{full}'")
            })
        });
        if about_it { self.catch(raised, ClassId::ModuleNotFoundError) } else { Err(raised) }
    }

    /// The package that relative imports in a module start from.
    fn package_of(&self, globals: Local) -> Result<String, Raised> {
        let none = || {
            self.raise(
                ClassId::ImportError,
                "attempted relative import with no known parent package",
            )
        };
        let Some(globals) = self.get(globals).cast::<Dict>() else { return Err(none()) };
        let get = |key: &str| self.dict_get_str(globals, self.intern(key));
        if let Some(package) = get("__package__").and_then(|v| v.as_str()) {
            let text = self.str_text(package).into_owned();
            return if text.is_empty() { Err(none()) } else { Ok(text) };
        }
        let name = self.text_of(get("__name__").unwrap_or(Value::NONE));
        if get("__path__").is_some() {
            return Ok(name);
        }
        match name.rsplit_once('.') {
            Some((package, _)) => Ok(package.to_owned()),
            None => Err(none()),
        }
    }

    fn resolve_relative(&self, name: &str, package: &str, level: usize) -> Result<String, Raised> {
        let mut base = package;
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

    /// The module of that absolute name, imported with its parents if need be.
    pub fn import_module(&mut self, full_name: &str) -> Result<Local, Raised> {
        let found = self.dict_get_str(self.modules(), self.intern(full_name));
        if let Some(module) = found {
            if module.is_none() {
                let raised = self.raise(
                    ClassId::ModuleNotFoundError,
                    format!("import of {full_name} halted; None in sys.modules"),
                );
                let name = self.str(full_name).value();
                crate::builtins::exceptions::set_import_error_name(self, name);
                return Err(raised);
            }
            return Ok(self.root(module));
        }
        let (parent, name) = match full_name.rsplit_once('.') {
            Some((parent, name)) => (Some(self.import_module(parent)?), name),
            None => (None, full_name),
        };
        // Importing the parent may have imported the module.
        let found = self.dict_get_str(self.modules(), self.intern(full_name));
        if let Some(module) = found {
            return Ok(self.root(module));
        }
        let directories = match parent {
            None => self.sys_path(),
            Some(parent) => match self.getattr_opt(parent, "__path__")? {
                Some(path) => {
                    let path = self.hold(path);
                    self.path_entries(path)
                }
                None => {
                    let parent_name = full_name.rsplit_once('.').map_or("", |p| p.0);
                    return Err(self.module_not_found(
                        full_name,
                        &format!("; '{parent_name}' is not a package"),
                    ));
                }
            },
        };
        let module = match self.load_module(full_name, name, &directories)? {
            Some(module) => module,
            None => return Err(self.module_not_found(full_name, "")),
        };
        // The module may have replaced itself in sys.modules.
        let now = self.dict_get_str(self.modules(), self.intern(full_name));
        let module = match now {
            Some(now) => self.root(now),
            None => module,
        };
        if let Some(parent) = parent {
            let key = self.root(self.intern(name).value());
            self.setattr(parent, key, module)?;
        }
        Ok(module)
    }

    /// The source file of a module that is not to be imported (option `-m`), and whether it is a
    /// package's `__init__.py`. Its parent packages are imported.
    pub fn find_source(&mut self, full_name: &str) -> Result<Option<(PathBuf, bool)>, Raised> {
        let (directories, name) = match full_name.rsplit_once('.') {
            None => (self.sys_path(), full_name),
            Some((parent, name)) => {
                let parent_module = self.import_module(parent)?;
                let Some(path) = self.getattr_opt(parent_module, "__path__")? else {
                    let more = format!("; '{parent}' is not a package");
                    return Err(self.module_not_found(full_name, &more));
                };
                let path = self.hold(path);
                (self.path_entries(path), name)
            }
        };
        for directory in directories {
            let init = directory.join(name).join("__init__.py");
            if init.is_file() {
                return Ok(Some((init, true)));
            }
            let file = directory.join(format!("{name}.py"));
            if file.is_file() {
                return Ok(Some((file, false)));
            }
        }
        Ok(None)
    }

    #[cold]
    fn module_not_found(&self, full_name: &str, more: &str) -> Raised {
        let raised = self
            .raise(ClassId::ModuleNotFoundError, format!("No module named '{full_name}'{more}"));
        let name = self.str(full_name).value();
        crate::builtins::exceptions::set_import_error_name(self, name);
        raised
    }

    /// The strs in a path list.
    fn path_entries(&self, path: Local) -> Vec<PathBuf> {
        let path = self.get(path);
        let items: Vec<Value<'_>> = match (path.cast::<List>(), path.cast::<Tuple>()) {
            (Some(list), _) => self.list_items(list).collect(),
            (_, Some(tuple)) => tuple.r().items().iter().map(|s| s.get(self)).collect(),
            _ => Vec::new(),
        };
        items
            .into_iter()
            .filter_map(|v| v.as_str())
            .map(|s| PathBuf::from(self.str_text(s).into_owned()))
            .collect()
    }

    /// `sys.path`
    fn sys_path(&mut self) -> Vec<PathBuf> {
        let sys = self.root(self.roots.sys.get(self));
        match self.getattr_opt(sys, "path") {
            Ok(Some(path)) => {
                let path = self.hold(path);
                self.path_entries(path)
            }
            Ok(None) => Vec::new(),
            Err(raised) => {
                let _ = self.take_exception(raised);
                Vec::new()
            }
        }
    }

    fn load_module(
        &mut self,
        full_name: &str,
        name: &str,
        directories: &[PathBuf],
    ) -> Result<Option<Local>, Raised> {
        if let Some(module) = self.make_native_module(full_name)? {
            return Ok(Some(module));
        }
        let mut namespace_parts = Vec::new();
        for directory in directories {
            let package = directory.join(name);
            let init = package.join("__init__.py");
            if init.is_file() {
                return self.load_file(full_name, &init, Some(vec![package])).map(Some);
            }
            if let Some(module) = self.ask_finders(full_name, directory)? {
                return Ok(Some(module));
            }
            let file = directory.join(format!("{name}.py"));
            if file.is_file() {
                return self.load_file(full_name, &file, None).map(Some);
            }
            if package.is_dir() {
                namespace_parts.push(package);
            }
        }
        if namespace_parts.is_empty() {
            return self.ask_finders(full_name, Path::new(BUNDLED));
        }
        let module = self.prepare_module(full_name, None, Some(namespace_parts));
        self.module_set(module, "__file__", Value::NONE);
        Ok(Some(module))
    }

    fn ask_finders(&mut self, full_name: &str, directory: &Path) -> Result<Option<Local>, Raised> {
        // A finder runs modules, which import others: the list stays in place.
        let finders = self.with_extension(|f: &mut Finders| f.0.clone());
        for finder in finders {
            if let Some(module) = finder.load(self, full_name, directory)? {
                return Ok(Some(module));
            }
        }
        Ok(None)
    }

    /// A new module in `sys.modules` with its import attributes.
    pub fn prepare_module(
        &self,
        full_name: &str,
        file: Option<&Path>,
        package_path: Option<Vec<PathBuf>>,
    ) -> Local {
        let dict = self.dict();
        let module = self.new_module(full_name, dict);
        self.add_builtins(dict);
        let set = |key: &str, value: Value<'_>| {
            self.dict_set_str(dict, self.intern(key), value);
        };
        if let Some(file) = file {
            set("__file__", self.str(&file.to_string_lossy()).value());
        }
        let package = match &package_path {
            Some(_) => full_name,
            None => full_name.rsplit_once('.').map_or("", |p| p.0),
        };
        set("__package__", self.intern(package).value());
        if let Some(parts) = package_path {
            let list = self.list(&[]);
            for part in parts {
                self.list_push(list, self.str(&part.to_string_lossy()).value());
            }
            set("__path__", list.value());
        }
        self.add_module(full_name, module.value());
        self.root(module.value())
    }

    /// Loads a Python source file as a module.
    pub fn load_file(
        &mut self,
        full_name: &str,
        file: &Path,
        package_path: Option<Vec<PathBuf>>,
    ) -> Result<Local, Raised> {
        let source = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                return Err(crate::builtins::exceptions::raise_os_error(
                    self,
                    &error,
                    Some(&file.to_string_lossy()),
                ));
            }
        };
        let filename = file.to_string_lossy().into_owned();
        let source = self.decode_source(&source, &filename)?;
        self.load_source(full_name, &source, &filename, file, package_path)
    }

    /// Runs source text as the module `full_name`.
    pub fn load_source(
        &mut self,
        full_name: &str,
        source: &str,
        filename: &str,
        file: &Path,
        package_path: Option<Vec<PathBuf>>,
    ) -> Result<Local, Raised> {
        let unit = self.compile(source, filename, Mode::Exec)?;
        let module = self.prepare_module(full_name, Some(file), package_path);
        let m: Gc<'_, Module> = self.get(module).cast().expect("a module");
        let dict = self.root(m.dict.get(self));
        self.with_extension(|i: &mut Initializing| i.0.push(full_name.to_owned()));
        let result = self.exec_unit(unit, dict, dict);
        self.with_extension(|i: &mut Initializing| i.0.pop());
        if let Err(raised) = result {
            self.dict_del_str(self.modules(), self.intern(full_name));
            return Err(raised);
        }
        Ok(module)
    }

    /// Source bytes as text, by the encoding they declare (PEP 263) or UTF-8; a SyntaxError is set
    /// when they are not.
    pub fn decode_source(&self, bytes: &[u8], filename: &str) -> Result<String, Raised> {
        let fail = |message: String, line: u32| {
            let error = compiler::SyntaxError {
                kind: compiler::SyntaxErrorKind::SyntaxError,
                message,
                line,
                col: 0,
                end_line: line,
                end_col: 0,
                text: None,
            };
            Err(crate::builtins::exceptions::raise_syntax_error(self, filename, &error))
        };
        let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
        let bytes = marked.unwrap_or(bytes);
        if bytes.contains(&0) {
            return fail("source code cannot contain null bytes".into(), 1);
        }
        if let Some(encoding) = declared_encoding(bytes) {
            let name = encoding.to_ascii_lowercase().replace('_', "-");
            match name.as_str() {
                "utf-8" | "utf8" | "ascii" | "us-ascii" => {}
                _ if marked.is_some() => {
                    return fail(format!("encoding problem: {encoding} with BOM"), 0);
                }
                "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => {
                    return Ok(bytes.iter().map(|b| *b as char).collect());
                }
                _ => return fail(format!("unknown encoding: {encoding}"), 0),
            }
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let at = error.valid_up_to();
                let byte = bytes.get(at).copied().unwrap_or(0);
                if filename.starts_with('<') {
                    let what = match error.error_len() {
                        None => "unexpected end of data",
                        Some(1) => "invalid start byte",
                        Some(_) => "invalid continuation byte",
                    };
                    return fail(
                        format!(
                            "(unicode error) 'utf-8' codec can't decode byte {byte:#04x} in \
                             position {at}: {what}"
                        ),
                        1,
                    );
                }
                let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
                fail(
                    format!(
                        "Non-UTF-8 code starting with '\\x{byte:02x}' in file {filename} on line \
                         {line}, but no encoding declared; see \
                         https://peps.python.org/pep-0263/ for details"
                    ),
                    line as u32,
                )
            }
        }
    }

    /// `from module import name`
    pub fn import_from(&mut self, module: Local, name: Local) -> NativeResult {
        match self.getattr_maybe(module, name) {
            Ok(Some(ret)) => return Ok(ret),
            Ok(None) => {}
            Err(raised) => self.catch(raised, ClassId::AttributeError)?,
        }
        let name_text = self.text_of(self.get(name));
        let module_name = match self.getattr_opt(module, "__name__")? {
            Some(ret) => self.text_of(self.value(ret)),
            None => "<unknown module name>".into(),
        };
        let full = format!("{module_name}.{name_text}");
        let found = self.dict_get_str(self.modules(), self.intern(&full));
        if let Some(submodule) = found {
            return Ok(self.ret(submodule));
        }
        let file = match self.getattr_opt(module, "__file__")? {
            Some(ret) => self.text_of(self.value(ret)),
            None => "unknown location".into(),
        };
        let message = if self.is_initializing(&module_name) {
            format!(
                "cannot import name '{name_text}' from partially initialized module \
                 '{module_name}' (most likely due to a circular import) ({file})"
            )
        } else {
            format!("cannot import name '{name_text}' from '{module_name}' ({file})")
        };
        let raised = self.raise(ClassId::ImportError, message);
        crate::builtins::exceptions::set_import_error_name(self, self.str(&module_name).value());
        crate::builtins::exceptions::set_import_error_field(self, "name_from", self.get(name));
        if file != "unknown location" {
            let path = self.str(&file).value();
            crate::builtins::exceptions::set_import_error_field(self, "path", path);
        }
        Err(raised)
    }

    /// The message for a missing attribute of a module whose body is still running.
    pub(super) fn explain_missing_global(
        &self,
        module: Gc<'_, Module>,
        name: &str,
        message: String,
    ) -> String {
        let Some(module_name) = self.module_name(module) else { return message };
        if !self.is_initializing(&module_name) {
            return message;
        }
        let file = module
            .dict
            .get_as::<Dict>(self)
            .and_then(|dict| self.dict_get_str(dict, self.intern("__file__")))
            .filter(|file| file.as_str().is_some())
            .map_or(String::new(), |file| format!(" from '{}'", self.text_of(file)));
        format!(
            "partially initialized module '{module_name}'{file} has no attribute '{name}' (most \
             likely due to a circular import)"
        )
    }

    /// `from module import *`
    pub(super) fn import_star(&mut self, module: Local, namespace: Local) -> Result<(), Raised> {
        let names = match self.getattr_opt(module, "__all__")? {
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
                        let private = key.as_str().is_none_or(|s| vm.str_text(s).starts_with('_'));
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
                    "Item in {}.__all__ must be str, not {given}",
                    module_name.unwrap_or_default()
                )));
            }
            let value = vm.getattr(module, name)?;
            let value = vm.hold(value);
            vm.setitem(namespace, name, value)
        })
    }
}

/// The encoding that a comment in the first two lines declares.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|b| *b == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches([' ', '\t', '\x0c']);
        if !line.starts_with('#') {
            if line.trim().is_empty() {
                continue;
            }
            return None;
        }
        let Some(at) = line.find("coding") else { continue };
        let rest = &line[at + "coding".len()..];
        let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
        let rest = rest.trim_start_matches([' ', '\t']);
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        if end > 0 {
            return Some(rest[..end].to_owned());
        }
    }
    None
}

/// The directory name that finders are asked about for the bundled library.
pub const BUNDLED: &str = "<bundled>";
