//! `exec`, `eval`, `compile`, `globals`, `locals`, `__import__`.

use super::ClassId;
use crate::bytecode::CodeFlags;
use crate::compiler::tree::Node;
use crate::compiler::{self, Mode, Options, SyntaxError, TreeError};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "exec(source, /, globals=None, locals=None, *, closure=None)",
        exec,
        "Run statements (text or a code object) in the given namespaces.",
    ),
    NativeDef::function(
        "eval(source, /, globals=None, locals=None)",
        eval,
        "Return the value of an expression (text or a code object) in the given namespaces.",
    ),
    NativeDef::function(
        "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        compile,
        "Return source text as a code object for exec() or eval().",
    ),
    NativeDef::function("globals()", globals, "Return the dict of the module's variables."),
    NativeDef::function("locals()", locals, "Return a dict of the current scope's variables."),
    NativeDef::function(
        "__import__(name, globals=None, locals=None, fromlist=(), level=0)",
        dunder_import,
        "Import a module, as the import statement does.",
    ),
];

/// Bits of `compile()`'s flags: the tree instead of code.
const ONLY_AST: i64 = 0x400;
/// A module may await.
const ALLOW_TOP_LEVEL_AWAIT: i64 = 0x2000;
/// The tree has type comments.
const TYPE_COMMENTS: i64 = 0x1000;
/// Input that more lines may complete: an end of a block is not implied, what is missing is told.
const INTERACTIVE: i64 = 0x200 | 0x4000;
/// Those of the compiler, the future features, and nested scopes, which were one once.
const KNOWN_FLAGS: i64 = 0xf600 | 0x1fe_0000 | 0x10;

/// What module `ast` brings: how objects are made of a tree, and a tree (with its depth) is made of
/// objects whose root is of the class with that name.
pub struct TreeObjects {
    /// Makes the objects.
    pub build: fn(&mut Vm, &Node) -> NativeResult,
    /// Reads them.
    pub read: ReadTree,
}

/// Makes a tree of objects; with it goes how deep it is.
pub type ReadTree = fn(&mut Vm, Local, &str) -> Result<(Node, u32), Raised>;

impl Default for TreeObjects {
    fn default() -> Self {
        fn build(vm: &mut Vm, _: &Node) -> NativeResult {
            Err(vm.raise(ClassId::NotImplementedError, "there is no module _ast"))
        }
        fn read(vm: &mut Vm, _: Local, _: &str) -> Result<(Node, u32), Raised> {
            Err(vm.raise(ClassId::NotImplementedError, "there is no module _ast"))
        }
        Self { build, read }
    }
}

/// Whether a value has what a namespace needs.
fn is_mapping(vm: &Vm, v: Value<'_>) -> bool {
    v.cast::<Dict>().is_some()
        || vm.special_of(v, crate::vm::Special::GetItem).is_some()
            && v.cast::<List>().is_none()
            && v.cast::<Tuple>().is_none()
            && v.cast::<Str>().is_none()
            && v.cast::<Bytes>().is_none()
}

/// The namespaces for `exec` and `eval`, from arguments 1 and 2.
fn namespaces(vm: &mut Vm, args: Args, name: &str) -> Result<(Local, Local), Raised> {
    let vm = &*vm;
    let globals = match args.not_none(vm, 1) {
        Some(globals) => {
            if globals.cast::<Dict>().is_none() {
                let given = vm.type_name(globals);
                return Err(vm.type_error(match name {
                    "exec" => format!("exec() globals must be a dict, not {given}"),
                    _ if is_mapping(vm, globals) => {
                        "globals must be a real dict; try eval(code, {}, mapping)".into()
                    }
                    _ => "globals must be a dict".into(),
                }));
            }
            args.local(1)
        }
        None => vm.globals_local(),
    };
    let locals = match args.not_none(vm, 2) {
        Some(locals) => {
            if !is_mapping(vm, locals) {
                let given = vm.type_name(locals);
                return Err(vm.type_error(match name {
                    "exec" => format!("locals must be a mapping or None, not {given}"),
                    _ => "locals must be a mapping".into(),
                }));
            }
            args.local(2)
        }
        None if args.not_none(vm, 1).is_some() => globals,
        None => vm.current_locals(),
    };
    if let Some(dict) = vm.get(globals).cast::<Dict>() {
        let key = vm.intern("__builtins__");
        if vm.dict_get_str(dict, key).is_none() {
            let builtins = vm.dict_get_str(vm.modules(), vm.intern("builtins"));
            vm.dict_set_str(dict, key, builtins.unwrap_or(vm.builtins().value()));
        }
    }
    Ok((globals, locals))
}

/// Source text from a str or bytes-like argument; `None` for anything else.
fn source_text(vm: &mut Vm, source: Local, filename: &str) -> Result<Option<String>, Raised> {
    let text = if let Some(s) = vm.get(source).as_str() {
        vm.utf8(s)?.into_owned()
    } else if vm.exports_buffer(vm.get(source)) {
        let bytes = vm.bytes_like(source)?;
        vm.decode_source(&bytes, filename)?
    } else {
        return Ok(None);
    };
    if text.contains('\0') {
        raise!(vm, SyntaxError, "source code string cannot contain null bytes");
    }
    Ok(Some(text))
}

