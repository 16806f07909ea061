//! Sidewinder inside another program.
//!
//! ```
//! use sidewinder::Interpreter;
//!
//! let mut python = Interpreter::new();
//! python.set("x", 20)?;
//! assert_eq!(python.eval::<i64>("x + 1")?, 21);
//!
//! python.exec("words = [w.upper() for w in ['a', 'b']]")?;
//! assert_eq!(python.get::<Vec<String>>("words")?, ["A", "B"]);
//!
//! let error = python.exec("1 / 0").unwrap_err();
//! assert_eq!(error.class, "ZeroDivisionError");
//! assert_eq!(error.message, "division by zero");
//! # Ok::<(), sidewinder::PythonError>(())
//! ```
//!
//! Interpreters share nothing: several can live in one process, each with its own heap, modules and
//! settings. Modules written in Rust are declared as [`ModuleDef`]s and made importable with
//! [`Interpreter::register`]. What the conversions here do not cover goes through
//! [`Interpreter::vm`].

mod convert;

pub use convert::{FromPython, ToPython};
pub use sidewinder_interpreter as interpreter;
pub use sidewinder_interpreter::vm::startup::ModuleDef;
pub use sidewinder_interpreter::{Args, Config, Local, NativeDef, NativeResult, Raised, Value, Vm};
pub use sidewinder_stdlib::sys::Settings;

use sidewinder_interpreter::compiler::Mode;
use sidewinder_interpreter::object::{Dict, Field, Gc, Module};

/// An interpreter with the builtin modules and a module `__main__` that programs run in.
pub struct Interpreter {
    vm: Box<Vm>,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpreter {
    /// One with the usual settings.
    pub fn new() -> Interpreter {
        Self::with(Config::default(), &Settings::default())
    }

    /// One with the given settings: of the VM (heap limit, stack, ...) and of module sys.
    ///
    /// [`Config::native_stack`] must be true of the thread that uses the interpreter.
    pub fn with(config: Config, sys: &Settings) -> Interpreter {
        let mut vm = Vm::new(config);
        sidewinder_stdlib::install(&mut vm);
        sidewinder_hpy_ctx::install(&mut vm);
        sidewinder_stdlib::sys::configure(&vm, sys);
        if let Some((_, Some(mode))) = sys.x_options.iter().find(|(name, _)| name == "hpy") {
            sidewinder_hpy_ctx::set_mode(&mut vm, mode);
        }
        vm.main_module("__main__", "<string>");
        Interpreter { vm }
    }

    /// The VM, for everything else.
    pub fn vm(&mut self) -> &mut Vm {
        &mut self.vm
    }

    /// The VM itself.
    pub fn into_vm(self) -> Box<Vm> {
        self.vm
    }

    /// Makes a module written in Rust importable.
    pub fn register(&mut self, module: &'static ModuleDef) {
        self.vm.register_module(module);
    }

    /// Runs statements in `__main__`.
    pub fn exec(&mut self, source: &str) -> Result<(), PythonError> {
        self.run(source, Mode::Exec, |_, _| Ok(()))
    }

    /// The value of an expression in `__main__`.
    pub fn eval<T: FromPython>(&mut self, source: &str) -> Result<T, PythonError> {
        self.run(source, Mode::Eval, T::from_python)
    }

    /// Sets a global of `__main__`.
    pub fn set(&mut self, name: &str, value: impl ToPython) -> Result<(), PythonError> {
        self.scope(|vm| {
            let value = value.to_python(vm)?;
            let value = vm.hold(value);
            let globals = globals(vm);
            let vm = &*vm;
            if let Some(dict) = vm.get(globals).cast::<Dict>() {
                vm.dict_set_str(dict, vm.intern(name), vm.get(value));
            }
            Ok(())
        })
    }

    /// A global of `__main__`; NameError if there is none.
    pub fn get<T: FromPython>(&mut self, name: &str) -> Result<T, PythonError> {
        self.scope(|vm| {
            let value = {
                let globals = globals(vm);
                let vm = &*vm;
                let dict: Option<Gc<'_, Dict>> = vm.get(globals).cast();
                match dict.and_then(|dict| vm.dict_get_str(dict, vm.intern(name))) {
                    Some(value) => vm.root(value),
                    None => return Err(vm.name_error(vm.intern(name))),
                }
            };
            T::from_python(vm, value)
        })
    }

    fn run<T>(
        &mut self,
        source: &str,
        mode: Mode,
        then: impl FnOnce(&mut Vm, Local) -> Result<T, Raised>,
    ) -> Result<T, PythonError> {
        self.scope(|vm| {
            let unit = vm.compile(source, "<string>", mode)?;
            vm.register_source(&unit, source);
            let globals = globals(vm);
            let value = vm.exec_unit(unit, globals, globals)?;
            let value = vm.hold(value);
            then(vm, value)
        })
    }

    /// Runs `f`, drops its roots, and turns an exception into an error of Rust's.
    fn scope<T>(&mut self, f: impl FnOnce(&mut Vm) -> Result<T, Raised>) -> Result<T, PythonError> {
        self.vm.scope(|vm| match f(vm) {
            Ok(value) => Ok(value),
            Err(raised) => Err(PythonError::take(vm, raised)),
        })
    }
}

/// The globals of `__main__`.
fn globals(vm: &Vm) -> Local {
    let main = vm.main_module("__main__", "<string>");
    match vm.get(main).cast::<Module>() {
        Some(main) => vm.root(main.r().dict.get(vm)),
        None => vm.root(vm.dict().value()),
    }
}

/// A Python exception that nothing has caught.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PythonError {
    /// Name of its class.
    pub class: String,
    /// `str()` of it.
    pub message: String,
    /// What CPython would print: traceback, causes, message.
    pub report: String,
}

impl PythonError {
    /// Takes the exception that is set.
    pub fn take(vm: &mut Vm, raised: Raised) -> PythonError {
        let exception = vm.take_exception(raised);
        let class = vm.type_name(vm.get(exception));
        let report = vm.format_exception(exception);
        let message = match vm.str_text_of(exception) {
            Ok(message) => message,
            Err(raised) => {
                vm.take_exception(raised);
                "<exception str() failed>".into()
            }
        };
        PythonError { class, message, report }
    }
}

impl std::fmt::Display for PythonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.report.trim_end())
    }
}

impl std::error::Error for PythonError {}
