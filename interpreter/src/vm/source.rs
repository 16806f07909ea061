//! From source text to running modules: compiling, decoding, the module `__main__`.

use super::native::{NativeResult, Raised};
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::bytecode::CodeUnit;
use crate::compiler::{self, Mode, Options};
use crate::object::*;
use crate::value::Value;
use std::sync::Arc;

/// Bytes of source text from which on Ctrl-C must not wait for the compiler.
const LONG_SOURCE: usize = 1 << 18;

impl Vm {
    /// Compiles source text; a SyntaxError is set on failure.
    pub fn compile(
        &mut self,
        source: &str,
        filename: &str,
        mode: Mode,
    ) -> Result<Arc<CodeUnit>, Raised> {
        let options = self.compile_options();
        self.compile_with(source, filename, mode, &options)
    }

    /// How source texts are compiled unless told otherwise.
    pub fn compile_options(&self) -> Options {
        let (optimize, max_digits) = (self.config.optimize, self.digit_limit());
        Options { optimize, max_digits, ..Default::default() }
    }

    /// As [`Vm::compile`], with options of its own.
    pub fn compile_with(
        &mut self,
        source: &str,
        filename: &str,
        mode: Mode,
        options: &Options,
    ) -> Result<Arc<CodeUnit>, Raised> {
        let (name, options) = (filename.to_owned(), options.clone());
        let compile = move |source: &str| compiler::compile(source, &name, mode, &options);
        match self.with_source(source, compile)? {
            Ok(compiled) => self.warned(filename, compiled),
            Err(error) => {
                Err(crate::builtins::exceptions::raise_syntax_error(self, filename, &error))
            }
        }
    }

    /// What the compiler makes of a source text, be it long.
    pub(crate) fn with_source<R: Send + 'static>(
        &mut self,
        source: &str,
        compile: impl FnOnce(&str) -> R + Send + 'static,
    ) -> Result<R, Raised> {
        if source.len() <= LONG_SOURCE {
            return Ok(compile(source));
        }
        let source = source.to_owned();
        self.apart(true, move || compile(&source))
    }

    /// The code of a program, after its warnings.
    pub(crate) fn warned(
        &mut self,
        filename: &str,
        compiled: compiler::Compiled,
    ) -> Result<Arc<CodeUnit>, Raised> {
        for warning in &compiled.warnings {
            self.syntax_warning(filename, warning)?;
        }
        Ok(Arc::new(compiled.unit))
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

    /// A new module with the code of a source text; not in `sys.modules`.
    pub fn module_from_source(
        &mut self,
        name: &str,
        source: &str,
        filename: &str,
    ) -> Result<Local, Raised> {
        let unit = self.compile(source, filename, Mode::Exec)?;
        self.module_from_unit(name, unit)
    }

    /// A new module with the code of a unit; not in `sys.modules`.
    pub fn module_from_unit(&mut self, name: &str, unit: Arc<CodeUnit>) -> Result<Local, Raised> {
        let dict = self.dict();
        let module = self.new_module(name, dict);
        self.add_builtins(dict);
        let (module, dict) = (self.root(module.value()), self.root(dict.value()));
        let _ = self.exec_unit(unit, dict, dict)?;
        Ok(module)
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

    /// Source bytes as text, by the encoding they declare (PEP 263) or UTF-8; a SyntaxError is set
    /// when they are not.
    pub fn decode_source(&mut self, bytes: &[u8], filename: &str) -> Result<String, Raised> {
        let fail = |vm: &mut Vm, message: String, line: u32| {
            let error = compiler::SyntaxError {
                kind: compiler::SyntaxErrorKind::SyntaxError,
                message,
                line,
                col: 0,
                end_line: line,
                end_col: 0,
                text: None,
            };
            Err(crate::builtins::exceptions::raise_syntax_error(vm, filename, &error))
        };
        let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
        let bytes = marked.unwrap_or(bytes);
        if bytes.contains(&0) {
            return fail(self, "source code cannot contain null bytes".into(), 1);
        }
        if let Some(encoding) = declared_encoding(bytes) {
            let name = encoding.to_ascii_lowercase().replace('_', "-");
            match name.as_str() {
                "utf-8" | "utf8" | "ascii" | "us-ascii" => {}
                _ if marked.is_some() => {
                    return fail(self, format!("encoding problem: {encoding} with BOM"), 0);
                }
                "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => {
                    return Ok(bytes.iter().map(|b| *b as char).collect());
                }
                _ => match self.decode_registered(bytes, &encoding)? {
                    Some(text) => return Ok(text),
                    None => return fail(self, format!("unknown encoding: {encoding}"), 0),
                },
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
                        self,
                        format!(
                            "(unicode error) 'utf-8' codec can't decode byte {byte:#04x} in \
                             position {at}: {what}"
                        ),
                        1,
                    );
                }
                let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
                fail(
                    self,
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

    /// Bytes as text by an encoding of the codec registry; None if there is none of that name that
    /// makes text.
    fn decode_registered(
        &mut self,
        bytes: &[u8],
        encoding: &str,
    ) -> Result<Option<String>, Raised> {
        self.scope(|vm| {
            let data = vm.root(vm.bytes(bytes).value());
            let name = vm.root(vm.str(encoding).value());
            match crate::builtins::codecs::decode_argument(vm, data, Some(name), None) {
                Ok(text) => {
                    let text = vm.value(text).as_str();
                    Ok(text.and_then(|s| s.to_utf8().map(|text| text.into_owned())))
                }
                Err(raised) => vm.catch(raised, ClassId::LookupError).map(|()| None),
            }
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