/// Runs a code object with namespaces; a function's code without arguments.
fn run_code(
    vm: &mut Vm,
    code: Local,
    globals: Local,
    locals: Local,
    closure: Option<Local>,
    name: &str,
) -> NativeResult {
    vm.audit("exec", &[code])?;
    let (function, plain) = {
        let vm = &*vm;
        let Some(code) = vm.get(code).cast::<Code>() else {
            return Err(vm.type_error("a code object is required"));
        };
        // SAFETY: the code object owns its data.
        let unit = unsafe { &(*code.data.get()).unit };
        let wanted = unit.freevars.len();
        let cells = closure.map_or(Value::UNBOUND, |closure| vm.get(closure));
        let fits = cells.cast::<Tuple>().is_some_and(|cells| {
            let cell = |item: &Slot| item.get(vm).cast::<Cell_>().is_some();
            cells.len() == wanted && cells.r().items().iter().all(cell)
        });
        if wanted > 0 && !fits {
            return Err(vm.type_error(match name {
                "exec" => format!("code object requires a closure of exactly length {wanted}"),
                _ => format!("code object passed to {name}() may not contain free variables"),
            }));
        }
        if wanted == 0 && closure.is_some() {
            raise!(vm, TypeError, "cannot use a closure with this code object");
        }
        let part = |value: Value<'_>| Slot::new(value.word());
        let none = || part(Value::UNBOUND);
        let parts = [none(), none(), none(), part(cells)];
        let function = vm.function_parts(code, vm.get(globals), parts);
        (vm.root(function.value()), unit.flags.has(CodeFlags::NAMES))
    };
    if plain { vm.call_body(function, locals) } else { vm.call(function, &[]) }
}

fn exec(vm: &mut Vm, args: Args) -> NativeResult {
    let (globals, locals) = namespaces(vm, args, "exec")?;
    let closure = args.not_none(vm, 3).map(|_| args.local(3));
    let code = if args.get(vm, 0).cast::<Code>().is_some() {
        args.local(0)
    } else {
        let Some(text) = source_text(vm, args.local(0), "<string>")? else {
            raise!(vm, TypeError, "exec() arg 1 must be a string, bytes or code object");
        };
        if closure.is_some() {
            raise!(vm, TypeError, "closure can only be used when source is a code object");
        }
        let unit = vm.compile(&text, "<string>", Mode::Exec)?;
        vm.root(vm.code(unit).value())
    };
    let _ = run_code(vm, code, globals, locals, closure, "exec")?;
    Ok(vm.none())
}

fn eval(vm: &mut Vm, args: Args) -> NativeResult {
    let (globals, locals) = namespaces(vm, args, "eval")?;
    let code = if args.get(vm, 0).cast::<Code>().is_some() {
        args.local(0)
    } else {
        let Some(text) = source_text(vm, args.local(0), "<string>")? else {
            raise!(vm, TypeError, "eval() arg 1 must be a string, bytes or code object");
        };
        let unit = vm.compile(text.trim_start_matches([' ', '\t']), "<string>", Mode::Eval)?;
        vm.root(vm.code(unit).value())
    };
    run_code(vm, code, globals, locals, None, "eval")
}

fn compile(vm: &mut Vm, args: Args) -> NativeResult {
    let optimize = match args.opt(vm, 5) {
        None => -1,
        Some(_) => vm.index_i64(args.local(5))?,
    };
    let flags = match args.opt(vm, 3) {
        None => 0,
        Some(_) => vm.index_i64(args.local(3))?,
    };
    let filename = match args.get(vm, 1) {
        f if f.as_str().is_some() => vm.text_of(f),
        f if f.cast::<Bytes>().is_some() => {
            let bytes = f.cast::<Bytes>().map(|b| b.data().to_vec());
            String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
        }
        f => {
            let given = vm.type_name(f);
            match vm.getattr_opt(args.local(1), "__fspath__")? {
                Some(method) => {
                    let method = vm.hold(method);
                    let path = vm.call(method, &[])?;
                    vm.text_of(vm.value(path))
                }
                None => {
                    raise!(vm, TypeError, "expected str, bytes or os.PathLike object, not {given}")
                }
            }
        }
    };
    if !(-1..=2).contains(&optimize) {
        raise!(vm, ValueError, "compile(): invalid optimize value");
    }
    if flags & !KNOWN_FLAGS != 0 {
        raise!(vm, ValueError, "compile(): unrecognised flags");
    }
    let mode = vm.text_of(args.str(vm, 2)?.value());
    let mode = match mode.as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if flags & ONLY_AST == 0 => {
            raise!(vm, ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST")
        }
        "func_type" => return parse_function_type(vm, args, &filename),
        _ if flags & ONLY_AST != 0 => {
            raise!(vm, ValueError, "compile() mode must be 'exec', 'eval', 'single' or 'func_type'")
        }
        _ => raise!(vm, ValueError, "compile() mode must be 'exec', 'eval' or 'single'"),
    };
    vm.audit("compile", &[args.local(0), args.local(1)])?;
    let Some(text) = source_text(vm, args.local(0), &filename)? else {
        return compile_tree(vm, args, &filename, mode, flags, optimize);
    };
    let text = if mode == Mode::Eval { text.trim_start_matches([' ', '\t']) } else { &text };
    if flags & ONLY_AST != 0 {
        let feature_version = match args.opt(vm, 6) {
            Some(_) => u8::try_from(vm.index_i64(args.local(6))?).ok(),
            None => None,
        };
        let type_comments = flags & TYPE_COMMENTS != 0;
        let options = Options { feature_version, type_comments, ..vm.compile_options() };
        let parse = move |text: &str| compiler::parse_tree(text, mode, &options);
        let tree = vm.with_source(text, parse)?;
        return build_tree(vm, &filename, tree);
    }
    let optimize = if optimize < 0 { vm.config.optimize } else { optimize as u8 };
    let interactive = flags & INTERACTIVE != 0;
    let top_level_await = flags & ALLOW_TOP_LEVEL_AWAIT != 0;
    let options = Options { optimize, interactive, top_level_await, ..vm.compile_options() };
    let unit = vm.compile_with(text, &filename, mode, &options)?;
    Ok(vm.ret(vm.code(unit).value()))
}

/// Makes the objects of a tree.
fn build_tree(vm: &mut Vm, filename: &str, tree: Result<Node, SyntaxError>) -> NativeResult {
    match tree {
        Ok(tree) => {
            let build = vm.with_extension(|trees: &mut TreeObjects| trees.build);
            build(vm, &tree)
        }
        Err(error) => Err(super::exceptions::raise_syntax_error(vm, filename, &error)),
    }
}

/// `compile()` in the mode `func_type`, which only makes trees.
fn parse_function_type(vm: &mut Vm, args: Args, filename: &str) -> NativeResult {
    vm.audit("compile", &[args.local(0), args.local(1)])?;
    match source_text(vm, args.local(0), filename)? {
        Some(text) => build_tree(vm, filename, compiler::parse_function_type(&text)),
        None if is_tree(vm, args.local(0))? => Ok(vm.ret(args.get(vm, 0))),
        None => Err(vm.type_error("compile() arg 1 must be a string, bytes or AST object")),
    }
}

/// Whether a value is a node of module `ast`.
fn is_tree(vm: &mut Vm, value: Local) -> Result<bool, Raised> {
    let module = vm.import_module("_ast")?;
    let class = vm.getattr_str(module, "AST")?;
    let class = vm.hold(class);
    vm.isinstance(value, class)
}

/// Compiles a tree of module `ast`.
fn compile_tree(
    vm: &mut Vm,
    args: Args,
    filename: &str,
    mode: Mode,
    flags: i64,
    optimize: i64,
) -> NativeResult {
    if !is_tree(vm, args.local(0))? {
        raise!(vm, TypeError, "compile() arg 1 must be a string, bytes or AST object");
    }
    if flags & ONLY_AST != 0 {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    let root = match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
    };
    let read = vm.with_extension(|trees: &mut TreeObjects| trees.read);
    let (tree, depth) = read(vm, args.local(0), root)?;
    let optimize = if optimize < 0 { vm.config.optimize } else { optimize as u8 };
    let top_level_await = flags & ALLOW_TOP_LEVEL_AWAIT != 0;
    let options = Options { optimize, top_level_await, ..Default::default() };
    let unit = match compiler::compile_node(&tree, depth, filename, mode, &options) {
        Ok(compiled) => vm.warned(filename, compiled)?,
        Err(TreeError::Value(message)) => return Err(vm.value_error(message)),
        Err(TreeError::Type(message)) => return Err(vm.type_error(message)),
        Err(TreeError::TooDeep) => {
            raise!(vm, RecursionError, "maximum recursion depth exceeded during compilation")
        }
        Err(TreeError::Syntax(error)) => {
            return Err(super::exceptions::raise_syntax_error(vm, filename, &error));
        }
    };
    Ok(vm.ret(vm.code(unit).value()))
}

fn globals(vm: &mut Vm, _: Args) -> NativeResult {
    let globals = vm.globals_local();
    Ok(vm.ret(vm.get(globals)))
}

fn locals(vm: &mut Vm, _: Args) -> NativeResult {
    let locals = vm.current_locals();
    Ok(vm.ret(vm.get(locals)))
}

fn dunder_import(vm: &mut Vm, args: Args) -> NativeResult {
    let level = match args.opt(vm, 4) {
        None => 0,
        Some(_) => vm.index_i64(args.local(4))?,
    };
    if level < 0 {
        raise!(vm, ValueError, "level must be >= 0");
    }
    let globals = match args.not_none(vm, 1) {
        Some(_) => args.local(1),
        None => vm.root(Value::NONE),
    };
    let fromlist = match args.opt(vm, 3) {
        Some(_) => args.local(3),
        None => vm.root(Value::NONE),
    };
    vm.import_name(args.local(0), globals, fromlist, level as usize)
}
